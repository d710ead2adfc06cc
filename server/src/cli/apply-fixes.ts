/**
 * `--fix` and `--fix-dry-run`: applies safe fixes, one per file and round, and analyses again after each round, because
 * each fix was verified alone. A dry run does the same on unsaved texts.
 */
import { applyEdits, editsByPath } from '../driver/apply-edits.ts';
import type { AnalysisService, CheckResult, LocatedFinding, Progress, VerifiedFix } from '../driver/service.ts';
import type { FileChange } from './report.ts';
import { type EditableFile, FileChanged, readForFix, writeAtomically } from './write-file.ts';

export interface FixRun {
  readonly result: CheckResult;
  readonly changes: readonly FileChange[];
  /** Fixes that could not be made, and why. */
  readonly refused: readonly string[];
}

interface FixOptions {
  readonly dryRun: boolean;
  /** How a path is printed. */
  readonly display: (path: string) => string;
  readonly progress: (progress: Progress) => void;
}

interface ChangedFile {
  readonly path: string;
  readonly fixes: string[];
  readonly before: string;
  text: string;
  readonly prefix: string;
}

export async function applyFixes(service: AnalysisService, { dryRun, display, progress }: FixOptions): Promise<FixRun> {
  const changed = new Map<string, ChangedFile>();
  const refused = new Set<string>();
  let result = await service.check({ progress });
  // Each round removes at least one finding and adds none, so there are at most as many rounds as findings.
  for (let left = countFindings(result); left > 0; left--) {
    const round = await planRound(service, result);
    const written = round.flatMap((fix) => make(fix, { changed, refused, dryRun }));
    if (written.length === 0) break;
    await service.update(
      dryRun ? { overlays: written.map((path) => [path, changed.get(path)?.text ?? null]) } : { changed: written },
    );
    result = await service.check({ progress });
  }
  const changes = [...changed.values()].map(({ path, fixes, before, text }) => ({
    path: display(path),
    fixes,
    before,
    after: text,
  }));
  return { result, changes: changes.sort((a, b) => (a.path < b.path ? -1 : 1)), refused: [...refused] };
}

/** The first safe fix of each file, none touching a file that another one of the round touches. */
async function planRound(service: AnalysisService, result: CheckResult): Promise<VerifiedFix[]> {
  const taken = new Set<string>();
  const round: VerifiedFix[] = [];
  for (const file of result.files) {
    for (const located of file.findings) {
      if (taken.has(file.path)) break;
      const fix = await safeFix(service, located);
      if (fix === undefined || fix.texts.some(({ path }) => taken.has(path))) continue;
      for (const { path } of fix.texts) taken.add(path);
      round.push(fix);
    }
  }
  return round;
}

async function safeFix(service: AnalysisService, { at, finding }: LocatedFinding): Promise<VerifiedFix | undefined> {
  const fixes = await service.fixes(at.path, finding.fingerprint);
  return fixes.find((fix) => fix.applicability === 'safe');
}

/** Makes one fix in all its files or in none; returns the files changed. */
function make(
  fix: VerifiedFix,
  { changed, refused, dryRun }: { changed: Map<string, ChangedFile>; refused: Set<string>; dryRun: boolean },
): string[] {
  try {
    const edited = [...editsByPath(fix.edits)].map(([path, edits]) => {
      const file = current(path, fix, dryRun ? changed : new Map());
      const text = applyEdits(file.text, edits);
      if (text === undefined) throw new FileChanged(`${path} changed since it was analysed; it was left alone.`);
      return { path, file, text };
    });
    for (const { path, file, text } of edited) {
      if (!dryRun) writeAtomically(path, file.prefix + text);
      const known = changed.get(path) ?? { path, fixes: [], before: file.text, text, prefix: file.prefix };
      known.fixes.push(fix.title);
      known.text = text;
      changed.set(path, known);
    }
    return edited.map(({ path }) => path);
  } catch (error) {
    refused.add(error instanceof Error ? error.message : String(error));
    return [];
  }
}

function current(path: string, fix: VerifiedFix, unsaved: ReadonlyMap<string, ChangedFile>): EditableFile {
  const hash = fix.texts.find((text) => text.path === path)?.hash ?? '';
  return unsaved.get(path) ?? readForFix(path, hash);
}

function countFindings(result: CheckResult): number {
  return result.files.reduce((sum, file) => sum + file.findings.length, 0);
}
