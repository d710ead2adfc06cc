#!/usr/bin/env node
/**
 * Writes what is derived from the rules: `docs/rules/<item>/<rule>.md` (the pages that diagnostics link to) and the
 * table `docs/rules/README.md`. With `--check` it writes nothing and fails when something is stale.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const check = process.argv.includes('--check');
const { RULES, ITEMS } = await rules();
const wanted = new Map();

for (const rule of RULES) wanted.set(`${rule.id}.md`, page(rule));
wanted.set('README.md', table());

const folder = join(root, 'docs/rules');
const stale = [...wanted].filter(([path, text]) => read(join(folder, path)) !== text).map(([path]) => path);
const extra = existing(folder).filter((path) => !wanted.has(path));
if (check) {
  for (const path of [...stale, ...extra]) console.log(`stale: docs/rules/${path}`);
  if (stale.length + extra.length > 0) console.log('Run `npm run docs`.');
  process.exitCode = stale.length + extra.length > 0 ? 1 : 0;
} else {
  for (const path of extra) rmSync(join(folder, path));
  for (const path of stale) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), wanted.get(path));
  }
  console.log(`${stale.length} pages written, ${extra.length} removed, ${wanted.size - stale.length} up to date`);
}

function page(rule) {
  const text = read(join(root, 'server/src/rules', rule.id, 'rule.md')) ?? '';
  const cwe = rule.cwe.map((id) => `[CWE-${id}](https://cwe.mitre.org/data/definitions/${id}.html)`).join(', ');
  const facts = `\`${rule.id}\` · ${rule.severity} · ${rule.status}${cwe === '' ? '' : ` · ${cwe}`}`;
  const body = text.replace(/^# .*\n+/, '');
  return `# ${rule.id}\n\n${rule.summary} ${facts}\n\n${body.trimEnd()}\n`;
}

function table() {
  const lines = ['# Rules', '', 'Written by `npm run docs` from `server/src/rules`.', ''];
  for (const item of ITEMS) {
    const own = RULES.filter((rule) => rule.id.startsWith(`${item.id}/`));
    lines.push(`## ${item.question}`, '');
    if (own.length === 0) lines.push('No rule yet.', '');
    else {
      lines.push('| rule | what it finds | severity | status |', '| --- | --- | --- | --- |');
      for (const rule of own)
        lines.push(`| [${rule.id}](${rule.id}.md) | ${rule.summary} | ${rule.severity} | ${rule.status} |`);
      lines.push('');
    }
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

async function rules() {
  const out = join(root, 'out/rules-for-docs.cjs');
  await build({
    stdin: {
      contents: "export { RULES } from './server/src/rules/index.ts'; export { ITEMS } from './server/src/rule.ts';",
      resolveDir: root,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    mainFields: ['module', 'main'],
    outfile: out,
    logLevel: 'error',
  });
  return createRequire(import.meta.url)(out);
}

function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function existing(directory, prefix = '') {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? existing(join(directory, entry.name), `${prefix}${entry.name}/`) : [`${prefix}${entry.name}`],
  );
}
