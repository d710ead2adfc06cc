/** The result page of the checklist, as Markdown text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { renderChecklist } from '../../client/src/checklist-page.ts';
import type { ChecklistItemResult, ChecklistResult } from '../../server/src/protocol.ts';

const QUESTION = 'Checking a condition then acting on it in separate statements?';

function resultOf(item: Partial<ChecklistItemResult>, rest: Partial<ChecklistResult> = {}): ChecklistResult {
  return {
    checklist: [{ item: 'toctou', question: QUESTION, verdict: 'clear', count: 0, reasons: [], ...item }],
    findings: [],
    skipped: [],
    stats: { files: 2, lines: 1200, milliseconds: 1540 },
    ...rest,
  };
}

function render(result: ChecklistResult): string {
  return renderChecklist(result, (uri) => uri.replace('file:///project', ''));
}

test('says clear when nothing speaks against it', () => {
  const page = render(resultOf({}));
  assert.match(page, /\*\*1 question: 0 with findings, 1 clear\.\*\* Checked 2 files, 1,200 lines, in 1\.5 s\./);
  assert.ok(page.includes(`| ${QUESTION} | ✓ clear |`));
});

const notClear: [string, ChecklistResult][] = [
  ['the item has a reason', resultOf({ reasons: ['A rule is off.'] })],
  ['a file was skipped', resultOf({}, { skipped: [{ path: 'a.ts', reason: 'unreadable' }] })],
  ['no file was checked', resultOf({}, { stats: { files: 0, lines: 0, milliseconds: 1 } })],
  ['it has findings', resultOf({ count: 1 })],
  ['the server says not checked', resultOf({ verdict: 'not-checked', reasons: ['A file does not parse.'] })],
];
for (const [when, result] of notClear) {
  test(`never says clear when ${when}`, () => {
    assert.ok(!render(result).includes('✓ clear'));
  });
}

test('gives the reason of an item that was not checked', () => {
  const page = render(resultOf({ verdict: 'not-checked', reasons: ['A file does not parse.'] }));
  assert.match(page, /\*\*○ not checked\*\* · toctou\n\n- A file does not parse\./);
});

test('links to each finding and keeps its text from becoming markup', () => {
  const finding = {
    item: 'toctou',
    rule: 'toctou/fs-check-then-use',
    severity: 'warning',
    confidence: 'high',
    uri: 'file:///project/src/my%20file.ts',
    path: 'src/my file.ts',
    line: 3,
    column: 5,
    message: "'<b>*x*' is checked at `stat`\nand used later",
  };
  const page = render(resultOf({ verdict: 'findings', count: 1 }, { findings: [finding] }));
  assert.ok(
    page.includes("- [src/my file.ts:3](</src/my%20file.ts#L3,5>) — '\\<b\\>\\*x\\*' is checked at \\`stat\\` and"),
  );
});

test('lists what was skipped and why', () => {
  const page = render(resultOf({}, { skipped: [{ path: 'src/big.ts', reason: 'larger than 2 MB' }] }));
  assert.match(page, /## Skipped\n\n- src\/big\.ts: larger than 2 MB/);
});
