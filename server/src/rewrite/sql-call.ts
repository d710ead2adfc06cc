/**
 * Edits of a call that runs SQL text: `client.query('UPDATE …', [a, b])`. Only text that stands as one literal, without
 * holes or escapes, is edited, because only there an offset in the SQL is an offset in the file.
 */
import type { DatabaseEffect, Operation } from '../analysis/fact.ts';
import type { Edit } from '../rule.ts';
import type { SqlEdit } from '../sql/edit-sql.ts';
import type { SqlStatement } from '../sql/statement.ts';
import type { ArrayExpression, CallExpression, Expression, SourceFile } from '../typescript/syntax.ts';
import { callAt, edit, insert, textOf } from './source-edit.ts';

export interface SqlCall {
  readonly file: SourceFile;
  readonly call: CallExpression;
  readonly statement: SqlStatement;
  readonly text: string;
  /** Where the SQL begins in the file, after the quote. */
  readonly offset: number;
  readonly quote: string;
  /** The array of parameters, `$1` first; undefined when the call has none. */
  readonly parameters: ArrayExpression | undefined;
}

export function sqlCallOf(file: SourceFile, operation: Operation): SqlCall | undefined {
  const effect: DatabaseEffect | undefined = operation.effect.kind === 'database' ? operation.effect : undefined;
  const sql = effect?.sql;
  const call = callAt(file, operation.span);
  if (operation.chain.length > 0 || operation.at.path !== file.path || sql?.literal === undefined || call === undefined)
    return undefined;
  const offset = sql.literal.start + 1;
  if (sql.literal.path !== file.path || file.text.slice(offset, sql.literal.end - 1) !== sql.text) return undefined;
  const parameters = call.args[1]?.kind === 'array' ? call.args[1] : undefined;
  return {
    file,
    call,
    statement: sql.statement,
    text: sql.text,
    offset,
    quote: file.text.charAt(sql.literal.start),
    parameters,
  };
}

/** None when the new text could end the literal it is put into. */
export function inFile({ file, offset, quote }: SqlCall, edits: readonly SqlEdit[]): Edit[] {
  if (edits.some(({ text }) => text.includes(quote) || text.includes('\\') || text.includes('${'))) return [];
  return edits.map(({ range, text }) => edit(file, { start: offset + range.start, end: offset + range.end }, text));
}

/** The expression behind `$2`. */
export function parameterAt({ parameters }: SqlCall, name: string): Expression | undefined {
  const index = Number(name) - 1;
  const spread = parameters?.elements.findIndex((element) => element.kind === 'spread-expression') ?? -1;
  return spread >= 0 && spread <= index ? undefined : parameters?.elements[index];
}

/** Whether parameters are numbered, so that one can be used twice and a new one takes the next number. */
export function isNumbered({ text }: SqlCall): boolean {
  return /\$\d/.test(text);
}

/** The placeholder of a parameter given by this text: the one it has, or a new one with the edit that passes it. */
export function placeholderFor(sql: SqlCall, value: string): { placeholder: string; edits: Edit[] } | undefined {
  const { parameters, file } = sql;
  if (
    !isNumbered(sql) ||
    parameters === undefined ||
    parameters.elements.some(({ kind }) => kind === 'spread-expression')
  )
    return undefined;
  const known = parameters.elements.findIndex((element) => textOf(file, element) === value);
  if (known >= 0) return { placeholder: `$${known + 1}`, edits: [] };
  const last = parameters.elements.at(-1);
  if (last === undefined) return undefined;
  return { placeholder: `$${parameters.elements.length + 1}`, edits: [insert(file, last.end, `, ${value}`)] };
}
