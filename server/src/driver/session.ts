/**
 * One analysis of a set of directories, kept up to date: compiler, facts, rules and judgement behind three blocking
 * calls. It lives in the analysis worker (or in a test); who asks, and how, is not its business. A compiler that dies
 * is replaced once per request, with the same unsaved texts.
 */
import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { type Analysis, AnalysisCancelled } from '../analysis/analyse.ts';
import { relativeTo, roleOfPath } from '../analysis/file-role.ts';
import type { ProgramFacts } from '../analysis/program.ts';
import { type AnyRule, itemOf } from '../rule.ts';
import {
  type Compiler,
  CompilerDied,
  type CompilerOptions,
  type Snapshot,
  type Workspace,
} from '../typescript/compiler.ts';
import { hashText } from './apply-edits.ts';
import { type Analysed, createCheckResult } from './check-result.ts';
import { type Configuration, createConfiguration } from './configuration.ts';
import { CONFIGURATION_NAME } from './configuration-file.ts';
import { type Candidate, createScope, isSuppressionRule, type JudgeInput, judge } from './judge.ts';
import { runRules } from './run-rules.ts';
import {
  Cancelled,
  type Changes,
  type CheckResult,
  type Progress,
  type ServiceOptions,
  type VerifiedFix,
} from './service.ts';
import {
  countKinds,
  type Faults,
  kindOf,
  kindsOf,
  type RejectedFix,
  reachOf,
  type Trial,
  verifyFixes,
} from './verify-fixes.ts';

export type FoundWorkspace = Workspace & {
  readonly problems: Snapshot['problems'];
  readonly schemas?: readonly string[];
};

export interface SessionDependencies {
  readonly createCompiler: (options: CompilerOptions) => Compiler;
  readonly findWorkspace: (roots: readonly string[]) => FoundWorkspace;
  readonly createAnalysis: () => Analysis;
  readonly rules: readonly AnyRule[];
  readonly onRejectedFix?: (rejected: RejectedFix) => void;
}

export interface Request {
  readonly isCancelled: () => boolean;
  readonly progress: (progress: Progress) => void;
}

export interface Session {
  /** The files as they are now, for an asker who looked already. */
  readonly begin: (workspace: FoundWorkspace) => void;
  /** Remembered; takes effect with the next check. */
  readonly update: (changes: Changes) => void;
  /** Throws `Cancelled` or `ConfigurationError`. */
  readonly check: (request: Request) => CheckResult;
  readonly fixes: (path: string, fingerprint: string, request: Request) => readonly VerifiedFix[];
  readonly close: () => void;
}

/** More deaths than this in one session, and something is wrong that a new process does not cure. */
const MOST_DEATHS = 5;

/** Verified fixes kept for findings whose text has not changed. */
const MOST_REMEMBERED = 5000;

export function createSession(options: ServiceOptions, dependencies: SessionDependencies): Session {
  return new RealSession(options, dependencies);
}

class RealSession implements Session {
  private readonly options: ServiceOptions;
  private readonly dependencies: SessionDependencies;
  private readonly scope: JudgeInput['scope'];
  private readonly overlays = new Map<string, string>();
  private pending = emptyChanges();
  private compiler: Compiler | undefined;
  private snapshot: Snapshot | undefined;
  private found: FoundWorkspace | undefined;
  private workspaceProblems: Snapshot['problems'] = [];
  private schemas: readonly { path: string; text: string }[] = [];
  private readonly analysis: Analysis;
  private analysed: Analysed | undefined;
  private configuration: Configuration | undefined;
  private readonly verified = new Map<string, readonly VerifiedFix[]>();
  private deaths = 0;

  constructor(options: ServiceOptions, dependencies: SessionDependencies) {
    this.options = options;
    this.dependencies = dependencies;
    this.scope = createScope(options);
    this.analysis = dependencies.createAnalysis();
  }

  begin(workspace: FoundWorkspace): void {
    this.found = workspace;
  }

  update(changes: Changes): void {
    for (const [path, text] of changes.overlays ?? []) {
      if (text === null) this.overlays.delete(path);
      else this.overlays.set(path, text);
      this.pending.overlays.set(path, text ?? undefined);
    }
    for (const path of changes.changed ?? []) this.pending.changed.add(path);
    for (const path of changes.created ?? []) this.pending.created.add(path);
    for (const path of changes.deleted ?? []) this.pending.deleted.add(path);
    this.analysed = undefined;
    const touched = [
      ...this.pending.overlays.keys(),
      ...this.pending.changed,
      ...this.pending.created,
      ...this.pending.deleted,
    ];
    if (touched.some((path) => basename(path) === CONFIGURATION_NAME)) {
      // Which files are looked at may have changed with it.
      this.configuration = undefined;
      this.abandonCompiler();
    }
  }

  check(request: Request): CheckResult {
    const started = performance.now();
    const analysed = this.recovering(() => this.analyse(request));
    return createCheckResult(analysed, {
      scope: this.scope,
      rules: this.dependencies.rules,
      selected: (rule) => this.isSelected(rule),
      workspaceProblems: this.workspaceProblems,
      milliseconds: performance.now() - started,
      compiler: this.compiler?.processId,
    });
  }

  fixes(path: string, fingerprint: string, request: Request): readonly VerifiedFix[] {
    return this.recovering(() => {
      const analysed = this.analyse(request);
      const candidate = analysed.candidates.find(
        ({ standing, located, report }) =>
          standing === 'shown' && report.at.path === path && located.finding.fingerprint === fingerprint,
      );
      if (candidate === undefined) return [];
      const text = analysed.program.file(path)?.text ?? '';
      const key = `${fingerprint} ${hashText(text)}`;
      const known = this.verified.get(key);
      if (known?.every((fix) => isCurrent(fix, analysed)) === true) return known;
      const verified = this.verify(candidate, analysed, request);
      if (this.verified.size >= MOST_REMEMBERED) this.verified.clear();
      this.verified.set(key, verified);
      return verified;
    });
  }

  close(): void {
    this.compiler?.close();
    this.compiler = undefined;
    this.snapshot = undefined;
  }

  /** One retry with a new compiler; what a request changed is in `overlays` and so survives. */
  private recovering<T>(work: () => T): T {
    for (let attempt = 1; ; attempt++) {
      try {
        return work();
      } catch (error) {
        if (!(error instanceof CompilerDied)) throw error;
        this.deaths++;
        this.abandonCompiler();
        if (this.deaths > MOST_DEATHS) {
          throw new Error(
            `The TypeScript compiler process died ${this.deaths} times; restart the server to try again.`,
            { cause: error },
          );
        }
        if (attempt === 2) {
          throw new Error('The TypeScript compiler process died twice on the same request.', { cause: error });
        }
      }
    }
  }

  private abandonCompiler(): void {
    try {
      this.close();
    } catch {
      // It is dead already; what closing says about that is of no interest.
    }
    this.compiler = undefined;
    this.snapshot = undefined;
    this.analysed = undefined;
  }

  private analyse(request: Request): Analysed {
    if (this.analysed !== undefined) return this.analysed;
    this.configuration ??= this.readConfiguration();
    request.progress({ phase: 'Opening projects', done: 0, total: 0 });
    const snapshot = this.current();
    this.analysed = this.judged(snapshot, this.configuration, request);
    return this.analysed;
  }

  private judged(snapshot: Snapshot, configuration: Configuration, request: Request): Analysed {
    const { roots, base } = this.options;
    const program = this.facts(snapshot, {
      ...request,
      roots: base === undefined ? roots : [base],
      models: configuration.models(roots),
      schemas: this.schemas,
      edited: this.overlays.keys(),
      wants: (path, role) => configuration.of(path).roles.includes(role),
    });
    const rules = this.dependencies.rules.filter(({ id }) => this.isSelected(id));
    const run = runRules(program, rules, request.isCancelled);
    const { scope, options } = this;
    const candidates = judge({
      program,
      run,
      configuration,
      options,
      scope,
      selected: (rule) => this.isSelected(rule),
      isRule: (rule) => this.isRule(rule),
    });
    return { snapshot, program, candidates, failures: run.failures, configuration };
  }

  private facts(...question: Parameters<Analysis['analyse']>): ProgramFacts {
    try {
      return this.analysis.analyse(...question);
    } catch (error) {
      throw error instanceof AnalysisCancelled ? new Cancelled() : error;
    }
  }

  private isSelected(rule: string): boolean {
    const { items, rules } = this.options;
    if (isSuppressionRule(rule)) return rules === undefined || rules.includes(rule);
    const known = this.dependencies.rules.find(({ id }) => id === rule);
    if (known === undefined) return false;
    return (items?.includes(itemOf(known.id)) ?? true) && (rules?.includes(rule) ?? true);
  }

  private isRule(rule: string): boolean {
    return isSuppressionRule(rule) || this.dependencies.rules.some(({ id }) => id === rule);
  }

  private readConfiguration(): Configuration {
    const { configFile, base, roots } = this.options;
    return createConfiguration({
      ...(configFile === undefined ? {} : { file: configFile }),
      base: base ?? roots[0] ?? '/',
      isRule: (rule) => this.isRule(rule),
      overlay: (path) => this.overlays.get(path),
    });
  }

  private current(): Snapshot {
    if (this.compiler === undefined || this.snapshot === undefined) {
      const { compiler: executable, roots, brief } = this.options;
      const workspace = this.found ?? this.dependencies.findWorkspace(roots);
      this.found = undefined;
      this.workspaceProblems = workspace.problems;
      this.schemas = (workspace.schemas ?? []).flatMap(readSchema);
      this.compiler = this.dependencies.createCompiler({
        ...(executable === undefined ? {} : { executable }),
        ...(brief === undefined ? {} : { brief }),
      });
      this.snapshot = this.compiler.open({
        ...workspace,
        files: workspace.files.filter((path) => this.isLookedAt(path)),
        accepts: (path) => this.isLookedAt(path),
      });
      this.pending = emptyChanges();
      if (this.overlays.size > 0) this.snapshot = this.compiler.update({ overlays: this.overlays });
      return this.snapshot;
    }
    const { overlays, changed, created, deleted } = this.pending;
    if (overlays.size + changed.size + created.size + deleted.size === 0) return this.snapshot;
    this.pending = emptyChanges();
    this.snapshot = this.compiler.update({
      overlays,
      changed: [...changed],
      created: [...created],
      deleted: [...deleted],
    });
    return this.snapshot;
  }

  /** What no rule will speak about, the compiler need not read either, unless something imports it. */
  private isLookedAt(path: string): boolean {
    const { roots, base } = this.options;
    const role = roleOfPath(relativeTo(base === undefined ? roots : [base], path));
    return this.configuration === undefined || this.configuration.of(path).roles.includes(role);
  }

  private verify(candidate: Candidate, analysed: Analysed, request: Request): readonly VerifiedFix[] {
    const touched = new Set<string>();
    const replace = (texts: ReadonlyMap<string, string>): Snapshot => {
      const overlays = new Map([...touched].map((path) => [path, this.overlays.get(path)]));
      for (const [path, text] of texts) overlays.set(path, text);
      for (const path of texts.keys()) touched.add(path);
      if (this.compiler === undefined || this.snapshot === undefined) throw new CompilerDied('closed');
      if (overlays.size > 0) this.snapshot = this.compiler.update({ overlays });
      return this.snapshot;
    };
    const errors = (snapshot: Snapshot, paths: Iterable<string>): Map<string, number> =>
      countKinds([...paths].flatMap((path) => errorsOf(snapshot, path)));
    const findings = countKinds(faultsOf(analysed).map(kindOf));
    const covered = countKinds(faultsOf(analysed).flatMap(kindsOf));
    try {
      const trial: Trial = {
        text: (path) => analysed.program.file(path)?.text,
        before: (paths) => ({ findings, covered, reach: new Map(), errors: errors(replace(new Map()), paths) }),
        after: (texts): Faults => {
          const snapshot = replace(texts);
          const after = this.judged(snapshot, analysed.configuration, request);
          const left = faultsOf(after);
          const kinds = countKinds(left.map(kindOf));
          return { findings: kinds, covered: kinds, reach: reachOf(left), errors: errors(snapshot, texts.keys()) };
        },
      };
      return verifyFixes(candidate, trial, this.dependencies.onRejectedFix ?? (() => undefined));
    } finally {
      // Also after a cancellation: the next request must see the user's text.
      if (touched.size > 0) this.restore(replace);
    }
  }

  /** A compiler that is dead here has nothing to restore; the next request notices and replaces it. */
  private restore(replace: (texts: ReadonlyMap<string, string>) => Snapshot): void {
    try {
      replace(new Map());
    } catch (error) {
      this.abandonCompiler();
      if (!(error instanceof CompilerDied)) throw error;
    }
  }
}

interface PendingChanges {
  readonly overlays: Map<string, string | undefined>;
  readonly changed: Set<string>;
  readonly created: Set<string>;
  readonly deleted: Set<string>;
}

function emptyChanges(): PendingChanges {
  return { overlays: new Map(), changed: new Set(), created: new Set(), deleted: new Set() };
}

function isCurrent(fix: VerifiedFix, { program }: Analysed): boolean {
  return fix.texts.every(({ path, hash }) => {
    const text = program.file(path)?.text;
    return text !== undefined && hashText(text) === hash;
  });
}

/** What must not grow under a fix; preview rules and files that are not checked have no say. */
function faultsOf({ candidates }: Analysed): Candidate[] {
  return candidates.filter(({ standing }) => standing === 'shown' || standing === 'unsure');
}

function errorsOf(snapshot: Snapshot, path: string): string[] {
  const project = snapshot.projects.find((candidate) => candidate.files.includes(path));
  if (project === undefined) return [];
  return snapshot.diagnostics(project, path).map(({ code, message }) => [path, code, message].join('\0'));
}

/**
 * A schema that cannot be read says nothing. A dump of a database is larger than what creates its tables; of that, only
 * what says "unique" matters.
 */
function readSchema(path: string): { path: string; text: string }[] {
  try {
    if (statSync(path).size > 2_000_000) return [];
    const text = readFileSync(path, 'utf8');
    return /\.(prisma|graphqls?|gql)$/.test(path) || /unique|primary/i.test(text) ? [{ path, text }] : [];
  } catch {
    return [];
  }
}
