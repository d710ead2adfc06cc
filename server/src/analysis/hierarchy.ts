/**
 * Classes and interfaces of the project: who extends and implements whom, which methods override which, and which
 * function a resolved declaration stands for.
 */
import type { Declaration, ResolvedSymbol } from '../typescript/compiler.ts';
import type { ClassNode, PropertyNode, SourceFile } from '../typescript/syntax.ts';
import type { FunctionInfo } from './fact.ts';
import { FolderRegistry } from './folder-registry.ts';
import type { FunctionKey } from './value.ts';
import { type WrappedFunction, wrappedIn } from './wrapped-function.ts';

/** `<path>#<class name>`. */
export type ClassKey = string;

export interface ClassInfo {
  readonly key: ClassKey;
  readonly path: string;
  readonly node: ClassNode;
  readonly file: SourceFile;
  readonly bases: ClassInfo[];
  readonly derived: ClassInfo[];
  /** Names of base classes outside the project: `EventEmitter`. */
  readonly outsideBases: string[];
  readonly methods: ReadonlyMap<string, FunctionKey>;
}

export function functionKey(path: string, index: number): FunctionKey {
  return `${path}#${index}`;
}

export class Hierarchy {
  readonly functions = new Map<FunctionKey, FunctionInfo>();
  readonly classes = new Map<ClassKey, ClassInfo>();
  readonly #byDeclaration = new Map<string, FunctionKey>();
  readonly #classByDeclaration = new Map<string, ClassInfo>();
  readonly #files = new Map<string, SourceFile>();
  readonly #methods = new Map<ClassKey, Map<string, FunctionKey | undefined>>();
  readonly #targets = new Map<FunctionKey, readonly FunctionKey[]>();
  /** By declaration, and by name for those of a module. */
  readonly #wrapped = new Map<string, WrappedFunction>();
  #registry: FolderRegistry | undefined;
  #named: Map<string, ClassInfo | undefined> | undefined;
  #methodsNamed: Map<string, readonly FunctionKey[]> | undefined;

  addFile(file: SourceFile): void {
    const number = this.#files.size;
    this.#files.set(file.path, file);
    for (const node of file.functions) {
      const key = functionKey(file.path, node.index);
      const owner = node.class === undefined ? undefined : file.classes[node.class];
      const info: FunctionInfo = {
        key,
        ordinal: `${number}.${node.index}`,
        path: file.path,
        node,
        file,
        qualifiedName: node.qualifiedName,
        ...(owner === undefined ? {} : { class: classKey(file.path, owner) }),
      };
      this.functions.set(key, info);
      for (const index of node.nodeIndexes) this.#byDeclaration.set(`${file.path}:${index}`, key);
    }
    for (const made of file.made) {
      const wrapped = wrappedIn(file, made);
      if (wrapped === undefined) continue;
      this.#wrapped.set(`${file.path}:${made.nodeIndex}`, wrapped);
      const isOfModule = made.name === 'default' || file.variables.some(({ initializer }) => initializer === made.by);
      if (isOfModule) this.#wrapped.set(`${file.path}#${made.name}`, wrapped);
    }
    for (const node of file.classes) {
      const methods = new Map<string, FunctionKey>();
      for (const index of node.methods) {
        const method = file.functions[index];
        if (method !== undefined && !methods.has(method.name)) methods.set(method.name, functionKey(file.path, index));
      }
      for (const property of node.properties) {
        if (property.names !== undefined) methods.set(property.name, functionKey(file.path, property.names));
      }
      const info: ClassInfo = {
        key: classKey(file.path, node),
        path: file.path,
        node,
        file,
        bases: [],
        derived: [],
        outsideBases: [],
        methods,
      };
      this.classes.set(info.key, info);
      this.#classByDeclaration.set(`${file.path}:${node.nodeIndex}`, info);
    }
  }

  /** Records what a heritage clause of the class resolved to. */
  addHeritage(info: ClassInfo, name: string, symbol: ResolvedSymbol | undefined): void {
    const base = symbol?.declarations
      .map((declaration) => this.#classByDeclaration.get(`${declaration.path}:${declaration.nodeIndex}`))
      .find((candidate) => candidate !== undefined);
    if (base === undefined || base === info) info.outsideBases.push(symbol?.name ?? name);
    else {
      info.bases.push(base);
      base.derived.push(info);
    }
  }

  /** The function around one in the source; undefined for a module. */
  parentOf(info: FunctionInfo): FunctionInfo | undefined {
    return info.node.parent === undefined ? undefined : this.functions.get(functionKey(info.path, info.node.parent));
  }

  classOf(symbol: ResolvedSymbol): ClassInfo | undefined {
    for (const declaration of symbol.declarations) {
      const found = this.classAt(declaration);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The property of a project class that is declared there. */
  propertyAt({ path, nodeIndex }: Declaration): { node: PropertyNode; file: SourceFile } | undefined {
    const file = this.#files.get(path);
    for (const { properties } of file?.classes ?? []) {
      const node = properties.find((property) => property.nodeIndex === nodeIndex);
      if (node !== undefined && file !== undefined) return { node, file };
    }
    return undefined;
  }

  classAt(declaration: Declaration): ClassInfo | undefined {
    return this.#classByDeclaration.get(`${declaration.path}:${declaration.nodeIndex}`);
  }

  functionAt(path: string, nodeIndex: number): FunctionKey | undefined {
    return this.#byDeclaration.get(`${path}:${nodeIndex}`);
  }

  /** What a wrapper made, by its declaration. */
  wrappedAt({ path, nodeIndex }: Declaration): WrappedFunction | undefined {
    return this.#wrapped.get(`${path}:${nodeIndex}`);
  }

  /** What a wrapper made, by its name in a module. */
  wrappedNamed(path: string, name: string): WrappedFunction | undefined {
    return this.#wrapped.get(`${path}#${name}`);
  }

  /** Objects put together at start-up; all files must be known. */
  get registry(): FolderRegistry {
    this.#registry ??= new FolderRegistry(this.#files);
    return this.#registry;
  }

  fileAt(path: string): SourceFile | undefined {
    return this.#files.get(path);
  }

  /** The functions with a body that a call of this symbol may run: the declared one and its overrides. */
  targetsOf(symbol: ResolvedSymbol): readonly FunctionKey[] {
    const found = new Set<FunctionKey>();
    for (const declaration of symbol.declarations) {
      const key = this.functionAt(declaration.path, declaration.nodeIndex);
      if (key !== undefined) for (const target of this.overridesOf(key)) found.add(target);
    }
    return [...found];
  }

  overridesOf(key: FunctionKey): readonly FunctionKey[] {
    const known = this.#targets.get(key);
    if (known !== undefined) return known;
    const info = this.functions.get(key);
    if (info === undefined) return [];
    const found: FunctionKey[] = info.node.hasBody ? [key] : [];
    const owner = info.class === undefined ? undefined : this.classes.get(info.class);
    if (owner !== undefined && !info.node.static && info.node.kind !== 'constructor') {
      this.#collectOverrides(owner, info.node.name, found, new Set());
    }
    this.#targets.set(key, found);
    return found;
  }

  #collectOverrides(owner: ClassInfo, name: string, found: FunctionKey[], seen: Set<ClassInfo>): void {
    if (seen.has(owner)) return;
    seen.add(owner);
    for (const derived of owner.derived) {
      // A class may implement an interface with what it inherits.
      const isInherited = owner.node.kind === 'interface' && derived.node.kind === 'class';
      const method = derived.methods.get(name) ?? (isInherited ? this.#inherited(derived, name) : undefined);
      if (method !== undefined && this.functions.get(method)?.node.hasBody === true && !found.includes(method)) {
        found.push(method);
      }
      this.#collectOverrides(derived, name, found, seen);
    }
  }

  #inherited(info: ClassInfo, name: string): FunctionKey | undefined {
    const seen = new Set([info]);
    for (const base of seen) {
      const method = base.methods.get(name);
      if (method !== undefined && this.functions.get(method)?.node.hasBody === true) return method;
      for (const further of base.bases) seen.add(further);
    }
    return undefined;
  }

  /** The method as a call on `this` finds it: in the class or, failing that, in its bases. */
  methodOf(key: ClassKey, name: string): FunctionKey | undefined {
    let known = this.#methods.get(key);
    if (known === undefined) {
      known = new Map();
      this.#methods.set(key, known);
    }
    if (!known.has(name)) known.set(name, this.#findMethod(key, name));
    return known.get(name);
  }

  #findMethod(key: ClassKey, name: string): FunctionKey | undefined {
    const seen = new Set<ClassInfo>();
    const search = (info: ClassInfo | undefined): FunctionKey | undefined => {
      if (info === undefined || seen.has(info)) return undefined;
      seen.add(info);
      const own = info.methods.get(name);
      if (own !== undefined) return own;
      for (const base of info.bases) {
        const inherited = search(base);
        if (inherited !== undefined) return inherited;
      }
      return undefined;
    };
    return search(this.classes.get(key));
  }

  /** The method of this name, when the program has but one. */
  onlyMethod(name: string): readonly FunctionKey[] {
    if (this.#methodsNamed === undefined) {
      this.#methodsNamed = new Map();
      for (const { node, methods } of this.classes.values()) {
        if (node.kind === 'interface') continue;
        for (const [own, key] of methods) this.#methodsNamed.set(own, this.#methodsNamed.has(own) ? [] : [key]);
      }
    }
    return this.#methodsNamed.get(name) ?? [];
  }

  /** The one class that an object kept in the property is of, by the declared type; fakes for tests do not count. */
  classOfProperty(key: ClassKey, name: string): ClassKey | undefined {
    const info = this.classes.get(key);
    return this.#onlyClass(info === undefined ? undefined : typeOfProperty(info, name));
  }

  /** Of an object given for the parameter, likewise. */
  classOfParameter(key: FunctionKey, index: number): ClassKey | undefined {
    return this.#onlyClass(this.functions.get(key)?.node.parameters[index]?.typeName);
  }

  #onlyClass(type: string | undefined): ClassKey | undefined {
    const declared = type === undefined ? undefined : this.classNamed(type);
    if (declared === undefined) return undefined;
    const all = [declared, ...declared.derived].filter(
      ({ node }) => node.kind === 'class' && !/^(Fake|Mock|Stub|InMemory)/.test(node.name),
    );
    return all.length === 1 ? all[0]?.key : undefined;
  }

  /** The class of this name, when the program has but one. */
  classNamed(name: string): ClassInfo | undefined {
    if (this.#named === undefined) {
      this.#named = new Map();
      for (const info of this.classes.values())
        this.#named.set(info.node.name, this.#named.has(info.node.name) ? undefined : info);
    }
    return this.#named.get(name);
  }

  /** Names of all classes above it, inside and outside the project. */
  ancestorsOf(key: ClassKey): readonly string[] {
    const names: string[] = [];
    const seen = new Set<ClassInfo>();
    const visit = (info: ClassInfo | undefined): void => {
      if (info === undefined || seen.has(info)) return;
      seen.add(info);
      names.push(...info.outsideBases);
      for (const base of info.bases) {
        names.push(base.node.name);
        visit(base);
      }
    };
    visit(this.classes.get(key));
    return names;
  }
}

export function classKey(path: string, node: ClassNode): ClassKey {
  return `${path}#${node.name === '' ? `<class ${node.index}>` : node.name}`;
}

function typeOfProperty({ node, file }: ClassInfo, name: string): string | undefined {
  const declared = node.properties.find((property) => property.name === name)?.typeName;
  if (declared !== undefined) return declared;
  const maker = node.methods.map((index) => file.functions[index]).find((method) => method?.kind === 'constructor');
  const given = maker?.parameters.find(
    ({ property, pattern }) =>
      property && pattern.kind === 'variable' && file.variables[pattern.variable]?.name === name,
  );
  return given?.typeName;
}
