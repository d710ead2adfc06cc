import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Cancelled, ConfigurationError, type ServiceOptions } from '../../server/src/driver/service.ts';
import { startService } from '../../server/src/driver/start-service.ts';
import { Folder, NAMES, source } from './project.ts';

const worker = join(process.cwd(), 'dist/worker.js');

function start(folder: Folder, options: Partial<ServiceOptions> = {}) {
  return startService({ roots: [folder.path], worker, ...options });
}

/** Of the native compilers that this process started. */
function compilers(): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .filter((line) => line.includes('--api'))
    .map((line) => Number.parseInt(line, 10));
}

const UNUSED = '// concurrency-ignore a/b -- c';

test('the service answers from its worker, with unsaved texts', async () => {
  using folder = new Folder({ ...NAMES, 'a.ts': source(UNUSED) });
  const service = start(folder);
  const phases = new Set<string>();
  const lines = async (): Promise<number[]> => {
    const { files } = await service.check({ progress: ({ phase }) => phases.add(phase) });
    return files.flatMap((file) => file.findings.map(({ finding }) => finding.line));
  };
  assert.deepEqual(await lines(), [2]);
  assert.ok(phases.size > 0);
  await service.update({ overlays: [[folder.file('a.ts'), source('', UNUSED)]] });
  assert.deepEqual(await lines(), [3]);
  await service.update({ overlays: [[folder.file('a.ts'), null]] });
  assert.deepEqual(await lines(), [2]);
  await service.dispose();
  await assert.rejects(service.check(), /closed/);
  assert.deepEqual(compilers(), []);
});

for (const [what, keep] of [
  ['of another engine', (bytes: Buffer) => bytes.fill(7)],
  ['cut off', (bytes: Buffer) => bytes.subarray(0, 1000)],
  ['empty', () => Buffer.alloc(0)],
] as const) {
  test(`bytecode that is ${what} is not used`, async () => {
    const dist = join(worker, '..');
    using folder = new Folder({ ...NAMES, 'a.ts': source(UNUSED) });
    using copy = new Folder({
      'worker.js': readFileSync(worker, 'utf8'),
      'engine.js': readFileSync(join(dist, 'engine.js'), 'utf8'),
    });
    writeFileSync(join(copy.path, 'engine.bytecode'), keep(readFileSync(join(dist, 'engine.bytecode'))));
    const compiler = join(dist, 'typescript', process.platform === 'win32' ? 'tsc.exe' : 'tsc');
    const service = start(folder, { worker: copy.file('worker.js'), compiler, brief: true });
    const { files } = await service.check();
    assert.equal(files.flatMap(({ findings }) => findings).length, 1);
    await service.dispose();
  });
}

test('errors keep their kind', async () => {
  using folder = new Folder({ ...NAMES, 'concurrency-checklist.json': '{' });
  const service = start(folder);
  await assert.rejects(service.check(), ConfigurationError);
  await service.dispose();
});

test('a cancelled check rejects and the next one works', async () => {
  using folder = new Folder({ ...NAMES, 'a.ts': source(UNUSED) });
  const service = start(folder);
  await assert.rejects(service.check({ signal: AbortSignal.abort() }), Cancelled);
  const controller = new AbortController();
  const cancelled = service.check({ signal: controller.signal });
  controller.abort();
  await assert.rejects(cancelled, Cancelled);
  assert.equal((await service.check()).files.length, 2);
  await service.dispose();
});

const noProcessList = process.platform === 'linux' ? false : 'finds the compiler with the ps of Linux';

test('a compiler that is killed, or stopped, is replaced', { skip: noProcessList }, async () => {
  using folder = new Folder({ ...NAMES, 'a.ts': source(UNUSED) });
  const service = start(folder, { requestTimeout: 500 });
  await service.check();
  for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
    const [before = 0] = compilers();
    process.kill(before, signal);
    await service.update({ overlays: [[folder.file('a.ts'), source('', UNUSED, `// ${signal}`)]] });
    const { files } = await service.check();
    assert.equal(files.flatMap((file) => file.findings).length, 1);
    assert.equal(compilers().length, 1);
    assert.notEqual(compilers()[0], before);
  }
  await service.dispose();
});

test('a stopped compiler does not keep the service from closing', { skip: noProcessList }, async () => {
  using folder = new Folder({ ...NAMES, 'a.ts': source(UNUSED) });
  const service = start(folder);
  await service.check();
  process.kill(compilers()[0] ?? 0, 'SIGSTOP');
  await service.update({ overlays: [[folder.file('a.ts'), source('')]] });
  const check = assert.rejects(service.check());
  await new Promise((resolve) => setTimeout(resolve, 200));
  const started = performance.now();
  await service.dispose();
  await check;
  assert.ok(performance.now() - started < 5000);
  assert.deepEqual(compilers(), []);
});

test('a worker that cannot start is said, not waited for', async () => {
  using folder = new Folder({ ...NAMES });
  const service = start(folder, { worker: folder.file('nothing.js') });
  await assert.rejects(service.check(), /The analysis stopped: Cannot find module/);
  await service.dispose();
});
