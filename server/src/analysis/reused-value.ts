/**
 * Whether an insert stores a value that an earlier read found in another row of its kind, or a random one where there is
 * none yet: `existing?.threadId ?? randomUUID()`. Two runs that both find none make two values for what is to have one,
 * and no unique constraint tells, since rows that share the value are what is wanted.
 */
import { evidenceOf, isNewRow } from './lost-value.ts';
import type { ProgramFacts } from './program.ts';
import { columnOf, type DatabaseOperation, equalitiesOf, plainColumn } from './protection.ts';
import type { Judged } from './reliance.ts';
import { hasSource, rootsOf, sameValue, type Value } from './value.ts';

export function reusedValue(
  read: DatabaseOperation,
  write: DatabaseOperation,
  program: ProgramFacts,
): Judged | undefined {
  if (!isNewRow(write.effect, [read]) || write.effect.conflictHandled || read.effect.aggregate !== undefined)
    return undefined;
  const columns = [...(write.effect.data ?? [])].filter(([column, value]) => isReusedOrRandom(value, column, read));
  const [reused] = columns;
  if (reused === undefined || !isOfSameRows(read, write, program)) return undefined;
  return { form: 'reuse', columns: [reused[0]], confidence: evidenceOf('medium', read, write) };
}

/** The row's own column, or a random value: nothing else. */
function isReusedOrRandom(value: Value, column: string, read: DatabaseOperation): boolean {
  const parts = value.kind === 'union' ? value.alternatives : [];
  const isOwn = (part: Value): boolean =>
    part.kind === 'result' && part.operation === read && plainColumn(columnOf(part.path) ?? '') === plainColumn(column);
  return parts.some(isOwn) && parts.some(isRandom) && parts.every((part) => isOwn(part) || isRandom(part));
}

const RANDOM =
  /^(call|new):(random\w*|\w*uuid\w*|v[1-7]|nanoid|ulid|cuid2?|createId|\w*objectId|(gen(erate)?|make|new|create)\w*(id|token|slug|code|key))$/i;

/** Made anew by every run, out of nothing that two runs share. */
function isRandom(value: Value): boolean {
  if (value.kind !== 'computed' || hasSource(value)) return false;
  if (RANDOM.test(value.operator)) return rootsOf(value).every(({ kind }) => kind === 'import' || kind === 'global');
  // `randomBytes(16).toString('hex')`, `` `t_${nanoid()}` ``
  return (
    /^(template|[+]|call:(toString|slice|substring|replaceAll?|toUpperCase|toLowerCase))$/.test(value.operator) &&
    value.operands.some(isRandom)
  );
}

/** What the row was found by is stored with the new one, and more than one row may have it. */
function isOfSameRows(read: DatabaseOperation, write: DatabaseOperation, program: ProgramFacts): boolean {
  const keys = equalitiesOf(read.effect);
  const stored = [...(write.effect.data ?? [])];
  if (keys.length === 0 || keys.length !== read.effect.where?.length) return false;
  const areStored = keys.every((key) =>
    stored.some(([column, value]) => plainColumn(column) === plainColumn(key.column) && sameValue(value, key.value)),
  );
  const unique = write.effect.table === undefined ? [] : program.uniqueOf(write.effect.table);
  const isOne = unique.some((set) =>
    set.every((column) => keys.some((key) => plainColumn(key.column) === plainColumn(column))),
  );
  return areStored && !isOne;
}
