/** Makes a read inside a transaction take the row lock that it needs: `FOR UPDATE`, or TypeORM's `lock` option. */
import type { Operation } from '../analysis/fact.ts';
import type { Fix } from '../rule.ts';
import { addForUpdate } from '../sql/edit-sql.ts';
import type { SourceFile } from '../typescript/syntax.ts';
import { addProperty } from './conditional-write.ts';
import { callAt, quoteOf } from './source-edit.ts';
import { inFile, sqlCallOf } from './sql-call.ts';

export function lockRead(file: SourceFile, read: Operation): Fix[] {
  const fix = {
    id: 'lock-row',
    title: 'Lock the row when it is read',
    applicability: 'changes-behaviour',
    difference: 'Other transactions wait for this one before they read the row for update.',
  } as const;
  const sql = sqlCallOf(file, read);
  if (sql !== undefined) {
    // PostgreSQL locks no row of the side of an outer join that may be missing.
    if (/\b(left|right|full)\s+(outer\s+)?join\b/i.test(sql.text)) return [];
    const edits = inFile(sql, addForUpdate(sql.text, sql.statement));
    return edits.length === 0 ? [] : [{ ...fix, edits }];
  }
  const call = callAt(file, read.span);
  if (!/^typeorm#/.test(read.model) || !/^findOne(OrFail)?$/.test(read.name) || read.chain.length > 0) return [];
  const options = call?.args.at(-1);
  if (
    options?.kind !== 'object' ||
    options.properties.some(
      (property) => property.kind === 'property' && (property.key === 'lock' || property.key === 'relations'),
    )
  )
    return [];
  const quote = quoteOf(file);
  return [{ ...fix, edits: [addProperty(file, options, `lock: { mode: ${quote}pessimistic_write${quote} }`)] }];
}
