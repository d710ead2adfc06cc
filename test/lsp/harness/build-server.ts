/** Bundles the server's own entry point with the fake analysis in place of the real one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';

import type { startService as real } from '../../../server/src/driver/start-service.ts';
import type { startService as fake } from './fake-analysis.ts';

/** Does not compile when the fake is no stand-in for the real one. */
type StandIn = typeof fake extends typeof real ? string : never;

const FAKE: StandIn = resolve('test/lsp/harness/fake-analysis.ts');

/** Path of a bundle that takes the same arguments as `dist/server.js`. */
export async function buildServerWithFakeAnalysis(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'lsp-server-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const outfile = join(folder, 'server.cjs');
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
        setup: (bundle) => bundle.onResolve({ filter: /driver\/start-service\.ts$/ }, () => ({ path: FAKE })),
      },
    ],
  });
  return outfile;
}
