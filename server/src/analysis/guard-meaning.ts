/**
 * What a condition says about a row that was read: that it exists, that it does not, how many there are, what one of
 * its columns holds. Follows `!`, comparisons with nothing, `.length` and the booleans that helpers return.
 */
import type { Guard, Operation } from './fact.ts';
import { columnOf, partsRead } from './protection.ts';
import { sourcesOf, type Value } from './value.ts';

export type GuardMeaning =
  /** Holds when there is no such row. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'present' }
  /** A number of rows against a bound that is not zero. */
  | { readonly kind: 'amount'; readonly bound: Value }
  /** Some rows are there beside those that are meant: `admins.length - ids.length > 0`. */
  | { readonly kind: 'others' }
  /** `equals` is what the column is required to be; `differs` what it must not be. */
  | {
      readonly kind: 'column';
      readonly column: string;
      readonly relation: 'order' | 'equals' | 'differs' | 'truthy' | 'falsy' | 'other';
      readonly other?: Value;
    }
  | { readonly kind: 'other' };

/** What the guard says of the read's result where the guarded code runs; empty when it does not mention it. */
export function meaningsOf(guard: Guard, read: Operation): GuardMeaning[] {
  return sourcesOf(guard.test).has(read) ? said(guard.test, guard.holds, read, 0) : [];
}

function said(test: Value, holds: boolean, read: Operation, depth: number): GuardMeaning[] {
  if (depth > 12 || !sourcesOf(test).has(read)) return [];
  switch (test.kind) {
    case 'result':
    case 'element':
      return [aboutPart(test, holds, read)];
    case 'union':
      // `a || b`, or what a helper returns on its several ways out.
      return test.alternatives.flatMap((part) => said(part, holds, read, depth + 1));
    case 'computed':
      return aboutComputed(test.operator, test.operands, holds, read, depth);
    case 'object':
    case 'array':
      return [{ kind: 'other' }];
    default:
      return [];
  }
}

function aboutComputed(
  operator: string,
  operands: readonly Value[],
  holds: boolean,
  read: Operation,
  depth: number,
): GuardMeaning[] {
  const [left, right] = operands;
  if (left === undefined) return [{ kind: 'other' }];
  switch (operator) {
    case '!':
      return said(left, !holds, read, depth + 1);
    case 'when': {
      const value = left.kind === 'constant' && left.value === true;
      return operands.slice(1).flatMap((part) => said(part, holds === value, read, depth + 1));
    }
    case '&&':
    case '||':
      return operands.flatMap((part) => said(part, holds, read, depth + 1));
    case '===':
    case '==':
    case '!==':
    case '!=':
      return right === undefined
        ? [{ kind: 'other' }]
        : aboutEquality(left, right, holds === operator.startsWith('='), read, depth);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return right === undefined ? [{ kind: 'other' }] : aboutOrder(operator, left, right, holds, read);
    default:
      return aboutCall(operator, operands, holds, read, depth);
  }
}

/** Members of option and result types, and of collections of rows. */
function aboutCall(
  operator: string,
  operands: readonly Value[],
  holds: boolean,
  read: Operation,
  depth: number,
): GuardMeaning[] {
  const name = operator.replace(/^(call|member):/, '');
  const last = operands.at(-1);
  if (/^(isSome|isRight|isOk|isDefined|Boolean|exists|isPresent|includes|has|some|length|size|get|find)$/.test(name)) {
    const about = operands.find((operand) => sourcesOf(operand).has(read));
    return about === undefined ? [] : rowsAre(about, holds, read, depth);
  }
  if (/^(isNone|isLeft|isErr|isNil|isNull|isUndefined|isEmpty)$/.test(name) && last !== undefined)
    return rowsAre(last, !holds, read, depth);
  if (/^(right|some|left|of|first|head|map|filter|from|new:Set|new:Map|keyBy)$/.test(name)) {
    return operands.flatMap((part) => said(part, holds, read, depth + 1));
  }
  const columns = operands.flatMap((operand) => partsRead(operand, read).flatMap((path) => columnOf(path) ?? []));
  const [column] = columns.filter((candidate) => !isCount(candidate));
  return [column === undefined ? { kind: 'other' } : { kind: 'column', column, relation: 'other' }];
}

function rowsAre(value: Value, present: boolean, read: Operation, depth: number): GuardMeaning[] {
  if (value.kind === 'computed' || value.kind === 'union') {
    const inner = said(value, present, read, depth + 1);
    if (inner.length > 0 && inner.every((meaning) => meaning.kind !== 'other')) return inner;
  }
  return [{ kind: present ? 'present' : 'absent' }];
}

function aboutPart(value: Value & { kind: 'result' | 'element' }, holds: boolean, read: Operation): GuardMeaning {
  const path = value.path;
  const last = path.at(-1) ?? '';
  const column = columnOf(path);
  const counted =
    read.effect.kind === 'database' && (read.effect.aggregate === 'count' || read.effect.aggregate === 'exists');
  if (column === undefined || isCount(last) || counted) return { kind: holds ? 'present' : 'absent' };
  return { kind: 'column', column, relation: holds ? 'truthy' : 'falsy' };
}

function isCount(name: string): boolean {
  return /^(length|rowCount|size|count|affectedRows|exists)$/.test(name);
}

function aboutEquality(left: Value, right: Value, equal: boolean, read: Operation, depth: number): GuardMeaning[] {
  const [subject, other] = sourcesOf(left).has(read) ? [left, right] : [right, left];
  if (other.kind === 'constant' && !other.value && other.value !== '') {
    if (subject.kind === 'result' || subject.kind === 'element' || other.value !== 0)
      return said(subject, !equal, read, depth + 1);
  }
  if (other.kind === 'constant' && other.value === 0 && isAmountOf(subject, read))
    return isReduced(subject) && !(equal && isFilteredList(subject))
      ? equal
        ? [{ kind: 'other' }]
        : beside(subject)
      : [{ kind: equal ? 'absent' : 'present' }];
  // `admins.length !== ids.length`
  if (!equal && other.kind !== 'constant' && isAmountOf(subject, read) && isLength(other)) return [{ kind: 'others' }];
  const tag = tagOf(subject, other);
  if (tag !== undefined) return rowsAre(tag.of, tag.isFound === equal, read, depth);
  if (other.kind === 'constant' && other.value === true) return said(subject, equal, read, depth + 1);
  return (
    columnsOr(subject, read, (column) => ({
      kind: 'column',
      column,
      relation: equal ? 'equals' : 'differs',
      other,
    })) ?? [
      // `rows.length !== ids.length` asks whether all exist.
      other.kind === 'constant' && typeof other.value === 'number' && isAmountOf(subject, read)
        ? { kind: 'amount', bound: other }
        : { kind: 'other' },
    ]
  );
}

function aboutOrder(operator: string, left: Value, right: Value, holds: boolean, read: Operation): GuardMeaning[] {
  const leftReads = sourcesOf(left).has(read);
  const [subject, other] = leftReads ? [left, right] : [right, left];
  const both = [left, right].flatMap(
    (side) => columnsOr(side, read, (column) => ({ kind: 'column', column, relation: 'order', other })) ?? [],
  );
  if (both.length > 0) return both;
  if (!isAmountOf(subject, read)) return [{ kind: 'other' }];
  const isMore = leftReads ? operator.startsWith('>') : operator.startsWith('<');
  const bound = other.kind === 'constant' ? other.value : undefined;
  // `count > 0`, `length >= 1`, `0 < count`; and their opposites.
  if (bound === (isMore === (operator.length === 1) ? 0 : 1)) {
    if (isMore === holds && isReduced(subject)) return beside(subject);
    return [{ kind: isMore === holds ? 'present' : 'absent' }];
  }
  return [{ kind: 'amount', bound: other }];
}

/** What is left of a number of rows, or of the rows, without some. */
function isReduced(value: Value): boolean {
  if (value.kind !== 'computed') return false;
  if (value.operator === '-') return value.operands[1]?.kind !== 'constant';
  return /^(member:(length|size)|call:size)$/.test(value.operator) && isFiltered(value.operands[0]);
}

function isFiltered(value: Value | undefined): boolean {
  return value?.kind === 'computed' && /^call:(filter|difference|without|reject)$/.test(value.operator);
}

/** A filter may as well have looked for the one that is meant. */
function beside(value: Value): GuardMeaning[] {
  return isFilteredList(value) ? [{ kind: 'present' }, { kind: 'others' }] : [{ kind: 'others' }];
}

function isFilteredList(value: Value): boolean {
  return value.kind === 'computed' && value.operator !== '-';
}

function isLength(value: Value): boolean {
  if (value.kind === 'place' || value.kind === 'result' || value.kind === 'element')
    return isCount(value.path.at(-1) ?? '');
  return isCounted(value);
}

/** `result._tag === 'Right'` of an option or result type. */
function tagOf(subject: Value, other: Value): { of: Value; isFound: boolean } | undefined {
  if (other.kind !== 'constant' || typeof other.value !== 'string') return undefined;
  const isFound = /^(Right|Some|Ok|Success)$/i.test(other.value);
  if (!isFound && !/^(Left|None|Err|Error|Failure)$/i.test(other.value)) return undefined;
  if (subject.kind === 'computed' && /^member:(_tag|tag|_type|type|kind)$/.test(subject.operator)) {
    const [of] = subject.operands;
    return of === undefined ? undefined : { of, isFound };
  }
  if (subject.kind !== 'union') return undefined;
  const parts = subject.alternatives.flatMap((part) => tagOf(part, other) ?? []);
  return parts.length === 0 ? undefined : { of: { kind: 'union', alternatives: parts.map(({ of }) => of) }, isFound };
}

/** One meaning for each column the value is made of; undefined when it is made of none. */
function columnsOr(value: Value, read: Operation, make: (column: string) => GuardMeaning): GuardMeaning[] | undefined {
  if (read.effect.kind === 'database' && read.effect.aggregate !== undefined) return undefined;
  // `[...new Set(rows.map((row) => row.child))].length`: how many, not what they are.
  if (isCounted(value)) return undefined;
  const columns = partsRead(value, read)
    .flatMap((path) => columnOf(path) ?? [])
    .filter((column) => !isCount(column));
  return columns.length === 0 ? undefined : columns.map(make);
}

function isAmountOf(value: Value, read: Operation): boolean {
  if (read.effect.kind === 'database' && read.effect.aggregate !== undefined) return true;
  // Redis says how many of the keys exist.
  if (read.effect.kind === 'cache' && read.effect.action === 'exists' && value.kind === 'result') return true;
  if (partsRead(value, read).some((path) => isCount(path.at(-1) ?? ''))) return true;
  return isCounted(value);
}

/** A length, or that of one of the lists that several implementations give. */
function isCounted(value: Value): boolean {
  if (value.kind === 'union')
    return (
      value.alternatives.some(isCounted) &&
      value.alternatives.every((part) => part.kind === 'constant' || isCounted(part))
    );
  return value.kind === 'computed' && /^(member:(length|size)|call:size)$/.test(value.operator);
}
