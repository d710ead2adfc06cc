/** From an operation to the words and places that explain it: the chain of calls that leads there. */
import type { Location, RelatedPlace } from '../rule.ts';
import type { DatabaseEffect, FunctionFacts, Operation } from './fact.ts';
import { saysWhatIsDone } from './naming.ts';
import type { ProgramFacts } from './program.ts';
import { entityName } from './table-name.ts';
import type { Value } from './value.ts';

/** Where the function whose facts these are does it: the call that leads to it, or the operation itself. */
export function placeOf(operation: Operation): Location {
  return operation.chain[0]?.at ?? operation.at;
}

/** The whole call there, where a statement is put together by several: for whoever looks it up in the syntax. */
export function callPlaceOf(operation: Operation): Location {
  return operation.chain[0]?.at ?? operation.span;
}

/** How many statements of the program stand behind the operations, however many calls lead to each. */
export function countStatements(operations: readonly Operation[]): number {
  return new Set(operations.map(({ at }) => `${at.path}:${at.start}`)).size;
}

/** Whether both happen through one and the same call: then the callee holds all the evidence and reports it. */
export function sameCall(a: Operation, b: Operation): boolean {
  const first = a.chain[0];
  const other = b.chain[0];
  return (
    first !== undefined && other !== undefined && first.at.start === other.at.start && first.at.path === other.at.path
  );
}

/** The call that leads to the operation is the one that opened the transaction or took the lock: both are the callee's. */
export function cameWith(operation: Operation, { site }: { readonly site?: string }): boolean {
  const [first] = operation.chain;
  return first !== undefined && site !== undefined && Number.parseInt(site, 10) === first.at.start;
}

/** Whether a function that this one calls has the operation already, under the circumstances that matter. */
export function isKnownToCallee(
  fn: FunctionFacts,
  operation: Operation,
  program: ProgramFacts,
  holds: (same: Operation) => boolean,
): boolean {
  if (operation.chain.length === 0) return false;
  // The place may be in a closure of the function that was called.
  let info = program.info(operation.chain[1]?.fn ?? operation.fn);
  while (info !== undefined && info.key !== fn.fn.key) {
    const found = program
      .factsOf(info.key)
      ?.operations.some(
        (other) =>
          other.at.start === operation.at.start &&
          other.at.path === operation.at.path &&
          other.effect.kind === operation.effect.kind &&
          holds(other),
      );
    if (found === true) return true;
    info = program.parentOf(info);
  }
  return false;
}

/** The calls after the first, then the operation: nothing for an operation of the function itself. */
export function traceOf(operation: Operation, program: ProgramFacts): RelatedPlace[] {
  if (operation.chain.length === 0) return [];
  const places: RelatedPlace[] = operation.chain.slice(1).map((site) => ({
    at: site.at,
    message: `${program.info(site.fn)?.qualifiedName ?? 'The function'} calls '${site.name}'.`,
  }));
  places.push({ at: operation.at, message: `${describe(operation)} happens here.` });
  return places;
}

/** `'findOne'`, or `'getUser' (through 'findOne')` when it is reached through calls. */
export function nameOf(operation: Operation): string {
  const first = operation.chain[0];
  const name = verbOf(operation);
  return first === undefined || first.name === name ? `'${name}'` : `'${first.name}' (through '${name}')`;
}

const VERBS: Readonly<Record<DatabaseEffect['action'], string>> = {
  read: 'find',
  insert: 'insert',
  update: 'update',
  upsert: 'upsert',
  delete: 'delete',
  save: 'save',
  lock: 'lock',
};

/** What the operation does, by the name of its call where that says so. */
export function verbOf({ effect, name, verb, chain }: Operation): string {
  if (verb !== undefined) return verb;
  if (effect.kind !== 'database' || saysWhatIsDone(name)) return name;
  // A text that stands in the function itself is in front of the reader.
  return effect.sql !== undefined && chain.length === 0 ? name : VERBS[effect.action];
}

/** `table 'accounts'`, for messages and fingerprints; a plain word when the table is not known. */
export function tableLabel(effect: DatabaseEffect): string {
  return effect.table === undefined ? 'the row' : `'${effect.table}'`;
}

/** `The query on 'accounts'`. */
export function describe(operation: Operation): string {
  const { effect } = operation;
  switch (effect.kind) {
    case 'database':
      return effect.action === 'read'
        ? `The query${effect.table === undefined ? '' : ` on '${effect.table}'`}`
        : `The ${effect.action}${effect.table === undefined ? '' : ` of '${effect.table}'`}`;
    case 'cache':
      return `The cache ${effect.action}`;
    case 'request':
      return `The request${effect.service === undefined ? '' : ` to ${effect.service}`}`;
    case 'publish':
      return `The ${effect.medium === 'mail' ? 'mail' : 'publish'}`;
    default:
      return `'${operation.name}'`;
  }
}

/** A short name of a value for messages: `order.id`, `rows`; undefined when it has none a reader would recognise. */
export function labelOf(value: Value): string | undefined {
  switch (value.kind) {
    case 'place': {
      const root = value.root.kind === 'this' ? 'this' : value.root.name;
      return [root, ...value.path].join('.').replaceAll('.[]', '[…]');
    }
    case 'constant':
      return typeof value.value === 'string' ? value.value : String(value.value);
    case 'result':
    case 'element':
      return value.path.length > 0 ? value.path.join('.') : entityName(value);
    default:
      return undefined;
  }
}

/** A key of a store for messages: its fixed parts, with `*` for the others. */
export function keyLabel(key: Value): string {
  if (key.kind === 'computed' && (key.operator === 'template' || key.operator === '+')) {
    return key.operands.map((part) => (part.kind === 'constant' ? String(part.value) : '*')).join('');
  }
  return labelOf(key) ?? '*';
}

export function isSameAt(a: Location, b: Location): boolean {
  return a.start === b.start && a.path === b.path;
}

/** Identity of a resource in fingerprints: of names alone, so that no edit elsewhere changes it. */
export function resourceKey(value: Value): string {
  return namesOf(value, 0).slice(0, 80);
}

const MAX_NAMED_DEPTH = 6;

function namesOf(value: Value, depth: number): string {
  const label = labelOf(value);
  if (label !== undefined) return label;
  if (depth > MAX_NAMED_DEPTH) return '…';
  const all = (parts: readonly Value[], between: string): string =>
    parts.map((part) => namesOf(part, depth + 1)).join(between);
  switch (value.kind) {
    case 'result':
      return value.operation.name;
    case 'element':
      return `${namesOf(value.of, depth + 1)}[]`;
    case 'computed':
      return `${value.operator}(${all(value.operands, ',')})`;
    case 'object':
      return `{${[...value.properties].map(([name, part]) => `${name}:${namesOf(part, depth + 1)}`).join(',')}}`;
    case 'array':
      return `[${all(value.elements, ',')}]`;
    case 'union':
      return all(value.alternatives, '|');
    default:
      return value.kind;
  }
}
