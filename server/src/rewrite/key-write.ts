/** Keys of Redis: set only when absent, counted before they are compared. */
import type { Operation } from '../analysis/fact.ts';
import { sourcesOf } from '../analysis/value.ts';
import type { Fix } from '../rule.ts';
import type { Expression, SourceFile } from '../typescript/syntax.ts';
import { exitOf, ifOf, ownStatement } from './guard-text.ts';
import { addProperty } from './object-edit.ts';
import { callAt, childExpressions, edit, insert, quoteOf, textOf } from './source-edit.ts';

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
