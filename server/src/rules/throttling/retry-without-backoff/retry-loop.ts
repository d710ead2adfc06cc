/**
 * Whether the loop around a call is a retry of it: a failure leads to the next round, success leaves the loop, and the
 * next round makes the same call. Workers that go on after a failed job, pages, replicas and fresh attempts with other
 * data are none of these. Reads syntax only. Errs towards "no retry" (fixture: loops-that-are-not.ts).
 */

import { soundsLikeAttempt } from '../../../analysis/naming.ts';
import { callAt, childExpressions, enclosingStatements, partsOf, textOf } from '../../../rewrite/source-edit.ts';
import type {
  CallExpression,
  Expression,
  IfStatement,
  LoopStatement,
  Pattern,
  SourceFile,
  Span,
  Statement,
  TryStatement,
  VariableIndex,
} from '../../../typescript/syntax.ts';

export interface RetryLoop {
  readonly file: SourceFile;
  readonly loop: LoopStatement;
  readonly call: CallExpression;
  /** The failure is caught, or read off the answer. */
  readonly form: 'caught' | 'status';
  readonly try?: TryStatement;
  /** How often it goes round at most: a number, some bound, or for ever. */
  readonly cap: number | 'some' | 'none';
  /** The counter the cap is about, where the loop has one. */
  readonly counter?: VariableIndex;
}

export function retryLoopAround(file: SourceFile, at: Span): RetryLoop | undefined {
  const call = callAt(file, at);
  if (call === undefined) return undefined;
  const around = enclosingStatements(file, at);
  const depth = around.findIndex(({ statement }) => statement.kind === 'loop');
  const loop = around[depth]?.statement;
  if (loop?.kind !== 'loop') return undefined;
  const bound = boundOf(loop, file);
  if (bound === undefined || callChanges(call, loop, file)) return undefined;
  const inside = around.slice(0, depth);
  const place = inside.find(
    ({ statement }) => statement.kind === 'try' && statement.handler !== undefined && contains(statement.block, at),
  );
  const statement = place?.statement.kind === 'try' ? place.statement : undefined;
  if (statement?.handler !== undefined && isRetriedAfter(statement, loop, at, file)) {
    const cap = bound.cap === 'none' && capsItself(statement.handler, loop, file) ? 'some' : bound.cap;
    return { file, loop, call, form: 'caught', try: statement, ...bound, cap };
  }
  if (!isRetriedOnStatus(loop, call, file)) return undefined;
  const cap = bound.cap === 'none' && capsItself(loop.body, loop, file) ? 'some' : bound.cap;
  return { file, loop, call, form: 'status', ...bound, cap };
}

function contains(statements: readonly Statement[], at: Span): boolean {
  return statements.some((statement) => statement.start <= at.start && at.end <= statement.end);
}

// ---------------------------------------------------------------- how often

/** Undefined for a loop over elements, pages, or anything else that is not attempts. */
function boundOf(loop: LoopStatement, file: SourceFile): Pick<RetryLoop, 'cap' | 'counter'> | undefined {
  if (loop.form !== 'for' && loop.form !== 'while' && loop.form !== 'do-while') return undefined;
  const { test } = loop;
  if (test === undefined || (test.kind === 'literal' && (test.value === true || test.value === 1))) {
    const counter = loop.init === undefined ? undefined : counterOf(loop);
    return { cap: 'none', ...(counter === undefined ? {} : { counter }) };
  }
  const names = identifiersIn(test);
  const counter =
    names.find(({ name, variable }) => variable !== undefined && soundsLikeAttempt(name))?.variable ?? counterOf(loop);
  const of = counter === undefined ? {} : { counter };
  const literal =
    test.kind === 'binary'
      ? [test.right, test.left].find((side) => side.kind === 'literal' && typeof side.value === 'number')
      : undefined;
  if (test.kind === 'binary' && /[<>]/.test(test.operator)) {
    if (/\.(length|size)\b/.test(textOf(file, test))) return undefined;
    if (literal?.kind === 'literal' && typeof literal.value === 'number') {
      if (literal.value > 20) return undefined;
      return { cap: literal.value === 0 ? 'some' : literal.value + (test.operator === '<=' ? 1 : 0), ...of };
    }
    return names.some(({ name }) => soundsLikeAttempt(name) || /retr|attempt|tries|times/i.test(name))
      ? { cap: 'some', ...of }
      : undefined;
  }
  if (names.some(({ name }) => soundsLikeAttempt(name))) return { cap: 'some', ...of };
  // `while (!response)`: until it is there.
  return test.kind === 'unary' && test.operator === '!' ? { cap: 'none' } : undefined;
}

function counterOf(loop: LoopStatement): VariableIndex | undefined {
  const { init } = loop;
  const pattern = init?.kind === 'variable' ? init.declarations[0]?.pattern : undefined;
  return pattern?.kind === 'variable' ? pattern.variable : undefined;
}

/** A way out of the loop that depends on a count: `if (++attempt >= MAX) throw error`. */
function capsItself(statements: readonly Statement[], loop: LoopStatement, file: SourceFile): boolean {
  return statements.some((statement) => {
    if (statement.kind === 'if') {
      const counts =
        identifiersIn(statement.test).some(
          ({ name }) => soundsLikeAttempt(name) || /retr|attempt|tries|count/i.test(name),
        ) || /(\+\+|--)/.test(textOf(file, statement.test));
      if (counts && (leaves(statement.then) || leaves(statement.else))) return true;
    }
    return partsOf(statement).lists.some((list) => capsItself(list, loop, file));
  });
}

// ---------------------------------------------------------------- failure leads to the next round

function isRetriedAfter(statement: TryStatement, loop: LoopStatement, at: Span, file: SourceFile): boolean {
  const handler = statement.handler ?? [];
  const outcome = endsOf(handler);
  if (!outcome.has('continue') && !(outcome.has('normal') && fallsToNextRound(statement, loop))) return false;
  if (isAboutConflict(handler, file)) return false;
  return (
    hasExit(statement.block, at.start, false) ||
    hasExitAfter(loop, statement, at) ||
    setsCondition(loop, statement.block, at)
  );
}

/** Other data, another identity or another file is tried next, or a right is renewed first: no repetition of the same. */
function isAboutConflict(handler: readonly Statement[], file: SourceFile): boolean {
  const text = handler.map((part) => textOf(file, part)).join('\n');
  return /P2002|23505|unique|duplicat|ER_DUP|11000|EEXIST|EADDRINUSE|conflict|collision|already ?exists|optimistic|stale|\b401\b|unauthori[sz]ed|refresh|expired/i.test(
    text,
  );
}

/** What follows the `try` in its round goes on to the next one. */
function fallsToNextRound(statement: Statement, loop: LoopStatement): boolean {
  const search = (list: readonly Statement[]): boolean | undefined => {
    for (const [index, candidate] of list.entries()) {
      if (candidate === statement) return !endsAlways(list.slice(index + 1));
      for (const inner of partsOf(candidate).lists) {
        const found = search(inner);
        if (found !== undefined) return found && (candidate.kind === 'loop' || !endsAlways(list.slice(index + 1)));
      }
    }
    return undefined;
  };
  return search(loop.body) ?? false;
}

function endsAlways(statements: readonly Statement[]): boolean {
  const outcome = endsOf(statements);
  return !outcome.has('normal') && !outcome.has('continue');
}

type End = 'normal' | 'continue' | 'leave';

/** The ways a list of statements can end, seen from the loop around it. */
function endsOf(statements: readonly Statement[]): Set<End> {
  const ends = new Set<End>();
  for (const statement of statements) {
    const own = endOf(statement);
    for (const end of own) if (end !== 'normal') ends.add(end);
    if (!own.has('normal')) return ends;
  }
  return ends.add('normal');
}

function endOf(statement: Statement): Set<End> {
  switch (statement.kind) {
    case 'continue':
      return new Set(['continue']);
    case 'break':
    case 'return':
    case 'throw':
      return new Set(['leave']);
    case 'if':
      return new Set([...endsOf(statement.then), ...endsOf(statement.else)]);
    case 'block':
      return endsOf(statement.body);
    case 'try':
      return new Set([
        ...endsOf(statement.block),
        ...(statement.handler === undefined ? [] : endsOf(statement.handler)),
      ]);
    case 'switch':
    case 'loop':
      return new Set(partsOf(statement).lists.some(leaves) ? ['normal', 'leave'] : ['normal']);
    default:
      return new Set(['normal']);
  }
}

function leaves(statements: readonly Statement[]): boolean {
  return endsOf(statements).has('leave');
}

// ---------------------------------------------------------------- success leaves the loop

/** A `return` or `break` at or after the call; `throw` is no success. */
function hasExit(statements: readonly Statement[], after: number, inner: boolean): boolean {
  return statements.some((statement) => {
    if (statement.end < after) return false;
    if (statement.kind === 'return' || (statement.kind === 'break' && (!inner || statement.label !== undefined)))
      return true;
    if (statement.kind === 'try') return hasExit(statement.block, after, inner);
    const nested = inner || statement.kind === 'loop' || statement.kind === 'switch';
    return partsOf(statement).lists.some((list) => hasExit(list, after, nested));
  });
}

/** As above, behind the `try`. */
function hasExitAfter(loop: LoopStatement, statement: TryStatement, at: Span): boolean {
  return loop.body.some((candidate) => candidate.start >= statement.end && hasExit([candidate], at.start, false));
}

/** `while (!done)` with `done = true` behind the call. */
function setsCondition(loop: LoopStatement, block: readonly Statement[], at: Span): boolean {
  const { test } = loop;
  if (test === undefined) return false;
  const wanted = new Set(
    identifiersIn(test)
      .filter(({ name }) => !soundsLikeAttempt(name))
      .flatMap(({ variable }) => variable ?? []),
  );
  return assignedIn(block).some(({ variable, at: where }) => wanted.has(variable) && where.end >= at.start);
}

// ---------------------------------------------------------------- failure read off the answer

function isRetriedOnStatus(loop: LoopStatement, call: CallExpression, file: SourceFile): boolean {
  const names = answersOf(loop.body, call, file);
  if (names.length === 0 || !hasExit(loop.body, call.start, false)) return false;
  const about = new RegExp(
    `\\b(${names.join('|')})\\b\\??\\.(ok\\b|status(Code)?\\s*(===?|!==?|<=?|>=?)\\s*(2\\d\\d|429|5\\d\\d)\\b)`,
  );
  return loop.body.some((statement, index) => {
    if (statement.kind !== 'if' || statement.start < call.end) return false;
    if (!about.test(textOf(file, statement.test))) return false;
    return goesOn(statement, loop.body.slice(index + 1));
  });
}

/** One branch leaves or continues, and the other way reaches the next round. */
function goesOn(statement: IfStatement, rest: readonly Statement[]): boolean {
  const ends = endsOf([statement]);
  if (ends.has('continue')) return endsOf([statement, ...rest]).has('leave');
  return ends.has('leave') && !endsAlways(rest) && !leaves(rest);
}

/** Names that hold what the call gave. */
function answersOf(statements: readonly Statement[], call: CallExpression, file: SourceFile): string[] {
  return statements.flatMap((statement) => {
    if (statement.start > call.start || statement.end < call.end) return [];
    if (statement.kind === 'variable') return statement.declarations.flatMap(({ pattern }) => namesOf(pattern, file));
    if (statement.kind === 'expression' && statement.expression.kind === 'assign') {
      const { target } = statement.expression;
      return target.kind === 'variable' ? namesOf(target, file) : [];
    }
    return partsOf(statement).lists.flatMap((list) => answersOf(list, call, file));
  });
}

function namesOf(pattern: Pattern, file: SourceFile): string[] {
  if (pattern.kind !== 'variable') return [];
  const name = file.variables[pattern.variable]?.name;
  return name === undefined ? [] : [name];
}

// ---------------------------------------------------------------- the same call again

/** Whether a round calls with something the round before it did not have. */
function callChanges(call: CallExpression, loop: LoopStatement, file: SourceFile): boolean {
  const changing = changingIn(loop, file);
  const seen = (expression: Expression, bare: boolean): boolean => {
    if (expression.kind === 'identifier' && expression.variable !== undefined && changing.has(expression.variable)) {
      return !(bare && soundsLikeAttempt(expression.name));
    }
    // An attempt's number handed on tells the callee which attempt it is; put into a text it makes another request.
    const stays = expression.kind === 'call' || expression.kind === 'object' || expression.kind === 'await';
    return childExpressions(expression).some((child) => seen(child, stays));
  };
  return seen(call, true);
}

/** Variables that may hold something else in the next round, directly or through a declaration in the loop. */
function changingIn(loop: LoopStatement, file: SourceFile): Set<VariableIndex> {
  const changing = new Set<VariableIndex>(assignedIn(loop.body).map(({ variable }) => variable));
  const counter = counterOf(loop);
  if (counter !== undefined) changing.add(counter);
  for (const { variable } of loop.update === undefined ? [] : assignedInExpression(loop.update)) changing.add(variable);
  for (const { variable } of loop.test === undefined ? [] : assignedInExpression(loop.test)) changing.add(variable);
  // What only holds an answer or an error is not what is asked for.
  for (let grown = true; grown; ) {
    grown = false;
    for (const { pattern, initializer } of declarationsIn(loop.body)) {
      if (initializer === undefined || pattern.kind !== 'variable' || changing.has(pattern.variable)) continue;
      const name = file.variables[pattern.variable]?.name ?? '';
      if (/delay|wait|timeout|signal|controller|start|now/i.test(name)) continue;
      const uses = identifiersIn(initializer).some(({ variable }) => variable !== undefined && changing.has(variable));
      if (!uses && !isFresh(textOf(file, initializer))) continue;
      changing.add(pattern.variable);
      grown = true;
    }
  }
  return changing;
}

function isFresh(text: string): boolean {
  return /random|nanoid|uuid|cuid|ulid|generate|next[A-Z]\w*\(|\.(next|shift|pop)\(|pick|choose|select\w*\(|unique/i.test(
    text,
  );
}

function declarationsIn(statements: readonly Statement[]): { pattern: Pattern; initializer?: Expression }[] {
  return statements.flatMap((statement) => [
    ...(statement.kind === 'variable' ? statement.declarations : []),
    ...partsOf(statement).lists.flatMap(declarationsIn),
  ]);
}

function assignedIn(statements: readonly Statement[]): { variable: VariableIndex; at: Span }[] {
  return statements.flatMap((statement) => {
    const { expressions, lists } = partsOf(statement);
    return [...expressions.flatMap(assignedInExpression), ...lists.flatMap(assignedIn)];
  });
}

function assignedInExpression(expression: Expression): { variable: VariableIndex; at: Span }[] {
  const inner = childExpressions(expression).flatMap(assignedInExpression);
  if (expression.kind !== 'assign') return inner;
  const { target } = expression;
  if (target.kind === 'variable') return [...inner, { variable: target.variable, at: expression }];
  if (target.kind === 'identifier' && target.variable !== undefined)
    return [...inner, { variable: target.variable, at: expression }];
  return inner;
}

export function identifiersIn(expression: Expression): { name: string; variable: VariableIndex | undefined }[] {
  if (expression.kind === 'identifier') return [{ name: expression.name, variable: expression.variable }];
  const own =
    expression.kind === 'assign' && expression.target.kind === 'variable'
      ? [{ name: '', variable: expression.target.variable }]
      : [];
  return [...own, ...childExpressions(expression).flatMap(identifiersIn)];
}
