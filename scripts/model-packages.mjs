/**
 * The packages that the models of server/src/models describe, for the test that compares the two: installed once into
 * a cache outside version control, as the manifests of test/models/packages say. Each folder there is an installation
 * of its own, because the models speak of several majors of some packages. What no types lead to is overridden by an
 * empty package, and nothing but declarations is kept. Beside a manifest may lie the Prisma schema that a client is
 * generated of. After a change of a manifest, in its folder:
 * `npm install --package-lock-only --ignore-scripts --legacy-peer-deps`.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const manifests = join(root, 'test/models/packages');
const cache = join(root, 'out/model-packages');
const LOCK = 'package-lock.json';
const SCHEMA = 'schema.prisma';
const INSTALL = ['ci', '--ignore-scripts', '--omit=optional', '--legacy-peer-deps', '--no-audit', '--no-fund'];
/** Without a network npm would wait for a minute before it says so. */
const RETRIES = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];

/** Prisma looks for its engines, which are downloads, and uses none of them to generate types: any program will do. */
const WITHOUT_ENGINES = {
  PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  PRISMA_QUERY_ENGINE_LIBRARY: process.execPath,
  CHECKPOINT_DISABLE: '1',
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
};

/** Folder of the installations, or why there are none. */
export function installModelPackages() {
  const names = readdirSync(manifests).sort();
  const inputs = names.flatMap((name) => [LOCK, SCHEMA].map((file) => join(manifests, name, file))).filter(existsSync);
  const contents = inputs.map((path) => readFileSync(path));
  const hash = createHash('sha256').update(Buffer.concat(contents)).digest('hex').slice(0, 16);
  const folder = join(cache, hash);
  if (existsSync(folder)) return { folder };
  console.log('installing the packages that the models describe, once (about a minute)');
  mkdirSync(cache, { recursive: true });
  // Under its name when it is whole: a run that is stopped, and two runs at once, leave nothing half-done behind.
  const unfinished = mkdtempSync(join(cache, 'unfinished-'));
  try {
    for (const name of names) {
      const problem = install(name, join(unfinished, name));
      if (problem !== undefined) return { problem };
    }
    for (const old of readdirSync(cache)) {
      if (!old.startsWith('unfinished-')) rmSync(join(cache, old), { recursive: true, force: true });
    }
    renameSync(unfinished, folder);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return { folder };
}

function install(name, to) {
  mkdirSync(to);
  for (const file of ['package.json', LOCK]) copyFileSync(join(manifests, name, file), join(to, file));
  const npm = process.env.npm_execpath;
  const [command, ...start] = npm === undefined ? ['npm'] : [process.execPath, npm];
  const failed =
    run(command, [...start, ...INSTALL, ...RETRIES], to, process.env) ??
    (existsSync(join(manifests, name, SCHEMA)) ? generate(join(manifests, name, SCHEMA), to) : undefined);
  if (failed !== undefined) return `test/models/packages/${name} could not be installed: ${failed}`;
  keepDeclarations(join(to, 'node_modules'));
  return undefined;
}

function generate(schema, to) {
  copyFileSync(schema, join(to, SCHEMA));
  const script = join(to, 'node_modules/prisma/build/index.js');
  // Without the flag a client before 7 comes with an engine.
  const major = JSON.parse(readFileSync(join(to, 'node_modules/prisma/package.json'), 'utf8')).version.split('.')[0];
  const args = [script, 'generate', `--schema=${SCHEMA}`, ...(Number(major) < 7 ? ['--no-engine'] : [])];
  return run(process.execPath, args, to, { ...process.env, ...WITHOUT_ENGINES });
}

/** Why it failed. */
function run(command, args, cwd, env) {
  const { status, error, stderr } = spawnSync(command, args, {
    cwd,
    env,
    encoding: 'utf8',
    timeout: 10 * 60_000,
    shell: command === 'npm' && process.platform === 'win32',
  });
  return status === 0 ? undefined : reason(error?.message ?? stderr);
}

function reason(text) {
  const lines = text.trim().split('\n');
  return lines.find((line) => line.startsWith('npm error')) ?? lines[0];
}

function keepDeclarations(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) keepDeclarations(path);
    else if (entry.name !== 'package.json' && !/\.d\.[cm]?ts$/.test(entry.name)) unlinkSync(path);
  }
}
