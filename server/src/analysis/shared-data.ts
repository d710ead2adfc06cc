/**
 * Whether what is sent or cached is about what was written: the two share a value. Names that every call has
 * (`ctx`, `req`, clients) are no shared data.
 */
import type { DatabaseEffect, Operation } from './fact.ts';
import { keyOf, rootKey, type Value, walkValue } from './value.ts';

const GENERIC =
  /^(ctx|context|req|request|res|response|this|tx|trx|t|transaction|manager|em|db|client|options|opts|config|logger)$/;

const all = new WeakMap<Value, readonly string[]>();

/** Identities of what a value is made of, with everything above: `param:data` for `data.email`. */
export function identitiesIn(value: Value): readonly string[] {
  const known = all.get(value);
  if (known !== undefined) return known;
  const parts: string[] = [];
  all.set(value, parts);
  walkValue(value, (part) => {
    if (part.kind === 'result') parts.push(`op:${part.operation.id}`);
    if (part.kind !== 'place' || (part.root.kind !== 'parameter' && part.root.kind !== 'captured')) return;
    const root = rootKey(part.root);
    const generic = GENERIC.test(part.root.name);
    if (!generic) parts.push(root);
    part.path.forEach((_, index) => {
      if (!generic || index > 0) parts.push([root, ...part.path.slice(0, index + 1)].join('.'));
    });
  });
  return parts;
}

/** What a write puts into the row: columns, the entity, or arguments that are no condition. */
export function writtenValues(effect: DatabaseEffect): readonly Value[] {
  const written: Value[] = effect.data === undefined ? [] : [...effect.data.values()];
  if (effect.entity !== undefined) written.push(effect.entity);
  if (effect.data === undefined || effect.entity === undefined) {
    const keys = new Set((effect.where ?? []).map((condition) => keyOf(condition.value)));
    written.push(...effect.args.filter((arg) => arg.kind !== 'constant' && !keys.has(keyOf(arg))));
  }
  return written;
}

/** The same row or the same data: what is sent mentions the row's key, what was written, or what the write gave. */
export function concernsWrite(
  write: Operation & { readonly effect: DatabaseEffect },
  payload: readonly Value[],
): boolean {
  const about = identitiesOfRow(write);
  return payload.some((value) => exactIdentities(value).some((part) => about.has(part)));
}

const known = new WeakMap<Operation, ReadonlySet<string>>();

function identitiesOfRow(write: Operation & { readonly effect: DatabaseEffect }): ReadonlySet<string> {
  let about = known.get(write);
  if (about === undefined) {
    const { data, entity, where, args } = write.effect;
    // What the arguments say beside the columns is options.
    const rows = data !== undefined ? [rowOf(data)] : entity !== undefined ? [] : args.map(argumentOf);
    const values = [...rows.flatMap(({ own }) => own), ...(where ?? []).map(({ value }) => value)];
    if (entity !== undefined) values.push(entity);
    if (write.executor !== undefined) values.push(write.executor);
    const owners = new Set(rows.flatMap((row) => row.owners).flatMap(exactIdentities));
    about = new Set([`op:${write.id}`, ...values.flatMap(exactIdentities).filter((part) => !owners.has(part))]);
    known.set(write, about);
  }
  return about;
}

interface Row {
  readonly own: readonly Value[];
  readonly owners: readonly Value[];
}

/** Of arguments that are not known for columns: a row as well as any. */
function argumentOf(arg: Value): Row {
  if (arg.kind !== 'object') return { own: [arg], owners: [] };
  const { own, owners } = rowOf(arg.properties);
  return { own: [...own, ...arg.others], owners };
}

/** Whose row it is says little of which it is, wherever it stands in it, unless it says nothing else. */
function rowOf(data: ReadonlyMap<string, Value>): Row {
  const own = [...data].filter(([column]) => !OWNER.test(column)).map(([, value]) => value);
  const owners = [...data].filter(([column]) => OWNER.test(column)).map(([, value]) => value);
  return own.length > 0 ? { own, owners } : { own: owners, owners: [] };
}

const OWNER =
  /^(user|member|author|team|tenant|actor|org(ani[sz]ation)?|workspace|account|company|shop|created_?by|owner)_?(id)?$/i;

const exact = new WeakMap<Value, readonly string[]>();

/** Only the places themselves and what operations gave: `input.id` and `input.name` share `input`, which says little. */
function exactIdentities(value: Value): readonly string[] {
  const known = exact.get(value);
  if (known !== undefined) return known;
  const parts: string[] = [];
  exact.set(value, parts);
  walkValue(value, (part) => {
    if (part.kind === 'result') parts.push(`op:${part.operation.id}`);
    // `em.create(Order, …)`: an entity made here.
    if (part.kind === 'computed' && part.operator === 'bound') parts.push(keyOf(part));
    if (part.kind !== 'place' || part.root.kind === 'global' || part.root.kind === 'import') return;
    const isOwner = part.root.kind === 'this' || part.root.kind === 'module' || GENERIC.test(part.root.name);
    if (isOwner && part.path.length < 2) return;
    parts.push([rootKey(part.root), ...part.path].join('.'));
  });
  return parts;
}
