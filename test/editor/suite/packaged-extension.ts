/**
 * The packaged extension in a real editor: finding, fix, checklist. The steps build on each other, as a person would
 * take them, and the run stops at the first that fails.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import * as vscode from 'vscode';

import { environment } from './environment.ts';
import { Workbench } from './workbench.ts';

const EXTENSION = 'concurrency-checklist.concurrency-checklist';
const EXAMPLE = {
  file: 'src/catalogue.ts',
  rule: 'n-plus-one/lazy-relation-in-loop',
  fix: "Load 'customer' with the query",
};

const QUESTIONS = [
  'Any place two operations share state without a transaction?',
  'Loading a list then querying each item individually?',
  'Calling external APIs without rate limiting or retry backoff?',
  'Writing to a database and a cache or queue without rollback on partial failure?',
  'Event listeners or timers without cleanup on component teardown?',
  'Checking a condition then acting on it in separate statements?',
  'Multiple locks acquired in different orders across code paths?',
];

const example = vscode.Uri.file(join(environment('EDITOR_TEST_WORKSPACE'), EXAMPLE.file));

describe('the packaged extension', () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await Workbench.connect();
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.screenshot('failure');
  });

  after(() => workbench.close());

  it('is installed from its VSIX', () => {
    const extension = vscode.extensions.getExtension(EXTENSION);
    assert.ok(extension, `${EXTENSION} is not installed`);
    assert.ok(extension.extensionPath.startsWith(environment('EDITOR_TEST_EXTENSIONS')), extension.extensionPath);
  });

  it('reports the bug when the file is opened', async () => {
    const editor = await vscode.window.showTextDocument(example, { preview: false });
    const diagnostic = await exampleDiagnostic();
    assert.equal(diagnostic.source, 'concurrency');
    assert.notEqual(diagnostic.message, '');
    assert.ok(diagnostic.relatedInformation?.length, 'the other place is not named');
    editor.selection = new vscode.Selection(diagnostic.range.start, diagnostic.range.start);
    editor.revealRange(diagnostic.range, vscode.TextEditorRevealType.InCenter);
  });

  it('works whether the workspace is trusted or not', () => {
    assert.equal(String(vscode.workspace.isTrusted), environment('EDITOR_TEST_TRUSTED'));
  });

  it('says in the language status that it is ready', async () => {
    await waitFor('the status', async () => (await workbench.languageStatus()).includes('Concurrency: ready'));
  });

  it('fixes it from the lightbulb', async () => {
    const before = await exampleDiagnostic();
    await waitFor('the fix to be offered', async () => {
      const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
        'vscode.executeCodeActionProvider',
        example,
        before.range,
        vscode.CodeActionKind.QuickFix.value,
      );
      return actions.some(({ title }) => title === EXAMPLE.fix);
    });

    await vscode.commands.executeCommand('workbench.action.closeSidebar');
    await vscode.commands.executeCommand('workbench.actions.view.problems');
    await vscode.commands.executeCommand('workbench.action.focusActiveEditorGroup');
    const titles = await workbench.openQuickFixes();
    assert.ok(titles.includes(EXAMPLE.fix), titles.join(' | '));
    await workbench.screenshot('editor');
    await workbench.chooseQuickFix(EXAMPLE.fix);

    await waitFor('the diagnostic to go', () => !vscode.languages.getDiagnostics(example).some(isExample));
    const document = await vscode.workspace.openTextDocument(example);
    assert.ok(document.isDirty, 'the fix changed nothing');
    await document.save();
    assert.ok(!vscode.languages.getDiagnostics(example).some(isExample));
  });

  it('answers the seven questions from the command palette', async () => {
    await workbench.runFromPalette('Run concurrency checklist');
    const text = (await resultPage()).getText();
    for (const question of QUESTIONS) assert.ok(text.includes(question), `missing: ${question}`);

    const preview = await workbench.markdownPreview(QUESTIONS[0] ?? '');
    for (const question of QUESTIONS) assert.ok(preview.text.includes(question), `not shown: ${question}`);
    await workbench.screenshot('checklist');
  });

  it('fills the Problems panel for closed files', async () => {
    const open = new Set(vscode.workspace.textDocuments.map(({ uri }) => uri.toString()));
    await waitFor('a finding in a closed file', () =>
      vscode.languages.getDiagnostics().some(([uri, list]) => !open.has(uri.toString()) && list.some(isOurs)),
    );
  });

  it('opens a finding from the result page', async () => {
    const text = (await resultPage()).getText();
    const preview = await workbench.markdownPreview(QUESTIONS[0] ?? '');
    const link = /\[([^\]]+):(\d+)\]\(</.exec(text);
    assert.ok(link?.[1] !== undefined && link[2] !== undefined, 'no link to a finding');
    const path = link[1].replaceAll('\\', '');
    await preview.open(`${path}:${link[2]}`);
    const opened = await waitFor('the finding to open', () => {
      const editor = vscode.window.activeTextEditor;
      return editor?.document.uri.path.endsWith(`/${path}`) ? editor : undefined;
    });
    assert.equal(opened.selection.start.line + 1, Number(link[2]));
  });

  it('finds again after the server was restarted', async () => {
    await vscode.commands.executeCommand('concurrencyChecklist.restartServer');
    const document = await vscode.workspace.openTextDocument(example);
    const editor = await vscode.window.showTextDocument(document, { preview: false });
    await vscode.commands.executeCommand('undo');
    assert.ok(editor.document.isDirty, 'nothing was undone');
    await exampleDiagnostic();
  });
});

function resultPage(): Promise<vscode.TextDocument> {
  return waitFor('the result page', () =>
    vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'concurrency-checklist'),
  );
}

function isOurs(diagnostic: vscode.Diagnostic): boolean {
  return diagnostic.source === 'concurrency';
}

function isExample(diagnostic: vscode.Diagnostic): boolean {
  const code = typeof diagnostic.code === 'object' ? diagnostic.code.value : diagnostic.code;
  return isOurs(diagnostic) && code === EXAMPLE.rule;
}

function exampleDiagnostic(): Promise<vscode.Diagnostic> {
  return waitFor(`${EXAMPLE.rule} in ${EXAMPLE.file}`, () => vscode.languages.getDiagnostics(example).find(isExample));
}

/** Polls, since editors, servers and pages have no common event; fails with what was waited for. */
async function waitFor<T>(what: string, look: () => T | Promise<T>): Promise<NonNullable<T>> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
