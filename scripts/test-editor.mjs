#!/usr/bin/env node
/**
 * Builds and starts the editor tests: test/editor/run.ts says what they do, which options there are, and what the exit
 * codes mean.
 */
import { spawnSync } from 'node:child_process';
import { chmod, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..');
const source = join(repository, 'test/editor');
const output = join(repository, 'out/editor');

await rm(output, { recursive: true, force: true });
await build({
  entryPoints: {
    run: join(source, 'run.ts'),
    launch: join(source, 'host/launch.ts'),
    'suite/index': join(source, 'suite/index.ts'),
    'suite/packaged-extension': join(source, 'suite/packaged-extension.ts'),
  },
  outdir: output,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['vscode', 'mocha', 'playwright-core', '@vscode/test-electron'],
  banner: { js: '#!/usr/bin/env node' },
  sourcemap: 'inline',
  logLevel: 'warning',
});
await chmod(join(output, 'launch.js'), 0o755);

const { status } = spawnSync(process.execPath, [join(output, 'run.js'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
