/**
 * Members of objects that JavaScript projects put together when they start: `app.models.pages.publish(…)`, where
 * `app.models` holds what the files of `models/` export. Evidence is needed: some file loads the folder (`autoload`,
 * `readdirSync`), or assigns a required module to the member. The folder's or member's name then leads to the file.
 *
 * Only JavaScript says so here: TypeScript has types for such objects where it has them at all.
 */

import type { CallExpression, Expression, SourceFile } from '../typescript/syntax.ts';
import { functionKey, type Hierarchy } from './hierarchy.ts';
import type { FunctionKey } from './value.ts';

/** Packages whose only purpose is to require a folder. */
const LOADERS = /^(auto-?load|require-?all|require-?dir(ectory)?|include-?all|import-?dir|bulk-require|require-?glob)/i;
const READS_FOLDER = /^(readdir(Sync)?|glob(Sync|by)?|scandir(Sync)?)$/;
const ASSIGNED =
  /(?<![\w.])([A-Za-z_$][\w$]*(?:\.[\w$]+)+)\s*=\s*(?:await\s+)?require\(\s*['"](\.{1,2}\/[^'"]+)['"]\s*\)/g;

export class FolderRegistry {
  /** Folders that are loaded as a whole, by their last name. */
  readonly #folders = new Map<string, string[]>();
  /** Files in them: by folder, then by the name of the member. */
  readonly #members = new Map<string, Map<string, SourceFile>>();
  /** `app.mail` to the files it is required from. */
  readonly #assigned = new Map<string, SourceFile[]>();

  constructor(files: ReadonlyMap<string, SourceFile>) {
    const loading = [...files.values()].filter(
      ({ language, text }) => language === 'javascript' && text.includes('require'),
    );
    for (const file of loading) this.#addAssigned(file, files);
    const loaded = loading.flatMap((file) => loadedFolders(file));
    if (loaded.length === 0) return;
    const folders = new Set([...files.keys()].map(folderOf));
    for (const { name, beside } of loaded) {
      const folder = nearest(
        [...folders].filter((path) => path === name || path.endsWith(`/${name}`)),
        beside,
      );
      if (folder === undefined || this.#members.has(folder)) continue;
      this.#members.set(folder, new Map());
      const last = lastOf(folder);
      this.#folders.set(last, [...(this.#folders.get(last) ?? []), folder]);
    }
    for (const file of files.values()) {
      const members = this.#members.get(folderOf(file.path));
      if (members !== undefined) for (const name of memberNames(file.path)) members.set(name, file);
    }
  }

  get isEmpty(): boolean {
    return this.#members.size === 0 && this.#assigned.size === 0;
  }

  /** The function that the call of a member runs. */
  functionOf(call: CallExpression, file: SourceFile, hierarchy: Hierarchy): FunctionKey | undefined {
    if (this.isEmpty || call.callee.kind !== 'member') return undefined;
    const names = pathOf(call.callee.object, file);
    if (names === undefined) return undefined;
    const found = this.#fileOf(names, call.callee.object, file);
    return found === undefined ? undefined : exportedFunction(found, call.callee.name, hierarchy);
  }

  #fileOf(names: readonly string[], object: Expression, file: SourceFile): SourceFile | undefined {
    const member = names.at(-1);
    const owner = names.at(-2);
    if (member === undefined) return undefined;
    const assigned = this.#assigned.get(names.join('.'));
    if (assigned?.length === 1) return assigned[0];
    if (owner === undefined) return undefined;
    const imported = names.length === 2 ? importedFolder(object, file) : undefined;
    if (imported !== undefined) return this.#members.get(imported)?.get(member);
    const folder = nearest(this.#folders.get(owner) ?? [], file.path);
    return folder === undefined ? undefined : this.#members.get(folder)?.get(member);
  }

  #addAssigned(file: SourceFile, files: ReadonlyMap<string, SourceFile>): void {
    const add = (name: string, module: string): void => {
      const path = joined(folderOf(file.path), module);
      const target = CANDIDATES.map((end) => files.get(`${path}${end}`)).find((found) => found !== undefined);
      if (target === undefined) return;
      const known = this.#assigned.get(name) ?? [];
      if (!known.includes(target)) this.#assigned.set(name, [...known, target]);
    };
    for (const [, name, module] of file.text.matchAll(ASSIGNED))
      if (name !== undefined && module !== undefined && !/^(module|exports|this)\./.test(name)) add(name, module);
    for (const { name, fn, initializer } of file.variables) {
      if (fn !== 0 || initializer?.kind !== 'object' || !file.text.includes(`global.${name} =`)) continue;
      for (const property of initializer.properties) {
        const module = property.kind === 'property' ? requiredModule(property.value) : undefined;
        if (property.kind === 'property' && property.key !== undefined && module !== undefined)
          add(`${name}.${property.key}`, module);
      }
    }
  }
}

const CANDIDATES = ['', '.js', '.cjs', '.mjs', '.ts', '/index.js', '/index.cjs', '/index.ts'];

function requiredModule(value: Expression): string | undefined {
  if (value.kind !== 'call' || value.callee.kind !== 'identifier' || value.callee.name !== 'require') return undefined;
  const [module] = value.args;
  return module?.kind === 'literal' && typeof module.value === 'string' && module.value.startsWith('.')
    ? module.value
    : undefined;
}

/** Names of the folders that a file loads whole. */
function loadedFolders(file: SourceFile): { name: string; beside: string }[] {
  const found: { name: string; beside: string }[] = [];
  for (const call of file.calls) {
    if (!isLoader(call, file)) continue;
    const parts = literalsIn(call.args, file, 0);
    const last = parts
      .flatMap((part) => part.split('/'))
      .filter((part) => part !== '' && part !== '.' && part !== '..' && !/[*?]/.test(part))
      .at(-1);
    if (last !== undefined) found.push({ name: last, beside: file.path });
    else if (parts.length === 0 && mentionsOwnFolder(call, file))
      found.push({ name: folderOf(file.path), beside: file.path });
  }
  return found;
}

function isLoader({ callee }: CallExpression, file: SourceFile): boolean {
  const root = callee.kind === 'member' ? callee.object : callee;
  const variable =
    root.kind === 'identifier' && root.variable !== undefined ? file.variables[root.variable] : undefined;
  const module = variable?.import?.module;
  if (module !== undefined && LOADERS.test(module)) return true;
  const name = callee.kind === 'member' || callee.kind === 'identifier' ? callee.name : '';
  // Reading a folder loads it where the file also requires what it finds.
  return READS_FOLDER.test(name) && /require\(\s*(?!['"])|import\(\s*(?!['"])|sequelize\.import\(/.test(file.text);
}

/** Texts that a path is put together from, also through one local name. */
function literalsIn(args: readonly Expression[], file: SourceFile, depth: number): string[] {
  return args.flatMap((arg): string[] => {
    switch (arg.kind) {
      case 'literal':
        return typeof arg.value === 'string' && !/^utf-?8$/.test(arg.value) ? [arg.value] : [];
      case 'template':
        return arg.parts.filter((part) => part !== '');
      case 'binary':
        return literalsIn([arg.left, arg.right], file, depth);
      case 'call':
        return literalsIn(arg.args, file, depth);
      case 'object':
        return arg.properties.flatMap((property) =>
          property.kind === 'property' && /^(dir(name|ectory)?|path|folder|cwd|patterns?)$/.test(property.key ?? '')
            ? literalsIn([property.value], file, depth)
            : [],
        );
      case 'identifier': {
        const variable = arg.variable === undefined ? undefined : file.variables[arg.variable];
        return variable?.initializer === undefined || depth > 1
          ? []
          : literalsIn([variable.initializer], file, depth + 1);
      }
      default:
        return [];
    }
  });
}

function mentionsOwnFolder(call: CallExpression, file: SourceFile): boolean {
  return /__dirname|import\.meta\.dirname/.test(file.text.slice(call.start, call.end));
}

/** `app.models.pages` as names; undefined for what is no plain path. */
function pathOf(expression: Expression, file: SourceFile): string[] | undefined {
  if (expression.kind === 'identifier') return [expression.name];
  if (expression.kind !== 'member') return undefined;
  const object = expression.object.kind === 'this' ? [] : pathOf(expression.object, file);
  return object === undefined ? undefined : [...object, expression.name];
}

/** The folder that the object's first name was required from. */
function importedFolder(object: Expression, file: SourceFile): string | undefined {
  if (object.kind !== 'member' || object.object.kind !== 'identifier' || object.object.variable === undefined)
    return undefined;
  const module = file.variables[object.object.variable]?.import?.module;
  return module?.startsWith('.') === true
    ? joined(folderOf(file.path), module).replace(/\/index(\.[cm]?[jt]s)?$/, '')
    : undefined;
}

/** `user.model.js` is `user`, `User` and `userModel`; `user-profile.js` is `userProfile` as well. */
function memberNames(path: string): readonly string[] {
  const base = lastOf(path).replace(/\.[cm]?[jt]sx?$/, '');
  if (base === 'index') return [];
  const camel = base.replaceAll(/[-._](\w)/g, (_, letter: string) => letter.toUpperCase());
  const plain = base.replace(/[-._](model|schema|service|controller|repository)$/, '');
  return [...new Set([base, camel, plain, `${plain.charAt(0).toUpperCase()}${plain.slice(1)}`])];
}

/** A static method of the class that the file exports, or a function of its object. */
function exportedFunction(file: SourceFile, name: string, hierarchy: Hierarchy): FunctionKey | undefined {
  const classes = file.classes.filter((node) => node.exported && node.kind === 'class');
  const [only] = classes;
  if (only !== undefined && classes.length === 1) {
    for (const index of only.methods) {
      const method = file.functions[index];
      if (method?.name === name && method.kind === 'method') return functionKey(file.path, index);
    }
    return undefined;
  }
  const found = file.functions.filter(
    (node) => node.parent === 0 && node.class === undefined && node.hasBody && node.qualifiedName === name,
  );
  const [fn] = found;
  return fn === undefined || hierarchy.functions.get(functionKey(file.path, fn.index)) === undefined
    ? undefined
    : functionKey(file.path, fn.index);
}

// ---------------------------------------------------------------- paths

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function joined(folder: string, module: string): string {
  const parts = folder.split('/');
  for (const part of module.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

/** The one that shares most of its path with the file; undefined where two are as near. */
function nearest(folders: readonly string[], path: string): string | undefined {
  const shared = (folder: string): number => {
    let at = 0;
    while (at < folder.length && folder[at] === path[at]) at += 1;
    return folder.slice(0, at).split('/').length;
  };
  const ranked = folders.map((folder) => ({ folder, near: shared(folder) })).sort((a, b) => b.near - a.near);
  const [first, second] = ranked;
  return first === undefined || first.near === second?.near ? undefined : first.folder;
}
