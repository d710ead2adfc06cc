#!/usr/bin/env node
/**
 * Builds the extension as it ships and packages it as a VSIX for one platform.
 * Options: `--target linux-x64` (default: this machine; needs that platform's compiler package), `--out FILE`
 * (default: beside package.json), `--no-build` (packages what is in dist/).
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createVSIX } from '@vscode/vsce';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({
  options: {
    target: { type: 'string', default: `${process.platform}-${process.arch}` },
    out: { type: 'string' },
    'no-build': { type: 'boolean', default: false },
  },
});

if (!values['no-build']) {
  const { buildAll, copyCompiler } = await import('../esbuild.mjs');
  await buildAll({ production: true });
  const [platform, arch] = values.target.split('-');
  copyCompiler(platform, arch);
}

const missing = ['dist/client.js', 'dist/server.js'].filter((file) => !existsSync(join(repository, file)));
if (missing.length > 0) {
  console.error(`${missing.join(' and ')} missing: run "npm run build" first.`);
  process.exit(1);
}

const { name, version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'));
await createVSIX({
  cwd: repository,
  packagePath: resolve(values.out ?? join(repository, `${name}-${values.target}-${version}.vsix`)),
  target: values.target,
  // Everything needed is bundled in dist/.
  dependencies: false,
});
