/**
 * The compiler is killed and stopped under a worker that waits for it. This file is also the worker's.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { CompilerDied } from '../../server/src/typescript/compiler.ts';
import { createCompiler } from '../../server/src/typescript/native-compiler.ts';
import { createWatchMemory, RequestClock, Watchdog } from '../../server/src/typescript/watchdog.ts';
import { TemporaryWorkspace } from './temporary-workspace.ts';

interface Answer {
  readonly processId?: number | undefined;
  readonly calls?: readonly string[];
  readonly died?: string;
}

const files = {
  'tsconfig.json': {},
  'a.ts': "import { b } from './b';\nb();\n",
  'b.ts': 'export function b(): void {}\n',
};

if (isMainThread) defineTests();
else runWorker();

function runWorker(): void {
  const clock = new RequestClock(workerData as SharedArrayBuffer);
  const workspace = new TemporaryWorkspace(files);
  let compiler = createCompiler({ clock });
  let snapshot = workspace.open(compiler);
  let edits = 0;
  parentPort?.on('message', (request: 'ask' | 'restart') => {
    try {
      if (request === 'restart') {
        compiler.close();
        compiler = createCompiler({ clock });
        snapshot = workspace.open(compiler);
      } else {
        edits++;
        snapshot = compiler.update({
          overlays: new Map([[workspace.path('a.ts'), `${files['a.ts']}${'b();\n'.repeat(edits)}`]]),
        });
      }
      const calls = workspace.calls(snapshot, 'a.ts');
      parentPort?.postMessage({ calls, processId: compiler.processId } satisfies Answer);
    } catch (error) {
      parentPort?.postMessage({
        died: error instanceof CompilerDied ? 'CompilerDied' : String(error),
      } satisfies Answer);
    }
  });
}

function defineTests(): void {
  const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
  /** A signal takes effect some time after it was sent: a stopped compiler may still answer once. */
  const send = async (processId: number | undefined, signal: NodeJS.Signals): Promise<void> => {
    assert.ok(processId);
    process.kill(processId, signal);
    await pause(500);
  };
  const start = (t: TestContext, deadline: number) => {
    const memory = createWatchMemory();
    const killed: number[] = [];
    const watchdog = new Watchdog({ memory, deadline, onKill: (processId) => killed.push(processId) });
    const worker = new Worker(__filename, { workerData: memory });
    t.after(async () => {
      watchdog.close();
      await worker.terminate();
    });
    const ask = async (request: 'ask' | 'restart'): Promise<Answer> => {
      worker.postMessage(request);
      const [answer] = (await once(worker, 'message')) as [Answer];
      return answer;
    };
    return { watchdog, worker, ask, killed };
  };

  for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
    test(`${signal} of the compiler between requests: the worker learns that it died, and a new compiler works`, {
      skip: process.platform === 'win32',
    }, async (t) => {
      const { ask, killed } = start(t, 3000);
      const first = await ask('ask');
      assert.deepEqual(first.calls, ['b [b.ts]', 'b [b.ts]']);
      await send(first.processId, signal);
      assert.deepEqual(await ask('ask'), { died: 'CompilerDied' });
      assert.deepEqual(killed, signal === 'SIGSTOP' ? [first.processId] : []);
      assert.deepEqual(await ask('ask'), { died: 'CompilerDied' });
      const second = await ask('restart');
      assert.deepEqual(second.calls, ['b [b.ts]']);
      assert.notEqual(second.processId, first.processId);
    });
  }

  test('the worker ends although the compiler is stopped', {
    skip: process.platform === 'win32',
    timeout: 20_000,
  }, async (t) => {
    const { watchdog, worker, ask } = start(t, 60_000);
    await send((await ask('ask')).processId, 'SIGSTOP');
    worker.postMessage('ask');
    await pause(200);
    watchdog.close();
    // Hangs when the compiler lives.
    await worker.terminate();
  });

  test('a compiler that is asked nothing is left alone', async (t) => {
    const { ask, killed } = start(t, 2000);
    const { processId } = await ask('ask');
    await pause(3000);
    assert.equal((await ask('ask')).processId, processId);
    assert.deepEqual(killed, []);
  });
}
