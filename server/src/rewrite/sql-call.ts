/**
 * Edits of a call that runs SQL text: `client.query('UPDATE …', [a, b])`, `` sql`UPDATE … ${a}` ``. Only text that stands
 * as one literal without escapes is edited, because only there an offset in the SQL is one in the file; holes are
 * parameters where a tag takes the template, and pieces of SQL where none does, which is left alone.
 */
import type { DatabaseEffect, Operation, SqlSource } from '../analysis/fact.ts';
import type { Edit } from '../rule.ts';
import type { SqlEdit } from '../sql/edit-sql.ts';
import type { SqlStatement } from '../sql/statement.ts';
import { sqlWithHoles } from '../sql/template-holes.ts';
import type { CallExpression, Expression, SourceFile, TemplateExpression } from '../typescript/syntax.ts';
import { callAt, edit, insert, textOf } from './source-edit.ts';

export interface SqlCall {
  readonly file: SourceFile;
  readonly call: CallExpression;
  readonly statement: SqlStatement;
  readonly text: string;
  /** Where the SQL begins in the file, after the quote. */
  readonly offset: number;
  readonly toFile: (offset: number) => number;
  /** Of a tagged template. */
  readonly holes?: readonly Expression[];
  readonly quote: string;
  /** `$1` first; undefined when the call has none. */
  readonly parameters: readonly Expression[] | undefined;
}

export function sqlCallOf(file: SourceFile, operation: Operation): SqlCall | undefined {
  const effect: DatabaseEffect | undefined = operation.effect.kind === 'database' ? operation.effect : undefined;
  const sql = effect?.sql;
  const call = callAt(file, operation.span);
  if (operation.chain.length > 0 || operation.at.path !== file.path || sql === undefined || call === undefined)
    return undefined;
  const template = templateOf(call);
  if (template !== undefined) return templateCall(file, call, template, sql);
  const prepared = preparedText(call);
  const literal = sql.literal ?? prepared;
  if (literal === undefined || (sql.literal !== undefined && sql.literal.path !== file.path)) return undefined;
  const offset = literal.start + 1;
  if (file.text.slice(offset, literal.end - 1) !== sql.text) return undefined;
  const given = call.args[1]?.kind === 'array' ? call.args[1].elements : undefined;
  const parameters = prepared === undefined ? given : call.args;
  return {
    file,
    call,
    statement: sql.statement,
    text: sql.text,
    offset,
    toFile: (position) => offset + position,
    quote: file.text.charAt(literal.start),
    parameters,
  };
}

/** `db.prepare('UPDATE …').run(a, b)` */
function preparedText({ callee }: CallExpression): Expression | undefined {
  const made = callee.kind === 'member' && callee.object.kind === 'call' ? callee.object : undefined;
  const [text] = made?.args ?? [];
  return made?.callee.kind === 'member' && made.callee.name === 'prepare' && text?.kind === 'literal'
    ? text
    : undefined;
}

/** `` sql`…` ``, or what it gives handed on: `` pool.query(sql.unsafe`…`) ``. */
function templateOf(call: CallExpression): TemplateExpression | undefined {
  const [first] = call.args;
  if (call.isTag) return first?.kind === 'template' ? first : undefined;
  return first?.kind === 'call' && first.isTag ? templateOf(first) : undefined;
}

function templateCall(
  file: SourceFile,
  call: CallExpression,
  { parts, partSpans, holes }: TemplateExpression,
  { statement, text }: SqlSource,
): SqlCall | undefined {
  const template = sqlWithHoles(parts);
  const isAsWritten = partSpans.every(({ start, end }, index) => file.text.slice(start, end) === parts[index]);
  const [first] = partSpans;
  if (first === undefined || !isAsWritten || template.text !== text) return undefined;
  const toFile = (position: number): number => {
    const { part, offset } = template.toOffset(position);
    return (partSpans[part] ?? first).start + offset;
  };
  return { file, call, statement, text, offset: first.start, toFile, quote: '`', holes, parameters: undefined };
}

/** None when the new text could end the literal it is put into. */
export function inFile({ file, toFile, quote, holes }: SqlCall, edits: readonly SqlEdit[]): Edit[] {
  const isCode = (text: string): boolean => text.includes('${') && holes === undefined;
  if (edits.some(({ text }) => text.includes(quote) || text.includes('\\') || isCode(text))) return [];
  return edits.map(({ range, text }) => edit(file, { start: toFile(range.start), end: toFile(range.end) }, text));
}

/** The expression behind `$2`, or in a hole. */
export function parameterAt({ parameters, holes }: SqlCall, name: string): Expression | undefined {
  if (holes !== undefined) return holes[Number(/^hole:(\d+)$/.exec(name)?.[1])];
  const index = Number(name) - 1;
  const spread = parameters?.findIndex((element) => element.kind === 'spread-expression') ?? -1;
  return spread >= 0 && spread <= index ? undefined : parameters?.[index];
}

/** Whether parameters are numbered, so that one can be used twice and a new one takes the next number. */
export function isNumbered({ text }: SqlCall): boolean {
  return /\$\d/.test(text);
}

/** Whether one more value can be passed to it. */
export function takesValues(sql: SqlCall): boolean {
  return sql.holes !== undefined || isNumbered(sql);
}

/** The placeholder of a parameter given by this text: the one it has, or a new one with the edit that passes it. */
export function placeholderFor(sql: SqlCall, value: string): { placeholder: string; edits: Edit[] } | undefined {
  const { parameters, file } = sql;
  if (sql.holes !== undefined) return { placeholder: literalOf(value) ?? `\${${value}}`, edits: [] };
  if (!isNumbered(sql) || parameters === undefined || parameters.some(({ kind }) => kind === 'spread-expression'))
    return undefined;
  const known = parameters.findIndex((element) => textOf(file, element) === value);
  if (known >= 0) return { placeholder: `$${known + 1}`, edits: [] };
  const last = parameters.at(-1);
  if (last === undefined) return undefined;
  return { placeholder: `$${parameters.length + 1}`, edits: [insert(file, last.end, `, ${value}`)] };
}

/** `'open'` and `3` are the same in SQL. */
function literalOf(value: string): string | undefined {
  const word = /^(['"])([\w .-]*)\1$/.exec(value)?.[2];
  return word !== undefined ? `'${word}'` : /^\d+$/.test(value) ? value : undefined;
}
