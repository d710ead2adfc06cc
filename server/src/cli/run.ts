/**
 * One run of the command line, from arguments to exit code. The only `try` of this front is here: whatever goes wrong
 * is said on standard error and is exit code 2, never 0.
 */

import { createScope } from '../driver/judge.ts';
import type { AnalysisService, CheckResult, ServiceOptions } from '../driver/service.ts';
import { startService } from '../driver/start-service.ts';
import { type AnyRule, type Finding, SEVERITIES, SUPPRESSION_RULES } from '../rule.ts';
import { applyFixes } from './apply-fixes.ts';
import { type CheckedPaths, checkedPaths } from './checked-paths.ts';
import { explain } from './explain.ts';
import { formatJson } from './format-json.ts';
import { formatStylish } from './format-stylish.ts';
import { initialise } from './init.ts';
import { HELP, type Options, parseOptions, UsageError } from './options.ts';
import { createProgressBar } from './progress-bar.ts';
import { type Report, toListedFix } from './report.ts';

export interface Surroundings {
  readonly rules: readonly AnyRule[];
  readonly version: string;
  readonly currentDirectory: string;
  /** Where the bundle and what was copied beside it lie. */
  readonly bundleDirectory: string;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export type ExitCode = 0 | 1 | 2;

export async function run(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const { stderr } = surroundings;
  try {
    const ruleIds = [...surroundings.rules.map((rule) => rule.id), ...SUPPRESSION_RULES];
    const options = parseOptions(args, ruleIds);
    return answerAtOnce(options, surroundings) ?? (await check(options, surroundings));
  } catch (error) {
    stderr.write(`concurrency-checklist: ${messageOf(error)}\n`);
    if (error instanceof UsageError) stderr.write("Run 'concurrency-checklist --help' for the options.\n");
    return 2;
  }
}

/** What needs no analysis. */
function answerAtOnce(
  options: Options,
  { rules, version, currentDirectory, bundleDirectory, stdout, stderr }: Surroundings,
): ExitCode | undefined {
  if (options.help) {
    stdout.write(HELP);
    return 0;
  }
  if (options.version) {
    stdout.write(`${version}\n`);
    return 0;
  }
  if (options.explain !== undefined) {
    const rule = rules.find(({ id }) => id === options.explain);
    if (rule === undefined) throw new UsageError(`There is no page for '${options.explain}'.`);
    stdout.write(explain(rule, bundleDirectory));
    return 0;
  }
  if (options.init) {
    if (options.paths.length > 1) throw new UsageError('--init takes at most one folder.');
    const path = initialise(checkedPaths(options.paths, currentDirectory).base);
    stderr.write(`Wrote ${path}\n`);
    return 0;
  }
  return undefined;
}

async function check(options: Options, { currentDirectory, stdout, stderr }: Surroundings): Promise<ExitCode> {
  const places = checkedPaths(options.paths, currentDirectory);
  const bar = createProgressBar(stderr);
  // Never disposed of: the process ends with the run, and taking down the worker first takes a tenth of a second.
  const service = startService(serviceOptions(options, places, currentDirectory));
  try {
    const { report, refused } = await createReport(service, options, places, bar.show);
    bar.clear();
    const colour = stdout.isTTY && process.env['NO_COLOR'] === undefined;
    stdout.write(options.format === 'json' ? formatJson(report) : formatStylish(report, colour));
    const problems = [...problemsOf(report.result), ...refused];
    for (const problem of problems) stderr.write(`concurrency-checklist: ${problem}\n`);
    if (options.stats) stderr.write(statsText(report.result));
    if (problems.length > 0) return 2;
    return report.findings.some((finding) => counts(finding, options.failOn)) ? 1 : 0;
  } finally {
    bar.clear();
  }
}

function serviceOptions(options: Options, places: CheckedPaths, currentDirectory: string): ServiceOptions {
  const { config, items, rules, minConfidence } = options;
  return {
    ...places,
    brief: true,
    ...(config === undefined ? {} : { configFile: checkedPaths([config], currentDirectory).paths[0] ?? config }),
    ...(items === undefined ? {} : { items }),
    ...(rules === undefined ? {} : { rules }),
    ...(minConfidence === undefined ? {} : { minConfidence }),
  };
}

async function createReport(
  service: AnalysisService,
  options: Options,
  places: CheckedPaths,
  progress: ReturnType<typeof createProgressBar>['show'],
): Promise<{ report: Report; refused: readonly string[] }> {
  if (options.fix === 'no') {
    const result = await service.check({ progress });
    const findings = await listFindings(service, result, options.withFixes, progress);
    return { report: { result, findings, changes: undefined, written: false }, refused: [] };
  }
  const { result, changes, refused } = await applyFixes(service, {
    dryRun: options.fix === 'dry-run',
    display: createScope(places).display,
    progress,
  });
  const findings = await listFindings(service, result, options.withFixes, progress);
  return { report: { result, findings, changes, written: options.fix === 'write' }, refused };
}

async function listFindings(
  service: AnalysisService,
  result: CheckResult,
  withFixes: boolean,
  progress: ReturnType<typeof createProgressBar>['show'],
): Promise<Finding[]> {
  const located = result.files.flatMap((file) => file.findings);
  if (!withFixes) return located.map(({ finding }) => finding);
  const findings: Finding[] = [];
  for (const { at, finding } of located) {
    progress({ phase: 'Verifying fixes', done: findings.length, total: located.length });
    const fixes = await service.fixes(at.path, finding.fingerprint);
    findings.push({ ...finding, fixes: fixes.map(toListedFix) });
  }
  return findings;
}

/** What makes a result incomplete in a way that the user did not choose and that no source text explains. */
function problemsOf({ files, skipped, failures }: CheckResult): string[] {
  const problems = failures.map(
    (failure) => `${failure.rule} failed on '${failure.function}' in ${failure.path}: ${failure.message}`,
  );
  for (const { path, reason } of skipped) {
    if (reason.startsWith('cannot be read')) problems.push(`${path}: ${reason}`);
  }
  if (files.length === 0) problems.push('there is no TypeScript or JavaScript file to check.');
  return problems;
}

function counts({ severity }: Finding, failOn: Options['failOn']): boolean {
  return failOn !== 'never' && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(failOn);
}

function statsText({ stats }: CheckResult): string {
  const { files, lines, projects, calls, callsResolved, imports, unresolvedImports, milliseconds, peakMemoryMB } =
    stats;
  const share = calls === 0 ? '' : ` (${((100 * callsResolved) / calls).toFixed(1)} %)`;
  return [
    `files ${files}, lines ${lines}, projects ${projects}`,
    `calls ${calls}, resolved ${callsResolved}${share}`,
    `imports ${imports}, unresolved ${unresolvedImports}`,
    `${(milliseconds / 1000).toFixed(2)} s, ${peakMemoryMB} MB at most`,
    '',
  ].join('\n');
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const expected = error.name === 'UsageError' || error.name === 'ConfigurationError';
  return expected ? error.message : `internal error: ${error.stack ?? error.message}`;
}
