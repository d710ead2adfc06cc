/** Imports and exports of every form, and the names that assignments give. */

import { SyntaxKind } from 'typescript/unstable/ast';
import { type Draft, type Lowering, type Naming, qualify } from './lower-context.ts';
import { lowerChild, lowerInitializer, propertyKey } from './lower-expressions.ts';
import { MODIFIER_EXPORT, modifiersOf } from './lower-types.ts';
import type { ExportName, Expression, ImportNode, MemberExpression, Pattern, Span, Statement } from './syntax.ts';

type Binding = ImportNode['bindings'][number];
type TypeBinding = ImportNode['types'][number];

const NAMESPACE_IMPORT = SyntaxKind.NamespaceImport;
const NAMED_EXPORTS = SyntaxKind.NamedExports;
const EXTERNAL_MODULE = SyntaxKind.ExternalModuleReference;
const QUALIFIED_NAME = SyntaxKind.QualifiedName;
/** `import type` in the encoding of an import clause. */
const PHASE_TYPE = 1;

// ---------------------------------------------------------------- imports

export function importDeclaration(l: Lowering, node: number): void {
  const { tree } = l;
  const { start, end } = l.span(node);
  const module = propertyKey(l, tree.child(node, 2)) ?? '';
  const clause = tree.child(node, 1);
  const typeOnly = (tree.bits(clause) & 3) === PHASE_TYPE;
  const bindings: Binding[] = [];
  const types: TypeBinding[] = [];
  if (clause !== 0) {
    const add = (nameNode: number, name: string, isType: boolean): void => {
      if (isType) types.push({ imported: name, local: l.name(nameNode) });
      else bindings.push(imported(l, nameNode, module, name));
    };
    const name = tree.child(clause, 0);
    if (name !== 0) add(name, 'default', typeOnly);
    const named = tree.child(clause, 1);
    if (tree.kind(named) === NAMESPACE_IMPORT) add(tree.child(named, 0), '*', typeOnly);
    else importSpecifiers(l, tree.child(named, 0), typeOnly, add);
  }
  l.imports.push({ start, end, module, bindings, types, typeOnly });
}

function importSpecifiers(
  l: Lowering,
  list: number,
  typeOnly: boolean,
  add: (nameNode: number, imported: string, isType: boolean) => void,
): void {
  const { tree } = l;
  for (let specifier = tree.first(list); specifier !== 0; specifier = tree.next(specifier)) {
    const local = tree.child(specifier, 1);
    if (local === 0) continue;
    const original = tree.has(specifier, 0) ? tree.child(specifier, 0) : local;
    add(local, propertyKey(l, original) ?? '', typeOnly || (tree.bits(specifier) & 1) === 1);
  }
}

function imported(l: Lowering, nameNode: number, module: string, name: string): Binding {
  const variable = l.declare(l.name(nameNode), 'import', l.span(nameNode));
  const draft = l.variables[variable];
  if (draft !== undefined) draft.import = { module, imported: name };
  return { imported: name, variable };
}

/** `import x = require('m')`, and `import Alias = Some.Name`, which is a constant. */
export function importEquals(l: Lowering, node: number, out: Statement[]): void {
  const { tree } = l;
  const { start, end } = l.span(node);
  const nameNode = tree.child(node, 1);
  const reference = tree.child(node, 2);
  const typeOnly = (tree.bits(node) & 1) === 1;
  if (tree.kind(reference) === EXTERNAL_MODULE) {
    const module = propertyKey(l, tree.child(reference, 0)) ?? '';
    const bindings = typeOnly ? [] : [imported(l, nameNode, module, '*')];
    l.imports.push({ start, end, module, bindings, types: [], typeOnly });
  } else if (!typeOnly && reference !== 0) {
    const at = l.span(nameNode);
    const variable = l.declare(l.name(nameNode), 'const', at);
    const initializer = entityName(l, reference);
    const draft = l.variables[variable];
    if (draft !== undefined) draft.initializer = initializer;
    const pattern: Pattern = { kind: 'variable', variable, ...at };
    const keyword = { start, end: at.start };
    out.push({
      kind: 'variable',
      start,
      end,
      declarations: [{ pattern, initializer, span: { start: at.start, end } }],
      using: false,
      keyword,
    });
  }
  if ((modifiersOf(l, node) & MODIFIER_EXPORT) === 0 || typeOnly) return;
  const variable = l.scope.names?.get(l.name(nameNode));
  if (variable !== undefined) exportDeclared(l, variable, false);
}

function entityName(l: Lowering, node: number): Expression {
  if (l.tree.kind(node) !== QUALIFIED_NAME) return l.reference(node);
  const { start, end } = l.span(node);
  const object = entityName(l, l.tree.child(node, 0));
  const nameNode = l.tree.child(node, 1);
  const member: MemberExpression = {
    kind: 'member',
    start,
    end,
    object,
    name: l.name(nameNode),
    nameAt: l.span(nameNode),
    optional: false,
    member: l.members.length,
  };
  l.members.push(member);
  return member;
}

/** `const x = require('m')`, `const { a } = require('m')`, `const x = require('m').a`. */
export function requireImport(l: Lowering, pattern: Pattern, initializer: Expression, at: Span): void {
  const property = initializer.kind === 'member' ? initializer.name : undefined;
  const module = requiredModule(initializer.kind === 'member' ? initializer.object : initializer);
  if (module === undefined) return;
  const bindings: Binding[] = [];
  if (pattern.kind === 'variable') {
    bindings.push({ imported: property ?? '*', variable: pattern.variable });
  } else if (pattern.kind === 'object-pattern' && property === undefined) {
    for (const { key, value, rest } of pattern.properties) {
      if (value.kind !== 'variable') continue;
      if (rest) bindings.push({ imported: '*', variable: value.variable });
      else if (key !== undefined) bindings.push({ imported: key, variable: value.variable });
    }
  }
  for (const binding of bindings) {
    const draft = l.variables[binding.variable];
    if (draft !== undefined) draft.import = { module, imported: binding.imported };
  }
  l.imports.push({ start: at.start, end: at.end, module, bindings, types: [], typeOnly: false });
}
function requiredModule(expression: Expression): string | undefined {
  if (expression.kind !== 'call' || expression.callee.kind !== 'identifier' || expression.callee.name !== 'require')
    return undefined;
  const [module] = expression.args;
  return module?.kind === 'literal' && typeof module.value === 'string' ? module.value : undefined;
}

// ---------------------------------------------------------------- exports

/** A declaration with `export`; those of a namespace are no exports of the file. */
export function exportDeclared(l: Lowering, variable: number, isDefault: boolean): void {
  if (l.namespaceDepth > 0) return;
  const name = isDefault ? 'default' : (l.variables[variable]?.name ?? '');
  // Overloads and merged declarations are one export.
  if (!l.exports.some((each) => each.variable === variable && each.name === name)) l.exports.push({ name, variable });
}

export function exportDeclaration(l: Lowering, node: number): void {
  const { tree } = l;
  if ((tree.bits(node) & 1) === 1 || l.namespaceDepth > 0) return;
  const from = tree.has(node, 2) ? { from: propertyKey(l, tree.child(node, 2)) ?? '' } : {};
  const clause = tree.child(node, 1);
  if (clause === 0) {
    l.exports.push({ name: '*', ...from });
    return;
  }
  if (tree.kind(clause) !== NAMED_EXPORTS) {
    l.exports.push({ name: propertyKey(l, tree.child(clause, 0)) ?? '', ...from });
    return;
  }
  for (let specifier = tree.first(tree.child(clause, 0)); specifier !== 0; specifier = tree.next(specifier)) {
    if ((tree.bits(specifier) & 1) === 1) continue;
    const exported = tree.child(specifier, 1);
    const local = tree.has(specifier, 0) ? tree.child(specifier, 0) : exported;
    const entry: Draft<ExportName> = { name: propertyKey(l, exported) ?? '', ...from };
    l.exports.push(entry as ExportName);
    if (!tree.has(node, 2)) l.exportedNames.push({ entry, name: l.name(local) });
  }
}

/** `export default <expression>` and `export = <expression>`. */
export function exportAssignment(l: Lowering, node: number, out: Statement[]): void {
  const { tree } = l;
  const { start, end } = l.span(node);
  const name = (tree.bits(node) & 1) === 1 ? 'export=' : 'default';
  const value = tree.child(node, 2);
  const expression =
    value === 0
      ? lowerChild(l, node, 2)
      : lowerInitializer(l, value, { name: 'default', at: undefined, nodeIndex: node, prefix: l.prefix });
  addExport(l, name, expression);
  out.push({ kind: 'expression', start, end, expression });
}

/** Records `exports.x = …` and `module.exports = …`. */
export function exportAssigned(l: Lowering, target: MemberExpression, value: Expression): void {
  if (isModuleExports(target)) {
    addExport(l, 'export=', value);
    if (value.kind !== 'object') return;
    for (const property of value.properties) {
      if (property.kind === 'property' && property.key !== undefined) addExport(l, property.key, property.value);
    }
  } else if (isModuleExports(target.object) || isExports(target.object)) {
    addExport(l, target.name, value);
  }
}
function addExport(l: Lowering, name: string, value: Expression): void {
  const entry: Draft<ExportName> = { name };
  l.exports.push(entry as ExportName);
  if (value.kind === 'identifier') l.exportedNames.push({ entry, name: value.name });
  if (value.kind === 'function') l.exportedFunctions.push(value.fn);
  if (value.kind === 'class-expression') l.exportedClasses.push(value.class);
}
function isExports(expression: Expression): boolean {
  return expression.kind === 'identifier' && expression.name === 'exports';
}
function isModuleExports(expression: Expression): boolean {
  return (
    expression.kind === 'member' &&
    expression.name === 'exports' &&
    expression.object.kind === 'identifier' &&
    expression.object.name === 'module'
  );
}

// ---------------------------------------------------------------- names that assignments give

/** `Foo.prototype.bar = …` names `Foo.bar`, `exports.x = …` names `x`, `this.x = …` in a class `Class.x`. */
export function pathOf(l: Lowering, target: Expression, nodeIndex: number): Naming {
  if (target.kind === 'identifier') {
    return { name: target.name, at: { start: target.start, end: target.end }, nodeIndex, prefix: l.prefix };
  }
  if (target.kind !== 'member') return { name: '', at: undefined, nodeIndex, prefix: l.prefix };
  if (isModuleExports(target)) return { name: '', at: target.nameAt, nodeIndex, prefix: l.prefix };
  const isPrototype = target.name === 'prototype';
  const prefix = pathPrefix(l, target.object);
  return { name: isPrototype ? '' : target.name, at: target.nameAt, nodeIndex, prefix };
}

function pathPrefix(l: Lowering, object: Expression): string {
  if (object.kind === 'this')
    return l.functions[l.fn]?.class === undefined
      ? l.prefix
      : l.prefix.slice(0, Math.max(0, l.prefix.lastIndexOf('.')));
  const path = dotted(object);
  return path === undefined ? l.prefix : qualify(l.prefix, path);
}
function dotted(expression: Expression): string | undefined {
  if (expression.kind === 'identifier') return expression.name === 'exports' ? '' : expression.name;
  if (expression.kind !== 'member') return undefined;
  if (isModuleExports(expression)) return '';
  const object = dotted(expression.object);
  if (object === undefined) return undefined;
  return expression.name === 'prototype' ? object : qualify(object, expression.name);
}
