/**
 * Answers the seven questions. An item is clear only when every rule of it ran on every file and found nothing at any
 * confidence; whatever stands in the way of saying so is a reason.
 */
import { type AnyRule, ITEMS, type Item, itemOf } from '../rule.ts';
import type { Candidate } from './judge.ts';
import type { RuleFailure } from './run-rules.ts';
import type { ChecklistEntry } from './service.ts';

export interface ChecklistInput {
  readonly rules: readonly AnyRule[];
  readonly candidates: readonly Candidate[];
  readonly failures: readonly RuleFailure[];
  readonly selected: (rule: string) => boolean;
  /** Rules a configuration switches off for at least one file checked. */
  readonly off: ReadonlySet<string>;
  /** Files that rules were run on. */
  readonly checkedFiles: number;
  readonly skippedFiles: number;
  readonly unparsedFiles: number;
  readonly excludedFiles: number;
  readonly calls: number;
  readonly callsResolved: number;
}

const MOST_UNRESOLVED = 0.2;

export function answer(input: ChecklistInput): ChecklistEntry[] {
  const general = generalReasons(input);
  return ITEMS.map(({ id, question }) => {
    const found = input.candidates.filter(({ located }) => located.finding.item === id);
    const count = found.filter(({ standing }) => standing === 'shown').length;
    const hidden = hiddenReasons(found);
    const reasons = [...general, ...ruleReasons(id, input), ...hidden];
    if (count > 0 || hidden.length > 0) return { item: id, question, verdict: 'findings', count, reasons };
    return { item: id, question, verdict: reasons.length === 0 ? 'clear' : 'not-checked', count, reasons };
  });
}

function generalReasons(input: ChecklistInput): string[] {
  const { checkedFiles, skippedFiles, unparsedFiles, excludedFiles, calls, callsResolved } = input;
  const reasons: string[] = [];
  if (checkedFiles === 0) reasons.push('There is no source file to check.');
  if (skippedFiles > 0) reasons.push(`${count(skippedFiles, 'path')} skipped.`);
  if (unparsedFiles > 0) reasons.push(`${count(unparsedFiles, 'file')} with syntax errors, checked only in part.`);
  if (excludedFiles > 0) reasons.push(`${count(excludedFiles, 'file')} excluded by the configuration.`);
  const unresolved = calls === 0 ? 0 : (calls - callsResolved) / calls;
  if (unresolved > MOST_UNRESOLVED) {
    const share = Math.floor(unresolved * 100);
    reasons.push(`${share} % of the calls are unresolved; are the project's packages installed?`);
  }
  return reasons;
}

function ruleReasons(item: Item, { rules, failures, selected, off }: ChecklistInput): string[] {
  const own = rules.filter((rule) => itemOf(rule.id) === item);
  if (own.length === 0) return ['There is no rule for it yet.'];
  const reasons: string[] = [];
  const unasked = own.filter((rule) => !selected(rule.id));
  if (unasked.length > 0) reasons.push(`Not asked for: ${names(unasked)}.`);
  const switchedOff = own.filter((rule) => selected(rule.id) && off.has(rule.id));
  if (switchedOff.length > 0) reasons.push(`Switched off by the configuration: ${names(switchedOff)}.`);
  for (const rule of own) {
    const crashes = failures.filter((failure) => failure.rule === rule.id).length;
    if (crashes > 0) reasons.push(`${rule.id} failed on ${count(crashes, 'function')}.`);
  }
  return reasons;
}

function hiddenReasons(found: readonly Candidate[]): string[] {
  const reasons: string[] = [];
  const unsure = found.filter(({ standing }) => standing === 'unsure').length;
  if (unsure > 0) reasons.push(`${count(unsure, 'finding')} below the confidence asked for.`);
  const preview = found.filter(({ standing }) => standing === 'preview').length;
  if (preview > 0) reasons.push(`${count(preview, 'finding')} of preview rules, which are off by default.`);
  return reasons;
}

function names(rules: readonly AnyRule[]): string {
  return rules.map((rule) => rule.id).join(', ');
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
