/**
 * Entities from decorators (TypeORM; MikroORM's look alike): relations and whether reading them queries, columns,
 * unique constraints, version columns. Other schema sources add to the same map.
 */
import type { ClassNode, Decorator, Expression, PropertyNode, SourceFile } from '../typescript/syntax.ts';
import { classKey, type Hierarchy } from './hierarchy.ts';
import { type ColumnSchema, decidingColumns, type EntitySchema, kindOfType, type RelationSchema } from './schema.ts';

const RELATIONS: Readonly<Record<string, RelationSchema['kind']>> = {
  ManyToOne: 'many-to-one',
  OneToMany: 'one-to-many',
  OneToOne: 'one-to-one',
  ManyToMany: 'many-to-many',
};
const COLUMNS =
  /^(Column|Primary(Generated)?Column|CreateDateColumn|UpdateDateColumn|DeleteDateColumn|VersionColumn|ObjectIdColumn|Property|PrimaryKey|Enum)$/;

/** Entities by class name; of two with one name the first by path counts. */
export function readEntities(files: readonly SourceFile[], hierarchy: Hierarchy): Map<string, EntitySchema> {
  const entities = new Map<string, EntitySchema>();
  for (const file of files) {
    for (const node of file.classes) {
      const decorator = node.decorators.find(
        (candidate) => candidate.name === 'Entity' || candidate.name === 'ChildEntity',
      );
      if (decorator === undefined || entities.has(node.name)) continue;
      entities.set(node.name, readEntity(file, node, decorator, hierarchy));
    }
  }
  return entities;
}

/** Tables by class name, `@Table({ tableName: 'user_permissions' })` of sequelize-typescript. */
export function readTableNames(files: readonly SourceFile[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const node of files.flatMap((file) => file.classes)) {
    const options = node.decorators.find(({ name }) => name === 'Table')?.args[0];
    const property =
      options?.kind === 'object'
        ? options.properties.find((candidate) => candidate.kind === 'property' && candidate.key === 'tableName')
        : undefined;
    if (property?.kind === 'property' && property.value.kind === 'literal')
      names.set(node.name, String(property.value.value));
  }
  return names;
}

function readEntity(file: SourceFile, node: ClassNode, decorator: Decorator, hierarchy: Hierarchy): EntitySchema {
  const relations = new Map<string, RelationSchema>();
  const columns = new Map<string, ColumnSchema>();
  const unique: (readonly string[])[] = [];
  const primary: string[] = [];
  let versionColumn: string | undefined;
  for (const property of inheritedProperties(file, node, hierarchy)) {
    for (const mark of property.decorators) {
      const kind = RELATIONS[mark.name];
      if (kind !== undefined) {
        relations.set(property.name, readRelation(property, mark, kind));
        if (isKeyOfOne(property, mark)) unique.push([`${property.name}Id`], [property.name]);
      } else if (COLUMNS.test(mark.name)) {
        columns.set(property.name, readColumn(property, mark, libraryOf(file)));
        if (optionOf(mark, 'unique') === true) unique.push([property.name]);
        if (mark.name === 'VersionColumn' || optionOf(mark, 'version') === true) versionColumn = property.name;
      }
      if (mark.name.startsWith('Primary') || optionOf(mark, 'primary') === true) primary.push(property.name);
      else if (mark.name === 'Unique' || (mark.name === 'Index' && optionOf(mark, 'unique') === true))
        unique.push(decidingColumns([property.name], textOf(mark, 'where')));
    }
  }
  // Several together are the key.
  if (primary.length > 0) unique.push(primary);
  for (const mark of node.decorators) {
    if (mark.name !== 'Unique' && !(mark.name === 'Index' && optionOf(mark, 'unique') === true)) continue;
    const names = columnsOf(mark);
    const set = decidingColumns(names, textOf(mark, 'where'));
    if (names.length === 0) continue;
    unique.push(set);
    // `@Unique(['user', 'team'])` names relations; what is written are their keys.
    if (set.some((name) => relations.has(name)))
      unique.push(set.map((name) => (relations.has(name) ? `${name}Id` : name)));
  }
  const first = decorator.args[0];
  const table =
    first?.kind === 'literal' && typeof first.value === 'string'
      ? first.value
      : (textOf(decorator, 'name') ?? textOf(decorator, 'tableName'));
  return {
    name: node.name,
    table,
    path: file.path,
    library: libraryOf(file),
    relations,
    columns,
    unique,
    ...(versionColumn === undefined ? {} : { versionColumn }),
  };
}

/** Which library's decorators they are. */
function libraryOf(file: SourceFile): string {
  return file.imports.some(({ module }) => module.startsWith('@mikro-orm/')) ? 'mikro-orm' : 'typeorm';
}

/** The side of a one-to-one that holds the key: no two rows have the same. */
function isKeyOfOne(property: PropertyNode, mark: Decorator): boolean {
  return (
    mark.name === 'OneToOne' &&
    (property.decorators.some(({ name }) => name === 'JoinColumn') || optionOf(mark, 'owner') === true)
  );
}

/** `@Unique(['a', 'b'])`, `@Unique('name', ['a', 'b'])`, `@Unique({ properties: ['a', 'b'] })`, `@Index('name', (e) => [e.a])`. */
function columnsOf(mark: Decorator): string[] {
  for (const arg of mark.args) {
    if (arg.kind === 'array') return arg.elements.flatMap(stringsIn);
    if (arg.kind !== 'object') continue;
    for (const property of arg.properties) {
      if (property.kind === 'property' && (property.key === 'properties' || property.key === 'columns'))
        return stringsIn(property.value);
    }
  }
  return mark.args.filter((arg) => arg.kind === 'literal').flatMap(stringsIn);
}

/** The text an options object of the decorator gives the name. */
function textOf(mark: Decorator, name: string): string | undefined {
  for (const arg of mark.args) {
    if (arg.kind !== 'object') continue;
    for (const property of arg.properties) {
      if (property.kind !== 'property' || property.key !== name) continue;
      if (property.value.kind === 'literal' && typeof property.value.value === 'string') return property.value.value;
      if (property.value.kind === 'template') return property.value.parts.join('?');
    }
  }
  return undefined;
}

function inheritedProperties(file: SourceFile, node: ClassNode, hierarchy: Hierarchy): PropertyNode[] {
  const found = [...node.properties];
  const seen = new Set<string>();
  const visit = (key: string): void => {
    if (seen.has(key)) return;
    seen.add(key);
    for (const base of hierarchy.classes.get(key)?.bases ?? []) {
      found.push(...base.node.properties.filter((property) => !found.some((own) => own.name === property.name)));
      visit(base.key);
    }
  };
  visit(classKey(file.path, node));
  return found;
}

function readRelation(property: PropertyNode, mark: Decorator, kind: RelationSchema['kind']): RelationSchema {
  const target = mark.args[0];
  let name: string | undefined;
  if (target?.kind === 'literal' && typeof target.value === 'string') name = target.value;
  return {
    name: property.name,
    target:
      name ?? property.type?.replace(/^(Promise|Relation|Array|Ref|Collection)<(.*)>$/, '$2').replace(/\[\]$/, ''),
    kind,
    lazy: optionOf(mark, 'lazy') === true || /^Promise</.test(property.type ?? ''),
    eager: optionOf(mark, 'eager') === true,
  };
}

const DATES = /^(Create|Update|Delete)DateColumn$/;

/** The type that is named, or the property's own: `@Column('jsonb')`, `@Column() count: number | null`. */
function readColumn(property: PropertyNode, mark: Decorator, library: string): ColumnSchema {
  const [first] = mark.args;
  const named = textOf(mark, 'type') ?? (first === undefined ? undefined : stringsIn(first)[0]);
  const written = property.type?.replaceAll(/\s*\|\s*(null|undefined)\b/g, '');
  const kind =
    optionOf(mark, 'array') === true || mark.args.some((arg) => arg.kind === 'array')
      ? 'json'
      : DATES.test(mark.name)
        ? 'date'
        : kindOfType(named ?? written ?? '');
  const given = mark.name === 'DeleteDateColumn' ? true : optionOf(mark, 'nullable');
  // MikroORM takes it from the property's type, which need not say so.
  return { kind, nullable: given ?? (library === 'typeorm' ? false : undefined) };
}

/** The boolean an options object of the decorator gives the name. */
function optionOf(mark: Decorator, name: string): boolean | undefined {
  for (const arg of mark.args) {
    if (arg.kind !== 'object') continue;
    for (const property of arg.properties) {
      if (property.kind === 'property' && property.key === name && property.value.kind === 'literal') {
        return property.value.value === true;
      }
    }
  }
  return undefined;
}

function stringsIn(expression: Expression): string[] {
  if (expression.kind === 'literal' && typeof expression.value === 'string') return [expression.value];
  if (expression.kind === 'array') return expression.elements.flatMap(stringsIn);
  return [];
}
