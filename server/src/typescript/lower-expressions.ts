/** Lowers expressions. One function a kind of node, found by table. */
import { SyntaxKind } from 'typescript/unstable/ast';
import { lowerClass } from './lower-classes.ts';
import { type Draft, type Lowering, type Naming, qualify } from './lower-context.ts';
import { lowerFunction, lowerMethod } from './lower-functions.ts';
import { jsxElement, jsxExpression, jsxFragment, jsxSelfClosing } from './lower-jsx.ts';
import { bigIntValue, numberValue, regExp, stringLiteral, stringValue, template } from './lower-literals.ts';
import { binary, conditional, postfixUnary, prefixUnary, unary } from './lower-operators.ts';
import type {
  CallExpression,
  Expression,
  LiteralExpression,
  MemberExpression,
  ObjectProperty,
  Span,
} from './syntax.ts';

type Lower = (l: Lowering, node: number) => Expression;

const IDENTIFIER = SyntaxKind.Identifier;
const PRIVATE_IDENTIFIER = SyntaxKind.PrivateIdentifier;
const STRING = SyntaxKind.StringLiteral;
const NUMBER = SyntaxKind.NumericLiteral;
const NO_SUBSTITUTION = SyntaxKind.NoSubstitutionTemplateLiteral;
const COMPUTED_NAME = SyntaxKind.ComputedPropertyName;
const PROPERTY_ACCESS = SyntaxKind.PropertyAccessExpression;
const ELEMENT_ACCESS = SyntaxKind.ElementAccessExpression;
const IMPORT_KEYWORD = SyntaxKind.ImportKeyword;
const ARROW = SyntaxKind.ArrowFunction;
const FUNCTION_EXPRESSION = SyntaxKind.FunctionExpression;
const CALL = SyntaxKind.CallExpression;
const CLASS_EXPRESSION = SyntaxKind.ClassExpression;
const OBJECT = SyntaxKind.ObjectLiteralExpression;
const PROPERTY_ASSIGNMENT = SyntaxKind.PropertyAssignment;
const SHORTHAND = SyntaxKind.ShorthandPropertyAssignment;
const SPREAD_ASSIGNMENT = SyntaxKind.SpreadAssignment;

export function lowerExpression(l: Lowering, node: number): Expression {
  const lower = table[l.tree.kind(node)];
  if (lower === undefined || l.tooDeep()) {
    return l.tree.isMissing(node)
      ? l.missing(node, node)
      : { kind: 'other', ...l.span(node), form: 'unknown', children: [] };
  }
  l.depth++;
  const expression = lower(l, node);
  l.depth--;
  return expression;
}

/** The expression at a place of the parent, `missing` when half-typed code lacks it. */
export function lowerChild(l: Lowering, parent: number, place: number): Expression {
  const node = l.tree.child(parent, place);
  return node === 0 ? l.missing(0, parent) : lowerExpression(l, node);
}

/** Whether an initialiser takes the name of what it initialises. */
export function takesName(l: Lowering, node: number): boolean {
  const kind = l.tree.kind(l.strip(node));
  return kind === ARROW || kind === FUNCTION_EXPRESSION || kind === OBJECT || kind === CLASS_EXPRESSION;
}

/**
 * Lowers what a name of the module or of a class is given. A function in a wrapper (`traced(async () => …)`) is called
 * like what holds the wrapper's result.
 */
export function lowerInitializer(l: Lowering, node: number, naming: Naming): Expression {
  if (takesName(l, node)) return lowerNamed(l, node, naming);
  const isKept = l.fn === 0 && l.namespaceDepth === 0 && l.tree.kind(l.strip(node)) === CALL;
  if (!isKept) return lowerExpression(l, node);
  l.wrapNaming = { ...naming, nodeIndex: 0 };
  const value = lowerExpression(l, node);
  l.wrapNaming = undefined;
  if (value.kind === 'call' && mayWrap(value)) {
    const { start, end } = l.span(naming.nodeIndex);
    l.made.push({ start, end, name: naming.name, nodeIndex: naming.nodeIndex, by: value });
  }
  return value;
}

/** Lowers an initialiser for which `takesName` holds. */
export function lowerNamed(l: Lowering, node: number, naming: Naming): Expression {
  const inner = l.strip(node);
  const kind = l.tree.kind(inner);
  if (kind === OBJECT) return objectLiteral(l, inner, qualify(naming.prefix, naming.name));
  if (kind === CLASS_EXPRESSION) return classExpression(l, inner, naming);
  return functionExpression(l, inner, naming);
}

/** Name of a property, method or pattern key; undefined for a computed one that is no literal. */
export function propertyKey(l: Lowering, node: number): string | undefined {
  if (node === 0) return '';
  const kind = l.tree.kind(node);
  if (kind === IDENTIFIER || kind === PRIVATE_IDENTIFIER) return l.name(node);
  if (kind === STRING || kind === NO_SUBSTITUTION) return stringValue(l, node);
  if (kind === NUMBER) return String(numberValue(l, node));
  if (kind === COMPUTED_NAME) {
    const inner = l.strip(l.tree.child(node, 0));
    const innerKind = l.tree.kind(inner);
    if (innerKind === STRING || innerKind === NO_SUBSTITUTION || innerKind === NUMBER) return propertyKey(l, inner);
    return undefined;
  }
  return l.text.slice(l.tree.start(node), l.tree.end(node));
}

// ---------------------------------------------------------------- names, members, calls

function identifier(l: Lowering, node: number): Expression {
  if (l.tree.isMissing(node)) return l.missing(node, node);
  const start = l.tree.start(node);
  const end = l.tree.end(node);
  if (end - start === 9 && l.name(node) === 'undefined') return { kind: 'literal', start, end, value: undefined };
  return l.reference(node);
}

function member(l: Lowering, node: number, isCallee: boolean): MemberExpression {
  const { tree } = l;
  const start = tree.start(node);
  const end = tree.end(node);
  const object = lowerChild(l, node, 0);
  const nameNode = tree.child(node, 2);
  const name = nameNode === 0 ? '' : l.name(nameNode);
  return addMember(l, {
    kind: 'member',
    start,
    end,
    object,
    name,
    nameAt: nameNode === 0 ? { start: end, end } : l.span(nameNode),
    optional: tree.has(node, 1),
    member: isCallee ? -1 : l.members.length,
  });
}
function addMember(l: Lowering, expression: MemberExpression): MemberExpression {
  if (expression.member >= 0) l.members.push(expression);
  return expression;
}

function element(l: Lowering, node: number, isCallee: boolean): Expression {
  const { tree } = l;
  const start = tree.start(node);
  const end = tree.end(node);
  const object = lowerChild(l, node, 0);
  const optional = tree.has(node, 1);
  const key = l.strip(tree.child(node, 2));
  const kind = tree.kind(key);
  if (kind !== STRING && kind !== NO_SUBSTITUTION) {
    return { kind: 'index', start, end, object, index: lowerChild(l, node, 2), optional };
  }
  const at = l.members.length;
  const name = stringValue(l, key);
  return addMember(l, {
    kind: 'member',
    start,
    end,
    object,
    name,
    nameAt: l.span(key),
    optional,
    member: isCallee ? -1 : at,
  });
}

function lowerCallee(l: Lowering, node: number): Expression {
  const inner = l.strip(node);
  const kind = l.tree.kind(inner);
  if ((kind !== PROPERTY_ACCESS && kind !== ELEMENT_ACCESS) || l.tooDeep()) return lowerExpression(l, inner);
  l.depth++;
  const callee = kind === PROPERTY_ACCESS ? member(l, inner, true) : element(l, inner, true);
  l.depth--;
  return callee;
}

function call(l: Lowering, node: number): Expression {
  const { tree } = l;
  const calleeNode = tree.child(node, 0);
  if (tree.kind(calleeNode) === IMPORT_KEYWORD) {
    return { kind: 'other', ...l.span(node), form: 'import', children: lowerList(l, tree.child(node, 3)) };
  }
  const list = tree.child(node, 3);
  const optional = tree.has(node, 1);
  return finishCall(l, node, calleeNode, { list, types: tree.child(node, 2), isNew: false, optional });
}

function construct(l: Lowering, node: number): Expression {
  const { tree } = l;
  const list = tree.child(node, 2);
  return finishCall(l, node, tree.child(node, 0), { list, types: tree.child(node, 1), isNew: true, optional: false });
}

function finishCall(
  l: Lowering,
  node: number,
  calleeNode: number,
  parts: { list: number; types: number; isNew: boolean; optional: boolean },
): CallExpression {
  const { tree } = l;
  const start = tree.start(node);
  const end = tree.end(node);
  const naming = l.wrapNaming;
  l.wrapNaming = undefined;
  const callee = calleeNode === 0 ? l.missing(0, node) : lowerCallee(l, calleeNode);
  const args: Expression[] = [];
  let argsSpan: Span | undefined;
  if (parts.list !== 0) {
    const from = tree.pos(parts.list);
    const to = l.text.charCodeAt(end - 1) === 41 ? end - 1 : tree.end(parts.list);
    argsSpan = { start: from, end: Math.max(from, to) };
  }
  const draft: Draft<CallExpression> = {
    kind: 'call',
    start,
    end,
    call: l.calls.length,
    callee,
    args,
    isNew: parts.isNew,
    optional: parts.optional,
    isTag: false,
    nameAt: calleeName(callee),
    typeArguments: typeTexts(l, parts.types),
    argsSpan,
  };
  const result = draft as CallExpression;
  // After the callee and before the arguments, so that `a().b(c())` counts a, b, c.
  l.calls.push(result);
  for (let arg = tree.first(parts.list); arg !== 0; arg = tree.next(arg)) {
    args.push(naming === undefined ? lowerExpression(l, arg) : wrapped(l, arg, naming));
  }
  return result;
}

/** Whether the call, or one in it, is given what may be a function. */
function mayWrap({ args, callee }: CallExpression): boolean {
  if (callee.kind === 'member' && callee.object.kind === 'call' && mayWrap(callee.object)) return true;
  return args.some(
    (arg) => arg.kind === 'function' || arg.kind === 'identifier' || (arg.kind === 'call' && mayWrap(arg)),
  );
}

function wrapped(l: Lowering, node: number, naming: Naming): Expression {
  const kind = l.tree.kind(l.strip(node));
  if (kind === ARROW || (kind === FUNCTION_EXPRESSION && !l.tooDeep())) return lowerNamed(l, node, naming);
  if (kind === CALL) l.wrapNaming = naming;
  const value = lowerExpression(l, node);
  l.wrapNaming = undefined;
  return value;
}

function calleeName(callee: Expression): Span | undefined {
  if (callee.kind === 'member') return callee.nameAt;
  if (callee.kind === 'identifier' || callee.kind === 'super') return { start: callee.start, end: callee.end };
  return undefined;
}

const NO_TYPES: readonly string[] = [];
function typeTexts(l: Lowering, list: number): readonly string[] {
  if (list === 0) return NO_TYPES;
  const texts: string[] = [];
  for (let type = l.tree.first(list); type !== 0; type = l.tree.next(type)) {
    texts.push(l.text.slice(l.tree.start(type), l.tree.end(type)));
  }
  return texts;
}

function taggedTemplate(l: Lowering, node: number): Expression {
  const { tree } = l;
  const start = tree.start(node);
  const end = tree.end(node);
  const callee = lowerCallee(l, tree.child(node, 0));
  const args: Expression[] = [];
  const draft: Draft<CallExpression> = {
    kind: 'call',
    start,
    end,
    call: l.calls.length,
    callee,
    args,
    isNew: false,
    optional: false,
    isTag: true,
    nameAt: calleeName(callee),
    typeArguments: typeTexts(l, tree.child(node, 2)),
    argsSpan: undefined,
  };
  const result = draft as CallExpression;
  l.calls.push(result);
  args.push(lowerChild(l, node, 3));
  return result;
}

export function lowerList(l: Lowering, list: number): Expression[] {
  const expressions: Expression[] = [];
  for (let node = l.tree.first(list); node !== 0; node = l.tree.next(node)) expressions.push(lowerExpression(l, node));
  return expressions;
}

// ---------------------------------------------------------------- functions, classes, objects

function functionExpression(l: Lowering, node: number, naming: Naming | undefined): Expression {
  const fn = lowerFunction(l, node, naming);
  return { kind: 'function', start: fn.start, end: fn.end, fn: fn.index };
}

function classExpression(l: Lowering, node: number, naming: Naming | undefined): Expression {
  const { index } = lowerClass(l, node, naming);
  return { kind: 'class-expression', ...l.span(node), class: index };
}

function objectLiteral(l: Lowering, node: number, prefix: string): Expression {
  const { tree } = l;
  const start = tree.start(node);
  const outer = l.prefix;
  l.prefix = prefix;
  const properties: ObjectProperty[] = [];
  for (let property = tree.first(tree.child(node, 0)); property !== 0; property = tree.next(property)) {
    properties.push(objectProperty(l, property));
  }
  l.prefix = outer;
  return { kind: 'object', start, end: tree.end(node), properties };
}

function objectProperty(l: Lowering, node: number): ObjectProperty {
  const { tree } = l;
  const span = l.span(node);
  const kind = tree.kind(node);
  if (kind === SPREAD_ASSIGNMENT) return { kind: 'spread', value: lowerChild(l, node, 0), span };
  if (kind === SHORTHAND) {
    const name = tree.child(node, 1);
    const value = identifier(l, name);
    const keyAt = l.span(name);
    return { kind: 'property', key: l.name(name), value, shorthand: true, span, keyAt };
  }
  if (kind !== PROPERTY_ASSIGNMENT) {
    const fn = lowerMethod(l, node, undefined);
    const key = propertyKey(l, methodName(l, node));
    const value: Expression = { kind: 'function', start: fn.start, end: fn.end, fn: fn.index };
    return { kind: 'property', key, value, shorthand: false, span, keyAt: fn.nameAt ?? span };
  }
  const name = tree.child(node, 1);
  const key = propertyKey(l, name);
  const keyAt = l.span(name);
  const computed =
    key === undefined && tree.kind(name) === COMPUTED_NAME ? { computed: lowerChild(l, name, 0) } : undefined;
  const initializer = tree.child(node, 4);
  const value =
    initializer === 0
      ? l.missing(0, node)
      : lowerInitializer(l, initializer, {
          name: key ?? l.text.slice(keyAt.start, keyAt.end),
          at: keyAt,
          nodeIndex: node,
          prefix: l.prefix,
        });
  return computed === undefined
    ? { kind: 'property', key, value, shorthand: false, span, keyAt }
    : { kind: 'property', key, ...computed, value, shorthand: false, span, keyAt };
}
function methodName(l: Lowering, node: number): number {
  return l.tree.child(node, l.tree.kind(node) === SyntaxKind.MethodDeclaration ? 2 : 1);
}

function arrayLiteral(l: Lowering, node: number): Expression {
  const start = l.tree.start(node);
  return { kind: 'array', start, end: l.tree.end(node), elements: lowerList(l, l.tree.child(node, 0)) };
}

// ---------------------------------------------------------------- the rest

function awaiting(l: Lowering, node: number): Expression {
  const start = l.tree.start(node);
  return { kind: 'await', start, end: l.tree.end(node), operand: lowerChild(l, node, 0) };
}

function yielding(l: Lowering, node: number): Expression {
  const { start, end } = l.span(node);
  const operand: Expression = l.tree.has(node, 1)
    ? lowerChild(l, node, 1)
    : { kind: 'literal', start: end, end, value: undefined };
  return { kind: l.tree.has(node, 0) ? 'yield*' : 'yield', start, end, operand };
}

function spread(l: Lowering, node: number): Expression {
  const start = l.tree.start(node);
  return { kind: 'spread-expression', start, end: l.tree.end(node), operand: lowerChild(l, node, 0) };
}

// ---------------------------------------------------------------- tables

function constant(value: LiteralExpression['value']): Lower {
  return (l, node) => ({ kind: 'literal', start: l.tree.start(node), end: l.tree.end(node), value });
}
function wrapper(place: number): Lower {
  return (l, node) => lowerChild(l, node, place);
}

const table: (Lower | undefined)[] = [];
table[SyntaxKind.Identifier] = identifier;
table[SyntaxKind.PropertyAccessExpression] = (l, node) => member(l, node, false);
table[SyntaxKind.ElementAccessExpression] = (l, node) => element(l, node, false);
table[SyntaxKind.CallExpression] = call;
table[SyntaxKind.NewExpression] = construct;
table[SyntaxKind.TaggedTemplateExpression] = taggedTemplate;
table[SyntaxKind.StringLiteral] = stringLiteral;
table[SyntaxKind.NumericLiteral] = (l, node) => ({ kind: 'literal', ...l.span(node), value: numberValue(l, node) });
table[SyntaxKind.BigIntLiteral] = (l, node) => ({ kind: 'literal', ...l.span(node), value: bigIntValue(l, node) });
table[SyntaxKind.RegularExpressionLiteral] = regExp;
table[SyntaxKind.NoSubstitutionTemplateLiteral] = template;
table[SyntaxKind.TemplateExpression] = template;
table[SyntaxKind.TrueKeyword] = constant(true);
table[SyntaxKind.FalseKeyword] = constant(false);
table[SyntaxKind.NullKeyword] = constant(null);
table[SyntaxKind.OmittedExpression] = constant(undefined);
table[SyntaxKind.ThisKeyword] = (l, node) => ({ kind: 'this', start: l.tree.start(node), end: l.tree.end(node) });
table[SyntaxKind.SuperKeyword] = (l, node) => ({ kind: 'super', ...l.span(node) });
table[SyntaxKind.ArrowFunction] = (l, node) => functionExpression(l, node, undefined);
table[SyntaxKind.FunctionExpression] = (l, node) => functionExpression(l, node, undefined);
table[SyntaxKind.ClassExpression] = (l, node) => classExpression(l, node, undefined);
table[SyntaxKind.ObjectLiteralExpression] = (l, node) => objectLiteral(l, node, l.prefix);
table[SyntaxKind.ArrayLiteralExpression] = arrayLiteral;
table[SyntaxKind.BinaryExpression] = binary;
table[SyntaxKind.PrefixUnaryExpression] = prefixUnary;
table[SyntaxKind.PostfixUnaryExpression] = postfixUnary;
table[SyntaxKind.TypeOfExpression] = (l, node) => unary(l, node, 'typeof');
table[SyntaxKind.VoidExpression] = (l, node) => unary(l, node, 'void');
table[SyntaxKind.DeleteExpression] = (l, node) => unary(l, node, 'delete');
table[SyntaxKind.ConditionalExpression] = conditional;
table[SyntaxKind.AwaitExpression] = awaiting;
table[SyntaxKind.YieldExpression] = yielding;
table[SyntaxKind.SpreadElement] = spread;
table[SyntaxKind.MetaProperty] = (l, node) => ({ kind: 'other', ...l.span(node), form: 'meta', children: [] });
table[SyntaxKind.JsxElement] = jsxElement;
table[SyntaxKind.JsxSelfClosingElement] = jsxSelfClosing;
table[SyntaxKind.JsxFragment] = jsxFragment;
table[SyntaxKind.JsxExpression] = jsxExpression;
table[SyntaxKind.ParenthesizedExpression] = wrapper(0);
table[SyntaxKind.AsExpression] = wrapper(0);
table[SyntaxKind.SatisfiesExpression] = wrapper(0);
table[SyntaxKind.NonNullExpression] = wrapper(0);
table[SyntaxKind.ExpressionWithTypeArguments] = wrapper(0);
table[SyntaxKind.PartiallyEmittedExpression] = wrapper(0);
table[SyntaxKind.TypeAssertionExpression] = wrapper(1);
