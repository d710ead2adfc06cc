/**
 * The pages' own examples: each code block under "Wrong" gives exactly one finding of its rule, at medium or above,
 * each under "Right" none at all of its rule.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, test } from 'node:test';
import { createAnalysis } from '../server/src/analysis/analyse.ts';
import { createSession } from '../server/src/driver/session.ts';
import type { Finding } from '../server/src/rule.ts';
import { RULES } from '../server/src/rules/index.ts';
import { createCompiler } from '../server/src/typescript/native-compiler.ts';
import { findWorkspaceFiles } from '../server/src/typescript/workspace-files.ts';

const HEADINGS = [
  'What it finds',
  'Why it matters',
  'Wrong',
  'Right',
  'What it misses',
  'When to turn it off',
] as const;

const folder = mkdtempSync(join(tmpdir(), 'rule-pages-'));
const examples: { rule: string; path: string; wrong: boolean }[] = [];
let findings: readonly Finding[] = [];

for (const { id } of RULES) {
  for (const heading of ['Wrong', 'Right'] as const) {
    blocksUnder(pageOf(id), heading).forEach(({ language, text }, index) => {
      const path = `${id}-${heading.toLowerCase()}-${index + 1}.${language}`;
      examples.push({ rule: id, path, wrong: heading === 'Wrong' });
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), `${text}\nexport {};\n`);
    });
  }
}

before(() => {
  symlinkSync(resolve('node_modules'), join(folder, 'node_modules'));
  const compilerOptions = {
    target: 'es2022',
    module: 'preserve',
    strict: true,
    jsx: 'preserve',
    experimentalDecorators: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
  const dependencies = { createCompiler, findWorkspace: findWorkspaceFiles, createAnalysis, rules: RULES };
  const session = createSession({ roots: [folder], minConfidence: 'medium' }, dependencies);
  const result = session.check({ isCancelled: () => false, progress: () => undefined });
  findings = result.files.flatMap((file) => file.findings.map(({ finding }) => finding));
  session.close();
});
after(() => rmSync(folder, { recursive: true, force: true }));

for (const { id } of RULES) {
  test(`${id} has its headings`, () => {
    const found = [...pageOf(id).matchAll(/^## (.*)$/gm)].map((match) => match[1]);
    assert.deepEqual(found, [...HEADINGS]);
    assert.ok(
      examples.some((example) => example.rule === id && example.wrong),
      'a wrong example',
    );
    assert.ok(
      examples.some((example) => example.rule === id && !example.wrong),
      'a right example',
    );
  });
}

for (const { rule, path, wrong } of examples) {
  test(path, () => {
    const own = findings.filter((finding) => finding.path === path && finding.rule === rule);
    assert.equal(own.length, wrong ? 1 : 0, own.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  });
}

function pageOf(id: string): string {
  const path = resolve('server/src/rules', id, 'rule.md');
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
}

function blocksUnder(page: string, heading: string): { language: string; text: string }[] {
  const start = page.indexOf(`\n## ${heading}\n`);
  if (start < 0) return [];
  const end = page.indexOf('\n## ', start + 1);
  const section = page.slice(start, end < 0 ? undefined : end);
  return [...section.matchAll(/```(tsx?|jsx?)\n([\s\S]*?)```/g)].map(([, language = 'ts', text = '']) => ({
    language,
    text,
  }));
}
