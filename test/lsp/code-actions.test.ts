/** The lightbulb over stdio. The analysis is a fake; what is tested is when a fix is offered and what its edit is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ClientCapabilities,
  type CodeAction,
  type Diagnostic,
  LSPErrorCodes,
  type RelatedFullDocumentDiagnosticReport,
} from 'vscode-languageserver-protocol/node';

import { applied, PULLING, uriOf } from './harness/language-client.ts';
import { at, TOP, WITHDRAW, WRITE } from './harness/sample.ts';
import { start } from './harness/start.ts';

const SAFE = 'Compute the new balance in the database';
const LOCK = 'Lock the row while it is changed';
const HERE = 'Ignore race-condition/lost-update here, with a reason';
const FILE = 'Ignore race-condition/lost-update in this file, with a reason';
const ATOMIC = WITHDRAW.replace('balance = $1', 'balance = balance - $1');

function titled(actions: readonly CodeAction[], title: string): CodeAction {
  const action = actions.find((one) => one.title === title);
  assert.ok(action, `${title} among ${actions.map((one) => one.title).join(', ')}`);
  return action;
}

function without(name: 'documentChanges' | 'changeAnnotationSupport' | 'resolveSupport'): ClientCapabilities {
  const capabilities = structuredClone(PULLING);
  if (name === 'resolveSupport') delete capabilities.textDocument?.codeAction?.resolveSupport;
  else delete capabilities.workspace?.workspaceEdit?.[name];
  return capabilities;
}

test('safe first, then what changes behaviour, then the comments', async (t) => {
  const { client, path } = await start(t, { 'account.ts': WITHDRAW });
  await client.open(path, WITHDRAW);
  const { items } = (await client.pull(path)) as RelatedFullDocumentDiagnosticReport;
  const actions = await client.actions(path, WRITE, { diagnostics: items });
  assert.deepEqual(
    actions.map(({ title, kind, isPreferred, edit }) => [title, kind, isPreferred, edit === undefined]),
    [
      [SAFE, 'quickfix', true, true],
      [LOCK, 'quickfix', undefined, true],
      [HERE, 'quickfix', undefined, false],
      [FILE, 'quickfix', undefined, false],
    ],
  );
  for (const { diagnostics } of actions) assert.deepEqual(diagnostics, items);
  assert.deepEqual(await client.actions(path, TOP), []);
  const elsewhere = await client.actions(path, TOP, { diagnostics: items });
  assert.equal(elsewhere.length, 4, 'a diagnostic that is asked about counts wherever the cursor is');
});

test('resolving gives a versioned edit, which removes the finding', async (t) => {
  const { client, path } = await start(t, { 'account.ts': WITHDRAW });
  await client.open(path, WITHDRAW, 7);
  const action = await client.resolve(titled(await client.actions(path, WRITE), SAFE));
  const [change] = action.edit?.documentChanges ?? [];
  assert.ok(change !== undefined && 'textDocument' in change);
  assert.deepEqual(change.textDocument, { uri: uriOf(path), version: 7 });
  assert.equal(applied(WITHDRAW, uriOf(path), action.edit), ATOMIC);
  assert.equal(action.edit?.changeAnnotations, undefined);
});

test('a fix that changes behaviour is to be confirmed, with the difference', async (t) => {
  const { client, path } = await start(t, { 'account.ts': WITHDRAW });
  await client.open(path, WITHDRAW);
  const { edit } = await client.resolve(titled(await client.actions(path, WRITE), LOCK));
  const difference = 'Concurrent calls wait for each other.';
  assert.deepEqual(Object.values(edit?.changeAnnotations ?? {}), [
    { label: LOCK, needsConfirmation: true, description: difference },
  ]);
  const [change] = edit?.documentChanges ?? [];
  assert.ok(change !== undefined && 'edits' in change);
  const [id] = Object.keys(edit?.changeAnnotations ?? {});
  assert.ok(change.edits.every((one) => 'annotationId' in one && one.annotationId === id));
});

test('where the client cannot ask for confirmation, the title says the difference', async (t) => {
  const { client, path } = await start(
    t,
    { 'account.ts': WITHDRAW },
    { capabilities: without('changeAnnotationSupport') },
  );
  await client.open(path, WITHDRAW);
  const actions = await client.actions(path, WRITE);
  titled(actions, `${LOCK} (changes behaviour: Concurrent calls wait for each other.)`);
});

test('a client without resolve gets the edit at once, one without versions gets plain changes', async (t) => {
  for (const missing of ['resolveSupport', 'documentChanges'] as const) {
    const { client, path } = await start(t, { 'account.ts': WITHDRAW }, { capabilities: without(missing) });
    await client.open(path, WITHDRAW);
    const listed = titled(await client.actions(path, WRITE), SAFE);
    const { edit } = missing === 'resolveSupport' ? listed : await client.resolve(listed);
    assert.equal(applied(WITHDRAW, uriOf(path), edit), ATOMIC);
    assert.equal(edit?.documentChanges === undefined, missing === 'documentChanges');
  }
});

test('a fix for a text that is gone is refused', async (t) => {
  const { client, path } = await start(t, { 'account.ts': WITHDRAW });
  await client.open(path, WITHDRAW);
  const action = titled(await client.actions(path, WRITE), SAFE);
  await client.replace(path, 2, TOP, '\n');
  await assert.rejects(client.resolve(action), { code: LSPErrorCodes.ContentModified });
  await client.close(path);
  await assert.rejects(client.resolve(action), { code: LSPErrorCodes.ContentModified });
  await assert.rejects(client.resolve({ title: 'x', data: 'y' }), { code: LSPErrorCodes.RequestFailed });
});

test('an edit while fixes are verified: nothing is offered for the old text', async (t) => {
  const text = `// fake: fixes take 400\n${WITHDRAW}`;
  const { client, path } = await start(t, { 'account.ts': text });
  await client.open(path, text);
  await client.pull(path);
  const asked = client.actions(path, at(6, 17, 65));
  await client.replace(path, 2, TOP, '\n');
  assert.deepEqual(await asked, []);
});

test('a request waits a bounded time, and what was verified meanwhile is there the next time', async (t) => {
  const text = `// fake: fixes take 2500\n${WITHDRAW}`;
  const { client, path } = await start(t, { 'account.ts': text });
  await client.open(path, text);
  await client.pull(path);
  const started = performance.now();
  const first = await client.actions(path, at(6, 17, 65));
  assert.deepEqual(
    first.map(({ title }) => title),
    [HERE, FILE],
  );
  assert.ok(performance.now() - started < 2400);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const again = performance.now();
  assert.equal((await client.actions(path, at(6, 17, 65))).length, 4);
  assert.ok(performance.now() - again < 1200);
});

test('fixes are verified before anybody asks', async (t) => {
  const text = `// fake: fixes take 1000\n${WITHDRAW}`;
  const { client, path } = await start(t, { 'account.ts': text });
  await client.open(path, text);
  await client.pull(path);
  await new Promise((resolve) => setTimeout(resolve, 2500));
  const started = performance.now();
  assert.equal((await client.actions(path, at(6, 17, 65))).length, 4);
  assert.ok(performance.now() - started < 900);
});

test('fix all takes the safe fixes of the file, and only when asked for', async (t) => {
  const twice = WITHDRAW + WITHDRAW.split('\n').slice(1).join('\n').replace('withdraw', 'pay');
  const { client, path } = await start(t, { 'account.ts': twice });
  await client.open(path, twice);
  for (const only of [['source.fixAll.concurrencyChecklist'], ['source.fixAll'], ['source']]) {
    const actions = await client.actions(path, TOP, { diagnostics: [], only });
    assert.deepEqual(
      actions.map(({ kind }) => kind),
      ['source.fixAll.concurrencyChecklist'],
    );
    assert.equal(
      applied(twice, uriOf(path), actions[0]?.edit),
      twice.replaceAll('balance = $1', 'balance = balance - $1'),
    );
  }
  assert.deepEqual(
    await client.actions(path, WRITE, { diagnostics: [], only: ['refactor', 'source.organizeImports'] }),
    [],
  );
  const quick = await client.actions(path, WRITE, { diagnostics: [], only: ['quickfix'] });
  assert.ok(quick.every(({ kind }) => kind === 'quickfix'));
});

test('the comments keep indentation, line ends and what stands above', async (t) => {
  const text = ['#!/usr/bin/env node', ...WITHDRAW.split('\n')]
    .join('\r\n')
    .replace('  await', '  // @ts-expect-error\r\n  await');
  const { client, path } = await start(t, { 'account.ts': text });
  await client.open(path, text);
  const actions = await client.actions(path, at(7, 17, 65));
  const here = applied(text, uriOf(path), titled(actions, HERE).edit);
  assert.ok(
    here.includes(
      '\r\n  // concurrency-ignore race-condition/lost-update -- TODO: say why this is safe\r\n  // @ts-expect-error\r\n  await',
    ),
    here,
  );
  const whole = applied(text, uriOf(path), titled(actions, FILE).edit);
  assert.ok(
    whole.startsWith(
      '#!/usr/bin/env node\r\n// concurrency-ignore-file race-condition/lost-update -- TODO: say why this is safe\r\nimport',
    ),
    whole,
  );
});

test('inside a template literal only the file can be silenced', async (t) => {
  const text = WITHDRAW.replace("'UPDATE", "`\n${'UPDATE").replace("$2'", "$2'}\n`");
  const { client, path } = await start(t, { 'account.ts': text });
  await client.open(path, text);
  const { items } = (await client.pull(path)) as RelatedFullDocumentDiagnosticReport;
  const [diagnostic] = items as [Diagnostic];
  const actions = await client.actions(path, diagnostic.range);
  assert.deepEqual(
    actions.slice(2).map(({ title }) => title),
    [FILE],
  );
});
