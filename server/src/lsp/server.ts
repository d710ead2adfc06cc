/**
 * The language server: connects the protocol's requests and notifications to the parts that answer them. It holds
 * only what belongs to the conversation itself: whether it has begun, what the client can do, which settings hold.
 * Every message is treated as something a broken client may have sent at the wrong time.
 */
import {
  type CancellationToken,
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  ErrorCodes,
  type InitializeParams,
  type InitializeResult,
  MessageType,
  ResponseError,
  ShowMessageNotification,
} from 'vscode-languageserver';

import type { Changes } from '../driver/service.ts';
import { type ChecklistResult, RUN_CHECKLIST, SERVER_STATUS, type ServerStatus } from '../protocol.ts';
import { AnalysisSession, reasonOf, type SessionState, type Snapshot, type StartService } from './analysis-session.ts';
import { within } from './cancellation.ts';
import { runChecklist } from './checklist-request.ts';
import { type ClientFeatures, readClientFeatures, serverCapabilities } from './client-features.ts';
import { CodeActions } from './code-actions.ts';
import { createReports } from './diagnostic-reports.ts';
import { FileTexts } from './file-texts.ts';
import { uriToPath } from './file-uris.ts';
import { isSource, type OpenDocument, OpenDocuments } from './open-documents.ts';
import {
  changeParams,
  codeActionParams,
  diagnosticParams,
  documentUri,
  folderUris,
  openParams,
  settingAt,
  watchedFilesParams,
  workspaceDiagnosticParams,
} from './parameters.ts';
import { PullDiagnostics } from './pull-diagnostics.ts';
import { PushDiagnostics } from './push-diagnostics.ts';
import { VerifiedFixes } from './verified-fixes.ts';
import { changesOf, WATCHERS } from './watched-files.ts';
import { WorkspaceEdits } from './workspace-edits.ts';
import { WorkspaceFolders } from './workspace-folders.ts';

export interface LanguageServer {
  /** Ends the analysis; false when it did not end in time. */
  readonly dispose: () => Promise<boolean>;
}

/** Handlers are in place when this returns; the caller starts listening. */
export function createServer(connection: Connection, startService: StartService): LanguageServer {
  return new Server(connection, startService);
}

/** What exists only once the client has said what it can do. */
interface Conversation {
  readonly features: ClientFeatures;
  readonly pull: PullDiagnostics | undefined;
  readonly push: PushDiagnostics | undefined;
  readonly actions: CodeActions;
}

const SECTION = 'concurrencyChecklist';
/** A client that announced settings but does not answer must not keep the analysis from starting. */
const CONFIGURATION_TIME = 3000;
/** Clients kill a server that does not answer within two seconds. */
const SHUTDOWN_TIME = 1000;
/** Milliseconds; opening a project's files, a branch switch, an installation come as many messages. */
const QUIET_AFTER_OPEN = 10;
const QUIET_AFTER_FILES = 100;

class Server implements LanguageServer {
  readonly #connection: Connection;
  readonly #documents = new OpenDocuments();
  readonly #folders = new WorkspaceFolders();
  readonly #texts = new FileTexts(this.#documents, this.#folders);
  readonly #session: AnalysisSession;
  readonly #fixes: VerifiedFixes;
  #conversation: Conversation | undefined;
  #hasStarted = false;
  #hasEnded = false;
  #disposal: Promise<boolean> | undefined;
  #status = '';

  constructor(connection: Connection, startService: StartService) {
    this.#connection = connection;
    this.#session = new AnalysisSession({
      startService,
      overlays: () => [...this.#documents.sources()].map(({ path, content }) => [path, content.getText()] as const),
      versions: () => new Map([...this.#documents.sources()].map(({ path, version }) => [path, version])),
      onChecked: (snapshot) => this.#checked(snapshot),
      onState: (state) => this.#stateChanged(state),
      log: (message) => connection.console.error(message),
    });
    this.#fixes = new VerifiedFixes(this.#session, this.#documents);
    this.#listenToLife();
    this.#listenToDocuments();
    this.#listenToWorkspace();
    this.#answerRequests();
  }

  dispose(): Promise<boolean> {
    this.#disposal ??= this.#dispose();
    return this.#disposal;
  }

  async #dispose(): Promise<boolean> {
    this.#hasEnded = true;
    this.#fixes.end();
    const gone = this.#session.dispose();
    this.#conversation?.pull?.end();
    return gone;
  }

  #listenToLife(): void {
    this.#connection.onInitialize((params) => this.#initialize(params));
    this.#connection.onInitialized(() => this.#safely(() => this.#start()));
    this.#connection.onShutdown(async () => {
      // An analysis that hangs is got rid of after the answer.
      await within(SHUTDOWN_TIME, this.dispose());
    });
  }

  #initialize({ capabilities, workspaceFolders, rootUri, initializationOptions }: InitializeParams): InitializeResult {
    if (this.#conversation !== undefined) {
      throw new ResponseError(ErrorCodes.InvalidRequest, 'The server is already initialized.');
    }
    const features = readClientFeatures(capabilities ?? {});
    this.#documents.encoding = features.encoding;
    const folders = folderUris(workspaceFolders);
    if (folders.length === 0 && typeof rootUri === 'string') folders.push(rootUri);
    this.#folders.set(folders);
    this.#folders.setConfidences([settingAt(initializationOptions, 'minConfidence')]);
    this.#conversation = this.#converse(features);
    return {
      capabilities: serverCapabilities(features),
      serverInfo: { name: 'Concurrency Checklist' },
    };
  }

  #converse(features: ClientFeatures): Conversation {
    const session = this.#session;
    const documents = this.#documents;
    const texts = this.#texts;
    const context = { features, texts };
    const reports = createReports(context);
    const edits = new WorkspaceEdits(texts, features);
    const refresh = (): void => {
      this.#connection.languages.diagnostics.refresh().catch(() => undefined);
    };
    const pull = { session, documents, texts, reports, refresh: features.diagnosticRefresh ? refresh : undefined };
    const push = {
      documents,
      texts,
      reports,
      withVersion: features.diagnosticVersion,
      publish: (params: Parameters<Connection['sendDiagnostics']>[0]) => {
        this.#connection.sendDiagnostics(params).catch(() => undefined);
      },
    };
    return {
      features,
      pull: features.pull ? new PullDiagnostics(pull) : undefined,
      push: features.pull ? undefined : new PushDiagnostics(push),
      actions: new CodeActions({ session, documents, fixes: this.#fixes, edits, features, context }),
    };
  }

  /** Once, with `initialized`, or with the first document of a client that forgets to send it. */
  #start(): void {
    const features = this.#conversation?.features;
    if (this.#hasStarted || features === undefined) return;
    this.#hasStarted = true;
    this.#send({ state: 'starting' });
    const { client, workspace } = this.#connection;
    if (features.watchedFiles) {
      this.#unanswered(client.register(DidChangeWatchedFilesNotification.type, { watchers: WATCHERS }));
    }
    if (features.dynamicConfiguration) {
      this.#unanswered(client.register(DidChangeConfigurationNotification.type, { section: SECTION }));
    }
    if (features.workspaceFolders) {
      workspace.onDidChangeWorkspaceFolders((event) => {
        this.#safely(() => {
          this.#folders.change(folderUris(event?.added), folderUris(event?.removed));
          this.#unanswered(this.#configure());
        });
      });
    }
    this.#unanswered(this.#configure());
  }

  /** Asks for the settings where the client has them, and lets the analysis begin, or begin again, with them. */
  async #configure(): Promise<void> {
    if (this.#conversation?.features.configuration === true) {
      const uris = this.#folders.uris;
      const items =
        uris.length === 0 ? [{ section: SECTION }] : uris.map((scopeUri) => ({ scopeUri, section: SECTION }));
      const asked = this.#connection.workspace.getConfiguration(items).catch(() => undefined);
      const settings = await within(CONFIGURATION_TIME, asked);
      if (settings !== undefined) this.#folders.setConfidences(settings.map((one) => settingAt(one, 'minConfidence')));
    }
    this.#applySettings();
  }

  #applySettings(): void {
    if (this.#hasEnded) return;
    this.#session.configure({ roots: this.#folders.roots, defaultMinConfidence: this.#folders.minConfidence });
  }

  #listenToDocuments(): void {
    this.#connection.onDidOpenTextDocument((params) => this.#safely(() => this.#opened(params)));
    this.#connection.onDidChangeTextDocument((params) => this.#safely(() => this.#changed(params)));
    this.#connection.onDidCloseTextDocument((params) => this.#safely(() => this.#closed(params)));
    this.#connection.onDidSaveTextDocument((params) => this.#safely(() => this.#saved(params)));
  }

  #opened(params: unknown): void {
    const open = openParams(params);
    if (open === undefined) return;
    this.#start();
    const document = this.#documents.open(open);
    const path = sourcePath(document);
    if (path === undefined) return;
    const roots = this.#folders.roots.length;
    this.#folders.opened(path);
    this.#update({ overlays: [[path, document.content.getText()]] }, QUIET_AFTER_OPEN);
    // Before the settings are known nothing is started; `#configure` will.
    if (this.#folders.roots.length !== roots) this.#unanswered(this.#configure());
  }

  #changed(params: unknown): void {
    const change = changeParams(params);
    const result = change && this.#documents.change(change);
    const path = result && sourcePath(result.document);
    if (result === undefined || path === undefined) return;
    if (result.editedAt !== undefined) this.#fixes.seenAt(path, result.editedAt);
    this.#conversation?.pull?.edited(path);
    this.#update({ overlays: [[path, result.document.content.getText()]] });
  }

  #closed(params: unknown): void {
    const uri = documentUri(params);
    const document = uri === undefined ? undefined : this.#documents.close(uri);
    const path = document && sourcePath(document);
    if (path === undefined) return;
    // What was unsaved is gone, and what is on disk may have changed while it was open.
    this.#update({ overlays: [[path, null]], changed: [path] }, QUIET_AFTER_OPEN);
    this.#fixes.closed(path);
    this.#conversation?.pull?.closed(path);
    this.#conversation?.push?.closed(path);
  }

  /** The only news about files that a client without file watching gives. */
  #saved(params: unknown): void {
    const path = uriToPath(documentUri(params) ?? '');
    if (path === undefined || isSource(path) || this.#conversation?.features.watchedFiles === true) return;
    this.#update({ changed: [path] }, QUIET_AFTER_FILES);
  }

  #listenToWorkspace(): void {
    this.#connection.onDidChangeWatchedFiles((params) =>
      this.#safely(() => {
        const changes = changesOf(watchedFilesParams(params));
        // The text of an open document is the client's, whatever is saved.
        const changed = changes?.changed?.filter((path) => this.#documents.at(path) === undefined) ?? [];
        if (changes === undefined) return;
        const isNothing = changed.length + (changes.created?.length ?? 0) + (changes.deleted?.length ?? 0) === 0;
        if (!isNothing) this.#update({ ...changes, changed }, QUIET_AFTER_FILES);
      }),
    );
    this.#connection.onDidChangeConfiguration((params) =>
      this.#safely(() => {
        if (this.#conversation?.features.configuration !== true) {
          this.#folders.setConfidences([settingAt(params, 'settings', SECTION, 'minConfidence')]);
        }
        this.#unanswered(this.#configure());
      }),
    );
  }

  #update(changes: Changes, quiet?: number): void {
    this.#fixes.changed();
    this.#session.change(changes, quiet);
  }

  #answerRequests(): void {
    const { languages } = this.#connection;
    languages.diagnostics.on((params, token) =>
      this.#answer(({ pull }) => {
        const asked = diagnosticParams(params);
        if (pull === undefined) return unsupported('The client did not announce that it pulls diagnostics.');
        return asked === undefined ? invalid('textDocument.uri is missing') : pull.document(asked, token);
      }),
    );
    languages.diagnostics.onWorkspace((params, token, _progress, partial) =>
      this.#answer(({ pull }) => {
        if (pull === undefined) return unsupported('The client did not announce that it pulls diagnostics.');
        return pull.workspace(workspaceDiagnosticParams(params), token, partial);
      }),
    );
    this.#connection.onCodeAction((params, token) =>
      this.#answer(({ actions }) => {
        const asked = codeActionParams(params);
        return asked === undefined ? invalid('textDocument.uri or range is missing') : actions.list(asked, token);
      }),
    );
    this.#connection.onCodeActionResolve((action) => this.#answer(({ actions }) => actions.resolve(action)));
    this.#connection.onRequest(RUN_CHECKLIST, (...received: unknown[]) => {
      // Without parameters the token comes first.
      const token = received.at(-1) as CancellationToken;
      const params = received.length > 1 ? received[0] : undefined;
      return this.#answer((conversation) => this.#runChecklist(params, token, conversation));
    });
  }

  async #runChecklist(
    params: unknown,
    token: CancellationToken,
    { features, pull, push }: Conversation,
  ): Promise<ChecklistResult | ResponseError<void>> {
    this.#start();
    const answer = await runChecklist(params, token, {
      connection: this.#connection,
      session: this.#session,
      texts: this.#texts,
      folders: this.#folders,
      canCreateProgress: features.workDoneProgress,
    });
    if (!(answer instanceof ResponseError)) {
      push?.showEveryFile();
      pull?.refreshAll();
    }
    return answer;
  }

  /** The border of one request: it must come at the right time, and no defect behind it ends the server. */
  async #answer<T>(
    handle: (conversation: Conversation) => Promise<T | ResponseError<unknown>> | ResponseError<unknown>,
  ): Promise<T> {
    const conversation = this.#conversation;
    if (conversation === undefined) {
      throw new ResponseError(ErrorCodes.ServerNotInitialized, 'The server is not initialized.');
    }
    if (this.#hasEnded) throw new ResponseError(ErrorCodes.InvalidRequest, 'The server is shutting down.');
    let answer: T | ResponseError<unknown>;
    try {
      answer = await handle(conversation);
    } catch (error) {
      this.#connection.console.error(`A request failed: ${error instanceof Error ? error.stack : String(error)}`);
      throw new ResponseError(ErrorCodes.InternalError, reasonOf(error));
    }
    if (answer instanceof ResponseError) throw answer;
    return answer;
  }

  /** The border of one notification; those that come before the conversation or after it mean nothing. */
  #safely(handle: () => void): void {
    if (this.#conversation === undefined || this.#hasEnded) return;
    try {
      handle();
    } catch (error) {
      this.#connection.console.error(`A notification failed: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }

  /** A request to the client, or work, whose failure changes nothing. */
  #unanswered(promise: Promise<unknown>): void {
    promise.catch((error: unknown) => this.#connection.console.log(`Not done: ${reasonOf(error)}`));
  }

  #checked(snapshot: Snapshot): void {
    for (const { rule, path, message } of snapshot.result.failures) {
      this.#connection.console.error(`${rule} failed on ${path}: ${message}`);
    }
    this.#conversation?.pull?.checked(snapshot);
    this.#conversation?.push?.checked(snapshot);
    this.#fixes.checked(snapshot);
  }

  #stateChanged({ state, message, final }: SessionState): void {
    if (this.#hasEnded) return;
    this.#send(message === undefined ? { state } : { state, message });
    if (state !== 'failed') return;
    // What was found before is not known to hold any more.
    this.#conversation?.pull?.checked(undefined);
    this.#conversation?.push?.checked(undefined);
    if (final !== true || message === undefined) return;
    const text = `Concurrency Checklist: ${message}`;
    this.#unanswered(
      this.#connection.sendNotification(ShowMessageNotification.type, { type: MessageType.Error, message: text }),
    );
  }

  #send(status: ServerStatus): void {
    const text = JSON.stringify(status);
    if (this.#status === text) return;
    this.#status = text;
    this.#unanswered(this.#connection.sendNotification(SERVER_STATUS, status));
  }
}

function sourcePath({ path }: OpenDocument): string | undefined {
  return path !== undefined && isSource(path) ? path : undefined;
}

function invalid(reason: string): ResponseError<void> {
  return new ResponseError(ErrorCodes.InvalidParams, `Invalid parameters: ${reason}.`);
}

function unsupported(reason: string): ResponseError<void> {
  return new ResponseError(ErrorCodes.InvalidRequest, reason);
}
