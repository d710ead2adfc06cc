/**
 * Runs rules over the facts of a program. Knows nothing of severity, suppression or who asked: what comes out is what
 * the rules said, each place once per rule. The only `try` around a rule is here: a rule that crashes on one function
 * loses its findings there, and the failure is part of the result.
 */
import type { FunctionFacts, FunctionInfo } from '../analysis/fact.ts';
import type { ProgramFacts } from '../analysis/program.ts';
import type { AnyRule, Fix, Report, RuleContext, RuleId } from '../rule.ts';
import { Cancelled } from './service.ts';

/** What one rule said about one place. */
export interface RawFinding {
  readonly rule: AnyRule;
  readonly report: Report;
  readonly fn: FunctionInfo;
  /** Candidates, not verified; empty when computing them failed. */
  readonly fixes: () => readonly Fix[];
}

export interface RuleFailure {
  readonly rule: RuleId;
  readonly path: string;
  /** Qualified name of the function the rule crashed on. */
  readonly function: string;
  readonly message: string;
}

export interface RuleRun {
  /** By path, then position, then rule. */
  readonly findings: readonly RawFinding[];
  readonly failures: RuleFailure[];
}

const CONFIDENCE_ORDER = { high: 0, medium: 1, low: 2 } as const;

export function runRules(program: ProgramFacts, rules: readonly AnyRule[], isCancelled: () => boolean): RuleRun {
  const ctx: RuleContext = { program };
  const failures: RuleFailure[] = [];
  const byPlace = new Map<string, RawFinding>();
  for (const facts of program.functions) {
    if (isCancelled()) throw new Cancelled();
    for (const rule of rules) {
      for (const finding of runRule(rule, facts, ctx, failures)) {
        const { at } = finding.report;
        const place = `${rule.id} ${at.path} ${at.start}`;
        const known = byPlace.get(place);
        if (known === undefined || isSurer(finding, known)) byPlace.set(place, finding);
      }
    }
  }
  return { findings: [...byPlace.values()].sort(byPosition), failures };
}

function runRule(rule: AnyRule, facts: FunctionFacts, ctx: RuleContext, failures: RuleFailure[]): RawFinding[] {
  const { fn } = facts;
  const fail = (error: unknown): void => {
    const message = error instanceof Error ? error.message : String(error);
    failures.push({ rule: rule.id, path: fn.path, function: fn.qualifiedName, message });
  };
  try {
    return rule.run(facts, ctx).map((result) => ({
      rule,
      report: result.report,
      fn,
      fixes: () => {
        try {
          return result.fixes();
        } catch (error) {
          fail(error);
          return [];
        }
      },
    }));
  } catch (error) {
    fail(error);
    return [];
  }
}

function isSurer(a: RawFinding, b: RawFinding): boolean {
  return CONFIDENCE_ORDER[a.report.confidence] < CONFIDENCE_ORDER[b.report.confidence];
}

function byPosition(a: RawFinding, b: RawFinding): number {
  return (
    compareText(a.report.at.path, b.report.at.path) ||
    a.report.at.start - b.report.at.start ||
    a.report.at.end - b.report.at.end ||
    compareText(a.rule.id, b.rule.id)
  );
}

/** By code unit, the same on every machine. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
