/**
 * Decides which projects there are and which files belong to each, before any of them is opened.
 *
 * A config's files are those that its own `include`, `exclude` and `files` name. A file in several configs belongs to
 * the nearest one. A file that no config names, or only one above its package, belongs to the nearest config above it
 * (tests and scripts that a build config excludes still want its `paths` and types); without one it belongs to the
 * inferred project. The compiler is then given an explicit list of files, so that a project costs what its own files import and no more.
 */
import { basename, dirname, posix } from 'node:path';
import {
  acceptedOptions,
  effectivePaths,
  type MergedConfig,
  type ReadText,
  readConfig,
  runtimeTypes,
} from './effective-config.ts';
import { sourceFileName } from './workspace-files.ts';
import { addPaths, WorkspacePackages } from './workspace-packages.ts';

export interface PlannedProject {
  /** Path of the tsconfig, or `inferred`. */
  readonly id: string;
  /** Path under which the compiler opens it; need not exist on disk. */
  readonly configPath: string;
  /** Own source files, sorted. */
  readonly files: readonly string[];
  /** Text of the effective tsconfig. */
  readonly config: string;
}

export interface ProjectPlan {
  readonly projects: readonly PlannedProject[];
  readonly problems: readonly { path: string; reason: string }[];
}

export interface PlanInput {
  readonly roots: readonly string[];
  readonly files: readonly string[];
  readonly configs: readonly string[];
  readonly read: ReadText;
  /** Root files of a config given as text, as the compiler expands `include` and `exclude`. */
  readonly expand: (configPath: string, text: string) => readonly string[];
  /** Why a file must not be given to the compiler at all, such as a video that ends in `.ts`. */
  readonly unreadable: (path: string) => string | undefined;
}

export const INFERRED = 'inferred';

export function planProjects(input: PlanInput): ProjectPlan {
  const problems: { path: string; reason: string }[] = [];
  const configs = readConfigs(input, problems);
  const packages = new WorkspacePackages(input.read);

  const rootFiles = new Map<string, readonly string[]>();
  for (const config of configs) rootFiles.set(config.path, configFiles(config, input));
  const owners = ownersOf(configs, rootFiles, input);

  const projects: PlannedProject[] = [];
  for (const config of configs) {
    const files = owners.sources.get(config.path) ?? [];
    if (files.length === 0) continue;
    const options = acceptedOptions(config);
    options['paths'] = addPaths(effectivePaths(config.options), packages.pathsFor(dirname(config.path)));
    const declarations = owners.declarations.get(config.path) ?? [];
    projects.push(planned(config.path, config.path, files, declarations, options, input));
  }
  const [root] = [...input.roots].sort();
  const rest = owners.sources.get(INFERRED) ?? [];
  if (rest.length > 0 && root !== undefined) {
    const declarations = owners.declarations.get(INFERRED) ?? [];
    const options = { ...inferredOptions, paths: packages.pathsFor(root) };
    projects.push(
      planned(INFERRED, posix.join(root, 'tsconfig.concurrency-checklist.json'), rest, declarations, options, input),
    );
  }
  return { projects, problems };
}

const inferredOptions = {
  allowJs: true,
  checkJs: false,
  experimentalDecorators: true,
  jsx: 'preserve',
  module: 'esnext',
  moduleResolution: 'bundler',
  noEmit: true,
  resolveJsonModule: true,
  skipLibCheck: true,
  target: 'esnext',
  types: runtimeTypes,
};

function planned(
  id: string,
  configPath: string,
  files: readonly string[],
  declarations: readonly string[],
  compilerOptions: Record<string, unknown>,
  input: PlanInput,
): PlannedProject {
  const given = [...declarations, ...files.filter((file) => input.unreadable(file) === undefined)];
  // As found from the config's folder, whatever folder the compiler reads the config in.
  const typeRoots = compilerOptions['typeRoots'] ?? typeRootsAbove(dirname(configPath));
  return {
    id,
    configPath,
    files,
    config: JSON.stringify({ compilerOptions: { ...compilerOptions, typeRoots }, files: given }),
  };
}

/** Where the compiler looks for the packages of `types`. */
function typeRootsAbove(folder: string): string[] {
  const above = [folder];
  for (let dir = folder; dir !== dirname(dir); dir = dirname(dir)) above.push(dirname(dir));
  const modules = above.map((dir) => posix.join(dir, 'node_modules'));
  return [...modules.map((dir) => posix.join(dir, '@types')), ...modules];
}

/** All configs found and all they refer to, sorted; broken ones become problems. */
function readConfigs(input: PlanInput, problems: { path: string; reason: string }[]): MergedConfig[] {
  const found = new Map<string, MergedConfig | undefined>();
  const queue = [...input.configs];
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    if (found.has(path)) continue;
    const config = readConfig(path, input.read);
    if ('broken' in config) {
      problems.push({ path, reason: `${basename(path)}: ${config.broken}; its files are checked without it` });
      found.set(path, undefined);
      continue;
    }
    found.set(path, config);
    problems.push(...config.problems);
    for (const reference of config.references) if (isInside(reference, input.roots)) queue.push(reference);
  }
  return [...found.values()]
    .filter((config) => config !== undefined)
    .sort(
      (a, b) => compare(dirname(a.path), dirname(b.path)) || rank(a.path) - rank(b.path) || compare(a.path, b.path),
    );
}

/** A solution has no files of its own, only references. */
function isSolution(config: MergedConfig): boolean {
  return config.files?.length === 0 && config.include === undefined;
}

function configFiles(config: MergedConfig, input: PlanInput): readonly string[] {
  if (isSolution(config)) return [];
  const dir = dirname(config.path);
  const given = (name: string): unknown => config.options[name];
  const outputs = ['outDir', 'declarationDir'].map(given).filter((path) => typeof path === 'string');
  const text = JSON.stringify({
    compilerOptions: {
      allowJs: given('allowJs') === true || given('checkJs') === true || basename(config.path) === 'jsconfig.json',
      resolveJsonModule: false,
    },
    ...(config.files ? { files: config.files } : {}),
    ...(config.include ? { include: config.include } : config.files ? {} : { include: [posix.join(dir, '**/*')] }),
    exclude: config.exclude ?? [
      ...['node_modules', 'bower_components', 'jspm_packages'].map((name) => posix.join(dir, name)),
      ...outputs.filter((path) => path !== dir),
    ],
  });
  return input.expand(posix.join(dir, 'tsconfig.concurrency-checklist-files.json'), text);
}

interface Owners {
  /** By project id. */
  readonly sources: ReadonlyMap<string, readonly string[]>;
  /** Declaration files that a config names: they may declare globals. */
  readonly declarations: ReadonlyMap<string, readonly string[]>;
}

function ownersOf(
  configs: readonly MergedConfig[],
  rootFiles: ReadonlyMap<string, readonly string[]>,
  input: PlanInput,
): Owners {
  const owner = new Map<string, MergedConfig>();
  for (const config of configs) {
    for (const file of rootFiles.get(config.path) ?? []) {
      const other = owner.get(file);
      if (!other || nearness(config.path, file) > nearness(other.path, file)) owner.set(file, config);
    }
  }
  const wanted = new Set(input.files);
  const isOwn = (file: string): boolean =>
    sourceFileName.test(file) &&
    !file.includes('/node_modules/') &&
    isInside(file, input.roots) &&
    (wanted.size === 0 || wanted.has(file));

  const byFolder = new Map<string, MergedConfig>();
  for (const config of configs) {
    if (!isSolution(config) && !byFolder.has(dirname(config.path))) byFolder.set(dirname(config.path), config);
  }
  // Tests that a package's config excludes stay with their package, even if a config above the package takes all.
  const isPackageConfig = ({ path }: MergedConfig): boolean =>
    input.read(posix.join(dirname(path), 'package.json')) !== undefined;
  const packageConfigs = new Set(configs.filter(isPackageConfig));

  const sources = new Map<string, string[]>();
  const declarations = new Map<string, string[]>();
  for (const [file, config] of owner) {
    if (isOwn(file)) {
      const above = nearestConfig(file, byFolder);
      const isCloser = above && packageConfigs.has(above) && nearness(above.path, file) > nearness(config.path, file);
      append(sources, (isCloser ? above : config).path, file);
    } else if (/\.d\.[mc]?ts$/.test(file)) append(declarations, config.path, file);
  }
  for (const file of wanted) {
    if (owner.has(file) || !isOwn(file)) continue;
    append(sources, nearestConfig(file, byFolder)?.path ?? INFERRED, file);
  }
  for (const list of [...sources.values(), ...declarations.values()]) list.sort(compare);
  return { sources, declarations };
}

function nearestConfig(file: string, byFolder: ReadonlyMap<string, MergedConfig>): MergedConfig | undefined {
  for (let dir = dirname(file); ; dir = dirname(dir)) {
    const config = byFolder.get(dir);
    if (config || dir === dirname(dir)) return config;
  }
}

/** How near a config is to a file: configs above it first, the deepest of them nearest. */
function nearness(configPath: string, file: string): number {
  const dir = dirname(configPath);
  return isInside(file, [dir]) ? dir.length : -1;
}

/** In one folder `tsconfig.json` comes before `jsconfig.json` and both before `tsconfig.app.json`. */
function rank(configPath: string): number {
  const index = ['tsconfig.json', 'jsconfig.json'].indexOf(basename(configPath));
  return index < 0 ? 2 : index;
}

function isInside(path: string, dirs: readonly string[]): boolean {
  return dirs.some((dir) => path.startsWith(dir.endsWith('/') ? dir : `${dir}/`));
}

function append(map: Map<string, string[]>, key: string, value: string): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
