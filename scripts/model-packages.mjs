/**
 * Packages of tests that are none of the repository's own, installed once into a cache outside version control: those
 * that the models of server/src/models describe, for the test that compares the two, and clients for the fix proofs.
 * Each folder with a manifest is an installation of its own, because the models speak of several majors of some
 * packages. What no types lead to is overridden by an empty package, and of what the models describe nothing but
 * declarations is kept. Beside a manifest may lie the Prisma schema that a client is generated of. After a change of a
 * manifest, in its folder: `npm install --package-lock-only --ignore-scripts --legacy-peer-deps`.
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
const LOCK = 'package-lock.json';
const SCHEMA = 'schema.prisma';
const INSTALL = ['ci', '--ignore-scripts', '--omit=optional', '--legacy-peer-deps', '--no-audit', '--no-fund'];
const PRUNE = [
  'prune',
  '--omit=dev',
  '--omit=optional',
  '--ignore-scripts',
  '--legacy-peer-deps',
  '--no-audit',
  '--no-fund',
];
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
  const what = 'the packages that the models describe, once (about a minute)';
  return installAll('test/models/packages', 'out/model-packages', what, (folder) => {
    keepDeclarations(join(folder, 'node_modules'));
    return undefined;
  });
}

/** The same, of packages that run: without what only generated them. */
export function installProofPackages() {
  const what = 'the clients of the fix proofs, once';
  return installAll('test/proofs/packages', 'out/proof-packages', what, (folder) => npm(PRUNE, folder));
}

function installAll(manifestFolder, cacheFolder, what, finish) {
  const [manifests, cache] = [join(root, manifestFolder), join(root, cacheFolder)];
  const names = readdirSync(manifests).sort();
  const inputs = names.flatMap((name) => [LOCK, SCHEMA].map((file) => join(manifests, name, file))).filter(existsSync);
  const contents = inputs.map((path) => readFileSync(path));
  const hash = createHash('sha256').update(Buffer.concat(contents)).digest('hex').slice(0, 16);
  const folder = join(cache, hash);
  if (existsSync(folder)) return { folder };
  console.log(`installing ${what}`);
  mkdirSync(cache, { recursive: true });
  // Under its name when it is whole: a run that is stopped, and two runs at once, leave nothing half-done behind.
  const unfinished = mkdtempSync(join(cache, 'unfinished-'));
  try {
    for (const name of names) {
      const failed = install(join(manifests, name), join(unfinished, name)) ?? finish(join(unfinished, name));
      if (failed !== undefined) return { problem: `${manifestFolder}/${name} could not be installed: ${failed}` };
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

/** Why it failed. */
function install(from, to) {
  mkdirSync(to);
  for (const file of ['package.json', LOCK]) copyFileSync(join(from, file), join(to, file));
  const schema = join(from, SCHEMA);
  return npm([...INSTALL, ...RETRIES], to) ?? (existsSync(schema) ? generate(schema, to) : undefined);
}

function npm(args, cwd) {
  const path = process.env.npm_execpath;
  const [command, ...start] = path === undefined ? ['npm'] : [process.execPath, path];
  return run(command, [...start, ...args], cwd, process.env);
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
