/**
 * The query for all keys in clients without models: statements in tagged templates (postgres, slonik), MongoDB's driver,
 * Supabase. Like `batchForm`, undefined for whatever one query for all could answer differently.
 */
import type { ProgramFacts } from '../analysis/program.ts';
import type { DatabaseOperation } from '../analysis/protection.ts';
import type { CallExpression, Expression, TemplateExpression } from '../typescript/syntax.ts';
import type { BatchForm } from './batch-query.ts';
import {
  chainOf,
  isElementKey,
  type KeyScope,
  keyedProperty,
  mentions,
  nameOfStep,
  onlyKeyed,
  receiverText,
  textOfLiteral,
} from './key-scope.ts';
import { textOf } from './source-edit.ts';

/** Whether the rows have the key under its own name. In a join another table's column may have that name. */
export function givesKey(columns: string, head: string, table: string, column: string): boolean {
  const parts = columns.split(',').map((part) => part.trim());
  if (!/\bJOIN\b|\bFROM\s+[^()]*,/i.test(head)) {
    return parts.some((part) => /(^|\.)\*$/.test(part) || new RegExp(`(^|\\.)"?${column}"?$`, 'i').test(part));
  }
  const named = parts.filter((part) => part.endsWith('*') || new RegExp(`(^|[.\\s])"?${column}"?$`, 'i').test(part));
  const plain = (text: string): string => text.replaceAll('"', '').toLowerCase();
  const own = [plain(`${table}${column}`), plain(`${table}*`)];
  return table !== '' && named.length === 1 && named[0] !== undefined && own.includes(plain(named[0]));
}

// ---------------------------------------------------------------- tagged templates

interface KeyedTemplate {
  readonly key: string;
  readonly column: string;
  /** The statement, with something else in the place of `= ${key}`. */
  readonly with: (condition: string) => string;
  /** It asks for one of the rows. */
  readonly one: boolean;
}

/** A SELECT whose one condition on the element is `column = ${key}`. */
function keyedTemplate(form: KeyScope, template: Expression | undefined): KeyedTemplate | undefined {
  if (template?.kind !== 'template') return undefined;
  const { file } = form;
  const hole = onlyKeyed(form, template.holes, (one) => one);
  if (hole === undefined || !isElementKey(form, hole)) return undefined;
  const opening = file.text.lastIndexOf('${', hole.start);
  const closing = file.text.indexOf('}', hole.end) + 1;
  const before = file.text.slice(template.start, opening);
  const text = statementText(template);
  const match = /^`(\s*select\s+([\s\S]+?)\s+from\s[\s\S]+?\swhere\s[\s\S]*?)("?\w+"?\.)?("?(\w+)"?)\s*=\s*$/i.exec(
    before,
  );
  const [, head = '', columns = '', table = '', , column = ''] = match ?? [];
  if (match === null || !givesKey(columns, `${head}${table}`, table, column)) return undefined;
  const limit = /\s+limit\s+1\s*$/i.exec(text)?.[0];
  const rest = limit === undefined ? text : text.slice(0, -limit.length);
  if (/\b(or|group\s+by|distinct|union|limit|offset|fetch|over|for\s+(update|share))\b/i.test(rest)) return undefined;
  if (limit !== undefined && (column.toLowerCase() !== 'id' || /\border\s+by\b/i.test(rest))) return undefined;
  const after = file.text.slice(closing, template.end - 1);
  const end = limit === undefined ? after : after.replace(/\s+limit\s+1\s*$/i, '');
  return {
    key: textOf(file, hole),
    column,
    one: limit !== undefined || column.toLowerCase() === 'id',
    with: (condition) => `${before.replace(/\s*=\s*$/, '')} ${condition}${end}\``,
  };
}

/** Without its holes. */
function statementText({ parts }: TemplateExpression): string {
  return parts.join(' ? ');
}

/** The client may be told to give the rows other names than the statement has: `authorId` for `author_id`. */
function isRenamed(column: string, program: ProgramFacts): boolean {
  if (!column.includes('_')) return false;
  return program.files.some(
    ({ text, imports }) =>
      imports.some(({ module }) => /^(postgres|slonik)/.test(module)) && /\b(transform|interceptors)\b/.test(text),
  );
}

/** postgres: `` sql`select * from users where id in ${sql(ids)}` ``. */
export function taggedForm(
  form: KeyScope,
  { effect, basis }: DatabaseOperation,
  program: ProgramFacts,
): BatchForm | undefined {
  const { file, call } = form;
  const keyed = effect.aggregate === undefined ? keyedTemplate(form, call.args[0]) : undefined;
  const tag = textOf(file, call.callee);
  if (keyed === undefined || isRenamed(keyed.column, program)) return undefined;
  if (!/^[\w$.]+$/.test(tag) || mentions(tag, [...form.keyNames, ...form.localNames])) return undefined;
  return {
    key: keyed.key,
    column: keyed.column,
    gives: 'many',
    batch: (keys) => `${file.text.slice(call.start, call.args[0]?.start)}${keyed.with(`in \${${tag}(${keys})}`)}`,
    imports: [],
    typed: basis === 'type',
    byText: true,
    needsKeys: true,
  };
}

/** slonik: `` pool.any(sql.unsafe`… where role_id in (${sql.join(ids, sql.fragment`, `)})`) ``. */
export function slonikForm(
  form: KeyScope,
  { effect, name, basis }: DatabaseOperation,
  program: ProgramFacts,
): BatchForm | undefined {
  const { file, call } = form;
  const [statement] = call.args;
  if (!/^(any|maybeOne)$/.test(name) || call.args.length !== 1 || statement?.kind !== 'call' || !statement.isTag)
    return undefined;
  const keyed = effect.aggregate === undefined ? keyedTemplate(form, statement.args[0]) : undefined;
  const tag = file.text.slice(statement.start, statement.args[0]?.start);
  // Only of these it is known that they are slonik's, and that there is a `sql.fragment` beside them.
  const root = /^(\w+)\.(unsafe|type\([\s\S]*\))\s*$/.exec(tag)?.[1];
  if (keyed === undefined || root === undefined || (name === 'maybeOne' && !keyed.one)) return undefined;
  if (isRenamed(keyed.column, program)) return undefined;
  const typed = file.text.slice(call.nameAt?.end ?? statement.start, statement.start);
  const list = (keys: string): string => `in (\${${root}.join(${keys}, ${root}.fragment\`, \`)})`;
  return {
    key: keyed.key,
    column: keyed.column,
    gives: name === 'any' ? 'many' : 'one',
    batch: (keys) =>
      `${receiverText(file, call)}any${typed}${tag}${keyed.with(list(keys))}${file.text.slice(statement.end, call.end)}`,
    imports: [],
    typed: basis === 'type',
    byText: true,
    needsKeys: true,
  };
}

// ---------------------------------------------------------------- MongoDB's driver

/** `users.findOne({ username })` becomes `users.find({ username: { $in: usernames } }).toArray()`. */
export function mongodbForm(form: KeyScope, query: DatabaseOperation): BatchForm | undefined {
  const { file, call } = form;
  const [filter] = call.args;
  if (query.name !== 'findOne' || filter?.kind !== 'object' || call.args.length !== 1) return undefined;
  const property = keyedProperty(form, filter);
  if (property === undefined || property.key.startsWith('$') || property.key.includes('.')) return undefined;
  if (!isElementKey(form, property.value)) return undefined;
  const column = property.key;
  const before = file.text.slice(filter.start, property.span.start);
  const after = file.text.slice(property.span.end, filter.end);
  return {
    key: textOf(file, property.value),
    column,
    gives: 'one',
    batch: (keys) => `${receiverText(file, call)}find(${before}${column}: { $in: ${keys} }${after}).toArray()`,
    imports: [],
    typed: query.basis === 'type',
    byText: true,
    first: column !== '_id',
  };
}

// ---------------------------------------------------------------- Supabase

const SUPABASE_STEPS = /^(from|select|eq|neq|gt|gte|lt|lte|is|not|order|single|maybeSingle)$/;

/** `supabase.from('profiles').select('*').eq('id', id).single()` becomes the same with `.in('id', ids)`. */
export function supabaseForm(form: KeyScope): BatchForm | undefined {
  const { file, call, whole } = form;
  const steps = chainOf(call);
  if (steps.some((step) => !SUPABASE_STEPS.test(nameOfStep(step)))) return undefined;
  // An error that somebody looks at may be that of one row.
  if (!/\{\s*data(\s*:\s*[\w$]+)?\s*,?\s*\}\s*=\s*$/.test(file.text.slice(0, whole.start))) return undefined;
  const local = [...form.keyNames, ...form.localNames];
  const using = steps.filter((step) => step.args.some((arg) => mentions(textOf(file, arg), local)));
  const [condition] = using;
  const [column, key] = condition?.args ?? [];
  const name = textOfLiteral(column);
  if (condition === undefined || using.length !== 1 || nameOfStep(condition) !== 'eq' || key === undefined)
    return undefined;
  if (name === undefined || !/^\w+$/.test(name) || !isElementKey(form, key) || !selectsColumn(steps, name))
    return undefined;
  const one = /^(single|maybeSingle)$/.test(nameOfStep(call));
  const end = one && call.callee.kind === 'member' ? call.callee.object.end : call.end;
  const start = condition.nameAt?.start ?? condition.start;
  return {
    key: textOf(file, key),
    column: name,
    gives: one ? 'one' : 'many',
    batch: (keys) =>
      `${file.text.slice(call.start, start)}in(${textOf(file, column ?? key)}, ${keys})${file.text.slice(condition.end, end)}`,
    imports: [],
    typed: true,
    byText: true,
    inData: true,
  };
}

function selectsColumn(steps: readonly CallExpression[], column: string): boolean {
  const select = steps.find((step) => nameOfStep(step) === 'select');
  if (select === undefined || select.args.length > 1) return false;
  const columns = select.args.length === 0 ? '*' : textOfLiteral(select.args[0]);
  return columns?.split(',').some((part) => /^\s*\*\s*$/.test(part) || part.trim() === column) ?? false;
}
