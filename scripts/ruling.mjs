#!/usr/bin/env node
/**
 * What people who read the code said about findings, and whether that still holds.
 *
 *   node scripts/ruling.mjs sample FOLDER [--seed 1] [--count 10] [--rule ID]   draws findings to be judged (`--again`:
 *                                                                               also those that somebody has judged)
 *   node scripts/ruling.mjs check FOLDER                                        runs again and counts
 *
 * FOLDER holds clones of the repositories in `test/ruling/repositories.json`, each named after its repository, at the
 * commit given there and with its packages installed. `--set held-out` takes `held-out-repositories.json` and
 * `held-out.jsonl` instead: older commits, each in the folder named there. `--findings FILE` keeps what the runs found, and reads it when
 * it is there. `--with-fixes` also counts the findings that have a verified fix, which takes much longer.
 * `test/ruling/README.md` says what a verdict is.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const ruling = join(root, 'test/ruling');
/** Shares that must be right, by confidence: CHECKLIST figures of the project. */
const WANTED = { high: 0.9, medium: 0.75 };

const { values, positionals } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '10' },
    rule: { type: 'string' },
    findings: { type: 'string' },
    'with-fixes': { type: 'boolean', default: false },
    again: { type: 'boolean', default: false },
    set: { type: 'string' },
  },
  allowPositionals: true,
});
const [command, folder] = positionals;
const prefix = values.set === undefined ? '' : `${values.set}-`;
if ((command !== 'sample' && command !== 'check') || folder === undefined) {
  console.error('Say what to do: node scripts/ruling.mjs sample|check FOLDER');
  process.exit(2);
}

const findings = findingsOf(resolve(folder));
process.exitCode = command === 'sample' ? sample() : check();

function findingsOf(clones) {
  const kept = values.findings;
  if (kept !== undefined && existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8'));
  const repositories = JSON.parse(readFileSync(join(ruling, `${prefix}repositories.json`), 'utf8'));
  const found = repositories.flatMap((repository) => runOn(repository, clones));
  if (kept !== undefined) writeFileSync(kept, JSON.stringify(found, undefined, 1));
  return found;
}

function runOn({ name, commit, paths, folder: own }, clones) {
  const clone = join(clones, own ?? name.split('/')[1]);
  const head = spawnSync('git', ['-C', clone, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).stdout.trim();
  if (!head.startsWith(commit)) {
    console.error(`${name}: left out, ${head === '' ? 'there is no clone' : `the clone is at ${head}`}, not ${commit}`);
    return [];
  }
  return paths.flatMap((path) => {
    const options = ['--format=json', '--min-confidence=medium', '--fail-on=never'];
    if (values['with-fixes']) options.push('--with-fixes');
    const run = spawnSync(process.execPath, [join(root, 'dist/cli.js'), join(clone, path), ...options], {
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
    });
    if (run.stdout === '') {
      console.error(`${name}/${path}: ${run.stderr.slice(-500)}`);
      return [];
    }
    const result = JSON.parse(run.stdout);
    console.error(`${name}/${path}: ${result.findings.length} findings in ${result.stats.files} files`);
    return result.findings.map((finding) => ({
      repository: name,
      ...finding,
      path: join(path, finding.path).replaceAll('\\', '/'),
    }));
  });
}

/** As many of each rule and confidence, from as many repositories as there are: one of each in turn. */
function sample() {
  const judged = new Set(values.again ? [] : verdicts().map(keyOf));
  for (const [, group] of [...groupBy(findings, groupOf)].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const order = group
      .filter((finding) => values.rule === undefined || finding.rule === values.rule)
      .filter((finding) => !judged.has(keyOf(finding)))
      .map((finding) => ({ finding, draw: hash(`${values.seed} ${keyOf(finding)}`) }))
      .sort((a, b) => (a.draw < b.draw ? -1 : 1))
      .map(({ finding }) => finding);
    const turns = new Map();
    const drawn = order
      .map((finding) => {
        const turn = turns.get(finding.repository) ?? 0;
        turns.set(finding.repository, turn + 1);
        return { finding, turn };
      })
      .sort((a, b) => a.turn - b.turn)
      .slice(0, Number(values.count));
    for (const { finding } of drawn) {
      const { repository, rule, confidence, path, line, message, fingerprint } = finding;
      console.log(
        JSON.stringify({ repository, rule, confidence, path, line, fingerprint, message, verdict: '', why: '' }),
      );
    }
  }
  return 0;
}

function check() {
  const now = new Map(findings.map((finding) => [keyOf(finding), finding]));
  const ran = new Set(findings.map(({ repository }) => repository));
  const rows = new Map();
  const lost = [];
  for (const verdict of verdicts()) {
    if (!ran.has(verdict.repository)) continue;
    const found = now.get(keyOf(verdict));
    if (found === undefined && verdict.verdict === 'right') lost.push(verdict);
    const group = found === undefined ? `${verdict.rule} not reported` : groupOf(found);
    const row = rows.get(group) ?? { right: 0, arguable: 0, wrong: 0 };
    row[verdict.verdict]++;
    rows.set(group, row);
  }
  let isGood = true;
  const totals = { high: { right: 0, arguable: 0, wrong: 0 }, medium: { right: 0, arguable: 0, wrong: 0 } };
  for (const [group, row] of [...rows].sort(([a], [b]) => (a < b ? -1 : 1))) {
    print(group, row);
    const confidence = group.split(' ').at(-1);
    for (const verdict of Object.keys(row)) if (confidence in totals) totals[confidence][verdict] += row[verdict];
  }
  for (const [confidence, row] of Object.entries(totals)) {
    print(`all ${confidence}`, row);
    if (share(row) < WANTED[confidence]) isGood = false;
  }
  if (values['with-fixes']) printFixes();
  for (const { repository, path, line, rule } of lost)
    console.log(`no longer found: ${rule} ${repository} ${path}:${line}`);
  return isGood ? 0 : 1;
}

function print(group, row) {
  const total = row.right + row.arguable + row.wrong;
  const strictly = Math.round((100 * row.right) / total);
  const percent = total === 0 ? '' : `${Math.round(100 * share(row))} % right, ${strictly} % strictly`;
  console.log(`${group.padEnd(58)} ${row.right} right, ${row.arguable} arguable, ${row.wrong} wrong  ${percent}`);
}

function printFixes() {
  for (const [rule, group] of [...groupBy(findings, ({ rule }) => rule), ['all', findings]]) {
    const fixed = group.filter(({ fixes }) => fixes.length > 0).length;
    const percent = group.length === 0 ? 0 : Math.round((100 * fixed) / group.length);
    console.log(`${rule.padEnd(58)} ${fixed} of ${group.length} with a fix  ${percent} %`);
  }
}

/** Arguable findings count for half: a maintainer may or may not be glad of them. */
function share({ right, arguable, wrong }) {
  const total = right + arguable + wrong;
  return total === 0 ? 1 : (right + arguable / 2) / total;
}

function verdicts() {
  return readFileSync(join(ruling, values.set === undefined ? 'verdicts.jsonl' : `${values.set}.jsonl`), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line));
}

function keyOf({ repository, path, rule, fingerprint }) {
  return `${repository} ${path} ${rule} ${fingerprint}`;
}

function groupOf({ rule, confidence }) {
  return `${rule} ${confidence}`;
}

function groupBy(items, key) {
  const groups = new Map();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

function hash(text) {
  return createHash('sha256').update(text).digest('hex');
}
