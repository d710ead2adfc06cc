/** Lowers functions of every sort, with their parameters. */
import { SyntaxKind } from 'typescript/unstable/ast';
import { type Draft, type Lowering, type Naming, qualify } from './lower-context.ts';
import { lowerExpression, propertyKey } from './lower-expressions.ts';
import { lowerBinding } from './lower-patterns.ts';
import { lowerStatements } from './lower-statements.ts';
import {
  decoratorsOf,
  MODIFIER_ASYNC,
  MODIFIER_PRIVATE,
  MODIFIER_PROPERTY,
  MODIFIER_STATIC,
  modifiersOf,
  typeArgumentNames,
  typeName,
} from './lower-types.ts';
import type { Decorator, FunctionNode, Parameter, Span, Statement } from './syntax.ts';

/** Places of child properties; -1 for what the kind does not have. */
interface Shape {
  readonly kind: FunctionNode['kind'];
  readonly asterisk: number;
  readonly name: number;
  readonly parameters: number;
  readonly body: number;
}

const shapes: (Shape | undefined)[] = [];
shapes[SyntaxKind.FunctionDeclaration] = { kind: 'function', asterisk: 1, name: 2, parameters: 4, body: 6 };
shapes[SyntaxKind.FunctionExpression] = { kind: 'function', asterisk: 1, name: 2, parameters: 4, body: 6 };
shapes[SyntaxKind.ArrowFunction] = { kind: 'arrow', asterisk: -1, name: -1, parameters: 2, body: 5 };
shapes[SyntaxKind.MethodDeclaration] = { kind: 'method', asterisk: 1, name: 2, parameters: 5, body: 7 };
shapes[SyntaxKind.MethodSignature] = { kind: 'method', asterisk: -1, name: 1, parameters: 4, body: -1 };
shapes[SyntaxKind.Constructor] = { kind: 'constructor', asterisk: -1, name: -1, parameters: 2, body: 4 };
shapes[SyntaxKind.GetAccessor] = { kind: 'getter', asterisk: -1, name: 1, parameters: 3, body: 5 };
shapes[SyntaxKind.SetAccessor] = { kind: 'setter', asterisk: -1, name: 1, parameters: 3, body: 5 };
shapes[SyntaxKind.ClassStaticBlockDeclaration] = {
  kind: 'static-block',
  asterisk: -1,
  name: -1,
  parameters: -1,
  body: 1,
};
const FUNCTION_TYPE_SHAPE: Shape = { kind: 'method', asterisk: -1, name: -1, parameters: 1, body: -1 };
const UNKNOWN_SHAPE: Shape = { kind: 'function', asterisk: -1, name: -1, parameters: -1, body: -1 };

const JSDOC = SyntaxKind.JSDoc;
const ARROW = SyntaxKind.ArrowFunction;
const BLOCK = SyntaxKind.Block;
const FUNCTION_EXPRESSION = SyntaxKind.FunctionExpression;
/** What a function body adds to the nesting depth: the stack frames of its statements. */
const BODY_DEPTH = 4;

interface Identity {
  readonly shape: Shape;
  readonly name: string;
  readonly nameAt: Span | undefined;
  readonly qualifiedName: string;
  readonly modifiers: number;
  readonly static: boolean;
  readonly private: boolean;
  readonly class: number | undefined;
  readonly decorators: readonly Decorator[];
  readonly nodeIndexes: readonly number[];
}

/** A function expression or arrow function. */
export function lowerFunction(l: Lowering, node: number, naming: Naming | undefined): FunctionNode {
  const shape = shapes[l.tree.kind(node)] ?? UNKNOWN_SHAPE;
  const nameNode = shape.name < 0 ? 0 : l.tree.child(node, shape.name);
  const name = nameNode === 0 ? (naming?.name ?? '') : l.name(nameNode);
  return build(l, node, node, {
    shape,
    name,
    nameAt: nameNode === 0 ? naming?.at : l.span(nameNode),
    qualifiedName: qualify(naming?.prefix ?? l.prefix, name === '' ? '<anonymous>' : name),
    modifiers: modifiersOf(l, node),
    static: naming?.static ?? false,
    private: naming?.private ?? false,
    class: naming?.class,
    decorators: [],
    nodeIndexes: naming === undefined || naming.nodeIndex === 0 ? [node] : [node, naming.nodeIndex],
  });
}

export function lowerFunctionDeclaration(
  l: Lowering,
  node: number,
  name: string,
  nameAt: Span | undefined,
): FunctionNode {
  return build(l, node, node, {
    shape: shapes[l.tree.kind(node)] ?? UNKNOWN_SHAPE,
    name,
    nameAt,
    qualifiedName: qualify(l.prefix, name),
    modifiers: modifiersOf(l, node),
    static: false,
    private: false,
    class: undefined,
    decorators: [],
    nodeIndexes: [node],
  });
}

/** A method, accessor, constructor, static block or method signature, of a class or an object literal. */
export function lowerMethod(l: Lowering, node: number, owner: number | undefined): FunctionNode {
  const shape = shapes[l.tree.kind(node)] ?? UNKNOWN_SHAPE;
  return method(l, node, node, shape, owner);
}

/** `foo: (x) => void` in an interface. */
export function lowerFunctionProperty(l: Lowering, node: number, type: number, owner: number): FunctionNode {
  return method(l, node, type, { ...FUNCTION_TYPE_SHAPE, name: 1 }, owner);
}

function method(l: Lowering, node: number, signature: number, shape: Shape, owner: number | undefined): FunctionNode {
  const modifiers = modifiersOf(l, node);
  const nameNode = shape.name < 0 ? 0 : l.tree.child(node, shape.name);
  const nameAt = nameNode === 0 ? undefined : l.span(nameNode);
  const name =
    shape.kind === 'constructor'
      ? 'constructor'
      : nameAt === undefined
        ? ''
        : (propertyKey(l, nameNode) ?? l.text.slice(nameAt.start, nameAt.end));
  return build(l, node, signature, {
    shape,
    name,
    nameAt,
    qualifiedName: qualify(l.prefix, shape.kind === 'static-block' ? '<static>' : name === '' ? '<anonymous>' : name),
    modifiers,
    static: (modifiers & MODIFIER_STATIC) !== 0 || shape.kind === 'static-block',
    private: (modifiers & MODIFIER_PRIVATE) !== 0 || name.startsWith('#'),
    class: owner,
    decorators: decoratorsOf(l, node, modifiers),
    nodeIndexes: signature === node ? [node] : [node, signature],
  });
}

/** `signature` has the parameters: the function itself, but for a property of function type its type. */
function build(l: Lowering, node: number, signature: number, identity: Identity): FunctionNode {
  const { tree } = l;
  const { shape } = identity;
  const { start, end } = l.span(node);
  const body = shape.body < 0 ? 0 : bodyNode(l, node, shape.body);
  const index = l.functions.length;
  const draft: Draft<FunctionNode> = {
    index,
    start,
    end,
    name: identity.name,
    // Signatures are named at the end, so that the implementation of overloads keeps the plain name.
    qualifiedName: body === 0 ? identity.qualifiedName : l.unique(identity.qualifiedName),
    kind: shape.kind,
    async: (identity.modifiers & MODIFIER_ASYNC) !== 0,
    generator: shape.asterisk >= 0 && tree.has(node, shape.asterisk),
    static: identity.static,
    private: identity.private,
    exported: false,
    parameters: [],
    body: [],
    hasBody: body !== 0,
    bodySpan: body === 0 ? { start: end, end } : l.span(body),
    nameAt: identity.nameAt,
    parent: l.fn,
    class: identity.class,
    decorators: identity.decorators,
    nodeIndexes: identity.nodeIndexes,
  };
  const fn = draft as FunctionNode;
  l.functions.push(fn);
  const outerFn = l.fn;
  const outerPrefix = l.prefix;
  const outerScope = l.scope;
  l.fn = index;
  l.prefix = draft.qualifiedName;
  l.depth += BODY_DEPTH;
  if (tree.kind(node) === FUNCTION_EXPRESSION && tree.has(node, shape.name) && identity.nameAt !== undefined) {
    l.openScope(false);
    const own = l.variables[l.declare(identity.name, 'function', identity.nameAt)];
    if (own !== undefined) own.names = index;
  }
  l.openScope(true);
  if (shape.parameters >= 0) draft.parameters = parametersOf(l, tree.child(signature, shape.parameters), start);
  if (body !== 0 && !l.tooDeep()) draft.body = bodyOf(l, node, body);
  l.depth -= BODY_DEPTH;
  l.scope = outerScope;
  l.fn = outerFn;
  l.prefix = outerPrefix;
  return fn;
}

/**
 * A JSDoc `@type` on a function becomes a child before the body that the child mask does not count (7.0.2). The body
 * is the last child but for the JSDoc itself.
 */
function bodyNode(l: Lowering, node: number, place: number): number {
  const { tree } = l;
  let body = tree.child(node, place);
  if (body === 0) return 0;
  for (let next = tree.next(body); next !== 0 && tree.kind(next) !== JSDOC; next = tree.next(next)) body = next;
  return body;
}

function bodyOf(l: Lowering, node: number, body: number): Statement[] {
  const { tree } = l;
  if (tree.kind(node) === ARROW && tree.kind(body) !== BLOCK) {
    const { start, end } = l.span(body);
    return [{ kind: 'return', start, end, value: lowerExpression(l, body) }];
  }
  return lowerStatements(l, tree.child(body, 0));
}

function parametersOf(l: Lowering, list: number, functionStart: number): Parameter[] {
  const { tree } = l;
  const parameters: Parameter[] = [];
  for (let node = tree.first(list); node !== 0; node = tree.next(node)) {
    const nameNode = tree.child(node, 2);
    // `this: Foo` only declares a type; a JavaScript file says it in a comment, before the function.
    const isThis = l.isIdentifier(nameNode) && l.name(nameNode) === 'this';
    if (nameNode === 0 || isThis || tree.start(nameNode) < functionStart) continue;
    parameters.push(parameter(l, node, nameNode));
  }
  return parameters;
}

function parameter(l: Lowering, node: number, nameNode: number): Parameter {
  const { tree } = l;
  const { start, end } = l.span(node);
  const modifiers = modifiersOf(l, node);
  const decorators = decoratorsOf(l, node, modifiers);
  const pattern = lowerBinding(l, nameNode, 'parameter');
  const type = tree.child(node, 4);
  const draft: Draft<Parameter> = {
    start,
    end,
    pattern,
    default: undefined,
    rest: tree.has(node, 1),
    typeName: type === 0 ? undefined : typeName(l, type),
    typeArguments: type === 0 ? undefined : typeArgumentNames(l, type),
    decorators,
    property: (modifiers & MODIFIER_PROPERTY) !== 0,
  };
  if (pattern.kind === 'variable' && draft.typeName !== undefined) {
    const variable = l.variables[pattern.variable];
    if (variable !== undefined) {
      variable.typeName = draft.typeName;
      if (draft.typeArguments !== undefined) variable.typeArguments = draft.typeArguments;
    }
  }
  const initializer = tree.child(node, 5);
  if (initializer !== 0) draft.default = lowerExpression(l, initializer);
  return draft as Parameter;
}
