/** A client with a workspace of its own, both gone after the test. */
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { buildServerWithFakeAnalysis } from './build-server.ts';
import { type ClientOptions, LanguageClient, PULLING } from './language-client.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface Started {
  readonly folder: string;
  /** Of the first file. */
  readonly path: string;
  readonly client: LanguageClient;
}

let bundle: Promise<string> | undefined;

export function serverWithFakeAnalysis(): Promise<string> {
  bundle ??= buildServerWithFakeAnalysis();
  return bundle;
}

export async function start(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  options: Partial<ClientOptions> = {},
): Promise<Started> {
  const folder = temporaryFolder(t, files);
  const server = options.server ?? (await serverWithFakeAnalysis());
  const client = new LanguageClient({ server, folders: [folder], capabilities: PULLING, ...options });
  t.after(() => client.process.kill('SIGKILL'));
  await client.initialize();
  return { folder, path: join(folder, Object.keys(files)[0] ?? ''), client };
}

/** Asks until it is so; fails after five seconds. */
export async function until(isTrue: () => Promise<boolean> | boolean): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (await isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not happen');
}
