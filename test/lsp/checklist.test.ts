/** The checklist request: its result, its progress, its cancellation, and the closed files it brings into view. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  CancellationTokenSource,
  LSPErrorCodes,
  type ProgressToken,
  type PublishDiagnosticsParams,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageserver-protocol/node';

import type { ChecklistResult } from '../../server/src/protocol.ts';
import { type LanguageClient, PULLING, PUSHED, uriOf } from './harness/language-client.ts';
import { at, WITHDRAW } from './harness/sample.ts';
import { start } from './harness/start.ts';

type Value = WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd;

const RUN = 'concurrencyChecklist/run';

function progress(client: LanguageClient, token: ProgressToken): Value[] {
  const all = client.all<{ token: ProgressToken; value: Value }>('$/progress');
  return all.filter((one) => one.token === token).map(({ value }) => value);
}

test('the result has the seven questions, and findings that can be opened', async (t) => {
  const { client, folder } = await start(t, { 'src/account.ts': WITHDRAW, 'src/clean.ts': '' });
  const result = await client.request<ChecklistResult>(RUN, {});
  assert.equal(result.checklist.length, 7);
  assert.deepEqual(result.checklist[0], {
    item: 'race-condition',
    question: 'Any place two operations share state without a transaction?',
    verdict: 'findings',
    count: 1,
    reasons: [],
  });
  const [finding] = result.findings;
  assert.equal(finding?.uri, uriOf(join(folder, 'src/account.ts')));
  assert.equal(finding.path, 'src/account.ts');
  assert.deepEqual([finding.line, finding.column], [6, 18]);
  assert.equal(result.stats.files, 2);
});

test('a client that sends no parameters is answered too', async (t) => {
  const { client } = await start(t, { 'account.ts': WITHDRAW });
  assert.equal((await client.request<ChecklistResult>(RUN)).findings.length, 1);
});

test('progress goes to the token of the client', async (t) => {
  const { client } = await start(t, { 'account.ts': '// fake: slow 1500' });
  await client.request(RUN, { workDoneToken: 'mine' });
  const values = progress(client, 'mine');
  assert.deepEqual([values[0]?.kind, values.at(-1)?.kind], ['begin', 'end']);
  const reports = values.filter((value) => value.kind === 'report');
  assert.ok(reports.length > 2);
  const percentages = reports.map(({ percentage }) => percentage ?? 0);
  assert.deepEqual(
    percentages,
    [...percentages].sort((a, b) => a - b),
  );
  assert.deepEqual(client.all('window/workDoneProgress/create'), []);
});

test('without a token the server starts the progress, whose cancel button works', async (t) => {
  const { client } = await start(t, { 'account.ts': '// fake: slow 8000' });
  const asked = client.request(RUN, {});
  const { token } = await client.message<{ token: ProgressToken }>('window/workDoneProgress/create');
  await client.message('$/progress', () => progress(client, token).some(({ kind }) => kind === 'report'));
  await client.notify('window/workDoneProgress/cancel', { token });
  await assert.rejects(asked, { code: LSPErrorCodes.RequestCancelled });
  await client.message('$/progress', () => progress(client, token).at(-1)?.kind === 'end');
});

test('a cancelled run is answered at once, and the next one works', async (t) => {
  const { client, path } = await start(t, { 'account.ts': WITHDRAW }, { capabilities: { ...PULLING, window: {} } });
  await client.open(path, `// fake: slow 4000\n${WITHDRAW}`);
  const source = new CancellationTokenSource();
  const asked = client.request(RUN, {}, source.token);
  setTimeout(() => source.cancel(), 300);
  const started = performance.now();
  await assert.rejects(asked, { code: LSPErrorCodes.RequestCancelled });
  assert.ok(performance.now() - started < 1500);
  await client.replace(path, 2, at(0, 0, 18), '');
  assert.equal((await client.request<ChecklistResult>(RUN, {})).findings.length, 1);
});

test('typing does not end a run', async (t) => {
  const { client, path } = await start(t, { 'account.ts': WITHDRAW });
  await client.open(path, WITHDRAW);
  await client.pull(path);
  await client.replace(path, 2, at(0, 0, 0), '// fake: slow 700\n');
  const asked = client.request<ChecklistResult>(RUN, {});
  for (let version = 3; version < 10; version++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    await client.replace(path, version, at(0, 0, 0), '\n');
  }
  assert.equal((await asked).findings.length, 1);
});

test('pull: open documents are asked for again', async (t) => {
  const { client } = await start(t, { 'account.ts': WITHDRAW });
  await client.request(RUN, {});
  await client.message('workspace/diagnostic/refresh');
});

test('push: closed files have diagnostics after a run, and keep them current', async (t) => {
  const { client, path, folder } = await start(
    t,
    { 'account.ts': WITHDRAW, 'other.ts': WITHDRAW, 'clean.ts': '' },
    { capabilities: PUSHED },
  );
  const published = 'textDocument/publishDiagnostics';
  await client.open(path, WITHDRAW);
  await client.message(published);
  await client.request(RUN, {});
  const other = uriOf(join(folder, 'other.ts'));
  const { diagnostics } = await client.message<PublishDiagnosticsParams>(published, ({ uri }) => uri === other);
  assert.equal(diagnostics.length, 1);
  await client.close(path);
  await client.open(join(folder, 'clean.ts'), '// fake: guarded');
  await client.message<PublishDiagnosticsParams>(published, (one) => one.uri === other && one.diagnostics.length === 0);
  await client.message<PublishDiagnosticsParams>(
    published,
    (one) => one.uri === uriOf(path) && one.diagnostics.length === 0,
  );
});

test('no folder: nothing to check is an error, not a clear result', async (t) => {
  const { client } = await start(t, {}, { folders: [] });
  await assert.rejects(client.request(RUN, {}), /no folder/);
});
