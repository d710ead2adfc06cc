#!/usr/bin/env node
/**
 * `npm run bench:edits -- FOLDER FILE [--edits 200]`: what an editor waits for. Statements are typed into FILE, one
 * after the other at places drawn by a seed, through the language server as it ships; measured is the time from the
 * notification of the change to the diagnostics of the file.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-languageserver-protocol/node';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values, positionals } = parseArgs({
  options: { edits: { type: 'string', default: '200' } },
  allowPositionals: true,
});
const calledFrom = process.env.INIT_CWD ?? process.cwd();
const [folder, file] = [positionals[0] ?? '.', positionals[1] ?? ''].map((path) => resolve(calledFrom, path));
const server = join(root, 'dist/server.js');
for (const path of [folder, file, server]) {
  if (existsSync(path) && path !== calledFrom) continue;
  console.error(`${path} does not exist${path === server ? '; run npm run build' : ''}.`);
  process.exit(2);
}

const child = spawn(process.execPath, [server, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
const reader = new StreamMessageReader(child.stdout);
// Else it waits for the rest of a message that was cut off at the end, and this process with it.
reader.partialMessageTimeout = 0;
const connection = createMessageConnection(reader, new StreamMessageWriter(child.stdin));
connection.onRequest((method, params) => (method === 'workspace/configuration' ? params.items.map(() => null) : null));
connection.listen();

const uri = pathToFileURL(file).href;
const text = readFileSync(file, 'utf8');
await connection.sendRequest('initialize', {
  processId: process.pid,
  rootUri: null,
  capabilities: { textDocument: { diagnostic: { dynamicRegistration: true } }, workspace: { configuration: true } },
  workspaceFolders: [{ uri: pathToFileURL(folder).href, name: 'bench' }],
});
await connection.sendNotification('initialized', {});
await connection.sendNotification('textDocument/didOpen', {
  textDocument: { uri, languageId: 'typescript', version: 1, text },
});
const first = await pull();
console.log(`first      ${(first.milliseconds / 1000).toFixed(2)} s, ${first.items} diagnostics`);

const places = placesIn(text);
const times = [];
for (let edit = 1; edit <= Number(values.edits); edit++) {
  const at = places[Math.floor(drawn(edit) * places.length)];
  // Places that stand below move down.
  for (const [index, line] of places.entries()) if (line >= at) places[index] = line + 1;
  const position = { line: at, character: 0 };
  const started = performance.now();
  await connection.sendNotification('textDocument/didChange', {
    textDocument: { uri, version: edit + 1 },
    contentChanges: [{ range: { start: position, end: position }, text: `        void ${edit};\n` }],
  });
  await pull();
  times.push(performance.now() - started);
}
times.sort((a, b) => a - b);
const percentile = (share) => (times[Math.ceil(share * times.length) - 1] / 1000).toFixed(2);
console.log(`${times.length} edits  p50 ${percentile(0.5)} s, p95 ${percentile(0.95)} s, worst ${percentile(1)} s`);
connection.dispose();
child.kill();

async function pull() {
  const started = performance.now();
  const { items } = await connection.sendRequest('textDocument/diagnostic', { textDocument: { uri } });
  return { milliseconds: performance.now() - started, items: items.length };
}

/** Lines after statements that stand in a function's body. */
function placesIn(source) {
  return source.split('\n').flatMap((line, index) => (/^\s{8,}\S.*;\s*$/.test(line) ? [index + 1] : []));
}

/** Between 0 and 1, always the same for the same number. */
function drawn(seed) {
  const value = Math.sin(seed) * 10_000;
  return value - Math.floor(value);
}
