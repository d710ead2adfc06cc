/**
 * Reads protocol messages from a byte stream and finds the next one after anything that is not one. The library's
 * reader loses its place for good after one broken header, because the body behind it then reads as part of the next
 * header; and it hands on JSON that is no message. Here broken input is answered with the error the protocol has for
 * it, and everything after it is still served.
 */
import type { Readable } from 'node:stream';
import {
  AbstractMessageReader,
  type DataCallback,
  Disposable,
  ErrorCodes,
  type Message,
  type MessageReader,
  type ResponseMessage,
} from 'vscode-languageserver-protocol/node';

const HEADER_END = Buffer.from('\r\n\r\n');
/** Longer than any header; what is before the last so many bytes cannot belong to one. */
const LONGEST_HEADER = 4096;
/** Larger than any source file that can be analysed. */
const LONGEST_BODY = 512 * 1024 * 1024;

export class MessageStream extends AbstractMessageReader implements MessageReader {
  readonly #input: Readable;
  readonly #reject: (response: ResponseMessage) => void;
  #callback: DataCallback = () => undefined;
  #chunks: Buffer[] = [];
  #length = 0;
  /** Length of the body that comes next; undefined while a header is read. */
  #body: number | undefined;

  /** `reject` sends the answer to something that is no message. */
  constructor(input: Readable, reject: (response: ResponseMessage) => void) {
    super();
    this.#input = input;
    this.#reject = reject;
  }

  listen(callback: DataCallback): Disposable {
    this.#callback = callback;
    const onData = (chunk: Buffer): void => this.#take(chunk);
    this.#input.on('data', onData);
    this.#input.on('error', (error) => this.fireError(error));
    this.#input.on('end', () => this.fireClose());
    this.#input.on('close', () => this.fireClose());
    return Disposable.create(() => this.#input.off('data', onData));
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    // Joining for every chunk of a long body would be quadratic.
    while (this.#body === undefined ? this.#readHeader() : this.#readBody(this.#body));
  }

  #readHeader(): boolean {
    const buffer = this.#joined();
    const end = buffer.indexOf(HEADER_END);
    if (end < 0) {
      if (buffer.length > LONGEST_HEADER) this.#replace(buffer.subarray(-LONGEST_HEADER));
      return false;
    }
    const header = buffer.subarray(Math.max(0, end - LONGEST_HEADER), end).toString('latin1');
    this.#replace(buffer.subarray(end + HEADER_END.length));
    // The last one: anything before it is the rest of something broken.
    const length = header.match(/content-length:[ \t]*\d+(?![^\r\n])/gi)?.at(-1);
    const bytes = length === undefined ? Number.NaN : Number(length.slice(length.indexOf(':') + 1));
    if (bytes <= LONGEST_BODY) this.#body = bytes;
    else this.#refuse(ErrorCodes.ParseError, 'A message starts with a Content-Length header.');
    return true;
  }

  #readBody(length: number): boolean {
    if (this.#length < length) return false;
    const buffer = this.#joined();
    this.#replace(buffer.subarray(length));
    this.#body = undefined;
    let message: unknown;
    try {
      message = JSON.parse(buffer.subarray(0, length).toString('utf8'));
    } catch {
      this.#refuse(ErrorCodes.ParseError, 'The message is not valid JSON.');
      return true;
    }
    this.#deliver(message);
    return true;
  }

  #deliver(message: unknown): void {
    if (!isMessage(message)) {
      this.#refuse(ErrorCodes.InvalidRequest, 'The message is neither a request, a notification nor a response.');
      return;
    }
    try {
      this.#callback(message);
    } catch (error) {
      this.fireError(error);
    }
  }

  #refuse(code: number, message: string): void {
    this.#reject({ jsonrpc: '2.0', id: null, error: { code, message } });
  }

  #joined(): Buffer {
    const [first = Buffer.alloc(0)] = this.#chunks;
    if (this.#chunks.length <= 1) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }

  #replace(buffer: Buffer): void {
    this.#chunks = [buffer];
    this.#length = buffer.length;
  }
}

/** What the connection can handle without throwing outside of any request. */
export function isMessage(message: unknown): message is Message {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return false;
  const { id, method, params, result, error } = message as Record<string, unknown>;
  const hasId = typeof id === 'string' || typeof id === 'number';
  if (method === undefined) return (hasId || id === null) && (result !== undefined || isObject(error));
  if (typeof method !== 'string' || !(hasId || id === undefined)) return false;
  if (method === '$/cancelRequest' || method === '$/progress') return isObject(params);
  return params === undefined || params === null || typeof params === 'object';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
