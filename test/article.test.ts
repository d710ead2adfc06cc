/**
 * The samples of the article, bug and fix side by side: each bug is found within two lines of its mark, and nothing is
 * said about the items that a fixed sample lists. They lie beside the repository; without them there is nothing to do.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { before, test } from 'node:test';
import { createAnalysis } from '../server/src/analysis/analyse.ts';
import { createSession } from '../server/src/driver/session.ts';
import { type Finding, ITEMS } from '../server/src/rule.ts';
import { RULES } from '../server/src/rules/index.ts';
import { createCompiler } from '../server/src/typescript/native-compiler.ts';
import { findWorkspaceFiles } from '../server/src/typescript/workspace-files.ts';

const folder = resolve('../shared/article');
const samples = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => name.endsWith('.ts'))
      .sort()
  : [];
const skip = samples.length === 0 ? `${folder} is not there` : false;
let findings: readonly Finding[] = [];

before(() => {
  if (skip !== false) return;
  const dependencies = { createCompiler, findWorkspace: findWorkspaceFiles, createAnalysis, rules: RULES };
  const session = createSession({ roots: [folder], minConfidence: 'low' }, dependencies);
  const result = session.check({ isCancelled: () => false, progress: () => undefined });
  findings = result.files.flatMap((file) => file.findings.map(({ finding }) => finding));
  session.close();
});

test('the article is there', { skip }, () => assert.equal(samples.length, 19));

for (const name of samples) {
  const lines = readFileSync(join(folder, name), 'utf8').split('\n');
  const own = (): Finding[] => findings.filter((finding) => finding.path === name);
  test(name, () => {
    if (name.startsWith('ok-')) {
      const items = itemsIn(lines[0] ?? '');
      assert.notEqual(items.length, 0, 'the first line lists items');
      assert.deepEqual(
        own()
          .filter(({ item }) => items.includes(item))
          .map(describe),
        [],
      );
      return;
    }
    const expected = lines.flatMap((line, index) => {
      const [, mark] = /\/\/ expect (.*)/.exec(line) ?? [];
      return mark === undefined ? [] : itemsIn(mark).map((item) => ({ item, line: index + 1 }));
    });
    assert.notEqual(expected.length, 0, 'a line is marked');
    for (const { item, line } of expected) {
      // As the command line shows them: what is only suspected does not count.
      const hit = own().some((one) => one.item === item && one.confidence !== 'low' && Math.abs(one.line - line) <= 2);
      assert.ok(hit, `${item} expected at line ${line}; found:\n  ${own().map(describe).join('\n  ')}`);
    }
  });
}

function itemsIn(text: string): string[] {
  return ITEMS.map(({ id }) => id).filter((id) => new RegExp(`(?<![\\w-])${id}(?![\\w-])`).test(text));
}

function describe({ line, rule, confidence, message }: Finding): string {
  return `${line}: ${rule} (${confidence}) ${message}`;
}
