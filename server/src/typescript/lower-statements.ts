/** Lowers statements. A statement of the source becomes none, one or, with declarations, several of ours. */
import { SyntaxKind } from 'typescript/unstable/ast';
import { lowerClass } from './lower-classes.ts';
import { type Draft, type Lowering, qualify } from './lower-context.ts';
import { lowerChild, lowerExpression, lowerInitializer } from './lower-expressions.ts';
import { lowerFunctionDeclaration } from './lower-functions.ts';
import {
  exportAssignment,
  exportDeclaration,
  exportDeclared,
  importDeclaration,
  importEquals,
  requireImport,
} from './lower-modules.ts';
import { assignedPattern, lowerBinding } from './lower-patterns.ts';
import { FLAG_CONST, FLAG_LET, FLAG_REPARSED, FLAG_USING } from './lower-tree.ts';
import { MODIFIER_DEFAULT, MODIFIER_EXPORT, modifiersOf, typeArgumentNames, typeName } from './lower-types.ts';
import type {
  BlockStatement,
  Expression,
  LoopStatement,
  Pattern,
  Span,
  Statement,
  TryStatement,
  Variable,
  VariableStatement,
} from './syntax.ts';

type Lower = (l: Lowering, node: number, out: Statement[]) => void;
type Declaration = VariableStatement['declarations'][number];

const BLOCK = SyntaxKind.Block;
const EMPTY = SyntaxKind.EmptyStatement;
const MODULE = SyntaxKind.ModuleDeclaration;
const DECLARATION_LIST = SyntaxKind.VariableDeclarationList;
/** What a statement adds to the nesting depth, in stack frames of an expression. */
const STATEMENT_DEPTH = 2;

/** The statements of a node list, in the current scope. */
export function lowerStatements(l: Lowering, list: number): Statement[] {
  const out: Statement[] = [];
  for (let node = l.tree.first(list); node !== 0; node = l.tree.next(node)) lowerStatement(l, node, out);
  return out;
}

export function lowerStatement(l: Lowering, node: number, out: Statement[]): void {
  // What JSDoc declares (`@typedef`, `@import`) is type-only.
  if ((l.tree.flags(node) & FLAG_REPARSED) !== 0 || l.tooDeep()) return;
  const lower = table[l.tree.kind(node)];
  if (lower === undefined) return;
  l.depth += STATEMENT_DEPTH;
  lower(l, node, out);
  l.depth -= STATEMENT_DEPTH;
}

/** Body of a loop or branch, or a block: a scope of its own. */
function scoped(l: Lowering, node: number): Statement[] {
  const outer = l.openScope(false);
  const out: Statement[] = l.tree.kind(node) === BLOCK ? lowerStatements(l, l.tree.child(node, 0)) : [];
  if (l.tree.kind(node) !== BLOCK && node !== 0) lowerStatement(l, node, out);
  l.scope = outer;
  return out;
}
/** Span of a branch, empty at the parent's end when half-typed code lacks it. */
function spanOr(l: Lowering, node: number, parent: number): Span {
  const end = l.tree.end(parent);
  return node === 0 ? { start: end, end } : l.span(node);
}

// ---------------------------------------------------------------- declarations

function variableStatement(l: Lowering, node: number, out: Statement[]): void {
  const { start, end } = l.span(node);
  const list = l.tree.child(node, 1);
  if (list === 0) return;
  const statement = variables(l, list, start, end);
  out.push(statement);
  if ((modifiersOf(l, node) & MODIFIER_EXPORT) === 0) return;
  for (const { pattern } of statement.declarations) exportPattern(l, pattern);
}
function exportPattern(l: Lowering, pattern: Pattern): void {
  if (pattern.kind === 'variable') exportDeclared(l, pattern.variable, false);
  if (pattern.kind === 'object-pattern') for (const { value } of pattern.properties) exportPattern(l, value);
  if (pattern.kind === 'array-pattern')
    for (const element of pattern.elements) if (element) exportPattern(l, element.value);
}

function variables(l: Lowering, list: number, start: number, end: number): VariableStatement {
  const { tree } = l;
  const flags = tree.flags(list);
  const using = (flags & FLAG_USING) !== 0;
  const kind = using || (flags & FLAG_CONST) !== 0 ? 'const' : (flags & FLAG_LET) !== 0 ? 'let' : 'var';
  const keywordStart = tree.start(list);
  const declarations: Declaration[] = [];
  const first = tree.first(tree.child(list, 0));
  const keyword = {
    start: keywordStart,
    end: keywordEnd(l, keywordStart, first === 0 ? tree.end(list) : tree.pos(first)),
  };
  for (let node = first; node !== 0; node = tree.next(node)) declarations.push(declaration(l, node, kind));
  return { kind: 'variable', start, end, declarations, using, keyword };
}
/** The first declaration's leading trivia begins right after the keyword. */
function keywordEnd(l: Lowering, start: number, pos: number): number {
  return Math.max(start, Math.min(pos, l.text.length));
}

function declaration(l: Lowering, node: number, kind: Variable['kind']): Declaration {
  const { tree } = l;
  const span = l.span(node);
  const nameNode = tree.child(node, 0);
  const known = l.variables.length;
  const pattern = lowerBinding(l, nameNode, kind);
  const variable = pattern.kind === 'variable' ? l.variables[pattern.variable] : undefined;
  const isNew = l.variables.length > known;
  const type = tree.child(node, 2);
  if (type !== 0 && variable !== undefined) {
    const name = typeName(l, type);
    if (name !== undefined) variable.typeName = name;
    const args = typeArgumentNames(l, type);
    if (args !== undefined) variable.typeArguments = args;
  }
  const initializerNode = tree.child(node, 3);
  if (initializerNode === 0) return { pattern, span };
  const initializer: Expression =
    variable === undefined
      ? lowerExpression(l, initializerNode)
      : lowerInitializer(l, initializerNode, {
          name: variable.name,
          at: l.span(nameNode),
          nodeIndex: node,
          prefix: l.prefix,
        });
  if (variable !== undefined && isNew) {
    variable.initializer = initializer;
    if (initializer.kind === 'function') variable.names = initializer.fn;
  } else if (variable !== undefined) {
    variable.reassigned = true;
    delete variable.initializer;
  }
  requireImport(l, pattern, initializer, span);
  return { pattern, initializer, span };
}

function functionDeclaration(l: Lowering, node: number, out: Statement[]): void {
  const { tree } = l;
  const { start, end } = l.span(node);
  const modifiers = modifiersOf(l, node);
  const nameNode = tree.child(node, 2);
  const name = nameNode === 0 ? 'default' : l.name(nameNode);
  const nameAt = nameNode === 0 ? undefined : l.span(nameNode);
  const variable = l.declare(name, 'function', nameAt ?? { start, end: start });
  const fn = lowerFunctionDeclaration(l, node, name, nameAt);
  const draft = l.variables[variable];
  if (draft !== undefined && (fn.hasBody || draft.names === undefined)) draft.names = fn.index;
  if ((modifiers & MODIFIER_EXPORT) !== 0) exportDeclared(l, variable, (modifiers & MODIFIER_DEFAULT) !== 0);
  out.push({ kind: 'function', start, end, fn: fn.index, variable });
}

function classDeclaration(l: Lowering, node: number, out: Statement[]): void {
  const { tree } = l;
  const { start, end } = l.span(node);
  const modifiers = modifiersOf(l, node);
  const nameNode = tree.child(node, 1);
  const name = nameNode === 0 ? 'default' : l.name(nameNode);
  const variable = l.declare(name, 'class', nameNode === 0 ? { start, end: start } : l.span(nameNode));
  const naming = { name, at: undefined, nodeIndex: 0, prefix: l.prefix };
  const { index } = lowerClass(l, node, naming);
  l.classOfVariable.set(variable, index);
  if ((modifiers & MODIFIER_EXPORT) !== 0) exportDeclared(l, variable, (modifiers & MODIFIER_DEFAULT) !== 0);
  out.push({ kind: 'class', start, end, class: index, variable });
}

/** A type: no statement and no variable. */
function interfaceDeclaration(l: Lowering, node: number): void {
  const modifiers = modifiersOf(l, node);
  const draft = lowerClass(l, node, undefined) as Draft<ReturnType<typeof lowerClass>>;
  draft.exported = (modifiers & MODIFIER_EXPORT) !== 0;
}

function enumDeclaration(l: Lowering, node: number): void {
  const nameNode = l.tree.child(node, 1);
  if (nameNode === 0) return;
  const variable = l.declare(l.name(nameNode), 'enum', l.span(nameNode));
  if ((modifiersOf(l, node) & MODIFIER_EXPORT) !== 0) exportDeclared(l, variable, false);
}

/** `namespace A.B { … }`, `declare module 'x' { … }`, `declare global { … }`: its body as a block. */
function moduleDeclaration(l: Lowering, node: number, out: Statement[]): void {
  const { tree } = l;
  const { start, end } = l.span(node);
  const nameNode = tree.child(node, 1);
  const isNamespace = l.isIdentifier(nameNode) && l.name(nameNode) !== 'global';
  const name = isNamespace ? l.name(nameNode) : '';
  if (isNamespace) {
    const variable = l.declare(name, 'const', l.span(nameNode));
    if ((modifiersOf(l, node) & MODIFIER_EXPORT) !== 0) exportDeclared(l, variable, false);
  }
  const outerScope = l.openScope(true);
  const outerPrefix = l.prefix;
  l.prefix = qualify(l.prefix, name);
  l.namespaceDepth++;
  const bodyNode = tree.child(node, 2);
  let body: Statement[] = [];
  if (tree.kind(bodyNode) === MODULE) moduleDeclaration(l, bodyNode, body);
  else body = lowerStatements(l, tree.child(bodyNode, 0));
  l.namespaceDepth--;
  l.prefix = outerPrefix;
  l.scope = outerScope;
  if (body.length > 0) out.push({ kind: 'block', start, end, body });
}

// ---------------------------------------------------------------- control flow

function expressionStatement(l: Lowering, node: number, out: Statement[]): void {
  const { start, end } = l.span(node);
  out.push({ kind: 'expression', start, end, expression: lowerChild(l, node, 0) });
}

function returnStatement(l: Lowering, node: number, out: Statement[]): void {
  const { start, end } = l.span(node);
  out.push(
    l.tree.has(node, 0)
      ? { kind: 'return', start, end, value: lowerChild(l, node, 0) }
      : { kind: 'return', start, end },
  );
}

function throwStatement(l: Lowering, node: number, out: Statement[]): void {
  const { start, end } = l.span(node);
  out.push({ kind: 'throw', start, end, value: lowerChild(l, node, 0) });
}

function ifStatement(l: Lowering, node: number, out: Statement[]): void {
  const { tree } = l;
  const { start, end } = l.span(node);
  const test = lowerChild(l, node, 0);
  const thenNode = tree.child(node, 1);
  const thenSpan = spanOr(l, thenNode, node);
  const then = scoped(l, thenNode);
  const elseNode = tree.child(node, 2);
  if (elseNode === 0) {
    out.push({ kind: 'if', start, end, test, then, else: [], thenSpan });
    return;
  }
  const elseSpan = l.span(elseNode);
  out.push({ kind: 'if', start, end, test, then, else: scoped(l, elseNode), thenSpan, elseSpan });
}

function forStatement(l: Lowering, node: number, out: Statement[]): void {
  const { tree } = l;
  const { start, end } = l.span(node);
  const outer = l.openScope(false);
  const draft = loop(l, 'for', node, start, end, tree.child(node, 3));
  const init = tree.child(node, 0);
  if (init !== 0) {
    const span = l.span(init);
    draft.init =
      tree.kind(init) === DECLARATION_LIST
        ? variables(l, init, span.start, span.end)
        : { kind: 'expression', ...span, expression: lowerExpression(l, init) };
  }
  if (tree.has(node, 1)) draft.test = lowerChild(l, node, 1);
  if (tree.has(node, 2)) draft.update = lowerChild(l, node, 2);
  draft.body = scoped(l, tree.child(node, 3));
  l.scope = outer;
  out.push(draft as LoopStatement);
}

function forEach(form: 'for-in' | 'for-of'): Lower {
  return (l, node, out) => {
    const { tree } = l;
    const { start, end } = l.span(node);
    const outer = l.openScope(false);
    const draft = loop(l, tree.has(node, 0) ? 'for-await' : form, node, start, end, tree.child(node, 3));
    draft.pattern = loopPattern(l, tree.child(node, 1));
    draft.iterable = lowerChild(l, node, 2);
    draft.body = scoped(l, tree.child(node, 3));
    l.scope = outer;
    out.push(draft as LoopStatement);
  };
}
function loopPattern(l: Lowering, node: number): Pattern | undefined {
  if (node === 0) return undefined;
  const { tree } = l;
  if (tree.kind(node) !== DECLARATION_LIST) return assignedPattern(l, node);
  return variables(l, node, tree.start(node), tree.end(node)).declarations[0]?.pattern;
}

function whileStatement(l: Lowering, node: number, out: Statement[]): void {
  const { start, end } = l.span(node);
  const draft = loop(l, 'while', node, start, end, l.tree.child(node, 1));
  draft.test = lowerChild(l, node, 0);
  draft.body = scoped(l, l.tree.child(node, 1));
  out.push(draft as LoopStatement);
}

function doStatement(l: Lowering, node: number, out: Statement[]): void {
  const { start, end } = l.span(node);
  const draft = loop(l, 'do-while', node, start, end, l.tree.child(node, 0));
  draft.body = scoped(l, l.tree.child(node, 0));
  draft.test = lowerChild(l, node, 1);
  out.push(draft as LoopStatement);
}

function loop(
  l: Lowering,
  form: LoopStatement['form'],
  node: number,
  start: number,
  end: number,
  bodyNode: number,
): Draft<LoopStatement> {
  return {
    kind: 'loop',
    start,
    end,
    label: undefined,
    form,
    init: undefined,
    test: undefined,
    update: undefined,
    pattern: undefined,
    iterable: undefined,
    body: [],
    bodySpan: spanOr(l, bodyNode, node),
  };
}

function tryStatement(l: Lowering, node: number, out: Statement[]): void {
  const { tree } = l;
  const { start, end } = l.span(node);
  const draft: Draft<TryStatement> = {
    kind: 'try',
    start,
    end,
    block: scoped(l, tree.child(node, 0)),
    parameter: undefined,
    handler: undefined,
    handlerSpan: undefined,
    finalizer: undefined,
    finalizerSpan: undefined,
  };
  const clause = tree.child(node, 1);
  if (clause !== 0) {
    const outer = l.openScope(false);
    const parameter = tree.child(tree.child(clause, 0), 0);
    if (parameter !== 0) draft.parameter = lowerBinding(l, parameter, 'catch');
    const block = tree.child(clause, 1);
    draft.handler = scoped(l, block);
    draft.handlerSpan = spanOr(l, block, clause);
    l.scope = outer;
  }
  const finalizer = tree.child(node, 2);
  if (finalizer !== 0) {
    draft.finalizer = scoped(l, finalizer);
    draft.finalizerSpan = l.span(finalizer);
  }
  out.push(draft as TryStatement);
}

function switchStatement(l: Lowering, node: number, out: Statement[]): void {
  const { tree } = l;
  const { start, end } = l.span(node);
  const subject = lowerChild(l, node, 0);
  const cases: { test?: Expression; body: Statement[]; span: Span }[] = [];
  const outer = l.openScope(false);
  const clauses = tree.child(tree.child(node, 1), 0);
  for (let clause = tree.first(clauses); clause !== 0; clause = tree.next(clause)) {
    const span = l.span(clause);
    const test = tree.child(clause, 0);
    if (test === 0) cases.push({ body: lowerStatements(l, tree.child(clause, 1)), span });
    else cases.push({ test: lowerExpression(l, test), body: lowerStatements(l, tree.child(clause, 1)), span });
  }
  l.scope = outer;
  out.push({ kind: 'switch', start, end, subject, cases });
}

function block(l: Lowering, node: number, out: Statement[]): void {
  const { start, end } = l.span(node);
  out.push({ kind: 'block', start, end, body: scoped(l, node) });
}

function jump(kind: 'break' | 'continue'): Lower {
  return (l, node, out) => {
    const { start, end } = l.span(node);
    const label = l.tree.child(node, 0);
    out.push(label === 0 ? { kind, start, end } : { kind, start, end, label: l.name(label) });
  };
}

function labeledStatement(l: Lowering, node: number, out: Statement[]): void {
  const { start, end } = l.span(node);
  const label = l.name(l.tree.child(node, 0));
  const body: Statement[] = [];
  const statement = l.tree.child(node, 1);
  if (statement !== 0 && l.tree.kind(statement) !== EMPTY) lowerStatement(l, statement, body);
  const [only] = body;
  if (
    body.length === 1 &&
    only !== undefined &&
    (only.kind === 'loop' || only.kind === 'block') &&
    only.label === undefined
  ) {
    (only as Draft<LoopStatement | BlockStatement>).label = label;
    out.push(only);
  } else {
    out.push({ kind: 'block', start, end, label, body });
  }
}

function withStatement(l: Lowering, node: number, out: Statement[]): void {
  const { start, end } = l.span(node);
  const subject = lowerChild(l, node, 0);
  const body: Statement[] = [{ kind: 'expression', start: subject.start, end: subject.end, expression: subject }];
  lowerStatement(l, l.tree.child(node, 1), body);
  out.push({ kind: 'block', start, end, body });
}

const table: (Lower | undefined)[] = [];
table[SyntaxKind.VariableStatement] = variableStatement;
table[SyntaxKind.FunctionDeclaration] = functionDeclaration;
table[SyntaxKind.ClassDeclaration] = classDeclaration;
table[SyntaxKind.InterfaceDeclaration] = interfaceDeclaration;
table[SyntaxKind.EnumDeclaration] = enumDeclaration;
table[SyntaxKind.ModuleDeclaration] = moduleDeclaration;
table[SyntaxKind.ImportDeclaration] = importDeclaration;
table[SyntaxKind.ImportEqualsDeclaration] = importEquals;
table[SyntaxKind.ExportDeclaration] = exportDeclaration;
table[SyntaxKind.ExportAssignment] = exportAssignment;
table[SyntaxKind.ExpressionStatement] = expressionStatement;
table[SyntaxKind.ReturnStatement] = returnStatement;
table[SyntaxKind.ThrowStatement] = throwStatement;
table[SyntaxKind.IfStatement] = ifStatement;
table[SyntaxKind.ForStatement] = forStatement;
table[SyntaxKind.ForInStatement] = forEach('for-in');
table[SyntaxKind.ForOfStatement] = forEach('for-of');
table[SyntaxKind.WhileStatement] = whileStatement;
table[SyntaxKind.DoStatement] = doStatement;
table[SyntaxKind.TryStatement] = tryStatement;
table[SyntaxKind.SwitchStatement] = switchStatement;
table[SyntaxKind.Block] = block;
table[SyntaxKind.BreakStatement] = jump('break');
table[SyntaxKind.ContinueStatement] = jump('continue');
table[SyntaxKind.LabeledStatement] = labeledStatement;
table[SyntaxKind.WithStatement] = withStatement;
