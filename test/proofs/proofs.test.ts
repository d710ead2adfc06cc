/**
 * Every fix form, proved: a program shows the bug under a forced schedule against the real service, and the same
 * program does not show it after the fix was applied by the engine. One process for all, so that the engine and each
 * service start once.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { PROOFS, UNPROVED } from './all.ts';
import { Fixer, type Request } from './harness/apply-fix.ts';
import { Commands } from './harness/commands.ts';
import { installationFolder, installedModules } from './harness/packages.ts';
import { type Postgres, startPostgres } from './harness/postgres.ts';
import type { Proof } from './harness/proof.ts';
import { isRedisInstalled, type Redis, startRedis } from './harness/redis.ts';
import { root } from './harness/repository-root.ts';
import { runProgram } from './harness/run-program.ts';
import { Scene } from './harness/scene.ts';
import { REFUSALS } from './refusals.ts';

const only = process.env['PROOFS'] ?? '';
const proofs = PROOFS.filter((proof) => nameOf(proof).includes(only));
const refusals = REFUSALS.filter((refusal) => nameOf({ ...refusal, form: refusal.why }).includes(only));
const commands = new Commands();
let fixer: Fixer;
let postgres: Postgres | undefined;
let redis: Redis | undefined;

before(async () => {
  fixer = new Fixer([...proofs, ...refusals]);
  if (proofs.some(({ needs }) => needs === 'postgres' || needs === 'both')) postgres = await startPostgres(commands);
  const needsRedis = proofs.some(({ needs }) => needs === 'redis' || needs === 'both');
  if (needsRedis && isRedisInstalled()) redis = await startRedis(commands);
});

after(async () => {
  await fixer.close();
  await redis?.stop();
  await postgres?.stop();
});

for (const proof of proofs) {
  test(nameOf(proof), async (context) => {
    if (lacksRedis(proof, context) || lacksPackages(proof, context)) return;
    assert.deepEqual(await observe(proof, 'before'), proof.before, 'the program does not show the bug');
    const fixed = await fixer.fixed(proof);
    try {
      assert.deepEqual(await observe(proof, 'after', fixed), proof.after);
    } catch (error) {
      throw new Error(`With the fix:\n${fixed}`, { cause: error });
    }
  });
}

for (const refusal of refusals) {
  test(`${refusal.rule} no ${refusal.fix}: ${refusal.why}`, async (context) => {
    if (lacksPackages(refusal, context)) return;
    const { offers } = await fixer.offers(refusal);
    assert.equal(offers.length, 1, 'the bug is found');
    assert.ok(!offers[0]?.fixes.some(({ id }) => id === refusal.fix));
  });
}

test('every fix form has a proof', () => {
  const proved = new Set(PROOFS.map(({ rule, fix }) => `${rule} ${fix}`));
  const fixes = new Set([...PROOFS.map(({ fix }) => fix), ...Object.keys(UNPROVED).map((form) => form.split(' ')[1])]);
  const missing = fixForms().filter(({ rule, fix }) => {
    const form = `${rule} ${fix}`;
    if (proved.has(form) || UNPROVED[form] !== undefined) return false;
    // A fixture shows the fixes of other rules as well: those are proved where they belong.
    return isFixOf(rule, fix) || !fixes.has(fix);
  });
  assert.deepEqual(missing, []);
  const needless = Object.keys(UNPROVED).filter((form) => proved.has(form));
  assert.deepEqual(needless, []);
});

function nameOf({ rule, fix, form }: Pick<Proof, 'rule' | 'fix' | 'form'>): string {
  return `${rule} ${fix}: ${form}`;
}

/** Every fix that has a golden file, with the rule whose fixture it is. */
function fixForms(): { rule: string; fix: string }[] {
  const forms = new Map<string, { rule: string; fix: string }>();
  for (const path of readdirSync(join(root, 'test/rules'), { recursive: true, encoding: 'utf8' })) {
    const [item, name, ...rest] = path.replaceAll('\\', '/').split('/');
    // The second golden of a fix form in one file has a number.
    const fix = /\.([\w-]+?)(?:-\d+)?\.fixed\.(?:[cm]?[jt]s|[jt]sx)$/.exec(rest.at(-1) ?? '')?.[1];
    const rule = `${item}/${name}`;
    if (fix !== undefined) forms.set(`${rule} ${fix}`, { rule, fix });
  }
  return [...forms.values()];
}

function isFixOf(rule: string, fix: string): boolean {
  const folder = join(root, 'server/src/rules', rule);
  const sources = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  return sources.some((name) => readFileSync(join(folder, name), 'utf8').includes(`'${fix}'`));
}

function lacksRedis({ needs }: Proof, context: TestContext): boolean {
  if (redis !== undefined || (needs !== 'redis' && needs !== 'both')) return false;
  const reason = 'redis-server is not installed';
  assert.equal(process.env['CI'], undefined, reason);
  context.skip(reason);
  return true;
}

function lacksPackages({ installation }: Request, context: TestContext): boolean {
  if (installation === undefined || installationFolder(installation) !== undefined) return false;
  const reason = `the packages of test/proofs/packages/${installation} are not installed`;
  assert.equal(process.env['CI'], undefined, reason);
  context.skip(reason);
  return true;
}

async function observe(proof: Proof, phase: 'before' | 'after', text = proof.program): Promise<unknown> {
  const needs = (service: 'postgres' | 'redis'): boolean => proof.needs === service || proof.needs === 'both';
  if (needs('postgres')) await postgres?.reset();
  if (needs('redis')) await redis?.client.flushall();
  if (proof.setup !== undefined) await postgres?.query(proof.setup);
  const scene = new Scene(phase, commands, { postgres, redis });
  const installed = proof.installation === undefined ? {} : installedModules(proof.installation, commands);
  const modules = { ...installed, ...proof.modules };
  const program = await runProgram(text, commands, { globals: proof.globals?.(scene), modules });
  try {
    return await proof.observe(program, scene);
  } finally {
    scene.close();
    await close(program);
  }
}

/** Connections that the program exports. */
async function close(program: unknown): Promise<void> {
  for (const value of Object.values(program as Record<string, unknown>)) {
    if (typeof value !== 'object' || value === null) continue;
    const { end, destroy, disconnect, $disconnect, close } = value as Record<string, unknown>;
    for (const method of [destroy, end, disconnect, $disconnect, close]) {
      if (typeof method !== 'function') continue;
      await method.call(value);
      break;
    }
  }
}
