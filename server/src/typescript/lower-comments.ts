/** Finds a file's comments; reads the tree only to know which literals contain something that looks like one. */
import { SyntaxKind } from 'typescript/unstable/ast';
import type { Tree } from './lower-tree.ts';
import type { CommentNode } from './syntax.ts';

const FIRST_LITERAL = SyntaxKind.NumericLiteral;
const LAST_LITERAL = SyntaxKind.TemplateTail;
const REGULAR_EXPRESSION = SyntaxKind.RegularExpressionLiteral;
const JSX_TEXT = SyntaxKind.JsxText;

/** Start and end, alternating, of the literals in which `//` or `/*` is no comment, in source order. */
export function literalsLikeComments(tree: Tree): number[] {
  const { text } = tree;
  const ranges: number[] = [];
  let candidate = nextOpener(text, 0);
  for (let node = 1; node < tree.size; node++) {
    const kind = tree.kind(node);
    if (kind < FIRST_LITERAL || kind > LAST_LITERAL) continue;
    const pos = tree.pos(node);
    const end = tree.end(node);
    // `/a//b` is a division: a regular expression may hold half of what looks like an opener.
    while (candidate < pos) candidate = nextOpener(text, candidate + 1);
    if (candidate >= end && kind !== REGULAR_EXPRESSION) continue;
    ranges.push(kind === JSX_TEXT ? pos : tree.start(node), end);
  }
  return ranges;
}

export function findComments(text: string, literals: readonly number[]): CommentNode[] {
  const comments: CommentNode[] = [];
  let literal = 0;
  let at = text.startsWith('#!') ? lineEnd(text, 0) : 0;
  for (;;) {
    at = nextOpener(text, at);
    if (at >= text.length) return comments;
    // JSDoc types hold literals too, which lie within comments already passed.
    while (literal < literals.length && (literals[literal + 1] as number) <= at) literal += 2;
    const inLiteral = literal < literals.length && (literals[literal] as number) <= at;
    if (inLiteral) {
      at = literals[literal + 1] as number;
      continue;
    }
    const end = text[at + 1] === '/' ? lineEnd(text, at) : blockEnd(text, at);
    comments.push({ start: at, end, text: text.slice(at, end) });
    at = end;
  }
}

function nextOpener(text: string, from: number): number {
  for (let at = text.indexOf('/', from); at >= 0; at = text.indexOf('/', at + 1)) {
    const next = text.charCodeAt(at + 1);
    if (next === 47 || next === 42) return at;
  }
  return text.length;
}
function lineEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10 || code === 13 || code === 0x2028 || code === 0x2029) return at;
  }
  return text.length;
}
function blockEnd(text: string, from: number): number {
  const close = text.indexOf('*/', from + 2);
  return close < 0 ? text.length : close + 2;
}
