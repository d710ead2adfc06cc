import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TemporaryWorkspace } from './temporary-workspace.ts';

const callB = "import { b } from 'src/b';\nb();\n";
const declareB = 'export function b(): void {}\n';

function workspace(
  files: ConstructorParameters<typeof TemporaryWorkspace>[0],
  run: (it: TemporaryWorkspace) => void,
): void {
  const temporary = new TemporaryWorkspace(files);
  try {
    run(temporary);
  } finally {
    temporary.close();
  }
}

test('baseUrl still resolves imports', () => {
  workspace(
    { 'tsconfig.json': { compilerOptions: { baseUrl: './' } }, 'src/a.ts': callB, 'src/b.ts': declareB },
    (it) => {
      const snapshot = it.open();
      assert.deepEqual(it.calls(snapshot, 'src/a.ts'), ['b [src/b.ts]']);
      const project = it.projectOf(snapshot, 'src/a.ts');
      assert.deepEqual([project.imports, project.unresolvedImports], [1, 0]);
    },
  );
});

test('baseUrl and paths count from the config that declares them', () => {
  workspace(
    {
      'config/base.json': { compilerOptions: { baseUrl: '..', paths: { '@lib/*': ['libs/*/index.ts'] } } },
      'app/tsconfig.json': '{ // extends\n "extends": "../config/base", "include": ["**/*"], }',
      'app/a.ts': "import { b } from 'src/b'; import { l } from '@lib/x'; b(); l();",
      'src/b.ts': declareB,
      'libs/x/index.ts': 'export const l = () => {};',
    },
    (it) => assert.deepEqual(it.calls(it.open(), 'app/a.ts'), ['b [src/b.ts]', 'l [libs/x/index.ts]']),
  );
});

test('removed options do not get in the way', () => {
  const compilerOptions = {
    target: 'es5',
    module: 'amd',
    moduleResolution: 'node',
    outFile: 'out.js',
    downlevelIteration: true,
    esModuleInterop: false,
    baseUrl: '.',
  };
  workspace(
    { 'tsconfig.json': { compilerOptions }, 'src/a.ts': `${callB}new Map().get(1);`, 'src/b.ts': declareB },
    (it) => {
      const snapshot = it.open();
      assert.deepEqual(it.calls(snapshot, 'src/a.ts'), ['b [src/b.ts]', 'Map [lib]', 'Map#get [lib]']);
      assert.deepEqual(snapshot.diagnostics(it.projectOf(snapshot, 'src/a.ts'), it.path('src/a.ts')), []);
    },
  );
});

test('workspace packages resolve to their sources, built or not', () => {
  const config = { compilerOptions: { module: 'nodenext' }, include: ['src'] };
  workspace(
    {
      'package.json': { name: 'root', workspaces: ['packages/*'] },
      'packages/app/package.json': { name: '@acme/app' },
      'packages/app/tsconfig.json': config,
      'packages/app/src/a.ts': [
        "import { m } from '@acme/main'; import { e } from '@acme/exported'; import { s } from '@acme/exported/sub';",
        "import { w } from '@acme/exported/many/w'; import { d } from '@acme/main/lib/deep';",
        'm(); e(); s(); w(); d();',
      ].join('\n'),
      'packages/main/package.json': { name: '@acme/main', main: 'dist/index.js', types: 'dist/index.d.ts' },
      'packages/main/src/index.ts': 'export function m() {}',
      'packages/main/src/deep.ts': 'export function d() {}',
      'packages/exported/package.json': {
        name: '@acme/exported',
        exports: {
          '.': { types: './dist/index.d.ts', import: './dist/esm/index.mjs' },
          './sub': { default: './dist/sub/index.js' },
          './many/*': './build/many/*.js',
        },
      },
      'packages/exported/dist/index.d.ts': 'export declare function e(): void;',
      'packages/exported/src/index.ts': 'export function e() {}',
      'packages/exported/src/sub/index.ts': 'export function s() {}',
      'packages/exported/src/many/w.ts': 'export function w() {}',
    },
    (it) => {
      assert.deepEqual(it.calls(it.open(), 'packages/app/src/a.ts'), [
        'm [packages/main/src/index.ts]',
        'e [packages/exported/src/index.ts]',
        's [packages/exported/src/sub/index.ts]',
        'w [packages/exported/src/many/w.ts]',
        'd [packages/main/src/deep.ts]',
      ]);
    },
  );
});

test('pnpm-workspace.yaml names workspace packages; an own path pattern goes first', () => {
  workspace(
    {
      'pnpm-workspace.yaml': '# all\npackages:\n  - \'libs/**\' # nested\n  - "!libs/old"\n\ncatalog:\n  - x\n',
      'app/tsconfig.json': { compilerOptions: { paths: { '@acme/*': ['../override/*'] } } },
      'app/a.ts': "import { x } from '@acme/x'; import { y } from '@acme/y'; x(); y();",
      'libs/group/x/package.json': { name: '@acme/x', source: 'code.ts' },
      'libs/group/x/code.ts': 'export function x() {}',
      'libs/group/y/package.json': { name: '@acme/y', source: 'code.ts' },
      'libs/group/y/code.ts': 'export function y() {}',
      'override/y.ts': 'export function y() {}',
    },
    (it) => assert.deepEqual(it.calls(it.open(), 'app/a.ts'), ['x [libs/group/x/code.ts]', 'y [override/y.ts]']),
  );
});

test('what was never generated stays unresolved and harms nothing else', () => {
  workspace(
    {
      'tsconfig.json': {},
      'a.ts': "import { PrismaClient } from '@prisma/client';\nnew PrismaClient().user.findMany();\n[1].map(String);",
    },
    (it) => {
      const snapshot = it.open();
      assert.deepEqual(it.calls(snapshot, 'a.ts'), ['unresolved', 'unresolved', 'Array#map [lib]']);
      assert.equal(it.projectOf(snapshot, 'a.ts').unresolvedImports, 1);
    },
  );
});

test('JavaScript without a config is analysed in the inferred project', () => {
  const it = new TemporaryWorkspace({
    'package.json': { name: 'plain' },
    'index.js':
      "const fs = require('node:fs');\nconst { helper } = require('./helper');\nfs.promises.readFile('x');\nhelper();\n",
    'helper.js': 'exports.helper = function () {};\n',
  }).install('@types/node', 'undici-types');
  const snapshot = it.open();
  assert.deepEqual(it.filesByProject(snapshot), { inferred: ['helper.js', 'index.js'] });
  assert.deepEqual(it.calls(snapshot, 'index.js').slice(2), ['readFile [node:fs/promises]', 'helper [helper.js]']);
  it.close();
});

test('a file in several configs belongs to the nearest, one in none to the config above it', () => {
  workspace(
    {
      'tsconfig.json': { include: ['**/*.ts'] },
      'packages/a/tsconfig.json': { include: ['src'] },
      'packages/a/src/x.ts': '',
      'packages/a/test/x.test.ts': '',
      'packages/b/y.ts': '',
      'packages/c/package.json': {},
      'packages/c/tsconfig.json': { exclude: ['test'] },
      'packages/c/test/x.test.ts': '',
      'scripts/z.js': '',
    },
    (it) =>
      assert.deepEqual(it.filesByProject(it.open()), {
        'tsconfig.json': ['packages/a/test/x.test.ts', 'packages/b/y.ts', 'scripts/z.js'],
        'packages/a/tsconfig.json': ['packages/a/src/x.ts'],
        'packages/c/tsconfig.json': ['packages/c/test/x.test.ts'],
      }),
  );
});

test('a solution opens what it refers to', () => {
  workspace(
    {
      'tsconfig.json': { files: [], references: [{ path: './tsconfig.app.json' }, { path: './lib' }] },
      'tsconfig.app.json': { include: ['src'] },
      'lib/tsconfig.json': { compilerOptions: { composite: true } },
      'src/a.ts': '',
      'lib/b.ts': '',
      'vite.config.ts': '',
    },
    (it) =>
      assert.deepEqual(it.filesByProject(it.open()), {
        'tsconfig.app.json': ['src/a.ts', 'vite.config.ts'],
        'lib/tsconfig.json': ['lib/b.ts'],
      }),
  );
});

test('declaration files of a config stay visible, ignored and foreign files are not analysed', () => {
  workspace(
    {
      '.gitignore': 'generated/\n',
      'tsconfig.json': {},
      'globals.d.ts': 'declare function fromGlobals(): void;',
      'generated/client.ts': 'export function query(): void {}',
      'a.ts': "import { query } from './generated/client'; query(); fromGlobals();",
      'node_modules/p/index.ts': '',
    },
    (it) => {
      const snapshot = it.open();
      assert.deepEqual(it.filesByProject(snapshot), { 'tsconfig.json': ['a.ts'] });
      assert.deepEqual(it.calls(snapshot, 'a.ts'), ['query [generated/client.ts]', 'fromGlobals [globals.d.ts]']);
    },
  );
});

test('a broken config is a problem, and its files are analysed without it', () => {
  workspace({ 'tsconfig.json': '{ "compilerOptions": { ,,, ', 'a.ts': '[1].map(String);' }, (it) => {
    const snapshot = it.open();
    assert.deepEqual(it.filesByProject(snapshot), { inferred: ['a.ts'] });
    assert.match(snapshot.problems[0]?.reason ?? '', /not valid JSON/);
    assert.deepEqual(it.calls(snapshot, 'a.ts'), ['Array#map [lib]']);
  });
});

test('a base config that is not installed, or that extends itself, is a problem only', () => {
  workspace(
    {
      'tsconfig.json': {
        extends: ['@tsconfig/node20/tsconfig.json', './loop.json'],
        compilerOptions: { baseUrl: '.' },
      },
      'loop.json': { extends: './loop.json' },
      'src/a.ts': callB,
      'src/b.ts': declareB,
    },
    (it) => {
      const snapshot = it.open();
      assert.deepEqual(
        snapshot.problems.map(({ reason }) => reason.replace(it.root, '')),
        ['extends @tsconfig/node20/tsconfig.json, which is not there', 'extends itself through /loop.json'],
      );
      assert.deepEqual(it.calls(snapshot, 'src/a.ts'), ['b [src/b.ts]']);
    },
  );
});

test('binary, huge, minified and generated files are skipped with a reason', () => {
  workspace(
    {
      'tsconfig.json': {},
      'video.ts': new Uint8Array([0x47, 0x40, 0, 0x10, 0, 0]),
      'huge.ts': `export const x = 1;\n${'// padding\n'.repeat(100_000)}`,
      'bundle.js': `var a = [${'1,'.repeat(15_000)}];`,
      'types.ts': '/** @generated */\nexport type T = 1;',
      'good.ts': 'export {};',
    },
    (it) => {
      const snapshot = it.open();
      const read = ['video.ts', 'huge.ts', 'bundle.js', 'types.ts', 'good.ts'].filter(
        (name) => snapshot.syntax(it.projectOf(snapshot, name), it.path(name)) !== undefined,
      );
      assert.deepEqual(read, ['good.ts']);
      assert.deepEqual(
        snapshot.problems.map(({ path, reason }) => `${path.replace(`${it.root}/`, '')}: ${reason}`),
        [
          'video.ts: a binary file',
          'huge.ts: larger than 1 MB',
          'bundle.js: has a line of over 20000 characters',
          'types.ts: marked as @generated',
        ],
      );
    },
  );
});

test('syntax errors come with the tree, type errors with the diagnostics', () => {
  workspace({ 'tsconfig.json': {}, 'a.ts': 'const x: number = "no";\nfoo(;\n' }, (it) => {
    const snapshot = it.open();
    const project = it.projectOf(snapshot, 'a.ts');
    assert.deepEqual(snapshot.syntax(project, it.path('a.ts'))?.syntaxErrors, [
      { span: { start: 28, end: 29 }, message: "')' expected." },
    ]);
    assert.deepEqual(
      snapshot.diagnostics(project, it.path('a.ts')).map(({ start, end, code }) => [start, end, code]),
      [
        [28, 29, 1005],
        [6, 7, 2322],
        [24, 27, 2304],
      ],
    );
  });
});
