import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyEdits } from '../../server/src/driver/apply-edits.ts';
import { Cancelled } from '../../server/src/driver/service.ts';
import { fakeRule, replacement } from './fake-rules.ts';
import { NAMES, Project, REQUEST, source } from './project.ts';

const TEXT = source('bad();', 'bad();');

function project(text: string, offered: [id: string, text: string][]): Project {
  const fixes = offered.map(([id, replaced]) => replacement(id, replaced));
  const rule = fakeRule({ fixes: (call) => fixes.flatMap((fix) => fix(call)) });
  return new Project({ ...NAMES, 'a.ts': text }, [rule, fakeRule({ id: 'toctou/other', names: { badMedium: 'low' } })]);
}

test('a fix is offered when the finding is gone and nothing new is wrong', () => {
  using with_ = project(TEXT, [['good', 'good']]);
  const [first, second] = [with_.fixes('a.ts', 0), with_.fixes('a.ts', 1)];
  assert.deepEqual(
    first.map(({ id }) => id),
    ['good'],
  );
  assert.equal(applyEdits(TEXT, first[0]?.edits ?? []), source('good();', 'bad();'));
  assert.equal(applyEdits(TEXT, second[0]?.edits ?? []), source('bad();', 'good();'));
});

test('a fix that leaves the finding, or brings a finding, a type error or a syntax error, is not', () => {
  using with_ = project(TEXT, [
    ['same', 'bad /* still */'],
    ['other', 'badMedium'],
    ['type', 'nothing'],
    ['syntax', 'good('],
    ['good', 'good'],
  ]);
  assert.deepEqual(
    with_.fixes('a.ts').map(({ id }) => id),
    ['good'],
  );
  const reasons = with_.rejected.map(({ fix, reason }) => `${fix}: ${reason}`);
  assert.equal(reasons[0], 'same: the finding is still there');
  assert.match(reasons[1] ?? '', /^other: new finding|^other: the finding is still there/);
  assert.match(reasons[2] ?? '', /^type: new error: .*2304/);
  assert.match(reasons[3] ?? '', /^syntax: new error/);
});

test('errors that were there before are no objection', () => {
  using with_ = project(source('bad();', 'export const n: number = "text";'), [['good', 'good']]);
  assert.equal(with_.fixes('a.ts').length, 1);
});

test('fixes are computed once per finding and text, and never for a text that is gone', () => {
  using with_ = project(TEXT, [['good', 'good']]);
  const [finding] = with_.findings();
  const path = with_.file('a.ts');
  const ask = () => with_.session.fixes(path, finding?.fingerprint ?? '', REQUEST);
  const first = ask();
  assert.equal(ask(), first);
  with_.session.update({ overlays: [[path, source('good();', 'bad();')]] });
  const later = ask();
  assert.notDeepEqual(later[0]?.texts, first[0]?.texts);
  with_.session.update({ overlays: [[path, source('good();')]] });
  assert.deepEqual(ask(), []);
});

test('the unsaved text is back after fixes were tried, also when that was cancelled', () => {
  using with_ = project(TEXT, [
    ['type', 'nothing'],
    ['good', 'good'],
  ]);
  const path = with_.file('a.ts');
  with_.session.update({ overlays: [[path, source('', 'bad();')]] });
  const before = with_.findings();
  with_.fixes('a.ts');
  assert.deepEqual(with_.findings(), before);
  with_.session.update({ overlays: [[path, source('bad();', '', 'bad();')]] });
  const [finding] = with_.findings();
  let calls = 0;
  const cancelling = { ...REQUEST, isCancelled: () => ++calls > 2 };
  assert.throws(() => with_.session.fixes(path, finding?.fingerprint ?? '', cancelling), Cancelled);
  with_.session.update({ changed: [with_.file('names.ts')] });
  assert.deepEqual(
    with_.lines(),
    [2, 4].map((line) => `a.ts:${line} race-condition/bad-call warning`),
  );
});

test('a compiler that was killed is replaced, with the unsaved texts', () => {
  using with_ = project(TEXT, [['good', 'good']]);
  const path = with_.file('a.ts');
  with_.session.update({ overlays: [[path, source('bad();')]] });
  assert.equal(with_.lines().length, 1);
  const killed = with_.compiler?.processId ?? 0;
  process.kill(killed, 'SIGKILL');
  with_.session.update({ overlays: [[path, source('bad();', 'bad();', 'bad();')]] });
  assert.equal(with_.lines().length, 3);
  assert.notEqual(with_.compiler?.processId, killed);
  process.kill(with_.compiler?.processId ?? 0, 'SIGKILL');
  assert.equal(with_.fixes('a.ts').length, 1);
});
