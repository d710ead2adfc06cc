/**
 * Proves fixes before anyone sees them: a fix is offered only if, with its edits made in memory, the finding is gone
 * and no new finding, syntax error or type error has appeared. It decides; applying and analysing is the caller's.
 */
import type { Fix } from '../rule.ts';
import { applyEdits, editsByPath, hashText } from './apply-edits.ts';
import type { Candidate } from './judge.ts';
import type { VerifiedFix } from './service.ts';

/** What is wrong in a state of the program: how often each kind of finding and each kind of error occurs. */
export interface Faults {
  /** By rule, path and resource: names of functions may change under a fix. */
  readonly findings: ReadonlyMap<string, number>;
  /** By path, code and message, in the files asked about. */
  readonly errors: ReadonlyMap<string, number>;
}

export interface Trial {
  /** The text that findings and fixes refer to; undefined for a file that is no part of the program. */
  readonly text: (path: string) => string | undefined;
  readonly before: (paths: readonly string[]) => Faults;
  /** Analyses with these texts in place of the files'. */
  readonly after: (texts: ReadonlyMap<string, string>) => Faults;
}

export function verifyFixes(candidate: Candidate, trial: Trial): VerifiedFix[] {
  return candidate.fixes().flatMap((fix) => {
    const texts = editedTexts(fix, trial);
    if (texts === undefined) return [];
    const paths = [...texts.keys()];
    const before = trial.before(paths);
    const after = trial.after(new Map([...texts].map(([path, text]) => [path, text.after])));
    if (!isGone(candidate, before, after) || grew(before.findings, after.findings) || grew(before.errors, after.errors)) {
      return [];
    }
    const hashes = [...texts].map(([path, text]) => ({ path, hash: hashText(text.before) }));
    return [{ ...fix, texts: hashes }];
  });
}

export function kindOf({ rule, report }: Candidate): string {
  return [rule, report.at.path, report.resource].join('\0');
}

export function countKinds(kinds: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

function isGone(candidate: Candidate, before: Faults, after: Faults): boolean {
  const kind = kindOf(candidate);
  return (after.findings.get(kind) ?? 0) < (before.findings.get(kind) ?? 0);
}

function grew(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): boolean {
  return [...after].some(([kind, count]) => count > (before.get(kind) ?? 0));
}

function editedTexts(fix: Fix, trial: Trial): Map<string, { before: string; after: string }> | undefined {
  const texts = new Map<string, { before: string; after: string }>();
  for (const [path, edits] of editsByPath(fix.edits)) {
    const before = trial.text(path);
    const after = before === undefined ? undefined : applyEdits(before, edits);
    if (before === undefined || after === undefined || after === before) return undefined;
    texts.set(path, { before, after });
  }
  return texts.size === 0 ? undefined : texts;
}
