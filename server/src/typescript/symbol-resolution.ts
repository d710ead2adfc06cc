/**
 * What names stand for, in our own terms.
 *
 * Every answer is plain data. Answers are kept per symbol while one native snapshot lives: most calls of a file go to
 * the same few functions, and each further question about a symbol is a round trip of about 60 µs.
 */
import { posix } from 'node:path';
import { type Node, SyntaxKind } from 'typescript/unstable/ast';
import {
  type Checker,
  type Project as NativeProject,
  type Symbol as NativeSymbol,
  type NodeHandle,
  SymbolFlags,
} from 'typescript/unstable/sync';
import { askIfAble, askInBatch, expectInBatch } from './ask-in-batch.ts';
import type { Declaration, ResolvedSymbol } from './compiler.ts';
import { declaringPackage } from './declaring-package.ts';
import type { SourceFile } from './syntax.ts';

export class SymbolResolution {
  readonly #project: NativeProject;
  readonly #checker: Checker;
  readonly #libFolder: string;
  readonly #realPath: (path: string) => string;
  readonly #known = new Map<number, ResolvedSymbol | undefined>();
  readonly #targets = new Map<number, NativeSymbol>();
  readonly #containers = new Map<number, string | undefined>();
  readonly #modules = new Map<number, string | undefined>();
  /** Module and name that an import names, by its file and local name; undefined where the module does not resolve. */
  readonly #imports = new Map<string, string | undefined>();
  /** By module and name. */
  readonly #imported = new Map<string, NativeSymbol>();

  constructor(project: NativeProject, libFolder: string, realPath: (path: string) => string) {
    this.#project = project;
    this.#checker = project.checker;
    this.#libFolder = libFolder;
    this.#realPath = realPath;
  }

  resolve(nodes: readonly (Node | undefined)[]): (ResolvedSymbol | undefined)[] {
    return this.native(nodes).map((symbol) => symbol && this.describe(symbol));
  }

  /** The compiler's own symbols; `describe` says what they are. */
  native(nodes: readonly (Node | undefined)[]): (NativeSymbol | undefined)[] {
    return askInBatch(nodes, (batch) => this.#checker.getSymbolAtLocation(batch));
  }

  expectNative(nodes: readonly (Node | undefined)[], expect: (ask: () => unknown) => void): void {
    expectInBatch(nodes, (batch) => this.#checker.getSymbolAtLocation(batch), expect);
  }

  /**
   * Imports of the same name from the same module stand for the same thing, so that one question answers for all files.
   * `modules` by what stands after `from`.
   */
  rememberImports(file: SourceFile, modules: ReadonlyMap<string, NativeSymbol | undefined>): void {
    for (const { module, bindings } of file.imports) {
      if (!modules.has(module)) continue;
      const symbol = modules.get(module);
      for (const { imported, variable } of bindings) {
        const { name: local, referenced } = file.variables[variable] ?? {};
        if (local === undefined || referenced !== true) continue;
        // What a whole module or its default is depends on whether the importing file is a module of Node's.
        const kind = imported === '*' || imported === 'default' ? posix.extname(file.path) : '';
        this.#imports.set(placeOfImport(file.path, local), symbol && `${symbol.id} ${imported} ${kind}`);
      }
    }
  }

  /**
   * Asks what `describe` will need of many symbols, all at once: one by one each question would wait for its answer.
   * `expect` sends a question whose answer is asked for later.
   */
  prepare(symbols: Iterable<NativeSymbol | undefined>, expect: (ask: () => unknown) => void): void {
    const isAlias = (symbol: NativeSymbol): boolean => (symbol.flags & SymbolFlags.Alias) !== 0;
    const unknown = new Set<NativeSymbol>();
    for (const symbol of symbols) if (symbol && !this.#known.has(symbol.id)) unknown.add(symbol);
    const aliases = this.#unaskedAliases([...unknown].filter(isAlias));
    const targets = askTogether(aliases, expect, (alias) => this.#target(alias));
    let children = [...unknown].filter((symbol) => !isAlias(symbol)).concat(targets);
    const seen = new Set<number>();
    while (children.length > 0) {
      const withNewParent = children.filter((child) => {
        const parent = parentId(child);
        if (parent === undefined || child.name.startsWith('"') || seen.has(parent)) return false;
        seen.add(parent);
        return true;
      });
      children = askTogether(withNewParent, expect, (child) => child.getParent());
      askTogether(children.filter(isClass), expect, (owner) => owner.getExports());
    }
  }

  describe(symbol: NativeSymbol): ResolvedSymbol | undefined {
    if (this.#known.has(symbol.id)) return this.#known.get(symbol.id);
    // Set first: a symbol that leads back to itself is unknown.
    this.#known.set(symbol.id, undefined);
    const described = askIfAble(() => this.#describe(symbol));
    this.#known.set(symbol.id, described);
    return described;
  }

  declarations(symbol: NativeSymbol): Declaration[] {
    const moduleName = this.#moduleOf(symbol);
    // With a parent the first declaration is the module's own and augmentations follow.
    const handles = symbol.getParent() ? symbol.declarations : sorted(symbol.declarations);
    return handles.map((handle) => {
      const path = this.#realPath(handle.path);
      const name = declaringPackage(path, moduleName, this.#libFolder);
      return { path, nodeIndex: handle.index, ...(name === undefined ? {} : { package: name }) };
    });
  }

  /** What an alias stands for in the end; undefined for an import of a module that does not resolve. */
  #target(alias: NativeSymbol): NativeSymbol | undefined {
    const known = this.#targets.get(alias.id);
    if (known !== undefined) return known;
    const place = this.#placeOfImport(alias);
    const name = place === undefined ? undefined : this.#imports.get(place);
    if (place !== undefined && name === undefined) return undefined;
    const target = (name === undefined ? undefined : this.#imported.get(name)) ?? this.#checker.getAliasedSymbol(alias);
    this.#targets.set(alias.id, target);
    if (name !== undefined) this.#imported.set(name, target);
    return target;
  }

  /** Key of `#imports`, for an import of a file that was remembered. */
  #placeOfImport(alias: NativeSymbol): string | undefined {
    const [declaration, ...others] = alias.declarations;
    if (declaration === undefined || others.length > 0 || !importLike.has(declaration.kind)) return undefined;
    const place = placeOfImport(this.#realPath(declaration.path), alias.name);
    return this.#imports.has(place) ? place : undefined;
  }

  /** Of imports that name the same thing one, and none of what was asked before. */
  #unaskedAliases(aliases: readonly NativeSymbol[]): NativeSymbol[] {
    const seen = new Set<string | undefined>();
    return aliases.filter((alias) => {
      const place = this.#placeOfImport(alias);
      if (place === undefined) return !this.#targets.has(alias.id);
      const name = this.#imports.get(place);
      if (name === undefined || seen.has(name) || this.#imported.has(name)) return false;
      seen.add(name);
      return true;
    });
  }

  #describe(symbol: NativeSymbol): ResolvedSymbol | undefined {
    if (symbol.flags & SymbolFlags.Alias) {
      const target = this.#target(symbol);
      return target === undefined || isUnknown(target) ? undefined : this.describe(target);
    }
    if (isUnknown(symbol)) return undefined;
    const source = this.#sourceOfCopy(symbol);
    const place = this.#place(symbol, symbol.getParent());
    // `{ save }` of `const api = { save }` is `api#save` declared where `save` is; a destructured `save` is what it was.
    if (source)
      return place.container === undefined
        ? source
        : { name: symbol.name, ...place, declarations: source.declarations };
    return { name: this.#name(symbol), ...place, declarations: this.declarations(symbol) };
  }

  /**
   * The property or variable that a shorthand `{ save }` or a destructured `const { save } = users` repeats.
   * A renamed or reassigned copy is not followed: the analysis does that itself.
   */
  #sourceOfCopy(symbol: NativeSymbol): ResolvedSymbol | undefined {
    const declaration = symbol.valueDeclaration ?? symbol.declarations[0];
    if (declaration?.kind === SyntaxKind.ShorthandPropertyAssignment) {
      const node = declaration.resolve(this.#project);
      const value = node && this.#checker.getShorthandAssignmentValueSymbol(node);
      return value && this.describe(value);
    }
    if (declaration?.kind === SyntaxKind.BindingElement) {
      const property = this.#destructuredProperty(declaration);
      return property && this.describe(property);
    }
    return undefined;
  }

  #destructuredProperty(handle: NodeHandle): NativeSymbol | undefined {
    const node: BindingElementLike | undefined = handle.resolve(this.#project);
    const key = node?.propertyName ?? node?.name;
    if (
      node?.parent?.kind !== SyntaxKind.ObjectBindingPattern ||
      node.dotDotDotToken ||
      key?.kind !== SyntaxKind.Identifier
    ) {
      return undefined;
    }
    const type = this.#checker.getTypeAtLocation(node.parent);
    return type && this.#checker.getPropertyOfType(type, (key as Node & { text: string }).text);
  }

  #name(symbol: NativeSymbol): string {
    if (symbol.name !== 'default' && symbol.name !== 'export=') return symbol.name;
    // `export default function limit` is called `limit` by everyone but the module system.
    const declared: NamedNode | undefined = symbol.declarations[0]?.resolve(this.#project);
    return declared?.name?.text ?? symbol.name;
  }

  #place(symbol: NativeSymbol, parent: NativeSymbol | undefined): Place {
    if (!parent) return symbol.flags & instanceMember ? this.#placeByDeclaration(symbol) : { member: false };
    if (parent.name.startsWith('"') || parent.name === '__global') return { member: false };
    const anonymous = SymbolFlags.TypeLiteral | SymbolFlags.ObjectLiteral;
    if (parent.flags & anonymous) return contained(this.#nameOfAnonymous(parent), true);
    if (
      parent.flags & (SymbolFlags.Enum | SymbolFlags.Module) &&
      !(parent.flags & (SymbolFlags.Class | SymbolFlags.Interface))
    ) {
      return contained(this.#name(parent), false);
    }
    if (parent.flags & SymbolFlags.Interface && !(parent.flags & (SymbolFlags.Class | SymbolFlags.Module))) {
      return contained(this.#name(parent), true);
    }
    return contained(this.#name(parent), !this.#isExportOf(parent, symbol));
  }

  /** Members of unions and mapped types have no parent; the first type that has the member lends its name. */
  #placeByDeclaration(symbol: NativeSymbol): Place {
    const [handle] = sorted(symbol.declarations);
    if (!handle || /\/lib\.dom\b[^/]*$/.test(handle.path)) return { member: true };
    const node = handle.resolve(this.#project);
    const owner: NamedNode | undefined = node?.parent;
    if (!node || !owner) return { member: true };
    const { modifiers } = node as Node & { modifiers?: readonly Node[] };
    const isStatic = modifiers?.some((modifier) => modifier.kind === SyntaxKind.StaticKeyword) ?? false;
    return contained(classLike.has(owner.kind) ? owner.name?.text : nameOfHolder(owner), !isStatic);
  }

  /** Static members and namespace exports are exports of the class symbol. */
  #isExportOf(parent: NativeSymbol, symbol: NativeSymbol): boolean {
    const exported = parent.getExports().get(symbol.escapedName);
    const isOwn = (it: NodeHandle): boolean => symbol.declarations.some((own) => isSame(own, it));
    return exported?.declarations.some(isOwn) ?? false;
  }

  /** `api` for the object of `const api = { save() {} }` and for the type of `type Api = { save(): void }`. */
  #nameOfAnonymous(symbol: NativeSymbol): string | undefined {
    if (this.#containers.has(symbol.id)) return this.#containers.get(symbol.id);
    const handle = symbol.declarations[0];
    // The libraries have no anonymous containers worth a name, and decoding their files costs most.
    const node = handle && dirnameOf(handle.path) !== this.#libFolder ? handle.resolve(this.#project) : undefined;
    const name = node && nameOfHolder(node);
    this.#containers.set(symbol.id, name);
    return name;
  }

  /** Name of the outermost module around a symbol, without quotes. */
  #moduleOf(symbol: NativeSymbol): string | undefined {
    const parent = symbol.name.startsWith('"') ? symbol : symbol.getParent();
    if (!parent) return undefined;
    if (parent.name.startsWith('"')) return parent.name.slice(1, -1);
    if (this.#modules.has(parent.id)) return this.#modules.get(parent.id);
    const name = this.#moduleOf(parent);
    this.#modules.set(parent.id, name);
    return name;
  }
}

/** Its static members are its exports, which tell them from the others. */
function isClass(symbol: NativeSymbol): boolean {
  return (symbol.flags & SymbolFlags.Class) !== 0;
}

/** The client hides that it knows the id before it asks for the symbol. */
function parentId(symbol: NativeSymbol): number | undefined {
  return (symbol as unknown as { parent?: number }).parent;
}

/** Sends all questions before it reads the first answer; what the compiler cannot answer is left out. */
function askTogether<Item, Answer>(
  items: readonly Item[],
  expect: (ask: () => unknown) => void,
  ask: (item: Item) => Answer | undefined,
): Answer[] {
  for (const item of items) expect(() => ask(item));
  return items.flatMap((item) => askIfAble(() => ask(item)) ?? []);
}

/** Where a member belongs; no container for what a module exports and for locals. */
type Place = Pick<ResolvedSymbol, 'container' | 'member'>;

function contained(container: string | undefined, member: boolean): Place {
  return container === undefined ? { member } : { container, member };
}

const instanceMember = SymbolFlags.Property | SymbolFlags.Method | SymbolFlags.Accessor;
const classLike = new Set<SyntaxKind>([
  SyntaxKind.ClassDeclaration,
  SyntaxKind.ClassExpression,
  SyntaxKind.InterfaceDeclaration,
]);

const importLike = new Set<SyntaxKind>([
  SyntaxKind.ImportSpecifier,
  SyntaxKind.ImportClause,
  SyntaxKind.NamespaceImport,
  SyntaxKind.ImportEqualsDeclaration,
]);

function placeOfImport(path: string, local: string): string {
  return `${path} ${local}`;
}

interface NamedNode extends Node {
  readonly name?: Node & { readonly text?: string };
}

interface BindingElementLike extends Node {
  readonly name?: Node;
  readonly propertyName?: Node;
  readonly dotDotDotToken?: Node;
}

const passedThrough = new Set<SyntaxKind>([
  SyntaxKind.ParenthesizedExpression,
  SyntaxKind.ParenthesizedType,
  SyntaxKind.AsExpression,
  SyntaxKind.SatisfiesExpression,
  SyntaxKind.TypeAssertionExpression,
  SyntaxKind.IntersectionType,
  SyntaxKind.UnionType,
]);
const holders = new Set<SyntaxKind>([
  SyntaxKind.VariableDeclaration,
  SyntaxKind.PropertyAssignment,
  SyntaxKind.PropertyDeclaration,
  SyntaxKind.PropertySignature,
  SyntaxKind.TypeAliasDeclaration,
  SyntaxKind.Parameter,
]);

function nameOfHolder(node: Node): string | undefined {
  let holder = node.parent;
  while (passedThrough.has(holder.kind)) holder = holder.parent;
  if (!holders.has(holder.kind)) return undefined;
  const { name } = holder as NamedNode;
  return name?.kind === SyntaxKind.Identifier ? name.text : undefined;
}

function isUnknown(symbol: NativeSymbol): boolean {
  return symbol.name === 'unknown' && symbol.declarations.length === 0;
}

function isSame(a: NodeHandle, b: NodeHandle): boolean {
  return a.index === b.index && a.path === b.path;
}

/** The order in which the members of a union come depends on what was checked before. */
function sorted(handles: readonly NodeHandle[]): readonly NodeHandle[] {
  if (handles.length < 2) return handles;
  return [...handles].sort((a, b) => (a.path === b.path ? a.index - b.index : a.path < b.path ? -1 : 1));
}

function dirnameOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
