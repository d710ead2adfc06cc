/**
 * Reading many files at once gives what asking one after the other gives, whatever the sizes of questions and answers,
 * and a reading that ends early leaves nothing behind. Also the proof that the client's channel is as
 * `request-pipeline.ts` and `node-index.ts` assume.
 */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { Compiler, Project, Snapshot } from '../../server/src/typescript/compiler.ts';
import type { SourceFile } from '../../server/src/typescript/syntax.ts';
import { TemporaryWorkspace } from './temporary-workspace.ts';

const FILES = 40;
/** Makes one file's questions, and one file's tree, larger than any pipe. */
const CALLS_OF_LARGE_FILE = 6000;

describe('reading many files', () => {
  it('gives what one question after the other gives', () => {
    const { snapshot, project } = open(workspace());
    const together = snapshot.read(project, project.files, positionsOf);
    assert.deepEqual(
      together.map(({ file }) => file.path),
      project.files,
    );
    const apart = open(workspace());
    apart.project.files.forEach((path, at) => {
      const file = apart.snapshot.syntax(apart.project, path);
      assert.ok(file);
      const symbols = apart.snapshot.symbols(apart.project, path, positionsOf(file));
      assert.equal(symbols.length, together[at]?.symbols.length);
      assert.deepEqual(
        together[at]?.symbols.map((symbol) => symbol?.name),
        symbols.map((symbol) => symbol?.name),
      );
      assert.deepEqual(
        together[at]?.symbols.map((symbol) => symbol?.container),
        symbols.map((symbol) => symbol?.container),
      );
      assert.ok(
        symbols.every((symbol) => symbol !== undefined),
        `all names of ${path} are known`,
      );
    });
  });

  it('leaves out what is not asked about, and says why a file could not be read', () => {
    const it = workspace();
    it.write('src/binary.ts', new Uint8Array([0, 1, 2, 0, 255, 0]));
    const { snapshot, project } = open(it);
    const some = snapshot.read(project, [...project.files, it.path('src/gone.ts')], (file) =>
      file.path.endsWith('/f7.ts') ? [] : undefined,
    );
    assert.deepEqual(
      some.map(({ file, symbols }) => [file.path, symbols]),
      [[it.path('src/f7.ts'), []]],
    );
    assert.ok(snapshot.problems.some(({ path }) => path === it.path('src/gone.ts')));
  });

  it('can be ended at any file, and answers what is asked afterwards', () => {
    for (const last of [1, 2, FILES - 1]) {
      const { snapshot, project } = open(workspace());
      let read = 0;
      assert.throws(
        () =>
          snapshot.read(project, project.files, (file) => {
            if (++read === last) throw new Error('enough');
            return positionsOf(file);
          }),
        /enough/,
      );
      const path = project.files.find((name) => name.endsWith('/f7.ts'));
      assert.ok(path);
      const file = snapshot.syntax(project, path);
      assert.ok(file);
      const [first] = snapshot.symbols(project, path, positionsOf(file));
      assert.equal(first?.name, 'Service0');
      assert.equal(snapshot.read(project, project.files, positionsOf).length, project.files.length);
    }
  });

  it('sees unsaved text', () => {
    const it = workspace();
    const { compiler, snapshot, project } = open(it);
    snapshot.read(project, project.files, positionsOf);
    const path = it.path('src/f3.ts');
    const next = compiler.update({
      overlays: new Map([[path, "import { Service1 } from './service';\nnew Service1().run1();\n"]]),
    });
    const [reading] = next.read(projectOf(next), [path], positionsOf);
    assert.deepEqual(
      reading?.symbols.map((symbol) => symbol?.name),
      ['Service1', 'run1'],
    );
  });
});

const workspaces: TemporaryWorkspace[] = [];
after(() => {
  for (const it of workspaces) it.close();
});

function workspace(): TemporaryWorkspace {
  const services = range(FILES).map((at) => `export class Service${at} {\n  run${at}(): void {}\n}`);
  const files = range(FILES).map((at): [string, string] => {
    const names = range(at + 1).map((other) => `Service${other}`);
    const calls = range(at + 1).map((other) => `new Service${other}().run${other}();`);
    return [`src/f${at}.ts`, `import { ${names.join(', ')} } from './service';\n${calls.join('\n')}\n`];
  });
  const many = range(CALLS_OF_LARGE_FILE).map(() => 'service.run0();');
  const made = new TemporaryWorkspace({
    'tsconfig.json': { compilerOptions: { strict: true }, include: ['src'] },
    'src/service.ts': services.join('\n'),
    'src/large.ts': `import { Service0 } from './service';\nconst service = new Service0();\n${many.join('\n')}\n`,
    ...Object.fromEntries(files),
  });
  workspaces.push(made);
  return made;
}

function open(it: TemporaryWorkspace): {
  compiler: Compiler;
  snapshot: Snapshot;
  project: Project;
} {
  const compiler = it.start();
  const snapshot = it.open(compiler);
  return { compiler, snapshot, project: projectOf(snapshot) };
}

function projectOf(snapshot: Snapshot): Project {
  const [project] = snapshot.projects;
  assert.ok(project);
  return project;
}

function positionsOf(file: SourceFile): number[] {
  return file.calls.flatMap(({ nameAt }) => (nameAt === undefined ? [] : [nameAt.start]));
}

function range(length: number): number[] {
  return Array.from({ length }, (_, at) => at);
}
