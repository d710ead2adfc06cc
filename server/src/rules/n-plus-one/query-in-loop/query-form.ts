/**
 * The query as written, when it picks rows by one key of the element: what the same query for all keys looks like.
 * Undefined for anything that one query for all could answer differently: limits, orders of a single row, locks.
 */

import type { DatabaseOperation } from '../../../analysis/protection.ts';
import type { EntitySchema } from '../../../analysis/schema.ts';
import { ensureImport, quoteOf, textOf } from '../../../rewrite/source-edit.ts';
import type { Edit } from '../../../rule.ts';
import type {
  CallExpression,
  Expression,
  ObjectExpression,
  ObjectProperty,
  SourceFile,
} from '../../../typescript/syntax.ts';
import { bodyNames, type LoopForm, mentions } from './loop-form.ts';

export interface BatchForm {
  /** The key as the element has it: `order.customerId`. */
  readonly key: string;
  /** The column that the rows have it in. */
  readonly column: string;
  /** What the single query gives: a row or nothing, a list, a count, a list of rows in a result object. */
  readonly gives: 'one' | 'many' | 'count' | 'result';
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
}

type Property = Extract<ObjectProperty, { kind: 'property' }>;
type Library = 'typeorm' | 'prisma' | 'sequelize' | 'mongoose' | 'knex';

/** `hasWideKeys`: the entity's columns may be read as strings although they are declared as numbers. */
export function batchForm(
  form: LoopForm,
  query: DatabaseOperation,
  entity: EntitySchema | undefined,
  hasWideKeys: boolean,
): BatchForm | undefined {
  if (query.effect.sql !== undefined) return sqlForm(form, query);
  const library = libraryOf(query);
  if (library === 'knex') return knexForm(form, query);
  return library === undefined ? undefined : objectForm(form, query, library, entity, hasWideKeys);
}

export function libraryOf(query: DatabaseOperation): Library | undefined {
  if (query.model.startsWith('typeorm#')) return 'typeorm';
  if (query.model.startsWith('sequelize#') || query.model.startsWith('sequelize-typescript#')) return 'sequelize';
  if (query.model.startsWith('mongoose#')) return 'mongoose';
  if (query.model.startsWith('knex#')) return 'knex';
  if (/prisma/i.test(query.model.split('#')[0] ?? '')) return 'prisma';
  return /^shape:(find(Unique|First|Many)(OrThrow)?|count|create|update|delete(Many)?)$/.test(query.model)
    ? 'prisma'
    : undefined;
}

// ---------------------------------------------------------------- SQL text

const SELECT_BY_ONE =
  /^(\s*SELECT\s+([\s\S]+?)\s+FROM\s+[\s\S]+?\sWHERE\s+("?\w+"?\.)?"?(\w+)"?\s*=\s*)\$1((?:::\w+)?)(\s+ORDER\s+BY\s+[\w\s,."]+?)?(\s+LIMIT\s+1)?\s*;?\s*$/i;

function sqlForm(form: LoopForm, query: DatabaseOperation): BatchForm | undefined {
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

/** Whether the rows have the key under its own name. In a join another table's column may have that name. */
function givesKey(columns: string, head: string, table: string, column: string): boolean {
  const parts = columns.split(',').map((part) => part.trim());
  if (!/\bJOIN\b|\bFROM\s+[^()]*,/i.test(head)) {
    return parts.some((part) => /(^|\.)\*$/.test(part) || new RegExp(`(^|\\.)"?${column}"?$`, 'i').test(part));
  }
  const named = parts.filter((part) => part.endsWith('*') || new RegExp(`(^|[.\\s])"?${column}"?$`, 'i').test(part));
  const plain = (text: string): string => text.replaceAll('"', '').toLowerCase();
  const own = [plain(`${table}${column}`), plain(`${table}*`)];
  return table !== '' && named.length === 1 && named[0] !== undefined && own.includes(plain(named[0]));
}

function sqlGives(form: LoopForm, query: DatabaseOperation): BatchForm['gives'] | undefined {
  if (query.name === 'oneOrNone') return 'one';
  if (!/^(query|any|manyOrNone|unsafe)$/.test(query.name)) return undefined;
  const { file, whole } = form;
  const after = file.text.slice(whole.end).trimStart();
  const before = file.text.slice(0, whole.start).trimEnd();
  if (after.startsWith(').rows') || /\{\s*rows\b[^{}]*\}\s*(:\s*[^=]+)?=$/.test(before)) return 'result';
  const variable = /\b(?:const|let|var)\s+([\w$]+)\s*=$/.exec(before)?.[1];
  if (variable !== undefined) {
    const rest = file.text.slice(whole.end, form.statement.end);
    const uses = rest.match(new RegExp(`(?<![\\w$.])${variable}(?![\\w$]|\\s*:)`, 'g'))?.length ?? 0;
    const rows = rest.match(new RegExp(`(?<![\\w$.])${variable}\\.rows\\b`, 'g'))?.length ?? 0;
    if (rows > 0) return rows === uses ? 'result' : undefined;
  }
  return query.model.startsWith('pg#') ? undefined : 'many';
}

// ---------------------------------------------------------------- conditions as objects

const ONE: Record<Library, RegExp> = {
  typeorm: /^(findOne|findOneBy)$/,
  prisma: /^(findUnique|findFirst)$/,
  sequelize: /^findOne$/,
  mongoose: /^(findOne|findById)$/,
  knex: /^$/,
};
const MANY: Record<Library, RegExp> = {
  typeorm: /^(find|findBy)$/,
  prisma: /^findMany$/,
  sequelize: /^findAll$/,
  mongoose: /^find$/,
  knex: /^$/,
};
const HARMLESS: Record<Library, RegExp> = {
  typeorm: /^(where|relations|withDeleted|loadEagerRelations|relationLoadStrategy|comment|transaction)$/,
  prisma: /^(where|include|omit|relationLoadStrategy)$/,
  sequelize: /^(where|include|transaction|paranoid|logging)$/,
  mongoose: /^$/,
  knex: /^$/,
};

function objectForm(
  form: LoopForm,
  query: DatabaseOperation,
  library: Library,
  entity: EntitySchema | undefined,
  hasWideKeys: boolean,
): BatchForm | undefined {
  const { call, file } = form;
  const name = query.name;
  const one = ONE[library].test(name);
  const many = MANY[library].test(name);
  const count = library === 'prisma' && name === 'count';
  if (!one && !many && !count) return undefined;
  const offset = library === 'typeorm' && query.model.includes('EntityManager') ? 1 : 0;
  if (call.args.length > offset + 1 && library !== 'mongoose') return undefined;
  if (library === 'mongoose' && call.args.length > 1) return undefined;
  const argument = call.args[offset];
  if (argument === undefined) return undefined;
  if (library === 'mongoose' && name === 'findById') return mongooseById(form, argument);
  if (argument.kind !== 'object') return undefined;
  const bare = library === 'mongoose' || /By$/.test(name);
  const where = bare ? argument : propertyOf(argument, 'where')?.value;
  if (where?.kind !== 'object') return undefined;
  const key = elementCondition(form, where);
  if (key === undefined) return undefined;
  if (!bare && !optionsAllow(argument, library, { one, column: key.column })) return undefined;
  if (one && name === 'findFirst' && propertyOf(argument, 'orderBy') !== undefined) return undefined;
  const isUnique =
    key.column === 'id' ||
    key.column === '_id' ||
    name === 'findUnique' ||
    (entity?.unique.some((set) => set.length === 1 && set[0] === key.column) ?? false);
  if (one && !isUnique && library === 'typeorm') return undefined;
  if (count && argument.properties.length !== 1) return undefined;
  const imports: Edit[] = [];
  let list: (keys: string) => string = (keys) => `{ in: ${keys} }`;
  if (library === 'typeorm') {
    const made = ensureImport(file, 'typeorm', 'In', 'In');
    imports.push(...made.edits);
    list = (keys) => `${made.name}(${keys})`;
  } else if (library === 'sequelize') list = (keys) => keys;
  else if (library === 'mongoose') list = (keys) => `{ $in: ${keys} }`;
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
      const inner = key.property.shorthand
        ? `${key.column}: ${list(keys)}`
        : `${textOf(file, key.property.keyAt)}: ${list(keys)}`;
      const replaced = replaceIn(file, argument, key.property.span, inner);
      const text =
        (count ? countText(file, argument, replaced, key.column) : undefined) ??
        withSelected(file, argument, replaced, key.column);
      const before = call.args.slice(0, offset).map((arg) => `${textOf(file, arg)}, `);
      return `${receiverText(file, call)}${method}(${before.join('')}${text})`;
    },
    imports,
    typed: query.basis === 'type',
    byText: library === 'mongoose' || (library !== 'prisma' && hasWideKeys),
  };
}

/** The one condition that names the element; undefined when another does as well, or it is not an equality. */
function elementCondition(
  form: LoopForm,
  where: ObjectExpression,
): { column: string; text: string; property: Property } | undefined {
  const { file } = form;
  const local = [...form.elementNames, ...bodyNames(form)];
  const using = where.properties.filter((property) => mentions(textOf(file, property.span), local));
  const property = using[0];
  if (
    using.length !== 1 ||
    property?.kind !== 'property' ||
    property.key === undefined ||
    property.computed !== undefined
  )
    return undefined;
  if (!isElementKey(form, property.value)) return undefined;
  const text = property.shorthand
    ? property.key
    : file.text.slice(property.keyAt.end, property.span.end).replace(/^\s*:\s*/, '');
  return { column: property.key, text, property };
}

/** A name or property chain of the element, and nothing the body made. */
export function isElementKey(form: LoopForm, value: Expression): boolean {
  if (value.kind !== 'identifier' && value.kind !== 'member') return false;
  if (value.kind === 'member' && value.optional) return false;
  const text = textOf(form.file, value);
  if (!/^[\w$.!?\s]+$/.test(text) || text.includes('?.')) return false;
  return (
    mentions(text, form.elementNames) &&
    !mentions(
      text,
      bodyNames(form).filter((name) => !form.elementNames.includes(name)),
    )
  );
}

function optionsAllow(options: ObjectExpression, library: Library, query: { one: boolean; column: string }): boolean {
  return options.properties.every((property) => {
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

function mongooseById(form: LoopForm, argument: Expression): BatchForm | undefined {
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

const KNEX_STEPS = /^(where|andWhere|whereNull|whereNotNull|whereNot|select|first|orderBy|from|transacting)$/;

function knexForm(form: LoopForm, query: DatabaseOperation): BatchForm | undefined {
  const { file } = form;
  const steps = chainOf(form.call);
  const local = [...form.elementNames, ...bodyNames(form)];
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
    if (name === 'first') {
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
  };
}

function knexCondition(form: LoopForm, step: CallExpression): { column: string; text: string } | undefined {
  const [first, second] = step.args;
  if (first?.kind === 'literal' && typeof first.value === 'string' && second !== undefined && step.args.length === 2) {
    return isElementKey(form, second) ? { column: first.value, text: textOf(form.file, second) } : undefined;
  }
  if (first?.kind !== 'object' || first.properties.length !== 1) return undefined;
  const condition = elementCondition(form, first);
  return condition === undefined ? undefined : { column: condition.column, text: condition.text };
}

/** The calls of a chain, the first of them first. */
function chainOf(call: CallExpression): CallExpression[] {
  const inner = call.callee.kind === 'member' ? call.callee.object : undefined;
  return inner?.kind === 'call' ? [...chainOf(inner), call] : [call];
}

// ---------------------------------------------------------------- text

export function propertyOf(object: Expression | undefined, name: string): Property | undefined {
  if (object?.kind !== 'object') return undefined;
  const found = object.properties.find((property) => property.kind === 'property' && property.key === name);
  return found?.kind === 'property' ? found : undefined;
}

/** `this.users.` of `this.users.findOne(…)`. */
export function receiverText(file: SourceFile, call: CallExpression): string {
  return file.text.slice(call.start, call.nameAt?.start ?? call.start);
}

function replaceIn(
  file: SourceFile,
  outer: { start: number; end: number },
  inner: { start: number; end: number },
  text: string,
): string {
  return file.text.slice(outer.start, inner.start) + text + file.text.slice(inner.end, outer.end);
}
