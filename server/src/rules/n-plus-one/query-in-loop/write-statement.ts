/** One statement in the place of a loop's write: the same for all elements at once, in each library's words. */
import type { ProgramFacts } from '../../../analysis/program.ts';
import type { DatabaseOperation } from '../../../analysis/protection.ts';
import { libraryOf } from '../../../rewrite/batch-query.ts';
import { isElementKey, keyedProperty, mentions, propertyOf, receiverText } from '../../../rewrite/key-scope.ts';
import { ensureNamedImport, indentationAt, quoteOf, textOf } from '../../../rewrite/source-edit.ts';
import type { Edit } from '../../../rule.ts';
import type { Expression, SourceFile, Span } from '../../../typescript/syntax.ts';
import { alone, isArrayNamed, isDeclaredArray, type LoopForm } from './loop-form.ts';

export interface Made {
  readonly what: string;
  readonly text: string;
  readonly difference: string;
  readonly imports?: readonly Edit[];
  /** The library makes broken SQL of no rows. */
  readonly needsRows?: true;
}

export const FAILS_TOGETHER = 'Either all rows are written or none; a failure says nothing about a single row.';

export function statementFor(form: LoopForm, query: DatabaseOperation, program: ProgramFacts): Made | undefined {
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
  const { file, list, statement, kind, element } = form;
  if (value === form.elementName)
    return kind === 'map' || isArrayNamed(file, list, statement) ? list : `[...${alone(list)}]`;
  const body = value.startsWith('{') ? `(${value})` : value;
  return kind === 'map' || isDeclaredArray(file, list, statement)
    ? `${list}.map((${element}) => ${body})`
    : `Array.from(${alone(list)}, (${element}) => ${body})`;
}

/** An argument's text as if it began on the call's own line. */
export function argumentText({ file, call }: LoopForm, argument: Span): string {
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
  if (call.isTag) return query.model.startsWith('postgres#') ? taggedInsert(form) : undefined;
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

const INSERT_ONE = /^(`\s*insert\s+into\s+[\w".]+\s*)\(([\w\s",]+)\)\s*values\s*\(([\s\S]*)\)\s*`$/i;

/** postgres: `` sql`insert into tags ${sql(rows, 'post_id', 'name')}` ``. */
function taggedInsert(form: LoopForm): Made | undefined {
  const { call, file } = form;
  const [template] = call.args;
  if (template?.kind !== 'template') return undefined;
  const [, head, list = '', values = ''] = INSERT_ONE.exec(textOf(file, template)) ?? [];
  const columns = list.split(',').map((column) => column.trim().replaceAll('"', ''));
  const holes = template.holes.map((hole) => textOf(file, hole));
  // Nothing but values, one a column: no functions and no statements of their own.
  const isPlain = values.replaceAll(/\s/g, '') === holes.map((hole) => `\${${hole}}`.replaceAll(/\s/g, '')).join(',');
  if (head === undefined || !isPlain || columns.length !== holes.length || mentions(values, form.localNames))
    return undefined;
  const row = columns.map((column, index) => (holes[index] === column ? column : `${column}: ${holes[index]}`));
  const quote = quoteOf(file);
  const tag = textOf(file, call.callee);
  const names = columns.map((column) => `${quote}${column}${quote}`).join(', ');
  return {
    what: 'rows',
    text: `${tag}${head}\${${tag}(${mapped(form, `{ ${row.join(', ')} }`)}, ${names})}\``,
    needsRows: true,
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
export function isFlat(value: Expression): boolean {
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
    const list = ensureNamedImport(file, 'typeorm', 'In');
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
  const made = ensureNamedImport(file, 'typeorm', 'In');
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
export function bulkOptions(
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
  const property = keyedProperty(form, where);
  if (property === undefined) return undefined;
  const keys = keysOf(form, property.value);
  return keys === undefined ? undefined : { span: property.span, text: `${property.key}: ${list(keys)}` };
}

function replacedIn(file: SourceFile, outer: Span, changed: Changed): string;
function replacedIn(file: SourceFile, outer: Span, changed: Changed | undefined): string | undefined;
function replacedIn(file: SourceFile, outer: Span, changed: Changed | undefined): string | undefined {
  if (changed === undefined) return undefined;
  return file.text.slice(outer.start, changed.span.start) + changed.text + file.text.slice(changed.span.end, outer.end);
}
