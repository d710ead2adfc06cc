/** The last resort: the write happens only to the row as it was read, by the time of its last change. */
import { schemaOf } from '../analysis/protection.ts';
import type { Fix } from '../rule.ts';
import { siteOf } from './dialects/dialect.ts';
import { isPrisma } from './dialects/prisma.ts';
import { isSpan } from './guard-text.ts';
import type { Pair } from './in-transaction.ts';
import { addProperty, objectAt, optionObject, propertyValue } from './object-edit.ts';
import { callAt, functionAround, statementAround } from './source-edit.ts';

/** Prisma, with a column that every write sets anew: `where: { id, updatedAt: order.updatedAt }`. */
export function unchangedRow({ file, read, write, program }: Pair): Fix[] {
  const site = siteOf(file, write, program);
  if (site === undefined || !isPrisma(write) || write.name !== 'update' || read.chain.length > 0) return [];
  const touched = write.effect.kind === 'database' ? schemaOf(write.effect, program)?.storage?.touched : undefined;
  const where = optionObject(site.call, 0, 'where');
  const row = rowName(file, read.span);
  if (touched === undefined || where === undefined || row === undefined || read.at.path !== file.path) return [];
  // A selection may leave the column out, and what changes the row later changes the column.
  const options = objectAt(callAt(file, read.span), 0);
  if (propertyValue(options, 'select') !== undefined || propertyValue(where, touched) !== undefined) return [];
  const home = functionAround(file, read.span);
  const isVisible = home !== undefined && home.start <= write.span.start && write.span.end <= home.end;
  if (!isVisible) return [];
  return [
    {
      id: 'unchanged-row',
      title: 'Write only if the row has not changed since it was read',
      applicability: 'changes-behaviour',
      difference: 'When another run came first, the update rejects because no row matches.',
      edits: [addProperty(file, where, `${touched}: ${row}.${touched}`)],
    },
  ];
}

/** `order` of `const order = await …;`. */
function rowName(file: Pair['file'], span: { start: number; end: number }): string | undefined {
  const statement = statementAround(file, span)?.statement;
  if (statement?.kind !== 'variable' || statement.declarations.length !== 1) return undefined;
  const [declaration] = statement.declarations;
  const value = declaration?.initializer;
  if (declaration?.pattern.kind !== 'variable' || value?.kind !== 'await' || !isSpan(value.operand, span))
    return undefined;
  const variable = file.variables[declaration.pattern.variable];
  return variable?.reassigned === true ? undefined : variable?.name;
}
