/** Runs every fixture. `FIXTURES` limits them to names that contain it; `UPDATE_GOLDENS=1` rewrites golden files. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RULES } from '../server/src/rules/index.ts';
import { checkFixture } from './harness/check-fixture.ts';
import { findFixtures } from './harness/fixture.ts';
import { createFixtureCompiler, type FixtureCompiler } from './harness/fixture-compiler.ts';

process.env['CONCURRENCY_CHECKLIST_STRICT'] = '1';
const folder = `${process.cwd()}/test/rules`;
const only = process.env['FIXTURES'] ?? '';
const fixtures = findFixtures(folder).filter((fixture) => fixture.name.includes(only));
let compiler: FixtureCompiler;

before(() => {
  compiler = createFixtureCompiler(folder, fixtures);
});
after(() => compiler.close());

for (const fixture of fixtures) {
  test(fixture.name, () => {
    const differences = checkFixture(fixture, compiler, {
      update: process.env['UPDATE_GOLDENS'] === '1',
      rules: RULES,
    });
    assert.ok(differences.length === 0, `\n  ${differences.join('\n  ')}`);
  });
}
