#!/usr/bin/env node
/**
 * `npm run try [-- FOLDER [options]]`: installs what is missing, builds, and prints the checklist of `examples/` or of
 * the folder given, which is relative to where the command was called. Findings are no failure here.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const calledFrom = process.env.INIT_CWD ?? process.cwd();

if (!existsSync(join(root, 'node_modules/esbuild'))) {
  console.error('Installing…');
  const npm = process.env.npm_execpath;
  const [command, ...args] = npm === undefined ? ['npm', 'ci'] : [process.execPath, npm, 'ci'];
  const { status } = spawnSync(command, [...args, '--no-audit', '--no-fund'], {
    cwd: root,
    // What npm says about the installation is not the checklist.
    stdio: ['ignore', process.stderr, 'inherit'],
    shell: npm === undefined && process.platform === 'win32',
  });
  if (status !== 0) process.exit(2);
}

const { buildAll } = await import('../esbuild.mjs');
await buildAll();

const given = process.argv.slice(2);
// Folders come first: what follows an option may be its value.
const firstOption = given.findIndex((argument) => argument.startsWith('-'));
const folders = firstOption < 0 ? given : given.slice(0, firstOption);
const options = given.slice(folders.length);
const paths = folders.length === 0 ? [join(root, 'examples')] : folders.map((folder) => resolve(calledFrom, folder));
const { status } = spawnSync(process.execPath, [join(root, 'dist/cli.js'), ...paths, '--fail-on=never', ...options], {
  cwd: calledFrom,
  stdio: 'inherit',
});
process.exit(status ?? 2);
