import type { Operation } from '../../../analysis/fact.ts';
import type { Inversion, LockStep } from '../../../analysis/lock-order.ts';
import { isMentioned } from '../../../rewrite/mention.ts';
import {
  callAt,
  edit,
  enclosingStatements,
  functionAround,
  indentationAt,
  insert,
  linesOf,
  newlineOf,
  type StatementPlace,
  textOf,
} from '../../../rewrite/source-edit.ts';
import type { Fix, RuleContext } from '../../../rule.ts';
import type { CallExpression, SourceFile, Statement } from '../../../typescript/syntax.ts';

/** Takes both in the order of the other path: here where the code allows, else there. */
export function fixLockOrder({ steps }: Inversion, { program }: RuleContext): Fix[] {
  if (steps.length !== 2) return [];
  for (const step of steps) {
    const file = program.file(step.second.at.path);
    if (file === undefined) continue;
    const fixes = step.from.kind === 'lock' && step.to.kind === 'lock' ? swapLocks(file, step) : moveBefore(file, step);
    if (fixes.length > 0) return fixes;
  }
  return [];
}

// ---------------------------------------------------------------- statements of a transaction

/** The second statement goes before the first, when nothing of what lies between is needed for it. */
function moveBefore(file: SourceFile, { first, second, to }: LockStep): Fix[] {
  if (!('effect' in first) || second.chain.length > 0 || first.chain.length > 0) return [];
  // A row is deleted after those that refer to it.
  if (second.effect.kind !== 'database' || !/^(update|read)$/.test(second.effect.action)) return [];
  const pair = siblingsOf(file, first, second);
  if (pair === undefined) return [];
  const [one, other] = pair;
  if (!isPlain(other.statement, second) || one.siblings !== other.siblings) return [];
  const between = other.siblings.slice(one.index, other.index);
  if (between.some((statement) => gives(file, statement, other.statement))) return [];
  const indent = indentationAt(file, one.statement.start);
  return [
    {
      id: 'lock-in-same-order',
      title: `Change '${to.label}' first, as the other path does`,
      applicability: 'changes-behaviour',
      difference: 'The two statements run in the other order.',
      edits: [
        insert(file, one.statement.start, `${textOf(file, other.statement)}${newlineOf(file)}${indent}`),
        edit(file, linesOf(file, other.statement), ''),
      ],
    },
  ];
}

function siblingsOf(file: SourceFile, a: Operation, b: Operation): [StatementPlace, StatementPlace] | undefined {
  const [one] = enclosingStatements(file, a.span);
  const [other] = enclosingStatements(file, b.span);
  return one === undefined || other === undefined || one.index >= other.index ? undefined : [one, other];
}

/** `await tx.a.update(…)` whose result nobody uses, and nothing else. */
function isPlain(statement: Statement, operation: Operation): boolean {
  if (statement.kind !== 'expression' || operation.result !== 'unused') return false;
  const { expression } = statement;
  const call = expression.kind === 'await' ? expression.operand : expression;
  return call.start === operation.span.start && call.end === operation.span.end;
}

/** Whether the statement declares or changes something that the other one mentions, or leaves the function before it. */
function gives(file: SourceFile, statement: Statement, user: Statement): boolean {
  const text = textOf(file, user);
  // `SET open = true` in SQL text assigns nothing here.
  const inner = textOf(file, statement).replaceAll(/'[^'\n]*'|"[^"\n]*"|`[^`]*`/g, '');
  if (/\b(return|throw|break|continue)\b/.test(inner)) return true;
  const names = file.variables.filter(({ at }) => at.start >= statement.start && at.end <= statement.end);
  const assigned = [...inner.matchAll(/(?<![=!<>])\b([A-Za-z_$][\w$]*)(?:\.[\w$.]+)?\s*[-+*/]?=(?!=)/g)].map(
    ([, name]) => name,
  );
  return [...names.map(({ name }) => name), ...assigned].some((name) => name !== undefined && isMentioned(text, name));
}

// ---------------------------------------------------------------- locks

/** `a.runExclusive(() => b.runExclusive(work))` becomes `b.runExclusive(() => a.runExclusive(work))`. */
function swapLocks(file: SourceFile, { first, second, from, to }: LockStep): Fix[] {
  if ('effect' in first || second.chain.length > 0) return [];
  const outer = file.calls.find((call) => call.nameAt?.start === first.at.start && first.at.path === file.path);
  const inner = callAt(file, second.span);
  const [one, other] = [lockText(outer), lockText(inner)];
  if (outer === undefined || inner === undefined || one === undefined || other === undefined) return [];
  if (!isOnlyContent(file, outer, inner)) return [];
  return [
    {
      id: 'swap-locks',
      title: `Take '${to.label}' before '${from.label}', as the other path does`,
      applicability: 'changes-behaviour',
      difference: 'The outer lock becomes the inner one.',
      edits: [edit(file, one, textOf(file, other)), edit(file, other, textOf(file, one))],
    },
  ];
}

/** What says which lock a call takes: the mutex, or everything up to the name it is asked for by. */
function lockText(call: CallExpression | undefined): { start: number; end: number } | undefined {
  if (call === undefined || call.callee.kind !== 'member' || call.args.length === 0) return undefined;
  const [first] = call.args;
  const end = call.args.length === 1 ? call.callee.end : first?.end;
  return end === undefined ? undefined : { start: call.start, end };
}

/** Under the outer lock nothing happens but that the inner one is taken. */
function isOnlyContent(file: SourceFile, outer: CallExpression, inner: CallExpression): boolean {
  const work = functionAround(file, inner);
  const given = outer.args.at(-1);
  if (work === undefined || given?.kind !== 'function' || given.fn !== work.index || work.body.length !== 1)
    return false;
  const [only] = work.body;
  const value = only?.kind === 'return' ? only.value : only?.kind === 'expression' ? only.expression : undefined;
  const call = value?.kind === 'await' ? value.operand : value;
  return call !== undefined && call.start === inner.start && call.end === inner.end;
}
