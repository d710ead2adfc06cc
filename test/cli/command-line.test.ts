/** The command line as a process: what is printed where, and the exit codes. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Folder } from '../driver/project.ts';

const cli = join(process.cwd(), 'dist/cli.js');
/** Found without any rule: a warning, and an information with a safe fix. */
const WARNING = '// concurrency-ignore no/rule -- it does not exist';

interface Output {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(folder: Folder, ...args: string[]): Output {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    cwd: folder.path,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { status, stdout, stderr };
}

test('a wrong option is exit 2, says what is wrong, and leaves standard output alone', () => {
  using folder = new Folder({ 'a.ts': 'export const a = 1;\n' });
  const cases: [args: string[], message: RegExp][] = [
    [['--nonsense'], /Unknown option '--nonsense'\./],
    [['--format', 'xml'], /--format does not know 'xml'; use one of stylish, json\./],
    [['--format', 'sarif'], /--format sarif is not available yet; available are stylish, json\./],
    [['--since', 'main'], /--since is not available yet\./],
    [['--baseline', 'x'], /--baseline is not available yet\./],
    [['--write-baseline', 'x'], /--write-baseline is not available yet\./],
    [['--jobs', '2'], /--jobs is not available yet\./],
    [['--write-summaries', 'x'], /--write-summaries is not available yet\./],
    [['--item', 'races'], /--item does not know 'races'; use one of race-condition, /],
    [['--rule', 'toctou/none'], /--rule does not know 'toctou\/none'/],
    [['--min-confidence', 'some'], /--min-confidence does not know 'some'; use one of high, medium, low\./],
    [['--fail-on', 'info'], /--fail-on does not know 'info'/],
    [['--fix', '--fix-dry-run'], /exclude each other/],
    [['--explain', 'toctou/none'], /--explain does not know/],
    [['--format'], /--format/],
    [['--stats=yes'], /--stats/],
    [['nowhere'], /'nowhere' does not exist\./],
    [['--config', 'nowhere.json'], /'nowhere\.json' does not exist\./],
  ];
  for (const [args, message] of cases) {
    const { status, stdout, stderr } = run(folder, ...args);
    assert.equal(status, 2, args.join(' '));
    assert.match(stderr, message);
    assert.match(stderr, /--help/);
    assert.equal(stdout, '');
  }
});

test('--help and --version', () => {
  using folder = new Folder({});
  const help = run(folder, '--help');
  assert.equal(help.status, 0);
  assert.match(help.stdout, /^Usage: concurrency-checklist/);
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  assert.deepEqual(run(folder, '--version'), { status: 0, stdout: `${version}\n`, stderr: '' });
});

test('json: the shape, and the same bytes twice', () => {
  using folder = new Folder({ 'src/a.ts': `export const a = 1;\n${WARNING}\n`, 'b.ts': 'export const b = 1;\n' });
  const first = run(folder, '--format', 'json');
  assert.equal(first.status, 1);
  assert.equal(first.stderr, '');
  const output = JSON.parse(first.stdout) as Record<string, unknown>;
  assert.deepEqual(Object.keys(output), ['version', 'checklist', 'findings', 'skipped', 'stats']);
  assert.equal(output['version'], 1);
  const findings = output['findings'] as Record<string, unknown>[];
  assert.deepEqual(
    { ...findings[0], fingerprint: '' },
    {
      rule: 'suppression/unknown-rule',
      item: 'suppression',
      severity: 'warning',
      confidence: 'high',
      path: 'src/a.ts',
      line: 2,
      column: 1,
      endLine: 2,
      endColumn: WARNING.length + 1,
      message: `'no/rule' is not a rule, so this comment suppresses nothing.`,
      related: [],
      fixes: [],
      fingerprint: '',
    },
  );
  const checklist = output['checklist'] as Record<string, unknown>[];
  assert.equal(checklist.length, 7);
  assert.deepEqual(Object.keys(checklist[0] ?? {}), ['item', 'question', 'verdict', 'count', 'reasons']);
  const stats = output['stats'] as Record<string, unknown>;
  assert.equal(stats['files'], 2);
  assert.equal(stats['lines'], 5);
  const timeless = (text: string): string => text.replaceAll(/"(milliseconds|peakMemoryMB)": \d+/g, '');
  assert.equal(timeless(run(folder, '--format', 'json').stdout), timeless(first.stdout));
});

test('stylish: findings by file, then the seven questions', () => {
  using folder = new Folder({ 'a.ts': `export const a = 1;\n${WARNING}\n` });
  const { status, stdout, stderr } = run(folder);
  assert.equal(status, 1);
  assert.equal(stderr, '');
  assert.match(stdout, /^a\.ts\n {2}2:1 {2}warning {6}'no\/rule' is not a rule.* {2}suppression\/unknown-rule\n/);
  assert.match(stdout, /\nChecklist\n {2}\S Any place two operations share state without a transaction\?/);
  assert.match(stdout, /Multiple locks acquired in different orders across code paths\?/);
  assert.match(stdout, /\n1 finding in 1 file, 3 lines\.\n$/);
  assert.ok(!stdout.includes('\u001B'));
});

test('--fail-on decides between 0 and 1', () => {
  using folder = new Folder({ 'a.ts': `export const a = 1;\n${WARNING}\n` });
  const status = (...args: string[]): number | null => run(folder, ...args).status;
  assert.equal(status('--fail-on', 'error'), 0);
  assert.equal(status('--fail-on', 'warning'), 1);
  assert.equal(status('--fail-on', 'hint'), 1);
  assert.equal(status('--fail-on', 'never'), 0);
  folder.write('concurrency-checklist.json', '{ "rules": { "suppression/unknown-rule": "error" } }');
  assert.equal(status('--fail-on', 'error'), 1);
});

test('paths: a folder, a file, several; relative to what is checked', () => {
  const text = `export const a = 1;\n${WARNING}\n`;
  using folder = new Folder({ 'a.ts': text, 'x/b.ts': text, 'y/c.ts': text });
  const paths = (...args: string[]): string[] => {
    const { stdout } = run(folder, '--format', 'json', ...args);
    return (JSON.parse(stdout) as { findings: { path: string }[] }).findings.map(({ path }) => path);
  };
  assert.deepEqual(paths(), ['a.ts', 'x/b.ts', 'y/c.ts']);
  assert.deepEqual(paths('x'), ['b.ts']);
  assert.deepEqual(paths('x/b.ts'), ['x/b.ts']);
  assert.deepEqual(paths('y', 'x'), ['x/b.ts', 'y/c.ts']);
  assert.deepEqual(paths(folder.path), ['a.ts', 'x/b.ts', 'y/c.ts']);
});

test('bad input: what can be analysed is, and the rest is said', () => {
  using folder = new Folder({ 'a.ts': `export const a = 1;\n${WARNING}\n`, 'broken.ts': 'export const = ;\n' });
  folder.write('binary.ts', new Uint8Array([0, 1, 2, 0, 255, 254]));
  const { status, stdout } = run(folder, '--format', 'json');
  assert.equal(status, 1);
  const { findings, skipped, checklist } = JSON.parse(stdout) as {
    findings: unknown[];
    skipped: { path: string; reason: string }[];
    checklist: { verdict: string }[];
  };
  assert.equal(findings.length, 1);
  assert.deepEqual(
    skipped.map(({ path }) => path),
    ['binary.ts', 'broken.ts'],
  );
  assert.ok(checklist.every(({ verdict }) => verdict !== 'clear'));
});

test('bad input: a broken tsconfig, a broken configuration, nothing to check', () => {
  using folder = new Folder({ 'a.ts': `export const a = 1;\n${WARNING}\n`, 'tsconfig.json': '{ "compilerOptions": {' });
  const broken = run(folder, '--format', 'json');
  assert.equal((JSON.parse(broken.stdout) as { findings: unknown[] }).findings.length, 1);
  folder.write('concurrency-checklist.json', '{\n  "rules": 1\n}');
  const configuration = run(folder);
  assert.equal(configuration.status, 2);
  assert.match(configuration.stderr, /concurrency-checklist\.json:2:12: 'rules' must be an object/);
  using empty = new Folder({ 'readme.md': '' });
  const nothing = run(empty);
  assert.equal(nothing.status, 2);
  assert.match(nothing.stderr, /there is no TypeScript or JavaScript file to check/);
});

test('an unreadable folder is exit 2', { skip: process.getuid?.() === 0 ? 'root reads everything' : false }, () => {
  using folder = new Folder({ 'a.ts': 'export const a = 1;\n', 'secret/b.ts': '' });
  chmodSync(folder.file('secret'), 0);
  const { status, stdout, stderr } = run(folder);
  chmodSync(folder.file('secret'), 0o755);
  assert.equal(status, 2);
  assert.match(stderr, /secret: cannot be read \(EACCES\)/);
  assert.match(stdout, /in 1 file/);
});

test('--init writes a configuration once, and it is valid', () => {
  using folder = new Folder({ 'a.ts': 'export const a = 1;\n' });
  assert.equal(run(folder, '--init').status, 0);
  assert.ok(existsSync(folder.file('concurrency-checklist.json')));
  assert.equal(run(folder).status, 0);
  const again = run(folder, '--init');
  assert.equal(again.status, 2);
  assert.match(again.stderr, /exists already/);
});

test('--stats is said on standard error', () => {
  using folder = new Folder({ 'a.ts': 'export const a = 1;\n' });
  const { stdout, stderr } = run(folder, '--stats');
  assert.match(stderr, /^files 1, lines 2, projects 1\n/);
  assert.ok(!stdout.includes('MB'));
});
