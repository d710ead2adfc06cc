/**
 * A relation read from each row of a query that did not load it. A lazy one runs a query per row; one that is neither
 * lazy nor loaded is `undefined`, which is said as such and never as "1 + N queries".
 */
import type { DatabaseEffect, FunctionFacts, Loop, Operation, RelationEffect } from '../../../analysis/fact.ts';
import { isElementOf } from '../../../analysis/loop-kind.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { isInside, isStartUp, listLabel, unboundedLoop } from '../../../analysis/repetition.ts';
import { nameOf, placeOf } from '../../../analysis/trace.ts';
import { keyOf, sourcesOf, type Value } from '../../../analysis/value.ts';
import { type Confidence, defineRule, type RuleContext } from '../../../rule.ts';
import { isFilledElsewhere, toleratesAbsence } from './filled.ts';
import { loadRelation } from './fix.ts';

export interface LazyRelation {
  readonly fn: FunctionFacts;
  readonly access: Operation & { readonly effect: RelationEffect };
  readonly read: Operation & { readonly effect: DatabaseEffect };
  readonly loop: Loop;
}

export const lazyRelationInLoop = defineRule<LazyRelation>({
  id: 'n-plus-one/lazy-relation-in-loop',
  summary: 'A relation that the query did not load is read from each row.',
  severity: 'warning',
  status: 'stable',
  cwe: [1050],
  detect: (fn, { program }) => unloaded(fn, program),
  report: (evidence, ctx) => {
    const { access, read, loop } = evidence;
    const { entity, relation } = access.effect;
    const list = listLabel(loop, ctx.program);
    return {
      at: access.at,
      message: access.effect.lazy
        ? `Reading '${relation}' runs a query for each element of ${list}, because ${nameOf(read)} did not load that relation of '${entity}'.`
        : `'${relation}' is not loaded: ${nameOf(read)} did not ask for that relation of '${entity}', so it is undefined for each element of ${list}.`,
      related: [
        { at: placeOf(read), message: `The rows come from here, without '${relation}'.` },
        { at: loop.at, message: `Repeated for each element of ${list}.` },
      ],
      confidence: confidenceOf(evidence, ctx),
      resource: `relation ${entity}.${relation}`,
    };
  },
  fixes: loadRelation,
});

function unloaded(fn: FunctionFacts, program: ProgramFacts): LazyRelation[] {
  const found = new Map<string, LazyRelation>();
  for (const operation of fn.operations) {
    if (!isRelationRead(operation) || operation.chain.length > 0) continue;
    const { effect } = operation;
    const { read } = effect;
    if (effect.loaded || effect.eager || !isListRead(read)) continue;
    const loop = unboundedLoop(operation, program);
    if (loop === undefined || !isInside(loop.at, fn, program) || !isElementOf(effect.row, loop)) continue;
    if (!isKnownToLeaveOut(read, effect)) continue;
    const evidence = { fn, access: operation, read, loop };
    if (isAssigned(evidence)) continue;
    if (!effect.lazy && (isFilledElsewhere(evidence, program) || toleratesAbsence(operation, program))) continue;
    const key = `${effect.relation}|${loop.id}`;
    if (!found.has(key)) found.set(key, evidence);
  }
  return [...found.values()];
}

function isRelationRead(operation: Operation): operation is Operation & { readonly effect: RelationEffect } {
  return operation.effect.kind === 'relation';
}

function isListRead(read: Operation): read is Operation & { readonly effect: DatabaseEffect } {
  return read.effect.kind === 'database' && read.effect.action === 'read' && read.effect.returns === 'rows';
}

/** Every option of the query is in sight, and none of them can load the relation. */
function isKnownToLeaveOut(read: Operation & { readonly effect: DatabaseEffect }, effect: RelationEffect): boolean {
  const relations = read.effect.relations;
  if (relations.some((name) => name.includes('*'))) return false;
  if (read.basis === 'shape' || read.coarse) return false;
  // Prisma's rows have what was asked for, by `include` or `select`, in their type: the compiler reports the rest.
  if (/prisma/i.test(read.model)) return false;
  const options = read.effect.args.filter((arg) => arg.kind !== 'place' || arg.path.length > 0 || !isClassPlace(arg));
  // A builder's joins are in sight only where it was built here; a lazy relation is queried for unless joined.
  if (read.effect.args.length === 0 && /QueryBuilder/.test(read.model)) return effect.lazy;
  return options.every((arg) => {
    if (arg.kind === 'constant') return arg.value === undefined;
    if (arg.kind !== 'object') return false;
    return (
      arg.others.length === 0 &&
      ['join', 'loadRelationIds', 'relationLoadStrategy'].every((name) => !arg.properties.has(name))
    );
  });
}

/** The entity class of `manager.find(Order, …)`. */
function isClassPlace(value: Value): boolean {
  return (
    value.kind === 'place' &&
    (value.root.kind === 'module' || value.root.kind === 'import') &&
    /^[A-Z]/.test(value.root.name)
  );
}

/** `order.customer = …` for rows of the same query, earlier in the function. */
function isAssigned({ fn, access, read }: LazyRelation): boolean {
  return fn.operations.some((operation) => {
    const { effect } = operation;
    if (effect.kind !== 'memory' || effect.action !== 'write' || operation.order > access.order) return false;
    if (effect.target.kind !== 'element' && effect.target.kind !== 'result') return false;
    return (
      effect.target.path.at(-1) === access.effect.relation &&
      [...sourcesOf(effect.target)].some(({ id }) => id === read.id)
    );
  });
}

function confidenceOf({ fn, access, read }: LazyRelation, { program }: RuleContext): Confidence {
  if (isStartUp(fn, program)) return 'low';
  if (!access.effect.lazy || read.effect.limited || keyOf(access.effect.row).includes('?')) return 'medium';
  return read.effect.args.length === 0 && /QueryBuilder/.test(read.model) ? 'medium' : 'high';
}
