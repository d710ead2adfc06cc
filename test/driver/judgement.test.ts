import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '../../server/src/driver/service.ts';
import { crashingRule, fakeRule } from './fake-rules.ts';
import { NAMES, Project, source } from './project.ts';

const RULE = 'race-condition/bad-call';

test('severity follows confidence, and findings are in order', () => {
  using project = new Project({ ...NAMES, 'b.ts': source('badLow();', 'bad();'), 'a.ts': source('badMedium();') }, [
    fakeRule({ severity: 'error' }),
  ]);
  assert.deepEqual(project.lines(), [`a.ts:2 ${RULE} information`, `b.ts:2 ${RULE} hint`, `b.ts:3 ${RULE} error`]);
  const [first] = project.findings();
  assert.deepEqual(
    { ...first, fingerprint: '' },
    {
      rule: RULE,
      item: 'race-condition',
      severity: 'information',
      confidence: 'medium',
      path: 'a.ts',
      line: 2,
      column: 1,
      endLine: 2,
      endColumn: 10,
      message: `'badMedium' is called.`,
      related: [{ path: 'a.ts', line: 1, column: 1, message: 'The file begins here.' }],
      fixes: [],
      fingerprint: '',
    },
  );
});

test('less sure findings are hidden, and the item is still not clear', () => {
  using project = new Project({ ...NAMES, 'a.ts': source('badLow();') }, [fakeRule()], { minConfidence: 'medium' });
  const { checklist } = project.check();
  assert.deepEqual(project.lines(), []);
  assert.deepEqual(checklist[0], {
    item: 'race-condition',
    question: 'Any place two operations share state without a transaction?',
    verdict: 'findings',
    count: 0,
    reasons: ['1 finding below the confidence asked for.'],
  });
});

test('an item is clear only when its rules ran and nothing speaks against it', () => {
  const rules = [fakeRule(), fakeRule({ id: 'toctou/bad-call' })];
  using clear = new Project({ ...NAMES, 'a.ts': source('good();') }, rules);
  const verdicts = clear.check().checklist.map(({ item, verdict }) => `${item} ${verdict}`);
  assert.equal(verdicts[0], 'race-condition clear');
  assert.equal(verdicts[1], 'n-plus-one not-checked', 'it has no rule');
  assert.equal(verdicts[5], 'toctou clear');

  const reasons = (files: Record<string, string>, options = {}): string[] => {
    using project = new Project({ ...NAMES, ...files }, rules, options);
    const [race] = project.check().checklist;
    assert.equal(race?.verdict, 'not-checked');
    return [...(race?.reasons ?? [])];
  };
  assert.deepEqual(reasons({ 'a.ts': source('good();', 'const = ;') }), [
    '1 file with syntax errors, checked only in part.',
  ]);
  assert.deepEqual(reasons({ 'a.ts': source('good();') }, { items: ['toctou'] }), [`Not asked for: ${RULE}.`]);
  const off = { 'concurrency-checklist.json': `{ "rules": { "${RULE}": "off" } }` };
  assert.deepEqual(reasons({ 'a.ts': source('bad();'), ...off }), [`Switched off by the configuration: ${RULE}.`]);
  const exclude = { 'concurrency-checklist.json': '{ "exclude": ["a.ts"] }' };
  assert.deepEqual(reasons({ 'a.ts': source('bad();'), ...exclude }), ['1 file excluded by the configuration.']);
  const unresolved = source('good();', '(nobody as any)();', '(knows as any)();', 'this_.is.nothing();');
  assert.match(reasons({ 'a.ts': unresolved }).join(), /% of the calls are unresolved/);
});

test('a crashing rule loses its findings on one function only, and says so', () => {
  const text = source('export function crash() { bad(); }', 'export function fine() { bad(); }');
  using project = new Project({ ...NAMES, 'a.ts': text }, [crashingRule, fakeRule()]);
  const { failures, checklist } = project.check();
  assert.equal(project.findings().length, 2);
  assert.deepEqual(failures, [{ rule: 'toctou/crash', path: 'a.ts', function: 'crash', message: 'no' }]);
  assert.deepEqual(checklist[5]?.reasons, ['toctou/crash failed on 1 function.']);
});

test('preview rules are off until asked for', () => {
  const files = { ...NAMES, 'a.ts': source('bad();') };
  const rules = [fakeRule({ status: 'preview' })];
  using silent = new Project(files, rules);
  assert.deepEqual(silent.lines(), []);
  assert.equal(silent.check().checklist[0]?.verdict, 'findings');
  using asked = new Project(files, rules, { rules: [RULE] });
  assert.equal(asked.lines().length, 1);
  using configured = new Project(
    { ...files, 'concurrency-checklist.json': `{ "rules": { "${RULE}": "hint" } }` },
    rules,
  );
  assert.deepEqual(configured.lines(), [`a.ts:2 ${RULE} hint`]);
});

test('rules are silent in tests unless the configuration names their role', () => {
  const files = { ...NAMES, 'a.test.ts': source('bad();') };
  using silent = new Project(files, [fakeRule()]);
  assert.deepEqual(silent.lines(), []);
  using spoken = new Project({ ...files, 'concurrency-checklist.json': '{ "roles": ["source", "test"] }' }, [
    fakeRule(),
  ]);
  assert.equal(spoken.lines().length, 1);
});

test('a fingerprint survives edits above and differs between like findings', () => {
  using project = new Project({ ...NAMES, 'a.ts': source('bad();', 'bad();', 'export function f() { bad(); }') }, [
    fakeRule(),
  ]);
  const before = project.findings().map(({ fingerprint }) => fingerprint);
  assert.equal(new Set(before).size, 3);
  const text = source('', '// more', 'bad();', 'good(); bad();', '', 'export function f() { bad(); }');
  project.session.update({ overlays: [[project.file('a.ts'), text]] });
  assert.deepEqual(
    project.findings().map(({ fingerprint }) => fingerprint),
    before,
  );
});

test('a result id changes with the findings only', () => {
  using project = new Project({ ...NAMES, 'a.ts': source('bad();'), 'b.ts': source('good();') }, [fakeRule()]);
  const ids = (): Map<string, string> => new Map(project.check().files.map(({ path, resultId }) => [path, resultId]));
  const before = ids();
  const path = project.file('b.ts');
  project.session.update({ overlays: [[path, source('good(); good();')]] });
  assert.deepEqual(ids(), before);
  project.session.update({ overlays: [[path, source('bad();')]] });
  const after = ids();
  assert.notEqual(after.get(path), before.get(path));
  assert.equal(after.get(project.file('a.ts')), before.get(project.file('a.ts')));
});

test('settings: severities, overrides by glob, nested files, the named file', () => {
  const files = {
    ...NAMES,
    'a.ts': source('bad();'),
    'legacy/names.ts': NAMES['names.ts'],
    'legacy/b.ts': source('bad();'),
    'inner/names.ts': NAMES['names.ts'],
    'inner/c.ts': source('bad();'),
    'inner/concurrency-checklist.json': `{ "rules": { "${RULE}": "hint" } }`,
    'concurrency-checklist.json': `{
      // Comments and trailing commas are fine.
      "rules": { "${RULE}": "error" },
      "overrides": [{ "files": ["legacy"], "rules": { "${RULE}": "off" } }],
    }`,
    'other.json': `{ "rules": { "${RULE}": "information" }, "exclude": ["inner/**"] }`,
  };
  using project = new Project(files, [fakeRule()]);
  assert.deepEqual(project.lines(), [`a.ts:2 ${RULE} error`, `inner/c.ts:2 ${RULE} hint`]);
  using given = new Project(files, [fakeRule()], {});
  given.session.close();
  using named = new Project(files, [fakeRule()], { configFile: project.file('other.json') });
  assert.deepEqual(named.lines(), [`a.ts:2 ${RULE} information`, `legacy/b.ts:2 ${RULE} information`]);
});

test('the least confidence: asked for, configured, default', () => {
  const files = { ...NAMES, 'a.ts': source('badLow();', 'badMedium();', 'bad();') };
  const configured = { ...files, 'concurrency-checklist.json': '{ "minConfidence": "high" }' };
  const shown = (of: Record<string, string>, options: Record<string, unknown>): number => {
    using project = new Project(of, [fakeRule()], { minConfidence: undefined, ...options } as never);
    return project.findings().length;
  };
  assert.equal(shown(files, {}), 2);
  assert.equal(shown(files, { defaultMinConfidence: 'low' }), 3);
  assert.equal(shown(configured, { defaultMinConfidence: 'low' }), 1);
  assert.equal(shown(configured, { minConfidence: 'low' }), 3);
});

test('an error in the configuration names file and position', () => {
  const message = (text: string): string => {
    using project = new Project({ ...NAMES, 'a.ts': source(''), 'concurrency-checklist.json': text }, [fakeRule()]);
    try {
      project.check();
    } catch (error) {
      assert.ok(error instanceof ConfigurationError);
      return error.message.slice(project.path.length + 1);
    }
    return 'no error';
  };
  const at = 'concurrency-checklist.json';
  assert.equal(message('{\n  "rules": {,} }'), `${at}:2:13: not valid JSON: value expected.`);
  assert.match(message('{ "rule": {} }'), /:1:3: 'rule' is not a setting; known here: /);
  assert.equal(message('{ "rules": { "a/b": "off" } }'), `${at}:1:14: 'a/b' is not a rule.`);
  assert.match(message(`{ "rules": { "${RULE}": "on" } }`), /:1:\d+: expected one of "off", "error"/);
  assert.match(message('{ "exclude": "x" }'), /:1:14: 'exclude' must be a list\./);
  assert.match(message('{ "overrides": [{}] }'), /an override needs 'files'/);
  assert.match(message('[]'), /:1:1: an object is expected/);
  assert.match(message(''), /:1:1: /);
  assert.equal(
    message('{ "models": [{ "package": "x", "source": "y", "calls": { "f": { "neutral": true } } }] }'),
    'no error',
  );
});

test('a configuration that changes is read again', () => {
  using project = new Project({ ...NAMES, 'a.ts': source('bad();') }, [fakeRule()]);
  assert.equal(project.lines().length, 1);
  project.write('concurrency-checklist.json', `{ "rules": { "${RULE}": "off" } }`);
  project.session.update({ created: [project.file('concurrency-checklist.json')] });
  assert.equal(project.lines().length, 0);
});

test('findings are limited to the paths asked for', () => {
  const files = {
    ...NAMES,
    'a.ts': source('bad();'),
    'inner/names.ts': NAMES['names.ts'],
    'inner/b.ts': source('bad();'),
  };
  using all = new Project(files, [fakeRule()]);
  assert.equal(all.lines().length, 2);
  using part = new Project(files, [fakeRule()]);
  using limited = new Project(files, [fakeRule()], { paths: [part.file('inner')], roots: [part.path] });
  assert.deepEqual(limited.lines(), [`inner/b.ts:2 ${RULE} warning`]);
  assert.equal(limited.check().stats.files, 2);
});
