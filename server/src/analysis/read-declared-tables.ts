/**
 * What is unique according to definitions in code that are no entity classes: Sequelize's `init` and `define` and its
 * decorators, Mongoose schemas, Drizzle tables, `EntitySchema` of TypeORM and MikroORM, Objection's models; which of
 * them refuse a write whose row has changed since it was read; what their columns hold and what is related to their rows.
 */
import type { CallExpression, ClassNode, Decorator, Expression, SourceFile } from '../typescript/syntax.ts';
import {
  calledName,
  chainOf,
  classAround,
  elements,
  entries,
  isNull,
  isTrue,
  lastName,
  member,
  optionsOf,
  staticOf,
  stringsIn,
  textAt,
  variableOf,
} from './definition-syntax.ts';
import {
  attributeColumns,
  type Columns,
  drizzleColumns,
  jsonSchemaColumns,
  markedColumns,
} from './read-declared-columns.ts';
import {
  association,
  definedRelations,
  drizzleRelations,
  mappedRelations,
  markedRelations,
  type Relations,
  referencedModels,
  schemaRelations,
  virtualRelation,
} from './read-declared-relations.ts';
import { decidingColumns } from './schema.ts';

export interface DeclaredTable {
  /** Names it goes by: the class or model, the variable, the table. */
  readonly names: readonly string[];
  readonly unique: readonly (readonly string[])[];
  /** A write of a row fails when the row's version is no longer the one that was read. */
  readonly versioned: boolean;
  readonly relations: Relations;
  /** Absent where the definition has none. */
  readonly columns?: Columns;
}

/** Modules whose tables are defined by calls; a table maker of one's own (`createTable`) comes with Drizzle's columns. */
const LIBRARIES = /sequelize|mongoose|drizzle|typeorm|mikro-orm/;

export function readDeclaredTables(files: readonly SourceFile[]): DeclaredTable[] {
  const found: DeclaredTable[] = [];
  for (const file of files) {
    for (const node of file.classes)
      if (node.heritage.length > 0 || node.decorators.length > 0) found.push(...classTable(file, node));
    if (file.imports.some(({ module }) => LIBRARIES.test(module))) found.push(...callTables(file));
    // A model may be handed to the file that associates it: `(models) => models.User.hasMany(models.Post)`.
    for (const call of file.calls) found.push(...related(association(file, call)));
  }
  return found;
}

function related(declared: { owner: string; relations: Relations } | undefined): DeclaredTable[] {
  if (declared === undefined) return [];
  return [{ names: [declared.owner], unique: [], versioned: false, relations: declared.relations }];
}

// ---------------------------------------------------------------- classes

function classTable(file: SourceFile, node: ClassNode): DeclaredTable[] {
  const table = node.decorators.find(({ name }) => name === 'Table');
  const schema = node.decorators.find(({ name }) => name === 'Schema');
  if (table !== undefined || schema !== undefined) {
    const marks = node.properties.flatMap((property) =>
      property.decorators.map((mark) => ({ mark, column: property.name })),
    );
    return [
      {
        names: [node.name, textAt(optionsOf(table), 'tableName') ?? node.name],
        unique: [...groupedColumns(marks), ...indexes(optionsOf(table))],
        versioned: isTrue(member(optionsOf(table), 'version')) || isOptimistic(optionsOf(schema)),
        relations: markedRelations(marks),
        columns: markedColumns(node.properties),
      },
    ];
  }
  const key = stringsIn(staticOf(file, node, 'idColumn'));
  const relations = mappedRelations(file, node);
  const columns = jsonSchemaColumns(file, node);
  if (key.length === 0 && relations.length === 0 && columns.size === 0) return [];
  const unique = key.length === 0 ? [] : [key];
  const names = [node.name, ...stringsIn(staticOf(file, node, 'tableName'))];
  return [{ names, unique, versioned: false, relations, columns }];
}

/** `@Unique`, `@Column({ unique: true })`, `@Column({ unique: 'name of several' })`, `@Prop({ unique: true })`, `@PrimaryKey`. */
function groupedColumns(marks: readonly { mark: Decorator; column: string }[]): string[][] {
  const groups = new Map<string, string[]>();
  const add = (group: string, column: string): void => {
    const columns = groups.get(group) ?? [];
    if (!columns.includes(column)) groups.set(group, [...columns, column]);
  };
  for (const { mark, column } of marks) {
    const unique = member(optionsOf(mark), 'unique');
    const [name] = stringsIn(unique);
    if (name !== undefined) add(`named ${name}`, column);
    else if (mark.name === 'Unique' || isTrue(unique))
      add(mark.name === 'Unique' ? (stringsIn(mark.args[0])[0] ?? column) : column, column);
    if (mark.name === 'PrimaryKey' || isTrue(member(optionsOf(mark), 'primaryKey'))) add('primary', column);
  }
  return [...groups.values()];
}

// ---------------------------------------------------------------- calls

/** Made over several statements. */
interface MongooseSchema extends DeclaredTable {
  readonly names: string[];
  readonly unique: (readonly string[])[];
  readonly relations: Relations[number][];
}

function callTables(file: SourceFile): DeclaredTable[] {
  const found: DeclaredTable[] = [];
  const schemas = new Map<string, MongooseSchema>();
  for (const call of file.calls) {
    switch (calledName(call)) {
      case 'init':
      case 'define':
        found.push(...sequelizeTable(file, call));
        break;
      case 'Schema': {
        const variable = call.isNew ? variableOf(file, call) : undefined;
        if (variable !== undefined)
          schemas.set(variable, {
            names: [],
            unique: schemaColumns(call),
            versioned: isOptimistic(call.args[1]),
            relations: [...referencedModels(call.args[0])],
          });
        break;
      }
      case 'createForClass': {
        const variable = variableOf(file, call);
        const [of] = call.args;
        if (variable !== undefined && of?.kind === 'identifier')
          schemas.set(variable, { names: [of.name], unique: [], versioned: false, relations: [] });
        break;
      }
      case 'index':
      case 'virtual': {
        const object = call.callee.kind === 'member' ? call.callee.object : undefined;
        const schema = object?.kind === 'identifier' ? schemas.get(object.name) : undefined;
        if (calledName(call) === 'index') schema?.unique.push(...schemaIndex(call));
        else schema?.relations.push(...virtualRelation(call));
        break;
      }
      case 'model':
      case 'discriminator': {
        const [model, of] = call.args;
        const schema = of?.kind === 'identifier' ? schemas.get(of.name) : undefined;
        if (schema !== undefined)
          schema.names.push(
            ...stringsIn(model),
            ...(variableOf(file, call) === undefined ? [] : [variableOf(file, call) ?? '']),
          );
        break;
      }
      case 'pgTable':
      case 'mysqlTable':
      case 'sqliteTable':
      case 'createTable':
      case 'table':
        found.push(...drizzleTable(file, call));
        break;
      case 'relations':
        found.push(...drizzleRelations(file, call).flatMap(related));
        break;
      case 'defineRelations':
        found.push(...definedRelations(file, call).flatMap(related));
        break;
      case 'EntitySchema':
        if (call.isNew) found.push(...entitySchema(call));
        break;
      default:
    }
  }
  // A schema that another file makes a model of goes by its variable: `userSchema`, `UserSchema`.
  for (const [variable, schema] of schemas)
    found.push({ ...schema, names: schema.names.length > 0 ? schema.names : [variable.replace(/_?schema$/i, '')] });
  return found.filter(
    ({ unique, versioned, relations, columns }) =>
      unique.length > 0 || versioned || relations.length > 0 || (columns?.size ?? 0) > 0,
  );
}

/** `User.init({ email: { unique: true } }, { indexes: […] })`, `sequelize.define('user', { … }, { … })`. */
function sequelizeTable(file: SourceFile, call: CallExpression): DeclaredTable[] {
  const isDefine = call.args[0]?.kind === 'literal';
  const [attributes, options] = isDefine ? call.args.slice(1) : call.args;
  if (attributes?.kind !== 'object' || call.callee.kind !== 'member') return [];
  const owner = call.callee.object;
  const names = isDefine
    ? [...stringsIn(call.args[0]), variableOf(file, call) ?? '']
    : [owner.kind === 'identifier' ? owner.name : (classAround(file, call) ?? ''), textAt(options, 'modelName') ?? ''];
  const known = [...names, textAt(options, 'tableName') ?? ''].filter((name) => name !== '');
  if (known.length === 0) return [];
  return [
    {
      names: known,
      unique: [...columnsOf(attributes), ...indexes(options)],
      versioned: isTrue(member(options, 'version')),
      relations: [],
      columns: attributeColumns(attributes),
    },
  ];
}

/** Columns by themselves, columns that share a constraint's name, the key. */
function columnsOf(attributes: Expression): (readonly string[])[] {
  const groups = new Map<string, string[]>();
  for (const [column, options] of entries(attributes)) {
    const unique = member(options, 'unique');
    const [name] = [...stringsIn(unique), ...stringsIn(member(unique, 'name'))];
    const group =
      isTrue(member(options, 'primaryKey')) || isTrue(member(options, 'primary'))
        ? 'primary'
        : name !== undefined
          ? `named ${name}`
          : isTrue(unique)
            ? column
            : undefined;
    if (group !== undefined) groups.set(group, [...(groups.get(group) ?? []), column]);
  }
  return [...groups.values()];
}

/** `indexes: [{ unique: true, fields: ['a', { name: 'b' }], where: { deletedAt: null } }]` */
function indexes(options: Expression | undefined): (readonly string[])[] {
  return elements(member(options, 'indexes')).flatMap((index) => {
    if (!isTrue(member(index, 'unique')) && textAt(index, 'type')?.toUpperCase() !== 'UNIQUE') return [];
    const fields = elements(member(index, 'fields')).flatMap((field) => [
      ...stringsIn(field),
      ...stringsIn(member(field, 'name')),
    ]);
    const conditions = entries(member(index, 'where')).filter(([, value]) => !isNull(value));
    return fields.length === 0 ? [] : [[...new Set([...fields, ...conditions.map(([column]) => column)])]];
  });
}

function schemaColumns(call: CallExpression): (readonly string[])[] {
  return entries(call.args[0]).flatMap(([column, options]) => (isTrue(member(options, 'unique')) ? [[column]] : []));
}

/** `schema.index({ a: 1, b: 1 }, { unique: true, partialFilterExpression: { active: true } })` */
function schemaIndex({ args: [keys, options] }: CallExpression): (readonly string[])[] {
  if (!isTrue(member(options, 'unique'))) return [];
  const partial = entries(member(options, 'partialFilterExpression')).map(([column]) => column);
  const columns = entries(keys).map(([column]) => column);
  return columns.length === 0 ? [] : [[...new Set([...columns, ...partial])]];
}

/** With `optimisticConcurrency` a save fails when the document has changed. */
function isOptimistic(options: Expression | undefined): boolean {
  return (
    isTrue(member(options, 'optimisticConcurrency')) || elements(member(options, 'optimisticConcurrency')).length > 0
  );
}

/** `pgTable('users', { email: text('email').unique() }, (t) => [uniqueIndex('n').on(t.a, t.b)])` */
function drizzleTable(file: SourceFile, call: CallExpression): DeclaredTable[] {
  const [name, columns, extra] = call.args;
  if (stringsIn(name).length === 0 || columns?.kind !== 'object') return [];
  const own = entries(columns).filter(([, value]) =>
    chainOf(value).some(({ name: link }) => link === 'unique' || link === 'primaryKey'),
  );
  const body = extra?.kind === 'function' ? file.functions[extra.fn]?.body[0] : undefined;
  const made = body?.kind === 'return' ? body.value : undefined;
  const listed = made?.kind === 'object' ? entries(made).map(([, value]) => value) : elements(made);
  return [
    {
      names: [...stringsIn(name), variableOf(file, call) ?? ''].filter((part) => part !== ''),
      unique: [...own.map(([column]) => [column]), ...listed.flatMap((part) => drizzleConstraint(file, part))],
      versioned: false,
      relations: [],
      columns: drizzleColumns(columns),
    },
  ];
}

function drizzleConstraint(file: SourceFile, expression: Expression): (readonly string[])[] {
  const chain = chainOf(expression);
  const first = chain.at(-1);
  if (first === undefined || !/^(unique|uniqueIndex|primaryKey)$/.test(first.name)) return [];
  const on = chain.find(({ name }) => name === 'on');
  const given = on?.args ?? elements(member(first.args[0], 'columns'));
  const columns = (given.length > 0 ? given : first.args).flatMap(lastName);
  const where = chain.find(({ name }) => name === 'where')?.args[0];
  if (columns.length === 0) return [];
  return [decidingColumns(columns, where === undefined ? undefined : conditionText(file, where))];
}

/** `` sql`${t.deletedAt} IS NULL` `` with the columns' names for the holes. */
function conditionText(file: SourceFile, { start, end }: Expression): string {
  return file.text.slice(start, end).replaceAll(/\$\{[^}]*?(\w+)\s*\}/g, '$1');
}

/** `new EntitySchema({ name, columns | properties, uniques, indices | indexes })` of TypeORM and MikroORM. */
function entitySchema({ args: [options] }: CallExpression): DeclaredTable[] {
  const names = ['name', 'tableName', 'class'].flatMap((key) => [
    ...stringsIn(member(options, key)),
    ...(key === 'class' ? lastName(member(options, key)) : []),
  ]);
  const columns = member(options, 'columns') ?? member(options, 'properties');
  const listed = [
    ...elements(member(options, 'uniques')),
    ...[member(options, 'indices'), member(options, 'indexes')]
      .flatMap(elements)
      .filter((index) => isTrue(member(index, 'unique'))),
  ];
  if (names.length === 0) return [];
  return [
    {
      names,
      unique: [
        ...(columns === undefined ? [] : columnsOf(columns)),
        ...listed
          .map((set) => [...stringsIn(member(set, 'columns')), ...stringsIn(member(set, 'properties'))])
          .filter((set) => set.length > 0),
      ],
      versioned: entries(columns).some(([, column]) => isTrue(member(column, 'version'))),
      relations: schemaRelations(options),
      columns: attributeColumns(columns),
    },
  ];
}
