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

/** A fix that was proposed and is not offered, for those who write fixes. */
export interface RejectedFix {
  readonly rule: string;
  readonly fix: string;
  readonly path: string;
  readonly start: number;
  readonly reason: string;
}

export function verifyFixes(
  candidate: Candidate,
  trial: Trial,
  reject: (rejected: RejectedFix) => void,
): VerifiedFix[] {
  return candidate.fixes().flatMap((fix) => {
    const texts = editedTexts(fix, trial);
    const reason = texts === undefined ? 'its edits overlap or change nothing' : objection(candidate, texts, trial);
    if (texts === undefined || reason !== undefined) {
      const { path, start } = candidate.report.at;
      reject({ rule: candidate.rule, fix: fix.id, path, start, reason: reason ?? '' });
      return [];
    }
    const hashes = [...texts].map(([path, text]) => ({ path, hash: hashText(text.before) }));
    return [{ ...fix, texts: hashes }];
  });
}

type EditedTexts = ReadonlyMap<string, { readonly before: string; readonly after: string }>;

/** Why the fix must not be offered. */
function objection(candidate: Candidate, texts: EditedTexts, trial: Trial): string | undefined {
  const before = trial.before([...texts.keys()]);
  const after = trial.after(new Map([...texts].map(([path, text]) => [path, text.after])));
  const kind = kindOf(candidate);
  if ((after.findings.get(kind) ?? 0) >= (before.findings.get(kind) ?? 0)) return 'the finding is still there';
  const finding = grown(before.findings, after.findings);
  if (finding !== undefined) return `new finding: ${finding.replaceAll('\0', ' ')}`;
  const error = grown(before.errors, after.errors);
  return error === undefined ? undefined : `new error: ${error.replaceAll('\0', ' ')}`;
}

export function kindOf({ rule, report }: Candidate): string {
  return [rule, report.at.path, report.resource].join('\0');
}

export function countKinds(kinds: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

function grown(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): string | undefined {
  return [...after].find(([kind, count]) => count > (before.get(kind) ?? 0))?.[0];
}

function editedTexts(fix: Fix, trial: Trial): EditedTexts | undefined {
  const texts = new Map<string, { before: string; after: string }>();
  for (const [path, edits] of editsByPath(fix.edits)) {
    const before = trial.text(path);
    const after = before === undefined ? undefined : applyEdits(before, edits);
    if (before === undefined || after === undefined || after === before) return undefined;
    texts.set(path, { before, after });
  }
  return texts.size === 0 ? undefined : texts;
}
