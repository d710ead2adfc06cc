/** Keys of Redis: set only when absent, counted before they are compared. Keys of a cache of the process: checked and set at once. */
import type { FunctionFacts, Operation } from '../analysis/fact.ts';
import { placeOf } from '../analysis/trace.ts';
import { sourcesOf } from '../analysis/value.ts';
import type { Fix } from '../rule.ts';
import type { Expression, SourceFile, Statement } from '../typescript/syntax.ts';
import { exitOf, ifOf, ownStatement } from './guard-text.ts';
import { isMentioned } from './mention.ts';
import { addProperty } from './object-edit.ts';
import { isTakenBack } from './repeatable.ts';
import {
  callAt,
  childExpressions,
  edit,
  insert,
  insertAfter,
  isWithin,
  linesWithGap,
  partsOf,
  quoteOf,
  reindented,
  statementAround,
  textOf,
} from './source-edit.ts';

/** `set(key, mark)` becomes `set(key, mark, 'NX')`, and who comes second leaves as the check does. */
export function setIfAbsent(file: SourceFile, read: Operation, write: Operation): Fix[] {
  const call = callAt(file, write.span);
  const statement = ownStatement(file, write);
  const guard = write.guards.find(({ at, test }) => at.path === file.path && sourcesOf(test).has(read));
  const exit = guard === undefined ? undefined : exitOf(file, guard);
  const last = call?.args.at(-1);
  if (write.name !== 'set' || call === undefined || statement === undefined) return [];
  if (exit === undefined || last === undefined) return [];
  const flag = absentFlag(file, write, call.args);
  if (flag === undefined) return [];
  return [
    {
      id: 'set-if-absent',
      title: 'Set the key only if it is absent, and look at the outcome',
      applicability: 'changes-behaviour',
      difference: 'The second of two runs leaves where the key is set.',
      edits: [
        insert(file, statement.start, 'if (('),
        flag,
        edit(file, { start: call.end, end: statement.end }, `) === null) ${exit}`),
      ],
    },
  ];
}

/** ioredis takes words, node-redis and Upstash an option. */
function absentFlag(file: SourceFile, { model }: Operation, args: readonly Expression[]) {
  const last = args.at(-1);
  if (last === undefined) return undefined;
  if (model.startsWith('ioredis')) return insert(file, last.end, `, ${quoteOf(file)}NX${quoteOf(file)}`);
  const option = model.startsWith('@upstash/') ? 'nx: true' : 'NX: true';
  if (!/^(redis|@redis|@upstash\/redis)/.test(model)) return undefined;
  if (args.length === 3) return last.kind === 'object' ? addProperty(file, last, option) : undefined;
  return args.length === 2 ? insert(file, last.end, `, { ${option} }`) : undefined;
}

/**
 * node-cache answers at once: a key that is set right behind its check has nobody between the two. Where what comes
 * between may still leave, the key is checked once more behind that.
 */
export function setAtOnce(file: SourceFile, fn: FunctionFacts, read: Operation, write: Operation): Fix[] {
  const call = callAt(file, write.span);
  const mark = call === undefined ? undefined : statementAround(file, call);
  const guard = write.guards.find(({ at, test }) => at.path === file.path && sourcesOf(test).has(read));
  const check = guard === undefined || guard.holds ? undefined : ifOf(file, guard);
  if (!/^node-cache\W/.test(write.model) || mark === undefined || check === undefined || check.else.length > 0)
    return [];
  const { statement, siblings, index } = mark;
  const from = siblings.indexOf(check);
  if (statement.kind !== 'expression' || statement.expression !== call || from < 0 || from >= index) return [];
  const between = siblings.slice(from + 1, index);
  const last = between.findLastIndex(mayEnd);
  // What the key is set to is known before what is waited for.
  const later = file.variables.filter(
    ({ at, reassigned }) => reassigned || between.slice(last + 1).some((one) => isWithin(at, one)),
  );
  if (later.some(({ name }) => isMentioned(textOf(file, statement), name))) return [];
  return last < 0
    ? [markedFirst(file, check, statement)]
    : checkedAgain(file, fn, { check, last: between[last], mark: statement });
}

function mayEnd(statement: Statement): boolean {
  if (/^(return|throw|break|continue)$/.test(statement.kind)) return true;
  return partsOf(statement).lists.some((list) => list.some(mayEnd));
}

function markedFirst(file: SourceFile, check: Statement, mark: Statement): Fix {
  return {
    id: 'mark-first',
    title: 'Set the key right behind the check',
    applicability: 'changes-behaviour',
    difference: 'It stays set when what follows fails.',
    edits: [
      insertAfter(file, check, reindented(file, mark, textOf(file, mark))),
      edit(file, linesWithGap(file, mark), ''),
    ],
  };
}

interface Again {
  readonly check: Statement;
  /** The last statement between that may leave. */
  readonly last: Statement | undefined;
  readonly mark: Statement;
}

/** What is done before the function may still leave has to be no more than a question: two runs at once both ask it. */
function checkedAgain(file: SourceFile, fn: FunctionFacts, { check, last, mark }: Again): Fix[] {
  const isHeld = file.variables.some(
    ({ name, initializer, fn: owner }) =>
      owner !== 0 && initializer !== undefined && isMentioned(textOf(file, check), name),
  );
  // `const before = cache.get(key)` would still be what it was.
  if (last === undefined || isHeld || /\bawait\b/.test(textOf(file, check))) return [];
  const span = { start: check.end, end: last.end };
  const acts = fn.operations.some((operation) => {
    const at = placeOf(operation);
    return at.path === file.path && isWithin(at, span) && !isTakenBack(operation, undefined);
  });
  if (acts) return [];
  const again = [...reindented(file, check, textOf(file, check)), ...reindented(file, mark, textOf(file, mark))];
  return [
    {
      id: 'check-again',
      title: 'Check the key once more right before it is set',
      applicability: 'changes-behaviour',
      difference: 'The second of two runs leaves there; the key stays set when what follows fails.',
      edits: [insertAfter(file, last, again), edit(file, linesWithGap(file, mark), '')],
    },
  ];
}

const REFUSED: Readonly<Record<string, string>> = { '>=': '', '>': ' + 1' };
const MIRRORED: Readonly<Record<string, string>> = { '<=': '>=', '<': '>' };

/** `if (used >= limit) return; await incr(key)`: the increment itself says how many there are. */
export function incrementFirst(file: SourceFile, read: Operation, write: Operation): Fix[] {
  const call = callAt(file, write.span);
  const statement = ownStatement(file, write);
  const guard = write.guards.find(({ at, test }) => at.path === file.path && sourcesOf(test).has(read));
  const test = guard === undefined || guard.holds ? undefined : ifOf(file, guard)?.test;
  const exit = guard === undefined ? undefined : exitOf(file, guard);
  if (write.name !== 'incr' || call === undefined || statement === undefined || exit === undefined) return [];
  if (test?.kind !== 'binary') return [];
  const isLeft = isReadOf(file, test.left, read);
  if (!isLeft && !isReadOf(file, test.right, read)) return [];
  const operator = isLeft ? test.operator : (MIRRORED[test.operator] ?? '');
  const more = REFUSED[operator];
  if (more === undefined) return [];
  const limit = textOf(file, isLeft ? test.right : test.left);
  return [
    {
      id: 'increment-first',
      title: 'Compare what the increment gives',
      applicability: 'changes-behaviour',
      difference: 'A run that is refused here is counted as well.',
      edits: [
        insert(file, statement.start, 'if (('),
        edit(file, { start: call.end, end: statement.end }, `) > ${limit}${more}) ${exit}`),
      ],
    },
  ];
}

/** `used`, `Number(used)`, of what the read gave. */
function isReadOf(file: SourceFile, expression: Expression, read: Operation): boolean {
  if (expression.start <= read.span.start && read.span.end <= expression.end) return true;
  if (expression.kind === 'identifier') {
    const variable = expression.variable === undefined ? undefined : file.variables[expression.variable];
    const initializer = variable?.reassigned === false ? variable.initializer : undefined;
    return initializer !== undefined && isReadOf(file, initializer, read);
  }
  const isConversion =
    expression.kind === 'logical' ||
    expression.kind === 'unary' ||
    (expression.kind === 'call' && expression.callee.kind === 'identifier');
  return isConversion && childExpressions(expression).some((child) => isReadOf(file, child, read));
}
