/** A language client that does nothing on its own: every message is the test's. It talks to the server over stdio. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import {
  type CancellationToken,
  type ClientCapabilities,
  type CodeAction,
  createMessageConnection,
  type DocumentDiagnosticReport,
  type InitializeParams,
  type InitializeResult,
  type MessageConnection,
  type Range,
  StreamMessageReader,
  StreamMessageWriter,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver-protocol/node';

export interface ClientOptions {
  readonly server: string;
  readonly folders: readonly string[];
  readonly capabilities: ClientCapabilities;
  readonly initialize?: Partial<InitializeParams>;
  /** Answers to `workspace/configuration`, one per item. */
  readonly settings?: () => unknown;
}

interface Received {
  readonly method: string;
  readonly params: unknown;
}

const EDIT_CAPABILITIES: ClientCapabilities = {
  textDocument: {
    codeAction: {
      codeActionLiteralSupport: { codeActionKind: { valueSet: ['quickfix', 'source.fixAll'] } },
      dataSupport: true,
      resolveSupport: { properties: ['edit'] },
      isPreferredSupport: true,
    },
  },
  workspace: { workspaceEdit: { documentChanges: true, changeAnnotationSupport: {} } },
};

const DETAILS = { relatedInformation: true, codeDescriptionSupport: true, dataSupport: true };

/** As a current VS Code announces itself, as far as this server cares. */
export const PULLING: ClientCapabilities = {
  textDocument: { ...EDIT_CAPABILITIES.textDocument, diagnostic: { dynamicRegistration: true, ...DETAILS } },
  workspace: {
    ...EDIT_CAPABILITIES.workspace,
    diagnostics: { refreshSupport: true },
    workspaceFolders: true,
    didChangeWatchedFiles: { dynamicRegistration: true },
  },
  window: { workDoneProgress: true },
};

/** An editor of three years ago. */
export const PUSHED: ClientCapabilities = {
  textDocument: { ...EDIT_CAPABILITIES.textDocument, publishDiagnostics: { versionSupport: true, ...DETAILS } },
};

export class LanguageClient {
  readonly connection: MessageConnection;
  readonly process: ChildProcess;
  readonly received: Received[] = [];
  stderr = '';
  readonly #watchers = new Set<() => void>();
  readonly #options: ClientOptions;
  readonly #exit: Promise<number | string>;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.process = spawn(process.execPath, [options.server, '--stdio'], { stdio: 'pipe' });
    const { stdin, stdout, stderr } = this.process;
    if (stdin === null || stdout === null || stderr === null) throw new Error('the server has no pipes');
    stderr.on('data', (chunk) => {
      this.stderr += String(chunk);
    });
    stdin.on('error', () => undefined);
    this.#exit = exitOf(this.process);
    const reader = new StreamMessageReader(stdout);
    // Else it waits, again and again, for the rest of a message whose server was killed, and this process never ends.
    reader.partialMessageTimeout = 0;
    this.connection = createMessageConnection(reader, new StreamMessageWriter(stdin));
    this.connection.onNotification((method, params) => this.#receive(method, params));
    this.connection.onUnhandledProgress((progress) => this.#receive('$/progress', progress));
    this.connection.onRequest((method, params) => {
      this.#receive(method, params);
      if (method === 'workspace/configuration') return [this.#options.settings?.()];
      return null;
    });
    this.connection.listen();
  }

  async initialize(): Promise<InitializeResult> {
    const { folders, capabilities, initialize } = this.#options;
    const result = await this.request<InitializeResult>('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities,
      workspaceFolders: folders.map((folder) => ({ uri: uriOf(folder), name: 'test' })),
      ...initialize,
    });
    await this.notify('initialized', {});
    return result;
  }

  request<R>(method: string, params?: object, token?: CancellationToken): Promise<R> {
    if (params === undefined) return this.connection.sendRequest<R>(method);
    return token === undefined
      ? this.connection.sendRequest<R>(method, params)
      : this.connection.sendRequest<R>(method, params, token);
  }

  notify(method: string, params?: object): Promise<void> {
    return params === undefined
      ? this.connection.sendNotification(method)
      : this.connection.sendNotification(method, params);
  }

  open(path: string, text: string, version = 1): Promise<void> {
    const textDocument = { uri: uriOf(path), languageId: 'typescript', version, text };
    return this.notify('textDocument/didOpen', { textDocument });
  }

  replace(path: string, version: number, range: Range, text: string): Promise<void> {
    return this.notify('textDocument/didChange', {
      textDocument: { uri: uriOf(path), version },
      contentChanges: [{ range, text }],
    });
  }

  close(path: string): Promise<void> {
    return this.notify('textDocument/didClose', { textDocument: { uri: uriOf(path) } });
  }

  pull(path: string, previousResultId?: string): Promise<DocumentDiagnosticReport> {
    return this.request('textDocument/diagnostic', { textDocument: { uri: uriOf(path) }, previousResultId });
  }

  actions(path: string, range: Range, context: object = { diagnostics: [] }): Promise<CodeAction[]> {
    return this.request('textDocument/codeAction', { textDocument: { uri: uriOf(path) }, range, context });
  }

  resolve(action: CodeAction): Promise<CodeAction> {
    return this.request('codeAction/resolve', action);
  }

  /** The first message that matches, also one that came before; fails after half a minute. */
  async message<P>(method: string, matches: (params: P) => boolean = () => true): Promise<P> {
    const find = (): P | undefined => this.all<P>(method).find(matches);
    const found = find();
    if (found !== undefined) return found;
    return new Promise<P>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        reject(new Error(`no ${method} came; received ${JSON.stringify(this.received, null, 1)}\n${this.stderr}`));
      }, 30_000);
      const look = (): void => {
        const late = find();
        if (late === undefined) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve(late);
      };
      this.#watchers.add(look);
    });
  }

  all<P>(method: string): P[] {
    return this.received.filter((one) => one.method === method).map(({ params }) => params as P);
  }

  /** The exit code, or the signal's name. */
  get exit(): Promise<number | string> {
    return this.#exit;
  }

  async stop(): Promise<number | string> {
    await this.request('shutdown');
    await this.notify('exit');
    const code = await this.#exit;
    this.connection.dispose();
    return code;
  }

  #receive(method: string, params: unknown): void {
    this.received.push({ method, params: params ?? {} });
    for (const look of [...this.#watchers]) look();
  }
}

/** The exit code, or the name of the signal that ended the process. */
export async function exitOf(child: ChildProcess): Promise<number | string> {
  const [code, signal] = (await once(child, 'exit')) as unknown[];
  return typeof code === 'number' ? code : String(signal);
}

export function uriOf(path: string): string {
  return pathToFileURL(path).href;
}

/** The text after the edits that concern the document; positions are UTF-16. */
export function applied(text: string, uri: string, edit: WorkspaceEdit | undefined): string {
  const edits = (edit?.documentChanges ?? []).flatMap((change) =>
    'textDocument' in change && change.textDocument.uri === uri ? (change.edits as TextEdit[]) : [],
  );
  const all = [...edits, ...(edit?.changes?.[uri] ?? [])];
  const lines = text.split('\n');
  const offset = ({ line, character }: Range['start']): number =>
    lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0) + character;
  return all
    .map(({ range, newText }) => ({ start: offset(range.start), end: offset(range.end), newText }))
    .sort((a, b) => b.start - a.start)
    .reduce((result, { start, end, newText }) => result.slice(0, start) + newText + result.slice(end), text);
}
