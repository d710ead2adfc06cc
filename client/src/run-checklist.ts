/**
 * The command "Run concurrency checklist": progress with a cancel button, one request to the server, then the result
 * page. The Problems panel is filled by the server's diagnostics, not from here.
 */
import * as vscode from 'vscode';

import type { ChecklistResult } from '../../server/src/protocol.ts';
import type { ResultView } from './result-view.ts';
import type { ServerProgress, ServerSession } from './server-session.ts';

/** The command resolves with the result, or with nothing when it was cancelled or failed; the user has been told. */
export function createChecklistCommand(
  session: ServerSession,
  results: ResultView,
  output: vscode.LogOutputChannel,
): () => Promise<ChecklistResult | undefined> {
  // Asking twice while one run is going on joins that run.
  let current: Promise<ChecklistResult | undefined> | undefined;
  return () => {
    current ??= run(session, results, output).finally(() => {
      current = undefined;
    });
    return current;
  };
}

async function run(
  session: ServerSession,
  results: ResultView,
  output: vscode.LogOutputChannel,
): Promise<ChecklistResult | undefined> {
  if (vscode.workspace.workspaceFolders === undefined) {
    void vscode.window.showInformationMessage('Open a folder to run the concurrency checklist on it.');
    return undefined;
  }
  try {
    const result = await checkWithProgress(session);
    if (result === undefined) return undefined;
    await results.show(result);
    return result;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    output.error(`The checklist was not run: ${reason}`);
    void offerOutput(`The concurrency checklist was not run. ${reason}`, output);
    return undefined;
  }
}

/** Undefined when the user cancelled. */
async function checkWithProgress(session: ServerSession): Promise<ChecklistResult | undefined> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: 'Running concurrency checklist',
    cancellable: true,
  };
  return vscode.window.withProgress(options, async (progress, token) => {
    try {
      const result = await session.runChecklist(createReporter(progress), token);
      return token.isCancellationRequested ? undefined : result;
    } catch (error) {
      if (token.isCancellationRequested) return undefined;
      throw error;
    }
  });
}

/** The protocol reports percentages reached, the editor wants the difference since the last report. */
function createReporter(
  progress: vscode.Progress<{ message?: string; increment?: number }>,
): (value: ServerProgress) => void {
  let reached = 0;
  return (value) => {
    if (value.kind === 'end') return;
    const percentage = value.percentage ?? reached;
    progress.report({
      ...(value.message === undefined ? {} : { message: value.message }),
      increment: Math.max(0, percentage - reached),
    });
    reached = Math.max(reached, percentage);
  };
}

async function offerOutput(message: string, output: vscode.LogOutputChannel): Promise<void> {
  const choice = await vscode.window.showErrorMessage(message, 'Show output');
  if (choice !== undefined) output.show();
}
