#!/usr/bin/env node
/**
 * Everything `npm test` does, in order: build, types, formatting and lint, unused code, tests, editor tests. Needs
 * Node and what `npm ci` installed; CI has no list of its own.
 *
 * `npm test -- --update` rewrites golden files. `npm test -- WORD…` only bundles and runs the tests and fixtures whose
 * path contains a word: `npm test -- driver`, `npm test -- race-condition/lost-update`.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildAll, bundleTests } from '../esbuild.mjs';
import { installModelPackages, installProofPackages } from './model-packages.mjs';

/** Exit code of a check that could not run here; its last line says why. */
const SKIPPED = 77;

/** Milliseconds for the tests of one file, several times what the slowest needs on two busy cores. */
const PATIENCE = 15 * 60_000;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values, positionals: words } = parseArgs({ options: { update: { type: 'boolean' } }, allowPositionals: true });
const totals = { passed: 0, failed: 0, skipped: 0 };
const failures = [];

if (words.length === 0) {
  await check('build', async () => {
    await buildAll();
    return true;
  });
  await check('types', () => tool('typescript', 'bin/tsc', ['-p', 'tsconfig.json']));
  await check('format and lint', () => tool('@biomejs/biome', 'bin/biome', ['check', '--error-on-warnings', '.']));
  await check('typed lint', () => tool('oxlint', 'bin/oxlint', ['--type-aware', '--deny-warnings']));
  await check('unused code', () => tool('knip', 'bin/knip.js', []));
  await check('generated pages', () => script('scripts/generate-docs.mjs', ['--check']));
} else await buildAll().catch((error) => console.log(`not built: ${error.message}`));
await runTests();
if (words.length === 0) await runEditorTests();

for (const failure of failures) console.log(`failed: ${failure}`);
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed === 0 ? 0 : 1;

async function check(name, work) {
  const started = performance.now();
  let passed;
  try {
    passed = await work();
  } catch (error) {
    console.log(error instanceof Error ? error.message : error);
    passed = false;
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${passed ? '✔' : '✖'} ${name} (${seconds} s)`);
  count(name, passed);
}

function count(name, passed) {
  if (passed) totals.passed++;
  else {
    totals.failed++;
    failures.push(name);
  }
}

/** Tests and fixtures; `node --test` counts each. */
async function runTests() {
  const started = performance.now();
  // Of its own for each run of a part, so that two people can run parts at once.
  mkdirSync(join(root, 'out'), { recursive: true });
  const outdir = words.length === 0 ? 'out/test' : relative(root, mkdtempSync(join(root, 'out/test-')));
  try {
    const { files, fixtures } = await bundle(outdir);
    if (files.length === 0) {
      console.log(`no test has ${words.join(' or ')} in its path`);
      totals.failed++;
      return;
    }
    await runNodeTests(files, fixtures);
  } finally {
    if (words.length > 0) rmSync(join(root, outdir), { recursive: true, force: true });
    console.log(`tests: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
}

/** A word that is part of no test's path is meant for the fixtures. */
async function bundle(outdir) {
  const isTest = (path) => !path.startsWith('test/editor/');
  if (words.length === 0) return { files: await bundleTests({ filter: isTest, outdir }), fixtures: undefined };
  let fixtures = false;
  const files = await bundleTests({
    outdir,
    filter: (path) => {
      if (!isTest(path)) return false;
      if (words.some((word) => path.includes(word))) return true;
      const isFixtureRunner = path === 'test/rules.test.ts' && words.some((word) => word.includes('/'));
      fixtures ||= isFixtureRunner;
      return isFixtureRunner;
    },
  });
  return { files, fixtures: fixtures ? words.find((word) => word.includes('/')) : undefined };
}

async function runNodeTests(files, fixtures) {
  const env = {
    ...process.env,
    ...(fixtures === undefined ? {} : { FIXTURES: fixtures }),
    ...(values.update ? { UPDATE_GOLDENS: '1' } : {}),
    ...modelPackages(files),
    ...proofPackages(files),
  };
  const args = ['--test', `--test-concurrency=${availableParallelism()}`, '--enable-source-maps'];
  // A file that does not end is a failure with a name, not a run that is stopped from outside.
  args.push(`--test-timeout=${PATIENCE}`);
  args.push('--test-reporter=spec', '--test-reporter-destination=stdout');
  const report = join(dirname(files[0]), `report-${process.pid}.tap`);
  args.push('--test-reporter=tap', `--test-reporter-destination=${report}`, ...files);
  const code = await run(process.execPath, args, { env });
  const tap = existsSync(report) ? readFileSync(report, 'utf8') : '';
  const number = (name) => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(tap)?.[1] ?? 0);
  totals.passed += number('pass');
  totals.skipped += number('skipped') + number('todo');
  const failed = number('fail') + number('cancelled');
  totals.failed += failed;
  if (failed > 0) failures.push(`${failed} tests`);
  else if (code !== 0) count('node --test', false);
}

/** Without them the test is skipped, or fails where that is not allowed. */
function modelPackages(files) {
  if (!files.some((file) => file.endsWith('entries.test.cjs'))) return {};
  const { folder, problem } = installModelPackages();
  if (folder !== undefined) return { MODEL_PACKAGES: folder };
  console.log(`○ models are not compared with the packages' types: ${problem}`);
  return {};
}

/** The same of the fix proofs whose clients are none of the repository's packages. */
function proofPackages(files) {
  if (!files.some((file) => file.endsWith('proofs.test.cjs'))) return {};
  const { folder, problem } = installProofPackages();
  if (folder !== undefined) return { PROOF_PACKAGES: folder };
  console.log(`○ proofs with Prisma and MikroORM are skipped: ${problem}`);
  return {};
}

async function runEditorTests() {
  const script = join(root, 'scripts/test-editor.mjs');
  if (!existsSync(script)) return;
  const code = await run(process.execPath, [script]);
  if (code === SKIPPED && process.env.CI === undefined) {
    console.log('○ editor tests skipped (the reason is above)');
    totals.skipped++;
  } else {
    console.log(`${code === 0 ? '✔' : '✖'} editor tests`);
    count(code === SKIPPED ? 'editor tests were skipped, which CI does not allow' : 'editor tests', code === 0);
  }
}

async function tool(name, script, args) {
  return (await run(process.execPath, [join(root, 'node_modules', name, script), ...args])) === 0;
}

async function script(path, args) {
  return (await run(process.execPath, [join(root, path), ...args])) === 0;
}

function run(command, args, options = {}) {
  return new Promise((resolve) => {
    spawn(command, args, { cwd: root, stdio: 'inherit', ...options }).on('close', (code) => resolve(code ?? 1));
  });
}
