/**
 * Rows that are counted before one is added or taken away: few enough, then one more; more than one, then one less.
 * Two runs at once both count the same.
 */
import { weakest } from './fact.ts';
import { evidenceOf, type WrittenColumn } from './lost-value.ts';
import { columnOf, type DatabaseOperation, equalitiesOf, isUserKey, plainColumn } from './protection.ts';
import type { Judged } from './reliance.ts';
import { sourcesOf, type Value } from './value.ts';

export function fewEnough(read: DatabaseOperation, write: DatabaseOperation, bound: Value): Judged | undefined {
  if (write.effect.conflictHandled) return undefined;
  // The parts of one row are counted, and another row of its table is stored.
  if (read.effect.returns === 'row' && read.effect.aggregate === undefined && read.effect.table === write.effect.table)
    return undefined;
  const sure = weakest('medium', evidenceOf('medium', read, write, write.effect.table, 'limit'));
  return { form: 'limit', columns: [], confidence: isFirmLimit(read, write, bound) ? sure : 'low' };
}

/**
 * One more than a limit is seldom worse than a surprise, unless what is counted is sold or given out, how many there
 * are is stored with it, or it is counted to slow somebody down: "three mails in five minutes".
 */
function isFirmLimit(read: DatabaseOperation, write: DatabaseOperation, bound: Value): boolean {
  if (GOODS.test(write.effect.table?.replaceAll('_', '') ?? '')) return true;
  if ((bound.kind === 'result' || bound.kind === 'element') && CAPACITY.test(columnOf(bound.path) ?? '')) return true;
  return isOfLastMinutes(read);
}

const GOODS =
  /seat|ticket|booking|reserv|coupon|voucher|redemption|redeem|slot|attende|participant|registration|enrol|licen[cs]e|order|purchase|withdraw|payout|vote|claim|member/i;

const CAPACITY =
  /capacity|stock|inventory|seats?$|places?$|spots?$|available|quantity|max_?(participants|attendees|guests|uses|redemptions|tickets|seats)/i;

/** A condition on a time or a number that is to be more than a bound: "none of the last minutes". */
export function isOfLastMinutes({ effect }: DatabaseOperation): boolean {
  return (effect.where ?? []).some(
    ({ operator, value }) =>
      /^(\$?(gt|gte)|>=?|morethan(orequal)?)$/i.test(operator) ||
      // `{ [Op.gte]: since }`
      (value.kind === 'object' && value.others.length > 0),
  );
}

/** `if (owners > 1) remove(owner)`: only where the write changes what was counted. */
export function lastOne(
  read: DatabaseOperation,
  write: DatabaseOperation,
  written: readonly WrittenColumn[],
  bound: Value | undefined,
): Judged | undefined {
  // A bound that is more than a few says what is too many; taking away what is too many twice does no harm.
  if (bound !== undefined && (bound.kind !== 'constant' || typeof bound.value !== 'number' || bound.value > 2))
    return undefined;
  const counted = (read.effect.where ?? []).map((condition) => plainColumn(condition.column));
  const changes =
    write.effect.action === 'delete' || written.some(({ column }) => counted.includes(plainColumn(column)));
  if (!changes || write.effect.conflictHandled) return undefined;
  // `rows.length === 1` of the rows that the write takes its own from asks whether it was found.
  if (isFoundBy(read, write)) return undefined;
  // Without the last owner nobody can do anything any more; without the last of other things somebody makes a new one.
  const isVital = /admin|owner|member|role|user|account|credential|passkey|login|permission/i.test(
    [write.effect.table, ...counted].join(' '),
  );
  // Who leaves the last of what is one's own harms nobody else.
  const isOwn = equalitiesOf(read.effect).some(({ column }) => isUserKey(column));
  return { form: 'last', columns: [], confidence: isVital && !isOwn ? 'medium' : 'low' };
}

function isFoundBy(read: DatabaseOperation, { effect }: DatabaseOperation): boolean {
  const values = [
    ...(effect.where ?? []).map(({ value }) => value),
    ...(effect.entity === undefined ? [] : [effect.entity]),
  ];
  return values.some((value) => sourcesOf(value).has(read));
}
