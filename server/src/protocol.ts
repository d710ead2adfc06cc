/**
 * What the extension and the language server say to each other beyond the standard protocol: the checklist request,
 * the status notification, and the shapes they carry. The client imports this file and nothing else of the server,
 * so it must stay free of imports.
 */

/** Request, client to server: `ChecklistParams` → `ChecklistResult`. Checks every file of the workspace. */
export const RUN_CHECKLIST = 'concurrencyChecklist/run';

/** Notification, server to client: `ServerStatus`. */
export const SERVER_STATUS = 'concurrencyChecklist/status';

export interface ChecklistParams {
  /** Where the server reports standard work-done progress (`begin`, `report`, `end`) while it checks. */
  workDoneToken?: string | number;
}

export interface ChecklistItemResult {
  item: string;
  /** The question of the checklist, word for word. */
  question: string;
  verdict: 'clear' | 'findings' | 'not-checked';
  count: number;
  /** Why the item is not (fully) checked; may be present beside findings. */
  reasons: string[];
}

export interface ChecklistFinding {
  item: string;
  rule: string;
  severity: string;
  confidence: string;
  /** `file:` URI of the file. */
  uri: string;
  /** Path relative to the workspace folder, with `/`. */
  path: string;
  /** From 1. */
  line: number;
  /** From 1. */
  column: number;
  message: string;
}

export interface ChecklistResult {
  checklist: ChecklistItemResult[];
  findings: ChecklistFinding[];
  skipped: { path: string; reason: string }[];
  stats: { files: number; lines: number; milliseconds: number };
}

export interface ServerStatus {
  state: 'starting' | 'ready' | 'analysing' | 'failed';
  /** One short sentence: what is going on, or why it failed. */
  message?: string;
}
