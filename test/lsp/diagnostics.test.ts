/** Diagnostics over stdio, for clients that pull and for clients that are pushed to. The analysis is a fake. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  CancellationTokenSource,
  type DocumentDiagnosticReport,
  type InitializeResult,
  LSPErrorCodes,
  type ProgressToken,
  type PublishDiagnosticsParams,
  type RelatedFullDocumentDiagnosticReport,
  type WorkspaceDiagnosticReportPartialResult,
  type WorkspaceFullDocumentDiagnosticReport,
} from 'vscode-languageserver-protocol/node';

import { LanguageClient, PULLING, PUSHED, uriOf } from './harness/language-client.ts';
import { at, WITHDRAW, WRITE } from './harness/sample.ts';
import { serverWithFakeAnalysis, start, until } from './harness/start.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

function full(report: DocumentDiagnosticReport): RelatedFullDocumentDiagnosticReport {
  assert.ok(report.kind === 'full');
  return report;
}

test('what is offered depends on what the client announces', async (t) => {
  const folder = temporaryFolder(t, {});
  const server = await serverWithFakeAnalysis();
  const offered = async (capabilities: object): Promise<InitializeResult['capabilities']> => {
    const client = new LanguageClient({ server, folders: [folder], capabilities });
    t.after(() => client.process.kill('SIGKILL'));
    return (await client.initialize()).capabilities;
  };
  const pulling = await offered(PULLING);
  assert.deepEqual(pulling.diagnosticProvider, {
    identifier: 'concurrency',
    interFileDependencies: true,
    workspaceDiagnostics: true,
  });
  assert.equal(pulling.positionEncoding, 'utf-16');
  assert.deepEqual(pulling.textDocumentSync, { openClose: true, change: 2, save: { includeText: false } });
  assert.deepEqual(pulling.workspace, { workspaceFolders: { supported: true, changeNotifications: true } });
  assert.deepEqual(pulling.codeActionProvider, {
    codeActionKinds: ['quickfix', 'source.fixAll.concurrencyChecklist'],
    resolveProvider: true,
  });
  assert.equal((await offered(PUSHED)).diagnosticProvider, undefined);
  const bare = await offered({});
  assert.equal(bare.diagnosticProvider, undefined);
  assert.equal(bare.codeActionProvider, undefined);
  assert.equal((await offered({ general: { positionEncodings: ['utf-8', 'utf-32'] } })).positionEncoding, 'utf-8');
  assert.equal((await offered({ general: { positionEncodings: ['utf-32', 'utf-16'] } })).positionEncoding, 'utf-16');
});

test('a finding has its place, rule, page and both places', async (t) => {
  const { client, path } = await start(t, { 'account.ts': WITHDRAW });
  await client.open(path, WITHDRAW);
  const { items } = full(await client.pull(path));
  assert.deepEqual(items, [
    {
      range: WRITE,
      severity: 2,
      source: 'concurrency',
      code: 'race-condition/lost-update',
      codeDescription: {
        href: 'https://github.com/concurrency-checklist/concurrency-checklist/blob/main/docs/rules/race-condition/lost-update.md',
      },
      message: "'balance' is read at 'query' and written back at 'query'; a concurrent call's write is lost.",
      relatedInformation: [{ location: { uri: uriOf(path), range: at(3, 34, 78) }, message: 'Read here.' }],
      data: { fingerprint: 'lost-update#0', path: 'account.ts', version: 1 },
    },
  ]);
});

test('a client that shows less is sent less', async (t) => {
  const { client, path } = await start(
    t,
    { 'account.ts': WITHDRAW },
    { capabilities: { textDocument: { diagnostic: {} } } },
  );
  await client.open(path, WITHDRAW);
  const [diagnostic] = full(await client.pull(path)).items;
  assert.deepEqual(Object.keys(diagnostic ?? {}).sort(), ['code', 'message', 'range', 'severity', 'source']);
});

test('the result id stays while the findings stay, and changes with them', async (t) => {
  const { client, path } = await start(t, { 'account.ts': WITHDRAW });
  await client.open(path, WITHDRAW);
  const first = full(await client.pull(path)).resultId;
  assert.deepEqual(await client.pull(path, first), { kind: 'unchanged', resultId: first });
  await client.replace(path, 2, at(6, 1, 1), ' // the end');
  assert.deepEqual(await client.pull(path, first), { kind: 'unchanged', resultId: first });
  await client.replace(path, 3, at(0, 0, 0), '\n');
  const second = full(await client.pull(path, first));
  assert.notEqual(second.resultId, first);
  assert.equal(second.items[0]?.range.start.line, WRITE.start.line + 1);
  await client.replace(path, 4, at(4, 34, 78), "''");
  const none = full(await client.pull(path, second.resultId));
  assert.deepEqual(none.items, []);
  assert.deepEqual(await client.pull(path, none.resultId), { kind: 'unchanged', resultId: none.resultId });
});

test('an edit ends the request for the text before, with the request to ask again', async (t) => {
  const { client, path } = await start(t, { 'account.ts': WITHDRAW });
  await client.open(path, WITHDRAW);
  await client.pull(path);
  await client.replace(path, 2, at(0, 0, 0), '// fake: slow 300\n');
  const outdated = client.pull(path);
  await client.replace(path, 3, at(0, 0, 0), '\n');
  await assert.rejects(outdated, { code: LSPErrorCodes.ServerCancelled, data: { retriggerRequest: true } });
  assert.equal(full(await client.pull(path)).items[0]?.range.start.line, WRITE.start.line + 2);
});

test('a cancelled request is answered at once', async (t) => {
  const { client, path } = await start(t, { 'account.ts': `// fake: slow 5000\n${WITHDRAW}` });
  const token = new CancellationTokenSource();
  const asked = client.request('textDocument/diagnostic', { textDocument: { uri: uriOf(path) } }, token.token);
  setTimeout(() => token.cancel(), 100);
  const started = performance.now();
  await assert.rejects(asked, { code: LSPErrorCodes.RequestCancelled });
  assert.ok(performance.now() - started < 1000);
});

test('an edit in one file changes another: the client is told to ask again, once', async (t) => {
  const { client, path, folder } = await start(t, { 'account.ts': WITHDRAW, 'guard.ts': '' });
  await client.open(path, WITHDRAW);
  assert.equal(full(await client.pull(path)).items.length, 1);
  const guard = join(folder, 'guard.ts');
  await client.open(guard, '');
  await client.pull(guard);
  await client.replace(guard, 2, at(0, 0, 0), '// fake: guarded');
  await client.message('workspace/diagnostic/refresh');
  assert.deepEqual(full(await client.pull(path)).items, []);
  await client.replace(guard, 3, at(0, 16, 16), ' more');
  await client.pull(guard);
  assert.equal(client.all('workspace/diagnostic/refresh').length, 1);
});

test('a request for the workspace stays open and streams what changes', async (t) => {
  const { client, path, folder } = await start(t, { 'account.ts': WITHDRAW, 'other.ts': WITHDRAW, 'clean.ts': '' });
  const token = new CancellationTokenSource();
  const partialResultToken = 'stream';
  const answer = client.request('workspace/diagnostic', { previousResultIds: [], partialResultToken }, token.token);
  const reports = (): WorkspaceFullDocumentDiagnosticReport[] =>
    client
      .all<{ token: ProgressToken; value: WorkspaceDiagnosticReportPartialResult }>('$/progress')
      .filter((one) => one.token === partialResultToken)
      .flatMap(({ value }) => value.items as WorkspaceFullDocumentDiagnosticReport[]);
  await client.message('$/progress', () => reports().length >= 2);
  assert.deepEqual(
    reports()
      .map(({ uri, items, version }) => [uri, items.length, version])
      .sort(),
    [
      [uriOf(path), 1, null],
      [uriOf(join(folder, 'other.ts')), 1, null],
    ],
  );

  // A closed file changes on disk.
  const other = join(folder, 'other.ts');
  writeFileSync(other, '');
  await client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uriOf(other), type: 2 }] });
  await client.message('$/progress', () => reports().length >= 3);
  assert.deepEqual(
    reports()
      .slice(2)
      .map(({ uri, items }) => [uri, items]),
    [[uriOf(other), []]],
  );

  // And one is deleted.
  rmSync(path);
  await client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uriOf(path), type: 3 }] });
  await client.message('$/progress', () => reports().length >= 4);
  assert.deepEqual(
    reports()
      .slice(3)
      .map(({ uri, items }) => [uri, items]),
    [[uriOf(path), []]],
  );

  token.cancel();
  await assert.rejects(answer, { code: LSPErrorCodes.RequestCancelled });
});

test('a client without partial results gets the first change as the answer', async (t) => {
  const { client, path } = await start(t, { 'account.ts': WITHDRAW });
  type Answer = { items: WorkspaceFullDocumentDiagnosticReport[] };
  const first = await client.request<Answer>('workspace/diagnostic', { previousResultIds: [] });
  assert.deepEqual(
    first.items.map(({ uri }) => uri),
    [uriOf(path)],
  );
  const previousResultIds = first.items.map(({ uri, resultId }) => ({ uri, value: resultId }));
  const answers: Answer[] = [];
  const asked = client.request<Answer>('workspace/diagnostic', { previousResultIds }).then((one) => answers.push(one));
  await client.open(path, WITHDRAW);
  await client.pull(path);
  assert.deepEqual(answers, [], 'nothing has changed yet');
  await client.replace(path, 2, at(3, 34, 78), "''");
  await asked;
  const reports = answers.flatMap(({ items }) => items);
  assert.deepEqual(
    reports.map(({ uri, items, version }) => [uri, items, version]),
    [[uriOf(path), [], 2]],
  );
});

test('files that are not open, not on disk, or no files', async (t) => {
  const { client, folder, path } = await start(t, { 'account.ts': WITHDRAW });
  assert.equal(full(await client.pull(path)).items.length, 1, 'not open: what is on disk');
  assert.deepEqual(full(await client.pull(join(folder, 'missing.ts'))).items, []);
  for (const uri of ['untitled:Untitled-1', 'vscode-notebook-cell:/x#1', 'nonsense', '', 'file://elsewhere/x.ts']) {
    const text = WITHDRAW;
    await client.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'typescript', version: 1, text } });
    assert.deepEqual(await client.request('textDocument/diagnostic', { textDocument: { uri } }), {
      kind: 'full',
      items: [],
    });
  }
});

test('closing a document forgets what was unsaved', async (t) => {
  const { client, path } = await start(t, { 'account.ts': '' });
  await client.open(path, WITHDRAW);
  assert.equal(full(await client.pull(path)).items.length, 1);
  await client.close(path);
  assert.deepEqual(full(await client.pull(path)).items, []);
});

test('positions in bytes', async (t) => {
  const capabilities = { ...PULLING, general: { positionEncodings: ['utf-8'] } };
  const { client, path } = await start(t, { 'account.ts': WITHDRAW }, { capabilities });
  await client.open(path, WITHDRAW);
  await client.replace(path, 2, at(5, 0, 0), '/* é😀 */');
  const shift = Buffer.byteLength('/* é😀 */');
  assert.deepEqual(full(await client.pull(path)).items[0]?.range, at(5, 17 + shift, 65 + shift));
  // After what takes more bytes than characters: the literal's quotes go.
  await client.replace(path, 3, at(5, 17 + shift, 18 + shift), '');
  assert.deepEqual(full(await client.pull(path)).items, []);
});

test('a client that does not pull is told, for open documents, with the version', async (t) => {
  const { client, path, folder } = await start(
    t,
    { 'account.ts': WITHDRAW, 'other.ts': WITHDRAW },
    { capabilities: PUSHED },
  );
  const published = (version: number) => (params: PublishDiagnosticsParams) =>
    params.uri === uriOf(path) && params.version === version;
  await client.open(path, WITHDRAW);
  assert.equal((await client.message('textDocument/publishDiagnostics', published(1))).diagnostics.length, 1);
  await client.replace(path, 2, at(3, 34, 78), "''");
  assert.deepEqual((await client.message('textDocument/publishDiagnostics', published(2))).diagnostics, []);
  await assert.rejects(client.pull(path));
  await client.replace(path, 3, at(3, 34, 36), "'SELECT balance FROM accounts WHERE id = $1'");
  await client.message('textDocument/publishDiagnostics', published(3));
  await client.close(path);
  await client.message<PublishDiagnosticsParams>(
    'textDocument/publishDiagnostics',
    (params) => params.version === undefined && params.diagnostics.length === 0,
  );
  const uris = client.all<PublishDiagnosticsParams>('textDocument/publishDiagnostics').map(({ uri }) => uri);
  assert.deepEqual([...new Set(uris)], [uriOf(path)], `never for ${join(folder, 'other.ts')}`);
});

test('many edits in a row: one answer, for the last text', async (t) => {
  const { client, path } = await start(t, { 'account.ts': WITHDRAW }, { capabilities: PUSHED });
  await client.open(path, WITHDRAW);
  await client.message('textDocument/publishDiagnostics');
  for (let version = 2; version <= 50; version++) await client.replace(path, version, at(0, 0, 0), '\n');
  const last = await client.message<PublishDiagnosticsParams>(
    'textDocument/publishDiagnostics',
    (p) => p.version === 50,
  );
  assert.equal(last.diagnostics[0]?.range.start.line, WRITE.start.line + 49);
  assert.ok(client.all('textDocument/publishDiagnostics').length < 10);
});

test('folders come and go', async (t) => {
  const { client, folder } = await start(t, { 'account.ts': '' });
  const added = join(temporaryFolder(t, { 'app/account.ts': WITHDRAW }), 'app');
  const path = join(added, 'account.ts');
  assert.deepEqual(full(await client.pull(path)).items, []);
  const change = (event: object): Promise<void> => client.notify('workspace/didChangeWorkspaceFolders', { event });
  await change({ added: [{ uri: uriOf(added), name: 'app' }], removed: [] });
  await client.message('concurrencyChecklist/status', () => true);
  await until(async () => full(await client.pull(path)).items.length === 1);
  await change({
    added: [],
    removed: [
      { uri: uriOf(added), name: 'app' },
      { uri: uriOf(folder), name: 'test' },
    ],
  });
  await until(async () => full(await client.pull(path)).items.length === 0);
});

test('without a folder the project of an opened file is analysed', async (t) => {
  const folder = temporaryFolder(t, { 'app/package.json': '{}', 'app/src/account.ts': WITHDRAW });
  const { client } = await start(t, {}, { folders: [] });
  const path = join(folder, 'app/src/account.ts');
  await client.open(path, WITHDRAW);
  assert.equal(full(await client.pull(path)).items.length, 1);
});

test('settings are asked for per folder, and again when they change', async (t) => {
  const capabilities = {
    ...PULLING,
    workspace: { ...PULLING.workspace, configuration: true, didChangeConfiguration: { dynamicRegistration: true } },
  };
  let minConfidence = 'high';
  const files = { 'account.ts': WITHDRAW, 'log-options': '' };
  const { client, folder, path } = await start(t, files, { capabilities, settings: () => ({ minConfidence }) });
  const options = (): string => readFileSync(join(folder, 'options.json'), 'utf8');
  await client.pull(path);
  assert.deepEqual(JSON.parse(options()), { roots: [folder], defaultMinConfidence: 'high' });
  minConfidence = 'medium';
  await client.notify('workspace/didChangeConfiguration', { settings: null });
  await until(() => options().includes('medium'));
  const registered = client.all<{ registrations: { method: string }[] }>('client/registerCapability');
  assert.deepEqual(registered.flatMap(({ registrations }) => registrations.map(({ method }) => method)).sort(), [
    'workspace/didChangeConfiguration',
    'workspace/didChangeWatchedFiles',
  ]);
});

test('a document is the same however its URI is spelled', async (t) => {
  const { client, path, folder } = await start(t, { 'account.ts': '' });
  mkdirSync(join(folder, 'x'));
  renameSync(path, join(folder, 'x/account.ts'));
  const uri = `${uriOf(folder).replace('%20', ' ')}/x/%61ccount.ts`;
  await client.notify('textDocument/didOpen', {
    textDocument: { uri, languageId: 'typescript', version: 1, text: WITHDRAW },
  });
  assert.equal(full(await client.pull(join(folder, 'x/account.ts'))).items.length, 1);
});
