/**
 * From a resolved symbol, an import path or the look of a call to the entry that describes it. Packages match by
 * their exact names; inside a package the declaring class decides, then the classes it extends, then the entries for
 * classes that the types do not name. It knows neither files nor the compiler.
 */
import type { ArgumentShape, CallModel, ModelFile, ShapeModel } from './model.ts';

export interface FoundModel {
  /** `typeorm#Repository.save`. */
  readonly id: string;
  readonly model: CallModel;
}

/** A resolved symbol, in the terms of `ResolvedSymbol`. */
export interface SymbolName {
  readonly package: string;
  readonly container: string | undefined;
  readonly name: string;
  readonly member: boolean;
  readonly isNew: boolean;
}

export interface ModelIndex {
  readonly lookup: (symbol: SymbolName) => FoundModel | undefined;
  /**
   * For code without types: `['default', 'get']` of `import axios from 'axios'; axios.get`. The first name may be
   * `new Redis` (a variable that holds one), and any name may end in `()`: the result of that call, so
   * `['default()']` alone is `limit(…)` where `limit = pLimit(3)`.
   */
  readonly byImport: (module: string, path: readonly string[], isNew: boolean) => FoundModel | undefined;
  /** A call of a value of a named type of a package: `limit(fn)`, a `LimitFunction`. */
  readonly callOf: (type: { readonly package: string; readonly name: string }) => FoundModel | undefined;
  /** Whether effects on receivers of this type wait for `exec`: pipelines. */
  readonly isBuffer: (type: { readonly package: string; readonly name: string }) => boolean;
  readonly knows: (packageName: string) => boolean;
  /** `mongoose#Document`: class of a row that the package gives. */
  readonly rowOf: (packageName: string) => string | undefined;
}

interface Library {
  readonly file: ModelFile;
  readonly calls: ReadonlyMap<string, CallModel>;
  /** Classes that some key mentions. */
  readonly classes: ReadonlySet<string>;
}

export function createModelIndex(files: readonly ModelFile[]): ModelIndex {
  const libraries = new Map<string, Library[]>();
  for (const file of files) {
    const library: Library = { file, calls: new Map(Object.entries(file.calls)), classes: classesOf(file) };
    for (const name of new Set([file.package, ...(file.aliases ?? [])].map(canonicalPackage))) {
      const list = libraries.get(name);
      if (list === undefined) libraries.set(name, [library]);
      else list.push(library);
    }
  }
  const of = (name: string): readonly Library[] => libraries.get(canonicalPackage(name)) ?? [];

  function memberOf(packageName: string, className: string, name: string, separators: string): FoundModel | undefined {
    for (const library of of(packageName)) {
      const found = memberIn(library, className, name, separators, 0);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  function memberIn(
    library: Library,
    className: string,
    name: string,
    separators: string,
    depth: number,
  ): FoundModel | undefined {
    for (const separator of separators) {
      const found = entry(library, `${className}${separator}${name}`);
      if (found !== undefined) return found;
    }
    const base = library.file.extends?.[className];
    if (base === undefined || depth > 8) return undefined;
    const hash = base.indexOf('#');
    if (hash < 0) return memberIn(library, base, name, separators, depth + 1);
    return memberOf(base.slice(0, hash), base.slice(hash + 1), name, separators);
  }

  function lookupIn(library: Library, symbol: SymbolName): FoundModel | undefined {
    const container = className(library, symbol.container);
    const name = symbol.name === 'default' ? (library.file.default ?? 'default') : symbol.name;
    if (symbol.isNew) {
      const built = isConstructorName(name) && container !== undefined ? container : name;
      return entry(library, `new ${built}`);
    }
    if (container !== undefined) {
      const found = memberIn(library, container, name, symbol.member ? '#.' : '.#', 0);
      if (found !== undefined) return found;
    }
    if (!symbol.member || container === undefined) {
      const found = entry(library, name);
      if (found !== undefined) return found;
    }
    if (!symbol.member && container !== undefined) return undefined;
    return entry(library, `*#${name}`) ?? (symbol.member ? entry(library, '*#*') : undefined);
  }

  function lookup(symbol: SymbolName): FoundModel | undefined {
    for (const library of of(symbol.package)) {
      const found = lookupIn(library, symbol);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  function byImport(module: string, path: readonly string[], isNew: boolean): FoundModel | undefined {
    for (const library of of(module)) {
      const found = importedFrom(library, module, path, isNew);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  function importedFrom(
    library: Library,
    module: string,
    path: readonly string[],
    isNew: boolean,
  ): FoundModel | undefined {
    const names = exportNames(library, path);
    // What the names so far lead to: the module's exports, a class or named object, or an instance of a class.
    let at: { readonly kind: 'module' | 'class' | 'instance'; readonly name: string } = { kind: 'module', name: '' };
    for (const [index, text] of names.entries()) {
      const last = index === names.length - 1;
      const called = text.endsWith('()');
      const constructed = text.startsWith('new ');
      const name = text.replace(/^new /, '').replace(/\(\)$/, '');
      if (constructed) {
        at = { kind: 'instance', name: entry(library, text)?.model.instance ?? name };
      } else if (last && !called && isNew) {
        return entry(library, `new ${name}`);
      } else if (last && !called) {
        return step(library, module, at, name);
      } else if (called) {
        const found = step(library, module, at, name);
        if (found === undefined) return undefined;
        const result = resultClass(at, found.model);
        if (result === undefined) return undefined;
        at = { kind: 'instance', name: result };
        if (last) return entry(library, `${result}()`);
      } else {
        // A member on the way: a class, a namespace, or a named object such as `fs.promises`, `stripe.charges`.
        at =
          at.kind === 'module' ? { kind: 'class', name } : { kind: at.kind, name: memberClass(library, at.name, name) };
      }
    }
    return undefined;
  }

  function step(
    library: Library,
    module: string,
    at: { readonly kind: 'module' | 'class' | 'instance'; readonly name: string },
    name: string,
  ): FoundModel | undefined {
    if (at.kind === 'module') return entry(library, name);
    return (
      memberIn(library, at.name, name, at.kind === 'instance' ? '#.' : '.#', 0) ??
      (at.kind === 'class' ? memberOf(`${module}/${at.name}`, at.name, name, '.') : undefined) ??
      (at.kind === 'class' ? lookupExport(`${module}/${at.name}`, name) : undefined) ??
      entry(library, `*#${name}`) ??
      (at.kind === 'instance' ? entry(library, '*#*') : undefined)
    );
  }

  /** `fs.promises.readFile` is `readFile` of `fs/promises`. */
  function lookupExport(module: string, name: string): FoundModel | undefined {
    for (const library of of(module)) {
      const found = entry(library, name);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  return {
    lookup,
    byImport,
    rowOf: (name) => {
      const rows = of(name)
        .map(({ file }) => file.rows)
        .find((found) => found !== undefined);
      return rows === undefined ? undefined : `${name}#${rows}`;
    },
    callOf: (type) => {
      for (const library of of(type.package)) {
        const found = entry(library, `${type.name}()`);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    isBuffer: (type) => of(type.package).some((library) => library.file.buffers?.includes(type.name) === true),
    knows: (name) => of(name).length > 0,
  };
}

function entry(library: Library, key: string): FoundModel | undefined {
  const model = library.calls.get(key);
  if (model === undefined) return undefined;
  return { id: `${library.file.package}#${key.replace('*#', '').replace('#', '.')}`, model };
}

/** Without the prefix their names are those of npm packages. */
const PREFIX_ONLY = new Set(['node:sqlite', 'node:test', 'node:sea']);

/** `node:fs` and `fs` are one name. */
function canonicalPackage(name: string): string {
  return name.startsWith('node:') && !PREFIX_ONLY.has(name) ? name.slice('node:'.length) : name;
}

function classesOf(file: ModelFile): Set<string> {
  const classes = new Set<string>();
  for (const key of Object.keys(file.calls)) {
    const match = /^(?:new )?([\w$.]+?)(?:[#.][\w$]+)?$/.exec(key);
    if (match?.[1] !== undefined && /[#.]/.test(key)) classes.add(match[1]);
  }
  for (const name of Object.keys(file.extends ?? {})) classes.add(name);
  return classes;
}

/** The container as keys spell it; undefined for modules and nameless types, which are no classes. */
function className(library: Library, container: string | undefined): string | undefined {
  if (container === undefined || container.startsWith('__') || /["'/\\:]/.test(container)) return undefined;
  if (canonicalPackage(library.file.package) === container && !library.classes.has(container)) return undefined;
  if (container === 'default') return library.file.default ?? container;
  if (library.classes.has(container)) return container;
  // `PromiseConstructor.all`, `AxiosStatic`: the type of the value that the class or function is.
  const stripped = container.replace(/(?:Constructor|Static)$/, '');
  return stripped !== '' && library.classes.has(stripped) ? stripped : container;
}

function isConstructorName(name: string): boolean {
  return name === 'constructor' || name === '__constructor' || name === 'new' || name === '__new';
}

/** The names with the default export and a namespace import folded onto what they stand for. */
function exportNames(library: Library, path: readonly string[]): readonly string[] {
  const [first = '', ...rest] = path;
  const match = /^(new )?(default|\*)(\(\))?$/.exec(first);
  if (match === null) return path;
  const [, prefix = '', imported, suffix = ''] = match;
  const name = library.file.default;
  if (name === undefined) return prefix === '' && suffix === '' ? rest : path;
  // `import * as Sentry` of a module with a default: its exports first, `ns.default` too.
  if (imported === '*' && rest[0] === 'default') return [`${prefix}${name}${suffix}`, ...rest.slice(1)];
  const isExport = rest.length > 0 && prefix === '' && suffix === '' && isExportName(library, rest[0] ?? '');
  return isExport ? rest : [`${prefix}${name}${suffix}`, ...rest];
}

function isExportName(library: Library, text: string): boolean {
  const name = text.replace(/^new /, '').replace(/\(\)$/, '');
  return library.calls.has(name) || library.calls.has(`new ${name}`) || library.classes.has(name);
}

/** The class whose instance a call gives, in code without types. */
function resultClass(at: { readonly kind: string; readonly name: string }, model: CallModel): string | undefined {
  if (model.instance !== undefined) return model.instance;
  return model.returns === 'This' && at.kind === 'instance' ? at.name : undefined;
}

/** `stripe.charges`: keys may name such objects by their path, `Stripe.charges#create`. */
function memberClass(library: Library, owner: string, name: string): string {
  return library.classes.has(`${owner}.${name}`) ? `${owner}.${name}` : name;
}

/** What the engine knows of one argument. `text` is set when it is a constant string or template. */
export interface ArgumentFact {
  readonly kind:
    | 'string'
    | 'template'
    | 'object'
    | 'array'
    | 'function'
    | 'class'
    | 'instance'
    | 'number'
    | 'boolean'
    | 'unknown';
  /** Of an instance: its class. */
  readonly text?: string;
}

/** The entry, or the one of its forms that the arguments fit. */
export function formOf(model: CallModel, facts: readonly ArgumentFact[]): CallModel {
  return model.forms?.find((form) => fitsAll(form.arguments, facts, true))?.model ?? model;
}

export interface CallLook {
  readonly method: string;
  /** Names of the receiver from the outside in, without `this`: `['prisma', 'user']`. */
  readonly receiver: readonly string[];
  /** Names of the receiver's declared type, where there is one. */
  readonly receiverTypes: readonly string[];
  readonly arguments: readonly ArgumentFact[];
}

/** The first shape that a call fits. Errs towards silence: an argument nothing is known of fits `value` only. */
export function matchShape(shapes: readonly ShapeModel[], look: CallLook): FoundModel | undefined {
  for (const shape of shapes) {
    if (!nameFits(shape.method, look.method) || !receiverFits(shape, look)) continue;
    if (!fitsAll(shape.arguments, look.arguments, false)) continue;
    // A shape without a model keeps later, wider ones off.
    return Object.keys(shape.model).length === 0 ? undefined : { id: `shape:${look.method}`, model: shape.model };
  }
  return undefined;
}

function nameFits(pattern: string, name: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

function receiverFits(shape: ShapeModel, look: CallLook): boolean {
  const patterns = shape.receiver;
  if (patterns === 'any') return shape.delegate !== true || look.receiver.length >= 2;
  const fits = (name: string | undefined): boolean =>
    name !== undefined && patterns.some((pattern) => receiverNameFits(pattern, name));
  if (shape.delegate === true) {
    const owner = look.receiver.at(-2);
    // `prisma.client.user`: a module that keeps the client.
    return look.receiver.length >= 2 && (fits(owner) || (owner === 'client' && fits(look.receiver.at(-3))));
  }
  return fits(look.receiver.at(-1)) || look.receiverTypes.some(fits);
}

/** `*api` is an ending that begins a word: `pricingApi`, `pricing_api`, `api`, not `rapi`. */
function receiverNameFits(pattern: string, written: string): boolean {
  const name = written.replace(/^[_$#]+/, '');
  if (!pattern.startsWith('*')) return name.toLowerCase() === pattern;
  const ending = pattern.slice(1);
  if (!name.toLowerCase().endsWith(ending)) return false;
  const start = name.length - ending.length;
  return start === 0 || name[start - 1] === '_' || /[A-Z]/.test(name[start] ?? '');
}

function fitsAll(shapes: readonly ArgumentShape[], facts: readonly ArgumentFact[], lenient: boolean): boolean {
  for (const [index, shape] of shapes.entries()) {
    if (shape === '...') return true;
    const fact = facts[index];
    if (fact === undefined) {
      if (!shape.endsWith('?')) return false;
      continue;
    }
    if (!fits(shape.replace('?', ''), fact, lenient)) return false;
  }
  return facts.length <= shapes.length;
}

/** `lenient`: an unknown argument may be an object (forms tell overloads of a known call apart, they prove nothing). */
function fits(shape: string, fact: ArgumentFact, lenient: boolean): boolean {
  switch (shape) {
    case 'value':
      return true;
    case 'string':
      return fact.kind === 'string' || fact.kind === 'template';
    case 'table-name':
      return fact.kind === 'string' && fact.text !== undefined && TABLE_NAME.test(fact.text);
    case 'sql-text':
      return (
        (fact.kind === 'string' || fact.kind === 'template') && fact.text !== undefined && SQL_TEXT.test(fact.text)
      );
    case 'object':
      return fact.kind === 'object' || (lenient && (fact.kind === 'unknown' || fact.kind === 'instance'));
    default:
      if (shape.startsWith('new:')) return fact.kind === 'instance' && fact.text === shape.slice(4);
      return fact.kind === shape;
  }
}

const TABLE_NAME = /^["`[]?[A-Za-z_][\w$]*["`\]]?(?:\.["`[]?[A-Za-z_][\w$]*["`\]]?)?$/;
const SQL_TEXT =
  /^(?:\s|--[^\n]*\n|\/\*[\s\S]*?\*\/|\()*(?:select|insert\s+into|insert\s+or|update|delete\s+from|replace\s+into|merge\s+into|with|begin|commit|rollback|savepoint|start\s+transaction|set\s+transaction|lock\s+tables?|truncate|create|alter|drop|call|values|vacuum|pragma)\b/i;
