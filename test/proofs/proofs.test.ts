/**
 * Every fix form, proved: a program shows the bug under a forced schedule against the real service, and the same
 * program does not show it after the fix was applied by the engine. One process for all, so that the engine and each
 * service start once.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { PROOFS, UNPROVED } from './all.ts';
import { Fixer } from './harness/apply-fix.ts';
import { Commands } from './harness/commands.ts';
import { type Postgres, startPostgres } from './harness/postgres.ts';
import type { Proof } from './harness/proof.ts';
import { isRedisInstalled, type Redis, startRedis } from './harness/redis.ts';
import { root } from './harness/repository-root.ts';
import { runProgram } from './harness/run-program.ts';
import { Scene } from './harness/scene.ts';

const only = process.env['PROOFS'] ?? '';
const proofs = PROOFS.filter((proof) => nameOf(proof).includes(only));
const commands = new Commands();
let fixer: Fixer;
let postgres: Postgres | undefined;
let redis: Redis | undefined;

before(async () => {
  fixer = new Fixer(proofs);
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
    if (lacksRedis(proof, context)) return;
    assert.deepEqual(await observe(proof, 'before'), proof.before, 'the program does not show the bug');
    const fixed = await fixer.fixed(proof);
    try {
      assert.deepEqual(await observe(proof, 'after', fixed), proof.after);
    } catch (error) {
      throw new Error(`With the fix:\n${fixed}`, { cause: error });
    }
  });
}

test('every fix form has a proof', () => {
  const proved = new Set(PROOFS.map(({ rule, fix }) => `${rule} ${fix}`));
  const missing = [...fixForms()].filter((form) => !proved.has(form) && UNPROVED[form] === undefined);
  assert.deepEqual(missing, []);
  const needless = Object.keys(UNPROVED).filter((form) => proved.has(form));
  assert.deepEqual(needless, []);
});

function nameOf({ rule, fix, form }: Proof): string {
  return `${rule} ${fix}: ${form}`;
}

/** Every rule and fix that has a golden file. */
function fixForms(): Set<string> {
  const folder = join(root, 'test/rules');
  const forms = new Set<string>();
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const [item, rule, ...rest] = path.replaceAll('\\', '/').split('/');
    // The second golden of a fix form in one file has a number.
    const fix = /\.([\w-]+?)(?:-\d+)?\.fixed\.(?:[cm]?[jt]s|[jt]sx)$/.exec(rest.at(-1) ?? '')?.[1];
    if (fix !== undefined) forms.add(`${item}/${rule} ${fix}`);
  }
  return forms;
}

function lacksRedis({ needs }: Proof, context: TestContext): boolean {
  if (redis !== undefined || (needs !== 'redis' && needs !== 'both')) return false;
  const reason = 'redis-server is not installed';
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
  const program = await runProgram(text, proof.globals?.(scene));
  try {
    return await proof.observe(program, scene);
  } finally {
    commands.clear();
    await close(program);
  }
}

/** Connections that the program exports. */
async function close(program: unknown): Promise<void> {
  for (const value of Object.values(program as Record<string, unknown>)) {
    if (typeof value !== 'object' || value === null) continue;
    const { end, destroy, disconnect } = value as Record<string, unknown>;
    for (const method of [destroy, end, disconnect]) {
      if (typeof method !== 'function') continue;
      await method.call(value);
      break;
    }
  }
}
