/** Loops that do nothing but write one row per element: the same as one statement for all of them. */
import type { DatabaseOperation } from '../../../analysis/protection.ts';
import { edit, ensureImport, semicolonOf, textOf } from '../../../rewrite/source-edit.ts';
import type { Edit, Fix } from '../../../rule.ts';
import type { Expression } from '../../../typescript/syntax.ts';
import { bodyNames, type LoopForm, mentions, outdented } from './loop-form.ts';
import { isElementKey, libraryOf, propertyOf, receiverText } from './query-form.ts';

export function batchWrite(form: LoopForm, query: DatabaseOperation): readonly Fix[] {
  if (!isWholeBody(form)) return [];
  const made = statementFor(form, query);
  if (made === undefined) return [];
  const { file, statement } = form;
  return [
    {
      id: 'write-once',
      title: `Write all ${made.what} in one statement`,
      applicability: 'changes-behaviour',
      difference: made.difference,
      edits: [
        ...(made.imports ?? []),
        edit(file, statement, `await ${outdented(form, made.text)}${semicolonOf(file)}`),
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
  const text = textOf(file, inside).replace(/;$/, '');
  if (form.kind === 'for-of')
    return inside.kind === 'expression' && text.trim() === textOf(file, form.whole) && statement.kind === 'loop';
  const alone = statement.kind === 'expression' && /^await\s+Promise\s*\.\s*all\(/.test(textOf(file, statement));
  const expression =
    statement.kind === 'expression' && statement.expression.kind === 'await' ? statement.expression.operand : undefined;
  return alone && expression?.kind === 'call' && expression.args.length === 1 && expression.args[0]?.kind === 'call';
}

const FAILS_TOGETHER = 'Either all rows are written or none; a failure says nothing about a single row.';

function statementFor(form: LoopForm, query: DatabaseOperation): Made | undefined {
  const library = libraryOf(query);
  if (query.effect.sql !== undefined) return sqlStatement(form, query);
  switch (library) {
    case 'prisma':
      return prismaStatement(form, query);
    case 'typeorm':
      return typeormStatement(form, query);
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
    if (mentions(value, bodyNames(form))) return undefined;
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
  if (mentions(textOf(file, data.span), form.elementNames)) return undefined;
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
  const property = first.kind === 'object' && first.properties.length === 1 ? first.properties[0] : undefined;
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
  if (second !== undefined && (query.name !== 'update' || mentions(textOf(file, second), form.elementNames)))
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
