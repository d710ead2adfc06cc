/**
 * Which fixes are known to work, per finding and document version. They are computed one at a time while nothing is
 * being analysed: first what somebody waits for, then, in idle time, the findings of open documents, nearest to where
 * the user is. An edit throws the idle work away.
 */
import type { LocatedFinding, VerifiedFix } from '../driver/service.ts';
import type { AnalysisSession, Snapshot } from './analysis-session.ts';
import { delay } from './cancellation.ts';
import { normalPath } from './file-uris.ts';
import type { OpenDocuments } from './open-documents.ts';

interface Entry {
  readonly version: number;
  readonly fixes: readonly VerifiedFix[];
}

interface Job {
  readonly path: string;
  readonly fingerprint: string;
  readonly version: number;
  readonly resolve: (fixes: readonly VerifiedFix[] | undefined) => void;
  readonly promise: Promise<readonly VerifiedFix[] | undefined>;
}

/** Nothing is verified in the background so shortly after an analysis: the user may be typing. */
const IDLE_AFTER = 300;
/** Per document; the others are verified when somebody asks. Each costs an analysis. */
const MOST_IDLE_FINDINGS = 20;

export class VerifiedFixes {
  readonly #session: AnalysisSession;
  readonly #documents: OpenDocuments;
  readonly #known = new Map<string, Entry>();
  #requested: Job[] = [];
  #idle: Job[] = [];
  #current: Job | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #cursor: { readonly path: string; readonly offset: number } | undefined;

  constructor(session: AnalysisSession, documents: OpenDocuments) {
    this.#session = session;
    this.#documents = documents;
  }

  /** The user was last seen here. */
  seenAt(path: string, offset: number): void {
    this.#cursor = { path, offset };
  }

  /** What is known to work on the texts as they are; undefined when that is not known yet. */
  known(path: string, fingerprint: string): readonly VerifiedFix[] | undefined {
    const entry = this.#known.get(keyOf(path, fingerprint));
    if (entry === undefined || entry.version !== this.#documents.at(path)?.version) return undefined;
    return entry.fixes.filter((fix) => this.#isCurrent(fix));
  }

  /** Verifies before all idle work. Undefined when a change made the question meaningless. */
  async verify(path: string, fingerprint: string): Promise<readonly VerifiedFix[] | undefined> {
    const known = this.known(path, fingerprint);
    if (known !== undefined) return known;
    const version = this.#documents.at(path)?.version;
    if (version === undefined) return undefined;
    const isSame = (job: Job): boolean =>
      job.path === path && job.fingerprint === fingerprint && job.version === version;
    const asked = [this.#current, ...this.#requested].find((job) => job !== undefined && isSame(job));
    if (asked !== undefined) return asked.promise;
    this.#idle = this.#idle.filter((job) => !isSame(job));
    const job = createJob(path, fingerprint, version);
    this.#requested.push(job);
    this.#pump();
    return job.promise;
  }

  changed(): void {
    clearTimeout(this.#idleTimer);
    for (const job of [...this.#idle, ...this.#requested]) job.resolve(undefined);
    this.#idle = [];
    this.#requested = [];
  }

  checked(snapshot: Snapshot): void {
    this.#forgetOld();
    clearTimeout(this.#idleTimer);
    this.#idleTimer = setTimeout(() => {
      this.#idle = this.#idleJobs(snapshot);
      this.#pump();
    }, IDLE_AFTER);
  }

  closed(path: string): void {
    for (const key of this.#known.keys()) if (key.startsWith(keyOf(path, ''))) this.#known.delete(key);
  }

  end(): void {
    this.changed();
  }

  #idleJobs(snapshot: Snapshot): Job[] {
    const { path: nearPath, offset = 0 } = this.#cursor ?? {};
    const distance = ({ at }: LocatedFinding): number => Math.abs(at.start - offset);
    const paths = [...this.#documents.sources()].filter(({ path, version }) => snapshot.versions.get(path) === version);
    // The document with the cursor first, the others as they were opened.
    paths.sort((a, b) => Number(b.path === nearPath) - Number(a.path === nearPath));
    return paths.flatMap(({ path, version }) =>
      [...(snapshot.files.get(path)?.findings ?? [])]
        .sort((a, b) => (path === nearPath ? distance(a) - distance(b) : 0))
        .slice(0, MOST_IDLE_FINDINGS)
        .filter(({ finding }) => this.known(path, finding.fingerprint) === undefined)
        .map(({ finding }) => createJob(path, finding.fingerprint, version)),
    );
  }

  #pump(): void {
    if (this.#current !== undefined || !this.#session.isSettled) return;
    const job = this.#requested.shift() ?? this.#idle.shift();
    if (job === undefined) return;
    this.#current = job;
    void this.#run(job).finally(() => {
      this.#current = undefined;
      this.#pump();
    });
  }

  async #run(job: Job): Promise<void> {
    const { path, fingerprint, version } = job;
    const fixes = await this.#session.fixes(path, fingerprint);
    if (fixes !== undefined && this.#documents.at(path)?.version === version) {
      this.#known.set(keyOf(path, fingerprint), { version, fixes });
    }
    job.resolve(fixes);
    // A service that answers at once must not keep the protocol from being served.
    await delay(0);
  }

  /** Files that are not open are compared when the edit is made. */
  #isCurrent({ texts }: VerifiedFix): boolean {
    return texts.every(({ path, hash }) => {
      const document = this.#documents.at(normalPath(path));
      return document === undefined || document.hash() === hash;
    });
  }

  #forgetOld(): void {
    for (const [key, { version }] of this.#known) {
      const path = key.slice(0, key.indexOf('\0'));
      if (this.#documents.at(path)?.version !== version) this.#known.delete(key);
    }
  }
}

function createJob(path: string, fingerprint: string, version: number): Job {
  let resolve: Job['resolve'] = () => undefined;
  const promise = new Promise<readonly VerifiedFix[] | undefined>((done) => {
    resolve = done;
  });
  return { path, fingerprint, version, resolve, promise };
}

function keyOf(path: string, fingerprint: string): string {
  return `${path}\0${fingerprint}`;
}
