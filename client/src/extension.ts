/**
 * Entry point of the extension: creates the output channel, the status item and the server session, and registers the
 * commands. It knows nothing about findings; diagnostics and fixes reach the editor through the language client.
 */
import * as vscode from 'vscode';

import { createResultView } from './result-view.ts';
import { createChecklistCommand } from './run-checklist.ts';
import { ServerSession } from './server-session.ts';
import { StatusItem } from './status-item.ts';

let session: ServerSession | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel('Concurrency Checklist', { log: true });
  const status = new StatusItem();
  const results = createResultView();
  session = new ServerSession(context.asAbsolutePath('dist/server.js'), output, status);
  const running = session;

  context.subscriptions.push(
    output,
    status,
    results,
    vscode.commands.registerCommand('concurrencyChecklist.run', createChecklistCommand(running, results, output)),
    vscode.commands.registerCommand('concurrencyChecklist.restartServer', () => running.restart()),
    vscode.commands.registerCommand('concurrencyChecklist.showOutput', () => output.show()),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('concurrencyChecklist.enable')) void running.restart();
    }),
  );
  await running.start();
}

export async function deactivate(): Promise<void> {
  await session?.stop();
  session = undefined;
}
