/**
 * A GraphQL field resolver that queries by its parent. For one object that is one query; where the type is listed,
 * the server calls the resolver for every element of the list, and nothing in the source looks like a loop.
 * Silent about roots, about types that no field gives many of, and where a loader or Prisma's own batching collects
 * the queries of one tick.
 */
import type { DatabaseEffect, FunctionFacts, Guard, Operation } from '../../../analysis/fact.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { type DatabaseOperation, isDatabaseOperation, isOwnKey } from '../../../analysis/protection.ts';
import { isCachedByHelper, isShortName, isSurelyQuery } from '../../../analysis/repetition.ts';
import { plainTable } from '../../../analysis/schema.ts';
import { countStatements, nameOf, placeOf, tableLabel, traceOf } from '../../../analysis/trace.ts';
import { hasPart, keyOf, type PlaceValue, sourcesOf, type Value } from '../../../analysis/value.ts';
import { isMentioned } from '../../../rewrite/mention.ts';
import { type Confidence, defineRule, type RelatedPlace } from '../../../rule.ts';
import type { Pattern } from '../../../typescript/syntax.ts';
import { type FieldResolver, fieldResolvers } from './field-resolvers.ts';
import { resolveByLoader } from './fix.ts';
import { type Listing, listedTypes } from './listed-types.ts';

export interface ResolverQuery {
  readonly fn: FunctionFacts;
  readonly resolver: FieldResolver;
  readonly listing: Listing;
  readonly query: DatabaseOperation;
  readonly queries: number;
}

export const resolverNPlusOne = defineRule<ResolverQuery>({
  id: 'n-plus-one/resolver-n-plus-one',
  summary: 'A GraphQL field resolver queries once per parent of a list.',
  severity: 'warning',
  status: 'stable',
  cwe: [1050],
  detect: (fn, { program }) => resolversIn(fn, program).flatMap((resolver) => judged(fn, resolver, program)),
  report: (evidence, { program }) => {
    const { resolver, listing, query } = evidence;
    const name = `${resolver.type}.${resolver.field}`;
    const more = evidence.queries > 1 ? `, up to ${evidence.queries} statements each time` : '';
    return {
      at: placeOf(query),
      message: `The resolver of '${name}' queries ${tableLabel(query.effect)} by ${nameOf(query)} once per '${resolver.type}', and '${listing.field}' gives many${more}.`,
      related: [...listingPlace(listing, resolver), ...traceOf(query, program)],
      confidence: confidenceOf(evidence, program),
      resource: `field ${name}`,
    };
  },
  fixes: resolveByLoader,
});

function listingPlace(listing: Listing, { type }: FieldResolver): RelatedPlace[] {
  if (listing.at === undefined) return [];
  const message = listing.indirect ? `Every element of a list has a '${type}'.` : `Gives a list of '${type}'.`;
  return [{ at: listing.at, message }];
}

// ---------------------------------------------------------------- evidence

/** The resolvers whose operations this function's facts hold: itself, or closures that it hands to a builder. */
function resolversIn(fn: FunctionFacts, program: ProgramFacts): FieldResolver[] {
  const resolvers = fieldResolvers(program);
  if (resolvers.size === 0) return [];
  const own = resolvers.get(fn.fn.key);
  if (own !== undefined) return [own];
  if (closuresOf(program).length === 0) return [];
  const inside = new Set(
    fn.operations.filter(isDatabaseOperation).map((operation) => operation.chain[0]?.fn ?? operation.fn),
  );
  return [...inside].flatMap((key) => (program.factsOf(key) === undefined ? (resolvers.get(key) ?? []) : []));
}

const closures = new WeakMap<ProgramFacts, readonly FieldResolver[]>();

/** Resolvers that have no facts of their own, because they stand inside a function. */
function closuresOf(program: ProgramFacts): readonly FieldResolver[] {
  let found = closures.get(program);
  if (found === undefined) {
    found = [...fieldResolvers(program).values()].filter(({ key }) => program.factsOf(key) === undefined);
    closures.set(program, found);
  }
  return found;
}

function judged(fn: FunctionFacts, resolver: FieldResolver, program: ProgramFacts): ResolverQuery[] {
  const listing = listedTypes(program).get(resolver.type);
  if (listing === undefined) return [];
  const all = fn.operations.filter(isDatabaseOperation).filter((operation) => isInResolver(operation, fn, resolver));
  // A resolver that writes is no plain field.
  if (all.some(({ effect }) => effect.action !== 'read' && effect.action !== 'lock')) return [];
  const reads = all.filter((operation) => isPerParent(operation, fn, resolver, program));
  const query = reads.find(({ effect }) => effect.table !== undefined) ?? reads[0];
  return query === undefined ? [] : [{ fn, resolver, listing, query, queries: countStatements(reads) }];
}

function isInResolver(operation: Operation, fn: FunctionFacts, { key, file, node }: FieldResolver): boolean {
  if (fn.fn.key === key) return true;
  const place = placeOf(operation);
  return place.path === file.path && node.start <= place.start && place.end <= node.end;
}

function isPerParent(
  operation: DatabaseOperation,
  fn: FunctionFacts,
  resolver: FieldResolver,
  program: ProgramFacts,
): boolean {
  const { effect } = operation;
  if (effect.action !== 'read' || effect.batchesSameTick || effect.rowLock !== 'none') return false;
  // Its own loops are the other rule's.
  if (operation.loops.some(({ repeats }) => repeats === 'elements')) return false;
  return !isLoaded(operation, program) && dependsOnParent(operation, fn, resolver);
}

/** `loader.load(key)` in one of its forms, on the way to the query. */
function isLoaded(operation: Operation, program: ProgramFacts): boolean {
  if (operation.deferred) return true;
  return operation.chain.some(({ at, name }) => {
    const before = program.file(at.path)?.text.slice(Math.max(0, at.start - 60), at.start) ?? '';
    return (
      /^(load|loadMany|loadAll|batch\w*)$/.test(name) && /(load\w*|batch\w*|DataLoader)\b[^;{}]*\.\s*$/i.test(before)
    );
  });
}

/** Some value of the query comes from the parent; where the values are unknown, the call's arguments name it. */
function dependsOnParent(operation: DatabaseOperation, fn: FunctionFacts, resolver: FieldResolver): boolean {
  const values = valuesOf(operation.effect);
  if (fn.fn.key === resolver.key && values.some((value) => isOfParent(value, resolver))) return true;
  const place = placeOf(operation);
  const call = resolver.file.calls.find(
    ({ nameAt, start, end }) =>
      (nameAt?.start === place.start && nameAt.end === place.end) || (start === place.start && end === place.end),
  );
  if (call?.argsSpan === undefined || !isParentUsed(resolver, call.argsSpan)) return false;
  // Handed on, and then not what decides which rows: the same for every parent.
  return operation.chain.length > 0 || effectIsOpen(operation.effect);
}

function effectIsOpen({ where }: DatabaseEffect): boolean {
  return where === undefined || where.some(({ value }) => value.kind === 'unknown' || value.kind === 'computed');
}

function valuesOf({ where, args, sql, entity }: DatabaseEffect): Value[] {
  return [
    ...(where ?? []).map(({ value }) => value),
    ...args,
    ...(sql?.parameters.values() ?? []),
    ...(entity === undefined ? [] : [entity]),
  ];
}

/** Whether it is made of something of the parent, of which `test` says whether it counts. */
function isOfParent(
  value: Value,
  { key, parent }: FieldResolver,
  test: (place: PlaceValue) => boolean = () => true,
): boolean {
  return hasPart(
    value,
    (part) =>
      part.kind === 'place' &&
      part.root.kind === 'parameter' &&
      part.root.fn === key &&
      part.root.index === parent &&
      test(part),
  );
}

function isParentUsed({ file, node, parent }: FieldResolver, within: { start: number; end: number }): boolean {
  const pattern = node.parameters[parent]?.pattern;
  const text = file.text.slice(within.start, within.end);
  return pattern !== undefined && parentNames(pattern, file.variables).some((name) => isMentioned(text, name));
}

export function parentNames(pattern: Pattern, variables: readonly { name: string }[]): string[] {
  switch (pattern.kind) {
    case 'variable':
      return [variables[pattern.variable]?.name ?? ''].filter((name) => name !== '');
    case 'object-pattern':
      return pattern.properties.flatMap((property) => parentNames(property.value, variables));
    default:
      return [];
  }
}

// ---------------------------------------------------------------- confidence

function confidenceOf({ resolver, listing, query }: ResolverQuery, program: ProgramFacts): Confidence {
  if (query.coarse || isShortName(resolver.type) || isCachedByHelper(query, program)) return 'low';
  if (
    isFallback(query.guards, resolver) ||
    isRemembered(query) ||
    query.tries.some(({ in: part }) => part === 'handler')
  )
    return 'low';
  // Elements that each have one may all have the same one, and a page of each takes another kind of query.
  if (listing.indirect || hasArguments(resolver) || (query.effect.limited && query.effect.returns === 'rows'))
    return 'low';
  // Whether a client asks for the field in a list is not in the program: what each refers to is shown in tables, the
  // rows that belong to each, and what is below other rows, mostly for one of them.
  if (!listing.root || !isReference(query, resolver) || isOfOwnKind(query, resolver)) return 'low';
  if (isSameInList(listing, resolver, program)) return 'low';
  return isSurelyQuery(query) ? 'medium' : 'low';
}

/** One row, by a key that the parent has of it: `user.findFirst({ where: { id: entity.lockedByUserId } })`. */
function isReference({ effect }: DatabaseOperation, resolver: FieldResolver): boolean {
  const isOne = (effect.where ?? []).some(({ column, operator }) => operator === '=' && isOwnKey(column, effect.table));
  if ((effect.returns !== 'row' && !isOne) || effect.aggregate !== undefined) return false;
  const values = [
    ...(effect.where ?? []).map(({ value }) => value),
    ...effect.args,
    ...(effect.sql?.parameters.values() ?? []),
  ];
  return values.some((value) => isOfParent(value, resolver, ({ path }) => path.at(-1) !== 'id' && isKey(path.at(-1))));
}

/** `Category.parent`: one row of a tree is asked what is above it, and a list of them is a level of it. */
function isOfOwnKind({ effect }: DatabaseOperation, { type }: FieldResolver): boolean {
  return effect.table !== undefined && plainTable(effect.table) === plainTable(type);
}

/** `posts(@Args('authorId') authorId)` gives a list whose elements all have the one author. */
function isSameInList({ at }: Listing, { field }: FieldResolver, program: ProgramFacts): boolean {
  const file = at === undefined ? undefined : program.file(at.path);
  const gives = file?.functions.find(({ decorators }) => decorators.some(({ start }) => start === at?.start));
  const [first] = gives?.decorators ?? [];
  if (file === undefined || gives === undefined || first === undefined) return false;
  const head = file.text.slice(first.start, gives.body[0]?.start ?? gives.end);
  return new RegExp(`(?<![\\w$])${field}(\\.id\\b|Id\\b|_id\\b)`).test(head);
}

/** `if (order.lines) return order.lines;` before it: the list's own query may have joined them. */
function isFallback(guards: readonly Guard[], resolver: FieldResolver): boolean {
  return guards.some(({ test }) => isOfParent(test, resolver, ({ path }) => !isKey(path.at(-1))));
}

/** `lockedByUserId` decides whether there is something to query for, not whether it is there already. */
function isKey(name: string | undefined): boolean {
  return name !== undefined && /(^|_)(id|uid|uuid|key|code)$|(Id|ID|Uid|Uuid|Key|Code)s?$/.test(name);
}

/** Asked of a map or a cache first. */
function isRemembered(query: DatabaseOperation): boolean {
  return query.guards.some(
    ({ test }) =>
      /cache|memo/i.test(keyOf(test)) ||
      [...sourcesOf(test)].some(({ effect }) => effect.kind === 'cache' || effect.kind === 'memory'),
  );
}

/** The client chooses what of the field it wants: one loader for all would have to know the choice. */
function hasArguments({ node }: FieldResolver): boolean {
  return node.parameters.some(({ decorators }) => decorators.some(({ name }) => /^Args?$/.test(name)));
}
