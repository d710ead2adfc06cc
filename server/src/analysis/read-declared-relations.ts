/**
 * Relations that are declared by calls and static members instead of entity classes: Sequelize's associations,
 * Objection's mappings, Drizzle's relations, references of Mongoose schemas, `EntitySchema` of TypeORM and MikroORM.
 */
import type { CallExpression, ClassNode, Decorator, Expression, SourceFile } from '../typescript/syntax.ts';
import {
  chainOf,
  classAround,
  elements,
  entries,
  lastName,
  member,
  resolved,
  staticOf,
  stringsIn,
} from './definition-syntax.ts';
import type { RelationKind } from './schema.ts';

/** Kinds by the names of the properties that hold what is related. */
export type Relations = readonly (readonly [name: string, kind: RelationKind])[];

const ASSOCIATIONS: ReadonlyMap<string, RelationKind> = new Map([
  ['hasMany', 'one-to-many'],
  ['belongsTo', 'many-to-one'],
  ['hasOne', 'one-to-one'],
  ['belongsToMany', 'many-to-many'],
]);

const MAPPINGS: ReadonlyMap<string, RelationKind> = new Map([
  ['HasManyRelation', 'one-to-many'],
  ['BelongsToOneRelation', 'many-to-one'],
  ['HasOneRelation', 'one-to-one'],
  ['HasOneThroughRelation', 'one-to-one'],
  ['ManyToManyRelation', 'many-to-many'],
]);

/** As TypeORM and MikroORM write them in an `EntitySchema`. */
const WRITTEN: ReadonlyMap<string, RelationKind> = new Map([
  ['one-to-many', 'one-to-many'],
  ['1:m', 'one-to-many'],
  ['ONE_TO_MANY', 'one-to-many'],
  ['many-to-one', 'many-to-one'],
  ['m:1', 'many-to-one'],
  ['MANY_TO_ONE', 'many-to-one'],
  ['one-to-one', 'one-to-one'],
  ['1:1', 'one-to-one'],
  ['ONE_TO_ONE', 'one-to-one'],
  ['many-to-many', 'many-to-many'],
  ['m:n', 'many-to-many'],
  ['MANY_TO_MANY', 'many-to-many'],
]);

/** `User.hasMany(models.Post, { as: 'posts' })`: the model, and what its rows have. */
export function association(
  file: SourceFile,
  call: CallExpression,
): { owner: string; relations: Relations } | undefined {
  const { callee } = call;
  const kind = callee.kind === 'member' ? ASSOCIATIONS.get(callee.name) : undefined;
  const [target] = lastName(call.args[0]);
  if (callee.kind !== 'member' || kind === undefined || target === undefined) return undefined;
  const owner = callee.object.kind === 'this' ? classAround(file, call) : lastName(callee.object)[0];
  if (owner === undefined) return undefined;
  const alias = member(call.args[1], 'as');
  const [given] = [...stringsIn(alias), ...stringsIn(member(alias, 'plural'))];
  return { owner, relations: [[given ?? (/many$/i.test(kind) ? `${target}s` : target), kind]] };
}

/** `@HasMany(() => Post) posts`; `@Prop({ type: [{ type: ObjectId, ref: 'Post' }] }) posts`. */
export function markedRelations(marks: readonly { mark: Decorator; column: string }[]): Relations {
  return marks.flatMap(({ mark, column }) => {
    const [first] = mark.args;
    const kind =
      mark.name === 'Prop'
        ? (referenceKind(first?.kind === 'array' ? first : member(first, 'type')) ?? referenceKind(first))
        : ASSOCIATIONS.get(mark.name.charAt(0).toLowerCase() + mark.name.slice(1));
    return kind === undefined ? [] : [[column, kind] as const];
  });
}

/** `static relationMappings = { posts: { relation: Model.HasManyRelation, … } }`, also as a function or a getter. */
export function mappedRelations(file: SourceFile, node: ClassNode): Relations {
  return entries(staticOf(file, node, 'relationMappings')).flatMap(([name, mapping]) => {
    const relation = member(mapping, 'relation');
    const kind = MAPPINGS.get([...lastName(relation), ...stringsIn(relation)][0] ?? '');
    return kind === undefined ? [] : [[name, kind] as const];
  });
}

/** `relations(users, ({ many }) => ({ posts: many(posts) }))` */
export function drizzleRelations(file: SourceFile, call: CallExpression): { owner: string; relations: Relations }[] {
  const [table, made] = call.args;
  const [owner] = lastName(table);
  return owner === undefined ? [] : [{ owner, relations: drizzleEntries(resolved(file, made)) }];
}

/** `defineRelations(schema, (r) => ({ users: { posts: r.many.posts() } }))` */
export function definedRelations(file: SourceFile, call: CallExpression): { owner: string; relations: Relations }[] {
  const [, made] = call.args;
  return entries(resolved(file, made)).map(([owner, relations]) => ({ owner, relations: drizzleEntries(relations) }));
}

function drizzleEntries(object: Expression | undefined): Relations {
  return entries(object).flatMap(([name, value]) => {
    const names = chainOf(value).map((link) => link.name);
    const callee = value.kind === 'call' ? value.callee : undefined;
    if (callee?.kind === 'member') names.push(...lastName(callee.object));
    const kind = names.includes('many') ? 'one-to-many' : names.includes('one') ? 'many-to-one' : undefined;
    return kind === undefined ? [] : [[name, kind] as const];
  });
}

/** `{ posts: [{ type: ObjectId, ref: 'Post' }] }` of a Mongoose schema. */
export function referencedModels(fields: Expression | undefined): Relations {
  return entries(fields).flatMap(([name, field]) => {
    const kind = referenceKind(field) ?? referenceKind(member(field, 'type'));
    return kind === undefined ? [] : [[name, kind] as const];
  });
}

/** `schema.virtual('posts', { ref: 'Post', localField, foreignField })` */
export function virtualRelation({ args: [name, options] }: CallExpression): Relations {
  const [property] = stringsIn(name);
  const isOne = member(options, 'justOne');
  if (property === undefined || member(options, 'ref') === undefined) return [];
  return [[property, isOne?.kind === 'literal' && isOne.value === true ? 'one-to-one' : 'one-to-many']];
}

function referenceKind(field: Expression | undefined): RelationKind | undefined {
  if (elements(field).some((element) => member(element, 'ref') !== undefined)) return 'one-to-many';
  return member(field, 'ref') === undefined ? undefined : 'many-to-one';
}

/** `relations: { posts: { type: 'one-to-many', … } }` of TypeORM, `properties: { posts: { kind: '1:m', … } }` of MikroORM. */
export function schemaRelations(options: Expression | undefined): Relations {
  return [member(options, 'relations'), member(options, 'properties')].flatMap(entries).flatMap(([name, relation]) => {
    const written = member(relation, 'kind') ?? member(relation, 'reference') ?? member(relation, 'type');
    const kind = WRITTEN.get([...stringsIn(written), ...lastName(written)][0] ?? '');
    return kind === undefined ? [] : [[name, kind] as const];
  });
}
