/** Lowers classes and interfaces. */
import { SyntaxKind } from 'typescript/unstable/ast';
import { type Draft, type Lowering, type Naming, qualify } from './lower-context.ts';
import { lowerInitializer, propertyKey } from './lower-expressions.ts';
import { lowerFunctionProperty, lowerMethod } from './lower-functions.ts';
import {
  decoratorsOf,
  lastNameNode,
  MODIFIER_PRIVATE,
  MODIFIER_STATIC,
  modifiersOf,
  typeArgumentNames,
  typeName,
  typeNames,
} from './lower-types.ts';
import type { ClassNode, PropertyNode } from './syntax.ts';

const INTERFACE = SyntaxKind.InterfaceDeclaration;
const CLASS_EXPRESSION = SyntaxKind.ClassExpression;
const FUNCTION_TYPE = SyntaxKind.FunctionType;
const PROPERTY_SIGNATURE = SyntaxKind.PropertySignature;
const PROPERTY_DECLARATION = SyntaxKind.PropertyDeclaration;
const isMethod: boolean[] = [];
for (const kind of [
  SyntaxKind.MethodDeclaration,
  SyntaxKind.MethodSignature,
  SyntaxKind.Constructor,
  SyntaxKind.GetAccessor,
  SyntaxKind.SetAccessor,
  SyntaxKind.ClassStaticBlockDeclaration,
]) {
  isMethod[kind] = true;
}

export function lowerClass(l: Lowering, node: number, naming: Naming | undefined): ClassNode {
  const { tree } = l;
  const { start, end } = l.span(node);
  const nameNode = tree.child(node, 1);
  const name = nameNode === 0 ? (naming?.name ?? '') : l.name(nameNode);
  const index = l.classes.length;
  const methods: number[] = [];
  const properties: PropertyNode[] = [];
  const draft: Draft<ClassNode> = {
    start,
    end,
    index,
    name,
    nodeIndex: node,
    fn: l.fn,
    decorators: [],
    heritage: heritageOf(l, tree.child(node, 3)),
    methods,
    properties,
    exported: false,
    kind: tree.kind(node) === INTERFACE ? 'interface' : 'class',
  };
  l.classes.push(draft);
  const outerPrefix = l.prefix;
  const outerScope = l.scope;
  l.prefix = qualify(naming?.prefix ?? l.prefix, name === '' ? '<anonymous>' : name);
  draft.decorators = decoratorsOf(l, node, modifiersOf(l, node));
  if (tree.kind(node) === CLASS_EXPRESSION && nameNode !== 0) {
    l.openScope(false);
    l.declare(name, 'class', l.span(nameNode));
  }
  for (let member = tree.first(tree.child(node, 4)); member !== 0; member = tree.next(member)) {
    classMember(l, member, index, methods, properties);
  }
  l.scope = outerScope;
  l.prefix = outerPrefix;
  return draft;
}

function classMember(l: Lowering, member: number, owner: number, methods: number[], properties: PropertyNode[]): void {
  const { tree } = l;
  const kind = tree.kind(member);
  if (isMethod[kind] === true) {
    methods.push(lowerMethod(l, member, owner).index);
    return;
  }
  if (kind !== PROPERTY_DECLARATION && kind !== PROPERTY_SIGNATURE) return;
  const type = tree.child(member, 3);
  if (kind === PROPERTY_SIGNATURE && tree.kind(type) === FUNCTION_TYPE) {
    methods.push(lowerFunctionProperty(l, member, type, owner).index);
    return;
  }
  properties.push(property(l, member, type, owner));
}

function property(l: Lowering, node: number, type: number, owner: number): PropertyNode {
  const { tree } = l;
  const { start, end } = l.span(node);
  const modifiers = modifiersOf(l, node);
  const nameNode = tree.child(node, 1);
  const nameAt = nameNode === 0 ? { start, end: start } : l.span(nameNode);
  const name = propertyKey(l, nameNode) ?? l.text.slice(nameAt.start, nameAt.end);
  const isStatic = (modifiers & MODIFIER_STATIC) !== 0;
  const draft: Draft<PropertyNode> = {
    start,
    end,
    name,
    nameAt,
    nodeIndex: node,
    static: isStatic,
    initializer: undefined,
    decorators: decoratorsOf(l, node, modifiers),
    type: type === 0 ? undefined : l.text.slice(tree.start(type), tree.end(type)),
    typeName: type === 0 ? undefined : typeName(l, type),
    typeArguments: type === 0 ? undefined : typeArgumentNames(l, type),
    names: undefined,
  };
  const initializer = tree.child(node, 4);
  if (initializer !== 0) {
    const isPrivate = (modifiers & MODIFIER_PRIVATE) !== 0 || name.startsWith('#');
    const value = lowerInitializer(l, initializer, {
      name,
      at: nameAt,
      nodeIndex: node,
      prefix: l.prefix,
      class: owner,
      static: isStatic,
      private: isPrivate,
    });
    draft.initializer = value;
    if (value.kind === 'function') draft.names = value.fn;
  }
  return draft as PropertyNode;
}

function heritageOf(l: Lowering, list: number): ClassNode['heritage'] {
  const { tree } = l;
  const heritage: ClassNode['heritage'][number][] = [];
  for (let clause = tree.first(list); clause !== 0; clause = tree.next(clause)) {
    const isImplements = (tree.bits(clause) & 1) === 1;
    for (let type = tree.first(tree.child(clause, 0)); type !== 0; type = tree.next(type)) {
      const name = lastNameNode(l, type);
      if (name === 0) continue;
      heritage.push({
        clause: isImplements ? 'implements' : 'extends',
        name: l.name(name),
        at: l.span(name),
        ...(tree.has(type, 1) ? { typeArguments: typeNames(l, tree.child(type, 1)) } : {}),
      });
    }
  }
  return heritage;
}
