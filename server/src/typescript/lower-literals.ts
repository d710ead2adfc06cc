/** Values of literals, cut out of the file's text wherever that is possible. */
import { SyntaxKind } from 'typescript/unstable/ast';
import type { Lowering } from './lower-context.ts';
import { lowerChild } from './lower-expressions.ts';
import type { Expression, LiteralExpression, Span } from './syntax.ts';

const NO_SUBSTITUTION = SyntaxKind.NoSubstitutionTemplateLiteral;
const BACKTICK = 96;

export function stringLiteral(l: Lowering, node: number): LiteralExpression {
  const start = l.tree.start(node);
  return { kind: 'literal', start, end: l.tree.end(node), value: stringValue(l, node) };
}

/** Of a string or of a template without holes. */
export function stringValue(l: Lowering, node: number): string {
  const start = l.tree.start(node);
  const end = l.tree.end(node);
  const quote = l.text.charCodeAt(start);
  const isClosed = end - start >= 2 && l.text.charCodeAt(end - 1) === quote;
  const value = l.text.slice(start + 1, end - 1);
  if (!isClosed || value.includes('\\') || (quote === BACKTICK && value.includes('\r'))) return l.tree.cooked(node);
  return value;
}

export function numberValue(l: Lowering, node: number): number {
  const text = l.text.slice(l.tree.start(node), l.tree.end(node));
  const value = /^(?:0|[1-9]\d*)$/.test(text) ? Number(text) : Number(l.tree.cooked(node));
  return value;
}

export function bigIntValue(l: Lowering, node: number): bigint | undefined {
  const digits = l.text.slice(l.tree.start(node), l.tree.end(node) - 1).replaceAll('_', '');
  return /^(?:0x[\da-f]+|0o[0-7]+|0b[01]+|\d+)$/i.test(digits) ? BigInt(digits) : undefined;
}

export function regExp(l: Lowering, node: number): LiteralExpression {
  const start = l.tree.start(node);
  const end = l.tree.end(node);
  return { kind: 'literal', start, end, value: l.text.slice(start, end), isRegExp: true };
}

/** Anything in backticks, with holes or without. */
export function template(l: Lowering, node: number): Expression {
  const { tree } = l;
  const start = tree.start(node);
  const end = tree.end(node);
  const parts: string[] = [];
  const partSpans: Span[] = [];
  const holes: Expression[] = [];
  if (tree.kind(node) === NO_SUBSTITUTION) {
    addPart(l, node, parts, partSpans);
  } else {
    addPart(l, tree.child(node, 0), parts, partSpans);
    for (let hole = tree.first(tree.child(node, 1)); hole !== 0; hole = tree.next(hole)) {
      holes.push(lowerChild(l, hole, 0));
      addPart(l, tree.child(hole, 1), parts, partSpans);
    }
  }
  return { kind: 'template', start, end, parts, partSpans, holes };
}

function addPart(l: Lowering, node: number, parts: string[], partSpans: Span[]): void {
  const start = l.tree.start(node);
  const end = l.tree.end(node);
  const from = Math.min(start + 1, end);
  const closing = l.text.charCodeAt(end - 1);
  // Half-typed code may lack the closing backtick.
  const width = closing === BACKTICK ? 1 : closing === 123 && l.text.charCodeAt(end - 2) === 36 ? 2 : 0;
  const to = Math.max(from, end - width);
  const raw = l.text.slice(from, to);
  parts.push(raw.includes('\\') || raw.includes('\r') ? l.tree.cooked(node) : raw);
  partSpans.push({ start: from, end: to });
}
