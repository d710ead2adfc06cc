/** A save of a whole row becomes an update of the columns that were changed, where the loss is in the others. */
import type { Fix } from '../rule.ts';
import type { Statement } from '../typescript/syntax.ts';
import { receiverOf } from './call-chain.ts';
import { ownStatement } from './guard-text.ts';
import type { Pair } from './in-transaction.ts';
import { callAt, edit, enclosingStatements, textOf } from './source-edit.ts';

/** TypeORM: `repository.save(row)` becomes `repository.update({ id: row.id }, { name: row.name })`. */
export function changedColumns({ file, read, write }: Pair): Fix[] {
  const call = callAt(file, write.span);
  const [row] = call?.args ?? [];
  const repository = receiverOf(call);
  if (!write.model.startsWith('typeorm#Repository.') || call?.args.length !== 1 || repository === undefined) return [];
  if (row?.kind !== 'identifier' || ownStatement(file, write) === undefined || read.at.path !== file.path) return [];
  const before = enclosingStatements(file, write.span).flatMap(({ siblings, index }) => siblings.slice(0, index));
  const since = before.filter((statement) => statement.start > read.span.end);
  const columns = [...new Set(since.flatMap((statement) => assignedTo(statement, row.name)))];
  // What else may have changed the row is not seen: a function it was given to, a method of it.
  const passed = new RegExp(`[(,]\\s*${row.name}\\s*[,)]|(?<![\\w$.])${row.name}(\\.\\w+)+\\(`);
  if (columns.length === 0 || passed.test(file.text.slice(read.span.end, call.start))) return [];
  const values = columns.map((column) => `${column}: ${row.name}.${column}`).join(', ');
  return [
    {
      id: 'changed-columns',
      title: 'Write the columns that were changed, not the whole row',
      applicability: 'changes-behaviour',
      difference: 'Entity listeners and subscribers of the row, and cascades, do not run.',
      edits: [edit(file, call, `${textOf(file, repository)}.update({ id: ${row.name}.id }, { ${values} })`)],
    },
  ];
}

function assignedTo(statement: Statement, name: string): string[] {
  if (statement.kind !== 'expression' || statement.expression.kind !== 'assign') return [];
  const { target } = statement.expression;
  return target.kind === 'member' && target.object.kind === 'identifier' && target.object.name === name
    ? [target.name]
    : [];
}
