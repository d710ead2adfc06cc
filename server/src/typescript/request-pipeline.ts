/**
 * Sends questions to the compiler before their answers are needed, so that it works while this thread does.
 *
 * The client writes a request and blocks until its answer is there. Here the same call is made twice: `expect` runs it
 * up to the point where the request is written, and the later ordinary call finds its request under way and only
 * reads. The compiler answers one request after the other, so answers come in the order of the requests. What is
 * replaced is one method of the client's channel, fixed by the exact version in package.json and proved by
 * test/typescript/read.test.ts.
 *
 * Only for questions that read no files: a compiler that asks for a file while a request waits takes that request for
 * the file.
 */

type Payload = string | Uint8Array;

/** The part of the client's channel that is used. Message fields hold what `readTuple` read last. */
export interface Channel {
  requestBytesSync(method: string, payload: Payload): Buffer;
  writeTuple(type: number, name: Buffer, payload: Payload): void;
  readTuple(): void;
  _msgType: number;
  _msgName: Buffer;
  _msgPayload: Buffer;
}

interface Underway {
  readonly key: string;
  readonly bytes: number;
  readonly method: string;
  answer: { readonly type: number; readonly payload: Buffer } | undefined;
}

const REQUEST = 1;
const RESPONSE = 4;
const ERROR = 5;

/**
 * Bytes of requests that the compiler may not have taken yet, because it waits for us to read an answer: with more
 * than the pipe holds both would wait for ever. Linux holds 208 KB and counts up to 1 KB more for each message, macOS
 * holds 8 KB.
 */
const MOST_BYTES = process.platform === 'darwin' ? 8_000 : 64_000;
const MESSAGE_BYTES = 1000;

/** Ends the client's call once the request is written. */
class Sent extends Error {}

const SENT = new Sent();

export class RequestPipeline {
  readonly #channel: Channel;
  readonly #ask: Channel['requestBytesSync'];
  readonly #underway: Underway[] = [];
  #bytesUnread = 0;
  #isSending = false;

  constructor(channel: Channel) {
    this.#channel = channel;
    this.#ask = channel.requestBytesSync.bind(channel);
    channel.requestBytesSync = (method, payload) =>
      this.#isSending ? this.#send(method, payload) : this.#receive(method, payload);
  }

  /** Sends the request that `ask` makes. Without effect when the client knows the answer already. */
  expect(ask: () => unknown): void {
    this.#isSending = true;
    try {
      ask();
    } catch (error) {
      if (error !== SENT) throw error;
    } finally {
      this.#isSending = false;
    }
  }

  /** Reads what is under way and forgets it. */
  abandon(): void {
    this.#readAll();
    this.#underway.length = 0;
  }

  #send(method: string, payload: Payload): never {
    const bytes = Buffer.byteLength(payload) + MESSAGE_BYTES;
    for (const request of this.#underway) if (this.#bytesUnread + bytes > MOST_BYTES) this.#read(request);
    this.#channel.writeTuple(REQUEST, Buffer.from(method), payload);
    this.#bytesUnread += bytes;
    this.#underway.push({ key: keyOf(method, payload), bytes, method, answer: undefined });
    throw SENT;
  }

  #receive(method: string, payload: Payload): Buffer {
    const key = this.#underway.length === 0 ? '' : keyOf(method, payload);
    const at = this.#underway.findIndex((request) => request.key === key);
    if (at < 0) {
      this.#readAll();
      return this.#ask(method, payload);
    }
    for (const request of this.#underway.slice(0, at + 1)) this.#read(request);
    const [{ answer }] = this.#underway.splice(at, 1) as [Underway];
    if (answer?.type === ERROR) throw new Error(answer.payload.toString('utf8'));
    return answer?.payload ?? Buffer.alloc(0);
  }

  #readAll(): void {
    for (const request of this.#underway) this.#read(request);
  }

  #read(request: Underway): void {
    if (request.answer !== undefined) return;
    const channel = this.#channel;
    channel.readTuple();
    const name = channel._msgName.toString('utf8');
    const type = channel._msgType;
    if (name !== request.method || (type !== RESPONSE && type !== ERROR)) {
      throw new Error(`Invalid message type or name mismatch for response: ${type} ${name} for ${request.method}`);
    }
    request.answer = { type, payload: channel._msgPayload };
    this.#bytesUnread -= request.bytes;
  }
}

function keyOf(method: string, payload: Payload): string {
  return `${method} ${typeof payload === 'string' ? payload : Buffer.from(payload).toString('latin1')}`;
}
