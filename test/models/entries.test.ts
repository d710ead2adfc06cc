import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { ALL_MODELS } from '../../server/src/models/index.ts';
import type { ModelFile } from '../../server/src/models/model.ts';
import { type Probe, type Unresolved, unresolvedEntries } from './entry-probe.ts';
import { CACHES } from './probes/caches.ts';
import { DATABASES, PRISMA } from './probes/databases.ts';
import { DEVELOPMENT } from './probes/development.ts';
import { EARLIER, PREVIOUS } from './probes/earlier-versions.ts';
import { LIMITS } from './probes/limits.ts';
import { SERVICES } from './probes/services.ts';

/** Where scripts/model-packages.mjs has installed the manifests of test/models/packages; unset when it could not. */
const PACKAGES = process.env['MODEL_PACKAGES'];

/** Probes whose packages lie in one folder: they share a compiler. */
interface Installation {
  readonly probes: readonly Probe[];
  /** Undefined where it could not be installed. */
  readonly modules: string | undefined;
}

const INSTALLATIONS: readonly Installation[] = [
  { probes: DEVELOPMENT, modules: resolve('node_modules') },
  { probes: [...DATABASES, ...CACHES, ...SERVICES, ...LIMITS], modules: installed('current') },
  { probes: PREVIOUS, modules: installed('previous') },
  { probes: EARLIER, modules: installed('earlier') },
  { probes: PRISMA, modules: installed('prisma-7') },
  { probes: PRISMA, modules: installed('prisma-6') },
];

function installed(name: string): string | undefined {
  return PACKAGES === undefined ? undefined : join(PACKAGES, name, 'node_modules');
}

const PROBES = INSTALLATIONS.flatMap((installation) => installation.probes.map((probe) => ({ probe, installation })));

for (const file of new Set(PROBES.map(({ probe }) => probe.file))) {
  const own = PROBES.filter(({ probe }) => probe.file === file);
  const isMissing = own.some(({ installation }) => installation.modules === undefined);
  const skip = isMissing && process.env['CI'] === undefined ? 'its packages are not installed' : false;
  test(`${file.package}: every entry is a member of the published types`, { skip }, () => {
    assert.ok(!isMissing, 'its packages are not installed');
    const answers = own.map(({ probe, installation }) => unresolved(installation).get(probe) ?? new Map());
    assert.deepEqual(
      problemsOf(
        file,
        own.flatMap(({ probe }) => probe.elsewhere ?? []),
        answers,
      ),
      [],
    );
  });
}

type Answers = ReadonlyMap<string, Unresolved>;

const answered = new Map<Installation, ReadonlyMap<Probe, Answers>>();

function unresolved(installation: Installation): ReadonlyMap<Probe, Answers> {
  const known = answered.get(installation);
  if (known !== undefined) return known;
  const { probes, modules = '' } = installation;
  const answers = unresolvedEntries(probes, ALL_MODELS, modules);
  const byProbe = new Map(probes.map((probe, index) => [probe, answers[index] ?? new Map<string, Unresolved>()]));
  answered.set(installation, byProbe);
  return byProbe;
}

/** A key must lead to its entry wherever there is such a member, and in one of the packages and versions at least. */
function problemsOf(file: ModelFile, elsewhere: readonly string[], answers: readonly Answers[]): string[] {
  return Object.keys(file.calls).flatMap((key) => {
    const found = answers.flatMap((answer) => answer.get(key) ?? []);
    const wrong = found.find((it) => it.exists) ?? (found.length === answers.length ? found[0] : undefined);
    const isExempt = elsewhere.includes(key);
    if (wrong === undefined) return isExempt ? [`${key} resolves, its exemption is not needed`] : [];
    return isExempt ? [] : [`${key}: ${wrong.text}`];
  });
}

/** Not installed for the test, each with the reason. Most were compared with their types once, by the same probe. */
const UNVERIFIED: Readonly<Record<string, string>> = {
  '@adyen/api-library': '33 MB; compared with 32',
  '@anthropic-ai/sdk': '27 MB for one entry, any member; compared with 1',
  '@octokit/rest': '18 MB for one entry, any member; compared with 22',
  '@paypal/paypal-server-sdk': '16 MB; compared with 2',
  '@slack/web-api': '15 MB for one entry, any member; compared with 8',
  googleapis: '211 MB for one entry, any member',
  octokit: '38 MB for one entry, any member',
  openai: '20 MB for one entry, any member; compared with 6',
  square: '71 MB with what it was before version 40; compared with 46',
  twilio: '21 MB; compared with 6',
};

test('every model is probed or named, with the reason why not', () => {
  const probed = new Set(PROBES.map(({ probe }) => probe.file));
  const missing = ALL_MODELS.filter((file) => !probed.has(file) && UNVERIFIED[file.package] === undefined);
  assert.deepEqual(
    missing.map((file) => file.package),
    [],
  );
  const unprobed = new Set(ALL_MODELS.filter((file) => !probed.has(file)).map((file) => file.package));
  assert.deepEqual(
    Object.keys(UNVERIFIED).filter((name) => !unprobed.has(name)),
    [],
  );
});
