/**
 * An argument that the caller writes out around one key: `findUser({ where: { id: order.userId } })`. What the called
 * function reads of it is then known, so that a sibling of the function can take the keys alone.
 */
import type { Expression, FunctionNode, ObjectExpression, ObjectProperty, SourceFile } from '../typescript/syntax.ts';
import { countMentions } from './mention.ts';
import type { Replacement } from './sibling-text.ts';
import { childExpressions, partsOf, textOf } from './source-edit.ts';

export interface ArgumentShape {
  /** The parameter that takes the argument. */
  readonly parameter: string;
  /** Index of its variable. */
  readonly variable: number;
  /** From the argument to the key: `where`, `id`. */
  readonly path: readonly string[];
}

/** The way to the only thing that an object holds, and that thing. */
export function onlyLeaf(value: ObjectExpression): { path: readonly string[]; leaf: Expression } | undefined {
  const [property, ...others] = value.properties;
  if (property?.kind !== 'property' || property.key === undefined || property.computed !== undefined) return undefined;
  if (others.length > 0) return undefined;
  if (property.value.kind !== 'object') return { path: [property.key], leaf: property.value };
  const inner = onlyLeaf(property.value);
  return inner === undefined ? undefined : { path: [property.key, ...inner.path], leaf: inner.leaf };
}

/** The part of the argument that an expression stands for: `where`, `id` of `args.where?.id`. */
export function placeInShape(shape: ArgumentShape, value: Expression): readonly string[] | undefined {
  if (value.kind === 'identifier') return value.variable === shape.variable ? [] : undefined;
  if (value.kind !== 'member') return undefined;
  const around = placeInShape(shape, value.object);
  return around === undefined ? undefined : [...around, value.name];
}

/** The properties of an object that stands around the key: `where` of the argument itself. */
export function propertyAt({ path }: ArgumentShape, place: readonly string[]): string | undefined {
  return place.every((name, index) => path[index] === name) ? path[place.length] : undefined;
}

/** The column that `...args.where` gives, where that is the object with the key. */
export function keyOfSpread(shape: ArgumentShape | undefined, property: ObjectProperty): string | undefined {
  if (shape === undefined || property.kind !== 'spread') return undefined;
  const place = placeInShape(shape, property.value);
  return place?.length === shape.path.length - 1 ? propertyAt(shape, place) : undefined;
}

/** Everything the function reads of the argument, as it is for one key. Undefined where that cannot be written so. */
export function usesByKey(
  file: SourceFile,
  node: FunctionNode,
  shape: ArgumentShape,
  key: string,
): readonly Replacement[] | undefined {
  const uses: Replacement[] = [];
  const visit = (expression: Expression): void => {
    const place = placeInShape(shape, expression);
    if (place !== undefined) {
      uses.push({ whole: expression, text: textAt(shape, place, key) });
      return;
    }
    if (expression.kind === 'object') expression.properties.forEach(visitProperty);
    else childExpressions(expression).forEach(visit);
  };
  const visitProperty = (property: ObjectProperty): void => {
    const place = placeInShape(shape, property.value);
    if (place === undefined) visit(property.value);
    else if (property.kind === 'spread') {
      const inner = propertyAt(shape, place);
      if (inner !== undefined) uses.push({ whole: property.span, text: propertyText(shape, [...place, inner], key) });
    } else if (property.shorthand) {
      uses.push({ whole: property.span, text: `${property.key}: ${textAt(shape, place, key)}` });
    } else visit(property.value);
  };
  for (const fn of file.functions) {
    if (fn.start < node.start || node.end < fn.end) continue;
    const search = (statements: FunctionNode['body']): void => {
      for (const statement of statements) {
        const { expressions, lists } = partsOf(statement);
        expressions.forEach(visit);
        lists.forEach(search);
      }
    };
    search(fn.body);
  }
  // Every mention must be one that was understood: not a type, not an assignment.
  const body = textOf(file, node.bodySpan);
  return uses.length > 0 && countMentions(body, shape.parameter) === uses.length ? uses : undefined;
}

/** `id` where the key stands, `{ where: { id } }` around it. */
function textAt(shape: ArgumentShape, place: readonly string[], key: string): string {
  if (place.length >= shape.path.length) {
    const isKey = shape.path.every((name, index) => place[index] === name);
    return isKey ? [key, ...place.slice(shape.path.length)].join('.') : 'undefined';
  }
  const inner = propertyAt(shape, place);
  return inner === undefined ? 'undefined' : `{ ${propertyText(shape, [...place, inner], key)} }`;
}

function propertyText(shape: ArgumentShape, place: readonly string[], key: string): string {
  const name = place.at(-1) ?? '';
  const value = textAt(shape, place, key);
  return value === name ? name : `${name}: ${value}`;
}
