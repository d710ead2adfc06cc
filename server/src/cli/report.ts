/** What a run found, as every format prints it. */
import type { CheckResult, VerifiedFix } from '../driver/service.ts';
import type { Finding } from '../rule.ts';

export interface Report {
  readonly result: CheckResult;
  /** In the order they are printed; `fixes` filled when they were asked for. */
  readonly findings: readonly Finding[];
  /** What fixing changed, or would change; undefined when nobody asked. */
  readonly changes: readonly FileChange[] | undefined;
  /** Whether the changes are on disk. */
  readonly written: boolean;
}

export interface FileChange {
  /** Relative like the paths of findings. */
  readonly path: string;
  /** Titles of the fixes made, in their order. */
  readonly fixes: readonly string[];
  readonly before: string;
  readonly after: string;
}

export function toListedFix({ id, title, applicability }: VerifiedFix): Finding['fixes'][number] {
  return { id, title, applicability };
}
