/** Lowers operators and assignments. */
import { SyntaxKind } from 'typescript/unstable/ast';
import type { Lowering } from './lower-context.ts';
import { lowerChild, lowerExpression, lowerInitializer } from './lower-expressions.ts';
import { exportAssigned, pathOf } from './lower-modules.ts';
import { assignmentTarget } from './lower-patterns.ts';
import type { AssignExpression, Expression, LogicalExpression, Span, UnaryExpression } from './syntax.ts';

const BINARY = SyntaxKind.BinaryExpression;
const COMMA = SyntaxKind.CommaToken;
const EQUALS = SyntaxKind.EqualsToken;
const FIRST_ASSIGNMENT = SyntaxKind.FirstAssignment;
const LAST_ASSIGNMENT = SyntaxKind.LastAssignment;

const operators: string[] = [];
for (const [kind, text] of Object.entries({
  PlusToken: '+',
  MinusToken: '-',
  AsteriskToken: '*',
  AsteriskAsteriskToken: '**',
  SlashToken: '/',
  PercentToken: '%',
  LessThanLessThanToken: '<<',
  GreaterThanGreaterThanToken: '>>',
  GreaterThanGreaterThanGreaterThanToken: '>>>',
  AmpersandToken: '&',
  BarToken: '|',
  CaretToken: '^',
  AmpersandAmpersandToken: '&&',
  BarBarToken: '||',
  QuestionQuestionToken: '??',
  LessThanToken: '<',
  GreaterThanToken: '>',
  LessThanEqualsToken: '<=',
  GreaterThanEqualsToken: '>=',
  EqualsEqualsToken: '==',
  ExclamationEqualsToken: '!=',
  EqualsEqualsEqualsToken: '===',
  ExclamationEqualsEqualsToken: '!==',
  InKeyword: 'in',
  InstanceOfKeyword: 'instanceof',
  CommaToken: ',',
  EqualsToken: '=',
  PlusEqualsToken: '+=',
  MinusEqualsToken: '-=',
  AsteriskEqualsToken: '*=',
  AsteriskAsteriskEqualsToken: '**=',
  SlashEqualsToken: '/=',
  PercentEqualsToken: '%=',
  LessThanLessThanEqualsToken: '<<=',
  GreaterThanGreaterThanEqualsToken: '>>=',
  GreaterThanGreaterThanGreaterThanEqualsToken: '>>>=',
  AmpersandEqualsToken: '&=',
  BarEqualsToken: '|=',
  CaretEqualsToken: '^=',
  BarBarEqualsToken: '||=',
  AmpersandAmpersandEqualsToken: '&&=',
  QuestionQuestionEqualsToken: '??=',
})) {
  operators[SyntaxKind[kind as keyof typeof SyntaxKind]] = text;
}

/** Operators of a prefix expression as the encoding numbers them. */
const prefixOperators = ['+', '-', '~', '!', '++', '--'] as const;

/** Walks the left spine by a loop: generated code adds up thousands of strings. */
export function binary(l: Lowering, node: number): Expression {
  const { tree } = l;
  if (isAssignment(operatorOf(l, node))) return assignment(l, node);
  const spine = [node];
  const starts = [tree.start(node)];
  let leftmost = tree.child(node, 1);
  for (;;) {
    const inner = l.strip(leftmost);
    if (tree.kind(inner) !== BINARY || isAssignment(operatorOf(l, inner))) break;
    spine.push(inner);
    starts.push(tree.start(inner));
    leftmost = tree.child(inner, 1);
  }
  let left = leftmost === 0 ? l.missing(0, node) : lowerExpression(l, leftmost);
  for (let i = spine.length - 1; i >= 0; i--) {
    const each = spine[i] as number;
    left = combine(l, each, { start: starts[i] as number, end: tree.end(each) }, left);
  }
  return left;
}
function operatorOf(l: Lowering, node: number): number {
  return l.tree.kind(l.tree.child(node, 3));
}
function isAssignment(kind: number): boolean {
  return kind >= FIRST_ASSIGNMENT && kind <= LAST_ASSIGNMENT;
}
function combine(l: Lowering, node: number, { start, end }: Span, left: Expression): Expression {
  const kind = operatorOf(l, node);
  const right = lowerChild(l, node, 4);
  if (kind === COMMA) {
    if (left.kind === 'sequence' && left.start === start) {
      return { kind: 'sequence', start, end, expressions: [...left.expressions, right] };
    }
    return { kind: 'sequence', start, end, expressions: [left, right] };
  }
  const operator = operators[kind] ?? '';
  if (operator === '&&' || operator === '||' || operator === '??') {
    return { kind: 'logical', start, end, operator: operator satisfies LogicalExpression['operator'], left, right };
  }
  return { kind: 'binary', start, end, operator, left, right };
}

function assignment(l: Lowering, node: number): Expression {
  const { tree } = l;
  const start = tree.start(node);
  const end = tree.end(node);
  const operatorKind = operatorOf(l, node);
  const targetNode = tree.child(node, 1);
  const target = targetNode === 0 ? l.missing(0, node) : assignmentTarget(l, targetNode);
  l.write(target);
  const valueNode = tree.child(node, 4);
  let value: Expression;
  if (operatorKind === EQUALS && valueNode !== 0 && (target.kind === 'identifier' || target.kind === 'member')) {
    value = lowerInitializer(l, valueNode, pathOf(l, target, node));
  } else {
    value = valueNode === 0 ? l.missing(0, node) : lowerExpression(l, valueNode);
  }
  if (operatorKind === EQUALS && target.kind === 'member') exportAssigned(l, target, value);
  const result: AssignExpression = {
    kind: 'assign',
    start,
    end,
    operator: operators[operatorKind] ?? '=',
    target,
    value,
    prefix: false,
  };
  return result;
}

function increment(l: Lowering, node: number, operator: string, prefix: boolean): Expression {
  const start = l.tree.start(node);
  const target = lowerChild(l, node, 0);
  l.write(target);
  return { kind: 'assign', start, end: l.tree.end(node), operator, target, prefix };
}
export function prefixUnary(l: Lowering, node: number): Expression {
  const operator = prefixOperators[l.tree.bits(node) & 7] ?? '+';
  if (operator === '++' || operator === '--') return increment(l, node, operator, true);
  return unary(l, node, operator);
}
export function postfixUnary(l: Lowering, node: number): Expression {
  return increment(l, node, (l.tree.bits(node) & 1) === 1 ? '--' : '++', false);
}
export function unary(l: Lowering, node: number, operator: UnaryExpression['operator']): Expression {
  const start = l.tree.start(node);
  return { kind: 'unary', start, end: l.tree.end(node), operator, operand: lowerChild(l, node, 0) };
}

export function conditional(l: Lowering, node: number): Expression {
  const start = l.tree.start(node);
  return {
    kind: 'conditional',
    start,
    end: l.tree.end(node),
    test: lowerChild(l, node, 0),
    then: lowerChild(l, node, 2),
    else: lowerChild(l, node, 4),
  };
}
