/** `--format json`: one object for programs; the contract is in docs and its version is the first key. */
import type { Report } from './report.ts';
import { unifiedDiff } from './unified-diff.ts';

export function formatJson({ result, findings, changes }: Report): string {
  const { files, lines, projects, callsResolved, calls, milliseconds, peakMemoryMB, imports, unresolvedImports } =
    result.stats;
  const output = {
    version: 1,
    checklist: result.checklist.map(({ item, question, verdict, count, reasons }) => ({
      item,
      question,
      verdict,
      count,
      reasons,
    })),
    findings,
    skipped: result.skipped,
    stats: {
      files,
      lines,
      projects,
      callsResolved,
      calls,
      imports,
      unresolvedImports,
      milliseconds,
      peakMemoryMB,
    },
    ...(changes === undefined
      ? {}
      : {
          changes: changes.map(({ path, fixes, before, after }) => ({
            path,
            fixes,
            diff: unifiedDiff(path, before, after),
          })),
        }),
  };
  return `${JSON.stringify(output, undefined, 2)}\n`;
}
