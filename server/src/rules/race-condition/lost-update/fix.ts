import type { Operation } from '../../../analysis/fact.ts';
import type { Reliance } from '../../../analysis/reliance.ts';
import { atomicWrite } from '../../../rewrite/atomic-write.ts';
import { changedColumns } from '../../../rewrite/changed-columns.ts';
import { freshRead } from '../../../rewrite/fresh-read.ts';
import { inOwnTransaction, inTransaction, type Pair } from '../../../rewrite/in-transaction.ts';
import { lockInTransaction, lockRead } from '../../../rewrite/lock-read.ts';
import { mergeJson } from '../../../rewrite/merge-json.ts';
import { isText } from '../../../rewrite/operand-type.ts';
import { readLast } from '../../../rewrite/read-last.ts';
import { readUnderLock } from '../../../rewrite/read-under-lock.ts';
import { relationWrite } from '../../../rewrite/relation-write.ts';
import { callAt, edit, textOf } from '../../../rewrite/source-edit.ts';
import { atomicSql } from '../../../rewrite/sql-write.ts';
import { unchangedRow } from '../../../rewrite/unchanged-row.ts';
import type { Fix, RuleContext } from '../../../rule.ts';
import type { CallExpression, Expression, SourceFile } from '../../../typescript/syntax.ts';

export function fixLostUpdate(reliance: Reliance, { program }: RuleContext): Fix[] {
  const { fn, read, write, columns, form } = reliance;
  const file = program.file(write.at.path);
  const [column] = columns;
  if (file === undefined) return [];
  if (write.chain.length > 0) return column === undefined ? [] : freshRead({ file, fn, read, write, program }, column);
  if (form === 'key') return read.at.path === write.at.path ? key(file, read, write) : [];
  if (column === undefined) return [];
  const pair: Pair = { file, fn, read, write, program };
  if (form === 'entity') return changedColumns(pair);
  if (form === 'position') {
    const again = readUnderLock(pair);
    return again.length > 0 ? again : isolated(pair);
  }
  if (form === 'sequence') return isolated(pair);
  const atomic = [
    ...atomicSql(file, read, write, column, program),
    ...mergeJson(file, read, write, column),
    ...atomicWrite(file, read, write, column, program),
    ...relationWrite(pair, column),
  ];
  const isHere = read.chain.length === 0 && read.at.path === file.path;
  // A transaction for the lock's sake is more than a statement that needs none.
  const locked = isHere ? lock(pair, atomic.length === 0) : [];
  if (atomic.length + locked.length > 0) return [...atomic, ...locked];
  const fresh = freshRead(pair, column);
  return fresh.length > 0 ? fresh : unchangedRow(pair);
}

function lock(pair: Pair, mayOpen: boolean): Fix[] {
  const { file, fn, read, write } = pair;
  const own = [...inOwnTransaction(pair, 'row-lock'), ...lockRead(file, read, write)];
  if (own.length > 0 || !mayOpen) return own;
  const around = inTransaction(pair, 'row-lock');
  return around.length > 0 ? around : lockInTransaction(file, fn, read, write);
}

function isolated(pair: Pair): Fix[] {
  const own = inOwnTransaction(pair, 'serializable');
  return own.length > 0 ? own : inTransaction(pair, 'serializable');
}

// ---------------------------------------------------------------- keys

/** A cache of the process can be read late; one that answers later has no command that computes, or it is Redis. */
function key(file: SourceFile, read: Operation, write: Operation): Fix[] {
  const isHere = read.chain.length === 0 && /^node-cache\W/.test(read.model);
  return isHere ? readLast(file, read, write) : atomicKey(file, read, write);
}

/** `redis.set(key, Number(n) + 1)` becomes `redis.incrby(key, 1)`; only where the key has no expiry to renew. */
function atomicKey(file: SourceFile, read: Operation, write: Operation): Fix[] {
  const call = callAt(file, write.span);
  const place = call === undefined ? undefined : keyPlace(file, read, write, call);
  if (call?.callee.kind !== 'member' || place === undefined) return [];
  const sum = unwrapped(place.value);
  if (sum.kind !== 'binary' || (sum.operator !== '+' && sum.operator !== '-')) return [];
  // Upstash gives what was stored, a number as a number.
  const isUpstash = write.model.startsWith('@upstash/redis');
  const isNumber = (part: Expression): boolean =>
    isNumberRead(file, part, read) || (isUpstash && isRead(file, unwrapped(part), read));
  const isLeft = isNumber(sum.left);
  if (!isLeft && (sum.operator === '-' || !isNumber(sum.right))) return [];
  const amount = isLeft ? sum.right : sum.left;
  if (isText(file, amount) || !/^(ioredis|redis|@redis|@upstash\/redis)/.test(write.model)) return [];
  // A field has no command that takes away.
  const isNegated = place.isField && sum.operator === '-';
  const command = place.isField ? 'hIncrBy' : sum.operator === '+' ? 'incrBy' : 'decrBy';
  const method = isUpstash || write.model.startsWith('ioredis') ? command.toLowerCase() : command;
  const added = isNegated ? negated(file, amount) : textOf(file, amount);
  const fix = {
    id: 'atomic-increment',
    title: `Let Redis compute the value with '${method}'`,
    edits: [edit(file, call, `${textOf(file, call.callee.object)}.${method}(${place.text}, ${added})`)],
  } as const;
  const isWhole = amount.kind === 'literal' && Number.isInteger(amount.value);
  return isWhole
    ? [{ ...fix, applicability: 'safe' }]
    : [{ ...fix, applicability: 'changes-behaviour', difference: 'What is added has to be a whole number.' }];
}

interface KeyPlace {
  /** The key, or the key and the field. */
  readonly text: string;
  readonly value: Expression;
  readonly isField: boolean;
}

/** `set(key, value)`, `hset(key, field, value)`, `hset(key, { field: value })` of the field that was read. */
function keyPlace(file: SourceFile, read: Operation, write: Operation, call: CallExpression): KeyPlace | undefined {
  const [key, second, third] = call.args;
  if (key === undefined || second === undefined || call.args.length > 3) return undefined;
  if (write.name === 'set')
    return third === undefined ? { text: textOf(file, key), value: second, isField: false } : undefined;
  const field = callAt(file, read.span)?.args[1];
  if (!/^hset$/i.test(write.name) || field === undefined) return undefined;
  const [only, another] = second.kind === 'object' && third === undefined ? second.properties : [];
  const isSame =
    only === undefined
      ? textOf(file, second) === textOf(file, field)
      : another === undefined && only.kind === 'property' && field.kind === 'literal' && field.value === only.key;
  const value = only?.kind === 'property' ? only.value : third;
  return isSame && value !== undefined
    ? { text: `${textOf(file, key)}, ${textOf(file, field)}`, value, isField: true }
    : undefined;
}

function negated(file: SourceFile, amount: Expression): string {
  const text = textOf(file, amount);
  return /^[\w$.]+$/.test(text) ? `-${text}` : `-(${text})`;
}

/** The number that was read and nothing computed from it: `Number(await redis.get(key))`, 0 for a key that is missing. */
function isNumberRead(file: SourceFile, value: Expression, read: Operation): boolean {
  switch (value.kind) {
    case 'call': {
      const [text] = value.args;
      const name = value.callee.kind === 'identifier' || value.callee.kind === 'member' ? value.callee.name : '';
      return /^(Number|parseInt)$/.test(name) && text !== undefined && isRead(file, text, read);
    }
    case 'unary':
      return value.operator === '+' && isRead(file, value.operand, read);
    case 'logical':
      return value.operator !== '&&' && isNumberRead(file, value.left, read) && isZero(value.right);
    case 'conditional':
      return (
        (isNumberRead(file, value.then, read) && isZero(value.else)) ||
        (isNumberRead(file, value.else, read) && isZero(value.then))
      );
    case 'identifier': {
      const initializer = constant(file, value.variable);
      return initializer !== undefined && isNumberRead(file, initializer, read);
    }
    default:
      return false;
  }
}

/** The text that was read, or 0. */
function isRead(file: SourceFile, value: Expression, read: Operation): boolean {
  if (value.kind === 'await') return value.operand.start === read.span.start && value.operand.end === read.span.end;
  if (value.kind === 'logical') return value.operator !== '&&' && isRead(file, value.left, read) && isZero(value.right);
  const initializer = value.kind === 'identifier' ? constant(file, value.variable) : undefined;
  return initializer !== undefined && isRead(file, initializer, read);
}

function isZero(value: Expression): boolean {
  return value.kind === 'literal' && (value.value === 0 || value.value === '0');
}

function constant(file: SourceFile, index: number | undefined): Expression | undefined {
  const variable = index === undefined ? undefined : file.variables[index];
  return variable === undefined || variable.reassigned ? undefined : variable.initializer;
}

/** `String(n + 1)`, `(n + 1).toString()`, `` `${n + 1}` ``. */
function unwrapped(value: Expression): Expression {
  if (value.kind === 'call' && value.callee.kind === 'identifier' && value.callee.name === 'String')
    return value.args[0] ?? value;
  if (value.kind === 'call' && value.callee.kind === 'member' && value.callee.name === 'toString')
    return value.callee.object;
  if (value.kind === 'template' && value.holes.length === 1 && value.parts.every((part) => part === ''))
    return value.holes[0] ?? value;
  return value;
}
