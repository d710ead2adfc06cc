/**
 * The small interface the rest of the engine has over the compiler. Nothing else in the project imports `typescript/*`.
 *
 * All paths are absolute with `/`. Answers are plain data: they stay valid after the snapshot that gave them is gone.
 */
import type { SourceFile, Span } from './syntax.ts';
import type { RequestClock } from './watchdog.ts';

/** Where a symbol is declared, in our own terms. */
export interface Declaration {
  readonly path: string;
  /** The compiler's index of the declaring node: matches `FunctionNode.nodeIndexes`, `ClassNode.nodeIndex`, `PropertyNode.nodeIndex`. */
  readonly nodeIndex: number;
  /** npm package that declares it (`typeorm`, `@types/…` folded onto what they describe), `node:fs` for Node's own modules, `lib` for the language's and the DOM's declarations; undefined for the project's own files. */
  readonly package?: string;
}

/** What a name at a call or member access stands for. */
export interface ResolvedSymbol {
  readonly name: string;
  /** Class, interface, namespace or module variable that has it as a member: `Repository` for `repository.save`. */
  readonly container?: string;
  /** Whether it is an instance member (as opposed to static, or an export of a module). */
  readonly member: boolean;
  readonly declarations: readonly Declaration[];
}

/** What is known of the type of an expression. */
export interface ResolvedType {
  /** As the compiler prints it, cut at 200 characters. */
  readonly text: string;
  /** Name of the class, interface or alias, `Repository`; of `Promise<T>` and arrays it is `Promise`, `Array`. */
  readonly name?: string;
  readonly declaration?: Declaration;
  readonly typeArguments: readonly ResolvedType[];
  readonly isAny: boolean;
}

export interface Project {
  /** The tsconfig's path, or `inferred` for files that no tsconfig contains. */
  readonly id: string;
  /** The project's own source files (no declarations, nothing of node_modules), sorted. */
  readonly files: readonly string[];
  /** Own imports that did not resolve, and all own imports, for `stats`. */
  readonly unresolvedImports: number;
  readonly imports: number;
}

export interface TypeScriptDiagnostic {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly message: string;
  readonly code: number;
}

/** One file, and what the names that were asked about stand for. */
export interface FileReading {
  readonly file: SourceFile;
  /** In the order of the positions; a name that stands for nothing known is undefined. */
  readonly symbols: readonly (ResolvedSymbol | undefined)[];
}

/** One consistent view of all projects; dead after the next `update`. */
export interface Snapshot {
  /** Another object after any change but to the text of source files of the projects. */
  readonly environment: object;
  /** Sorted by folder. Each is opened when first asked about; go through them one after another. */
  readonly projects: readonly Project[];
  /** Grows while files are asked for. Why something could not be read as asked: broken tsconfig, unreadable file. */
  readonly problems: readonly { path: string; reason: string }[];
  /** Undefined when the file is gone, binary or over the size limit; the reason is then in `problems`. */
  readonly syntax: (project: Project, path: string) => SourceFile | undefined;
  /**
   * `syntax` and `symbols` of many files, much faster than one after the other. `ask` says which positions of a file it
   * wants to know, or nothing to leave the file out; what it throws ends the reading.
   */
  readonly read: (
    project: Project,
    paths: readonly string[],
    ask: (file: SourceFile) => readonly number[] | undefined,
  ) => readonly FileReading[];
  /** Aliases are followed to the declaration they stand for. */
  readonly symbols: (project: Project, path: string, positions: readonly number[]) => (ResolvedSymbol | undefined)[];
  /** Types of whole expressions, given by their ranges (as in `SourceFile`): also calls and parenthesised ones. */
  readonly types: (project: Project, path: string, spans: readonly Span[]) => (ResolvedType | undefined)[];
  /** Asks for `types` without waiting; they are to be asked for once more, for the answer. */
  readonly expectTypes: (project: Project, path: string, spans: readonly Span[]) => void;
  /** Whole types of functions, given by their ranges, as the compiler prints them; '' where it cannot. */
  readonly signatures: (project: Project, path: string, spans: readonly Span[]) => readonly string[];
  /** Type and syntax errors of one file. */
  readonly diagnostics: (project: Project, path: string) => readonly TypeScriptDiagnostic[];
}

export interface CompilerOptions {
  /** Absolute path of the native compiler; found beside the bundle or in node_modules when absent. */
  readonly executable?: string;
  /** Tells a `Watchdog` in the main thread which process this thread waits for, so that it can kill one that hangs. */
  readonly clock?: RequestClock;
  /** Whether it answers few questions: it then takes memory up to a soft limit rather than time to collect garbage. */
  readonly brief?: boolean;
  /** Projects kept open at once, default 6; the least recently used one is closed for the next. */
  readonly maxOpenProjects?: number;
  /** Resident size of the native process above which an update restarts it if it has grown that much; default 1350 plus what a large workspace needs. */
  readonly maxMemoryMB?: number;
}

export interface Workspace {
  /** Absolute directories whose projects are opened. */
  readonly roots: readonly string[];
  /** Files to look at besides those of the projects found (already filtered for ignore files). */
  readonly files: readonly string[];
  readonly configs: readonly string[];
  /** Whether a file that appears later is one of `files`; all are when absent. */
  readonly accepts?: (path: string) => boolean;
}

/** Runs one native compiler. Blocking; lives in the analysis worker. */
export interface Compiler {
  readonly open: (workspace: Workspace) => Snapshot;
  /** Sets unsaved texts (undefined removes one) and tells of changes on disk; returns the new view. */
  readonly update: (changes: {
    readonly overlays?: ReadonlyMap<string, string | undefined>;
    readonly changed?: readonly string[];
    readonly created?: readonly string[];
    readonly deleted?: readonly string[];
  }) => Snapshot;
  /** Frees what the native compiler holds for a project; asking about it again opens it again. */
  readonly release: (project: Project) => void;
  /** Process id of the native compiler, so that another thread can kill it. */
  readonly processId: number | undefined;
  readonly close: () => void;
}

/** The native compiler died; a new `Compiler` works. */
export class CompilerDied extends Error {
  override readonly name = 'CompilerDied';
}
