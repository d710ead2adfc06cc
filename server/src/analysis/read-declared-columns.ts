/**
 * What columns hold according to definitions in code that are no entity classes: Objection's `jsonSchema`, Sequelize's
 * attributes, Drizzle's columns, `EntitySchema` of TypeORM and MikroORM. What a schema leaves open stays open: a column
 * that may be left out when a row is made may have a default in the database.
 */
import type { ClassNode, Expression, PropertyNode, SourceFile } from '../typescript/syntax.ts';
import {
  chainOf,
  elements,
  entries,
  isNull,
  isTrue,
  member,
  optionsOf,
  staticOf,
  stringsIn,
} from './definition-syntax.ts';
import { type ColumnKind, type ColumnSchema, kindOfType } from './schema.ts';

export type Columns = ReadonlyMap<string, ColumnSchema>;

// ---------------------------------------------------------------- Objection

/** `static jsonSchema = { required: ['email'], properties: { points: { type: ['integer', 'null'] } } }`, with `jsonAttributes`. */
export function jsonSchemaColumns(file: SourceFile, node: ClassNode): Columns {
  const schema = staticOf(file, node, 'jsonSchema');
  const required = new Set(stringsIn(member(schema, 'required')));
  // What is related to a row may be described with it, and is no column.
  const related = new Set(entries(staticOf(file, node, 'relationMappings')).map(([name]) => name));
  const columns = new Map<string, ColumnSchema>();
  for (const [name, property] of entries(member(schema, 'properties')))
    if (!related.has(name)) columns.set(name, jsonProperty(property, required.has(name)));
  for (const name of stringsIn(staticOf(file, node, 'jsonAttributes')))
    columns.set(name, { kind: 'json', nullable: columns.get(name)?.nullable });
  return columns;
}

function jsonProperty(property: Expression, isRequired: boolean): ColumnSchema {
  const types = typesIn(property);
  const mayBeNull = types.includes('null') || isTrue(member(property, 'nullable'));
  const isAlwaysThere = isRequired || hasDefault(property);
  const kinds = new Set(types.filter((type) => type !== 'null').map((type) => jsonKind(type, property)));
  const [kind] = kinds;
  return {
    kind: kinds.size === 1 ? kind : undefined,
    nullable: mayBeNull ? true : isAlwaysThere && types.length > 0 ? false : undefined,
  };
}

/** Objection fills it in when a row is made. */
function hasDefault(property: Expression): boolean {
  const given = member(property, 'default');
  return given !== undefined && !isNull(given);
}

/** `'integer'`, `['integer', 'null']`, `anyOf: [{ type: 'integer' }, { type: 'null' }]`. */
function typesIn(property: Expression): string[] {
  const type = member(property, 'type');
  const listed = elements(type).some(isNull) ? ['null'] : [];
  const either = [member(property, 'anyOf'), member(property, 'oneOf')].flatMap(elements).flatMap(typesIn);
  return [...stringsIn(type), ...listed, ...either];
}

function jsonKind(type: string, property: Expression): ColumnKind | undefined {
  const isDate = type === 'string' && stringsIn(member(property, 'format')).some((format) => format.startsWith('date'));
  return isDate ? 'date' : kindOfType(type);
}

// ---------------------------------------------------------------- Sequelize, EntitySchema

/** `{ points: { type: DataTypes.INTEGER, allowNull: false }, name: DataTypes.STRING }` */
export function attributeColumns(attributes: Expression | undefined): Columns {
  return new Map(
    entries(attributes).map(([name, attribute]) => [
      name,
      { kind: kindNamed(member(attribute, 'type') ?? attribute), nullable: nullableBy(attribute) },
    ]),
  );
}

/** `@Column({ type: DataType.INTEGER, allowNull: false }) points!: number`, `@AllowNull(false)` */
export function markedColumns(properties: readonly PropertyNode[]): Columns {
  const columns = new Map<string, ColumnSchema>();
  for (const { name, type = '', decorators } of properties) {
    const mark = decorators.find((decorator) => decorator.name === 'Column' || decorator.name === 'Prop');
    if (mark === undefined) continue;
    const options = optionsOf(mark);
    const [first] = mark.args;
    const allows = decorators.find((decorator) => decorator.name === 'AllowNull')?.args[0];
    const named = kindNamed(options === undefined ? first : member(options, 'type'));
    columns.set(name, {
      kind: named ?? kindOfType(type.replaceAll(/\s*\|\s*(null|undefined)\b/g, '')),
      nullable: allows?.kind === 'literal' ? allows.value === true : nullableBy(options),
    });
  }
  return columns;
}

/** As far as it is said: where nothing is, each library has a rule of its own, and rows may begin with a value. */
function nullableBy(options: Expression | undefined): boolean | undefined {
  const given = member(options, 'allowNull') ?? member(options, 'nullable');
  if (given?.kind === 'literal') return given.value === true;
  return isTrue(member(options, 'primaryKey')) || isTrue(member(options, 'primary')) ? false : undefined;
}

/** `'int'`, `Number`, `DataTypes.STRING(20)`, `DataTypes.INTEGER.UNSIGNED`, `[String]`. */
function kindNamed(type: Expression | undefined): ColumnKind | undefined {
  switch (type?.kind) {
    case 'literal':
      return kindOfType(String(type.value));
    case 'array':
      return 'json';
    case 'identifier':
      return kindOfType(type.name);
    case 'member':
      return kindOfType(type.name) ?? kindNamed(type.object);
    case 'call':
      return kindNamed(type.callee);
    default:
      return undefined;
  }
}

// ---------------------------------------------------------------- Drizzle

/** `{ points: integer('points').notNull().default(0) }` */
export function drizzleColumns(columns: Expression): Columns {
  return new Map(
    entries(columns).map(([name, value]) => {
      const links = chainOf(value).map((link) => link.name);
      const kind = links.includes('array') ? 'json' : kindOfType(links.at(-1) ?? '');
      const isThere = links.includes('notNull') || links.includes('primaryKey');
      return [name, { kind, nullable: isThere ? false : links.includes('default') ? undefined : true }];
    }),
  );
}
