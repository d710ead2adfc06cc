/**
 * From a snapshot to the facts of the whole program: syntax, resolution, call graph, then every function once,
 * callees first. Tests, scripts, migrations and generated files are not read: no rule speaks about them, and a mock
 * is not what production code calls. What depends on a file's text alone is kept between runs.
 */

import { ALL_MODELS } from '../models/index.ts';
import { createModelIndex, type ModelIndex } from '../models/matcher.ts';
import type { ModelFile } from '../models/model.ts';
import { functionHolding } from '../rewrite/file-index.ts';
import { CompilerDied, type Project, type Snapshot } from '../typescript/compiler.ts';
import type { Expression, SourceFile } from '../typescript/syntax.ts';
import type { Frame, Position } from './activation.ts';
import { bug } from './bug.ts';
import { buildCallGraph, type CallGraph } from './call-graph.ts';
import { findEntryPoints } from './entry-point.ts';
import type { FunctionFacts, FunctionInfo, Operation } from './fact.ts';
import { relativeTo, roleOfFile, roleOfPath } from './file-role.ts';
import { type ClassInfo, functionKey, Hierarchy } from './hierarchy.ts';
import { Interpreter, isUnit, type Surroundings } from './interpreter.ts';
import { KeptAnswers } from './kept-answers.ts';
import { KeptFacts, type KeptRun, type SharedAnswer } from './kept-facts.ts';
import type { FileRole, ProgramFacts } from './program.ts';
import { columnIn } from './protection.ts';
import type { Columns } from './read-declared-columns.ts';
import { readDeclaredTables } from './read-declared-tables.ts';
import { type GraphqlField, readGraphqlFields } from './read-graphql-schema.ts';
import { readUniqueSets } from './read-migration.ts';
import { enumsIn, modelNamesIn, providerIn, readPrismaSchema } from './read-prisma-schema.ts';
import { readEntities, readTableNames } from './read-schema.ts';
import {
  addHeritage,
  type FileResolution,
  type FileSymbols,
  type Names,
  namesOf,
  resolveFile,
  symbolsOf,
} from './resolution.ts';
import { decidingColumns, type EntitySchema, plainTable, type RelationKind } from './schema.ts';
import { type FunctionKey, UNKNOWN, type Value } from './value.ts';

export interface AnalyseOptions {
  readonly isCancelled: () => boolean;
  readonly progress: (progress: { phase: string; done: number; total: number }) => void;
  /** Directories that paths are shown relative to: decides what `scripts/` means. */
  readonly roots: readonly string[];
  /** Models of the user's configuration. */
  readonly models?: readonly ModelFile[];
  /** Texts of `*.prisma`, `*.sql` and `*.graphql` files and of migrations. */
  readonly schemas?: readonly { path: string; text: string }[];
  /** Files that will probably be edited next. */
  readonly edited?: Iterable<string>;
  /** Whether a file of this role is looked at; sources alone when absent. */
  readonly wants?: (path: string, role: FileRole) => boolean;
}

/** Thrown inside a run when it was cancelled; nothing of the run is kept. */
export class AnalysisCancelled extends Error {
  override readonly name = 'AnalysisCancelled';
}

/** Files whose types are on the way while the calls of the next are looked at. */
const FILES_AHEAD = 4;

export interface Analysis {
  readonly analyse: (snapshot: Snapshot, options: AnalyseOptions) => ProgramFacts;
}

export function createAnalysis(): Analysis {
  const answers = new KeptAnswers();
  const facts = new KeptFacts();
  return {
    analyse: (snapshot, options) => {
      const { answering, edits } = answers.over(snapshot, options.edited);
      const begin = (files: readonly SourceFile[]): KeptRun =>
        facts.begin(edits, (text) => files.some((file) => file.text.includes(text)));
      return analyse(answering, begin, options);
    },
  };
}

function analyse(
  snapshot: Snapshot,
  begin: (files: readonly SourceFile[]) => KeptRun,
  options: AnalyseOptions,
): ProgramFacts {
  const check = (): void => {
    if (options.isCancelled()) throw new AnalysisCancelled('cancelled');
  };
  const models = createModelIndex([...ALL_MODELS, ...(options.models ?? [])]);
  const read = readFiles(snapshot, options, check);
  const { files } = read;
  const hierarchy = new Hierarchy();
  for (const file of files) hierarchy.addFile(file);
  const resolutions = resolveAll(snapshot, read, hierarchy, models, options, check);
  const graph = buildCallGraph(files, resolutions, hierarchy);
  const entities = readEntities(files, hierarchy);
  const prisma = (options.schemas ?? []).filter(({ path }) => path.endsWith('.prisma'));
  const modelNames = new Set(prisma.flatMap(({ text }) => [...modelNamesIn(text)]));
  const enums = new Map(prisma.flatMap(({ text }) => [...enumsIn(text)]));
  for (const { path, text } of prisma) {
    const provider = providerIn(text) ?? providerBeside(path, options.schemas ?? []);
    for (const [name, model] of readPrismaSchema(path, text, provider, modelNames, enums))
      if (!entities.has(name)) entities.set(name, model);
  }
  const schema = declaredSchema(files, entities, options.schemas ?? []);
  const facts = interpretAll(files, resolutions, graph, hierarchy, models, entities, begin(files), options, check);
  const entries = findEntryPoints(files, hierarchy, graph, resolutions);
  for (const [key, known] of facts) {
    const list = entries.get(key);
    if (list !== undefined) facts.set(key, { ...known, entries: list });
  }
  const graphqlFields = readGraphqlFields(files, options.schemas ?? []);
  return programOf(files, hierarchy, graph, facts, entities, schema, graphqlFields, options.roots);
}

/** A Prisma schema may be several files of one folder; one of them names the database. */
function providerBeside(path: string, schemas: readonly { path: string; text: string }[]): string | undefined {
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  const beside = schemas.filter((other) => other.path.endsWith('.prisma') && other.path.startsWith(folder));
  return beside.map(({ text }) => providerIn(text)).find((provider) => provider !== undefined);
}

type DeclaredSchema = Pick<ProgramFacts, 'uniqueOf' | 'column' | 'isVersioned' | 'relationKind'>;

function declaredSchema(
  files: readonly SourceFile[],
  entities: ReadonlyMap<string, EntitySchema>,
  schemas: readonly { path: string; text: string }[],
): DeclaredSchema {
  const created = new Map<string, (readonly string[])[]>();
  // Migrations run in the order of their names.
  const migrations = schemas.filter(({ path }) => !/\.(prisma|graphqls?|gql)$|[._-]down\.sql$/.test(path));
  for (const { table, columns, where } of readUniqueSets(migrations.map(({ text }) => text)))
    push(created, plainTable(table), decidingColumns(columns, where));
  const versioned = new Set<string>();
  const related = new Map<string, Map<string, RelationKind>>();
  const held = new Map<string, Columns>();
  for (const { names, unique, versioned: isVersioned, relations, columns } of readDeclaredTables(files)) {
    for (const name of new Set(names.map(plainTable))) {
      for (const columns of unique) push(created, name, columns);
      if (isVersioned) versioned.add(name);
      if (columns !== undefined) held.set(name, bothSay(held.get(name), columns));
      if (relations.length > 0) related.set(name, new Map([...(related.get(name) ?? []), ...relations]));
    }
  }
  const tables = readTableNames(files);
  const byTable = new Map([...entities.values()].map((entity) => [plainTable(entity.table ?? entity.name), entity]));
  return {
    uniqueOf: (name) => {
      const entity = entities.get(name) ?? byTable.get(plainTable(name));
      // A Prisma schema is all there is; its migrations still create what later ones drop.
      if (entity?.library === 'prisma') return entity.unique;
      const names = new Set(
        [name, tables.get(name) ?? name, entity?.table ?? name, entity?.name ?? name].map(plainTable),
      );
      return [...(entity?.unique ?? []), ...[...names].flatMap((table) => created.get(table) ?? [])];
    },
    column: (name, column) => {
      const entity = entities.get(name) ?? byTable.get(plainTable(name));
      return columnIn(entity?.columns, column) ?? columnIn(held.get(plainTable(name)), column);
    },
    isVersioned: (name) => {
      const entity = entities.get(name);
      if (entity?.library === 'mikro-orm') return entity.versionColumn !== undefined;
      return versioned.has(plainTable(name)) || versioned.has(plainTable(tables.get(name) ?? name));
    },
    relationKind: (name, property) => {
      const plain = plainTable(name);
      const className = name.charAt(0).toUpperCase() + name.slice(1);
      const entity = entities.get(name) ?? entities.get(className) ?? byTable.get(plain);
      return entity?.relations.get(property)?.kind ?? related.get(plain)?.get(property);
    },
  };
}

/** Two tables of one name: only what they agree in. */
function bothSay(one: Columns | undefined, other: Columns): Columns {
  if (one === undefined) return other;
  const merged = new Map(one);
  for (const [name, { kind, nullable }] of other) {
    const known = one.get(name) ?? { kind, nullable };
    merged.set(name, {
      kind: known.kind === kind ? kind : undefined,
      nullable: known.nullable === nullable ? nullable : undefined,
    });
  }
  return merged;
}

interface ReadFiles {
  readonly files: readonly SourceFile[];
  readonly projectOf: ReadonlyMap<string, Project>;
  /** By path. */
  readonly symbols: ReadonlyMap<string, FileSymbols>;
}

/** Project by project, so that a compiler that keeps few projects open opens each once. */
function readFiles(snapshot: Snapshot, options: AnalyseOptions, check: () => void): ReadFiles {
  const wants = options.wants ?? ((_path: string, role: FileRole) => role === 'source');
  const projectOf = new Map<string, Project>();
  const pathsOf = new Map<Project, string[]>();
  for (const project of snapshot.projects) {
    for (const path of project.files) {
      if (projectOf.has(path)) continue;
      projectOf.set(path, project);
      if (wants(path, roleOfPath(relativeTo(options.roots, path)))) push(pathsOf, project, path);
    }
  }
  const total = [...pathsOf.values()].reduce((sum, { length }) => sum + length, 0);
  const files: SourceFile[] = [];
  const symbols = new Map<string, FileSymbols>();
  let done = 0;
  for (const [project, paths] of pathsOf) {
    const questions = new Map<SourceFile, Names>();
    const readings = snapshot.read(project, paths.sort(), (file) => {
      check();
      if (done++ % 20 === 0) options.progress({ phase: 'Reading', done, total });
      if (!wants(file.path, roleOfFile(relativeTo(options.roots, file.path), file.text))) return undefined;
      const names = namesOf(file);
      questions.set(file, names);
      return names.positions;
    });
    for (const { file, symbols: answers } of readings) {
      files.push(file);
      const names = questions.get(file);
      if (names !== undefined) symbols.set(file.path, symbolsOf(file, names, answers));
    }
  }
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), projectOf, symbols };
}

function resolveAll(
  snapshot: Snapshot,
  { files, projectOf, symbols }: ReadFiles,
  hierarchy: Hierarchy,
  models: ModelIndex,
  options: AnalyseOptions,
  check: () => void,
): Map<string, FileResolution> {
  for (const known of symbols.values()) addHeritage(known, hierarchy);
  const resolutions = new Map<string, FileResolution>();
  const unfinished: (() => void)[] = [];
  const finishAllBut = (count: number): void => {
    while (unfinished.length > count) unfinished.shift()?.();
  };
  // In the order of reading: types are asked of one project after the other.
  let done = 0;
  let last: Project | undefined;
  for (const [path, known] of symbols) {
    check();
    if (done++ % 20 === 0) options.progress({ phase: 'Resolving', done, total: files.length });
    const project = projectOf.get(path);
    if (project === undefined) continue;
    const file = resolveFile(known, hierarchy, models);
    if (file.spans.length === 0) {
      resolutions.set(path, file.finish([]));
      continue;
    }
    if (project !== last) finishAllBut(0);
    last = project;
    snapshot.expectTypes(project, path, file.spans);
    unfinished.push(() => resolutions.set(path, file.finish(snapshot.types(project, path, file.spans))));
    finishAllBut(FILES_AHEAD);
  }
  finishAllBut(0);
  return resolutions;
}

function interpretAll(
  files: readonly SourceFile[],
  resolutions: ReadonlyMap<string, FileResolution>,
  graph: CallGraph,
  hierarchy: Hierarchy,
  models: ModelIndex,
  entities: ReadonlyMap<string, EntitySchema>,
  kept: KeptRun,
  options: AnalyseOptions,
  check: () => void,
): Map<FunctionKey, FunctionFacts> {
  const facts = new Map<FunctionKey, FunctionFacts>();
  const byPath = new Map(files.map((file) => [file.path, file] as const));
  const initializers = new Map<string, SharedAnswer<Value>>();
  const properties = new Map<string, SharedAnswer<Value>>();
  const surroundings: Surroundings = {
    hierarchy,
    models,
    resolution: (path) => resolutions.get(path),
    factsOf: (key) => {
      kept.used(key);
      return facts.get(key);
    },
    sameCycle: (a, b) =>
      a === b ||
      (graph.recursive.has(a) && graph.cycleOf.get(a) !== undefined && graph.cycleOf.get(a) === graph.cycleOf.get(b)),
    entity: (name) => entities.get(name),
    initializerOf: (place) => {
      if (place.kind !== 'place' || place.root.kind !== 'module' || place.path.length > 0) return undefined;
      const { path, name } = place.root;
      return kept.once(initializers, `${path}#${name}`, () => {
        kept.used(path);
        return evaluateInitializer(byPath.get(path), name, hierarchy, surroundings);
      });
    },
    propertyOf: (owner, name) =>
      kept.once(properties, `${owner}.${name}`, () => evaluateProperty(owner, name, hierarchy, surroundings, kept)),
    mentions: kept.mentions,
  };
  graph.order.forEach((key, done) => {
    check();
    if (done % 200 === 0) options.progress({ phase: 'Analysing', done, total: graph.order.length });
    const info = hierarchy.functions.get(key);
    if (info?.node.hasBody !== true && info?.node.kind !== 'module') return;
    const produced = kept.produce(key, () => {
      const own: [FunctionKey, FunctionFacts][] = [];
      interpretUnit(info, surroundings, (made, known) => {
        facts.set(made, known);
        own.push([made, known]);
      });
      return own;
    });
    for (const [made, known] of produced) facts.set(made, known);
  });
  kept.finish();
  return facts;
}

function interpretUnit(
  info: FunctionInfo,
  surroundings: Surroundings,
  record: (key: FunctionKey, facts: FunctionFacts) => void,
  outer?: Frame,
  around?: Partial<Position>,
): void {
  try {
    const interpreter = new Interpreter(surroundings, info, outer);
    Object.assign(interpreter.activation.position, around);
    record(info.key, interpreter.run());
    // Closures that nobody was seen to run are functions of their own, with the variables around them as they ended.
    const { closures, inlined, streams, wrapped } = interpreter.activation;
    for (const [key, frame] of closures) {
      if (inlined.has(key) || surroundings.factsOf(key) !== undefined) continue;
      const closure = surroundings.hierarchy.functions.get(key);
      if (closure !== undefined && !isUnit(closure.node))
        interpretUnit(closure, surroundings, record, frame, {
          ...wrapped.get(key),
          ...(streams.has(key) ? { loops: [streams.get(key)].filter((loop) => loop !== undefined) } : {}),
        });
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

/** What the class, or the nearest of its bases that says so, sets the property to. */
function evaluateProperty(
  owner: string,
  name: string,
  hierarchy: Hierarchy,
  surroundings: Surroundings,
  kept: KeptRun,
): Value | undefined {
  const seen = new Set<string>();
  /** `below`: the classes between the owner and this one, the owner first. */
  const search = (info: ClassInfo | undefined, below: readonly ClassInfo[] = []): Value | undefined => {
    if (info === undefined || seen.has(info.key)) return undefined;
    seen.add(info.key);
    kept.used(info.path);
    const source = settingOf(info, name, hierarchy);
    if (source === undefined) {
      for (const base of info.bases) {
        const inherited = search(base, [...below, info]);
        if (inherited !== undefined) return inherited;
      }
      return undefined;
    }
    try {
      const interpreter = new Interpreter(surroundings, source.within);
      interpreter.bindParameters();
      return givenThroughSuper(interpreter.evaluate(source.expression), source.within, below, surroundings);
    } catch {
      return undefined;
    }
  };
  return search(hierarchy.classes.get(owner));
}

/** What a derived class hands to the constructor of its base: `super('segments', db)`. */
function givenThroughSuper(
  value: Value,
  maker: FunctionInfo,
  below: readonly ClassInfo[],
  surroundings: Surroundings,
): Value {
  const derived = below.at(-1);
  if (derived === undefined || maker.node.kind !== 'constructor') return value;
  if (value.kind !== 'place' || value.root.kind !== 'parameter' || value.root.fn !== maker.key) return value;
  if (value.path.length > 0) return value;
  const key = derived.methods.get('constructor');
  const within = key === undefined ? undefined : surroundings.hierarchy.functions.get(key);
  // A class without a constructor hands on what it is given.
  if (within === undefined) return givenThroughSuper(value, maker, below.slice(0, -1), surroundings);
  const { start, end } = within.node.bodySpan;
  const call = within.file.calls.find(({ callee, start: at }) => callee.kind === 'super' && start <= at && at < end);
  const arg = call?.args[value.root.index];
  if (arg === undefined) return value;
  const interpreter = new Interpreter(surroundings, within);
  interpreter.bindParameters();
  return givenThroughSuper(interpreter.evaluate(arg), within, below.slice(0, -1), surroundings);
}

/** The expression that gives a property its value, and the function it stands in. */
function settingOf(
  info: ClassInfo,
  name: string,
  hierarchy: Hierarchy,
): { expression: Expression; within: FunctionInfo } | undefined {
  const members = info.node.methods.flatMap((index) => hierarchy.functions.get(functionKey(info.path, index)) ?? []);
  const initializer = info.node.properties.find((property) => property.name === name)?.initializer;
  if (initializer !== undefined) {
    // A class may have no method of its own.
    const within = members[0] ?? hierarchy.functions.get(functionKey(info.path, 0));
    return within && { expression: initializer, within };
  }
  for (const within of members) {
    const { kind, body } = within.node;
    if (kind === 'getter' && within.node.name === name) {
      const only = body.length === 1 ? body[0] : undefined;
      return only?.kind === 'return' && only.value !== undefined ? { expression: only.value, within } : undefined;
    }
    if (kind !== 'constructor') continue;
    for (const statement of body) {
      if (statement.kind !== 'expression' || statement.expression.kind !== 'assign') continue;
      const { target, value } = statement.expression;
      if (target.kind === 'expression-target' && isOwn(target.target, name) && value !== undefined)
        return { expression: value, within };
      if (target.kind === 'member' && isOwn(target, name) && value !== undefined) return { expression: value, within };
    }
  }
  return undefined;
}

function isOwn(target: Expression, name: string): boolean {
  return target.kind === 'member' && target.object.kind === 'this' && target.name === name;
}

function programOf(
  files: readonly SourceFile[],
  hierarchy: Hierarchy,
  graph: CallGraph,
  facts: ReadonlyMap<FunctionKey, FunctionFacts>,
  entities: ReadonlyMap<string, EntitySchema>,
  schema: DeclaredSchema,
  graphqlFields: readonly GraphqlField[],
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
    files: [...ofFile.values()].flatMap(([first]) => (first === undefined ? [] : [first.fn.file])),
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
    ...schema,
    graphqlFields,
    ancestorsOf: (classKey) => hierarchy.ancestorsOf(classKey),
    enclosing: (at) => {
      const file = byPath.get(at.path);
      const node = file === undefined ? undefined : functionHolding(file, at);
      return node === undefined ? undefined : hierarchy.functions.get(functionKey(at.path, node.index));
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
