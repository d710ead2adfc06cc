/**
 * Diagnostics for a client that asks for them. A document request waits for the analysis of the text it was sent for;
 * an edit in between ends it with the request to ask again. A workspace request stays open: it streams what changes
 * until the client takes it back, so that closed files are up to date without a poll. (`vscode-languageclient` asks
 * again two seconds after every answer, for ever.) When findings of an open document change by an edit elsewhere, the
 * client is told to ask again.
 */
import {
  type CancellationToken,
  type DocumentDiagnosticParams,
  type DocumentDiagnosticReport,
  DocumentDiagnosticReportKind,
  type ResponseError,
  type ResultProgressReporter,
  type WorkspaceDiagnosticParams,
  type WorkspaceDiagnosticReport,
  type WorkspaceDiagnosticReportPartialResult,
  type WorkspaceFullDocumentDiagnosticReport,
} from 'vscode-languageserver';

import type { AnalysisSession, Snapshot } from './analysis-session.ts';
import { delay, isCancelled, orAbort, requestCancelled, serverCancelled, signalOf } from './cancellation.ts';
import type { Reports } from './diagnostic-reports.ts';
import type { FileTexts } from './file-texts.ts';
import { uriToPath } from './file-uris.ts';
import type { OpenDocuments } from './open-documents.ts';

interface Waiting {
  readonly supersede: (retrigger: boolean) => void;
}

/** One open workspace request. */
interface Stream {
  /** Result ids the client has, by path; an empty one differs from all. */
  readonly known: Map<string, string>;
  wake: () => void;
}

export interface PullHost {
  readonly session: AnalysisSession;
  readonly documents: OpenDocuments;
  readonly texts: FileTexts;
  readonly reports: Reports;
  /** Asks the client to pull its open documents again; undefined where it cannot. */
  readonly refresh: (() => void) | undefined;
}

const CHUNK = 50;
/** How long `vscode-languageclient` may take to forget a document that was closed; it ignores our reports until then. */
const FORGET_TIME = 1000;

export class PullDiagnostics {
  readonly #host: PullHost;
  readonly #waiting = new Map<string, Waiting>();
  /** Result ids given for open documents, and those we asked the client to fetch, by path. */
  readonly #answered = new Map<string, string>();
  readonly #announced = new Map<string, string>();
  readonly #streams = new Set<Stream>();
  #ended = false;

  constructor(host: PullHost) {
    this.#host = host;
  }

  async document(
    params: DocumentDiagnosticParams,
    token: CancellationToken,
  ): Promise<DocumentDiagnosticReport | ResponseError<unknown>> {
    const { uri } = params.textDocument;
    const path = uriToPath(uri);
    if (path === undefined) return { kind: DocumentDiagnosticReportKind.Full, items: [] };
    this.#waiting.get(path)?.supersede(false);
    const superseded = new AbortController();
    let retrigger = false;
    const waiting: Waiting = {
      supersede(again) {
        retrigger = again;
        superseded.abort();
      },
    };
    this.#waiting.set(path, waiting);
    try {
      const signal = AbortSignal.any([signalOf(token), superseded.signal]);
      const snapshot = await this.#host.session.settled(signal);
      return await orAbort(this.#report(path, snapshot, params.previousResultId), signal);
    } catch (error) {
      if (!isCancelled(error)) throw error;
      return superseded.signal.aborted ? serverCancelled(retrigger) : requestCancelled();
    } finally {
      if (this.#waiting.get(path) === waiting) this.#waiting.delete(path);
    }
  }

  async workspace(
    params: WorkspaceDiagnosticParams,
    token: CancellationToken,
    progress: ResultProgressReporter<WorkspaceDiagnosticReportPartialResult> | undefined,
  ): Promise<WorkspaceDiagnosticReport | ResponseError<unknown>> {
    const signal = signalOf(token);
    const stream: Stream = { known: knownBy(params), wake: () => undefined };
    this.#streams.add(stream);
    try {
      while (!this.#ended) {
        const woken = new Promise<void>((resolve) => {
          stream.wake = resolve;
        });
        const items = await orAbort(this.#news(stream), signal);
        if (items.length > 0 && progress === undefined) return { items };
        for (let at = 0; at < items.length; at += CHUNK) progress?.report({ items: items.slice(at, at + CHUNK) });
        await orAbort(woken, signal);
      }
      return { items: [] };
    } catch (error) {
      if (!isCancelled(error)) throw error;
      return requestCancelled();
    } finally {
      this.#streams.delete(stream);
    }
  }

  /** The document has another text now: nobody wants to know about the one before. */
  edited(path: string): void {
    this.#waiting.get(path)?.supersede(true);
  }

  closed(path: string): void {
    this.#answered.delete(path);
    this.#announced.delete(path);
    void this.#repeat(path);
  }

  checked(snapshot: Snapshot | undefined): void {
    for (const stream of this.#streams) stream.wake();
    const { documents, reports, refresh } = this.#host;
    if (refresh === undefined) return;
    let isStale = false;
    for (const { path } of documents.sources()) {
      const given = this.#answered.get(path);
      const resultId = reports.resultId(snapshot, path);
      if (given === undefined || given === resultId || this.#waiting.has(path)) continue;
      // Documents that no tab shows are never fetched again: asking once is enough.
      if (this.#announced.get(path) === resultId) continue;
      this.#announced.set(path, resultId);
      isStale = true;
    }
    if (isStale) refresh();
  }

  /** The user asked for everything: open documents are fetched again too. */
  refreshAll(): void {
    this.#host.refresh?.();
  }

  /** Answers everything that is open. */
  end(): void {
    this.#ended = true;
    for (const stream of this.#streams) stream.wake();
    for (const waiting of this.#waiting.values()) waiting.supersede(false);
  }

  /** Tells the streams about a closed file once more, when the client listens to them about it again. */
  async #repeat(path: string): Promise<void> {
    await this.#host.session.settled();
    await delay(FORGET_TIME);
    for (const stream of this.#streams) {
      if (stream.known.has(path)) stream.known.set(path, '');
      stream.wake();
    }
  }

  async #report(
    path: string,
    snapshot: Snapshot | undefined,
    previous: string | undefined,
  ): Promise<DocumentDiagnosticReport> {
    const { documents, reports } = this.#host;
    const resultId = reports.resultId(snapshot, path);
    if (documents.at(path) !== undefined) this.#answered.set(path, resultId);
    if (resultId === previous) return { kind: DocumentDiagnosticReportKind.Unchanged, resultId };
    return { kind: DocumentDiagnosticReportKind.Full, resultId, items: await reports.diagnostics(snapshot, path) };
  }

  /** Reports for all files the stream's client has other diagnostics of; it counts as having them afterwards. */
  async #news({ known }: Stream): Promise<WorkspaceFullDocumentDiagnosticReport[]> {
    const { session, reports, texts } = this.#host;
    const snapshot = session.current;
    // Nothing is known yet, or nothing any more: what the client shows stays until there is something to say.
    if (snapshot === undefined) return [];
    const concerned = [...snapshot.files.keys()].filter((path) => !reports.isEmpty(snapshot, path));
    const news: Promise<WorkspaceFullDocumentDiagnosticReport>[] = [];
    for (const path of new Set([...concerned, ...known.keys()])) {
      const resultId = reports.resultId(snapshot, path);
      if (known.get(path) === resultId) continue;
      known.set(path, resultId);
      const version = snapshot.versions.get(path) ?? null;
      const uri = texts.uriOf(path);
      news.push(
        reports
          .diagnostics(snapshot, path)
          .then((items) => ({ kind: DocumentDiagnosticReportKind.Full, uri, version, resultId, items })),
      );
    }
    return Promise.all(news);
  }
}

function knownBy({ previousResultIds }: WorkspaceDiagnosticParams): Map<string, string> {
  const known = new Map<string, string>();
  for (const { uri, value } of previousResultIds) {
    const path = uriToPath(uri);
    if (path !== undefined) known.set(path, value);
  }
  return known;
}
