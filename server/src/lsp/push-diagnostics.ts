/**
 * Diagnostics for a client that does not ask for them: open documents after every analysis, and all files once the
 * checklist was run. Nothing is published for a text that the client has already changed.
 */
import type { PublishDiagnosticsParams } from 'vscode-languageserver';

import type { Snapshot } from './analysis-session.ts';
import type { Reports } from './diagnostic-reports.ts';
import type { FileTexts } from './file-texts.ts';
import type { OpenDocuments } from './open-documents.ts';

export interface PushHost {
  readonly documents: OpenDocuments;
  readonly texts: FileTexts;
  readonly reports: Reports;
  readonly withVersion: boolean;
  readonly publish: (params: PublishDiagnosticsParams) => void;
}

export class PushDiagnostics {
  readonly #host: PushHost;
  /** Identity of what was published last, by path. */
  readonly #published = new Map<string, string>();
  #everyFile = false;
  #snapshot: Snapshot | undefined;

  constructor(host: PushHost) {
    this.#host = host;
  }

  checked(snapshot: Snapshot | undefined): void {
    this.#snapshot = snapshot;
    const paths = new Set([...this.#published.keys(), ...[...this.#host.documents.sources()].map(({ path }) => path)]);
    if (this.#everyFile) for (const path of snapshot?.files.keys() ?? []) paths.add(path);
    for (const path of paths) void this.#update(path);
  }

  /** The checklist was run: from now on closed files have diagnostics too. */
  showEveryFile(): void {
    this.#everyFile = true;
    this.checked(this.#snapshot);
  }

  closed(path: string): void {
    if (!this.#everyFile) this.#clear(path);
  }

  async #update(path: string): Promise<void> {
    const { documents, texts, reports, withVersion, publish } = this.#host;
    const snapshot = this.#snapshot;
    const document = documents.at(path);
    if (document === undefined && !this.#everyFile) return this.#clear(path);
    if (document !== undefined && snapshot !== undefined && snapshot.versions.get(path) !== document.version) return;
    const isNew = !this.#published.has(path);
    // A closed file without findings needs no notification; an open one gets it once, so that a client can wait for it.
    if (isNew && document === undefined && reports.isEmpty(snapshot, path)) return;
    const identity = `${document?.version} ${reports.resultId(snapshot, path)}`;
    if (this.#published.get(path) === identity) return;
    this.#published.set(path, identity);
    const diagnostics = await reports.diagnostics(snapshot, path);
    // Something newer was published while positions were looked up.
    if (this.#published.get(path) !== identity) return;
    const version = withVersion && document !== undefined ? { version: document.version } : {};
    publish({ uri: texts.uriOf(path), ...version, diagnostics });
  }

  #clear(path: string): void {
    if (this.#published.delete(path)) this.#host.publish({ uri: this.#host.texts.uriOf(path), diagnostics: [] });
  }
}
