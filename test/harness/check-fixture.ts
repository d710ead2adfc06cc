/**
 * Checks one fixture: its findings against its markers, and each fix against its golden file, which must type-check
 * and in which the finding must be gone. Goldens are rewritten on request, markers never.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createAnalysis } from '../../server/src/analysis/analyse.ts';
import { applyEdits, editsByPath } from '../../server/src/driver/apply-edits.ts';
import type { CheckResult, LocatedFinding, VerifiedFix } from '../../server/src/driver/service.ts';
import { createSession, type Request, type Session } from '../../server/src/driver/session.ts';
import type { RejectedFix } from '../../server/src/driver/verify-fixes.ts';
import type { AnyRule } from '../../server/src/rule.ts';
import type { Compiler } from '../../server/src/typescript/compiler.ts';
import { createCompiler } from '../../server/src/typescript/native-compiler.ts';
import { findWorkspaceFiles, type WorkspaceFiles } from '../../server/src/typescript/workspace-files.ts';
import { compareMarkers } from './compare-markers.ts';
import { type Fixture, goldenPath, goldensOf, isBroken } from './fixture.ts';
import type { FixtureCompiler } from './fixture-compiler.ts';
import { type Marker, type NoteMarker, readMarkers } from './markers.ts';

const REQUEST: Request = { isCancelled: () => false, progress: () => undefined };

export interface FixtureOptions {
  readonly rules: readonly AnyRule[];
  /** Rewrite golden files instead of comparing them. */
  readonly update: boolean;
}

/** What is wrong, one line each; nothing when the fixture holds. */
export function checkFixture(fixture: Fixture, shared: FixtureCompiler, options: FixtureOptions): string[] {
  const check = new FixtureCheck(fixture, shared, options);
  try {
    check.run();
  } finally {
    check.session.close();
  }
  return check.differences;
}

function withoutGoldens(found: WorkspaceFiles): WorkspaceFiles {
  return { ...found, files: found.files.filter((path) => !/\.fixed\.[cm]?[jt]sx?$/.test(path)) };
}

class FixtureCheck {
  readonly differences: string[] = [];
  readonly session: Session;
  private readonly fixture: Fixture;
  private readonly update: boolean;
  private readonly compiler: Compiler;
  private readonly rejected: RejectedFix[] = [];
  private readonly goldens = new Set<string>();
  private readonly nth = new Map<string, number>();

  constructor(fixture: Fixture, shared: FixtureCompiler, { update, rules }: FixtureOptions) {
    this.fixture = fixture;
    this.update = update;
    this.compiler = fixture.ownProject ? createCompiler() : shared.view(fixture);
    this.session = createSession(
      { roots: [fixture.root], minConfidence: 'low', rules: rules.map((rule) => rule.id) },
      {
        createCompiler: () => this.compiler,
        // A golden is no part of its case: what it leaves unmended has goldens of its own.
        findWorkspace: (roots) => withoutGoldens(findWorkspaceFiles(roots)),
        createAnalysis,
        rules,
        onRejectedFix: (rejected) => this.rejected.push(rejected),
      },
    );
  }

  run(): void {
    const result = this.session.check(REQUEST);
    for (const { rule, function: name, message } of result.failures)
      this.differences.push(`${rule} crashed on '${name}': ${message}`);
    const markers = this.checkMarkers(result);
    for (const located of result.files.flatMap((file) => file.findings)) this.checkFixes(located, result, markers);
    // Last: asking a compiler of its own makes the session's snapshot a thing of the past.
    this.checkTypes('the fixture', this.fixture.files);
    this.checkRejected(markers);
    this.checkStaleGoldens();
  }

  private checkMarkers(result: CheckResult): Map<string, readonly Marker[]> {
    const all = result.files.flatMap((file) => file.findings.map(({ finding }) => finding));
    const related = all.flatMap((finding) => finding.related);
    const markers = new Map<string, readonly Marker[]>();
    for (const file of this.fixture.files) {
      const shown = this.shown(file);
      const own = readMarkers(readFileSync(file, 'utf8'));
      markers.set(file, own);
      const findings = all.filter((finding) => finding.path === shown);
      const differences = compareMarkers(
        own,
        findings,
        related.filter((place) => place.path === shown),
      );
      this.differences.push(...differences.map((difference) => this.inFile(file, difference)));
    }
    return markers;
  }

  private checkFixes(
    located: LocatedFinding,
    before: CheckResult,
    markers: ReadonlyMap<string, readonly Marker[]>,
  ): void {
    const { at, finding } = located;
    const unfixable = notesOf(markers.get(at.path), 'unfixable').filter((note) => note.line === finding.line);
    for (const fix of this.session.fixes(at.path, finding.fingerprint, REQUEST)) {
      if (unfixable.some((note) => note.id === fix.id)) {
        this.differences.push(
          this.inFile(at.path, `line ${finding.line}: fix '${fix.id}' is offered now; remove 'unfixable'`),
        );
      }
      this.checkFix(fix, located, before);
    }
  }

  private checkFix(fix: VerifiedFix, { finding, at }: LocatedFinding, before: CheckResult): void {
    const texts = new Map<string, string>();
    for (const [path, edits] of editsByPath(fix.edits)) {
      const text = applyEdits(readFileSync(path, 'utf8'), edits);
      if (text === undefined) this.differences.push(this.inFile(path, `fix '${fix.id}' does not apply`));
      else texts.set(path, text);
    }
    for (const [path, text] of texts) this.checkGolden(path, fix.id, text);
    this.session.update({ overlays: [...texts] });
    const after = this.session.check(REQUEST);
    const count = (result: CheckResult): number =>
      result.files
        .flatMap((file) => file.findings)
        // A caller elsewhere may have a loop around it, which is found once the inner one is gone.
        .filter((one) => one.finding.rule === finding.rule && one.at.path === at.path).length;
    if (count(after) >= count(before))
      this.differences.push(`fix '${fix.id}' leaves ${finding.rule} at line ${finding.line}`);
    this.checkTypes(`fix '${fix.id}'`, texts.keys());
    this.session.update({ overlays: [...texts.keys()].map((path) => [path, null]) });
    this.session.check(REQUEST);
  }

  private checkGolden(path: string, fix: string, text: string): void {
    const key = `${path} ${fix}`;
    const nth = (this.nth.get(key) ?? 0) + 1;
    this.nth.set(key, nth);
    const golden = goldenPath(path, fix, nth);
    this.goldens.add(golden);
    if (this.update) {
      writeFileSync(golden, text);
      return;
    }
    if (!existsSync(golden)) this.differences.push(`golden file ${golden} is missing; run npm test -- --update`);
    else if (readFileSync(golden, 'utf8') !== text)
      this.differences.push(`golden file ${golden} differs; see npm test -- --update and git diff`);
  }

  private checkTypes(what: string, files: Iterable<string>): void {
    // `open` of the shared compiler's view is the current snapshot; a compiler of its own is asked through an update.
    const snapshot = this.fixture.ownProject
      ? this.compiler.update({})
      : this.compiler.open({ roots: [], files: [], configs: [] });
    for (const file of files) {
      const project = snapshot.projects.find((candidate) => candidate.files.includes(file));
      if (project === undefined) this.differences.push(this.inFile(file, 'is in no project'));
      else if (!isBroken(file)) {
        for (const { code, message } of snapshot.diagnostics(project, file)) {
          this.differences.push(this.inFile(file, `${what} has a type error: TS${code} ${message}`));
        }
      }
    }
  }

  /** A fix that is proposed and not offered is a mistake in the fix, or noted at the finding. */
  private checkRejected(markers: ReadonlyMap<string, readonly Marker[]>): void {
    for (const { rule, fix, path, start, reason } of this.rejected) {
      const line = readFileSync(path, 'utf8').slice(0, start).split('\n').length;
      const noted = notesOf(markers.get(path), 'unfixable').some((note) => note.line === line && note.id === fix);
      if (!noted)
        this.differences.push(this.inFile(path, `line ${line}: fix '${fix}' of ${rule} is rejected: ${reason}`));
    }
  }

  private checkStaleGoldens(): void {
    for (const golden of this.fixture.files.flatMap((file) => goldensOf(file))) {
      if (this.goldens.has(golden)) continue;
      if (this.update) rmSync(golden);
      else this.differences.push(`golden file ${golden} belongs to no fix`);
    }
  }

  private shown(file: string): string {
    return file.slice(this.fixture.root.length + 1);
  }

  private inFile(file: string, difference: string): string {
    return this.fixture.files.length === 1 ? difference : `${this.shown(file)}: ${difference}`;
  }
}

function notesOf(markers: readonly Marker[] = [], kind: NoteMarker['kind']): NoteMarker[] {
  return markers.filter((marker): marker is NoteMarker => marker.kind === kind);
}
