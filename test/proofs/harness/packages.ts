/**
 * Clients that are installed for the proofs alone, as the manifests of test/proofs/packages say; Prisma's is generated
 * of the schema beside its own. All send their queries through `pg`, so that the schedule sees them as those of other
 * programs.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Client } from 'pg';
import type { Commands } from './commands.ts';
import { watch } from './postgres.ts';

/** What programs import, by the folder of the manifest. */
const NAMES = {
  'mikro-orm': ['@mikro-orm/core', '@mikro-orm/postgresql'],
  prisma: ['@prisma/client', '@prisma/adapter-pg'],
} as const;

export type Installation = keyof typeof NAMES;

const loaded = new Map<Installation, Readonly<Record<string, unknown>>>();

/** Where they are installed; undefined where they are not. */
export function installationFolder(installation: Installation): string | undefined {
  const folder = process.env['PROOF_PACKAGES'];
  return folder === undefined ? undefined : join(folder, installation);
}

export function installedModules(installation: Installation, commands: Commands): Readonly<Record<string, unknown>> {
  const modules = loaded.get(installation) ?? load(installation, commands);
  loaded.set(installation, modules);
  return modules;
}

function load(installation: Installation, commands: Commands): Record<string, unknown> {
  const require = createRequire(join(installationFolder(installation) ?? '', 'package.json'));
  // The installation's own copy.
  watch((require('pg') as { Client: typeof Client }).Client.prototype, commands);
  return Object.fromEntries(NAMES[installation].map((name) => [name, require(name) as unknown]));
}
