/** What a server must survive: broken input, messages at the wrong time, an analysis that dies or hangs, a client that is gone. */
import assert from 'node:assert/strict';
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ErrorCodes, type RelatedFullDocumentDiagnosticReport } from 'vscode-languageserver-protocol/node';

import type { ServerStatus } from '../../server/src/protocol.ts';
import { exitOf, LanguageClient, PULLING, uriOf } from './harness/language-client.ts';
import { TOP, WITHDRAW, WRITE } from './harness/sample.ts';
import { serverWithFakeAnalysis, start } from './harness/start.ts';
import { temporaryFolder } from './harness/temporary-folder.ts';

async function uninitialized(t: TestContext): Promise<LanguageClient> {
  const folders = [temporaryFolder(t, { 'account.ts': WITHDRAW })];
  const client = new LanguageClient({ server: await serverWithFakeAnalysis(), folders, capabilities: PULLING });
  t.after(() => client.process.kill('SIGKILL'));
  return client;
}

function raw(client: LanguageClient, text: string): void {
  client.process.stdin?.write(text);
}

function framed(body: string): string {
  return `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

test('shutdown and exit end the process with 0, exit alone with 1', async (t) => {
  const { client } = await start(t, { 'account.ts': WITHDRAW });
  assert.equal(await client.stop(), 0);
  const { client: rude } = await start(t, { 'account.ts': WITHDRAW });
  await rude.notify('exit');
  assert.equal(await rude.exit, 1);
});

test('the end of the input is the end of the process', async (t) => {
  const { client } = await start(t, { 'account.ts': WITHDRAW });
  client.process.stdin?.end();
  assert.equal(await client.exit, 1);
});

test('an analysis that hangs does not keep the process alive', async (t) => {
  const { client, path } = await start(t, { 'account.ts': '// fake: hang' });
  await client.open(path, '// fake: hang');
  await client.message<ServerStatus>('concurrencyChecklist/status', ({ state }) => state === 'analysing');
  const started = performance.now();
  await client.request('shutdown');
  assert.ok(performance.now() - started < 2000);
  await client.notify('exit');
  // A worker that cannot be stopped would keep an orderly exit from returning.
  assert.equal(await client.exit, 'SIGKILL');
  assert.ok(performance.now() - started < 10_000);
});

test('open requests are answered at shutdown, later ones refused', async (t) => {
  const { client, path } = await start(t, { 'account.ts': '// fake: slow 5000' });
  const waiting = [
    client.pull(path).catch((error: unknown) => error),
    client.request('workspace/diagnostic', { previousResultIds: [] }).catch((error: unknown) => error),
    client.request('concurrencyChecklist/run', {}).catch((error: unknown) => error),
  ];
  await client.request('shutdown');
  await Promise.all(waiting);
  await assert.rejects(client.pull(path), { code: ErrorCodes.InvalidRequest });
  await client.notify('exit');
  assert.equal(await client.exit, 0);
});

test('node IPC', async (t) => {
  const folder = temporaryFolder(t, { 'account.ts': WITHDRAW });
  const child = fork(await serverWithFakeAnalysis(), ['--node-ipc', `--clientProcessId=${process.pid}`]);
  t.after(() => child.kill('SIGKILL'));
  const workspaceFolders = [{ uri: uriOf(folder), name: 'x' }];
  child.send({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { processId: null, rootUri: null, capabilities: {}, workspaceFolders },
  });
  const [answer] = (await once(child, 'message')) as unknown[];
  assert.ok(typeof answer === 'object' && answer !== null && 'id' in answer && 'result' in answer);
  child.disconnect();
  assert.equal(await exitOf(child), 1);
});

test('without a way to talk it says how', async () => {
  const { status, stderr } = spawnSync(process.execPath, [await serverWithFakeAnalysis()], { encoding: 'utf8' });
  assert.equal(status, 2);
  assert.match(stderr, /--stdio/);
});

test('nothing works before initialize, and nothing breaks', async (t) => {
  const client = await uninitialized(t);
  await client.open('/x.ts', WITHDRAW);
  await client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: 'file:///x.ts', type: 2 }] });
  await client.notify('workspace/didChangeConfiguration', { settings: {} });
  const requests: readonly (readonly [string, object])[] = [
    ['textDocument/diagnostic', { textDocument: { uri: 'file:///x.ts' } }],
    ['workspace/diagnostic', { previousResultIds: [] }],
    ['textDocument/codeAction', { textDocument: { uri: 'file:///x.ts' }, range: WRITE, context: { diagnostics: [] } }],
    ['codeAction/resolve', { title: 'x' }],
    ['concurrencyChecklist/run', {}],
  ];
  for (const [method, params] of requests) {
    await assert.rejects(client.request(method, params), { code: ErrorCodes.ServerNotInitialized }, method);
  }
  await client.initialize();
  await assert.rejects(client.request('initialize', { processId: null, rootUri: null, capabilities: {} }), {
    code: ErrorCodes.InvalidRequest,
  });
  assert.equal(await client.stop(), 0);
});

test('broken messages: the next good one is served', async (t) => {
  const { client, path } = await start(t, { 'account.ts': WITHDRAW });
  const broken = [
    'this is no header\r\n\r\n',
    'garbage without an end',
    'Content-Length: none\r\n\r\n',
    'Content-Length: -5\r\n\r\n',
    'Content-Length: 99999999999999\r\n\r\n',
    'Content-Type: application/json\r\n\r\n{}',
    framed('{ not json'),
    framed(''),
    framed('null'),
    framed('42'),
    framed('[]'),
    framed('{}'),
    framed('{"jsonrpc":"2.0","method":5}'),
    framed('{"jsonrpc":"2.0","id":{},"method":"shutdown"}'),
    framed('{"jsonrpc":"2.0","method":"$/cancelRequest"}'),
    framed('{"jsonrpc":"2.0","method":"$/progress","params":null}'),
    framed('{"jsonrpc":"2.0","id":"nobody asked","result":1}'),
    framed('{"jsonrpc":"2.0","id":77,"method":"textDocument/diagnostic","params":"x"}'),
    framed('\ufeff{"jsonrpc":"2.0"}'),
    `\r\n\r\n\r\n`,
  ];
  for (const text of broken) {
    raw(client, text);
    const report = (await client.pull(path)) as RelatedFullDocumentDiagnosticReport;
    assert.equal(report.items.length, 1, JSON.stringify(text));
  }
  // In pieces, byte by byte, with text that takes more than one byte a character.
  const body =
    '{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":{"uri":"untitled:é😀","languageId":"x","version":1,"text":"é"}}}';
  for (const byte of Buffer.from(framed(body))) {
    client.process.stdin?.write(Buffer.of(byte));
    await new Promise(setImmediate);
  }
  assert.equal(((await client.pull(path)) as RelatedFullDocumentDiagnosticReport).items.length, 1);
  assert.equal(await client.stop(), 0);
});

test('wrong parameters: an error for the request, nothing for the notification', async (t) => {
  const { client, path } = await start(t, { 'account.ts': WITHDRAW });
  const wrong = [undefined, {}, { textDocument: null }, { textDocument: { uri: 5 } }, { textDocument: {}, range: 5 }];
  for (const params of wrong) {
    for (const method of ['textDocument/diagnostic', 'textDocument/codeAction']) {
      await assert.rejects(client.request(method, params), `${method} ${JSON.stringify(params)}`);
    }
    for (const method of ['didOpen', 'didChange', 'didClose', 'didSave', 'willSave']) {
      await client.notify(`textDocument/${method}`, params);
    }
    for (const method of ['didChangeWatchedFiles', 'didChangeConfiguration', 'didChangeWorkspaceFolders', 'nothing']) {
      await client.notify(`workspace/${method}`, params);
    }
    await assert.rejects(client.request('textDocument/unknown', params), { code: ErrorCodes.MethodNotFound });
  }
  const textDocument = { uri: uriOf(path), version: 2 };
  await client.replace(path, 2, TOP, 'not open');
  await client.close(path);
  await client.open(path, '', 1);
  await client.open(path, WITHDRAW, 1);
  await client.notify('textDocument/didChange', { textDocument, contentChanges: [{ range: { start: 1 }, text: 'x' }] });
  await client.notify('textDocument/didChange', { textDocument, contentChanges: [{ text: 7 }] });
  await client.notify('textDocument/didChange', { textDocument, contentChanges: [5] });
  const beyond = { start: { line: 900, character: 9 }, end: { line: -4, character: -1 } };
  await client.actions(path, beyond);
  const report = (await client.pull(path)) as RelatedFullDocumentDiagnosticReport;
  assert.equal(report.items.length, 1);
  await client.close(path);
  await client.close(path);
  assert.deepEqual(await client.actions(path, WRITE), []);
  assert.equal(await client.stop(), 0);
});

test('initialize with nonsense', async (t) => {
  const client = await uninitialized(t);
  await assert.rejects(client.request('initialize'));
  const capabilities = { textDocument: null, workspace: null, general: { positionEncodings: ['utf-7'] } };
  const result = await client.request('initialize', { capabilities, workspaceFolders: [{ uri: 'vsls:/x' }, 5] });
  assert.ok(result);
  await client.notify('initialized', {});
  assert.equal(await client.stop(), 0);
});

test('an analysis that dies again and again is said to, once, and left', async (t) => {
  const { client, path } = await start(t, { 'account.ts': WITHDRAW });
  await client.open(path, WITHDRAW);
  await client.pull(path);
  await client.replace(path, 2, TOP, '// fake: crash\n');
  const isFailed = ({ state }: ServerStatus): boolean => state === 'failed';
  const { message } = await client.message<ServerStatus>('concurrencyChecklist/status', isFailed);
  assert.match(message ?? '', /again and again: the worker died/);
  await client.message('window/showMessage');
  assert.deepEqual(((await client.pull(path)) as RelatedFullDocumentDiagnosticReport).items, []);
  await client.replace(path, 3, TOP, '// more\n');
  await assert.rejects(client.request('concurrencyChecklist/run', {}), /stopped/);
  assert.deepEqual(await client.actions(path, WRITE), []);
  assert.equal(client.all('window/showMessage').length, 1);
  assert.equal(await client.stop(), 0);
});

test('an analysis that died once is replaced, with what is unsaved', async (t) => {
  const { client, path, folder } = await start(t, { 'account.ts': '', 'other.ts': '' });
  await client.open(path, WITHDRAW);
  await client.pull(path);
  const other = join(folder, 'other.ts');
  writeFileSync(other, '// fake: crash');
  await client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uriOf(other), type: 2 }] });
  await client.message<{ message: string }>('window/logMessage', ({ message }) => message.includes('the worker died'));
  writeFileSync(other, '');
  assert.equal(((await client.pull(path)) as RelatedFullDocumentDiagnosticReport).items.length, 1);
  assert.equal(client.all('window/showMessage').length, 0);
});

test('a broken configuration is said in the status, and forgotten when it is mended', async (t) => {
  const { client, path } = await start(t, { 'account.ts': WITHDRAW });
  await client.open(path, '// fake: misconfigured');
  const status = 'concurrencyChecklist/status';
  const { message } = await client.message<ServerStatus>(status, ({ state }) => state === 'failed');
  assert.equal(message, 'concurrency-checklist.json:1:1: no');
  await assert.rejects(client.request('concurrencyChecklist/run', {}), /concurrency-checklist.json:1:1/);
  await client.notify('textDocument/didChange', {
    textDocument: { uri: uriOf(path), version: 2 },
    contentChanges: [{ text: WITHDRAW }],
  });
  assert.equal(((await client.pull(path)) as RelatedFullDocumentDiagnosticReport).items.length, 1);
  assert.equal(client.all<ServerStatus>(status).at(-1)?.state, 'ready');
  assert.equal(client.all('window/showMessage').length, 0);
});
