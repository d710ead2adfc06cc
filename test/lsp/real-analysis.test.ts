/**
 * The built server (`dist/server.js`) with the real analysis: one bug from the first keystroke to its fix, and a
 * compiler that stops answering. Everything else about the protocol is tested with a fake.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import type { CodeAction, RelatedFullDocumentDiagnosticReport } from 'vscode-languageserver-protocol/node';

import type { ChecklistResult } from '../../server/src/protocol.ts';
import { applied, type LanguageClient, uriOf } from './harness/language-client.ts';
import { at } from './harness/sample.ts';
import { start, until } from './harness/start.ts';

const server = resolve('dist/server.js');
const skip = existsSync(server) && existsSync(resolve('dist/worker.js')) ? false : 'not built';

const DATABASE = `export interface Database {
  query<T>(sql: string, params?: unknown[]): Promise<{ rows: T[]; rowCount: number }>;
}
`;

const WITHDRAW = `import type { Database } from './database';

export class Accounts {
  constructor(private readonly db: Database) {}

  async withdraw(id: string, amount: number): Promise<void> {
    const { rows } = await this.db.query<{ balance: number }>('SELECT balance FROM accounts WHERE id = $1', [id]);
    const account = rows[0];
    if (account === undefined) throw new Error('no such account');
    await this.db.query('UPDATE accounts SET balance = $1 WHERE id = $2', [account.balance - amount, id]);
  }
}
`;

const REPORT = `import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';

export async function saveReport(path: string, report: string): Promise<void> {
  if (existsSync(path)) throw new Error('There is such a report already.');
  await writeFile(path, report);
}
`;

const FILES = {
  'src/accounts.ts': WITHDRAW,
  'src/database.ts': DATABASE,
  'tsconfig.json': '{ "compilerOptions": { "strict": true, "module": "nodenext" }, "include": ["src"] }',
  'package.json': '{ "name": "shop", "type": "commonjs" }',
};

async function rules(client: LanguageClient, path: string): Promise<string[]> {
  const report = (await client.pull(path)) as RelatedFullDocumentDiagnosticReport;
  return report.items.map(({ code }) => String(code));
}

test('a lost update is found and explained', { skip }, async (t) => {
  const { client, path } = await start(t, FILES, { server });
  await client.open(path, WITHDRAW);
  const { items } = (await client.pull(path)) as RelatedFullDocumentDiagnosticReport;
  const diagnostic = items.find(({ code }) => code === 'race-condition/lost-update');
  assert.ok(diagnostic, JSON.stringify(items));
  assert.equal(diagnostic.range.start.line, 9);
  assert.ok((diagnostic.relatedInformation ?? []).some(({ location }) => location.range.start.line === 6));
});

test('the fix from the lightbulb removes the finding', { skip }, async (t) => {
  const { client, path } = await start(
    t,
    { 'src/reports.ts': REPORT, 'tsconfig.json': FILES['tsconfig.json'] },
    { server },
  );
  await client.open(path, REPORT);
  const { items } = (await client.pull(path)) as RelatedFullDocumentDiagnosticReport;
  const diagnostic = items.find(({ code }) => code === 'toctou/fs-check-then-use');
  assert.ok(diagnostic, JSON.stringify(items));
  const fixes: CodeAction[] = [];
  await until(async () => {
    const actions = await client.actions(path, diagnostic.range, { diagnostics: [diagnostic] });
    fixes.push(...actions.filter(({ edit }) => edit === undefined));
    return fixes.length > 0;
  });
  const [fix] = fixes;
  assert.ok(fix);
  const { edit } = await client.resolve(fix);
  const fixed = applied(REPORT, uriOf(path), edit);
  t.diagnostic(`${fix.title}\n${fixed}`);
  assert.match(fixed, /wx/);
  await client.notify('textDocument/didChange', {
    textDocument: { uri: uriOf(path), version: 2 },
    contentChanges: [{ text: fixed }],
  });
  assert.deepEqual(await rules(client, path), []);
  assert.equal(await client.stop(), 0);
});

test('the comment from the lightbulb silences the finding', { skip }, async (t) => {
  const { client, path } = await start(t, FILES, { server });
  await client.open(path, WITHDRAW);
  const { items } = (await client.pull(path)) as RelatedFullDocumentDiagnosticReport;
  const diagnostic = items.find(({ code }) => code === 'race-condition/lost-update');
  assert.ok(diagnostic);
  const actions = await client.actions(path, diagnostic.range, { diagnostics: [diagnostic] });
  for (const title of ['Ignore race-condition/lost-update here', 'Ignore race-condition/lost-update in this file']) {
    const action = actions.find((one) => one.title.startsWith(title));
    assert.ok(action);
    const version = title.endsWith('file') ? 3 : 2;
    await client.notify('textDocument/didChange', {
      textDocument: { uri: uriOf(path), version },
      contentChanges: [{ text: applied(WITHDRAW, uriOf(path), action.edit) }],
    });
    assert.deepEqual(
      (await rules(client, path)).filter((rule) => rule.includes('lost') || rule.includes('suppress')),
      [],
    );
  }
});

test('the checklist of the workspace', { skip }, async (t) => {
  const { client } = await start(t, FILES, { server });
  const result = await client.request<ChecklistResult>('concurrencyChecklist/run', {});
  assert.equal(result.checklist.length, 7);
  assert.equal(result.checklist[0]?.verdict, 'findings');
  assert.ok(
    result.findings.some(({ path, rule }) => path === 'src/accounts.ts' && rule === 'race-condition/lost-update'),
  );
});

const noProcesses = process.platform === 'linux' ? skip : 'looks for the compiler in /proc';

test('a compiler that is killed is replaced', { skip: noProcesses }, async (t) => {
  const { client, path } = await start(t, FILES, { server });
  await client.open(path, WITHDRAW);
  assert.ok((await rules(client, path)).includes('race-condition/lost-update'));
  for (const compiler of compilersOf(client)) process.kill(compiler, 'SIGKILL');
  await client.replace(path, 2, at(0, 0, 0), '\n');
  assert.ok((await rules(client, path)).includes('race-condition/lost-update'));
  assert.equal(await client.stop(), 0);
});

test('a compiler that hangs keeps neither the protocol nor the end waiting', { skip: noProcesses }, async (t) => {
  const { client, path } = await start(t, FILES, { server });
  await client.open(path, WITHDRAW);
  await client.pull(path);
  const compilers = compilersOf(client);
  assert.notEqual(compilers.length, 0);
  for (const compiler of compilers) process.kill(compiler, 'SIGSTOP');
  await client.replace(path, 2, at(0, 0, 0), '\n');
  void client.pull(path).catch(() => undefined);
  await new Promise((done) => setTimeout(done, 500));
  const started = performance.now();
  await assert.rejects(client.request('textDocument/unknown', {}));
  assert.ok(performance.now() - started < 1000, 'the protocol is served');
  await client.stop();
  assert.ok(performance.now() - started < 15_000);
  await until(() => compilers.filter(isAlive).length === 0);
});

/** Children of all threads: the analysis worker starts the compiler. */
function compilersOf({ process: { pid } }: LanguageClient): number[] {
  const tasks = `/proc/${pid}/task`;
  const children = readdirSync(tasks).map((task) => readFileSync(`${tasks}/${task}/children`, 'utf8'));
  return children.flatMap((line) => line.split(' ').filter(Boolean).map(Number));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
