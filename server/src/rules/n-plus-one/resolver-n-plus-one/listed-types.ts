/**
 * Which GraphQL types occur many at a time in one answer: those that some field gives as a list, and those that each
 * element of such a list has one of. Read from schema language (`ProgramFacts.graphqlFields`) and from what code-first
 * libraries declare (`@Query(() => [User])`, `@Field(() => [Post])`, `t.field({ type: [Post] })`).
 * What only mutations give does not count: their lists are what one request changed.
 */
import type { ProgramFacts } from '../../../analysis/program.ts';
import type { GraphqlField } from '../../../analysis/read-graphql-schema.ts';
import type { Location } from '../../../rule.ts';
import type { Decorator, Expression, FunctionNode, SourceFile } from '../../../typescript/syntax.ts';

export interface Listing {
  /** `Query.users`, for messages. */
  readonly field: string;
  /** Where code declares it; undefined for schema language. */
  readonly at?: Location;
  /** Each element of a list has one, rather than being one. */
  readonly indirect: boolean;
  /** A query of the client's gives the list, by itself or in a page; otherwise each of other objects has one. */
  readonly root: boolean;
}

interface DeclaredField extends GraphqlField {
  readonly at?: Location;
}

const ROOT = /^(Query|Mutation|Subscription)$/;
/** A page of a list. */
const PAGE = /(List|Connection|Page|Paginated\w*|Edge|Results?|Payload|Response)$/;
const indexes = new WeakMap<ProgramFacts, ReadonlyMap<string, Listing>>();

export function listedTypes(program: ProgramFacts): ReadonlyMap<string, Listing> {
  let index = indexes.get(program);
  if (index === undefined) {
    index = computeListed([...declaredFields(program), ...program.graphqlFields]);
    indexes.set(program, index);
  }
  return index;
}

function computeListed(fields: readonly DeclaredField[]): Map<string, Listing> {
  const listed = new Map<string, Listing>();
  const readable = fields.filter(({ parent, type }) => !/^(Mutation|Subscription)$/.test(parent) && !ROOT.test(type));
  // A root's list says most to a reader, a list of one's own kind least.
  const rank = ({ parent, type }: DeclaredField): number => (isRoot(parent) ? 0 : parent === type ? 2 : 1);
  for (const { parent, name, type, list, at } of readable.toSorted((a, b) => rank(a) - rank(b))) {
    if (!list || listed.has(type)) continue;
    listed.set(type, {
      field: `${parent}.${name}`,
      indirect: false,
      root: isRoot(parent),
      ...(at === undefined ? {} : { at }),
    });
  }
  for (let grew = true; grew; ) {
    grew = false;
    for (const { parent, name, type } of readable) {
      if (listed.has(type) || !listed.has(parent)) continue;
      listed.set(type, { field: `${parent}.${name}`, indirect: true, root: false });
      grew = true;
    }
  }
  return listed;
}

function isRoot(parent: string): boolean {
  return parent === 'Query' || PAGE.test(parent);
}

// ---------------------------------------------------------------- code first

const GIVES: Readonly<Record<string, string | undefined>> = { Query: 'Query', Mutation: 'Mutation' };

function declaredFields(program: ProgramFacts): DeclaredField[] {
  return program.files.flatMap((file) =>
    /@(Query|ResolveField|FieldResolver|ResolveProperty|Field)\b|\bt\.\w+\(/.test(file.text)
      ? [...decorated(file), ...built(file)]
      : [],
  );
}

function decorated(file: SourceFile): DeclaredField[] {
  const fields: DeclaredField[] = [];
  const add = (decorator: Decorator, parent: string | undefined, name: string): void => {
    const type = decorator.args.flatMap((arg) => typeGiven(file, arg) ?? [])[0];
    if (type === undefined || parent === undefined) return;
    const at = { path: file.path, start: decorator.start, end: decorator.end };
    fields.push({ parent, name, ...type, at });
  };
  for (const node of file.functions) {
    if (node.class === undefined) continue;
    for (const decorator of node.decorators) {
      if (/^(Query|Mutation)$/.test(decorator.name)) add(decorator, GIVES[decorator.name], node.name);
      else if (FIELD_RESOLVER.test(decorator.name)) add(decorator, resolverType(file, node), node.name);
      else if (decorator.name === 'Field') add(decorator, file.classes[node.class]?.name, node.name);
    }
  }
  for (const owner of file.classes) {
    for (const property of owner.properties) {
      for (const decorator of property.decorators) {
        if (decorator.name === 'Field') add(decorator, owner.name, property.name);
      }
    }
  }
  return fields;
}

export const FIELD_RESOLVER = /^(ResolveField|FieldResolver|ResolveProperty)$/;

/** `User` of `@Resolver(() => User)`, `@Resolver(User)` or `@Resolver('User')` on the method's class. */
export function resolverType(file: SourceFile, method: FunctionNode): string | undefined {
  const owner = method.class === undefined ? undefined : file.classes[method.class];
  const arg = owner?.decorators.find(({ name }) => name === 'Resolver')?.args[0];
  return arg === undefined ? undefined : typeGiven(file, arg)?.type;
}

/** The type that `() => User`, `[User]`, `() => [User]`, `'User'` stand for. */
function typeGiven(file: SourceFile, given: Expression): { type: string; list: boolean } | undefined {
  switch (given.kind) {
    case 'function': {
      const only = file.functions[given.fn]?.body.at(-1);
      return only?.kind === 'return' && only.value !== undefined ? typeGiven(file, only.value) : undefined;
    }
    case 'array': {
      const [element] = given.elements;
      const inner = element === undefined ? undefined : typeGiven(file, element);
      return inner === undefined ? undefined : { type: inner.type, list: true };
    }
    case 'identifier':
      return { type: given.name, list: false };
    case 'literal':
      return typeof given.value === 'string' && /^[A-Z]\w*$/.test(given.value)
        ? { type: given.value, list: false }
        : undefined;
    default:
      return undefined;
  }
}

/** Pothos: `builder.queryField('users', (t) => t.field({ type: [User] }))`, `t.prismaField({ type: ['User'] })`. */
function built(file: SourceFile): DeclaredField[] {
  return file.calls.flatMap((call): DeclaredField[] => {
    if (call.callee.kind !== 'member') return [];
    const { name, object } = call.callee;
    if (object.kind !== 'identifier' || object.name !== 't') return [];
    const given = call.args.find((arg) => arg.kind === 'object');
    const property = given?.properties.find((part) => part.kind === 'property' && part.key === 'type');
    const type = property === undefined ? undefined : typeGiven(file, property.value);
    const [relation] = call.args;
    if (type === undefined) return [];
    const list = type.list || /Connection$/.test(name);
    const field = relation?.kind === 'literal' && typeof relation.value === 'string' ? relation.value : name;
    const at = { path: file.path, start: call.start, end: call.nameAt?.end ?? call.end };
    return [{ parent: 'Query', name: field, type: type.type, list, at }];
  });
}
