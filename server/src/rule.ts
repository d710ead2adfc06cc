/**
 * The shapes everyone shares: what a rule is, what it returns, what a finding and a fix look like.
 *
 * A rule judges facts; it never reads files, asks the compiler or knows who is asking. Severity, suppression,
 * ordering and fingerprints are the driver's business.
 */
import type { FunctionFacts } from './analysis/fact.ts';
import type { ProgramFacts } from './analysis/program.ts';

export const ITEMS = [
  { id: 'race-condition', question: 'Any place two operations share state without a transaction?' },
  { id: 'n-plus-one', question: 'Loading a list then querying each item individually?' },
  { id: 'throttling', question: 'Calling external APIs without rate limiting or retry backoff?' },
  {
    id: 'double-write',
    question: 'Writing to a database and a cache or queue without rollback on partial failure?',
  },
  { id: 'memory-leak', question: 'Event listeners or timers without cleanup on component teardown?' },
  { id: 'toctou', question: 'Checking a condition then acting on it in separate statements?' },
  { id: 'deadlock', question: 'Multiple locks acquired in different orders across code paths?' },
] as const;

export type Item = (typeof ITEMS)[number]['id'];
export type RuleId = `${Item}/${string}`;

export const SEVERITIES = ['error', 'warning', 'information', 'hint'] as const;
export type Severity = (typeof SEVERITIES)[number];
export const CONFIDENCES = ['high', 'medium', 'low'] as const;
export type Confidence = (typeof CONFIDENCES)[number];

/** A range in one file: absolute path, UTF-16 offsets, end exclusive. */
export interface Location {
  readonly path: string;
  readonly start: number;
  readonly end: number;
}

export interface RelatedPlace {
  readonly at: Location;
  readonly message: string;
}

/** One replacement of text; an empty range inserts. */
export interface Edit {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** `safe`: meaning and comments kept. `changes-behaviour`: correct, but order, errors or timing differ. `sketch`: compiles, to be finished by hand. */
export type Applicability = 'safe' | 'changes-behaviour' | 'sketch';

export interface Fix {
  /** Short, stable, kebab-case name of the fix form: names the golden file of a fixture. */
  readonly id: string;
  /** A verb phrase. */
  readonly title: string;
  readonly applicability: Applicability;
  /** For `changes-behaviour`: one line saying what differs. */
  readonly difference?: string;
  readonly edits: readonly Edit[];
  /** Parameters and members it adds whose types only a client can say that was never generated: their errors are not the fix's. */
  readonly untyped?: readonly string[];
  /** Rules whose findings it may bring: what it makes the next thing to do. */
  readonly leaves?: readonly RuleId[];
}

/** What a rule says about one piece of evidence. */
export interface Report {
  readonly at: Location;
  /** One plain sentence that names both places and the resource; no line numbers. */
  readonly message: string;
  readonly related: readonly RelatedPlace[];
  readonly confidence: Confidence;
  /** What the finding is about (`table users`, `key report:*`): part of the fingerprint. */
  readonly resource: string;
  /** Resources of what the finding stands for besides: curing it leaves findings about these, which are then not new. */
  readonly covers?: readonly string[];
  /** Overrides the rule's severity, for a rule whose cases differ in damage. */
  readonly severity?: Severity;
}

export interface RuleContext {
  readonly program: ProgramFacts;
}

/** One defect: what counts as evidence, what to say, how to fix it. Message and fix see the evidence and never search again. */
export interface Rule<Evidence> {
  readonly id: RuleId;
  readonly summary: string;
  readonly severity: Severity;
  readonly status: 'stable' | 'preview';
  readonly cwe: readonly number[];
  /** Called for every function's facts; returns nothing for a function it has no complaint about. */
  readonly detect: (fn: FunctionFacts, ctx: RuleContext) => readonly Evidence[];
  readonly report: (evidence: Evidence, ctx: RuleContext) => Report;
  /** Alternatives, best first; empty when none can be right. */
  readonly fixes?: (evidence: Evidence, ctx: RuleContext) => readonly Fix[];
}

/** A rule whose evidence type only the rule itself knows. */
export interface AnyRule extends Omit<Rule<never>, 'detect' | 'report' | 'fixes'> {
  readonly run: (fn: FunctionFacts, ctx: RuleContext) => readonly RuleResult[];
}

export interface RuleResult {
  readonly report: Report;
  readonly fixes: () => readonly Fix[];
}

/** Closes a rule over its evidence type, so that lists of rules need no `any`. */
export function defineRule<Evidence>(rule: Rule<Evidence>): AnyRule {
  const { detect, report, fixes, ...metadata } = rule;
  return {
    ...metadata,
    run: (fn, ctx) =>
      detect(fn, ctx).map((evidence) => ({
        report: report(evidence, ctx),
        fixes: () => fixes?.(evidence, ctx) ?? [],
      })),
  };
}

/** The item a rule belongs to: the part of its id before the slash. */
export function itemOf(rule: RuleId): Item {
  const name = rule.slice(0, rule.indexOf('/'));
  const item = ITEMS.find((candidate) => candidate.id === name);
  if (item === undefined) throw new Error(`rule ${rule} belongs to no checklist item`);
  return item.id;
}

/** Findings about suppression comments themselves: they belong to no item and answer no question. */
export const SUPPRESSION_RULES = [
  'suppression/missing-reason',
  'suppression/unknown-rule',
  'suppression/unused',
] as const;
export type SuppressionRuleId = (typeof SUPPRESSION_RULES)[number];

/** A finding as every front shows it; lines and columns from 1, path relative to the directory checked. */
export interface Finding {
  readonly rule: RuleId | SuppressionRuleId;
  readonly item: Item | 'suppression';
  readonly severity: Severity;
  readonly confidence: Confidence;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly message: string;
  readonly related: readonly { path: string; line: number; column: number; message: string }[];
  readonly fixes: readonly { id: string; title: string; applicability: Applicability }[];
  /** Of rule, path, enclosing qualified name, resource and ordinal: independent of lines, message and language. */
  readonly fingerprint: string;
}
