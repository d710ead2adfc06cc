/**
 * Turns what rules said into findings: severity, configuration, file roles, suppression, fingerprints, order. Every
 * candidate keeps its standing, so that the checklist can tell "found nothing" from "shows nothing".
 */
import { createHash } from 'node:crypto';
import { relative } from 'node:path';
import type { ProgramFacts } from '../analysis/program.ts';
import {
  CONFIDENCES,
  type Confidence,
  type Finding,
  type Fix,
  itemOf,
  type Report,
  type RuleId,
  type Severity,
  SUPPRESSION_RULES,
  type SuppressionRuleId,
} from '../rule.ts';
import type { Configuration, FileSettings } from './configuration.ts';
import { linesOf } from './line-index.ts';
import { compareText, type RawFinding, type RuleRun } from './run-rules.ts';
import type { LocatedFinding, ServiceOptions } from './service.ts';
import { readSuppressions, type SuppressionProblem, type Suppressions } from './suppression.ts';

/**
 * `shown`: part of the result. `unsure`: below the confidence asked for. `preview`: its rule is not on by default.
 * `silent`: suppressed, switched off, or in a file that is not checked.
 */
export type Standing = 'shown' | 'unsure' | 'preview' | 'silent';

export interface Candidate {
  readonly rule: RuleId | SuppressionRuleId;
  readonly report: Report;
  readonly standing: Standing;
  readonly located: LocatedFinding;
  readonly fixes: () => readonly Fix[];
}

export interface JudgeInput {
  readonly program: ProgramFacts;
  readonly run: RuleRun;
  readonly configuration: Configuration;
  readonly options: ServiceOptions;
  readonly scope: Scope;
  /** Whether a rule was asked to run; of preview rules too. */
  readonly selected: (rule: string) => boolean;
  readonly isRule: (rule: string) => boolean;
}

/** Which files a check is about, and how their paths are shown. */
export interface Scope {
  readonly contains: (path: string) => boolean;
  readonly display: (path: string) => string;
}

const SUPPRESSION_SEVERITY: Readonly<Record<SuppressionRuleId, Severity>> = {
  'suppression/missing-reason': 'warning',
  'suppression/unknown-rule': 'warning',
  'suppression/unused': 'information',
};

export function createScope({ roots, paths, base }: ServiceOptions): Scope {
  const byLength = [...roots].sort((a, b) => b.length - a.length);
  const displayed = new Map<string, string>();
  return {
    contains: (path) => paths === undefined || paths.some((one) => isInside(path, one)),
    display(path) {
      let shown = displayed.get(path);
      if (shown === undefined) {
        const root = base ?? byLength.find((candidate) => isInside(path, candidate)) ?? byLength[0] ?? '/';
        shown = relative(root, path).replaceAll('\\', '/');
        displayed.set(path, shown);
      }
      return shown;
    },
  };
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** Whether rules speak about the file at all. */
export function isChecked(
  path: string,
  settings: FileSettings,
  { program, scope }: Pick<JudgeInput, 'program' | 'scope'>,
): boolean {
  if (!scope.contains(path) || !settings.included || program.file(path) === undefined) return false;
  return settings.roles.includes(program.roleOf(path));
}

/** In the order findings are printed: by displayed path, position, rule. */
export function judge(input: JudgeInput): Candidate[] {
  const { run, program, configuration } = input;
  const suppressions = new Map<string, Suppressions>();
  const suppressionsOf = (path: string): Suppressions | undefined => {
    const file = program.file(path);
    if (file === undefined) return undefined;
    const known = suppressions.get(path) ?? readSuppressions(file);
    suppressions.set(path, known);
    return known;
  };
  const fingerprint = createFingerprints(input);
  const candidates = run.findings.flatMap((raw) => {
    const suppressed = suppressionsOf(raw.report.at.path)?.covers(raw.rule.id, raw.report.at) === true;
    const candidate = toCandidate(raw, suppressed, fingerprint(raw.rule.id, raw.report), input);
    return candidate === undefined ? [] : [candidate];
  });
  for (const { path } of program.files) {
    const settings = configuration.of(path);
    if (!isChecked(path, settings, input)) continue;
    const ran = (rule: string): boolean => input.selected(rule) && settings.rule(rule) !== 'off';
    for (const problem of suppressionsOf(path)?.problems(input.isRule, ran) ?? []) {
      const candidate = aboutSuppression(problem, settings, fingerprint(problem.rule, problem.report), input);
      if (candidate !== undefined) candidates.push(candidate);
    }
  }
  return candidates.sort(byPlace);
}

function toCandidate(
  raw: RawFinding,
  suppressed: boolean,
  fingerprint: string,
  input: JudgeInput,
): Candidate | undefined {
  const { rule, report } = raw;
  const settings = input.configuration.of(report.at.path);
  const setting = settings.rule(rule.id);
  const checked =
    isChecked(report.at.path, settings, input) && settings.roles.includes(input.program.roleOf(raw.fn.path));
  const asked = setting !== undefined || input.options.rules?.includes(rule.id) === true;
  let standing: Standing = 'shown';
  if (!checked || suppressed || setting === 'off') standing = 'silent';
  else if (rule.status === 'preview' && !asked) standing = 'preview';
  else if (isUnsure(report.confidence, settings, input.options)) standing = 'unsure';
  const severity = setting === undefined || setting === 'off' ? severityOf(raw) : setting;
  const located = locate(rule.id, report, severity, fingerprint, input);
  return located && { rule: rule.id, report, standing, located, fixes: raw.fixes };
}

function aboutSuppression(
  { rule, report, fix }: SuppressionProblem,
  settings: FileSettings,
  fingerprint: string,
  input: JudgeInput,
): Candidate | undefined {
  const setting = settings.rule(rule);
  const standing = setting === 'off' || !input.selected(rule) ? 'silent' : 'shown';
  const severity = setting === undefined || setting === 'off' ? SUPPRESSION_SEVERITY[rule] : setting;
  const located = locate(rule, report, severity, fingerprint, input);
  return located && { rule, report, standing, located, fixes: () => (fix === undefined ? [] : [fix]) };
}

/** The rule's severity is for complete evidence; less sure means less loud. */
function severityOf({ rule, report }: RawFinding): Severity {
  if (report.confidence === 'low') return 'hint';
  return report.confidence === 'medium' ? 'information' : (report.severity ?? rule.severity);
}

function isUnsure(confidence: Confidence, settings: FileSettings, options: ServiceOptions): boolean {
  const least = options.minConfidence ?? settings.minConfidence ?? options.defaultMinConfidence ?? 'medium';
  return CONFIDENCES.indexOf(confidence) > CONFIDENCES.indexOf(least);
}

/** Undefined for a place in no file of the program. */
function locate(
  rule: RuleId | SuppressionRuleId,
  report: Report,
  severity: Severity,
  fingerprint: string,
  { program, scope }: JudgeInput,
): LocatedFinding | undefined {
  const file = program.file(report.at.path);
  if (file === undefined) return undefined;
  const start = linesOf(file).position(report.at.start);
  const end = linesOf(file).position(report.at.end);
  const related = report.related.flatMap((place) => {
    const other = program.file(place.at.path);
    return other === undefined ? [] : [{ ...place, position: linesOf(other).position(place.at.start) }];
  });
  const finding: Finding = {
    rule,
    item: isSuppressionRule(rule) ? 'suppression' : itemOf(rule),
    severity,
    confidence: report.confidence,
    path: scope.display(report.at.path),
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
    message: report.message,
    related: related.map(({ at, message, position }) => ({ path: scope.display(at.path), ...position, message })),
    fixes: [],
    fingerprint,
  };
  return { finding, at: report.at, related: related.map(({ at, message }) => ({ at, message })) };
}

export function isSuppressionRule(rule: string): rule is SuppressionRuleId {
  return SUPPRESSION_RULES.some((id) => id === rule);
}

/** Ordinals count all findings of a kind in their order, shown or not, so that settings do not change fingerprints. */
function createFingerprints({ program, scope }: JudgeInput): (rule: string, report: Report) => string {
  const ordinals = new Map<string, number>();
  return (rule, report) => {
    const name = program.enclosing(report.at)?.qualifiedName ?? '';
    const kind = [rule, scope.display(report.at.path), name, report.resource].join('\0');
    const ordinal = ordinals.get(kind) ?? 0;
    ordinals.set(kind, ordinal + 1);
    return createHash('sha256').update(`${kind}\0${ordinal}`).digest('hex').slice(0, 32);
  };
}

function byPlace(a: Candidate, b: Candidate): number {
  return (
    compareText(a.located.finding.path, b.located.finding.path) ||
    a.report.at.start - b.report.at.start ||
    a.report.at.end - b.report.at.end ||
    compareText(a.rule, b.rule)
  );
}
