#!/usr/bin/env node
/**
 * `npm run bench -- FOLDER [--project tsconfig.json] [--runs 5]`: all rules on the folder against `tsc --noEmit` of the
 * pinned TypeScript on the same tsconfig, alternating, and the ratio of the medians. DESIGN.md says why these options.
 *
 * Memory is the peak of what each and its child processes held at one moment, sampled; Linux only.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const SAMPLE_EVERY = 20;
const PAGE_KB = 4;

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const { values, positionals } = parseArgs({
  options: { project: { type: 'string' }, runs: { type: 'string', default: '5' } },
  allowPositionals: true,
});
const calledFrom = process.env.INIT_CWD ?? process.cwd();
const folder = resolve(calledFrom, positionals[0] ?? '.');
const project = values.project === undefined ? join(folder, 'tsconfig.json') : resolve(calledFrom, values.project);
const cli = join(root, 'dist/cli.js');
for (const path of [folder, project, cli]) {
  if (existsSync(path)) continue;
  console.error(`${path} does not exist${path === cli ? '; run npm run build' : ''}.`);
  process.exit(2);
}

const require = createRequire(join(root, 'package.json'));
const native = require.resolve(`@typescript/typescript-${process.platform}-${process.arch}/package.json`);
const tsc = join(dirname(native), 'lib', process.platform === 'win32' ? 'tsc.exe' : 'tsc');
const checklist = { name: 'checklist', runs: [] };
const typescript = { name: 'tsc', runs: [] };
let stats;

for (let run = 1; run <= Number(values.runs); run++) {
  const own = await measure(process.execPath, [
    cli,
    folder,
    '--format=json',
    '--min-confidence=low',
    '--fail-on=never',
  ]);
  if (own.status !== 0) {
    console.error(`the command line ended with ${own.status}:\n${own.stderr.slice(-2000)}`);
    process.exit(2);
  }
  const output = JSON.parse(own.stdout);
  stats = { ...output.stats, findings: output.findings.length };
  const options = ['--noEmit', '--skipLibCheck', '--incremental', 'false', '--pretty', 'false'];
  const other = await measure(tsc, ['-p', project, ...options]);
  checklist.runs.push(own);
  typescript.runs.push(other);
  console.error(`run ${run}: checklist ${format(own)}, tsc ${format(other)} (exit ${other.status})`);
}

for (const { name, runs } of [checklist, typescript]) {
  const seconds = median(runs.map((one) => one.seconds));
  console.log(
    `${name.padEnd(10)} median ${seconds.toFixed(2)} s, peak ${Math.round(Math.max(...runs.map((one) => one.memory)))} MB`,
  );
}
const ratio = median(checklist.runs.map((one) => one.seconds)) / median(typescript.runs.map((one) => one.seconds));
const share = stats.calls === 0 ? 0 : (100 * stats.callsResolved) / stats.calls;
console.log(`ratio      ${ratio.toFixed(2)} on ${availableParallelism()} cores`);
console.log(
  `analysed   ${stats.files} files, ${stats.lines} lines, ${share.toFixed(1)} % of ${stats.calls} calls resolved, ${stats.findings} findings`,
);

function format({ seconds, memory }) {
  return `${seconds.toFixed(2)} s, ${Math.round(memory)} MB`;
}

function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function measure(command, args) {
  return new Promise((resolvePromise, reject) => {
    const started = performance.now();
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8').on('data', (text) => {
        output[name] += text;
      });
    }
    let memory = 0;
    const sampling = setInterval(() => {
      memory = Math.max(memory, memoryOfTree(child.pid));
    }, SAMPLE_EVERY);
    child.on('error', reject);
    child.on('close', (status) => {
      clearInterval(sampling);
      resolvePromise({ status, seconds: (performance.now() - started) / 1000, memory, ...output });
    });
  });
}

/** Resident memory of a process and all below it, in MB; 0 where there is no /proc. */
function memoryOfTree(top) {
  const parents = new Map();
  const resident = new Map();
  try {
    for (const entry of readdirSync('/proc')) {
      if (!/^\d+$/.test(entry)) continue;
      const stat = readOrEmpty(`/proc/${entry}/stat`);
      // The name stands in parentheses and may hold spaces.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      parents.set(Number(entry), Number(fields[1]));
      resident.set(Number(entry), (Number(fields[21]) * PAGE_KB) / 1024);
    }
  } catch {
    return 0;
  }
  let sum = 0;
  for (const [process_, memory] of resident) {
    for (let at = process_; at !== undefined && at > 1; at = parents.get(at)) {
      if (at !== top) continue;
      sum += Number.isNaN(memory) ? 0 : memory;
      break;
    }
  }
  return sum;
}

/** A process may end between the listing and the reading. */
function readOrEmpty(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
