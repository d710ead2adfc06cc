/** Loops that do nothing but write one row per element: the same as one statement for all of them. */
import type { FunctionFacts } from '../../../analysis/fact.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import type { DatabaseOperation } from '../../../analysis/protection.ts';
import { libraryOf } from '../../../rewrite/batch-query.ts';
import { mentions, propertyOf, receiverText } from '../../../rewrite/key-scope.ts';
import { freeName, namesIn, pluralOf } from '../../../rewrite/row-index.ts';
import {
  edit,
  enclosingStatements,
  indentationAt,
  insertAfter,
  insertBefore,
  linesWithGap,
  newlineOf,
  partsOf,
  semicolonOf,
  statementAround,
  textOf,
} from '../../../rewrite/source-edit.ts';
import type { Fix } from '../../../rule.ts';
import type { Expression, SourceFile, Span, Statement } from '../../../typescript/syntax.ts';
import { isArrayNamed, type LoopForm, outdented } from './loop-form.ts';
import { argumentText, bulkOptions, FAILS_TOGETHER, isFlat, type Made, statementFor } from './write-statement.ts';

export function batchWrite(
  form: LoopForm,
  query: DatabaseOperation,
  fn: FunctionFacts,
  program: ProgramFacts,
): readonly Fix[] {
  const made = isWholeBody(form) && form.unconditional ? statementFor(form, query, program) : undefined;
  if (made === undefined) return insertAfterwards(form, query, fn, program);
  const { file, statement } = form;
  return [
    {
      id: 'write-once',
      title: `Write all ${made.what} in one statement`,
      applicability: 'changes-behaviour',
      difference: made.difference,
      edits: [
        ...(made.imports ?? []),
        edit(
          file,
          statement,
          form.wrapped?.(made.text) ??
            `${unlessEmpty(form, made)}await ${outdented(form, made.text)}${semicolonOf(file)}`,
        ),
      ],
    },
  ];
}

function unlessEmpty({ list, kind, file, statement }: LoopForm, { needsRows }: Made): string {
  if (needsRows !== true) return '';
  return kind === 'map' || isArrayNamed(file, list, statement)
    ? `if (${list}.length > 0) `
    : `if ([...${list}].length > 0) `;
}

/** The loop's body is this one statement, and nobody looks at what it gives. */
function isWholeBody(form: LoopForm): boolean {
  const { file, body, inside, statement } = form;
  if (body.length !== 1) return false;
  if (form.wrapped !== undefined) return true;
  const text = textOf(file, inside).replace(/;$/, '');
  if (form.kind === 'for-of')
    return inside.kind === 'expression' && text.trim() === textOf(file, form.whole) && statement.kind === 'loop';
  const alone = statement.kind === 'expression' && /^await\s+Promise\s*\.\s*all\(/.test(textOf(file, statement));
  const expression =
    statement.kind === 'expression' && statement.expression.kind === 'await' ? statement.expression.operand : undefined;
  return alone && expression?.kind === 'call' && expression.args.length === 1 && expression.args[0]?.kind === 'call';
}

// ---------------------------------------------------------------- inserts that are more than the whole body

/**
 * Where the body does more than write: rows are collected and written after the loop, or, where the rest of the body
 * works with what the write gives, made first, written at once, and then worked with. Only for bodies that do nothing
 * else outside the program, so that nobody can see when a row is written.
 */
function insertAfterwards(
  form: LoopForm,
  query: DatabaseOperation,
  fn: FunctionFacts,
  program: ProgramFacts,
): readonly Fix[] {
  if (
    form.kind !== 'for-of' ||
    form.statement.kind !== 'loop' ||
    query.effect.conflictHandled ||
    query.effect.rowLock !== 'none'
  )
    return [];
  if (doesMore(form, fn, [query])) return [];
  const bulk = bulkInsert(form, query, program);
  if (bulk === undefined) return [];
  const isDropped =
    form.inside.kind !== 'variable' && statementAround(form.file, form.call)?.statement.kind === 'expression';
  return isDropped ? collected(form, bulk) : writtenFirst(form, bulk);
}

/** One write of a loop's body. */
interface WriteAt {
  readonly form: LoopForm;
  readonly query: DatabaseOperation;
}

/**
 * `for (…) { await rows.deleteMany({ where: { teamId: team.id } }); await rows.createMany({ data: rowsOf(team) }) }`:
 * what is written for one element carries the key that the deletion goes by, so that none of another is deleted.
 */
export function replaceRows(
  deletion: WriteAt,
  insertion: WriteAt,
  fn: FunctionFacts,
  program: ProgramFacts,
): readonly Fix[] {
  const { form, query } = deletion;
  const { file, statement, inside, body } = form;
  if (query.effect.action !== 'delete' || insertion.query.effect.action !== 'insert') return [];
  // Outside a transaction a failure between the two would lose the rows of all elements, and not of one.
  if (query.transactions.length === 0 || insertion.query.transactions.length === 0) return [];
  if (form.kind !== 'for-of' || statement.kind !== 'loop' || body[0] !== inside || inside.kind !== 'expression')
    return [];
  if (textOf(file, inside).replace(/;$/, '').trim() !== textOf(file, form.whole)) return [];
  if (insertion.query.effect.conflictHandled || doesMore(form, fn, [query, insertion.query])) return [];
  const made = form.unconditional ? statementFor(form, query, program) : undefined;
  const bulk = bulkInsert(insertion.form, insertion.query, program);
  const keys = (query.effect.where ?? []).flatMap(({ column }) => column ?? []);
  if (made === undefined || bulk === undefined || !hasKey(insertion.form, bulk, form, keys)) return [];
  const [fix] = collected(insertion.form, bulk);
  if (fix === undefined) return [];
  const end = semicolonOf(file);
  return [
    {
      ...fix,
      id: 'replace-around-loop',
      title: 'Delete all rows before the loop and write all after it',
      difference:
        'All old rows are deleted before the first new one is written. The rows of an element that comes twice are written twice.',
      edits: [
        ...(made.imports ?? []),
        insertBefore(file, statement, [`await ${outdented(form, made.text)}${end}`]),
        edit(file, linesWithGap(file, inside), ''),
        ...fix.edits,
      ],
    },
  ];
}

/** `teamId: team.id` in the row, as in the condition. */
function hasKey(form: LoopForm, bulk: Bulk, deletion: LoopForm, columns: readonly string[]): boolean {
  const [column] = columns;
  const where = deletion.call.args.find((arg) => arg.kind === 'object');
  if (column === undefined || columns.length !== 1 || where === undefined) return false;
  const named = new RegExp(`(?<![\\w$.])${column}\\b(?:\\s*:\\s*([\\w$.]+))?`);
  const valueIn = (text: string): string | undefined => {
    const match = named.exec(text);
    return match === null ? undefined : (match[1] ?? column);
  };
  const key = valueIn(textOf(deletion.file, where));
  const given = valueIn(textOf(form.file, bulk.row));
  return key !== undefined && key === given;
}

/** Something else in the loop reads, writes or leaves the program. */
function doesMore(form: LoopForm, fn: FunctionFacts, writes: readonly DatabaseOperation[]): boolean {
  const loop = form.statement;
  return fn.operations.some(({ effect, loops, at }) => {
    if (
      !loops.some(
        ({ at: place }) => place.path === form.file.path && loop.start <= place.start && place.end <= loop.end,
      )
    )
      return false;
    if (writes.some((query) => at.start === query.at.start && at.path === query.at.path)) return false;
    return /^(database|request|publish|file|cache|parameter-call|wait)$/.test(effect.kind);
  });
}

interface Bulk {
  /** One row, or a list of rows where `isList`. */
  readonly row: Expression;
  readonly isList: boolean;
  /** The write of a list, without `await`. */
  readonly write: (rows: string) => string;
  /** It gives the rows back, in order. */
  readonly givesRows: boolean;
}

function bulkInsert(form: LoopForm, query: DatabaseOperation, program: ProgramFacts): Bulk | undefined {
  const { call, file } = form;
  const receiver = receiverText(file, call);
  const [first, second] = call.args;
  if (first === undefined || mentions(receiver, [...form.keyNames, ...form.localNames])) return undefined;
  switch (libraryOf(query)) {
    case 'typeorm': {
      const isManager = query.model.includes('EntityManager');
      // `manager.save(Tag, row)`, where an entity's class is no row itself.
      if (isManager && call.args.length === 2 && first.kind === 'identifier' && /^[A-Z]/.test(first.name) && second)
        return /^(save|insert)$/.test(query.name)
          ? {
              row: second,
              isList: false,
              write: (rows) => `${receiver}${query.name}(${first.name}, ${rows})`,
              givesRows: query.name === 'save',
            }
          : undefined;
      if (
        !/^(save|insert)$/.test(query.name) ||
        (isManager && query.name === 'insert') ||
        call.args.length > (isManager ? 1 : 2)
      )
        return undefined;
      if (second !== undefined && mentions(textOf(file, second), [...form.keyNames, ...form.localNames]))
        return undefined;
      const options = second === undefined ? '' : `, ${textOf(file, second)}`;
      return {
        row: first,
        isList: false,
        write: (rows) => `${receiver}${query.name}(${rows}${options})`,
        givesRows: query.name === 'save',
      };
    }
    case 'prisma': {
      const data = propertyOf(first, 'data');
      if (first.kind !== 'object' || first.properties.length !== 1 || data === undefined) return undefined;
      if (query.name === 'createMany')
        return {
          row: data.value,
          isList: true,
          write: (rows) => `${receiver}createMany({ data: ${rows} })`,
          givesRows: false,
        };
      if (query.name !== 'create' || !isFlat(data.value)) return undefined;
      return {
        row: data.value,
        isList: false,
        write: (rows) => `${receiver}createMany({ data: ${rows} })`,
        givesRows: false,
      };
    }
    case 'sequelize': {
      const options = query.name === 'create' ? bulkOptions(form, second, query, program) : undefined;
      return options === undefined
        ? undefined
        : { row: first, isList: false, write: (rows) => `${receiver}bulkCreate(${rows}, ${options})`, givesRows: true };
    }
    case 'mongoose':
      return query.name === 'create' && second === undefined
        ? { row: first, isList: false, write: (rows) => `${receiver}insertMany(${rows})`, givesRows: true }
        : undefined;
    default:
      return undefined;
  }
}

/** The rows are put into a list, which is written after the loop. */
function collected(form: LoopForm, bulk: Bulk): readonly Fix[] {
  const { file, statement, call } = form;
  const place = statementAround(file, call);
  if (place === undefined || statement.kind !== 'loop' || endsEarly(statement.body)) return [];
  if (textOf(file, place.statement).replace(/;$/, '').trim() !== textOf(file, form.whole)) return [];
  // What comes after it in the round, an event for instance, may rely on the row being there.
  const isLast = enclosingStatements(file, call)
    .filter(({ statement: around }) => around.start > statement.start)
    .every(({ siblings, index }) => siblings.slice(index + 1).every((next) => !/[(`]/.test(textOf(file, next))));
  if (!isLast) return [];
  const rows = freeName(['newRows', 'rowsToWrite'], namesIn(file));
  const end = semicolonOf(file);
  const written = `await ${bulk.write(rows)}${end}`;
  return [
    {
      id: 'write-after-loop',
      title: 'Collect the rows and write them after the loop',
      applicability: 'changes-behaviour',
      difference: FAILS_TOGETHER,
      edits: [
        insertBefore(file, statement, [`const ${rows} = []${end}`]),
        edit(file, place.statement, `${rows}.push(${bulk.isList ? '...' : ''}${argumentText(form, bulk.row)})${end}`),
        insertAfter(file, statement, [`if (${rows}.length > 0) ${written}`]),
      ],
    },
  ];
}

/** A round that leaves the loop for good would leave the rows before it unwritten. */
function endsEarly(body: readonly Statement[]): boolean {
  return body.some((statement) => statement.kind === 'return' || partsOf(statement).lists.some(endsEarly));
}

/** `const row = await save(new Row(element)); rest(row)`: all rows are made, written, and then worked with. */
function writtenFirst(form: LoopForm, bulk: Bulk): readonly Fix[] {
  const { file, statement, inside, body } = form;
  if (!bulk.givesRows || bulk.isList || !form.unconditional || statement.kind !== 'loop' || inside.kind !== 'variable')
    return [];
  const [declaration] = inside.declarations;
  const name =
    declaration?.pattern.kind === 'variable' ? file.variables[declaration.pattern.variable]?.name : undefined;
  if (name === undefined || declaration?.initializer?.start !== form.whole.start || inside.declarations.length !== 1)
    return [];
  const before = body.slice(0, body.indexOf(inside));
  const rest = body.slice(body.indexOf(inside) + 1);
  const own = [...form.keyNames, ...form.localNames.filter((local) => local !== name)];
  const restText = rest.map((part) => textOf(file, part)).join('\n');
  if (rest.length === 0 || mentions(restText, own) || before.some((part) => endsEarly([part]))) return [];
  if (/\bawait\b/.test(before.map((part) => textOf(file, part)).join('\n'))) return [];
  const saved = freeName(
    [pluralOf(name), `saved${name[0]?.toUpperCase() ?? ''}${pluralOf(name.slice(1))}`, `${name}Rows`],
    namesIn(file),
  );
  const indent = indentationAt(file, statement.start);
  const newline = newlineOf(file);
  const end = semicolonOf(file);
  const element = form.element;
  const value = argumentText(form, bulk.row);
  const plain = value.startsWith('{') ? `(${value})` : value;
  const make =
    before.length === 0
      ? `(${element}) => ${plain}`
      : [
          `(${element}) => {`,
          textOf(file, { start: lineStart(file, before[0]), end: before.at(-1)?.end ?? 0 }),
          `${indentationAt(file, inside.start)}return ${value}${end}`,
          `${indent}}`,
        ].join(newline);
  const first = rest[0];
  const lines = textOf(file, { start: lineStart(file, first), end: rest.at(-1)?.end ?? 0 });
  return [
    {
      id: 'write-before-loop',
      title: `Write all rows at once and then go through them`,
      applicability: 'changes-behaviour',
      difference: FAILS_TOGETHER,
      edits: [
        edit(
          file,
          statement,
          [
            `const ${saved} = await ${outdented(form, bulk.write(`${form.list}.map(${make})`))}${end}`,
            `${indent}for (const ${name} of ${saved}) {`,
            lines,
            `${indent}}`,
          ].join(newline),
        ),
      ],
    },
  ];
}

function lineStart(file: SourceFile, statement: Span | undefined): number {
  return statement === undefined ? 0 : file.text.lastIndexOf('\n', statement.start - 1) + 1;
}
