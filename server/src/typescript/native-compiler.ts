/**
 * The compiler interface over TypeScript 7's native compiler.
 *
 * Which projects there are is planned first and cheaply; a project is opened in the compiler when it is first asked
 * about. Files are served through a callback: effective configs, unsaved texts, and the disk for the rest.
 */
import { readFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import { LRUCache } from 'lru-cache';
import { type ImportDeclaration, type SourceFile as NativeFile, type Node, SyntaxKind } from 'typescript/unstable/ast';
import type { Diagnostic, Project as NativeProject, Symbol as NativeSymbol } from 'typescript/unstable/sync';
import type {
  Compiler,
  CompilerOptions,
  FileReading,
  Project,
  ResolvedSymbol,
  ResolvedType,
  Snapshot,
  TypeScriptDiagnostic,
  Workspace,
} from './compiler.ts';
import { FileSuitability, unsuitableText } from './file-suitability.ts';
import { lower } from './lower.ts';
import { findCompiler, NativeSession } from './native-session.ts';
import { NodeIndex } from './node-index.ts';
import { type PlannedProject, type ProjectPlan, planProjects } from './project-plan.ts';
import { SymbolResolution } from './symbol-resolution.ts';
import type { SourceFile, Span } from './syntax.ts';
import { TypeResolution } from './type-resolution.ts';
import { sourceFileName } from './workspace-files.ts';

/** Runs one native compiler in this thread. */
export function createCompiler(options: CompilerOptions = {}): Compiler {
  return new NativeCompiler(options);
}

/** Lowered trees kept, in characters of source. */
const MAX_KEPT_TEXT = 48_000_000;

/**
 * Files that the compiler is asked about before the answers for the first of them are read. Files differ in how long
 * each side takes; with one in advance the longer of the two was waited for at each file, a third of the time, and with
 * four the compiler had nothing to do while this thread collected garbage.
 */
const FILES_AHEAD = 12;

interface OpenProject {
  readonly generation: number;
  readonly native: NativeProject;
  readonly symbols: SymbolResolution;
  readonly types: TypeResolution;
  /** Of all its files, by path: one question for all takes no longer than for one. */
  syntaxErrors: ReadonlyMap<string, SourceFile['syntaxErrors']> | undefined;
}

class NativeCompiler implements Compiler {
  readonly #session: NativeSession;
  readonly #overlays = new Map<string, string>();
  readonly #suitability: FileSuitability;
  readonly #syntax = new LRUCache<string, { readonly file: SourceFile }>({
    maxSize: MAX_KEPT_TEXT,
    sizeCalculation: ({ file }) => file.text.length + 1,
  });
  readonly #indexes = new LRUCache<NativeFile, NodeIndex>({ max: 16 });
  readonly #openProjects = new Map<string, OpenProject>();
  /** Files whose kept tree may be out of date. */
  readonly #stale = new Set<string>();
  /** Effective configs by the path the compiler reads them under. */
  #configs = new Map<string, string>();
  #workspace: Workspace = { roots: [], files: [], configs: [] };
  #plan: ProjectPlan = { projects: [], problems: [] };
  #planned = new Map<string, PlannedProject>();
  /** By lower-case path. */
  readonly #realPaths = new Map<string, string>();
  #current: object | undefined;
  #environment: object = {};
  /** Of files read since the environment changed, by path. */
  readonly #imports = new Map<string, ImportCount>();

  constructor(options: CompilerOptions) {
    this.#session = new NativeSession({
      executable: options.executable ?? findCompiler(__dirname),
      clock: options.clock,
      isBrief: options.brief ?? false,
      maxOpenProjects: options.maxOpenProjects ?? 6,
      maxMemoryMB: options.maxMemoryMB,
      serve: (path) => this.#configs.get(path) ?? this.#overlays.get(path),
    });
    this.#suitability = new FileSuitability((path) => this.#overlays.get(path));
  }

  get processId(): number | undefined {
    return this.#session.processId;
  }

  open(workspace: Workspace): Snapshot {
    this.#workspace = workspace;
    this.#session.sourceFiles = workspace.files.length;
    this.#changeEnvironment();
    this.#replan();
    return this.#snapshot();
  }

  update(changes: Parameters<Compiler['update']>[0]): Snapshot {
    const changed = new Set(changes.changed);
    const created = new Set(changes.created);
    const deleted = new Set(changes.deleted);
    for (const [path, text] of changes.overlays ?? []) {
      if (text === undefined) this.#overlays.delete(path);
      else this.#overlays.set(path, text);
      changed.add(path);
    }
    const known = new Set(this.#workspace.files);
    const isNew = (path: string): boolean => sourceFileName.test(path) && !known.has(path);
    const isStructure = (path: string): boolean => structuralFile.test(path);
    const added = [...created, ...changed].filter(
      (path) =>
        isNew(path) && !this.#isOwnFile(path) && this.#isInRoots(path) && (this.#workspace.accepts?.(path) ?? true),
    );
    const gone = [...deleted].filter((path) => known.has(path) || this.#isOwnFile(path));
    for (const path of [...changed, ...created, ...deleted]) this.#stale.add(path);

    const isOutside = (path: string): boolean => !this.#isOwnFile(path) && this.#isInPrograms(path);
    if (created.size + deleted.size > 0 || [...changed].some(isOutside)) this.#changeEnvironment();

    let replaced: string[] = [];
    if (added.length > 0 || gone.length > 0 || [...changed, ...created, ...deleted].some(isStructure)) {
      this.#changeEnvironment();
      replaced = this.#restructure(
        added,
        deleted,
        [...created].filter((path) => configName.test(path)),
      );
    }
    this.#openProjects.clear();
    this.#session.filesChanged({ changed: [...changed, ...replaced], created: [...created], deleted: [...deleted] });
    return this.#snapshot();
  }

  release(project: Project): void {
    const planned = this.#planned.get(project.id);
    if (!planned) return;
    this.#openProjects.delete(project.id);
    this.#session.release(planned.configPath);
  }

  close(): void {
    this.#session.close();
    this.#openProjects.clear();
    this.#current = undefined;
  }

  // ---------------------------------------------------------------- plan

  /** Returns paths of the effective configs that are no longer what they were. */
  #restructure(added: readonly string[], deleted: ReadonlySet<string>, configs: readonly string[]): string[] {
    const { roots, files, accepts } = this.#workspace;
    this.#workspace = {
      roots,
      ...(accepts === undefined ? {} : { accepts }),
      // An empty list means all files of the projects; it must not become a list of the new one.
      files: files.length === 0 ? [] : [...files, ...added].filter((path) => !deleted.has(path)).sort(),
      configs: [...new Set([...this.#workspace.configs, ...configs])].filter((path) => !deleted.has(path)).sort(),
    };
    const before = this.#configs;
    this.#replan();
    return [...new Set([...before.keys(), ...this.#configs.keys()])].filter(
      (path) => before.get(path) !== this.#configs.get(path),
    );
  }

  #replan(): void {
    const { roots, files, configs } = this.#workspace;
    this.#configs = new Map();
    this.#plan = planProjects({
      roots,
      files,
      configs,
      read: (path) => this.#overlays.get(path) ?? readText(path),
      expand: (path, text) => this.#expand(path, text),
      unreadable: (path) => this.#suitability.reason(path),
    });
    this.#configs = new Map(this.#plan.projects.map((project) => [project.configPath, project.config]));
    this.#planned = new Map(this.#plan.projects.map((project) => [project.id, project]));
  }

  #expand(path: string, text: string): readonly string[] {
    this.#configs.set(path, text);
    try {
      return this.#session.rootFiles(path);
    } finally {
      this.#configs.delete(path);
    }
  }

  #isOwnFile(path: string): boolean {
    return this.#plan.projects.some((project) => project.files.includes(path));
  }

  #changeEnvironment(): void {
    this.#environment = {};
    this.#imports.clear();
  }

  /** Whether a project may have read the file: a test, for one, that nothing imports was not. */
  #isInPrograms(path: string): boolean {
    return this.#plan.projects.some(
      ({ id, configPath }) =>
        !this.#session.isOpen(configPath) ||
        this.#session.request(() => this.#project(id)?.native.program.getSourceFileNames().includes(path) ?? true),
    );
  }

  #isInRoots(path: string): boolean {
    return (
      !path.includes('/node_modules/') && this.#workspace.roots.some((root) => path.startsWith(posix.join(root, '/')))
    );
  }

  // ---------------------------------------------------------------- snapshot

  #snapshot(): Snapshot {
    const token = {};
    this.#current = token;
    const alive = <Args extends unknown[], Result>(answer: (...args: Args) => Result) => {
      return (...args: Args): Result => {
        if (this.#current !== token) throw new Error('this snapshot is dead: the compiler was updated or closed');
        return answer(...args);
      };
    };
    const problems: { path: string; reason: string }[] = [...this.#plan.problems];
    const reported = new Set<string>();
    const skip = (path: string, reason: string): undefined => {
      if (!reported.has(path)) problems.push({ path, reason });
      reported.add(path);
    };
    return {
      environment: this.#environment,
      projects: this.#plan.projects.map((planned) => this.#projectView(planned, alive)),
      problems,
      syntax: alive((project: Project, path: string) => this.#syntaxOf(project.id, path, skip)),
      read: alive(
        (project: Project, paths: readonly string[], ask: (file: SourceFile) => readonly number[] | undefined) =>
          this.#read(project.id, paths, ask, skip),
      ),
      symbols: alive((project: Project, path: string, positions: readonly number[]) =>
        this.#symbolsOf(project.id, path, positions),
      ),
      types: alive((project: Project, path: string, spans: readonly Span[]) => this.#typesOf(project.id, path, spans)),
      expectTypes: alive((project: Project, path: string, spans: readonly Span[]) =>
        this.#expectTypes(project.id, path, spans),
      ),
      signatures: alive((project: Project, path: string, spans: readonly Span[]) =>
        this.#signaturesOf(project.id, path, spans),
      ),
      diagnostics: alive((project: Project, path: string) => this.#diagnosticsOf(project.id, path)),
    };
  }

  #projectView(planned: PlannedProject, alive: <R>(answer: () => R) => () => R): Project {
    let counts: ImportCount | undefined;
    const count = alive(() => this.#countImports(planned));
    return {
      id: planned.id,
      files: planned.files,
      get imports() {
        counts ??= count();
        return counts.imports;
      },
      get unresolvedImports() {
        counts ??= count();
        return counts.unresolved;
      },
    };
  }

  #project(id: string): OpenProject | undefined {
    const planned = this.#planned.get(id);
    if (!planned) return undefined;
    const native = this.#session.project(planned.configPath);
    const generation = this.#session.generation;
    const known = this.#openProjects.get(id);
    if (known?.generation === generation) return known;
    if (!native) return undefined;
    const realPath = (path: string): string => this.#realPath(native, path);
    const symbols = new SymbolResolution(native, this.#session.libFolder, realPath);
    const opened: OpenProject = {
      generation,
      native,
      symbols,
      types: new TypeResolution(native, symbols),
      syntaxErrors: undefined,
    };
    this.#openProjects.set(id, opened);
    return opened;
  }

  /** The compiler's handles carry lower-case paths where the file system does not tell cases apart. */
  #realPath(native: NativeProject, path: string): string {
    if (!caseless) return path;
    const known = this.#realPaths.get(path);
    if (known !== undefined) return known;
    for (const name of native.program.getSourceFileNames()) this.#realPaths.set(name.toLowerCase(), name);
    return this.#realPaths.get(path) ?? path;
  }

  // ---------------------------------------------------------------- answers

  #isKept(path: string): boolean {
    return this.#syntax.has(path) && !this.#stale.has(path);
  }

  #syntaxOf(id: string, path: string, skip: (path: string, reason: string) => undefined): SourceFile | undefined {
    const kept = this.#syntax.get(path);
    if (kept && this.#isKept(path)) return kept.file;
    const unsuitable = this.#suitability.reason(path);
    if (unsuitable !== undefined) return skip(path, unsuitable);
    return this.#session.request(() => {
      const opened = this.#project(id);
      const native = opened?.native.program.getSourceFile(path);
      if (!opened || !native) return skip(path, 'not known to the compiler');
      this.#stale.delete(path);
      if (kept && kept.file.text === native.text) return kept.file;
      const reason = unsuitableText(native.text);
      if (reason !== undefined) return skip(path, reason);
      opened.syntaxErrors ??= syntaxErrorsOf(opened.native);
      const syntaxErrors = opened.syntaxErrors.get(path) ?? [];
      // Assigned, not spread: `comments` is a getter and must stay one.
      const file: SourceFile = Object.assign(lower(native, path), { syntaxErrors });
      this.#syntax.set(path, { file });
      return file;
    });
  }

  /** While this thread lowers a file, the compiler encodes the next ones and finds the names of the ones before. */
  #read(
    id: string,
    paths: readonly string[],
    ask: (file: SourceFile) => readonly number[] | undefined,
    skip: (path: string, reason: string) => undefined,
  ): FileReading[] {
    const session = this.#session;
    const opened = session.request(() => this.#project(id));
    if (opened === undefined) return [];
    const { native, symbols } = opened;
    const expect = (question: () => unknown): void => session.expect(question);
    const read: { file: SourceFile; names: (NativeSymbol | undefined)[] }[] = [];
    const receptions: (() => void)[] = [];
    const modules = new ImportedModules();
    const prefetch = (path: string | undefined): void => {
      if (path !== undefined && !this.#isKept(path)) expect(() => native.program.getSourceFile(path));
    };
    try {
      paths.slice(0, FILES_AHEAD).forEach(prefetch);
      paths.forEach((path, at) => {
        prefetch(paths[at + FILES_AHEAD]);
        const file = this.#syntaxOf(id, path, skip);
        const positions = file && ask(file);
        if (file === undefined || positions === undefined) return;
        const imports = session.request(() => countedImports(native.program.getSourceFile(path)));
        const unasked = imports.filter((node) => !modules.isAsked(path, node));
        const nodes = session.request(() => [...this.#nodesAt(native, path, positions), ...unasked]);
        symbols.expectNative(nodes, expect);
        if (receptions.length >= FILES_AHEAD) receptions.shift()?.();
        receptions.push(() => {
          const names = session.request(() => symbols.native(nodes));
          const answers = names.splice(positions.length);
          for (const [index, node] of unasked.entries()) modules.set(path, node, answers[index]);
          const imported = imports.map((node) => [moduleNameOf(node), modules.get(path, node)] as const);
          this.#imports.set(path, countOf(imported.map(([, symbol]) => symbol)));
          symbols.rememberImports(file, new Map(imported));
          read.push({ file, names });
        });
      });
      for (const receive of receptions) receive();
      session.request(() =>
        symbols.prepare(
          read.flatMap(({ names }) => names),
          expect,
        ),
      );
      return read.map(({ file, names }) => ({
        file,
        symbols: session.request(() => names.map((name) => name && symbols.describe(name))),
      }));
    } finally {
      session.abandonExpected();
    }
  }

  #nodesAt(project: NativeProject, path: string, positions: readonly number[]): (Node | undefined)[] {
    const file = positions.length === 0 ? undefined : project.program.getSourceFile(path);
    if (!file) return [];
    const index = this.#indexOf(file);
    return positions.map((position) => index.startingAt(position));
  }

  #symbolsOf(id: string, path: string, positions: readonly number[]): (ResolvedSymbol | undefined)[] {
    return this.#answer(
      id,
      path,
      positions,
      (index, position) => index.startingAt(position),
      (opened, nodes) => opened.symbols.resolve(nodes),
    );
  }

  #typesOf(id: string, path: string, spans: readonly Span[]): (ResolvedType | undefined)[] {
    return this.#answer(
      id,
      path,
      spans,
      (index, span) => index.covering(span),
      (opened, nodes) => opened.types.resolve(nodes),
    );
  }

  #expectTypes(id: string, path: string, spans: readonly Span[]): void {
    this.#answer(
      id,
      path,
      spans,
      (index, span) => index.covering(span),
      (opened, nodes) => {
        opened.types.expect(nodes, (question) => this.#session.expect(question));
        return [];
      },
    );
  }

  #signaturesOf(id: string, path: string, spans: readonly Span[]): string[] {
    const signatures = this.#answer(
      id,
      path,
      spans,
      (index, span) => index.covering(span),
      (opened, nodes) => opened.types.print(nodes, (question) => this.#session.expect(question)),
    );
    return signatures.map((signature) => signature ?? '');
  }

  #answer<Place, Answer>(
    id: string,
    path: string,
    places: readonly Place[],
    find: (index: NodeIndex, place: Place) => Node | undefined,
    ask: (opened: OpenProject, nodes: (Node | undefined)[]) => (Answer | undefined)[],
  ): (Answer | undefined)[] {
    if (places.length === 0) return [];
    return this.#session.request(() => {
      const opened = this.#project(id);
      const file = opened?.native.program.getSourceFile(path);
      if (!opened || !file) return places.map(() => undefined);
      const index = this.#indexOf(file);
      return ask(
        opened,
        places.map((place) => find(index, place)),
      );
    });
  }

  #indexOf(file: NativeFile): NodeIndex {
    let index = this.#indexes.get(file);
    if (!index) {
      index = new NodeIndex(file);
      this.#indexes.set(file, index);
    }
    return index;
  }

  #diagnosticsOf(id: string, path: string): readonly TypeScriptDiagnostic[] {
    return this.#session.request(() => {
      const program = this.#project(id)?.native.program;
      if (!program) return [];
      return [...program.getSyntacticDiagnostics(path), ...program.getSemanticDiagnostics(path)].map((item) => ({
        path,
        start: item.pos,
        end: item.end,
        message: messageOf(item),
        code: item.code,
      }));
    });
  }

  /** `import './x'` binds no name and `import './x.css'` no code, so neither counts. */
  #countImportsOf(id: string, path: string): ImportCount {
    return this.#session.request(() => {
      const opened = this.#project(id);
      const names = countedImports(opened?.native.program.getSourceFile(path));
      return countOf(opened?.symbols.native(names) ?? []);
    });
  }

  #countImports(planned: PlannedProject): ImportCount {
    const counts = planned.files.map((path) => this.#imports.get(path) ?? this.#countImportsOf(planned.id, path));
    return {
      imports: counts.reduce((sum, { imports }) => sum + imports, 0),
      unresolved: counts.reduce((sum, { unresolved }) => sum + unresolved, 0),
    };
  }
}

/** What stands after `from` means the same in all files of a folder that are modules of the same kind. */
class ImportedModules {
  readonly #asked = new Set<string>();
  readonly #symbols = new Map<string, NativeSymbol | undefined>();

  /** False once: whoever hears it asks. */
  isAsked(path: string, node: Node): boolean {
    const key = keyOf(path, node);
    if (this.#asked.has(key)) return true;
    this.#asked.add(key);
    return false;
  }

  get(path: string, node: Node): NativeSymbol | undefined {
    return this.#symbols.get(keyOf(path, node));
  }

  set(path: string, node: Node, symbol: NativeSymbol | undefined): void {
    this.#symbols.set(keyOf(path, node), symbol);
  }
}

function keyOf(path: string, node: Node): string {
  return `${dirname(path)} ${posix.extname(path)} ${moduleNameOf(node)}`;
}

const caseless = process.platform === 'win32' || process.platform === 'darwin';
const configName = /(?:^|\/)[tj]sconfig\.json$/;
/** A change of one of these can change which files and packages there are. */
const structuralFile = /(?:^|\/)(?:[tj]sconfig[^/]*\.json|package\.json|pnpm-workspace\.yaml|lerna\.json)$/;

interface ImportCount {
  readonly imports: number;
  readonly unresolved: number;
}

function countOf(symbols: readonly (NativeSymbol | undefined)[]): ImportCount {
  return { imports: symbols.length, unresolved: symbols.filter((symbol) => symbol === undefined).length };
}

function countedImports(file: NativeFile | undefined): Node[] {
  return file === undefined ? [] : file.imports.filter((node) => !isUncounted(node));
}

function isUncounted(node: Node): boolean {
  const bindsNothing =
    node.parent.kind === SyntaxKind.ImportDeclaration && !(node.parent as ImportDeclaration).importClause;
  return (
    bindsNothing ||
    /\.(?:css|scss|sass|less|svg|png|jpe?g|gif|webp|woff2?|graphql|gql|html|txt|md|json)(?:\?.*)?$/.test(
      moduleNameOf(node),
    )
  );
}

/** What stands after `from`. */
function moduleNameOf(node: Node): string {
  return (node as Node & { text?: string }).text ?? '';
}

function syntaxErrorsOf(native: NativeProject): Map<string, { span: Span; message: string }[]> {
  const byPath = new Map<string, { span: Span; message: string }[]>();
  for (const error of native.program.getSyntacticDiagnostics()) {
    const path = error.fileName ?? '';
    const errors = byPath.get(path) ?? [];
    errors.push({ span: { start: error.pos, end: error.end }, message: messageOf(error) });
    byPath.set(path, errors);
  }
  return byPath;
}

function messageOf(diagnostic: Diagnostic): string {
  const chain = (item: Diagnostic, depth: number): string[] => [
    '  '.repeat(depth) + item.text,
    ...(item.messageChain ?? []).flatMap((next) => chain(next, depth + 1)),
  ];
  return chain(diagnostic, 0).join('\n');
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
