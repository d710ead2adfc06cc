/** A finding keeps its fingerprint when functions are added elsewhere: baselines and verdicts name it by that. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RULES } from '../../server/src/rules/index.ts';
import { Project } from './project.ts';

const ADDED = 'export const addedAbove = (all: number[]) => all.map((one) => one + 1);\n';

const FILES = {
  'state.ts': `
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export async function prepare(name: string): Promise<void> {
  const folder = (await readFile('folder.txt', 'utf8')).trim();
  const path = join(folder, [name, 'json'].join('.'));
  if (!existsSync(path)) await writeFile(path, '{}');
}
`,
  'cache.ts': `
import { createHash } from 'node:crypto';

const digests = new Map<string, string>();

export async function digest(text: string): Promise<string> {
  digests.set(text, createHash('sha256').update(text).digest('hex'));
  return digests.get(text) ?? '';
}
`,
  'listeners.ts': `
import { EventEmitter } from 'node:events';

const bus = new EventEmitter();

export function handle(request: { kind: string; reply: (text: string) => void }): void {
  bus.on(\`done-\${request.kind.trim()}\`, (text) => request.reply(text));
}
`,
  'tsconfig.json': '{ "compilerOptions": { "strict": true, "types": [] } }',
};

test('a function added above, in every file, changes none', () => {
  using project = new Project(FILES, RULES);
  const before = project.findings().map(({ rule, fingerprint }) => [rule, fingerprint]);
  assert.ok(before.length > 0);
  const sources = Object.entries(FILES).filter(([path]) => path.endsWith('.ts'));
  project.session.update({ overlays: sources.map(([path, text]) => [project.file(path), ADDED + text]) });
  assert.deepEqual(
    project.findings().map(({ rule, fingerprint }) => [rule, fingerprint]),
    before,
  );
});
