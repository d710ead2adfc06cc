/** JSX as `other` expressions: the component, attribute values and children are its sub-expressions. */
import { SyntaxKind } from 'typescript/unstable/ast';
import type { Lowering } from './lower-context.ts';
import { lowerChild, lowerExpression } from './lower-expressions.ts';
import type { Expression, OtherExpression } from './syntax.ts';

const JSX_TEXT = SyntaxKind.JsxText;
const JSX_EXPRESSION = SyntaxKind.JsxExpression;
const JSX_ATTRIBUTE = SyntaxKind.JsxAttribute;
const IDENTIFIER = SyntaxKind.Identifier;
const NAMESPACED = SyntaxKind.JsxNamespacedName;

type Attributes = { name: string; value: Expression }[];

export function jsxElement(l: Lowering, node: number): Expression {
  const { tree } = l;
  const { start, end } = l.span(node);
  const children: Expression[] = [];
  const attributes: Attributes = [];
  openingTag(l, tree.child(node, 0), children, attributes);
  jsxChildren(l, tree.child(node, 1), children);
  return { kind: 'other', start, end, form: 'jsx', children, attributes };
}

export function jsxSelfClosing(l: Lowering, node: number): Expression {
  const { start, end } = l.span(node);
  const children: Expression[] = [];
  const attributes: Attributes = [];
  openingTag(l, node, children, attributes);
  return { kind: 'other', start, end, form: 'jsx', children, attributes };
}

export function jsxFragment(l: Lowering, node: number): OtherExpression {
  const { start, end } = l.span(node);
  const children: Expression[] = [];
  jsxChildren(l, l.tree.child(node, 1), children);
  return { kind: 'other', start, end, form: 'jsx', children, attributes: [] };
}

/** `{expression}`, or the `missing` of `{}`. */
export function jsxExpression(l: Lowering, node: number): Expression {
  const expression = l.tree.child(node, 1);
  const { start } = l.span(node);
  return expression === 0
    ? { kind: 'other', start, end: start, form: 'missing', children: [] }
    : lowerExpression(l, expression);
}

function openingTag(l: Lowering, node: number, children: Expression[], attributes: Attributes): void {
  const { tree } = l;
  const tag = tree.child(node, 0);
  if (tag !== 0 && isComponent(l, tag)) children.push(lowerExpression(l, tag));
  const list = tree.child(tree.child(node, 2), 0);
  for (let attribute = tree.first(list); attribute !== 0; attribute = tree.next(attribute)) {
    if (tree.kind(attribute) !== JSX_ATTRIBUTE) {
      children.push(lowerChild(l, attribute, 0));
      continue;
    }
    const value = attributeValue(l, attribute);
    children.push(value);
    const name = tree.child(attribute, 0);
    attributes.push({ name: l.text.slice(tree.start(name), tree.end(name)), value });
  }
}

function attributeValue(l: Lowering, attribute: number): Expression {
  const initializer = l.tree.child(attribute, 1);
  if (initializer === 0) return { kind: 'literal', ...l.span(attribute), value: true };
  return lowerExpression(l, initializer);
}

/** `<Foo>` and `<foo.Bar>` name variables, `<div>` does not. */
function isComponent(l: Lowering, tag: number): boolean {
  const kind = l.tree.kind(tag);
  if (kind === NAMESPACED) return false;
  if (kind !== IDENTIFIER) return true;
  const first = l.text.charCodeAt(l.tree.start(tag));
  return !(first >= 97 && first <= 122) && !l.tree.isMissing(tag);
}

function jsxChildren(l: Lowering, list: number, children: Expression[]): void {
  const { tree } = l;
  for (let child = tree.first(list); child !== 0; child = tree.next(child)) {
    const kind = tree.kind(child);
    if (kind === JSX_TEXT || (kind === JSX_EXPRESSION && !tree.has(child, 1))) continue;
    children.push(lowerExpression(l, child));
  }
}
