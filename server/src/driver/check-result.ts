/** What a check answers: findings by file, the checklist, what was skipped, and how much was looked at. */
import { readFileSync } from 'node:fs';
import type { ProgramFacts } from '../analysis/program.ts';
import type { AnyRule } from '../rule.ts';
import type { Snapshot } from '../typescript/compiler.ts';
import { hashText } from './apply-edits.ts';
import { answer } from './checklist.ts';
import type { Configuration } from './configuration.ts';
import { type Candidate, isChecked, type Scope } from './judge.ts';
import { linesOf } from './line-index.ts';
import type { RuleFailure } from './run-rules.ts';
import type { CheckResult, FileFindings } from './service.ts';

/** The state of the program that the last analysis saw. */
export interface Analysed {
  readonly snapshot: Snapshot;
  readonly program: ProgramFacts;
  readonly candidates: readonly Candidate[];
  readonly failures: readonly RuleFailure[];
  readonly configuration: Configuration;
}

export interface CheckInput {
  readonly scope: Scope;
  readonly rules: readonly AnyRule[];
  readonly selected: (rule: string) => boolean;
  readonly workspaceProblems: Snapshot['problems'];
  readonly milliseconds: number;
  /** Process id of the native compiler. */
  readonly compiler: number | undefined;
}

export function createCheckResult(analysed: Analysed, check: CheckInput): CheckResult {
  const { snapshot, program, candidates, failures, configuration } = analysed;
  const { scope, rules, selected } = check;
  const paths = [...new Set(snapshot.projects.flatMap((project) => project.files))].filter(scope.contains).sort();
  const inScope = paths.map((path) => ({ path, file: program.file(path), settings: configuration.of(path) }));
  const checked = inScope.filter(({ path, settings }) => isChecked(path, settings, { program, scope }));
  const unparsed = checked.flatMap(({ path, file }) => {
    const [first] = file?.syntaxErrors ?? [];
    if (file === undefined || first === undefined) return [];
    const { line, column } = linesOf(file).position(first.span.start);
    return [
      {
        path: scope.display(path),
        reason: `Checked only in part: ${first.message} (line ${line}, column ${column})`,
      },
    ];
  });
  const problems = [...check.workspaceProblems, ...snapshot.problems].map(({ path, reason }) => ({
    path: scope.display(path) || '.',
    reason,
  }));
  const { calls, callsResolved } = countCalls(
    program,
    checked.map(({ path }) => path),
  );
  const off = new Set(
    rules.map(({ id }) => id).filter((id) => checked.some(({ settings }) => settings.rule(id) === 'off')),
  );
  return {
    files: byFile(paths, candidates),
    checklist: answer({
      rules,
      candidates,
      failures,
      selected,
      off,
      checkedFiles: checked.length,
      skippedFiles: problems.length,
      unparsedFiles: unparsed.length,
      excludedFiles: inScope.filter(({ file, settings }) => file !== undefined && !settings.included).length,
      calls,
      callsResolved,
    }),
    skipped: unique([...problems, ...unparsed]),
    failures: failures.map((failure) => ({ ...failure, path: scope.display(failure.path) })),
    stats: {
      files: inScope.filter(({ file }) => file !== undefined).length,
      lines: inScope.reduce((sum, { file }) => sum + (file === undefined ? 0 : linesOf(file).count), 0),
      projects: snapshot.projects.length,
      calls,
      callsResolved,
      imports: sum(snapshot.projects, (project) => project.imports),
      unresolvedImports: sum(snapshot.projects, (project) => project.unresolvedImports),
      milliseconds: Math.round(check.milliseconds),
      peakMemoryMB: peakMemory(check.compiler),
    },
  };
}

function byFile(paths: readonly string[], candidates: readonly Candidate[]): FileFindings[] {
  const findings = new Map(paths.map((path) => [path, [] as Candidate['located'][]]));
  for (const { standing, located } of candidates)
    if (standing === 'shown') findings.get(located.at.path)?.push(located);
  return [...findings].map(([path, list]) => ({
    path,
    resultId: list.length === 0 ? 'none' : hashText(JSON.stringify(list)),
    findings: list,
  }));
}

function countCalls(program: ProgramFacts, paths: readonly string[]): { calls: number; callsResolved: number } {
  const functions = paths.flatMap((path) => program.functionsOfFile(path));
  return { calls: sum(functions, (fn) => fn.calls), callsResolved: sum(functions, (fn) => fn.callsResolved) };
}

function sum<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((total, one) => total + of(one), 0);
}

function unique(skipped: CheckResult['skipped']): CheckResult['skipped'] {
  const byText = new Map(skipped.map((one) => [`${one.path}\0${one.reason}`, one]));
  return [...byText.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** Of this process and the compiler's, in MB; the compiler's only where the system says (Linux). */
function peakMemory(compiler: number | undefined): number {
  const own = process.resourceUsage().maxRSS / 1024;
  let native = 0;
  try {
    const status = compiler === undefined ? '' : readFileSync(`/proc/${compiler}/status`, 'utf8');
    native = Number(/^VmHWM:\s*(\d+) kB/mu.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    // No such file on this system, or the process has just ended.
  }
  return Math.round(own + native);
}
