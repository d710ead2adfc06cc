/** A one-time row (a token, a voucher) is found, accepted and deleted, and nobody looks at who deleted it. */
import { addsUp, setsPassword } from './done-twice.ts';
import type { FunctionFacts } from './fact.ts';
import { meaningsOf } from './guard-meaning.ts';
import { type DatabaseOperation, equalitiesOf, isWrite, plainColumn } from './protection.ts';
import type { Judged } from './reliance.ts';
import { sourcesOf } from './value.ts';

export function consumed(fn: FunctionFacts, read: DatabaseOperation, write: DatabaseOperation): Judged | undefined {
  if (!isOneTime(read, write) || write.result !== 'unused') return undefined;
  if (/delete|remove|cancel|revoke|logout|clean|expire|prune|reject|decline/i.test(fn.fn.qualifiedName))
    return undefined;
  if (!sourcesOf(fn.returns).has(read)) return undefined;
  // Prisma's `delete` of one row rejects when it is gone, unless somebody catches that.
  if (/prisma|^shape:/.test(write.model) && write.name === 'delete' && write.tries.length === 0) return undefined;
  // Who accepts it for others may let two in; who sets something for its holder sets it twice.
  const others = fn.operations.filter(
    (operation) => isWrite(operation) && operation !== write && operation.order > read.order && !isLog(operation),
  );
  const isDoneTwice = others.some(({ effect }) => effect.kind === 'database' && addsUp(effect));
  const matters = others.length === 0 || (isDoneTwice && !setsPassword(fn, read));
  return { form: 'consume', columns: [], confidence: matters ? 'medium' : 'low' };
}

/** What is kept to read about it later. */
function isLog({ effect }: DatabaseOperation): boolean {
  return /log|audit|event|histor|activit|metric/i.test(effect.table ?? '');
}

const CONSUMABLE = /token|otp|nonce|coupon|voucher|magiclink|verification|resetcode|onetime|recoverycode|claim/i;

/** A row that is found by a secret and deleted when it is accepted. */
function isOneTime(read: DatabaseOperation, { effect, guards }: DatabaseOperation): boolean {
  if (CONSUMABLE.test(effect.table?.replaceAll('_', '') ?? '')) return true;
  const isExpired = guards.some(
    (guard) =>
      !guard.earlyExit &&
      meaningsOf(guard, read).some((meaning) => meaning.kind === 'column' && meaning.relation === 'order'),
  );
  return !isExpired && equalitiesOf(read.effect).some(({ column }) => SECRET.test(plainColumn(column)));
}

const SECRET = /^(\w*token|code|otp|nonce|\w*code|\w*secret)$/;
