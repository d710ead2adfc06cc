/**
 * Shows a checklist result as a read-only page: a virtual Markdown document, rendered by the editor's own preview, or
 * as text where the preview is disabled. There is one page; a new run replaces its content.
 */
import { posix } from 'node:path';
import * as vscode from 'vscode';

import type { ChecklistResult } from '../../server/src/protocol.ts';
import { renderChecklist } from './checklist-page.ts';

const SCHEME = 'concurrency-checklist';
const PAGE = vscode.Uri.from({ scheme: SCHEME, path: '/Concurrency checklist.md' });

export interface ResultView extends vscode.Disposable {
  show(result: ChecklistResult): Promise<void>;
}

export function createResultView(): ResultView {
  let text = 'The checklist has not been run yet.\n';
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    onDidChange: changed.event,
    provideTextDocumentContent: () => text,
  });
  return {
    async show(result) {
      text = renderChecklist(result, linkFromPreview);
      changed.fire(PAGE);
      const document = await vscode.workspace.openTextDocument(PAGE);
      try {
        await vscode.commands.executeCommand('markdown.showPreview', PAGE);
      } catch {
        await vscode.window.showTextDocument(document, { preview: false });
      }
    },
    dispose() {
      registration.dispose();
      changed.dispose();
    },
  };
}

/**
 * The preview follows neither `file:` nor `command:` links. It reads a link that starts with a slash from the first
 * workspace folder, so files anywhere else are reached from there.
 */
function linkFromPreview(uri: string): string | undefined {
  const root = vscode.workspace.workspaceFolders?.[0]?.uri;
  const file = vscode.Uri.parse(uri);
  if (root === undefined || root.scheme !== file.scheme || root.authority !== file.authority) return undefined;
  return `/${posix.relative(root.path, file.path).split('/').map(encodeURIComponent).join('/')}`;
}
