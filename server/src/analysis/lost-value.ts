/**
 * Whether a write stores an absolute value that was computed from what an earlier statement read of the same row: a
 * write that comes between the two is lost. Knows the forms the value takes, not how to protect it.
 */
import type { Confidence } from '../rule.ts';
import type { DatabaseEffect, FunctionFacts, Operation } from './fact.ts';
import type { ProgramFacts } from './program.ts';
import {
  columnOf,
  type DatabaseOperation,
  isConditional,
  isDatabaseOperation,
  isPrecious,
  isRowOf,
  lower,
  partsRead,
  plainColumn,
  sameRow,
  schemaOf,
} from './protection.ts';
import type { Judged } from './reliance.ts';
import { sourcesOf, type Value } from './value.ts';

/** `sequence`: the next number after the highest. `entity`: a whole row saved for the sake of other columns. */
export type LostForm = 'arithmetic' | 'collection' | 'call' | 'toggle' | 'sequence' | 'entity' | 'key';

export interface WrittenColumn {
  readonly column: string;
  readonly value: Value;
}

const SURENESS: Readonly<Record<Exclude<LostForm, 'entity'>, Confidence>> = {
  arithmetic: 'high',
  collection: 'high',
  key: 'high',
  call: 'medium',
  sequence: 'medium',
  toggle: 'low',
};

export function lostUpdateOf(
  fn: FunctionFacts,
  read: Operation,
  write: Operation,
  program: ProgramFacts,
): Judged | undefined {
  if (write.effect.kind === 'cache') return lostKey(read, write);
  if (!isDatabaseOperation(read) || !isDatabaseOperation(write) || write.effect.action === 'delete') return undefined;
  const sequence = nextInSequence(read, write, program);
  if (sequence !== undefined) return sequence;
  if (write.effect.action === 'insert' || read.effect.aggregate !== undefined) return undefined;
  const row = sameRow(read, write);
  // Rows that cannot be told apart are one row only where a WHERE could not be read.
  if (row === 'different' || (row === 'unknown' && read.effect.where !== undefined && write.effect.where !== undefined))
    return undefined;
  for (const { column, value } of writtenColumns(fn, read, write)) {
    if (write.effect.relative.includes(column)) continue;
    const form = ownUse(value, read, column);
    if (form === undefined) continue;
    if (isConditional(read, write, [column])) return undefined;
    // A relation is compared with what is stored when it is saved; only a row removed meanwhile comes back.
    const isRelation = schemaOf(write.effect, program)?.relations.has(column) === true;
    const confidence = isRelation
      ? value.kind === 'array'
        ? 'medium'
        : 'low'
      : evidenceOf(SURENESS[form], read, write, column);
    return { form, columns: [column], confidence: row === 'same' ? confidence : lower(confidence) };
  }
  return row === 'same' ? wholeEntity(fn, read, write, program) : undefined;
}

/** A shape alone leaves open what the call is, unless it was SQL; words for money and limits make up for one doubt. */
export function evidenceOf(
  base: Confidence,
  read: DatabaseOperation,
  write: DatabaseOperation,
  ...names: (string | undefined)[]
): Confidence {
  const isShape = [read, write].some((operation) => operation.basis === 'shape' && operation.effect.sql === undefined);
  const confidence = isShape && base === 'high' ? 'medium' : base;
  return confidence === 'medium' && isPrecious(...names) ? 'high' : confidence;
}

/** Columns the write gives values, those assigned to the row that was read included. */
export function writtenColumns(fn: FunctionFacts, read: Operation, write: DatabaseOperation): WrittenColumn[] {
  const { data, entity, mutations } = write.effect;
  const found: WrittenColumn[] = [...(data ?? [])].map(([column, value]) => ({ column, value }));
  const row = entity ?? write.executor;
  if (row === undefined || !isRowOf(row, read)) return found;
  for (const { path, value } of mutations) {
    const column = columnOf(path);
    if (column !== undefined) found.push({ column, value });
  }
  for (const { effect, order } of fn.operations) {
    if (order <= read.order || order >= write.order || effect.kind !== 'memory') continue;
    const { target } = effect;
    if ((target.kind !== 'result' && target.kind !== 'element') || !sourcesOf(target).has(read)) continue;
    const column = columnOf(target.path);
    if (column === undefined) continue;
    if (effect.action === 'write' && effect.value !== undefined) found.push({ column, value: effect.value });
    // `row.tags.push(tag)` changes the list that was read.
    if (effect.action === 'add' || effect.action === 'delete')
      found.push({ column, value: { kind: 'array', elements: [target], open: true } });
  }
  return found;
}

/** How the value is computed from the same column of the row that was read; a copy or a default is no computation. */
function ownUse(
  value: Value,
  read: Operation,
  column: string,
): Exclude<LostForm, 'entity' | 'sequence' | 'key'> | undefined {
  switch (value.kind) {
    case 'union':
      for (const part of value.alternatives) {
        const form = ownUse(part, read, column);
        if (form !== undefined) return form;
      }
      return undefined;
    case 'array':
    case 'object':
      return mentions(value, read, column) ? 'collection' : undefined;
    case 'computed': {
      if (!mentions(value, read, column)) return undefined;
      const { operator } = value;
      if (/^[-+*/%|&^]$|^\*\*$|^(<<|>>)$/.test(operator)) return 'arithmetic';
      if (operator === '!') return 'toggle';
      if (operator === '&&') return ownUse(value.operands.at(-1) ?? value, read, column);
      if (operator === 'template') return 'call';
      const name = operator.replace(/^(call|new|member):/, '');
      if (
        /^(filter|concat|map|push|slice|splice|union|uniq|without|difference|omit|merge|assign|toSpliced|with|add|sub|plus|minus|times|mul|increment|decrement|max|min)$/.test(
          name,
        )
      ) {
        return 'collection';
      }
      return /^call:(parse|stringify|Number|String|BigInt|Math|round|floor|ceil)/.test(operator) &&
        !isPlainConversion(value)
        ? 'call'
        : undefined;
    }
    default:
      return undefined;
  }
}

/** `Number(row.n)` alone writes back what was there. */
function isPlainConversion(value: Value): boolean {
  if (value.kind !== 'computed')
    return value.kind === 'result' || value.kind === 'element' || value.kind === 'place' || value.kind === 'constant';
  return value.operator.startsWith('call:') && value.operands.every(isPlainConversion);
}

function mentions(value: Value, read: Operation, column: string): boolean {
  const wanted = plainColumn(column);
  return partsRead(value, read).some((path) => plainColumn(columnOf(path) ?? '') === wanted);
}

/** `position: max + 1`, `number: last.number + 1`: two at once get the same. */
function nextInSequence(read: DatabaseOperation, write: DatabaseOperation, program: ProgramFacts): Judged | undefined {
  const { aggregate, returns, limited, orderedBy } = read.effect;
  if (
    !['insert', 'save', 'upsert'].includes(write.effect.action) ||
    (write.effect.entity !== undefined && isRowOf(write.effect.entity, read))
  )
    return undefined;
  for (const [column, value] of write.effect.data ?? []) {
    const sum = sumIn(value, read);
    if (sum === undefined) continue;
    const isLast = (returns === 'row' || limited || orderedBy.length > 0) && mentions(sum, read, column);
    if (aggregate !== 'max' && aggregate !== 'count' && !isLast) continue;
    const unique =
      write.effect.table !== undefined &&
      program.uniqueOf(write.effect.table).some((columns) => columns.includes(column));
    // A unique number ends in an error rather than a duplicate.
    return {
      form: 'sequence',
      columns: [column],
      confidence: unique || write.effect.conflictHandled ? 'low' : 'medium',
    };
  }
  return undefined;
}

/** `max + 1`, `(max ?? 0) + 1`. */
function sumIn(value: Value, read: Operation): Value | undefined {
  if (value.kind === 'union')
    return value.alternatives.map((part) => sumIn(part, read)).find((part) => part !== undefined);
  if (value.kind !== 'computed' || value.operator !== '+' || !sourcesOf(value).has(read)) return undefined;
  return value.operands.some((operand) => operand.kind === 'constant' && typeof operand.value === 'number')
    ? value
    : undefined;
}

/** TypeORM's `save` writes every column that differs from the stored row, so a counter changed meanwhile is set back. */
function wholeEntity(
  fn: FunctionFacts,
  read: DatabaseOperation,
  write: DatabaseOperation,
  program: ProgramFacts,
): Judged | undefined {
  if (!write.model.startsWith('typeorm#') || write.effect.action !== 'save' || write.effect.entity === undefined)
    return undefined;
  if (!isRowOf(write.effect.entity, read)) return undefined;
  const written = writtenColumns(fn, read, write).map(({ column }) => plainColumn(column));
  const counters = [...(schemaOf(write.effect, program)?.columns ?? [])].filter(
    (column) =>
      /^(\w*balance|\w*stock(OnHand|Allocated|Level)?|credits?|quota|quantity|points|\w*Count|available(Quantity|Stock|Seats|Balance)?|used(Count)?|seats)$/i.test(
        column,
      ) && !written.includes(plainColumn(column)),
  );
  const [counter] = counters;
  return counter === undefined || written.length === 0
    ? undefined
    : { form: 'entity', columns: [counter], confidence: 'low' };
}

/** `const n = Number(await redis.get(k)); await redis.set(k, n + 1)`. */
function lostKey(read: Operation, write: Operation): Judged | undefined {
  const { effect } = write;
  if (effect.kind !== 'cache' || effect.action !== 'set' || effect.value === undefined) return undefined;
  return isChanged(effect.value, read) ? { form: 'key', columns: [], confidence: 'high' } : undefined;
}

/** Computed from what was read; the value itself, or a default beside it, is a copy. */
function isChanged(value: Value, read: Operation): boolean {
  if (!sourcesOf(value).has(read)) return false;
  switch (value.kind) {
    case 'union':
      return value.alternatives.some((part) => isChanged(part, read));
    case 'array':
      return value.elements.length > 1 && value.open ? true : value.elements.some((part) => isChanged(part, read));
    case 'object':
      return true;
    case 'computed':
      if (/^call:(String|Number|parseInt|toString|parse)$/.test(value.operator))
        return value.operands.some((part) => isChanged(part, read));
      return true;
    default:
      return false;
  }
}

/** What a save of a new object and an insert have in common: the row was not there before. */
export function isNewRow(effect: DatabaseEffect, reads: readonly Operation[]): boolean {
  if (effect.action === 'insert' || effect.action === 'upsert') return true;
  const { entity } = effect;
  return effect.action === 'save' && entity !== undefined && !reads.some((read) => isRowOf(entity, read));
}
