/**
 * Maps the packages of an npm, pnpm, yarn or Lerna workspace to their sources.
 *
 * In a checkout that was never built, `import '@acme/common'` names `packages/common/dist/index.js`, which does not
 * exist. `main`, `types` and `exports` are mapped back from the build folder to the source folder and become `paths`.
 * The mapping guesses by folder names (`dist/x.js` ← `src/x.ts`); a guess that names no existing file is dropped, and
 * the import then resolves as it would have without us. Sources win over built output, so that a call into a sibling
 * package reaches the function and not its declaration.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import picomatch from 'picomatch';
import { isObject, parseJsonc, type ReadText } from './effective-config.ts';

export interface WorkspacePackage {
  readonly name: string;
  readonly dir: string;
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** Finds the workspace that a folder belongs to; reads each workspace once. */
export class WorkspacePackages {
  readonly #read: ReadText;
  readonly #byRoot = new Map<string, readonly WorkspacePackage[]>();
  readonly #paths = new Map<string, Readonly<Record<string, string[]>>>();

  constructor(read: ReadText) {
    this.#read = read;
  }

  /** Packages of the nearest workspace at or above `dir`, sorted by name; none outside a workspace. */
  of(dir: string): readonly WorkspacePackage[] {
    for (let folder = dir; ; folder = dirname(folder)) {
      const known = this.#byRoot.get(folder);
      if (known) return known;
      const patterns = workspacePatterns(folder, this.#read);
      if (patterns) {
        const packages = this.#readPackages(folder, patterns);
        this.#byRoot.set(folder, packages);
        return packages;
      }
      if (folder === dirname(folder)) return [];
    }
  }

  /** `paths` entries for every workspace package visible from `dir`. */
  pathsFor(dir: string): Record<string, string[]> {
    const all: Record<string, string[]> = {};
    for (const item of this.of(dir)) {
      let paths = this.#paths.get(item.dir);
      if (!paths) {
        paths = packagePaths(item);
        this.#paths.set(item.dir, paths);
      }
      for (const [pattern, targets] of Object.entries(paths)) all[pattern] ??= [...targets];
    }
    return all;
  }

  #readPackages(root: string, patterns: readonly string[]): readonly WorkspacePackage[] {
    const wanted = patterns.filter((pattern) => !pattern.startsWith('!'));
    const unwanted = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
    const isUnwanted = unwanted.length > 0 ? picomatch(unwanted.map(plainPattern)) : (): boolean => false;
    const folders = new Set<string>([root]);
    for (const pattern of wanted) expand(root, plainPattern(pattern).split('/'), folders);
    const packages = new Map<string, WorkspacePackage>();
    for (const dir of [...folders].sort()) {
      if (isUnwanted(posix.relative(root, dir))) continue;
      const manifest = parseJsonc(this.#read(posix.join(dir, 'package.json')) ?? '');
      if (typeof manifest === 'string' || typeof manifest['name'] !== 'string') continue;
      if (!packages.has(manifest['name'])) packages.set(manifest['name'], { name: manifest['name'], dir, manifest });
    }
    return [...packages.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** Adds what a workspace offers to a project's own `paths`, which stay first. */
export function addPaths(
  own: Readonly<Record<string, string[]>>,
  added: Readonly<Record<string, string[]>>,
): Record<string, string[]> {
  const merged: Record<string, string[]> = { ...own };
  for (const [pattern, targets] of Object.entries(added)) {
    merged[pattern] = [...new Set([...ownTargets(own, pattern), ...targets])];
  }
  return merged;
}

/** What the project's own patterns make of a more specific pattern: the compiler looks at the longest match only. */
function ownTargets(own: Readonly<Record<string, string[]>>, pattern: string): string[] {
  const exact = own[pattern];
  if (exact) return exact;
  const [best] = Object.keys(own)
    .filter((key) => {
      const star = key.indexOf('*');
      return star >= 0 && pattern.startsWith(key.slice(0, star)) && pattern.endsWith(key.slice(star + 1));
    })
    .sort((a, b) => b.indexOf('*') - a.indexOf('*'));
  if (best === undefined) return [];
  const star = best.indexOf('*');
  const matched = pattern.slice(star, pattern.length - (best.length - star - 1));
  return (own[best] ?? []).map((target) => target.replace('*', () => matched));
}

function packagePaths(item: WorkspacePackage): Record<string, string[]> {
  const { name, dir, manifest } = item;
  const paths: Record<string, string[]> = {};
  const add = (subpath: string, targets: readonly string[]): void => {
    const pattern = subpath === '.' ? name : posix.join(name, subpath);
    if (targets.length > 0 && pattern.split('*').length <= 2)
      paths[pattern] = [...new Set([...(paths[pattern] ?? []), ...targets])];
  };
  for (const [subpath, targets] of exportedSubpaths(manifest)) {
    if (subpath.includes('*'))
      add(
        subpath,
        targets.flatMap((target) => wildcardSources(dir, target)),
      );
    else add(subpath, targets.flatMap((target) => sourceOf(dir, target) ?? []).slice(0, 1));
  }
  if (!paths[name]) add('.', fallbackEntry(dir));
  const source = existsSync(posix.join(dir, 'src')) ? [posix.join(dir, 'src/*')] : [];
  if (source.length > 0) {
    for (const folder of ['dist', 'lib', 'build']) add(`${folder}/*`, [...source, posix.join(dir, folder, '*')]);
  }
  add('*', [posix.join(dir, '*'), ...source]);
  return paths;
}

/** Subpaths of a package with the files they name, most useful first. */
function exportedSubpaths(manifest: Readonly<Record<string, unknown>>): [string, string[]][] {
  const { exports } = manifest as { exports?: unknown };
  const entries = ['source', 'types', 'typings', 'module', 'main'].flatMap((field) => {
    const value = manifest[field];
    return typeof value === 'string' ? [value] : [];
  });
  if (isObject(exports) && Object.keys(exports).some((key) => key.startsWith('.'))) {
    return [
      ...Object.entries(exports).map(([subpath, value]): [string, string[]] => [subpath, leaves(value)]),
      ['.', entries],
    ];
  }
  return [['.', [...leaves(exports), ...entries]]];
}

function leaves(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(leaves);
  return isObject(value) ? Object.values(value).flatMap(leaves) : [];
}

const sourceExtensions = [
  '.ts',
  '.tsx',
  '.mts',
  '.cts',
  '/index.ts',
  '/index.tsx',
  '.js',
  '.jsx',
  '.mjs',
  '.cjs',
  '/index.js',
];
const buildFolder =
  /^(dist|build|lib|out|output|es|esm|cjs|umd|types|typings|dts|module|modules|commonjs|bundles?|_?(esm|cjs)|dist-[\w-]+|lib-[\w-]+|production|development)$/;
const writtenExtension = /(\.d)?\.[mc]?[tj]sx?$/;

/** The source file that a published file comes from. */
function sourceOf(dir: string, target: string): string | undefined {
  if (!writtenExtension.test(target) && /\.\w+$/.test(target)) return undefined;
  const path = posix.join(dir, target);
  const stem = posix.normalize(target).replace(writtenExtension, '');
  const segments = stem.split('/');
  const isSource = !/\.d\.[mc]?ts$/.test(target) && /\.[mc]?tsx?$/.test(target);
  if (isSource && existsSync(path)) return path;
  for (let skipped = 0; skipped < segments.length; skipped++) {
    const rest = segments.slice(skipped).join('/');
    if (skipped > 0) {
      for (const folder of ['src', '.', 'source', 'lib']) {
        const found = existingSource(posix.join(dir, folder, rest));
        if (found) return found;
      }
    } else {
      const found = existingSource(posix.join(dir, 'src', rest)) ?? existingTypeScript(posix.join(dir, rest));
      if (found) return found;
    }
    if (!buildFolder.test(segments[skipped] ?? '')) break;
  }
  return existsSync(path) && isFile(path) ? path : undefined;
}

function wildcardSources(dir: string, target: string): string[] {
  if (!writtenExtension.test(target) && !target.endsWith('*')) return [];
  const stem = posix.normalize(target).replace(writtenExtension, '');
  const segments = stem.split('/');
  const found: string[] = [];
  for (let skipped = 0; skipped < segments.length; skipped++) {
    const rest = segments.slice(skipped).join('/');
    for (const folder of ['src', '.']) {
      const fixed = posix.join(dir, folder, rest);
      if (existsSync(fixed.slice(0, fixed.indexOf('*')).replace(/[^/]*$/, ''))) found.push(fixed);
    }
    if (!buildFolder.test(segments[skipped] ?? '')) break;
  }
  // The build folder itself, which was skipped to get at the sources, comes last.
  return [...found.filter((path) => path !== posix.join(dir, stem)), posix.join(dir, stem)];
}

function fallbackEntry(dir: string): string[] {
  const found = ['src/index', 'index', 'src/main', 'src/lib', 'lib/index'].flatMap(
    (stem) => existingSource(posix.join(dir, stem)) ?? [],
  );
  return found.slice(0, 1);
}

function existingSource(stem: string): string | undefined {
  return sourceExtensions.map((extension) => stem + extension).find(isFile);
}

function existingTypeScript(stem: string): string | undefined {
  return sourceExtensions
    .slice(0, 6)
    .map((extension) => stem + extension)
    .find(isFile);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Patterns of the workspace rooted at a folder, or undefined when it is no workspace root. */
function workspacePatterns(dir: string, read: ReadText): string[] | undefined {
  const pnpm = read(posix.join(dir, 'pnpm-workspace.yaml'));
  if (pnpm !== undefined) return pnpmPatterns(pnpm);
  for (const [file, field] of [
    ['package.json', 'workspaces'],
    ['lerna.json', 'packages'],
  ] as const) {
    const text = read(posix.join(dir, file));
    const json = text === undefined ? undefined : parseJsonc(text);
    if (!isObject(json)) continue;
    const value = isObject(json[field]) ? json[field]['packages'] : json[field];
    if (Array.isArray(value)) return value.filter((item) => typeof item === 'string');
  }
  return undefined;
}

/** The `packages` list of a pnpm-workspace.yaml; the rest of YAML does not occur there. */
function pnpmPatterns(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/(^|\s)#.*$/, ''));
  const start = lines.findIndex((line) => /^packages\s*:/.test(line));
  if (start < 0) return [];
  const unquote = (item: string): string => item.trim().replace(/^(['"])(.*)\1$/, '$2');
  const inline = /\[(.*)\]/.exec(lines[start] ?? '')?.[1];
  if (inline !== undefined) return inline.split(',').map(unquote).filter(Boolean);
  const patterns: string[] = [];
  for (const line of lines.slice(start + 1)) {
    const item = /^\s*-\s*(.+)$/.exec(line)?.[1];
    if (item !== undefined) patterns.push(unquote(item));
    else if (line.trim() !== '') break;
  }
  return patterns;
}

function plainPattern(pattern: string): string {
  return pattern.replace(/^\.?\//, '').replace(/\/$/, '');
}

/** Adds the folders that a glob names. `**` goes six folders deep. */
function expand(dir: string, segments: readonly string[], into: Set<string>, depth = 0): void {
  const [segment, ...rest] = segments;
  if (segment === undefined) {
    into.add(dir);
    return;
  }
  if (segment === '**') {
    expand(dir, rest, into, depth);
    if (depth < 6) for (const child of subfolders(dir)) expand(posix.join(dir, child), segments, into, depth + 1);
    return;
  }
  if (!/[*?[\]{}()!]/.test(segment)) {
    const path = posix.join(dir, segment);
    if (existsSync(path)) expand(path, rest, into, depth);
    return;
  }
  const matches = picomatch(segment);
  for (const child of subfolders(dir)) if (matches(child)) expand(posix.join(dir, child), rest, into, depth);
}

function subfolders(dir: string): string[] {
  try {
    return readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .sort();
  } catch {
    return [];
  }
}
