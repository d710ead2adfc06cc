/** Bundles the server's own entry point with the fake analysis in place of the real one. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

const FAKE = resolve('test/lsp/harness/fake-analysis.ts');

/** Path of a bundle that takes the same arguments as `dist/server.js`. */
export async function buildServerWithFakeAnalysis(): Promise<string> {
  const outfile = join(mkdtempSync(join(tmpdir(), 'lsp-server-')), 'server.cjs');
  await build({
    entryPoints: [resolve('server/src/lsp/main.ts')],
    outfile,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    logLevel: 'warning',
    plugins: [
      {
        name: 'fake-analysis',
        setup: ({ onResolve }) => onResolve({ filter: /driver\/start-service\.ts$/ }, () => ({ path: FAKE })),
      },
    ],
  });
  return outfile;
}
