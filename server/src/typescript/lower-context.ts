/**
 * State of lowering one file: the lists being built, the current function and scope, and the binding of names.
 *
 * References are bound after the whole file is read, so hoisting needs no pass of its own: by then every scope knows
 * all it declares.
 */
import { SyntaxKind } from 'typescript/unstable/ast';
import { internName } from './lower-names.ts';
import type { Tree } from './lower-tree.ts';
import type {
  CallExpression,
  ClassNode,
  ExportName,
  Expression,
  FunctionNode,
  IdentifierExpression,
  ImportNode,
  MadeNode,
  MemberExpression,
  OtherExpression,
  Pattern,
  Span,
  Variable,
} from './syntax.ts';

/** A node under construction: writable, and optional properties may be spelt out as undefined. */
export type Draft<T> = { -readonly [Key in keyof T]: T[Key] | undefined extends T[Key] ? T[Key] | undefined : T[Key] };

export interface Scope {
  readonly parent: Scope | undefined;
  readonly fn: number;
  /** Nearest scope that `var` declarations go to. */
  readonly varScope: Scope;
  names: Map<string, number> | undefined;
}

/** What an expression is bound to where it stands: `const name = <expression>`, `{ name: <expression> }`. */
export interface Naming {
  readonly name: string;
  readonly at: Span | undefined;
  /** The declaration that the compiler would name; 0 for none. */
  readonly nodeIndex: number;
  /** What the name is qualified with. */
  readonly prefix: string;
  readonly class?: number;
  readonly static?: boolean;
  readonly private?: boolean;
}

const IDENTIFIER = SyntaxKind.Identifier;
const PRIVATE_IDENTIFIER = SyntaxKind.PrivateIdentifier;
const TYPE_ASSERTION = SyntaxKind.TypeAssertionExpression;
const isWrapper: boolean[] = [];
for (const kind of [
  SyntaxKind.ParenthesizedExpression,
  SyntaxKind.AsExpression,
  SyntaxKind.SatisfiesExpression,
  SyntaxKind.NonNullExpression,
  SyntaxKind.TypeAssertionExpression,
  SyntaxKind.ExpressionWithTypeArguments,
  SyntaxKind.PartiallyEmittedExpression,
]) {
  isWrapper[kind] = true;
}

/**
 * How deep expressions may nest (a function body counts for more) before what lies deeper becomes `unknown`: half of
 * what the default stack of 984 KB holds. Chains of binary operators are exempt.
 */
const DEPTH_LIMIT = 1200;

export class Lowering {
  readonly tree: Tree;
  readonly text: string;
  readonly functions: FunctionNode[] = [];
  readonly classes: ClassNode[] = [];
  readonly variables: Draft<Variable>[] = [];
  readonly imports: ImportNode[] = [];
  readonly calls: CallExpression[] = [];
  readonly members: MemberExpression[] = [];
  readonly exports: ExportName[] = [];
  readonly made: MadeNode[] = [];
  /** Exports by name of a name declared elsewhere in the file, bound at the end. */
  readonly exportedNames: { readonly entry: Draft<ExportName>; readonly name: string }[] = [];

  readonly exportedFunctions: number[] = [];
  readonly exportedClasses: number[] = [];
  readonly classOfVariable = new Map<number, number>();
  /** How many namespaces surround what is being lowered. */
  namespaceDepth = 0;

  readonly module: Scope;
  scope: Scope;
  /** The function whose body is being lowered. */
  fn = 0;
  /** What a name declared here is qualified with, `OrderService.create`. */
  prefix = '';
  /** What the functions that the call about to be lowered is given are named after: `const save = traced(() => …)`. */
  wrapNaming: Naming | undefined;
  depth = 0;

  private readonly usedNames = new Map<string, number>();
  private readonly references: Draft<IdentifierExpression>[] = [];
  private readonly referenceScopes: Scope[] = [];
  private readonly writes: IdentifierExpression[] = [];
  private readonly assignedPatterns: { pattern: Record<string, unknown>; target: IdentifierExpression }[] = [];

  constructor(tree: Tree) {
    this.tree = tree;
    this.text = tree.text;
    this.module = newScope(undefined, 0, true);
    this.scope = this.module;
  }

  span(node: number): Span {
    return { start: this.tree.start(node), end: this.tree.end(node) };
  }

  /** Text of an identifier or private identifier, '' when missing. */
  name(node: number): string {
    if (node === 0) return '';
    const end = this.tree.end(node);
    const start = this.tree.start(node);
    const name = internName(this.text, start, end);
    // `\u0061` in an identifier.
    return name.includes('\\') ? this.tree.cooked(node) : name;
  }

  /** Without parentheses and type assertions. */
  strip(node: number): number {
    let inner = node;
    for (;;) {
      const kind = this.tree.kind(inner);
      if (isWrapper[kind] !== true) return inner;
      inner = this.tree.child(inner, kind === TYPE_ASSERTION ? 1 : 0);
    }
  }
  isIdentifier(node: number): boolean {
    return this.tree.kind(node) === IDENTIFIER;
  }
  isName(node: number): boolean {
    const kind = this.tree.kind(node);
    return kind === IDENTIFIER || kind === PRIVATE_IDENTIFIER;
  }

  // -------------------------------------------------------------- depth

  tooDeep(): boolean {
    return this.depth > DEPTH_LIMIT;
  }
  missing(node: number, parent: number): OtherExpression {
    const at = node === 0 ? this.tree.end(parent) : this.tree.start(node);
    return { kind: 'other', start: at, end: at, form: 'missing', children: [] };
  }

  // -------------------------------------------------------------- scopes

  openScope(isVarScope: boolean): Scope {
    const outer = this.scope;
    this.scope = newScope(outer, this.fn, isVarScope);
    return outer;
  }

  /** The scope's variable of that name, made unless there is one already. */
  declare(name: string, kind: Variable['kind'], at: Span): number {
    const scope = kind === 'var' ? this.scope.varScope : this.scope;
    const existing = scope.names?.get(name);
    if (existing !== undefined) return existing;
    const index = this.variables.length;
    this.variables.push({
      name,
      kind,
      fn: scope.fn,
      at: { start: at.start, end: at.end },
      reassigned: false,
      referenced: false,
    });
    if (name !== '') {
      scope.names ??= new Map();
      scope.names.set(name, index);
    }
    return index;
  }

  // -------------------------------------------------------------- references

  reference(node: number): IdentifierExpression {
    const start = this.tree.start(node);
    return this.referenceTo(this.name(node), start, this.tree.end(node));
  }
  referenceTo(name: string, start: number, end: number): IdentifierExpression {
    const draft: Draft<IdentifierExpression> = { kind: 'identifier', start, end, name, variable: undefined };
    this.references.push(draft);
    this.referenceScopes.push(this.scope);
    return draft as IdentifierExpression;
  }
  /** Notes that an assignment, `++` or a loop head writes the target. */
  write(target: Expression | Pattern): void {
    if (target.kind === 'identifier') this.writes.push(target);
  }
  /** A name in a destructuring assignment: a variable if it turns out to be one. */
  assignedName(target: IdentifierExpression): Pattern {
    const pattern: Pattern = { kind: 'expression-target', start: target.start, end: target.end, target };
    this.writes.push(target);
    this.assignedPatterns.push({ pattern, target });
    return pattern;
  }

  /** Binds all references; nothing may be declared afterwards. */
  bind(): void {
    for (let i = 0; i < this.references.length; i++) {
      const reference = this.references[i] as Draft<IdentifierExpression>;
      reference.variable = lookUp(this.referenceScopes[i], reference.name);
      const variable = reference.variable === undefined ? undefined : this.variables[reference.variable];
      if (variable !== undefined) variable.referenced = true;
    }
    for (const { variable } of this.writes) {
      const written = variable === undefined ? undefined : this.variables[variable];
      if (written !== undefined) written.reassigned = true;
    }
    for (const { pattern, target } of this.assignedPatterns) {
      if (target.variable === undefined) continue;
      delete pattern['target'];
      pattern['kind'] = 'variable';
      pattern['variable'] = target.variable;
    }
    for (const { entry, name } of this.exportedNames) {
      const variable = this.module.names?.get(name);
      if (variable !== undefined) entry.variable = variable;
    }
  }

  // -------------------------------------------------------------- names

  /** Makes a qualified name unique within the file. */
  unique(name: string): string {
    const count = (this.usedNames.get(name) ?? 0) + 1;
    this.usedNames.set(name, count);
    return count === 1 ? name : this.unique(`${name}#${count}`);
  }
}

function newScope(parent: Scope | undefined, fn: number, isVarScope: boolean): Scope {
  const scope = { parent, fn, varScope: undefined as Scope | undefined, names: undefined };
  scope.varScope = isVarScope || parent === undefined ? (scope as Scope) : parent.varScope;
  return scope as Scope;
}

function lookUp(from: Scope | undefined, name: string): number | undefined {
  for (let scope = from; scope !== undefined; scope = scope.parent) {
    const variable = scope.names?.get(name);
    if (variable !== undefined) return variable;
  }
  return undefined;
}

export function qualify(prefix: string, name: string): string {
  return prefix === '' ? name : name === '' ? prefix : `${prefix}.${name}`;
}
