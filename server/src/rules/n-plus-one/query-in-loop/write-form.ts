/** Loops that do nothing but write one row per element: the same as one statement for all of them. */
import type { FunctionFacts } from '../../../analysis/fact.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import type { DatabaseOperation } from '../../../analysis/protection.ts';
import { isElementKey, libraryOf, mentions, propertyOf, receiverText } from '../../../rewrite/batch-query.ts';
import { freeName, namesIn, pluralOf } from '../../../rewrite/row-index.ts';
import {
  edit,
  enclosingStatements,
  ensureImport,
  indentationAt,
  insertAfter,
  insertBefore,
  newlineOf,
  partsOf,
  semicolonOf,
  statementAround,
  textOf,
} from '../../../rewrite/source-edit.ts';
import type { Edit, Fix } from '../../../rule.ts';
import type { Expression, SourceFile, Span, Statement } from '../../../typescript/syntax.ts';
import { type LoopForm, outdented } from './loop-form.ts';

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
        edit(file, statement, form.wrapped?.(made.text) ?? `await ${outdented(form, made.text)}${semicolonOf(file)}`),
      ],
    },
  ];
}

interface Made {
  readonly what: string;
  readonly text: string;
  readonly difference: string;
  readonly imports?: readonly Edit[];
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

const FAILS_TOGETHER = 'Either all rows are written or none; a failure says nothing about a single row.';

function statementFor(form: LoopForm, query: DatabaseOperation, program: ProgramFacts): Made | undefined {
  const library = libraryOf(query);
  if (query.effect.sql !== undefined) return sqlStatement(form, query);
  switch (library) {
    case 'prisma':
      return prismaStatement(form, query);
    case 'typeorm':
      return typeormStatement(form, query);
    case 'sequelize':
      return sequelizeStatement(form, query, program);
    case 'mongoose':
      return mongooseStatement(form, query);
    default:
      return undefined;
  }
}

/** `list.map((x) => …)`; a list that is no array is made one. */
function mapped(form: LoopForm, value: string): string {
  if (value === form.elementName) return form.kind === 'map' ? form.list : `[...${form.list}]`;
  const body = value.startsWith('{') ? `(${value})` : value;
  return form.kind === 'map'
    ? `${form.list}.map((${form.element}) => ${body})`
    : `Array.from(${form.list}, (${form.element}) => ${body})`;
}

/** An argument's text as if it began on the call's own line. */
function argumentText({ file, call }: LoopForm, argument: Span): string {
  const own = indentationAt(file, argument.start);
  const base = indentationAt(file, call.start);
  return own.startsWith(base) ? textOf(file, argument).replaceAll(`\n${own}`, `\n${base}`) : textOf(file, argument);
}

function keysOf(form: LoopForm, key: Expression): string | undefined {
  return isElementKey(form, key) ? mapped(form, textOf(form.file, key)) : undefined;
}

const BY_ONE =
  /^(\s*(?:DELETE\s+FROM\s+[\w".]+|UPDATE\s+[\w".]+\s+SET\s+[^$]+?)\s+WHERE\s+"?\w+"?\s*=\s*)\$1\s*;?\s*$/i;

function sqlStatement(form: LoopForm, query: DatabaseOperation): Made | undefined {
  const { call, file } = form;
  const [sql, parameters] = call.args;
  if (sql === undefined || (sql.kind !== 'literal' && sql.kind !== 'template') || parameters?.kind !== 'array')
    return undefined;
  const parameter = parameters.elements[0];
  if (parameters.elements.length !== 1 || parameter === undefined || (sql.kind === 'template' && sql.holes.length > 0))
    return undefined;
  // A key that comes twice would count once.
  if (query.effect.relative.length > 0) return undefined;
  const keys = keysOf(form, parameter);
  const source = textOf(file, sql);
  const head = BY_ONE.exec(source.slice(1, -1))?.[1];
  if (keys === undefined || head === undefined) return undefined;
  return {
    what: 'rows',
    text: `${receiverText(file, call)}${query.name}(${source[0]}${head}ANY($1)${source.at(-1)}, [${keys}])`,
    difference: FAILS_TOGETHER,
  };
}

function prismaStatement(form: LoopForm, query: DatabaseOperation): Made | undefined {
  const { call, file } = form;
  const options = call.args[0];
  if (options?.kind !== 'object' || call.args.length !== 1) return undefined;
  const receiver = receiverText(file, call);
  const only = (...names: string[]): boolean =>
    options.properties.every((property) => property.kind === 'property' && names.includes(property.key ?? ''));
  const data = propertyOf(options, 'data');
  if (query.name === 'create') {
    if (data === undefined || !only('data') || !isFlat(data.value)) return undefined;
    const value = data.shorthand ? 'data' : textOf(file, data.value);
    if (mentions(value, form.localNames)) return undefined;
    return {
      what: 'rows',
      text: `${receiver}createMany({ data: ${mapped(form, value)} })`,
      difference: FAILS_TOGETHER,
    };
  }
  const where = propertyOf(options, 'where')?.value;
  if (where?.kind !== 'object' || where.properties.length !== 1) return undefined;
  const key = where.properties[0];
  if (key?.kind !== 'property' || key.key === undefined) return undefined;
  const keys = keysOf(form, key.value);
  if (keys === undefined) return undefined;
  const condition = `where: { ${key.key}: { in: ${keys} } }`;
  if (/^delete(Many)?$/.test(query.name) && only('where')) {
    return {
      what: 'deletions',
      text: `${receiver}deleteMany({ ${condition} })`,
      difference: `${FAILS_TOGETHER} A row that is missing is no error.`,
    };
  }
  if (!/^update(Many)?$/.test(query.name) || data === undefined || !only('where', 'data') || !isFlat(data.value))
    return undefined;
  if (mentions(textOf(file, data.span), form.keyNames)) return undefined;
  return {
    what: 'updates',
    text: `${receiver}updateMany({ ${condition}, ${textOf(file, data.span)} })`,
    difference: `${FAILS_TOGETHER} A row that is missing is no error.`,
  };
}

/** Columns only: nested writes have no form for many rows. */
function isFlat(value: Expression): boolean {
  if (value.kind === 'identifier') return true;
  return (
    value.kind === 'object' &&
    value.properties.every(
      (property) => property.kind === 'property' && property.value.kind !== 'object' && property.value.kind !== 'array',
    )
  );
}

function typeormStatement(form: LoopForm, query: DatabaseOperation): Made | undefined {
  const { call, file } = form;
  const isManager = query.model.includes('EntityManager');
  if (!isManager && !query.model.includes('Repository')) return undefined;
  const [first, second] = isManager ? call.args.slice(1) : call.args;
  const receiver = receiverText(file, call);
  const target = isManager && call.args[0] !== undefined ? `${textOf(file, call.args[0])}, ` : '';
  if (/^(save|insert|remove)$/.test(query.name)) {
    const value = isManager && call.args.length === 1 && query.name !== 'insert' ? call.args[0] : first;
    if (value === undefined || call.args.length > (isManager ? 2 : 1)) return undefined;
    if (value.kind !== 'object' && !(value.kind === 'identifier' && value.name === form.elementName)) return undefined;
    const prefix = value === call.args[0] ? '' : target;
    return {
      what: 'rows',
      text: `${receiver}${query.name}(${prefix}${mapped(form, textOf(file, value))})`,
      difference: FAILS_TOGETHER,
    };
  }
  if (!/^(delete|softDelete|restore|update)$/.test(query.name) || first === undefined) return undefined;
  if (query.effect.relative.length > 0 || (second !== undefined && /=>|\bfunction\b/.test(textOf(file, second))))
    return undefined;
  const several = first.kind === 'object' && first.properties.length > 1 ? first : undefined;
  if (several !== undefined) {
    const list = ensureImport(file, 'typeorm', 'In', 'In');
    const changed = conditionForAll(form, several, (keys) => `${list.name}(${keys})`);
    if (changed === undefined || (second !== undefined && mentions(textOf(file, second), form.keyNames)))
      return undefined;
    const where = replacedIn(file, several, changed);
    const options = second === undefined ? '' : `, ${textOf(file, second)}`;
    return {
      what: query.name === 'update' ? 'updates' : 'deletions',
      text: `${receiver}${query.name}(${target}${where}${options})`,
      difference: FAILS_TOGETHER,
      imports: list.edits,
    };
  }
  const property = first.kind === 'object' ? first.properties[0] : undefined;
  const keyExpression = property?.kind === 'property' ? property.value : first;
  const column = property?.kind === 'property' ? property.key : 'id';
  const keys = keysOf(form, keyExpression);
  if (
    keys === undefined ||
    column === undefined ||
    (keyExpression.kind === 'identifier' &&
      keyExpression.name === form.elementName &&
      first === keyExpression &&
      query.name !== 'update' &&
      !/ids?$/i.test(form.list))
  )
    return undefined;
  if (second !== undefined && (query.name !== 'update' || mentions(textOf(file, second), form.keyNames)))
    return undefined;
  if (query.name === 'update' && second === undefined) return undefined;
  const made = ensureImport(file, 'typeorm', 'In', 'In');
  const rest = second === undefined ? '' : `, ${textOf(file, second)}`;
  return {
    what: query.name === 'update' ? 'updates' : 'deletions',
    text: `${receiver}${query.name}(${target}{ ${column}: ${made.name}(${keys}) }${rest})`,
    difference: FAILS_TOGETHER,
    imports: made.edits,
  };
}

/** `Model.create(row, options)` for each becomes `Model.bulkCreate(rows, options)`, `Model.destroy({ where })` one call. */
function sequelizeStatement(form: LoopForm, query: DatabaseOperation, program: ProgramFacts): Made | undefined {
  const { call, file } = form;
  const [first, options] = call.args;
  const receiver = receiverText(file, call);
  if (first === undefined || call.args.length > 2) return undefined;
  if (query.name === 'create') {
    const given = bulkOptions(form, options, query, program);
    if (given === undefined || mentions(textOf(file, first), form.localNames)) return undefined;
    return {
      what: 'rows',
      text: `${receiver}bulkCreate(${mapped(form, argumentText(form, first))}, ${given})`,
      difference: FAILS_TOGETHER,
    };
  }
  const where = query.name === 'destroy' && options === undefined ? propertyOf(first, 'where')?.value : undefined;
  if (where?.kind !== 'object' || first.kind !== 'object' || runsHooks(query, program)) return undefined;
  const changed = conditionForAll(form, where, (keys) => keys);
  return changed === undefined
    ? undefined
    : {
        what: 'deletions',
        text: `${receiver}destroy(${replacedIn(file, first, changed)})`,
        difference: FAILS_TOGETHER,
      };
}

/** `create` validates and runs the row's hooks; `bulkCreate` does the first when asked, the second never cheaply. */
function bulkOptions(
  form: LoopForm,
  options: Expression | undefined,
  query: DatabaseOperation,
  program: ProgramFacts,
): string | undefined {
  const { file } = form;
  if (options === undefined) return runsHooks(query, program) ? undefined : '{ validate: true }';
  if (options.kind !== 'object' || mentions(textOf(file, options), [...form.keyNames, ...form.localNames]))
    return undefined;
  const hooks = propertyOf(options, 'hooks')?.value;
  const isSilent = hooks?.kind === 'literal' && hooks.value === false;
  if (!isSilent && runsHooks(query, program)) return undefined;
  return textOf(file, options).replace(
    /^\{(\s*)/,
    (_, gap: string) => `{${gap}validate: true,${gap === '' ? ' ' : gap}`,
  );
}

/** The model's own file says so; of a model that nobody declares here it is not known. */
function runsHooks({ effect }: DatabaseOperation, program: ProgramFacts): boolean {
  const entity = effect.table === undefined ? undefined : program.entity(effect.table);
  const text = entity === undefined ? undefined : program.file(entity.path)?.text;
  return (
    text === undefined ||
    /@(Before|After)(Create|Destroy|Save|Validate|Bulk\w+)\b|\baddHook\(|\bhooks\s*:\s*\{/.test(text)
  );
}

function mongooseStatement(form: LoopForm, query: DatabaseOperation): Made | undefined {
  const { call, file } = form;
  const [first, second] = call.args;
  const receiver = receiverText(file, call);
  if (first === undefined || call.args.length > 2) return undefined;
  if (query.name === 'create') {
    const isRow =
      second === undefined &&
      (first.kind === 'object' || (first.kind === 'identifier' && first.name === form.elementName));
    if (!isRow || mentions(textOf(file, first), form.localNames)) return undefined;
    return {
      what: 'rows',
      text: `${receiver}insertMany(${mapped(form, textOf(file, first))})`,
      difference: FAILS_TOGETHER,
    };
  }
  const byId = /^findById/.test(query.name);
  const method = /^(deleteOne|deleteMany|findByIdAndDelete)$/.test(query.name)
    ? 'deleteMany'
    : /^(updateOne|updateMany|findByIdAndUpdate)$/.test(query.name)
      ? 'updateMany'
      : undefined;
  if (method === undefined || (method === 'deleteMany') !== (second === undefined)) return undefined;
  if (second !== undefined && (mentions(textOf(file, second), form.keyNames) || query.effect.relative.length > 0))
    return undefined;
  const keys = byId ? keysOf(form, first) : undefined;
  const where =
    keys !== undefined
      ? `{ _id: { $in: ${keys} } }`
      : first.kind === 'object' && isUniqueKey(query, first)
        ? replacedIn(
            file,
            first,
            conditionForAll(form, first, (list) => `{ $in: ${list} }`),
          )
        : undefined;
  if (where === undefined) return undefined;
  const rest = second === undefined ? '' : `, ${textOf(file, second)}`;
  return {
    what: method === 'deleteMany' ? 'deletions' : 'updates',
    text: `${receiver}${method}(${where}${rest})`,
    difference: FAILS_TOGETHER,
  };
}

/** `deleteOne` takes one of several that match; only by `_id` is that all of them. */
function isUniqueKey({ name }: DatabaseOperation, where: Expression): boolean {
  return /Many$/.test(name) || propertyOf(where, '_id') !== undefined;
}

interface Changed {
  readonly span: Span;
  readonly text: string;
}

/** The one condition that names the element, for all keys at once. */
function conditionForAll(form: LoopForm, where: Expression, list: (keys: string) => string): Changed | undefined {
  if (where.kind !== 'object') return undefined;
  const { file } = form;
  const using = where.properties.filter((part) =>
    mentions(textOf(file, part.span), [...form.keyNames, ...form.localNames]),
  );
  const [property] = using;
  if (using.length !== 1 || property?.kind !== 'property' || property.key === undefined) return undefined;
  const keys = keysOf(form, property.value);
  return keys === undefined ? undefined : { span: property.span, text: `${property.key}: ${list(keys)}` };
}

function replacedIn(file: SourceFile, outer: Span, changed: Changed): string;
function replacedIn(file: SourceFile, outer: Span, changed: Changed | undefined): string | undefined;
function replacedIn(file: SourceFile, outer: Span, changed: Changed | undefined): string | undefined {
  if (changed === undefined) return undefined;
  return file.text.slice(outer.start, changed.span.start) + changed.text + file.text.slice(changed.span.end, outer.end);
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
  if (doesMore(form, query, fn)) return [];
  const bulk = bulkInsert(form, query, program);
  if (bulk === undefined) return [];
  const isDropped =
    form.inside.kind !== 'variable' && statementAround(form.file, form.call)?.statement.kind === 'expression';
  return isDropped ? collected(form, bulk) : writtenFirst(form, bulk);
}

/** Something else in the loop reads, writes or leaves the program. */
function doesMore(form: LoopForm, query: DatabaseOperation, fn: FunctionFacts): boolean {
  const loop = form.statement;
  return fn.operations.some(({ effect, loops, at }) => {
    if (
      !loops.some(
        ({ at: place }) => place.path === form.file.path && loop.start <= place.start && place.end <= loop.end,
      )
    )
      return false;
    if (at.start === query.at.start && at.path === query.at.path) return false;
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
        edit(file, place.statement, `${rows}.push(${bulk.isList ? '...' : ''}${textOf(file, bulk.row)})${end}`),
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
