/**
 * Whether a job brings something up to date that many changes are behind, by counting or reading it anew: the next of
 * them makes good for one that was not sent. Told by the job's name, by what it is handed (whose it is, not which row)
 * and by how many places send it; errs towards "made good" (fixture: counted-anew).
 */
import type { OutsideEffect } from '../../../analysis/outside-effect.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import type { DatabaseOperation } from '../../../analysis/protection.ts';
import { hasPart, keyOf } from '../../../analysis/value.ts';

const ANEW = /(^|[^a-z])(re-?)?(sync|synchroni[sz]e|count|recalculate|recompute|rebuild|reconcile|refresh)([^a-z]|$)/i;

/** The one that is missing, the one that makes good, and the one that does the job. */
const MANY_PLACES = 3;

export function isCountedAnew(
  { effect }: DatabaseOperation,
  { label, payload }: OutsideEffect,
  program: ProgramFacts,
): boolean {
  if (label === undefined || !ANEW.test(label.replaceAll(/([a-z])([A-Z])/g, '$1-$2'))) return false;
  // All that finds the row is handed over: it is about this one.
  const keys = (effect.where ?? []).map(({ value }) => keyOf(value));
  const isHanded = (key: string): boolean => payload.some((value) => hasPart(value, (part) => keyOf(part) === key));
  if (keys.length > 0 && keys.every(isHanded)) return false;
  const places = program.files.filter(
    ({ path, text }) =>
      program.roleOf(path) === 'source' && (text.includes(`'${label}'`) || text.includes(`"${label}"`)),
  );
  return places.length >= MANY_PLACES;
}
