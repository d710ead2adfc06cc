/**
 * The code around a query that runs once per key, and how its syntax is read: what names the key, what else differs from
 * round to round, the calls of a chain.
 */
import type {
  CallExpression,
  Expression,
  ObjectExpression,
  ObjectProperty,
  SourceFile,
  Span,
} from '../typescript/syntax.ts';
import type { ArgumentShape } from './argument-shape.ts';
import { isMentioned } from './mention.ts';
import { textOf } from './source-edit.ts';

/** A query inside code that runs once per key: the round of a loop, a function that takes the key, a field resolver. */
export interface KeyScope {
  readonly file: SourceFile;
  /** Names that stand for the element, the parameter, the parent: the key is one of them or a property of one. */
  readonly keyNames: readonly string[];
  /** Names that this code declares before the query: they differ by round. */
  readonly localNames: readonly string[];
  readonly call: CallExpression;
  /** What is replaced: the call, with the `await` before it. */
  readonly whole: Span;
  /** Where the code ends. */
  readonly end: number;
  /** Queries that throw when there is no such row can be taken apart as well. */
  readonly mayThrow?: boolean;
  /** The name stands for an object that is known to hold the key alone. */
  readonly shape?: ArgumentShape;
}

export type Property = Extract<ObjectProperty, { kind: 'property' }>;

/** A name or property chain of the element, and nothing the body made. */
export function isElementKey(form: KeyScope, value: Expression): boolean {
  if (value.kind !== 'identifier' && value.kind !== 'member') return false;
  if (value.kind === 'member' && value.optional) return false;
  const text = textOf(form.file, value);
  if (!/^[\w$.!?\s]+$/.test(text) || text.includes('?.')) return false;
  return (
    mentions(text, form.keyNames) &&
    !mentions(
      text,
      form.localNames.filter((name) => !form.keyNames.includes(name)),
    )
  );
}

type Rounds = Pick<KeyScope, 'file' | 'keyNames' | 'localNames'>;

/** The one of these that differs from round to round; undefined where several do. */
export function onlyKeyed<T>(
  { file, keyNames, localNames }: Rounds,
  parts: readonly T[],
  spanOf: (part: T) => Span,
): T | undefined {
  const local = [...keyNames, ...localNames];
  const [only, ...others] = parts.filter((part) => mentions(textOf(file, spanOf(part)), local));
  return others.length > 0 ? undefined : only;
}

/** The one property of an object that differs from round to round, where its name is written out. */
export function keyedProperty(scope: Rounds, object: ObjectExpression): NamedProperty | undefined {
  const only = onlyKeyed(scope, object.properties, ({ span }) => span);
  return only?.kind === 'property' && isNamed(only) ? only : undefined;
}

type NamedProperty = Property & { readonly key: string };

function isNamed(property: Property): property is NamedProperty {
  return property.key !== undefined && property.computed === undefined;
}

/** Whether the code uses one of the names; what stands in quotes, or after the dot of another, is none. */
export function mentions(text: string, names: Iterable<string>): boolean {
  const code = text.replaceAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''");
  for (const name of names) {
    if (isMentioned(code, name)) return true;
  }
  return false;
}

/** The calls of a chain, the first of them first. */
export function chainOf(call: CallExpression): CallExpression[] {
  const inner = call.callee.kind === 'member' ? call.callee.object : undefined;
  return inner?.kind === 'call' ? [...chainOf(inner), call] : [call];
}

export function nameOfStep({ callee }: CallExpression): string {
  return callee.kind === 'member' || callee.kind === 'identifier' ? callee.name : '';
}

export function textOfLiteral(expression: Expression | undefined): string | undefined {
  return expression?.kind === 'literal' && typeof expression.value === 'string' ? expression.value : undefined;
}

export function propertyOf(object: Expression | undefined, name: string): Property | undefined {
  if (object?.kind !== 'object') return undefined;
  const found = object.properties.find((property) => property.kind === 'property' && property.key === name);
  return found?.kind === 'property' ? found : undefined;
}

/** `this.users.` of `this.users.findOne(…)`. */
export function receiverText(file: SourceFile, call: CallExpression): string {
  return file.text.slice(call.start, call.nameAt?.start ?? call.start);
}
