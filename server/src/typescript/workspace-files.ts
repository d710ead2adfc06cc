/**
 * Finds the source files and configs under given paths: what a person would call the project's own source.
 *
 * Ignore files are read by the library `ignore`, never by git. Not followed: symbolic links, so cycles cannot occur
 * and no file is found twice. A folder that cannot be read is a problem in the result, not an error.
 */
import { type Dirent, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, posix, resolve } from 'node:path';
import ignore, { type Ignore } from 'ignore';

export interface WorkspaceFiles {
  /** Absolute folders that were searched, with `/`. */
  readonly roots: readonly string[];
  /** Absolute, sorted. */
  readonly files: readonly string[];
  /** tsconfig.json and jsconfig.json files, absolute, sorted. */
  readonly configs: readonly string[];
  /** `*.prisma`, `*.sql` and `*.graphql` files and migrations, absolute, sorted: what they say of tables and types is read beside the source. */
  readonly schemas: readonly string[];
  readonly problems: readonly { path: string; reason: string }[];
}

/** A source file, not a declaration file and not minified. */
export const sourceFileName = /^(?!.*(?:\.d\.[mc]?ts|[.-]min\.[mc]?js|\.d\.\w+\.ts)$).*\.(?:[mc]?[tj]s|[tj]sx)$/s;

/** Searches folders, and takes files as they are. */
export function findWorkspaceFiles(paths: readonly string[]): WorkspaceFiles {
  const search = new Search();
  for (const path of paths) search.start(slashed(resolve(path)));
  return {
    roots: [...search.roots].sort(),
    files: [...search.files].sort(),
    configs: [...search.configs].sort(),
    schemas: [...search.schemas].sort(),
    problems: search.problems,
  };
}

/** Build output that is rarely missing from an ignore file, and never source when it has one of these names. */
const skippedFolders = new Set([
  'node_modules',
  'bower_components',
  'jspm_packages',
  '.git',
  '.hg',
  '.svn',
  '.next',
  '.nuxt',
  '.output',
  '.svelte-kit',
  '.turbo',
  '.nx',
  '.cache',
  '.yarn',
  '.pnpm-store',
  '.vercel',
  '.serverless',
  '.angular',
  '.vscode-test',
  'coverage',
  'dist',
  'out',
]);
/** Build output or build scripts: skipped unless an ignore file is there and leaves it in. */
const buildFolders = new Set(['build']);

interface IgnoreRules {
  readonly dir: string;
  readonly rules: Ignore;
}

class Search {
  readonly roots = new Set<string>();
  readonly files = new Set<string>();
  readonly configs = new Set<string>();
  readonly schemas = new Set<string>();
  readonly problems: { path: string; reason: string }[] = [];
  readonly #seen = new Set<string>();

  start(path: string): void {
    try {
      if (statSync(path).isDirectory()) {
        this.roots.add(path);
        const configs = this.configs.size;
        this.#folder(path, ignoresAbove(path));
        // A part of a project, `src`: what it belongs to says how to read it.
        if (this.configs.size === configs && !isRepositoryTop(path)) this.#addConfig(configAbove(dirname(path)));
        if (![...this.schemas].some((schema) => schema.endsWith('.prisma')))
          for (const schema of prismaSchemaOutside(path)) this.schemas.add(schema);
        if (this.schemas.size === 0) for (const schema of migrationsOutside(path)) this.schemas.add(schema);
        return;
      }
    } catch (error) {
      this.problems.push({ path, reason: reasonOf(error) });
      return;
    }
    // A file named by the user is taken whatever the ignore files say; its project is the nearest config above it.
    if (!sourceFileName.test(path)) {
      this.problems.push({ path, reason: 'not a TypeScript or JavaScript source file' });
      return;
    }
    this.files.add(path);
    this.roots.add(dirname(path));
    this.#addConfig(configAbove(dirname(path)));
  }

  #addConfig(config: string | undefined): void {
    if (config !== undefined) this.configs.add(config);
  }

  #folder(dir: string, above: readonly IgnoreRules[]): void {
    let entries: Dirent[];
    try {
      const real = realpathSync.native(dir);
      if (this.#seen.has(real)) return;
      this.#seen.add(real);
      entries = readdirSync(dir, { withFileTypes: true });
    } catch (error) {
      this.problems.push({ path: dir, reason: reasonOf(error) });
      return;
    }
    const own = entries.some((entry) => entry.name === '.gitignore') ? readIgnore(dir) : undefined;
    const ignores = own ? [...above, own] : above;
    const folders: string[] = [];
    for (const entry of entries) {
      const path = posix.join(dir, entry.name);
      if (entry.isDirectory()) {
        if (!isSkippedFolder(entry.name, ignores) && !isIgnored(`${path}/`, ignores)) folders.push(path);
      } else if (entry.isFile()) {
        if (entry.name === 'tsconfig.json' || entry.name === 'jsconfig.json') this.configs.add(path);
        else if (/\.(prisma|sql|graphqls?|gql)$/.test(entry.name)) this.schemas.add(path);
        else if (sourceFileName.test(entry.name) && !isIgnored(path, ignores)) {
          this.files.add(path);
          if (/\/(migrations?|migrate)\//.test(path)) this.schemas.add(path);
        }
      }
    }
    for (const folder of folders.sort()) this.#folder(folder, ignores);
  }
}

function isSkippedFolder(name: string, ignores: readonly IgnoreRules[]): boolean {
  return skippedFolders.has(name) || (buildFolders.has(name) && ignores.length === 0);
}

/** The last matching rule wins, and rules of a deeper folder come last. */
function isIgnored(path: string, ignores: readonly IgnoreRules[]): boolean {
  let ignored = false;
  for (const { dir, rules } of ignores) {
    const result = rules.test(path.slice(dir.length + (dir.endsWith('/') ? 0 : 1)));
    if (result.ignored) ignored = true;
    else if (result.unignored) ignored = false;
  }
  return ignored;
}

/** Ignore files between a folder and the top of its repository. */
function ignoresAbove(dir: string): IgnoreRules[] {
  const found: IgnoreRules[] = [];
  for (let folder = dir; !isRepositoryTop(folder); ) {
    const parent = dirname(folder);
    if (parent === folder) return [];
    folder = parent;
    const rules = readIgnore(folder);
    if (rules) found.unshift(rules);
  }
  return found;
}

function isRepositoryTop(dir: string): boolean {
  return statSync(posix.join(dir, '.git'), { throwIfNoEntry: false }) !== undefined;
}

function readIgnore(dir: string): IgnoreRules | undefined {
  try {
    return { dir, rules: ignore().add(readFileSync(posix.join(dir, '.gitignore'), 'utf8')) };
  } catch {
    return undefined;
  }
}

function configAbove(dir: string): string | undefined {
  for (let folder = dir; ; folder = dirname(folder)) {
    for (const name of ['tsconfig.json', 'jsconfig.json']) {
      const path = posix.join(folder, name);
      if (statSync(path, { throwIfNoEntry: false })?.isFile()) return path;
    }
    if (folder === dirname(folder) || isRepositoryTop(folder)) return undefined;
  }
}

/** What a part of a repository is generated from, `packages/prisma/schema.prisma`; of several none is taken. */
function prismaSchemaOutside(dir: string): string[] {
  for (let folder = dir; !isRepositoryTop(folder); ) {
    const parent = dirname(folder);
    if (parent === folder) return [];
    folder = parent;
    const packages = isRepositoryTop(folder) ? ['packages', 'libs'].map((name) => posix.join(folder, name)) : [];
    const near = [folder, ...[folder, ...packages].flatMap(foldersIn)];
    const holders = near.flatMap((one) => [one, posix.join(one, 'prisma'), posix.join(one, 'schema')]);
    const schemas = [...new Set(holders)].map(prismaFilesIn).filter((files) => files.length > 0);
    if (schemas.length > 0) return schemas.length === 1 ? (schemas[0] ?? []) : [];
  }
  return [];
}

/** The migrations of the package that a folder, `src`, is a part of. */
function migrationsOutside(dir: string): string[] {
  for (let folder = dir; ; folder = dirname(folder)) {
    if (statSync(posix.join(folder, 'package.json'), { throwIfNoEntry: false }) !== undefined) {
      if (folder === dir) return [];
      const holders = ['', 'db', 'database', 'src/db', 'src/database'].flatMap((owner) =>
        ['migrations', 'sql', 'drizzle'].map((name) => posix.join(folder, owner, name)),
      );
      return holders
        .filter((holder) => !holder.startsWith(`${dir}/`))
        .flatMap((holder) =>
          entriesOf(holder).flatMap((entry) => (entry.isFile() ? [posix.join(holder, entry.name)] : [])),
        )
        .filter((path) => path.endsWith('.sql') || (sourceFileName.test(path) && /\/migrations\//.test(path)));
    }
    if (isRepositoryTop(folder) || folder === dirname(folder)) return [];
  }
}

function foldersIn(dir: string): string[] {
  return entriesOf(dir).flatMap((entry) =>
    entry.isDirectory() && !skippedFolders.has(entry.name) ? [posix.join(dir, entry.name)] : [],
  );
}

function prismaFilesIn(dir: string): string[] {
  return entriesOf(dir).flatMap((entry) =>
    entry.isFile() && entry.name.endsWith('.prisma') ? [posix.join(dir, entry.name)] : [],
  );
}

function entriesOf(dir: string): Dirent[] {
  try {
    return readdirSync(dir, { withFileTypes: true });
  } catch {
    return [];
  }
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error
    ? `cannot be read (${String(error.code)})`
    : `cannot be read (${String(error)})`;
}
