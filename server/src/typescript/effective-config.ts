/**
 * The tsconfig that the compiler is given in place of the user's.
 *
 * TypeScript 7 ignores options it has removed, and with `baseUrl` gone every import of a project that used it stays
 * unresolved. Here a config and all it extends are read, merged into one, and rewritten to what TypeScript 7
 * understands. Which files a project has is decided elsewhere (`project-plan.ts`); sources of workspace packages
 * come from `workspace-packages.ts`. Nothing in the workspace is written.
 */
import { basename, dirname, posix } from 'node:path';
import { type ParseError, parse, printParseErrorCode } from 'jsonc-parser';

/** Reads a text file; undefined when it cannot be read. Unsaved text wins. */
export type ReadText = (path: string) => string | undefined;

/** A config merged with all it extends; every path in it is absolute. */
export interface MergedConfig {
  readonly path: string;
  /** As written, of all levels, except that paths are absolute. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly files?: readonly string[];
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** Configs it refers to, existing or not. */
  readonly references: readonly string[];
  /** Problems that leave the config usable, such as a base config of a package that is not installed. */
  readonly problems: readonly { path: string; reason: string }[];
}

/** Why a config cannot be used at all. */
export interface BrokenConfig {
  readonly path: string;
  readonly broken: string;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Follows `extends` and resolves every path against the config that declares it. */
export function readConfig(path: string, read: ReadText): MergedConfig | BrokenConfig {
  const problems: { path: string; reason: string }[] = [];
  const merged = mergeChain(path, read, [], problems);
  if ('broken' in merged) return merged;
  return { ...substituteConfigDir(merged, dirname(path)), path, problems };
}

/** Compiler options that TypeScript 7 accepts and that find as much as the project's own compiler did. */
export function acceptedOptions(config: MergedConfig): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(config.options)) {
    if (!ignoredOptions.has(name)) options[name] = value;
  }
  const given = (name: string): string => {
    const value = config.options[name];
    return typeof value === 'string' ? value.toLowerCase() : '';
  };
  if (removedModules.has(given('module'))) options['module'] = 'esnext';
  if (removedResolutions.has(given('moduleResolution'))) {
    options['moduleResolution'] = 'bundler';
    // Under the old resolution `exports` of packages did not count, so deep imports past them resolved.
    options['resolvePackageJsonExports'] = false;
  }
  // `bundler` is not allowed beside the Node module kinds; they imply their own resolution.
  if (given('module').startsWith('node') && options['moduleResolution'] === 'bundler') {
    options['module'] = 'esnext';
  }
  if (removedTargets.has(given('target'))) delete options['target'];
  if (options['jsx'] === undefined) options['jsx'] = 'preserve';
  if (options['types'] === undefined) options['types'] = runtimeTypes;
  options['paths'] = effectivePaths(config.options);
  return { ...options, allowJs: true, checkJs: false, noEmit: true, skipLibCheck: true };
}

/** `paths` with `baseUrl` folded in; absolute. */
export function effectivePaths(options: JsonObject): Record<string, string[]> {
  const baseUrl = typeof options['baseUrl'] === 'string' ? options['baseUrl'] : undefined;
  const pathsBase = baseUrl ?? (typeof options[PATHS_BASE] === 'string' ? options[PATHS_BASE] : '/');
  const paths: Record<string, string[]> = {};
  for (const [pattern, targets] of Object.entries(isObject(options['paths']) ? options['paths'] : {})) {
    paths[pattern] = strings(targets).map((target) => resolveFrom(pathsBase, target));
  }
  if (baseUrl !== undefined) {
    paths['*'] = [...(paths['*'] ?? []), posix.join(baseUrl, '*')];
  }
  return paths;
}

/**
 * Before TypeScript 6 all of `@types` was visible unless `types` was given. Of those only the runtimes' matter here:
 * the others are imported where they are used, or declare a test framework. All of them cost a fifth more files and
 * time (vendure: 3,551 files instead of 2,945). One that is not installed does no harm.
 */
export const runtimeTypes: readonly string[] = ['node', 'bun'];

/** Parses JSON with comments; a string is the reason why it cannot be read. */
export function parseJsonc(text: string): JsonObject | string {
  const errors: ParseError[] = [];
  const value: unknown = parse(text.replace(/^\uFEFF/, ''), errors, {
    allowTrailingComma: true,
    allowEmptyContent: true,
  });
  const first = errors[0];
  if (first) return `not valid JSON at offset ${first.offset}: ${printParseErrorCode(first.error)}`;
  if (value === undefined) return {};
  return isObject(value) ? value : 'not a JSON object';
}

// Where `paths` without `baseUrl` start from: the folder of the config that declares them.
const PATHS_BASE = ' pathsBase';

/** Removed by TypeScript 7, without effect under `noEmit`, or replaced by us. */
const ignoredOptions = new Set([
  PATHS_BASE,
  'alwaysStrict',
  'allowSyntheticDefaultImports',
  'baseUrl',
  'charset',
  'composite',
  'declaration',
  'declarationDir',
  'declarationMap',
  'diagnostics',
  'downlevelIteration',
  'emitDeclarationOnly',
  'esModuleInterop',
  'ignoreDeprecations',
  'importsNotUsedAsValues',
  'incremental',
  'inlineSourceMap',
  'inlineSources',
  'isolatedDeclarations',
  'keyofStringsOnly',
  'mapRoot',
  'noImplicitUseStrict',
  'noStrictGenericChecks',
  'out',
  'outFile',
  'paths',
  'plugins',
  'preserveValueImports',
  'rootDir',
  'sourceMap',
  'sourceRoot',
  'suppressExcessPropertyErrors',
  'suppressImplicitAnyIndexErrors',
  'tsBuildInfoFile',
]);
const removedModules = new Set(['amd', 'umd', 'system', 'none']);
const removedResolutions = new Set(['node', 'node10', 'classic']);
const removedTargets = new Set(['es3', 'es5']);

/** Options whose value is a path or a list of paths, relative to the config that declares them. */
const pathOptions = new Set(['baseUrl', 'declarationDir', 'outDir', 'rootDir', 'rootDirs', 'typeRoots']);

type Chain = Omit<MergedConfig, 'path' | 'problems'>;

function mergeChain(
  path: string,
  read: ReadText,
  above: readonly string[],
  problems: { path: string; reason: string }[],
): Chain | BrokenConfig {
  const text = read(path);
  if (text === undefined) return { path, broken: 'cannot be read' };
  const json = parseJsonc(text);
  if (typeof json === 'string') return { path, broken: json };
  const own = json['compilerOptions'] ?? {};
  if (!isObject(own)) return { path, broken: 'compilerOptions is not an object' };

  let merged: Chain = { options: {}, references: [] };
  for (const base of extendedConfigs(json, path, read, problems)) {
    if (base === path || above.includes(base)) {
      problems.push({ path, reason: `extends itself through ${base}` });
      continue;
    }
    const parent = mergeChain(base, read, [...above, path], problems);
    if ('broken' in parent) problems.push({ path, reason: `extends ${base}, which is ${parent.broken}` });
    else merged = overlay(merged, parent);
  }
  const dir = dirname(path);
  const list = (name: string): { [key: string]: string[] } =>
    Array.isArray(json[name]) ? { [name]: strings(json[name]).map((item) => resolveFrom(dir, item)) } : {};
  const references = Array.isArray(json['references']) ? json['references'] : [];
  return overlay(merged, {
    options: absoluteOptions(own, dir),
    ...list('files'),
    ...list('include'),
    ...list('exclude'),
    references: references.flatMap((reference) => {
      const target = isObject(reference) ? reference['path'] : undefined;
      return typeof target === 'string' ? [referencedConfig(resolveFrom(dir, target))] : [];
    }),
  });
}

/** `references` is the one list that is not inherited. */
function overlay(base: Chain, own: Chain): Chain {
  return { ...base, ...own, options: { ...base.options, ...own.options }, references: own.references };
}

function absoluteOptions(options: JsonObject, dir: string): Record<string, unknown> {
  const absolute: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(options)) {
    if (!pathOptions.has(name)) absolute[name] = value;
    else if (typeof value === 'string') absolute[name] = resolveFrom(dir, value);
    else if (Array.isArray(value)) absolute[name] = strings(value).map((item) => resolveFrom(dir, item));
  }
  if (isObject(options['paths'])) absolute[PATHS_BASE] = dir;
  return absolute;
}

function extendedConfigs(
  json: JsonObject,
  path: string,
  read: ReadText,
  problems: { path: string; reason: string }[],
): string[] {
  const names = typeof json['extends'] === 'string' ? [json['extends']] : strings(json['extends']);
  return names.flatMap((name) => {
    const found = extendedConfig(name, dirname(path), read);
    if (found === undefined) problems.push({ path, reason: `extends ${name}, which is not there` });
    return found === undefined ? [] : [found];
  });
}

function extendedConfig(name: string, from: string, read: ReadText): string | undefined {
  const firstThere = (...candidates: string[]): string | undefined => candidates.find((it) => read(it) !== undefined);
  if (name.startsWith('.') || posix.isAbsolute(name) || /^[a-z]:[\\/]/i.test(name)) {
    const path = resolveFrom(from, name);
    return firstThere(...(path.endsWith('.json') ? [path] : [`${path}.json`, path, `${path}/tsconfig.json`]));
  }
  for (let dir = from; ; dir = dirname(dir)) {
    const path = posix.join(dir, 'node_modules', name);
    const manifest = parseJsonc(read(`${path}/package.json`) ?? '');
    const named = typeof manifest === 'string' ? undefined : manifest['tsconfig'];
    const inPackage = typeof named === 'string' ? [posix.join(path, named)] : [];
    const found = firstThere(
      ...inPackage,
      ...(path.endsWith('.json') ? [path] : [`${path}.json`, `${path}/tsconfig.json`]),
    );
    if (found !== undefined || dir === dirname(dir)) return found;
  }
}

/** A reference names a config or the folder of a `tsconfig.json`. */
function referencedConfig(path: string): string {
  return basename(path).endsWith('.json') ? path : posix.join(path, 'tsconfig.json');
}

/** `${configDir}` is the folder of the config that is opened, wherever in the chain it stands. */
function substituteConfigDir(chain: Chain, configDir: string): Chain {
  const marker = /^.*\$\{configDir\}/;
  const replace = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replace(marker, configDir);
    if (Array.isArray(value)) return value.map(replace);
    if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, replace(item)]));
    return value;
  };
  return JSON.stringify(chain).includes('${configDir}') ? (replace(chain) as Chain) : chain;
}

function resolveFrom(dir: string, path: string): string {
  const slashed = path.replaceAll('\\', '/');
  if (slashed.startsWith('${configDir}')) return slashed;
  return /^([a-z]:)?\//i.test(slashed) ? posix.normalize(slashed) : posix.join(dir, slashed);
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
