import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs';
import { test } from 'node:test';
import { findWorkspaceFiles } from '../../server/src/typescript/workspace-files.ts';
import { TemporaryWorkspace } from './temporary-workspace.ts';

function found(it: TemporaryWorkspace, ...paths: string[]): { files: string[]; configs: string[] } {
  const { files, configs } = findWorkspaceFiles(paths.length === 0 ? [it.root] : paths.map((path) => it.path(path)));
  const relative = (path: string): string => path.replace(`${it.root}/`, '');
  return { files: files.map(relative), configs: configs.map(relative) };
}

test('source files of all kinds, sorted; no declarations, no minified files', () => {
  const names = ['a.ts', 'b.tsx', 'c.mts', 'd.cts', 'e.js', 'f.jsx', 'g.mjs', 'h.cjs'];
  const others = ['x.d.ts', 'x.d.mts', 'x.min.js', 'x-min.js', 'x.json', 'x.ts.bak', 'README.md'];
  const it = new TemporaryWorkspace(Object.fromEntries([...others, ...[...names].reverse()].map((name) => [name, ''])));
  assert.deepEqual(found(it).files, names);
});

test('ignore files count in their folder and below, the deeper one last', () => {
  const it = new TemporaryWorkspace({
    '.gitignore': '*.gen.ts\n/private\nlogs/\n',
    'a.gen.ts': '',
    'a.ts': '',
    'private/x.ts': '',
    'sub/private/y.ts': '',
    'sub/.gitignore': '!keep.gen.ts\nsecret.ts\n',
    'sub/keep.gen.ts': '',
    'sub/other.gen.ts': '',
    'sub/secret.ts': '',
    'secret.ts': '',
    'sub/logs/z.ts': '',
  });
  assert.deepEqual(found(it).files, ['a.ts', 'secret.ts', 'sub/keep.gen.ts', 'sub/private/y.ts']);
});

test('ignore files above the searched folder count up to the top of the repository', () => {
  const it = new TemporaryWorkspace({
    '.git/HEAD': '',
    '.gitignore': 'generated\n',
    'app/generated/x.ts': '',
    'app/y.ts': '',
  });
  assert.deepEqual(found(it, 'app').files, ['app/y.ts']);
});

test('build output and packages are not source; a build folder that is committed is', () => {
  const it = new TemporaryWorkspace({
    'node_modules/p/index.js': '',
    'dist/a.js': '',
    '.next/b.js': '',
    'coverage/c.js': '',
    'build/d.ts': '',
    'src/e.ts': '',
  });
  assert.deepEqual(found(it).files, ['src/e.ts']);
  it.write('.gitignore', 'dist\n');
  assert.deepEqual(found(it).files, ['build/d.ts', 'src/e.ts']);
});

test('configs are found everywhere, also for a single file', () => {
  const it = new TemporaryWorkspace({
    'tsconfig.json': {},
    'a/jsconfig.json': {},
    'a/b/x.ts': '',
    'node_modules/p/tsconfig.json': {},
  });
  assert.deepEqual(found(it).configs, ['a/jsconfig.json', 'tsconfig.json']);
  assert.deepEqual(found(it, 'a/b/x.ts'), { files: ['a/b/x.ts'], configs: ['a/jsconfig.json'] });
});

test('links are not followed, so a cycle ends', () => {
  const it = new TemporaryWorkspace({ 'src/a.ts': '' });
  symlinkSync(it.root, it.path('src/loop'), 'junction');
  assert.deepEqual(found(it).files, ['src/a.ts']);
});

test('what cannot be read is a problem', { skip: process.getuid?.() === 0 }, () => {
  const it = new TemporaryWorkspace({ 'a.ts': '' });
  mkdirSync(it.path('locked'));
  chmodSync(it.path('locked'), 0);
  assert.deepEqual(findWorkspaceFiles([it.root]).problems, [
    { path: it.path('locked'), reason: 'cannot be read (EACCES)' },
  ]);
  chmodSync(it.path('locked'), 0o700);
});

test('a path that does not exist, or is no source, is a problem', () => {
  const it = new TemporaryWorkspace({ 'a.md': '' });
  assert.deepEqual(findWorkspaceFiles([it.path('missing'), it.path('a.md')]).problems, [
    { path: it.path('missing'), reason: 'cannot be read (ENOENT)' },
    { path: it.path('a.md'), reason: 'not a TypeScript or JavaScript source file' },
  ]);
});

test('a part of a repository finds the Prisma schema beside it, unless there are several', () => {
  const it = new TemporaryWorkspace({
    '.git/HEAD': '',
    'apps/web/src/a.ts': '',
    'packages/database/schema/main.prisma': '',
    'packages/database/schema/more.prisma': '',
  });
  const schemas = (): string[] =>
    findWorkspaceFiles([it.path('apps/web')]).schemas.map((path) => path.replace(`${it.root}/`, ''));
  assert.deepEqual(schemas(), ['packages/database/schema/main.prisma', 'packages/database/schema/more.prisma']);
  it.write('packages/gateway/prisma/schema.prisma', '');
  assert.deepEqual(schemas(), []);
});

test('a part of a package finds the migrations of the package', () => {
  const it = new TemporaryWorkspace({
    '.git/HEAD': '',
    'package.json': {},
    'server/package.json': {},
    'server/src/a.ts': '',
    'server/db/migrations/1.js': '',
    'server/migrations/2.sql': '',
    'migrations/3.sql': '',
  });
  const schemasOf = (folder: string): string[] =>
    findWorkspaceFiles([it.path(folder)]).schemas.map((path) => path.replace(`${it.root}/`, ''));
  assert.deepEqual(schemasOf('server/src'), ['server/db/migrations/1.js', 'server/migrations/2.sql']);
});
