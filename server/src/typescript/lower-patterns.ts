/** Lowers what is bound or assigned: declared patterns and destructuring assignments. */
import { SyntaxKind } from 'typescript/unstable/ast';
import type { Lowering } from './lower-context.ts';
import { lowerExpression, propertyKey } from './lower-expressions.ts';
import type { Expression, Pattern, Variable } from './syntax.ts';

type ObjectPattern = Extract<Pattern, { kind: 'object-pattern' }>;
type ArrayPattern = Extract<Pattern, { kind: 'array-pattern' }>;

const OBJECT_BINDING = SyntaxKind.ObjectBindingPattern;
const ARRAY_BINDING = SyntaxKind.ArrayBindingPattern;
const OBJECT = SyntaxKind.ObjectLiteralExpression;
const ARRAY = SyntaxKind.ArrayLiteralExpression;
const OMITTED = SyntaxKind.OmittedExpression;
const SPREAD = SyntaxKind.SpreadElement;
const SPREAD_ASSIGNMENT = SyntaxKind.SpreadAssignment;
const SHORTHAND = SyntaxKind.ShorthandPropertyAssignment;
const PROPERTY_ASSIGNMENT = SyntaxKind.PropertyAssignment;
const BINARY = SyntaxKind.BinaryExpression;
const EQUALS = SyntaxKind.EqualsToken;

// ---------------------------------------------------------------- declarations

/** Declares the names of a binding and returns its pattern. */
export function lowerBinding(l: Lowering, node: number, kind: Variable['kind']): Pattern {
  const { tree } = l;
  const nodeKind = tree.kind(node);
  const start = tree.start(node);
  const end = tree.end(node);
  if (nodeKind === OBJECT_BINDING) return objectBinding(l, node, kind);
  if (nodeKind === ARRAY_BINDING) return arrayBinding(l, node, kind);
  const variable = l.declare(l.name(node), kind, { start, end });
  return { kind: 'variable', variable, start, end };
}

function objectBinding(l: Lowering, node: number, kind: Variable['kind']): Pattern {
  const { tree } = l;
  const { start, end } = l.span(node);
  const properties: ObjectPattern['properties'][number][] = [];
  for (let element = tree.first(tree.child(node, 0)); element !== 0; element = tree.next(element)) {
    const name = tree.child(element, 2);
    if (name === 0) continue;
    const rest = tree.has(element, 0);
    const key = propertyKey(l, tree.has(element, 1) ? tree.child(element, 1) : name);
    const value = lowerBinding(l, name, kind);
    const initializer = tree.child(element, 3);
    properties.push(
      initializer === 0 ? { key, value, rest } : { key, value, default: lowerExpression(l, initializer), rest },
    );
  }
  return { kind: 'object-pattern', start, end, properties };
}

function arrayBinding(l: Lowering, node: number, kind: Variable['kind']): Pattern {
  const { tree } = l;
  const { start, end } = l.span(node);
  const elements: ArrayPattern['elements'][number][] = [];
  for (let element = tree.first(tree.child(node, 0)); element !== 0; element = tree.next(element)) {
    const name = tree.child(element, 2);
    if (name === 0) {
      elements.push(undefined);
      continue;
    }
    const rest = tree.has(element, 0);
    const value = lowerBinding(l, name, kind);
    const initializer = tree.child(element, 3);
    elements.push(initializer === 0 ? { value, rest } : { value, default: lowerExpression(l, initializer), rest });
  }
  return { kind: 'array-pattern', start, end, elements };
}

// ---------------------------------------------------------------- assignments

/** Left side of an assignment: a pattern only when it destructures. */
export function assignmentTarget(l: Lowering, node: number): Expression | Pattern {
  const inner = l.strip(node);
  const kind = l.tree.kind(inner);
  if (kind === OBJECT || kind === ARRAY) return assignedPattern(l, inner);
  return lowerExpression(l, inner);
}

/** The pattern of a destructuring assignment or of a loop over existing variables. */
export function assignedPattern(l: Lowering, node: number): Pattern {
  const inner = l.strip(node);
  const kind = l.tree.kind(inner);
  if (kind === OBJECT) return assignedObject(l, inner);
  if (kind === ARRAY) return assignedArray(l, inner);
  const target = lowerExpression(l, inner);
  if (target.kind === 'identifier') return l.assignedName(target);
  return { kind: 'expression-target', target, start: target.start, end: target.end };
}

function assignedObject(l: Lowering, node: number): Pattern {
  const { tree } = l;
  const { start, end } = l.span(node);
  const properties: ObjectPattern['properties'][number][] = [];
  for (let property = tree.first(tree.child(node, 0)); property !== 0; property = tree.next(property)) {
    const kind = tree.kind(property);
    if (kind === SPREAD_ASSIGNMENT) {
      properties.push({ key: undefined, value: assignedPattern(l, tree.child(property, 0)), rest: true });
    } else if (kind === SHORTHAND) {
      const name = tree.child(property, 1);
      const value = l.assignedName(l.reference(name));
      const key = l.name(name);
      const initializer = tree.child(property, 5);
      properties.push(
        initializer === 0
          ? { key, value, rest: false }
          : { key, value, default: lowerExpression(l, initializer), rest: false },
      );
    } else if (kind === PROPERTY_ASSIGNMENT) {
      const key = propertyKey(l, tree.child(property, 1));
      properties.push({ key, ...assignedElement(l, tree.child(property, 4)), rest: false });
    }
  }
  return { kind: 'object-pattern', start, end, properties };
}

function assignedArray(l: Lowering, node: number): Pattern {
  const { tree } = l;
  const { start, end } = l.span(node);
  const elements: ArrayPattern['elements'][number][] = [];
  for (let element = tree.first(tree.child(node, 0)); element !== 0; element = tree.next(element)) {
    const kind = tree.kind(element);
    if (kind === OMITTED) elements.push(undefined);
    else if (kind === SPREAD) elements.push({ value: assignedPattern(l, tree.child(element, 0)), rest: true });
    else elements.push({ ...assignedElement(l, element), rest: false });
  }
  return { kind: 'array-pattern', start, end, elements };
}

/** `target` or `target = default`. */
function assignedElement(l: Lowering, node: number): { value: Pattern; default?: Expression } {
  const { tree } = l;
  if (tree.kind(node) === BINARY && tree.kind(tree.child(node, 3)) === EQUALS) {
    const value = assignedPattern(l, tree.child(node, 1));
    return { value, default: lowerExpression(l, tree.child(node, 4)) };
  }
  return { value: assignedPattern(l, node) };
}
