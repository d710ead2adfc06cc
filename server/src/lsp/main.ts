/**
 * The process of the language server: which way messages come and go, and that it always ends. It ends when the client
 * says so, when the client is gone, and also when the analysis hangs.
 */
import { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { createConnection, type WatchDog } from 'vscode-languageserver';
import {
  createProtocolConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type Logger,
  type MessageReader,
  type MessageWriter,
  type ProtocolConnection,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';

import { startService } from '../driver/start-service.ts';
import { MessageStream } from './message-stream.ts';
import { createServer, type LanguageServer } from './server.ts';

interface Transport {
  readonly reader: MessageReader;
  readonly writer: MessageWriter;
  /** The client closed its end. */
  readonly onGone: (listener: () => void) => void;
}

const PARENT_INTERVAL = 3000;
const USAGE = 'Usage: node server.js --stdio | --node-ipc [--clientProcessId=PID]';

function main(): void {
  const { values } = parseArgs({
    options: {
      stdio: { type: 'boolean', default: false },
      'node-ipc': { type: 'boolean', default: false },
      clientProcessId: { type: 'string' },
    },
    strict: false,
  });
  const transport = openTransport(values.stdio === true, values['node-ipc'] === true);
  if (transport === undefined) {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  serve(transport, Number(values.clientProcessId));
}

function serve({ reader, writer, onGone }: Transport, clientProcessId: number): void {
  let server: LanguageServer | undefined;
  let isEnding = false;
  const end = async (code: number): Promise<void> => {
    if (isEnding) return;
    isEnding = true;
    const gone = (await server?.dispose()) ?? true;
    // A worker thread that hangs keeps `process.exit` from returning; nothing else is left then.
    if (!gone) process.kill(process.pid, 'SIGKILL');
    process.exit(code);
  };
  const watchDog: WatchDog = {
    shutdownReceived: false,
    initialize: (params) => endWithParent(params?.processId ?? undefined, () => void end(1)),
    exit: (code) => void end(code),
  };
  const connection = createConnection((logger) => protocol(reader, writer, logger), watchDog);
  onGone(() => void end(watchDog.shutdownReceived ? 0 : 1));
  endWithParent(clientProcessId, () => void end(1));
  process.on('uncaughtException', (error) => connection.console.error(`Uncaught: ${error.stack ?? error.message}`));
  process.on('unhandledRejection', (reason) => connection.console.error(`Unhandled: ${String(reason)}`));
  server = createServer(connection, startService);
  connection.listen();
}

function protocol(reader: MessageReader, writer: MessageWriter, logger: Logger): ProtocolConnection {
  const connection = createProtocolConnection(reader, writer, logger);
  connection.onError(([error]) => logger.warn(`Message not understood: ${error.message}`));
  return connection;
}

function openTransport(stdio: boolean, ipc: boolean): Transport | undefined {
  if (ipc && process.send !== undefined) {
    return {
      reader: new IPCMessageReader(process),
      writer: new IPCMessageWriter(process),
      onGone: (listener) => process.on('disconnect', listener),
    };
  }
  if (!stdio) return undefined;
  const writer = new StreamMessageWriter(claimStandardOutput());
  return {
    reader: new MessageStream(process.stdin, (response) => {
      writer.write(response).catch(() => undefined);
    }),
    writer,
    onGone(listener) {
      process.stdin.on('end', listener);
      process.stdin.on('close', listener);
      process.stdout.on('error', listener);
    },
  };
}

/** The stream for messages; whatever else is written to standard output goes to standard error from now on. */
function claimStandardOutput(): Writable {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  return new Writable({
    write: (chunk: Buffer, encoding, done) => {
      write(chunk, encoding, (error) => done(error));
    },
  });
}

/** An editor that was killed closes nothing. Processes that cannot be seen from here (containers) are not watched. */
function endWithParent(processId: number | undefined, gone: () => void): void {
  if (processId === undefined || !Number.isInteger(processId) || !isAlive(processId)) return;
  setInterval(() => {
    if (!isAlive(processId)) gone();
  }, PARENT_INTERVAL).unref();
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

main();
