/** Looks at whether a write took place, and goes where the check goes when it did not. */
import type { Guard, Operation } from '../analysis/fact.ts';
import type { Edit } from '../rule.ts';
import type { SourceFile } from '../typescript/syntax.ts';
import type { Outcome } from './dialects/dialect.ts';
import { exitFor, exitWhen, isSpan, ownStatement } from './guard-text.ts';
import {
  edit,
  indentationAt,
  insert,
  layout,
  newlineOf,
  scopedName,
  semicolonOf,
  statementAround,
} from './source-edit.ts';

/** Names what the write's statement gives and leaves, as the guard does, when `test` of it holds. */
export function afterOutcome(
  file: SourceFile,
  write: Operation,
  guard: Guard | undefined,
  test: (name: string) => string,
  /** What takes the name out of what the statement gives: `[updated]`. */
  pattern: (name: string) => string = (name) => name,
): Edit[] | undefined {
  const statement = ownStatement(file, write);
  if (statement === undefined) return undefined;
  const name = outcomeName(file, write);
  const lines = exitWhen(test(name), exitFor(file, write, guard));
  return [insert(file, statement.start, `const ${pattern(name)} = `), after(file, statement, lines)];
}

/**
 * The same for a write whose result is used: `const order = await update(…)` becomes the update, the check, and then
 * what gives the row.
 */
export function checkedOutcome(
  file: SourceFile,
  write: Operation,
  guard: Guard | undefined,
  { isNothing, row, edits }: Outcome,
): Edit[] | undefined {
  if (isNothing === undefined) return [...edits];
  const plain = afterOutcome(file, write, guard, isNothing);
  if (plain !== undefined) return [...edits, ...plain];
  const place = statementAround(file, write.span);
  if (place === undefined || row === undefined) return undefined;
  const { statement } = place;
  const value =
    statement.kind === 'variable' && statement.declarations.length === 1
      ? statement.declarations[0]?.initializer
      : statement.kind === 'return'
        ? statement.value
        : undefined;
  const operand = value?.kind === 'await' ? value.operand : value;
  // The body of an arrow function without braces is no statement in the text.
  const isWritten = statement.kind !== 'return' || file.text.startsWith('return', statement.start);
  if (value === undefined || operand === undefined || !isSpan(operand, write.span) || !isWritten) return undefined;
  const name = outcomeName(file, write);
  const prefix = file.text.slice(statement.start, value.start);
  const end = semicolonOf(file);
  const lines = [
    ...exitWhen(isNothing(name), exitFor(file, write, guard)),
    ...row.map((line, index) => `${index === 0 ? prefix : ''}${line}${index === row.length - 1 ? end : ''}`),
  ];
  const begin = { start: statement.start, end: operand.start };
  return [...edits, edit(file, begin, `const ${name} = await `), after(file, statement, lines)];
}

function after(file: SourceFile, statement: { start: number; end: number }, lines: readonly string[]): Edit {
  const indent = indentationAt(file, statement.start);
  return insert(file, statement.end, `${newlineOf(file)}${layout(file, indent, lines)}`);
}

function outcomeName(file: SourceFile, write: Operation): string {
  const isDelete = write.effect.kind === 'database' && write.effect.action === 'delete';
  return scopedName(file, write.span, isDelete ? ['deleted', 'removed', 'outcome'] : ['updated', 'changed', 'outcome']);
}
