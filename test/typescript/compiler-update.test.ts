import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWorthRestarting } from '../../server/src/typescript/native-session.ts';
import { TemporaryWorkspace } from './temporary-workspace.ts';

const files = {
  'tsconfig.json': { include: ['src'] },
  'src/a.ts': "import { b } from './b';\nb();\n",
  'src/b.ts': 'export function b(): void {}\n',
};

test('an unsaved text replaces the one on disk until it is removed', () => {
  const it = new TemporaryWorkspace(files);
  const compiler = it.start();
  const first = it.open(compiler);
  assert.deepEqual(it.calls(first, 'src/a.ts'), ['b [src/b.ts]']);

  const a = it.path('src/a.ts');
  const second = compiler.update({ overlays: new Map([[a, "import { b as c } from './b';\nc();\nc();\n"]]) });
  assert.deepEqual(it.calls(second, 'src/a.ts'), ['b [src/b.ts]', 'b [src/b.ts]']);

  const third = compiler.update({ overlays: new Map([[it.path('src/b.ts'), 'export class c {}\n']]) });
  assert.deepEqual(it.calls(third, 'src/a.ts'), ['unresolved', 'unresolved']);

  const overlays = new Map([a, it.path('src/b.ts')].map((path) => [path, undefined]));
  assert.deepEqual(it.calls(compiler.update({ overlays }), 'src/a.ts'), ['b [src/b.ts]']);
  it.close();
});

test('an unchanged file keeps its tree, a changed one gets a new tree', () => {
  const it = new TemporaryWorkspace(files);
  const compiler = it.start();
  const tree = (snapshot = it.open(compiler), name = 'src/b.ts') =>
    snapshot.syntax(it.projectOf(snapshot, name), it.path(name));
  const before = tree();
  const snapshot = compiler.update({ overlays: new Map([[it.path('src/a.ts'), 'export {};']]) });
  assert.equal(tree(snapshot), before);
  assert.equal(tree(snapshot, 'src/a.ts')?.text, 'export {};');
  it.close();
});

test('an old snapshot answers no more', () => {
  const it = new TemporaryWorkspace(files);
  const compiler = it.start();
  const old = it.open(compiler);
  compiler.update({});
  assert.throws(() => it.calls(old, 'src/a.ts'), /snapshot is dead/);
  it.close();
});

test('created and deleted files join and leave their project', () => {
  const it = new TemporaryWorkspace(files);
  const compiler = it.start();
  it.calls(it.open(compiler), 'src/a.ts');

  it.write('src/c.ts', 'export function c(): void {}\n');
  it.write('src/a.ts', "import { c } from './c';\nc();\n");
  const created = compiler.update({ created: [it.path('src/c.ts')], changed: [it.path('src/a.ts')] });
  assert.deepEqual(it.filesByProject(created), { 'tsconfig.json': ['src/a.ts', 'src/b.ts', 'src/c.ts'] });
  assert.deepEqual(it.calls(created, 'src/a.ts'), ['c [src/c.ts]']);

  it.delete('src/c.ts');
  const deleted = compiler.update({ deleted: [it.path('src/c.ts')] });
  assert.deepEqual(it.filesByProject(deleted), { 'tsconfig.json': ['src/a.ts', 'src/b.ts'] });
  assert.deepEqual(it.calls(deleted, 'src/a.ts'), ['unresolved']);
  it.close();
});

test('a file that vanishes during a run is skipped with a reason', () => {
  const it = new TemporaryWorkspace(files);
  const snapshot = it.open();
  it.delete('src/b.ts');
  const project = it.projectOf(snapshot, 'src/b.ts');
  assert.equal(snapshot.syntax(project, it.path('src/b.ts')), undefined);
  assert.deepEqual(snapshot.problems, [{ path: it.path('src/b.ts'), reason: 'cannot be read (ENOENT)' }]);
  assert.deepEqual(it.calls(snapshot, 'src/a.ts'), ['unresolved']);
  it.close();
});

test('a changed tsconfig takes effect', () => {
  const it = new TemporaryWorkspace({ ...files, 'src/a.ts': "import { b } from 'lib/b';\nb();\n" });
  const compiler = it.start();
  assert.deepEqual(it.calls(it.open(compiler), 'src/a.ts'), ['unresolved']);
  it.write('tsconfig.json', { include: ['src'], compilerOptions: { paths: { 'lib/*': ['./src/*'] } } });
  const snapshot = compiler.update({ changed: [it.path('tsconfig.json')] });
  assert.deepEqual(it.calls(snapshot, 'src/a.ts'), ['b [src/b.ts]']);
  it.close();
});

test('projects beyond the limit are closed and opened again', () => {
  const names = ['p', 'q', 'r', 's'];
  const it = new TemporaryWorkspace(
    Object.fromEntries(
      names.flatMap((name) => [
        [`${name}/tsconfig.json`, {}],
        [`${name}/a.ts`, `export function ${name}() {}\n${name}();\n`],
      ]),
    ),
  );
  const snapshot = it.open(it.start({ maxOpenProjects: 2 }));
  for (const name of [...names, ...names])
    assert.deepEqual(it.calls(snapshot, `${name}/a.ts`), [`${name} [${name}/a.ts]`]);
  it.close();
});

test('a released project is opened again when asked about', () => {
  const it = new TemporaryWorkspace(files);
  const compiler = it.start();
  const snapshot = it.open(compiler);
  it.calls(snapshot, 'src/a.ts');
  compiler.release(it.projectOf(snapshot, 'src/a.ts'));
  assert.deepEqual(it.calls(snapshot, 'src/a.ts'), ['b [src/b.ts]']);
  it.close();
});

test('a process that grew beyond the limit is worth restarting, one that is large by itself is not', () => {
  const state = { baseline: 500, limit: 1000, updates: 10 };
  assert.equal(isWorthRestarting({ ...state, memory: 900 }), false);
  assert.equal(isWorthRestarting({ ...state, memory: 1100 }), true);
  assert.equal(isWorthRestarting({ ...state, memory: 1100, baseline: 1050 }), false);
  assert.equal(isWorthRestarting({ ...state, memory: undefined }), false);
  assert.equal(isWorthRestarting({ ...state, memory: undefined, updates: 400 }), true);
});

test('the environment changes with everything but the text of source files', () => {
  const it = new TemporaryWorkspace({
    ...files,
    'src/types.d.ts': 'declare const global: string;\n',
    'elsewhere/test.ts': 'export const unused = 1;\n',
  });
  const compiler = it.start();
  const workspace = {
    roots: [it.root],
    files: ['a', 'b'].map((name) => it.path(`src/${name}.ts`)),
    configs: [it.path('tsconfig.json')],
    accepts: (path: string) => !path.endsWith('/test.ts'),
  };
  let { environment } = compiler.open(workspace);
  const isSame = (changes: Parameters<typeof compiler.update>[0]): boolean => {
    const snapshot = compiler.update(changes);
    it.calls(snapshot, 'src/a.ts');
    const same = snapshot.environment === environment;
    environment = snapshot.environment;
    return same;
  };
  isSame({});
  assert.equal(isSame({ overlays: new Map([[it.path('src/a.ts'), 'export {};\n']]) }), true);
  assert.equal(isSame({ changed: [it.path('src/b.ts')] }), true);
  assert.equal(isSame({ changed: [it.path('elsewhere/test.ts')] }), true, 'nothing imports it');
  assert.equal(isSame({ changed: [it.path('src/types.d.ts')] }), false);
  assert.equal(isSame({ changed: [it.path('tsconfig.json')] }), false);
  it.write('src/c.ts', 'export {};\n');
  assert.equal(isSame({ created: [it.path('src/c.ts')] }), false);
  assert.equal(isSame({ deleted: [it.path('src/c.ts')] }), false);
  it.close();
});
