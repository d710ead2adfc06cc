import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { applyFixes } from '../../server/src/cli/apply-fixes.ts';
import { unifiedDiff } from '../../server/src/cli/unified-diff.ts';
import type { AnalysisService } from '../../server/src/driver/service.ts';
import type { Fix } from '../../server/src/rule.ts';
import { fakeRule, replacement } from '../driver/fake-rules.ts';
import { NAMES, Project, REQUEST, source } from '../driver/project.ts';

const SAFE = replacement('good', 'good');

function asService({ session }: Project): AnalysisService {
  return {
    update: async (changes) => session.update(changes),
    check: async () => session.check(REQUEST),
    fixes: async (path, fingerprint) => session.fixes(path, fingerprint, REQUEST),
    dispose: async () => session.close(),
  };
}

function apply(project: Project, dryRun: boolean) {
  const display = (path: string): string => path.slice(project.path.length + 1);
  return applyFixes(asService(project), { dryRun, display, progress: () => undefined });
}

test('safe fixes are made until none is left, other fixes are not', async () => {
  const fixes = (call: Parameters<typeof SAFE>[0]): Fix[] =>
    SAFE(call).map((fix) => (call.name === 'badMedium' ? { ...fix, applicability: 'changes-behaviour' } : fix));
  using project = new Project(
    { ...NAMES, 'a.ts': source('bad();', 'bad();', 'badMedium();'), 'b.ts': source('bad();') },
    [fakeRule({ fixes })],
  );
  const { result, changes, refused } = await apply(project, false);
  assert.equal(readFileSync(project.file('a.ts'), 'utf8'), source('good();', 'good();', 'badMedium();'));
  assert.equal(readFileSync(project.file('b.ts'), 'utf8'), source('good();'));
  assert.deepEqual(
    changes.map(({ path, fixes: made }) => [path, made.length]),
    [
      ['a.ts', 2],
      ['b.ts', 1],
    ],
  );
  assert.equal(result.files.flatMap((file) => file.findings).length, 1);
  assert.deepEqual(refused, []);
});

test('a dry run says the same and writes nothing', async () => {
  const text = source('bad();', 'bad();');
  using project = new Project({ ...NAMES, 'a.ts': text }, [fakeRule({ fixes: SAFE })]);
  const names = readdirSync(project.path);
  const { changes } = await apply(project, true);
  assert.equal(readFileSync(project.file('a.ts'), 'utf8'), text);
  assert.equal(changes[0]?.before, text);
  assert.equal(changes[0].after, source('good();', 'good();'));
  assert.deepEqual(readdirSync(project.path), names);
});

test('mode, byte order mark, line endings and symbolic links survive', async () => {
  const text = `\uFEFF${source('bad();').replaceAll('\n', '\r\n')}`;
  using project = new Project({ ...NAMES, 'a.ts': text }, [fakeRule({ fixes: SAFE })]);
  chmodSync(project.file('a.ts'), 0o640);
  symlinkSync(project.file('a.ts'), project.file('link.ts'));
  const { refused } = await apply(project, false);
  assert.deepEqual(refused, []);
  assert.equal(readFileSync(project.file('link.ts'), 'utf8'), text.replace('bad();', 'good();'));
  assert.equal(statSync(project.file('a.ts')).mode & 0o777, 0o640);
});

test('a file that changed on disk is left alone, and that is said', async () => {
  using project = new Project({ ...NAMES, 'a.ts': source('bad();') }, [fakeRule({ fixes: SAFE })]);
  project.check();
  const changed = source('bad();', '// written meanwhile');
  writeFileSync(project.file('a.ts'), changed);
  const { changes, refused } = await apply(project, false);
  assert.deepEqual(changes, []);
  assert.equal(refused.length, 1);
  assert.match(refused[0] ?? '', /changed since it was analysed/);
  assert.equal(readFileSync(project.file('a.ts'), 'utf8'), changed);
});

test('unified diff', () => {
  const before = Array.from({ length: 20 }, (_, index) => `line ${index + 1}`);
  const after = [...before];
  after.splice(1, 1, 'second');
  after.splice(18, 1);
  const diff = unifiedDiff('a.ts', before.join('\n'), after.join('\n'));
  assert.deepEqual(
    diff.split('\n').filter((line) => /^[-+@]/.test(line)),
    ['--- a/a.ts', '+++ b/a.ts', '@@ -1,5 +1,5 @@', '-line 2', '+second', '@@ -16,5 +16,4 @@', '-line 19'],
  );
  assert.equal(unifiedDiff('a.ts', 'x', 'x'), '');
});
