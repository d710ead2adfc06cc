/** The little that is kept of type annotations, and modifiers. */
import { SyntaxKind } from 'typescript/unstable/ast';
import type { Lowering } from './lower-context.ts';
import { lowerList } from './lower-expressions.ts';
import type { Decorator } from './syntax.ts';

const TYPE_REFERENCE = SyntaxKind.TypeReference;
const QUALIFIED_NAME = SyntaxKind.QualifiedName;
const FIRST_KEYWORD = SyntaxKind.FirstKeyword;
const LAST_KEYWORD = SyntaxKind.LastKeyword;
const PROPERTY_ACCESS = SyntaxKind.PropertyAccessExpression;
const CALL = SyntaxKind.CallExpression;
const DECORATOR = SyntaxKind.Decorator;

/**
 * Name of the type an annotation begins with: `Repository` of `Repository<User>`, `Pool` of `pg.Pool`, `Array` of
 * `User[]`, `User` of `null | User`; undefined for literal and function types.
 */
export function typeName(l: Lowering, type: number): string | undefined {
  const { tree } = l;
  const kind = tree.kind(type);
  if (kind === TYPE_REFERENCE) return lastName(l, tree.child(type, 0));
  if (kind >= FIRST_KEYWORD && kind <= LAST_KEYWORD) return l.name(type);
  switch (kind) {
    case SyntaxKind.ArrayType:
    case SyntaxKind.TupleType:
      return 'Array';
    case SyntaxKind.ParenthesizedType:
    case SyntaxKind.TypeOperator:
    case SyntaxKind.OptionalType:
      return typeName(l, tree.child(type, 0));
    case SyntaxKind.UnionType:
    case SyntaxKind.IntersectionType:
      return firstTypeName(l, tree.child(type, 0));
    case SyntaxKind.ImportType:
      return tree.has(type, 2) ? lastName(l, tree.child(type, 2)) : undefined;
    default:
      return undefined;
  }
}
/** Names of an annotation's type arguments: `['Order']` of `Repository<Order>`; undefined when it has none. */
export function typeArgumentNames(l: Lowering, type: number): readonly string[] | undefined {
  const { tree } = l;
  return tree.kind(type) === TYPE_REFERENCE && tree.has(type, 1) ? typeNames(l, tree.child(type, 1)) : undefined;
}

export function typeNames(l: Lowering, list: number): readonly string[] {
  const names: string[] = [];
  for (let type = l.tree.first(list); type !== 0; type = l.tree.next(type)) names.push(typeName(l, type) ?? '');
  return names;
}

function firstTypeName(l: Lowering, list: number): string | undefined {
  for (let type = l.tree.first(list); type !== 0; type = l.tree.next(type)) {
    const name = typeName(l, type);
    if (name !== undefined && name !== 'undefined') return name;
  }
  return undefined;
}

/** `C` of `A.B.C`, in a type or an expression; also of `C(…)`. */
export function lastNameNode(l: Lowering, node: number): number {
  const { tree } = l;
  const inner = l.strip(node);
  switch (tree.kind(inner)) {
    case QUALIFIED_NAME:
      return tree.child(inner, 1);
    case PROPERTY_ACCESS:
      return tree.child(inner, 2);
    case CALL:
      return lastNameNode(l, tree.child(inner, 0));
    default:
      return l.isName(inner) ? inner : 0;
  }
}
function lastName(l: Lowering, node: number): string | undefined {
  const name = lastNameNode(l, node);
  return name === 0 ? undefined : l.name(name);
}

export const MODIFIER_EXPORT = 1;
export const MODIFIER_DEFAULT = 2;
export const MODIFIER_ASYNC = 4;
export const MODIFIER_STATIC = 8;
export const MODIFIER_PRIVATE = 16;
/** Makes a constructor parameter a property. */
export const MODIFIER_PROPERTY = 32;
export const MODIFIER_DECORATED = 64;

const modifierBits: number[] = [];
modifierBits[SyntaxKind.ExportKeyword] = MODIFIER_EXPORT;
modifierBits[SyntaxKind.DefaultKeyword] = MODIFIER_DEFAULT;
modifierBits[SyntaxKind.AsyncKeyword] = MODIFIER_ASYNC;
modifierBits[SyntaxKind.StaticKeyword] = MODIFIER_STATIC;
modifierBits[SyntaxKind.PrivateKeyword] = MODIFIER_PRIVATE | MODIFIER_PROPERTY;
modifierBits[SyntaxKind.PublicKeyword] = MODIFIER_PROPERTY;
modifierBits[SyntaxKind.ProtectedKeyword] = MODIFIER_PROPERTY;
modifierBits[SyntaxKind.ReadonlyKeyword] = MODIFIER_PROPERTY;
modifierBits[SyntaxKind.OverrideKeyword] = MODIFIER_PROPERTY;
modifierBits[SyntaxKind.Decorator] = MODIFIER_DECORATED;

/** The `MODIFIER_*` bits of a node whose first child property is its modifiers, as it is of all that have any. */
export function modifiersOf(l: Lowering, node: number): number {
  const { tree } = l;
  let bits = 0;
  for (let modifier = tree.first(tree.child(node, 0)); modifier !== 0; modifier = tree.next(modifier)) {
    bits |= modifierBits[tree.kind(modifier)] ?? 0;
  }
  return bits;
}

const NO_DECORATORS: readonly Decorator[] = [];

export function decoratorsOf(l: Lowering, node: number, modifiers: number): readonly Decorator[] {
  if ((modifiers & MODIFIER_DECORATED) === 0) return NO_DECORATORS;
  const { tree } = l;
  const decorators: Decorator[] = [];
  for (let modifier = tree.first(tree.child(node, 0)); modifier !== 0; modifier = tree.next(modifier)) {
    if (tree.kind(modifier) !== DECORATOR) continue;
    const { start, end } = l.span(modifier);
    const expression = l.strip(tree.child(modifier, 0));
    const args = tree.kind(expression) === CALL ? lowerList(l, tree.child(expression, 3)) : [];
    decorators.push({ start, end, name: lastName(l, expression) ?? '', args });
  }
  return decorators;
}
