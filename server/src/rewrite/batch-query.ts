/**
 * The query as written, when it picks rows by one key of the element: what the same query for all keys looks like.
 * Undefined for anything that one query for all could answer differently: limits, orders of a single row, locks.
 */

import type { ProgramFacts } from '../analysis/program.ts';
import type { DatabaseOperation } from '../analysis/protection.ts';
import type { Edit } from '../rule.ts';
import type {
  CallExpression,
  Expression,
  ObjectExpression,
  ObjectProperty,
  SourceFile,
  Span,
} from '../typescript/syntax.ts';
import { type ArgumentShape, keyOfSpread, onlyLeaf, placeInShape, propertyAt } from './argument-shape.ts';
import { givesKey, mongodbForm, slonikForm, supabaseForm, taggedForm } from './batch-clients.ts';
import {
  chainOf,
  isElementKey,
  type KeyScope,
  keyedProperty,
  mentions,
  nameOfStep,
  onlyKeyed,
  propertyOf,
  receiverText,
  textOfLiteral,
} from './key-scope.ts';
import { ensureNamedImport, quoteOf, textOf } from './source-edit.ts';

export interface BatchForm {
  /** The key as the element has it: `order.customerId`. */
  readonly key: string;
  /** The column that the rows have it in. */
  readonly column: string;
  /** What the single query gives: a row or nothing, a list, a count, a list of rows in a result object or first in an array. */
  readonly gives: 'one' | 'many' | 'count' | 'result' | 'tuple';
  /** The query for all keys, given their name; without `await`. */
  readonly batch: (keys: string) => string;
  readonly imports: readonly Edit[];
  /** The rows' type is known to the compiler, so that callbacks over them need no annotation. */
  readonly typed: boolean;
  /**
   * Keys are compared by their text: objects (`ObjectId`), and what the database may give as another type than the
   * program has, as `pg` gives a `bigint` as a string.
   */
  readonly byText: boolean;
  /** The original throws when there is no row. */
  readonly throws?: boolean;
  /** A missing row is `undefined` in this library, not `null`. */
  readonly absent?: 'undefined';
  /** The library makes broken SQL of an empty list. */
  readonly needsKeys?: boolean;
  /** Several rows may have the key, and the query gives the first of them. */
  readonly first?: boolean;
  /** The rows are the `data` of a result that nothing else is read of. */
  readonly inData?: boolean;
}

type Library = 'typeorm' | 'prisma' | 'sequelize' | 'mongoose' | 'knex' | 'mikro-orm' | 'drizzle' | 'kysely';

export function batchForm(form: KeyScope, query: DatabaseOperation, program: ProgramFacts): BatchForm | undefined {
  if (query.model.startsWith('postgres#') && form.call.isTag) return taggedForm(form, query, program);
  // A receiver made in the code itself is not there for all keys.
  const receiver = textOf(form.file, chainOf(form.call)[0] ?? form.call);
  const first = receiver.slice(0, receiver.indexOf('(') < 0 ? receiver.length : receiver.indexOf('('));
  if (mentions(first, [...form.keyNames, ...form.localNames])) return undefined;
  if (mentions(receiverText(form.file, form.call), form.localNames)) return undefined;
  if (query.model.startsWith('slonik#')) return slonikForm(form, query, program);
  if (query.model.startsWith('mongodb#')) return mongodbForm(form, query);
  if (query.model.startsWith('@supabase/')) return supabaseForm(form);
  if (query.effect.sql !== undefined) return sqlForm(form, query);
  const library = libraryOf(query);
  switch (library) {
    case undefined:
      return undefined;
    case 'knex':
      return knexForm(form, query);
    case 'drizzle':
      return drizzleForm(form, query);
    case 'kysely':
      return kyselyForm(form, query);
    default:
      return library === 'typeorm' && /QueryBuilder/.test(query.model)
        ? typeormBuilderForm(form, query, hasWideKeys(query, program))
        : objectForm(form, query, library, program);
  }
}

/**
 * The rows may have a key as another type than the program: columns that are read as text although they are declared as
 * numbers, entities whose keys are declared to be numbers or text.
 */
function hasWideKeys({ effect }: DatabaseOperation, program: ProgramFacts): boolean {
  const entity = effect.table === undefined ? undefined : program.entity(effect.table);
  const file = entity === undefined ? undefined : program.file(entity.path);
  if (entity === undefined || file === undefined) return false;
  const type = propertyTypeOf(program, entity.name, 'id', MOST_BASES);
  return (
    /\b(bigint|int8|numeric|decimal)\b/i.test(file.text) ||
    (type !== undefined && !/^(CreationOptional<)?(string|number)>?$/.test(type))
  );
}

/** Classes above an entity that are looked at. */
const MOST_BASES = 4;

/** As the class or one above it declares it; undefined where none does. */
function propertyTypeOf(program: ProgramFacts, name: string, property: string, bases: number): string | undefined {
  const node = program.files.flatMap(({ classes }) => classes).find((one) => one.name === name && one.kind === 'class');
  const own = node?.properties.find((one) => one.name === property);
  if (own !== undefined) return own.type;
  const base = node?.heritage.find(({ clause }) => clause === 'extends')?.name;
  return base === undefined || bases === 0 ? undefined : propertyTypeOf(program, base, property, bases - 1);
}

export function libraryOf(query: DatabaseOperation): Library | undefined {
  if (query.model.startsWith('typeorm#')) return 'typeorm';
  if (query.model.startsWith('sequelize#') || query.model.startsWith('sequelize-typescript#')) return 'sequelize';
  if (query.model.startsWith('mongoose#')) return 'mongoose';
  if (/^(knex|objection)#/.test(query.model)) return 'knex';
  if (query.model.startsWith('@mikro-orm/') || query.model.startsWith('mikro-orm#')) return 'mikro-orm';
  if (query.model.startsWith('drizzle-orm')) return 'drizzle';
  if (query.model.startsWith('kysely#')) return 'kysely';
  if (/prisma/i.test(query.model.split('#')[0] ?? '')) return 'prisma';
  return /^shape:(find(Unique|First|Many)(OrThrow)?|count|create|update|delete|createMany|updateMany|deleteMany)$/.test(
    query.model,
  )
    ? 'prisma'
    : undefined;
}

// ---------------------------------------------------------------- SQL text

const SELECT_BY_ONE =
  /^(\s*SELECT\s+([\s\S]+?)\s+FROM\s+[\s\S]+?\sWHERE\s+("?\w+"?\.)?"?(\w+)"?\s*=\s*)(?:\$1|\?)((?:::\w+)?)(\s+ORDER\s+BY\s+[\w\s,."]+?)?(\s+LIMIT\s+1)?\s*;?\s*$/i;

function sqlForm(form: KeyScope, query: DatabaseOperation): BatchForm | undefined {
  const { file, call } = form;
  const [sql, parameters] = call.args;
  if (sql === undefined || (sql.kind !== 'literal' && sql.kind !== 'template') || parameters?.kind !== 'array')
    return undefined;
  if (sql.kind === 'template' && sql.holes.length > 0) return undefined;
  const parameter = parameters.elements[0];
  if (parameters.elements.length !== 1 || parameter === undefined || !isElementKey(form, parameter)) return undefined;
  const source = textOf(file, sql);
  const match = SELECT_BY_ONE.exec(source.slice(1, -1));
  const [, head, columns, table = '', column, cast, order, limit] = match ?? [];
  if (head === undefined || columns === undefined || column === undefined || query.effect.aggregate !== undefined)
    return undefined;
  if (!givesKey(columns, head, table, column)) return undefined;
  if (/\b(JOIN|GROUP|UNION|DISTINCT)\b/i.test(head) && /\bGROUP|UNION|DISTINCT\b/i.test(head)) return undefined;
  if (limit !== undefined && (order !== undefined || column.toLowerCase() !== 'id')) return undefined;
  const gives = sqlGives(form, query);
  if (gives === undefined) return undefined;
  if (source.includes('?'))
    return gives === 'tuple' ? mysqlForm(form, head, order ?? '', textOf(file, parameter), column) : undefined;
  const method = query.name === 'oneOrNone' ? 'any' : query.name;
  const text = `${source[0]}${head}ANY($1${cast === undefined || cast === '' ? '' : `${cast}[]`})${order ?? ''}${source.at(-1)}`;
  return {
    key: textOf(file, parameter),
    column,
    gives,
    batch: (keys) =>
      `${receiverText(file, call)}${method}${textOf(file, { start: call.nameAt?.end ?? call.end, end: sql.start })}${text}, [${keys}])`,
    imports: [],
    typed: false,
    byText: true,
  };
}

/** mysql2 writes a list into `IN (?)`, but only `query` does: `execute` prepares the statement. */
function mysqlForm(form: KeyScope, head: string, order: string, key: string, column: string): BatchForm {
  const { file, call } = form;
  const sql = call.args[0];
  const quote = sql === undefined ? "'" : (file.text[sql.start] ?? "'");
  const opening = textOf(file, { start: call.nameAt?.end ?? call.end, end: sql?.start ?? call.end });
  return {
    key,
    column,
    gives: 'tuple',
    batch: (keys) =>
      `${receiverText(file, call)}query${opening}${quote}${head.replace(/\s*=\s*$/, '')} IN (?)${order}${quote}, [${keys}])`,
    imports: [],
    typed: false,
    byText: true,
    needsKeys: true,
  };
}

function sqlGives(form: KeyScope, query: DatabaseOperation): BatchForm['gives'] | undefined {
  if (query.name === 'oneOrNone') return 'one';
  const { file, whole } = form;
  if (query.model.startsWith('mysql2#'))
    return /^(query|execute)$/.test(query.name) &&
      /\[\s*[\w$]+\s*\]\s*(:\s*[^=]+)?=\s*$/.test(file.text.slice(0, whole.start))
      ? 'tuple'
      : undefined;
  if (!/^(query|any|manyOrNone|unsafe)$/.test(query.name)) return undefined;
  const after = file.text.slice(whole.end).trimStart();
  const before = file.text.slice(0, whole.start).trimEnd();
  if (after.startsWith(').rows') || /\{\s*rows\b[^{}]*\}\s*(:\s*[^=]+)?=$/.test(before)) return 'result';
  const variable = /\b(?:const|let|var)\s+([\w$]+)\s*=$/.exec(before)?.[1];
  if (variable !== undefined) {
    const rest = file.text.slice(whole.end, form.end);
    const uses = rest.match(new RegExp(`(?<![\\w$.])${variable}(?![\\w$]|\\s*:)`, 'g'))?.length ?? 0;
    const rows = rest.match(new RegExp(`(?<![\\w$.])${variable}\\.rows\\b`, 'g'))?.length ?? 0;
    if (rows > 0) return rows === uses ? 'result' : undefined;
  }
  return query.model.startsWith('pg#') ? undefined : 'many';
}

// ---------------------------------------------------------------- conditions as objects

/** Their queries are chains of calls. */
const NONE = { knex: /^$/, drizzle: /^$/, kysely: /^$/ };
const ONE: Record<Library, RegExp> = {
  typeorm: /^(findOne|findOneBy)$/,
  prisma: /^(findUnique|findFirst)$/,
  sequelize: /^findOne$/,
  mongoose: /^(findOne|findById)$/,
  'mikro-orm': /^findOne$/,
  ...NONE,
};
const MANY: Record<Library, RegExp> = {
  typeorm: /^(find|findBy)$/,
  prisma: /^findMany$/,
  sequelize: /^findAll$/,
  mongoose: /^find$/,
  'mikro-orm': /^find$/,
  ...NONE,
};
const HARMLESS: Record<Library, RegExp> = {
  typeorm: /^(where|relations|withDeleted|loadEagerRelations|relationLoadStrategy|comment|transaction)$/,
  prisma: /^(where|include|omit|relationLoadStrategy)$/,
  sequelize: /^(where|include|transaction|paranoid|logging)$/,
  mongoose: /^$/,
  'mikro-orm': /^$/,
  ...NONE,
};

function objectForm(
  form: KeyScope,
  query: DatabaseOperation,
  library: Library,
  program: ProgramFacts,
): BatchForm | undefined {
  const { call, file } = form;
  const entity = query.effect.table === undefined ? undefined : program.entity(query.effect.table);
  const name = query.name;
  if (library === 'sequelize' && name === 'findByPk') return byPrimaryKey(form);
  const throws = library === 'prisma' && /^find(Unique|First)OrThrow$/.test(name);
  if (throws && form.mayThrow !== true) return undefined;
  const one = throws || ONE[library].test(name);
  const many = MANY[library].test(name);
  const count = library === 'prisma' && name === 'count';
  if (!one && !many && !count) return undefined;
  const offset = isEntityManager(query, library) ? 1 : 0;
  if (call.args.length > offset + 1 && library !== 'mongoose') return undefined;
  if (library === 'mongoose' && call.args.length > 1) return undefined;
  const argument = call.args[offset];
  if (argument === undefined) return undefined;
  if (library === 'mongoose' && name === 'findById') return mongooseById(form, argument);
  if (argument.kind !== 'object') return undefined;
  const bare = library === 'mongoose' || library === 'mikro-orm' || /By$/.test(name);
  const where = bare ? argument : propertyOf(argument, 'where')?.value;
  if (where?.kind !== 'object') return undefined;
  const key = elementCondition(form, where) ?? (bare ? undefined : relationCondition(form, where, query, program));
  if (key === undefined || (key.loads !== undefined && (!many || library !== 'typeorm'))) return undefined;
  const overridden = overriddenSpreads(form, argument);
  if (!bare && !optionsAllow(argument, library, { one, column: key.column, shape: form.shape })) return undefined;
  if (one && /^findFirst/.test(name) && propertyOf(argument, 'orderBy') !== undefined) return undefined;
  const isUnique =
    key.column === 'id' ||
    key.column === '_id' ||
    /^findUnique/.test(name) ||
    (entity?.unique.some((set) => set.length === 1 && set[0] === key.column) ?? false);
  if (one && !isUnique && library === 'typeorm') return undefined;
  if (count && argument.properties.length !== 1) return undefined;
  const { list, imports } = listCondition(file, library);
  const method = many
    ? name
    : count
      ? 'groupBy'
      : library === 'sequelize'
        ? 'findAll'
        : library === 'prisma'
          ? 'findMany'
          : bare && library === 'typeorm'
            ? 'findBy'
            : 'find';
  return {
    key: key.text,
    column: key.column,
    gives: one ? 'one' : many ? 'many' : 'count',
    batch: (keys) => {
      const { property, loads } = key;
      const isOwn = property.kind === 'property' && !property.shorthand && property.key === key.column;
      const name = isOwn ? textOf(file, property.keyAt) : (loads ?? key.column);
      const condition = loads === undefined ? list(keys) : `{ id: ${list(keys)} }`;
      const whole = replaceIn(file, argument, property.span, `${name}: ${condition}`);
      const kept = overridden.reduce((text, spread) => text.replace(spread, ''), whole);
      const replaced = loads === undefined ? kept : withRelation(file, argument, kept, loads);
      const text =
        (count ? countText(file, argument, replaced, key.column) : undefined) ??
        withSelected(file, argument, replaced, key.column);
      const before = call.args.slice(0, offset).map((arg) => `${textOf(file, arg)}, `);
      return `${receiverText(file, call)}${method}(${before.join('')}${text})`;
    },
    imports,
    typed: query.basis === 'type',
    byText: library === 'mongoose' || (library !== 'prisma' && hasWideKeys(query, program)),
    ...(throws ? { throws } : {}),
  };
}

/** A column's value is one of a list, as the library says it. */
function listCondition(
  file: SourceFile,
  library: Library,
): { list: (keys: string) => string; imports: readonly Edit[] } {
  switch (library) {
    case 'typeorm': {
      const made = ensureNamedImport(file, 'typeorm', 'In');
      return { list: (keys) => `${made.name}(${keys})`, imports: made.edits };
    }
    case 'sequelize':
      return { list: (keys) => keys, imports: [] };
    case 'mongoose':
    case 'mikro-orm':
      return { list: (keys) => `{ $in: ${keys} }`, imports: [] };
    default:
      return { list: (keys) => `{ in: ${keys} }`, imports: [] };
  }
}

interface Condition {
  readonly column: string;
  readonly text: string;
  readonly property: ObjectProperty;
  /** A relation that must be loaded for the rows to have the key. */
  readonly loads?: string;
}

/** `order: { id: order.id }`: by the column that holds the relation's key, or the relation loaded with the rows. */
function relationCondition(
  form: KeyScope,
  where: ObjectExpression,
  { effect }: DatabaseOperation,
  program: ProgramFacts,
): Condition | undefined {
  const { file } = form;
  const property = keyedProperty(form, where);
  if (property === undefined) return undefined;
  const inner = property.value.kind === 'object' ? onlyLeaf(property.value) : undefined;
  const entity = effect.table === undefined ? undefined : program.entity(effect.table);
  if (inner === undefined || inner.path.join('.') !== 'id' || !isElementKey(form, inner.leaf)) return undefined;
  const text = textOf(file, inner.leaf);
  const column = `${property.key}Id`;
  const isColumn =
    entity?.columns.has(column) === true ||
    entity?.storage?.columns.has(column) === true ||
    (entity !== undefined && propertyTypeOf(program, entity.name, column, MOST_BASES) !== undefined);
  if (isColumn) return { column, text, property };
  const kind = entity?.relations.get(property.key)?.kind;
  return kind === 'many-to-one' || kind === 'one-to-one'
    ? { column: `${property.key}.id`, text, property, loads: property.key }
    : undefined;
}

/** TypeORM's `relations` with one more, in the form that is there. */
function withRelation(file: SourceFile, options: ObjectExpression, text: string, relation: string): string {
  const given = propertyOf(options, 'relations')?.value;
  if (given === undefined) {
    return text.replace(
      /,?(\s*)\}$/,
      (_, gap: string) =>
        `,${gap}${gap.includes('\n') ? '  ' : ''}relations: { ${relation}: true }${gap.includes('\n') ? ',' : ''}${gap}}`,
    );
  }
  const original = textOf(file, given);
  const quote = quoteOf(file);
  const more =
    given.kind === 'array'
      ? original.replace(/^\[\s*/, (open) => `${open}${quote}${relation}${quote}, `)
      : original.replace(/^\{\s*/, (open) => `${open}${relation}: true, `);
  return text.replace(original, more);
}

function isEntityManager(query: DatabaseOperation, library: Library): boolean {
  return /^(typeorm|mikro-orm)$/.test(library) && query.model.includes('EntityManager');
}

/** Sequelize's `Model.findByPk(key, options)`. */
function byPrimaryKey(form: KeyScope): BatchForm | undefined {
  const { file, call } = form;
  const [key, options] = call.args;
  if (key === undefined || call.args.length > 2 || !isElementKey(form, key)) return undefined;
  if (options !== undefined && mentions(textOf(file, options), [...form.keyNames, ...form.localNames]))
    return undefined;
  const where = (keys: string): string => `where: { id: ${keys} }`;
  const rest =
    options?.kind === 'object'
      ? textOf(file, options)
          .replace(/^\{\s*/, '')
          .replace(/\s*\}$/, '')
      : undefined;
  return {
    key: textOf(file, key),
    column: 'id',
    gives: 'one',
    batch: (keys) => {
      const given =
        options === undefined
          ? `{ ${where(keys)} }`
          : rest === undefined
            ? `{ ...${textOf(file, options)}, ${where(keys)} }`
            : `{ ${where(keys)}, ${rest} }`;
      return `${receiverText(file, call)}findAll(${given})`;
    },
    imports: [],
    typed: true,
    byText: false,
  };
}

/** The one condition that names the element; undefined when another does as well, or it is not an equality. */
function elementCondition(form: KeyScope, where: ObjectExpression): Condition | undefined {
  const { file } = form;
  const only = onlyKeyed(form, where.properties, ({ span }) => span);
  const given = only === undefined ? undefined : keyOfSpread(form.shape, only);
  if (only?.kind === 'spread' && given !== undefined)
    return { column: given, text: `${textOf(file, only.value)}.${given}`, property: only };
  const property = keyedProperty(form, where);
  if (property === undefined || !isElementKey(form, property.value)) return undefined;
  const text = property.shorthand
    ? property.key
    : file.text.slice(property.keyAt.end, property.span.end).replace(/^\s*:\s*/, '');
  return { column: property.key, text, property };
}

/** `...args,` where all that the argument holds is written out after it: nothing comes of it. */
function overriddenSpreads({ file, shape }: KeyScope, options: ObjectExpression): string[] {
  return options.properties.flatMap((property, index) => {
    const next = options.properties[index + 1];
    return isOverridden(property, options, shape) && next !== undefined
      ? [file.text.slice(property.span.start, next.span.start)]
      : [];
  });
}

function isOverridden(property: ObjectProperty, options: ObjectExpression, shape: ArgumentShape | undefined): boolean {
  if (property.kind !== 'spread' || shape === undefined) return false;
  const place = placeInShape(shape, property.value);
  const given = place === undefined ? undefined : propertyAt(shape, place);
  const later = options.properties.slice(options.properties.indexOf(property) + 1);
  return given !== undefined && later.some((other) => other.kind === 'property' && other.key === given);
}

function optionsAllow(
  options: ObjectExpression,
  library: Library,
  query: { one: boolean; column: string; shape: ArgumentShape | undefined },
): boolean {
  return options.properties.every((property) => {
    if (isOverridden(property, options, query.shape)) return true;
    if (property.kind !== 'property' || property.key === undefined) return false;
    if (HARMLESS[library].test(property.key)) return true;
    if (/^(order|orderBy)$/.test(property.key)) return !query.one;
    if (/^(select|attributes)$/.test(property.key))
      return selects(property.value, query.column) || (library === 'prisma' && property.value.kind === 'object');
    return false;
  });
}

function selects(value: Expression, column: string): boolean {
  if (value.kind === 'array') return value.elements.some((part) => part.kind === 'literal' && part.value === column);
  if (value.kind !== 'object') return false;
  const property = propertyOf(value, column);
  return property?.value.kind === 'literal' && property.value.value === true;
}

/** Prisma's `select` gets the key too: the lookup needs it. */
function withSelected(file: SourceFile, options: ObjectExpression, text: string, column: string): string {
  const select = propertyOf(options, 'select')?.value;
  if (select?.kind !== 'object' || selects(select, column)) return text;
  const original = textOf(file, select);
  return text.replace(
    original,
    original.replace(/^\{(\s*)/, (_, gap: string) => `{${gap}${column}: true,${gap === '' ? ' ' : gap}`),
  );
}

/** Counts per key; only for options that hold nothing but the conditions. */
function countText(file: SourceFile, options: ObjectExpression, replaced: string, column: string): string | undefined {
  const quote = quoteOf(file);
  const [, gap = '', inner, end = ''] = /^\{(\s*)([\s\S]*?),?(\s*)\}$/.exec(replaced) ?? [];
  if (options.properties.length !== 1 || inner === undefined) return undefined;
  const between = gap === '' ? ' ' : gap;
  return `{${gap}by: [${quote}${column}${quote}],${between}${inner},${between}_count: { _all: true }${gap.includes('\n') ? ',' : ''}${end}}`;
}

function mongooseById(form: KeyScope, argument: Expression): BatchForm | undefined {
  const { file, call } = form;
  if (!isElementKey(form, argument)) return undefined;
  return {
    key: textOf(file, argument),
    column: '_id',
    gives: 'one',
    batch: (keys) => `${receiverText(file, call)}find({ _id: { $in: ${keys} } })`,
    imports: [],
    typed: true,
    byText: true,
  };
}

// ---------------------------------------------------------------- Knex

const KNEX_STEPS =
  /^(where|andWhere|whereNull|whereNotNull|whereNot|select|first|findById|withGraphFetched|orderBy|from|transacting)$/;

function knexForm(form: KeyScope, query: DatabaseOperation): BatchForm | undefined {
  const { file } = form;
  const steps = chainOf(form.call);
  const local = [...form.keyNames, ...form.localNames];
  let key: { column: string; text: string } | undefined;
  let one = false;
  const parts: { span: { start: number; end: number }; text: (keys: string) => string }[] = [];
  for (const step of steps.slice(1)) {
    const name = step.callee.kind === 'member' ? step.callee.name : '';
    const start = step.callee.kind === 'member' ? step.callee.object.end : step.start;
    if (!KNEX_STEPS.test(name)) return undefined;
    if (
      name === 'select' &&
      step.args.length > 0 &&
      !step.args.some((arg) => arg.kind === 'literal' && arg.value === '*')
    )
      return undefined;
    const [id] = step.args;
    if (name === 'findById') {
      // Objection's: the model's own key, for which it has the plural.
      if (id === undefined || key !== undefined || step.args.length !== 1 || !isElementKey(form, id)) return undefined;
      one = true;
      key = { column: 'id', text: textOf(file, id) };
      parts.push({ span: { start, end: step.end }, text: (keys) => `.findByIds(${keys})` });
    } else if (name === 'first') {
      if (step.args.length > 0) return undefined;
      one = true;
      parts.push({ span: { start, end: step.end }, text: () => '' });
    } else if (step.args.some((arg) => mentions(textOf(file, arg), local))) {
      const condition = key === undefined && /^(where|andWhere)$/.test(name) ? knexCondition(form, step) : undefined;
      if (condition === undefined) return undefined;
      key = condition;
      parts.push({
        span: { start, end: step.end },
        text: (keys) => `.whereIn(${quoteOf(file)}${condition.column}${quoteOf(file)}, ${keys})`,
      });
    } else if (name === 'orderBy' && one) return undefined;
  }
  const root = steps[0];
  if (key === undefined || root === undefined || mentions(textOf(file, root), local)) return undefined;
  if (one && key.column !== 'id') return undefined;
  const { column, text } = key;
  return {
    key: text,
    column: column.slice(column.lastIndexOf('.') + 1),
    gives: one ? 'one' : 'many',
    batch: (keys) => {
      let whole = textOf(file, form.call);
      for (const part of [...parts].sort((a, b) => b.span.start - a.span.start)) {
        whole =
          whole.slice(0, part.span.start - form.call.start) +
          part.text(keys) +
          whole.slice(part.span.end - form.call.start);
      }
      return whole;
    },
    imports: [],
    typed: query.basis === 'type',
    byText: true,
    ...(one ? { absent: 'undefined' as const } : {}),
  };
}

function knexCondition(form: KeyScope, step: CallExpression): { column: string; text: string } | undefined {
  const [first, second] = step.args;
  if (first?.kind === 'literal' && typeof first.value === 'string' && second !== undefined && step.args.length === 2) {
    return isElementKey(form, second) ? { column: first.value, text: textOf(form.file, second) } : undefined;
  }
  if (first?.kind !== 'object' || first.properties.length !== 1) return undefined;
  const condition = elementCondition(form, first);
  return condition === undefined ? undefined : { column: condition.column, text: condition.text };
}

// ---------------------------------------------------------------- builders

/** A change of one step of a chain. */
interface Part {
  readonly span: Span;
  readonly text: (keys: string) => string;
}

function replaced(form: KeyScope, parts: readonly Part[], keys: string): string {
  let whole = textOf(form.file, form.call);
  for (const part of [...parts].sort((a, b) => b.span.start - a.span.start)) {
    const { start, end } = part.span;
    whole = whole.slice(0, start - form.call.start) + part.text(keys) + whole.slice(end - form.call.start);
  }
  return whole;
}

const TYPEORM_STEPS =
  /^(createQueryBuilder|(left|inner)Join(AndSelect)?|where|andWhere|orderBy|addOrderBy|withDeleted|getMany|getOne)$/;

/** `.where('orderLine.id = :id', { id: line.id })` of a builder that ends in `getMany()` or `getOne()`. */
function typeormBuilderForm(form: KeyScope, query: DatabaseOperation, byText: boolean): BatchForm | undefined {
  const { file } = form;
  const steps = chainOf(form.call);
  const first = steps.findIndex((step) => nameOfStep(step) === 'createQueryBuilder');
  const root = steps[first]?.args.at(-1);
  if (first < 0 || root?.kind !== 'literal' || typeof root.value !== 'string') return undefined;
  const local = [...form.keyNames, ...form.localNames];
  if (steps.slice(0, first + 1).some((step) => step.args.some((arg) => mentions(textOf(file, arg), local))))
    return undefined;
  const one = query.name === 'getOne';
  const parts: Part[] = [];
  let key: { text: string; column: string } | undefined;
  for (const step of steps.slice(first + 1)) {
    const name = nameOfStep(step);
    if (!TYPEORM_STEPS.test(name) || (one && /rderBy$/.test(name))) return undefined;
    if (!step.args.some((arg) => mentions(textOf(file, arg), local))) continue;
    const found: { text: string; column: string; part: Part } | undefined =
      key === undefined && /^(where|andWhere)$/.test(name)
        ? typeormCondition(form, step, root.value, steps)
        : undefined;
    if (found === undefined) return undefined;
    key = found;
    parts.push(found.part);
  }
  if (key === undefined || (one && key.column !== 'id') || !/^(getMany|getOne)$/.test(query.name)) return undefined;
  if (one && form.call.nameAt !== undefined) parts.push({ span: form.call.nameAt, text: () => 'getMany' });
  return {
    key: key.text,
    column: key.column,
    gives: one ? 'one' : 'many',
    batch: (keys) => replaced(form, parts, keys),
    imports: [],
    typed: query.basis === 'type',
    byText,
    needsKeys: true,
  };
}

function typeormCondition(
  form: KeyScope,
  step: CallExpression,
  root: string,
  steps: readonly CallExpression[],
): { text: string; column: string; part: Part } | undefined {
  const { file } = form;
  const [condition, parameters] = step.args;
  if (condition?.kind !== 'literal' || typeof condition.value !== 'string' || parameters?.kind !== 'object')
    return undefined;
  const [, alias, column = '', name] = /^\s*(\w+)\.(\w+)\s*=\s*:(\w+)\s*$/.exec(condition.value) ?? [];
  const property = parameters.properties[0];
  if (
    alias === undefined ||
    parameters.properties.length !== 1 ||
    property?.kind !== 'property' ||
    property.key !== name
  )
    return undefined;
  if (!isElementKey(form, property.value)) return undefined;
  const join = steps.find(
    (candidate) => /JoinAndSelect$/.test(nameOfStep(candidate)) && textOfLiteral(candidate.args[1]) === alias,
  );
  const relation = /^(\w+)\.(\w+)$/.exec(textOfLiteral(join?.args[0]) ?? '');
  if (alias !== root && relation?.[1] !== root) return undefined;
  const quote = file.text[condition.start] ?? "'";
  return {
    text: textOf(file, property.value),
    column: alias === root ? column : `${relation?.[2] ?? ''}.${column}`,
    part: {
      span: { start: condition.start, end: parameters.end },
      text: (keys) => `${quote}${alias}.${column} IN (:...${keys})${quote}, { ${keys} }`,
    },
  };
}

/** `db.select().from(users).where(eq(users.id, key))`, `db.query.users.findFirst({ where: eq(users.id, key) })`. */
function drizzleForm(form: KeyScope, query: DatabaseOperation): BatchForm | undefined {
  const { file } = form;
  const local = [...form.keyNames, ...form.localNames];
  const [options] = form.call.args;
  const isQuery = /^find(First|Many)$/.test(query.name);
  const steps = chainOf(form.call);
  if (!isQuery && steps.some((step) => !/^(select|from|where|orderBy|leftJoin|innerJoin)$/.test(nameOfStep(step))))
    return undefined;
  const select = steps.find((step) => nameOfStep(step) === 'select');
  if (!isQuery && (select === undefined || select.args.length > 0)) return undefined;
  if (!isQuery && steps.some((step) => /Join$/.test(nameOfStep(step)))) return undefined;
  const where = isQuery
    ? propertyOf(options, 'where')?.value
    : steps.find((step) => nameOfStep(step) === 'where')?.args[0];
  const using = file.calls.filter(
    (call) => where !== undefined && call.start >= where.start && call.end <= where.end && nameOfStep(call) === 'eq',
  );
  const condition = using.filter((call) => mentions(textOf(file, call), local))[0];
  const [column, key] = condition?.args ?? [];
  if (condition === undefined || column?.kind !== 'member' || key === undefined || !isElementKey(form, key))
    return undefined;
  // Only one condition may name the element, and it must be a conjunct.
  const rest = textOf(file, form.call).replace(textOf(file, condition), '');
  if (mentions(rest, local) || !/^(eq|and)\(/.test(where === undefined ? '' : textOf(file, where))) return undefined;
  if (
    isQuery &&
    options?.kind === 'object' &&
    options.properties.some((part) => part.kind !== 'property' || !/^(where|with)$/.test(part.key ?? ''))
  )
    return undefined;
  const one = query.name === 'findFirst';
  const module =
    file.imports.find((node) => node.bindings.some(({ imported }) => imported === 'eq'))?.module ?? 'drizzle-orm';
  const made = ensureNamedImport(file, module, 'inArray');
  const parts: Part[] = [
    { span: condition, text: (keys) => `${made.name}(${textOf(file, column)}, ${keys})` },
    ...(one && form.call.nameAt !== undefined ? [{ span: form.call.nameAt, text: () => 'findMany' }] : []),
  ];
  return {
    key: textOf(file, key),
    column: column.name,
    gives: one ? 'one' : 'many',
    batch: (keys) => replaced(form, parts, keys),
    imports: made.edits,
    typed: query.basis === 'type',
    byText: false,
    needsKeys: true,
    ...(one ? { absent: 'undefined' as const } : {}),
  };
}

/** `db.selectFrom('users').selectAll().where('id', '=', key).executeTakeFirst()`. */
function kyselyForm(form: KeyScope, query: DatabaseOperation): BatchForm | undefined {
  const { file } = form;
  const local = [...form.keyNames, ...form.localNames];
  const steps = chainOf(form.call);
  if (steps.some((step) => !/^(selectFrom|selectAll|where|orderBy|execute|executeTakeFirst)$/.test(nameOfStep(step))))
    return undefined;
  if (!steps.some((step) => nameOfStep(step) === 'selectAll')) return undefined;
  const one = nameOfStep(form.call) === 'executeTakeFirst';
  if (one && steps.some((step) => nameOfStep(step) === 'orderBy')) return undefined;
  const using = steps.filter((step) => step.args.some((arg) => mentions(textOf(file, arg), local)));
  const [step] = using;
  const [column, operator, key] = step?.args ?? [];
  const name = textOfLiteral(column);
  if (step === undefined || using.length !== 1 || nameOfStep(step) !== 'where' || name === undefined) return undefined;
  if (operator === undefined || textOfLiteral(operator) !== '=' || key === undefined || !isElementKey(form, key))
    return undefined;
  const plain = name.slice(name.lastIndexOf('.') + 1);
  if (one && plain !== 'id') return undefined;
  const quote = file.text[operator.start] ?? "'";
  const parts: Part[] = [
    { span: { start: operator.start, end: key.end }, text: (keys) => `${quote}in${quote}, ${keys}` },
    ...(one && form.call.nameAt !== undefined ? [{ span: form.call.nameAt, text: () => 'execute' }] : []),
  ];
  return {
    key: textOf(file, key),
    column: plain,
    gives: one ? 'one' : 'many',
    batch: (keys) => replaced(form, parts, keys),
    imports: [],
    typed: query.basis === 'type',
    byText: false,
    needsKeys: true,
    ...(one ? { absent: 'undefined' as const } : {}),
  };
}

// ---------------------------------------------------------------- text

function replaceIn(
  file: SourceFile,
  outer: { start: number; end: number },
  inner: { start: number; end: number },
  text: string,
): string {
  return file.text.slice(outer.start, inner.start) + text + file.text.slice(inner.end, outer.end);
}
