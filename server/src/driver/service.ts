/**
 * What the two fronts ask of the engine. The implementation runs in a worker thread, so every answer is a promise and
 * the asking thread never blocks; everything that crosses is plain data.
 */
import type { Edit, Finding, Item, Location } from '../rule.ts';

/** A finding with its absolute place, as an editor needs it; `finding` is what every format prints. */
export interface LocatedFinding {
  readonly finding: Finding;
  readonly at: Location;
  readonly related: readonly { readonly at: Location; readonly message: string }[];
}

export interface VerifiedFix {
  readonly id: string;
  readonly title: string;
  readonly applicability: 'safe' | 'changes-behaviour' | 'sketch';
  readonly difference?: string;
  readonly edits: readonly Edit[];
  /** Hash of each edited file's text when the fix was computed: a fix never touches a file whose text changed since. */
  readonly texts: readonly { readonly path: string; readonly hash: string }[];
}

export interface FileFindings {
  readonly path: string;
  /** Changes only when the findings of the file could have. */
  readonly resultId: string;
  readonly findings: readonly LocatedFinding[];
}

export interface ChecklistEntry {
  readonly item: Item;
  readonly question: string;
  readonly verdict: 'clear' | 'findings' | 'not-checked';
  readonly count: number;
  /** Why the item is not checked, or not wholly; or what was found and is not shown. */
  readonly reasons: readonly string[];
}

export interface CheckStats {
  readonly files: number;
  readonly lines: number;
  readonly projects: number;
  readonly calls: number;
  readonly callsResolved: number;
  readonly imports: number;
  readonly unresolvedImports: number;
  readonly milliseconds: number;
  readonly peakMemoryMB: number;
}

export interface CheckResult {
  readonly files: readonly FileFindings[];
  readonly checklist: readonly ChecklistEntry[];
  /** Relative like the paths of findings. */
  readonly skipped: readonly { readonly path: string; readonly reason: string }[];
  /** Rules that crashed, and on what: their findings there are missing. */
  readonly failures: readonly {
    readonly rule: string;
    readonly path: string;
    readonly function: string;
    readonly message: string;
  }[];
  readonly stats: CheckStats;
}

export interface ServiceOptions {
  /** Absolute directories to look at. */
  readonly roots: readonly string[];
  /** Absolute files or folders findings are limited to; all when absent. */
  readonly paths?: readonly string[];
  /** Absolute directory that the paths of findings are relative to; the root that contains the file when absent. */
  readonly base?: string;
  readonly configFile?: string;
  /** Holds whatever a configuration file says. */
  readonly minConfidence?: 'low' | 'medium' | 'high';
  /** Holds where no configuration file says anything; `medium` when absent. */
  readonly defaultMinConfidence?: 'low' | 'medium' | 'high';
  readonly items?: readonly string[];
  readonly rules?: readonly string[];
  /** Kill the compiler when one request takes longer, milliseconds. */
  readonly requestTimeout?: number;
  /** Asked a few times and then thrown away with its process: time counts and memory does not. */
  readonly brief?: boolean;
  /** Absolute path of the native compiler; found beside the bundle or in node_modules when absent. */
  readonly compiler?: string;
  /** Absolute path of the worker's bundle; `worker.js` beside the running bundle when absent. */
  readonly worker?: string;
}

export interface Changes {
  /** Unsaved texts; null removes one. */
  readonly overlays?: readonly (readonly [path: string, text: string | null])[];
  readonly changed?: readonly string[];
  readonly created?: readonly string[];
  readonly deleted?: readonly string[];
}

export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

export interface AnalysisService {
  readonly update: (changes: Changes) => Promise<void>;
  /** Analyses what changed since and answers for all files. Rejects with `Cancelled` when the signal fires first. */
  readonly check: (options?: { signal?: AbortSignal; progress?: (progress: Progress) => void }) => Promise<CheckResult>;
  /** The verified fixes of one finding, by its file and fingerprint; computed once per finding and text. */
  readonly fixes: (
    path: string,
    fingerprint: string,
    options?: { signal?: AbortSignal },
  ) => Promise<readonly VerifiedFix[]>;
  readonly dispose: () => Promise<void>;
}

export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

/** A `concurrency-checklist.json` that cannot be used; the message has file and position. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}
