/**
 * `find`, and `create` when nothing was found, as the one statement that the library has for it. It is one step only
 * under a unique constraint: where none is known the fix is a sketch that says which one is missing.
 */
import type { Operation } from '../analysis/fact.ts';
import { isDatabaseOperation } from '../analysis/protection.ts';
import type { Edit, Fix } from '../rule.ts';
import type { CallExpression, SourceFile, Statement } from '../typescript/syntax.ts';
import { linkNamed, receiverOf } from './call-chain.ts';
import { placesOf } from './column-change.ts';
import { exitFor, exitWhen, guardOn, ifOf, isSpan, ownStatement } from './guard-text.ts';
import type { Pair } from './in-transaction.ts';
import { objectAt, optionObject, propertyValue } from './object-edit.ts';
import {
  callAt,
  edit,
  indentationAt,
  insert,
  layout,
  linesWithGap,
  newlineOf,
  quoteOf,
  reindented,
  scopedName,
  semicolonOf,
  statementAround,
  textOf,
} from './source-edit.ts';

export function createOrFind(
  pair: Pair,
  columns: readonly string[],
  applicability: 'changes-behaviour' | 'sketch',
): Fix[] {
  const { file, read, write } = pair;
  if (read.chain.length > 0 || read.at.path !== file.path || columns.length === 0) return [];
  const edits = oneStatement(pair) ?? ignored(pair, columns);
  if (edits === undefined) return [];
  const isSketch = applicability === 'sketch';
  const table = write.effect.kind === 'database' ? (write.effect.table ?? 'the table') : 'the table';
  const needs = `a unique index on ${table} (${columns.join(', ')})`;
  const at = statementAround(file, write.span)?.statement;
  const first = [...edits].sort((a, b) => a.start - b.start).find(({ text }) => text !== '') ?? edits[0];
  const place =
    first === undefined || at === undefined
      ? undefined
      : statementAround(file, { start: first.start, end: first.start });
  const start = place?.statement.start ?? at?.start ?? 0;
  const comment = `// One step only with ${needs}.${newlineOf(file)}${indentationAt(file, start)}`;
  return [
    {
      id: 'create-or-find',
      title: isSketch ? `Create or find in one statement; it needs ${needs}` : 'Create or find in one statement',
      applicability,
      ...(isSketch ? {} : { difference: 'The second of two runs finds the row of the first instead of failing.' }),
      edits: isSketch ? merged(edits, insert(file, start, comment)) : edits,
    },
  ];
}

/** An insertion where a replacement begins goes into that. */
function merged(edits: readonly Edit[], comment: Edit): Edit[] {
  const same = edits.find((one) => one.start === comment.start);
  if (same === undefined) return [comment, ...edits];
  return edits.map((one) => (one === same ? { ...one, text: comment.text + one.text } : one));
}

// ---------------------------------------------------------------- instead of both

/** `if (!row) await create(…)`, and `if (row) return row; return create(…)`. */
function oneStatement({ file, read, write }: Pair): Edit[] | undefined {
  const readCall = callAt(file, read.span);
  const writeCall = callAt(file, write.span);
  const place = statementAround(file, read.span);
  const guard = guardOn(read, write, file, 'absent');
  const around = guard === undefined ? undefined : ifOf(file, guard);
  if (readCall === undefined || writeCall === undefined || place === undefined || around === undefined)
    return undefined;
  const row = declared(file, place.statement, read);
  const text = row === undefined ? undefined : statementText(file, read, write, readCall, writeCall);
  if (text === undefined || row === undefined || place.siblings[place.index + 1] !== around) return undefined;
  const indent = indentationAt(file, place.statement.start);
  const end = semicolonOf(file);
  const uses = placesOf(file, row.index).filter(({ start }) => start < around.test.start || start >= around.test.end);
  if (guard?.holds === false && guard.earlyExit) {
    // `if (row) return row; return create(…)`
    const next = place.siblings[place.index + 2];
    const [exit, ...more] = around.then;
    const isSame = exit?.kind === 'return' && exit.value?.kind === 'identifier' && exit.value.name === row.name;
    if (!isSame || more.length > 0 || next?.kind !== 'return' || uses.length !== 1) return undefined;
    const value = next.value?.kind === 'await' ? next.value.operand : next.value;
    if (value === undefined || !isSpan(value, write.span)) return undefined;
    const lines = text.isPair
      ? [...prefixed(`const [${row.name}] = await `, text.lines, end), `return ${row.name}${end}`]
      : prefixed('return ', text.lines, end);
    return [
      edit(file, place.statement, layout(file, indent, lines).slice(indent.length)),
      edit(file, linesWithGap(file, around), ''),
      edit(file, linesWithGap(file, next), ''),
    ];
  }
  const [only, ...others] = around.then;
  const isOnly = only !== undefined && others.length === 0 && around.else.length === 0;
  if (!isOnly || uses.length > 0 || ownStatement(file, write)?.start !== only.start) return undefined;
  const lines = prefixed('await ', text.lines, end);
  return [
    edit(file, place.statement, layout(file, indent, lines).slice(indent.length)),
    edit(file, linesWithGap(file, around), ''),
  ];
}

function declared(
  file: SourceFile,
  statement: Statement,
  read: Operation,
): { name: string; index: number } | undefined {
  if (statement.kind !== 'variable' || statement.declarations.length !== 1) return undefined;
  const [declaration] = statement.declarations;
  const value = declaration?.initializer;
  if (declaration?.pattern.kind !== 'variable' || value?.kind !== 'await' || !isSpan(value.operand, read.span))
    return undefined;
  const index = declaration.pattern.variable;
  const variable = file.variables[index];
  return variable === undefined || variable.reassigned ? undefined : { name: variable.name, index };
}

function statementText(
  file: SourceFile,
  read: Operation,
  write: Operation,
  readCall: CallExpression,
  writeCall: CallExpression,
): { lines: string[]; isPair: boolean } | undefined {
  const receiver = receiverOf(readCall);
  if (receiver === undefined || textOf(file, receiver) !== textOf(file, receiverOf(writeCall) ?? receiver))
    return undefined;
  const owner = textOf(file, receiver);
  if (write.model === 'sequelize#Model.create' && read.name === 'findOne') {
    const options = objectAt(readCall, 0);
    const where = propertyValue(options, 'where');
    const values = objectAt(writeCall, 0);
    const known = options?.properties.every(
      (property) => property.kind === 'property' && /^(where|transaction)$/.test(property.key ?? ''),
    );
    if (where?.kind !== 'object' || values === undefined || known !== true) return undefined;
    const given = writeCall.args[1];
    if (given !== undefined && given.kind !== 'object') return undefined;
    const transaction = propertyValue(options, 'transaction');
    const others = (given?.properties ?? []).flatMap((property) =>
      property.kind === 'property' && property.key !== undefined && property.key !== 'transaction'
        ? [{ name: property.key, span: property.value }]
        : [],
    );
    const parts = [
      { name: 'where', span: where },
      { name: 'defaults', span: values },
      ...(transaction === undefined ? [] : [{ name: 'transaction', span: transaction }]),
      ...others,
    ];
    return { lines: objectCall(file, `${owner}.findOrCreate(`, parts), isPair: true };
  }
  const isPrisma = /prisma|^shape:/.test(write.model) && write.name === 'create' && /^findUnique$/.test(read.name);
  const where = isPrisma ? optionObject(readCall, 0, 'where') : undefined;
  const data = isPrisma ? optionObject(writeCall, 0, 'data') : undefined;
  if (where === undefined || data === undefined || objectAt(writeCall, 0)?.properties.length !== 1) return undefined;
  if (objectAt(readCall, 0)?.properties.length !== 1) return undefined;
  const parts = [
    { name: 'where', span: where },
    { name: 'create', span: data },
    { name: 'update', text: '{}' },
  ];
  return { lines: objectCall(file, `${owner}.upsert(`, parts), isPair: false };
}

function objectCall(
  file: SourceFile,
  head: string,
  parts: readonly { name: string; span?: { start: number; end: number }; text?: string }[],
): string[] {
  const lines = parts.flatMap(({ name, span, text }) => {
    if (span === undefined) return [`  ${name}: ${text ?? ''},`];
    const value = textOf(file, span);
    if (value === name) return [`  ${name},`];
    return reindented(file, span, `${name}: ${value},`).map((line) => `  ${line}`);
  });
  return [`${head}{`, ...lines, '})'];
}

function prefixed(prefix: string, lines: readonly string[], end: string): string[] {
  return lines.map((line, index) => `${index === 0 ? prefix : ''}${line}${index === lines.length - 1 ? end : ''}`);
}

// ---------------------------------------------------------------- beside the check

/** The insert does nothing to a row that is there, and says whether it did. */
function ignored({ file, read, write }: Pair, columns: readonly string[]): Edit[] | undefined {
  const call = callAt(file, write.span);
  const own = ownStatement(file, write);
  const guard = guardOn(read, write, file, 'absent');
  if (call === undefined || own === undefined || !isDatabaseOperation(write) || guard === undefined) return undefined;
  // What is done to a row that is there would have to be done after a conflict as well.
  const around = guard.earlyExit ? undefined : ifOf(file, guard);
  if (around !== undefined && around.then.length > 0 && around.else.length > 0) return undefined;
  const conflict = onConflict(file, write, call, columns);
  if (conflict === undefined) return undefined;
  const name = scopedName(file, write.span, ['stored', 'inserted', 'created']);
  const lines = guard.earlyExit ? exitWhen(conflict.isNothing(name), exitFor(file, write, guard)) : [];
  if (lines.length === 0) return [...conflict.edits];
  const indent = indentationAt(file, own.start);
  return [
    ...conflict.edits,
    insert(file, own.start, `const ${name} = `),
    insert(file, own.end, `${newlineOf(file)}${layout(file, indent, lines)}`),
  ];
}

function onConflict(
  file: SourceFile,
  write: Operation,
  call: CallExpression,
  columns: readonly string[],
): { edits: Edit[]; isNothing: (name: string) => string } | undefined {
  const quote = quoteOf(file);
  const names = columns.map((column) => quote + column + quote);
  const list = names.length === 1 ? (names[0] ?? '') : `[${names.join(', ')}]`;
  if (write.model.startsWith('knex#') && linkNamed(call, 'returning', 'onConflict') === undefined) {
    const text = `.onConflict(${list}).ignore().returning(${names[0] ?? list})`;
    return { edits: [insert(file, call.end, text)], isNothing: (name) => `${name}.length === 0` };
  }
  if (write.model.startsWith('drizzle-orm#') && linkNamed(call, 'returning') === undefined) {
    const isMysql = file.imports.some(({ module }) => /drizzle-orm\/(mysql|planetscale|tidb|singlestore)/.test(module));
    if (isMysql) return undefined;
    return {
      edits: [insert(file, call.end, '.onConflictDoNothing().returning()')],
      isNothing: (name) => `${name}.length === 0`,
    };
  }
  if (write.model.startsWith('kysely#') && call.nameAt !== undefined && linkNamed(call, 'returning') === undefined) {
    const dot = file.text.lastIndexOf('.', call.nameAt.start);
    const column = names.length === 1 ? `column(${list})` : `columns(${list})`;
    return {
      edits: [
        insert(file, dot, `.onConflict((oc) => oc.${column}.doNothing())`),
        edit(file, call.nameAt, 'executeTakeFirst'),
      ],
      isNothing: (name) => `${name}.numInsertedOrUpdatedRows === 0n`,
    };
  }
  return undefined;
}
