/**
 * Owns the language server process: starts it where the settings allow, restarts and stops it, sends the checklist
 * request, and tells the status item what is going on. Start and stop never overlap: each waits for the one before.
 * It does not interpret what the server finds.
 */
import * as vscode from 'vscode';
import {
  LanguageClient,
  type LanguageClientOptions,
  type ServerOptions,
  State,
  TransportKind,
  WorkDoneProgress,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageclient/node';

import {
  type ChecklistParams,
  type ChecklistResult,
  RUN_CHECKLIST,
  SERVER_STATUS,
  type ServerStatus,
} from '../../server/src/protocol.ts';
import { DOCUMENTS } from './documents.ts';
import type { StatusItem } from './status-item.ts';

export type ServerProgress = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;

export class ServerSession {
  readonly #serverModule: string;
  readonly #output: vscode.LogOutputChannel;
  readonly #status: StatusItem;
  #client: LanguageClient | undefined;
  #queue: Promise<void> = Promise.resolve();
  #runs = 0;

  constructor(serverModule: string, output: vscode.LogOutputChannel, status: StatusItem) {
    this.#serverModule = serverModule;
    this.#output = output;
    this.#status = status;
  }

  start(): Promise<void> {
    return this.#enqueue(() => this.#start());
  }

  stop(): Promise<void> {
    return this.#enqueue(() => this.#stop());
  }

  restart(): Promise<void> {
    return this.#enqueue(async () => {
      await this.#stop();
      await this.#start();
    });
  }

  /**
   * Checks the whole workspace. Rejects when the server is off or not working, with a sentence that can be shown, and
   * with the protocol's cancellation error when `token` fires.
   */
  async runChecklist(
    onProgress: (progress: ServerProgress) => void,
    token: vscode.CancellationToken,
  ): Promise<ChecklistResult> {
    await this.start();
    const client = this.#client;
    if (client === undefined) throw new Error(this.#status.reason);
    this.#runs += 1;
    const workDoneToken = `checklist-${this.#runs}`;
    const subscription = client.onProgress(WorkDoneProgress.type, workDoneToken, onProgress);
    const params: ChecklistParams = { workDoneToken };
    try {
      return await client.sendRequest<ChecklistResult>(RUN_CHECKLIST, params, token);
    } finally {
      subscription.dispose();
    }
  }

  #enqueue(step: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(step);
    this.#queue = done.catch((error: unknown) => this.#output.error(String(error)));
    return this.#queue;
  }

  async #start(): Promise<void> {
    if (this.#client?.state === State.Running) return;
    if (!vscode.workspace.getConfiguration('concurrencyChecklist').get('enable', true)) {
      this.#status.off();
      return;
    }
    await this.#stop();
    this.#status.update({ state: 'starting' });
    const client = createClient(this.#serverModule, this.#output);
    client.onNotification(SERVER_STATUS, (status: ServerStatus) => this.#status.update(status));
    client.onDidChangeState(({ newState }) => {
      // A stop that we asked for has already let go of the client.
      if (this.#client !== client) return;
      if (newState === State.Stopped || newState === State.StartFailed) {
        this.#status.update({ state: 'failed', message: 'The server stopped.' });
      } else if (newState === State.Starting) {
        this.#status.update({ state: 'starting' });
      } else {
        this.#status.update({ state: 'ready' });
      }
    });
    this.#client = client;
    try {
      await client.start();
    } catch (error) {
      this.#client = undefined;
      const reason = error instanceof Error ? error.message : String(error);
      this.#output.error(`The server did not start: ${reason}`);
      this.#status.update({ state: 'failed', message: `The server did not start: ${reason}` });
      await client.dispose().catch(() => undefined);
    }
  }

  async #stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    // A server that already died, or does not answer the shutdown, must not keep the next one from starting.
    await client?.dispose(5000).catch((error: unknown) => this.#output.warn(`While stopping: ${String(error)}`));
  }
}

function createClient(module: string, outputChannel: vscode.LogOutputChannel): LanguageClient {
  const transport = TransportKind.ipc;
  const server: ServerOptions = {
    run: { module, transport },
    debug: { module, transport, options: { execArgv: ['--nolazy', '--inspect=6011'] } },
  };
  const options: LanguageClientOptions = { documentSelector: DOCUMENTS, outputChannel };
  return new LanguageClient('concurrencyChecklist', 'Concurrency Checklist', server, options);
}
