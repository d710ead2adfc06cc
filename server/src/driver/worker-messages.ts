/** What the asking thread and the analysis worker say to each other. Everything is plain data. */
import type { WorkspaceFiles } from '../typescript/workspace-files.ts';
import type { Changes, CheckResult, Progress, ServiceOptions, VerifiedFix } from './service.ts';

export interface WorkerStart {
  readonly options: ServiceOptions;
  /** Where the worker notes which compiler it waits for, and since when. */
  readonly watch: SharedArrayBuffer;
  /** For the build: write what V8 compiled beside the engine when the worker ends. */
  readonly keepsBytecode?: boolean;
}

/** `cancel[0]` becomes 1 when the asker has lost interest. */
export type WorkerRequest = { readonly id: number; readonly cancel: Int32Array } & (
  | { readonly kind: 'begin'; readonly workspace: WorkspaceFiles }
  | { readonly kind: 'update'; readonly changes: Changes }
  | { readonly kind: 'check' }
  | { readonly kind: 'fixes'; readonly path: string; readonly fingerprint: string }
  | { readonly kind: 'close' }
);

export type WorkerAnswer = CheckResult | readonly VerifiedFix[] | undefined;

/** Errors cross as name and message: classes do not survive the way. */
export type WorkerMessage =
  | { readonly kind: 'answer'; readonly id: number; readonly value: WorkerAnswer }
  | {
      readonly kind: 'failure';
      readonly id: number;
      readonly name: string;
      readonly message: string;
      readonly stack?: string;
    }
  | { readonly kind: 'progress'; readonly id: number; readonly progress: Progress };
