/**
 * From a snapshot to the facts of the whole program: syntax, resolution, call graph, then every function once,
 * callees first. Tests, scripts, migrations and generated files are not read: no rule speaks about them, and a mock
 * is not what production code calls. What depends on a file's text alone is kept between runs.
 */

import { ALL_MODELS } from '../models/index.ts';
import { createModelIndex, type ModelIndex } from '../models/matcher.ts';
import type { ModelFile } from '../models/model.ts';
import { CompilerDied, type Project, type Snapshot } from '../typescript/compiler.ts';
import type { SourceFile } from '../typescript/syntax.ts';
import type { Frame } from './activation.ts';
import { bug } from './bug.ts';
import { buildCallGraph, type CallGraph } from './call-graph.ts';
import { findEntryPoints } from './entry-point.ts';
import type { FunctionFacts, FunctionInfo, Loop, Operation } from './fact.ts';
import { relativeTo, roleOfFile, roleOfPath } from './file-role.ts';
import { functionKey, Hierarchy } from './hierarchy.ts';
import { Interpreter, isUnit, type Surroundings } from './interpreter.ts';
import type { FileRole, ProgramFacts } from './program.ts';
import { readUniqueSets } from './read-migration.ts';
import { readPrismaSchema } from './read-prisma-schema.ts';
import { readEntities, readTableNames } from './read-schema.ts';
import { askSymbols, type FileResolution, type FileSymbols, resolveFile, resolveHeritage } from './resolution.ts';
import { type EntitySchema, plainTable } from './schema.ts';
import { type FunctionKey, UNKNOWN, type Value } from './value.ts';

export interface AnalyseOptions {
  readonly isCancelled: () => boolean;
  readonly progress: (progress: { phase: string; done: number; total: number }) => void;
  /** Directories that paths are shown relative to: decides what `scripts/` means. */
  readonly roots: readonly string[];
  /** Models of the user's configuration. */
  readonly models?: readonly ModelFile[];
  /** Texts of `*.prisma` files. */
  readonly schemas?: readonly { path: string; text: string }[];
  /** Whether a file of this role is looked at; sources alone when absent. */
  readonly wants?: (path: string, role: FileRole) => boolean;
}

/** Thrown inside a run when it was cancelled; nothing of the run is kept. */
export class AnalysisCancelled extends Error {
  override readonly name = 'AnalysisCancelled';
}

export interface Analysis {
  readonly analyse: (snapshot: Snapshot, options: AnalyseOptions) => ProgramFacts;
}

export function createAnalysis(): Analysis {
  return { analyse };
}

function analyse(snapshot: Snapshot, options: AnalyseOptions): ProgramFacts {
  const check = (): void => {
    if (options.isCancelled()) throw new AnalysisCancelled('cancelled');
  };
  const models = createModelIndex([...ALL_MODELS, ...(options.models ?? [])]);
  const { files, projectOf } = readFiles(snapshot, options, check);
  const hierarchy = new Hierarchy();
  for (const file of files) hierarchy.addFile(file);
  const resolutions = resolveAll(snapshot, files, projectOf, hierarchy, models, options, check);
  const graph = buildCallGraph(files, resolutions, hierarchy);
  const entities = readEntities(files, hierarchy);
  for (const { path, text } of options.schemas ?? []) {
    if (!path.endsWith('.prisma')) continue;
    for (const [name, model] of readPrismaSchema(path, text)) if (!entities.has(name)) entities.set(name, model);
  }
  const uniqueOf = uniqueSets(files, entities, options.schemas ?? []);
  const facts = interpretAll(files, resolutions, graph, hierarchy, models, entities, options, check);
  const entries = findEntryPoints(files, hierarchy, graph);
  for (const [key, known] of facts) {
    const list = entries.get(key);
    if (list !== undefined) facts.set(key, { ...known, entries: list });
  }
  return programOf(files, hierarchy, graph, facts, entities, uniqueOf, options.roots);
}

function uniqueSets(
  files: readonly SourceFile[],
  entities: ReadonlyMap<string, EntitySchema>,
  schemas: readonly { path: string; text: string }[],
): ProgramFacts['uniqueOf'] {
  const created = new Map<string, (readonly string[])[]>();
  for (const { path, text } of schemas) {
    if (path.endsWith('.prisma')) continue;
    for (const { table, columns } of readUniqueSets(text)) push(created, plainTable(table), columns);
  }
  const tables = readTableNames(files);
  return (name) => {
    const entity = entities.get(name);
    // A Prisma schema is all there is; its migrations still create what later ones drop.
    if (entity?.library === 'prisma') return entity.unique;
    const names = new Set([name, tables.get(name) ?? name, entity?.table ?? name].map(plainTable));
    return [...(entity?.unique ?? []), ...[...names].flatMap((table) => created.get(table) ?? [])];
  };
}

function readFiles(
  snapshot: Snapshot,
  options: AnalyseOptions,
  check: () => void,
): { files: SourceFile[]; projectOf: Map<string, Project> } {
  const projectOf = new Map<string, Project>();
  for (const project of snapshot.projects) {
    for (const path of project.files) if (!projectOf.has(path)) projectOf.set(path, project);
  }
  const wants = options.wants ?? ((_path: string, role: FileRole) => role === 'source');
  const paths = [...projectOf.keys()].filter((path) => wants(path, roleOfPath(relativeTo(options.roots, path)))).sort();
  const files: SourceFile[] = [];
  paths.forEach((path, done) => {
    check();
    if (done % 50 === 0) options.progress({ phase: 'Reading', done, total: paths.length });
    const project = projectOf.get(path);
    const file = project === undefined ? undefined : snapshot.syntax(project, path);
    if (file !== undefined && wants(path, roleOfFile(relativeTo(options.roots, path), file.text))) files.push(file);
  });
  return { files, projectOf };
}

function resolveAll(
  snapshot: Snapshot,
  files: readonly SourceFile[],
  projectOf: ReadonlyMap<string, Project>,
  hierarchy: Hierarchy,
  models: ModelIndex,
  options: AnalyseOptions,
  check: () => void,
): Map<string, FileResolution> {
  const symbols = new Map<string, FileSymbols>();
  // Project by project, so that a compiler that keeps few projects open opens each once.
  const grouped = [...files].sort((a, b) => {
    const left = projectOf.get(a.path)?.id ?? '';
    const right = projectOf.get(b.path)?.id ?? '';
    return left < right ? -1 : left > right ? 1 : a.path < b.path ? -1 : 1;
  });
  grouped.forEach((file, done) => {
    check();
    if (done % 20 === 0) options.progress({ phase: 'Resolving', done, total: files.length });
    const project = projectOf.get(file.path);
    if (project === undefined) return;
    resolveHeritage(snapshot, project, file, hierarchy);
    symbols.set(file.path, askSymbols(snapshot, project, file));
  });
  const resolutions = new Map<string, FileResolution>();
  for (const file of grouped) {
    check();
    const project = projectOf.get(file.path);
    const known = symbols.get(file.path);
    if (project === undefined || known === undefined) continue;
    resolutions.set(file.path, resolveFile(snapshot, project, file, known, hierarchy, models));
  }
  return resolutions;
}

function interpretAll(
  files: readonly SourceFile[],
  resolutions: ReadonlyMap<string, FileResolution>,
  graph: CallGraph,
  hierarchy: Hierarchy,
  models: ModelIndex,
  entities: ReadonlyMap<string, EntitySchema>,
  options: AnalyseOptions,
  check: () => void,
): Map<FunctionKey, FunctionFacts> {
  const facts = new Map<FunctionKey, FunctionFacts>();
  const byPath = new Map(files.map((file) => [file.path, file] as const));
  const initializers = new Map<string, Value | undefined>();
  const surroundings: Surroundings = {
    hierarchy,
    models,
    resolution: (path) => resolutions.get(path),
    factsOf: (key) => facts.get(key),
    sameCycle: (a, b) =>
      a === b ||
      (graph.recursive.has(a) && graph.cycleOf.get(a) !== undefined && graph.cycleOf.get(a) === graph.cycleOf.get(b)),
    entity: (name) => entities.get(name),
    initializerOf: (place) => {
      if (place.kind !== 'place' || place.root.kind !== 'module' || place.path.length > 0) return undefined;
      const key = `${place.root.path}#${place.root.name}`;
      if (initializers.has(key)) return initializers.get(key);
      initializers.set(key, undefined);
      initializers.set(key, evaluateInitializer(byPath.get(place.root.path), place.root.name, hierarchy, surroundings));
      return initializers.get(key);
    },
  };
  graph.order.forEach((key, done) => {
    check();
    if (done % 200 === 0) options.progress({ phase: 'Analysing', done, total: graph.order.length });
    const info = hierarchy.functions.get(key);
    if (info?.node.hasBody === true || info?.node.kind === 'module') interpretUnit(info, surroundings, facts);
  });
  return facts;
}

function interpretUnit(
  info: FunctionInfo,
  surroundings: Surroundings,
  facts: Map<FunctionKey, FunctionFacts>,
  outer?: Frame,
  stream?: Loop,
): void {
  try {
    const interpreter = new Interpreter(surroundings, info, outer);
    if (stream !== undefined) interpreter.activation.position.loops = [stream];
    facts.set(info.key, interpreter.run());
    // Closures that nobody was seen to run are functions of their own, with the variables around them as they ended.
    const { closures, inlined, streams } = interpreter.activation;
    for (const [key, frame] of closures) {
      if (inlined.has(key) || facts.has(key)) continue;
      const closure = surroundings.hierarchy.functions.get(key);
      if (closure !== undefined && !isUnit(closure.node))
        interpretUnit(closure, surroundings, facts, frame, streams.get(key));
    }
  } catch (error) {
    if (error instanceof CompilerDied || error instanceof AnalysisCancelled) throw error;
    bug(
      `${info.qualifiedName} could not be analysed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  }
}

/** The value of a module-level constant, evaluated on its own: nothing it does is recorded anywhere. */
function evaluateInitializer(
  file: SourceFile | undefined,
  name: string,
  hierarchy: Hierarchy,
  surroundings: Surroundings,
): Value | undefined {
  const variable = file?.variables.find(
    (candidate) => candidate.fn === 0 && candidate.name === name && candidate.kind === 'const',
  );
  const module = file === undefined ? undefined : hierarchy.functions.get(functionKey(file.path, 0));
  if (variable?.initializer === undefined || module === undefined) return undefined;
  try {
    return new Interpreter(surroundings, module).evaluate(variable.initializer);
  } catch {
    return UNKNOWN;
  }
}

function programOf(
  files: readonly SourceFile[],
  hierarchy: Hierarchy,
  graph: CallGraph,
  facts: ReadonlyMap<FunctionKey, FunctionFacts>,
  entities: ReadonlyMap<string, EntitySchema>,
  uniqueOf: ProgramFacts['uniqueOf'],
  roots: readonly string[],
): ProgramFacts {
  const byPath = new Map(files.map((file) => [file.path, file] as const));
  const functions = [...facts.values()].sort((a, b) =>
    a.fn.path < b.fn.path ? -1 : a.fn.path > b.fn.path ? 1 : a.fn.node.index - b.fn.node.index,
  );
  const ofFile = new Map<string, FunctionFacts[]>();
  const ofClass = new Map<string, FunctionFacts[]>();
  for (const known of functions) {
    push(ofFile, known.fn.path, known);
    const owner = classAround(known.fn);
    if (owner !== undefined) push(ofClass, owner, known);
  }
  const own = new Map<string, Operation[]>();
  for (const known of functions) {
    for (const operation of known.operations)
      if (operation.chain.length === 0) push(own, operation.effect.kind, operation);
  }
  const roles = new Map<string, FileRole>();
  return {
    functions,
    factsOf: (key) => facts.get(key),
    info: (key) => hierarchy.functions.get(key),
    parentOf: (info) => hierarchy.parentOf(info),
    functionsOfFile: (path) => ofFile.get(path) ?? [],
    functionsOfClass: (key) => {
      const info = hierarchy.classes.get(key);
      const bases = info?.bases.flatMap((base) => ofClass.get(base.key) ?? []) ?? [];
      return [...(ofClass.get(key) ?? []), ...bases];
    },
    callersOf: (key) => graph.callers.get(key) ?? [],
    file: (path) => byPath.get(path),
    roleOf: (path) => {
      let role = roles.get(path);
      if (role === undefined) {
        role = roleOfFile(relativeTo(roots, path), byPath.get(path)?.text ?? '');
        roles.set(path, role);
      }
      return role;
    },
    entity: (name) => entities.get(name),
    uniqueOf,
    ancestorsOf: (classKey) => hierarchy.ancestorsOf(classKey),
    enclosing: (at) => {
      const file = byPath.get(at.path);
      let found: FunctionInfo | undefined;
      for (const node of file?.functions ?? []) {
        if (
          node.start <= at.start &&
          at.end <= node.end &&
          (found === undefined || node.end - node.start <= found.node.end - found.node.start)
        ) {
          found = hierarchy.functions.get(functionKey(at.path, node.index));
        }
      }
      return found;
    },
    ownOperations: (kind) => own.get(kind) ?? [],
  };

  /** The class a closure inside a method belongs to. */
  function classAround(info: FunctionInfo): string | undefined {
    let at: FunctionInfo | undefined = info;
    while (at !== undefined && at.class === undefined) {
      at = hierarchy.parentOf(at);
    }
    return at?.class;
  }
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
