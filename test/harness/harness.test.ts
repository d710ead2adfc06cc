/** The harness itself: a fixture that is wrong must fail, each kind of wrong with its own words. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Fix } from '../../server/src/rule.ts';
import { fakeRule } from '../driver/fake-rules.ts';
import { Folder } from '../driver/project.ts';
import { checkFixture } from './check-fixture.ts';
import { type Fixture, findFixtures } from './fixture.ts';
import { createFixtureCompiler, type FixtureCompiler } from './fixture-compiler.ts';

const RULE = 'race-condition/bad-call';
const DECLARE = 'declare function bad(): void;\ndeclare function badLow(): void;\ndeclare function good(): void;\n';
const cases: Record<string, string> = {
  'right.ts': `${DECLARE}  bad(); good();\n//^^^ ${RULE} high "is called"\n// ok ${RULE}: near miss\ngood();\n`,
  'related.ts': `declare function bad(): void;\n//^^^ related "begins"\n    bad();\n//  ^^^ ${RULE}\n`,
  'unrelated.ts': `declare function bad(): void;\n    bad();\n//  ^^^ ${RULE}\n//  ^^^ related "ends"\n`,
  'unmarked.ts': `${DECLARE}    bad();\n`,
  'unmet.ts': `${DECLARE}    good();\n//  ^^^^ ${RULE}\n`,
  'elsewhere.ts': `${DECLARE}    bad();\n//    ^^^ ${RULE}\n`,
  'worded.ts': `${DECLARE}    bad();\n//  ^^^ ${RULE} low "is not called"\n`,
  'ok.ts': `${DECLARE}    bad(); // ok ${RULE}: it is not\n`,
  'missing.ts': `${DECLARE}good(); // missing ${RULE}: names lie\n    bad(); // missing ${RULE}: cured\n`,
  'spurious.ts': `${DECLARE}bad(); // spurious ${RULE}: harmless here\n  good(); // spurious ${RULE}: cured\n`,
  'typed.ts': `${DECLARE}export const n: number = 'text';\n`,
  'broken.ts': `// broken\n${DECLARE}export const n: number = ;\n`,
  'unreadable.ts': `${DECLARE}    good();\n//  ^^^^ what\n`,
  'fixed.ts': `${DECLARE}    badLow();\n//  ^^^^^^ ${RULE}\n`,
  'several/a.ts': `import { bad } from './b.ts';\n    bad();\n//  ^^^ ${RULE}\n`,
  'several/b.ts': 'export function bad(): void {}\n',
};
const EXPECTED: Record<string, RegExp[]> = {
  right: [],
  related: [],
  unrelated: [/line 2, column 5: related "ends" expected; nothing is on that line/],
  unmarked: [/no marker for race-condition\/bad-call \(high\) at line 4, column 5: "'bad' is called\."/],
  unmet: [/line 4, columns 5 to 9: race-condition\/bad-call expected, not found$/],
  elsewhere: [/expected, not found; it is at columns 5 to 8/, /no marker/],
  worded: [/should say "is not called" and says "'bad' is called\."/, /should be of low confidence and is high/],
  ok: [/line 4: 'race-condition\/bad-call' should be silent here/, /no marker/],
  missing: [/line 5: .* is found now; turn 'missing' into a caret marker/, /no marker/],
  spurious: [/line 5: .* is silent now; remove 'spurious'/],
  typed: [/the fixture has a type error: TS2322/],
  broken: [],
  several: [],
};

let folder: Folder;
let root: string;
let compiler: FixtureCompiler;
let fixtures: Fixture[];

before(() => {
  const files = Object.entries(cases).map(([path, text]) => [`rules/race-condition/bad-call/${path}`, text]);
  folder = new Folder({
    ...(Object.fromEntries(files) as Record<string, string>),
    'rules/tsconfig.json': readFileSync('test/rules/tsconfig.json', 'utf8').replace('"types": ["node"]', '"types": []'),
  });
  root = join(folder.path, 'rules');
  fixtures = findFixtures(root);
  compiler = createFixtureCompiler(root, fixtures);
});
after(() => {
  compiler.close();
  folder[Symbol.dispose]();
});

function check(name: string, { fix, update = false }: { fix?: string; update?: boolean } = {}): string[] {
  const fixture = fixtures.find((one) => one.name === `${RULE}/${name}`);
  assert.ok(fixture, name);
  const offer = ({ path, start, end }: { path: string; start: number; end: number }): Fix[] =>
    fix === undefined
      ? []
      : [{ id: 'call-good', title: 'Call good', applicability: 'safe', edits: [{ path, start, end, text: fix }] }];
  return checkFixture(fixture, compiler, { update, rules: [fakeRule({ fixes: offer })] });
}

for (const [name, expected] of Object.entries(EXPECTED)) {
  test(name, () => {
    const differences = check(name);
    assert.equal(differences.length, expected.length, differences.join('\n'));
    for (const [index, pattern] of expected.entries()) assert.match(differences[index] ?? '', pattern);
  });
}

test('a marker that cannot be read', () => {
  assert.throws(() => check('unreadable'), /line 5: a caret marker says/);
});

test('golden files: missing, written, compared, stale', () => {
  const golden = join(root, RULE, 'fixed.call-good.fixed.ts');
  assert.match(check('fixed', { fix: 'good' }).join(), /golden file .*fixed\.call-good\.fixed\.ts is missing/);
  assert.deepEqual(check('fixed', { fix: 'good', update: true }), []);
  assert.equal(readFileSync(golden, 'utf8'), (cases['fixed.ts'] ?? '').replace('    badLow();', '    good();'));
  assert.deepEqual(check('fixed', { fix: 'good' }), []);
  assert.match(check('fixed', { fix: 'good /* fine */' }).join(), /golden file .* differs/);
  assert.match(check('fixed').join(), /golden file .* belongs to no fix/);
  assert.deepEqual(check('fixed', { update: true }), []);
  assert.ok(!existsSync(golden));
});

test('a fix that is rejected fails, unless noted', () => {
  assert.match(check('fixed', { fix: 'nothing' }).join(), /line 4: fix 'call-good' of .* is rejected: new error/);
});
