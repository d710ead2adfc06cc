/**
 * Moves a read that waits for nothing behind what the code waits for, to where its value is first used: a cache of the
 * process that is read and written with nothing awaited between the two cannot change in between. Refuses where what
 * is waited for depends on the value.
 */
import type { Operation } from '../analysis/fact.ts';
import type { Edit, Fix } from '../rule.ts';
import type { AwaitExpression, Expression, SourceFile, Span, Statement } from '../typescript/syntax.ts';
import { isMentioned } from './mention.ts';
import {
  callAt,
  childExpressions,
  edit,
  enclosingStatements,
  freshName,
  functionAround,
  insertBefore,
  isWithin,
  linesWithGap,
  partsOf,
  reindented,
  semicolonOf,
  startWithComments,
  statementAround,
  textOf,
} from './source-edit.ts';

export function readLast(file: SourceFile, read: Operation, write: Operation): Fix[] {
  const reading = callAt(file, read.span);
  const writing = callAt(file, write.span);
  const declared = reading === undefined ? undefined : statementAround(file, reading);
  if (reading === undefined || writing === undefined || declared === undefined) return [];
  const { statement, siblings, index } = declared;
  const end = enclosingStatements(file, writing).find((place) => place.siblings === siblings)?.index ?? -1;
  const last = siblings[end];
  const names = namesOf(file, statement);
  if (last?.kind !== 'expression' || end <= index || names === undefined) return [];
  const [key] = reading.args;
  const [writtenKey] = writing.args;
  if (key === undefined || writtenKey === undefined || textOf(file, key) !== textOf(file, writtenKey)) return [];
  const from = siblings.findIndex(
    (other, at) => at > index && names.some((name) => isMentioned(textOf(file, other), name)),
  );
  const first = siblings[from];
  if (first === undefined || from > end || !isStill(file, statement)) return [];
  const waits = awaitsIn(file, { start: first.start, end: last.end });
  const hoisted = first === last && waits.length > 0 ? hoistedFrom(file, last, waits, names) : [];
  if (hoisted === undefined || (first !== last && waits.length > 0)) return [];
  return [
    {
      id: 'read-last',
      title: 'Read it when nothing is waited for any more',
      applicability: 'safe',
      edits: moved(file, statement, first, hoisted, index + 1 === from),
    },
  ];
}

/** `const used = cache.get(key) ?? 0`, which waits for nothing. */
function namesOf(file: SourceFile, statement: Statement): string[] | undefined {
  if (statement.kind !== 'variable' || statement.declarations.length !== 1) return undefined;
  const [declaration] = statement.declarations;
  if (declaration?.initializer === undefined || awaitsOf(declaration.initializer).length > 0) return undefined;
  const { pattern } = declaration;
  const own = file.variables.filter(({ at }) => isWithin(at, pattern));
  return own.some(({ reassigned }) => reassigned) ? undefined : own.map(({ name }) => name);
}

/** What the read itself works with is the same later. */
function isStill(file: SourceFile, statement: Statement): boolean {
  const stays = (expression: Expression): boolean => {
    const variable =
      expression.kind === 'identifier' && expression.variable !== undefined
        ? file.variables[expression.variable]
        : undefined;
    return variable?.reassigned !== true && childExpressions(expression).every(stays);
  };
  return partsOf(statement).expressions.every(stays);
}

function awaitsOf(expression: Expression): AwaitExpression[] {
  if (expression.kind === 'await') return [expression];
  return childExpressions(expression).flatMap(awaitsOf);
}

function awaitsIn(file: SourceFile, span: Span): AwaitExpression[] {
  const found: AwaitExpression[] = [];
  const inList = (list: readonly Statement[]): void => {
    for (const statement of list) {
      if (statement.end <= span.start || statement.start >= span.end) continue;
      const { expressions, lists } = partsOf(statement);
      found.push(...expressions.flatMap(awaitsOf).filter((wait) => isWithin(wait, span)));
      lists.forEach(inList);
    }
  };
  inList(functionAround(file, span)?.body ?? []);
  return found;
}

interface Hoisted {
  readonly wait: AwaitExpression;
  readonly name: string;
}

/** Undefined where one is waited for only sometimes, or with the value in hand. */
function hoistedFrom(
  file: SourceFile,
  { expression }: Statement & { kind: 'expression' },
  waits: readonly AwaitExpression[],
  names: readonly string[],
): Hoisted[] | undefined {
  const isSure = (part: Expression): boolean => {
    if (waits.some((wait) => wait === part)) return true;
    if (part.kind === 'logical' || part.kind === 'conditional') return awaitsOf(part).length === 0;
    return childExpressions(part).every(isSure);
  };
  const depends = waits.some((wait) => names.some((name) => isMentioned(textOf(file, wait), name)));
  if (!isSure(expression) || depends) return undefined;
  const base = freshName(file, 'awaited');
  return waits.map((wait, at) => ({ wait, name: at === 0 ? base : `${base}${at + 1}` }));
}

function moved(
  file: SourceFile,
  read: Statement,
  target: Statement,
  hoisted: readonly Hoisted[],
  isNext: boolean,
): Edit[] {
  const end = semicolonOf(file);
  const waits = hoisted.map(({ wait, name }) => `const ${name} = ${textOf(file, wait)}${end}`);
  const names = hoisted.map(({ wait, name }) => edit(file, withParentheses(file, wait), name));
  if (isNext) return [insertBefore(file, read, waits), ...names];
  const whole = { start: startWithComments(file, read), end: read.end };
  const lines = [...waits, ...reindented(file, whole, textOf(file, whole))];
  const at = { start: startWithComments(file, target), end: target.end };
  return [edit(file, linesWithGap(file, whole), ''), insertBefore(file, at, lines), ...names];
}

/** `(await find())` as a part of something; not the parentheses of a call. */
function withParentheses({ text }: SourceFile, { start, end }: Span): Span {
  const isWrapped = /(^|[^\w$)\]>])\($/.test(text.slice(Math.max(0, start - 2), start)) && text[end] === ')';
  return isWrapped ? { start: start - 1, end: end + 1 } : { start, end };
}
