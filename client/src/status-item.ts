/**
 * The entry in the editor's language status menu: starting, ready, analysing, off, or not working and why. It only
 * shows what it is told.
 */
import * as vscode from 'vscode';

import type { ServerStatus } from '../../server/src/protocol.ts';
import { DOCUMENTS } from './documents.ts';

const CHECK: vscode.Command = { command: 'concurrencyChecklist.run', title: 'Run concurrency checklist' };
const RESTART: vscode.Command = { command: 'concurrencyChecklist.restartServer', title: 'Restart server' };
const SETTINGS: vscode.Command = {
  command: 'workbench.action.openSettings',
  title: 'Open settings',
  arguments: ['concurrencyChecklist.enable'],
};

export class StatusItem implements vscode.Disposable {
  readonly #item = vscode.languages.createLanguageStatusItem('concurrencyChecklist', DOCUMENTS);
  /** Why no checklist can be run, as a sentence; meaningful only while the server is off or not working. */
  reason = 'The server is not running.';

  constructor() {
    this.#item.name = 'Concurrency Checklist';
    this.update({ state: 'starting' });
  }

  update({ state, message }: ServerStatus): void {
    const failed = state === 'failed';
    if (failed) this.reason = message ?? 'The server is not running.';
    this.#item.busy = state === 'starting' || state === 'analysing';
    this.#item.severity = failed ? vscode.LanguageStatusSeverity.Error : vscode.LanguageStatusSeverity.Information;
    this.#item.text = `Concurrency: ${failed ? 'not working' : state}`;
    this.#item.detail = message ?? '';
    this.#item.command = failed ? RESTART : CHECK;
  }

  /** The user turned the extension off. */
  off(): void {
    this.reason = 'Concurrency Checklist is turned off by the setting concurrencyChecklist.enable.';
    this.#item.busy = false;
    this.#item.severity = vscode.LanguageStatusSeverity.Information;
    this.#item.text = 'Concurrency: off';
    this.#item.detail = '';
    this.#item.command = SETTINGS;
  }

  dispose(): void {
    this.#item.dispose();
  }
}
