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
  /** With what findings cover besides: once the one is cured, the other is reported for itself, and not new. */
  readonly covered: ReadonlyMap<string, number>;
  /** Files that findings of a kind lead into, beside their own. */
  readonly reach: ReadonlyMap<string, ReadonlySet<string>>;
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
    const reason =
      texts === undefined ? 'its edits overlap or change nothing' : objection(candidate, fix, texts, trial);
    if (texts === undefined || reason !== undefined) {
      const { path, start } = candidate.report.at;
      reject({ rule: candidate.rule, fix: fix.id, path, start, reason: reason ?? '' });
      return [];
    }
    const hashes = [...texts].map(([path, text]) => ({ path, hash: hashText(text.before) }));
    const { untyped: _untyped, leaves: _leaves, ...offered } = fix;
    return [{ ...offered, texts: hashes }];
  });
}

type EditedTexts = ReadonlyMap<string, { readonly before: string; readonly after: string }>;

/** Why the fix must not be offered. */
function objection(candidate: Candidate, fix: Fix, texts: EditedTexts, trial: Trial): string | undefined {
  const before = trial.before([...texts.keys()]);
  const after = trial.after(new Map([...texts].map(([path, text]) => [path, text.after])));
  const kind = kindOf(candidate);
  if ((after.findings.get(kind) ?? 0) >= (before.findings.get(kind) ?? 0)) return 'the finding is still there';
  const finding = grown(before.covered, withoutRules(caused(after, candidate, texts), fix.leaves ?? []));
  if (finding !== undefined) return `new finding: ${finding.replaceAll('\0', ' ')}`;
  const error = grown(before.errors, known(after.errors, fix.untyped ?? []));
  return error === undefined ? undefined : `new error: ${error.replaceAll('\0', ' ')}`;
}

function withoutRules(findings: Faults['findings'], rules: readonly string[]): Faults['findings'] {
  return rules.length === 0
    ? findings
    : new Map([...findings].filter(([kind]) => !rules.some((rule) => kind.startsWith(`${rule}\0`))));
}

/**
 * Without what the fix only uncovers: of nested repetitions the innermost is reported, so that curing it lets the one
 * around it, in a caller elsewhere, be seen. It was there before.
 */
function caused({ findings, reach }: Faults, { rule }: Candidate, texts: EditedTexts): Faults['findings'] {
  const isUncovered = (kind: string): boolean => {
    const [ofRule, path] = kind.split('\0');
    return ofRule === rule && !texts.has(path ?? '') && [...(reach.get(kind) ?? [])].some((into) => texts.has(into));
  };
  return new Map([...findings].filter(([kind]) => !isUncovered(kind)));
}

/** Without the errors that only say that a client was never generated: it has no members, and gives callbacks no types. */
function known(errors: Faults['errors'], untyped: readonly string[]): Faults['errors'] {
  const isMissing = (error: string): boolean =>
    untyped.some(
      (name) =>
        error.endsWith(`Parameter '${name}' implicitly has an 'any' type.`) ||
        // Of a class that extends the client: `PrismaService`.
        new RegExp(`Property '${name.replaceAll('$', '\\$')}' does not exist on type '\\w+'\\.$`).test(error),
    );
  return new Map([...errors].filter(([error]) => !isMissing(error)));
}

export function kindOf({ rule, report }: Candidate): string {
  return [rule, report.at.path, report.resource].join('\0');
}

/** Of the finding and of what it covers. */
export function kindsOf({ rule, report }: Candidate): string[] {
  return [report.resource, ...(report.covers ?? [])].map((resource) => [rule, report.at.path, resource].join('\0'));
}

/** By kind, the files that the findings' related places lie in. */
export function reachOf(candidates: readonly Candidate[]): Map<string, Set<string>> {
  const reach = new Map<string, Set<string>>();
  for (const candidate of candidates) {
    const paths = candidate.report.related.map(({ at }) => at.path);
    const known = reach.get(kindOf(candidate));
    if (known === undefined) reach.set(kindOf(candidate), new Set(paths));
    else for (const path of paths) known.add(path);
  }
  return reach;
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
