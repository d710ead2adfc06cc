/** The engine in its worker thread: answers the asking thread's requests one after the other, blocking as it does. */
import { parentPort, workerData } from 'node:worker_threads';
import { createAnalysis } from './analysis/analyse.ts';
import type { Progress } from './driver/service.ts';
import { createSession } from './driver/session.ts';
import type { WorkerAnswer, WorkerMessage, WorkerRequest, WorkerStart } from './driver/worker-messages.ts';
import { RULES } from './rules/index.ts';
import { createCompiler } from './typescript/native-compiler.ts';
import { RequestClock } from './typescript/watchdog.ts';
import { findWorkspaceFiles } from './typescript/workspace-files.ts';

const port = parentPort;
if (port === null) throw new Error('engine.js runs in a worker thread; the programs are cli.js and server.js');

const { options, watch } = workerData as WorkerStart;
const clock = new RequestClock(watch);
const session = createSession(options, {
  createCompiler: (compilerOptions) => createCompiler({ ...compilerOptions, clock }),
  findWorkspace: findWorkspaceFiles,
  createAnalysis,
  rules: RULES,
});

port.on('message', (request: WorkerRequest) => {
  const { id } = request;
  const post = (message: WorkerMessage): void => port.postMessage(message);
  try {
    post({ kind: 'answer', id, value: answer(request, post) });
  } catch (error) {
    const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
    post({ kind: 'failure', id, name, message, stack: stack ?? '' });
  }
  if (request.kind === 'close') port.close();
});

function answer(request: WorkerRequest, post: (message: WorkerMessage) => void): WorkerAnswer {
  const asker = {
    isCancelled: () => Atomics.load(request.cancel, 0) === 1,
    progress: throttled((progress: Progress) => post({ kind: 'progress', id: request.id, progress })),
  };
  switch (request.kind) {
    case 'begin':
      session.begin(request.workspace);
      return undefined;
    case 'update':
      session.update(request.changes);
      return undefined;
    case 'check':
      return session.check(asker);
    case 'fixes':
      return session.fixes(request.path, request.fingerprint, asker);
    case 'close':
      session.close();
      return undefined;
  }
}

/** At most 20 a second: progress is for eyes. */
function throttled<T>(send: (value: T) => void): (value: T) => void {
  let last = 0;
  return (value) => {
    const now = performance.now();
    if (now - last < 50) return;
    last = now;
    send(value);
  };
}
