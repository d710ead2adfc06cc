/** `--format stylish`: for people at a terminal. Findings by file, then the seven questions with their answers. */
import { styleText } from 'node:util';
import type { ChecklistEntry } from '../driver/service.ts';
import type { Finding, Severity } from '../rule.ts';
import type { FileChange, Report } from './report.ts';
import { unifiedDiff } from './unified-diff.ts';

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

const SEVERITY_STYLES: Readonly<Record<Severity, Style>> = {
  error: 'red',
  warning: 'yellow',
  information: 'blue',
  hint: 'gray',
};
const SEVERITY_WIDTH = 'information'.length;

export function formatStylish({ result, findings, changes, written }: Report, colour: boolean): string {
  const paint: Paint = colour ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
  const { files, lines } = result.stats;
  return [
    ...byFile(findings).map(([path, list]) => fileBlock(path, list, paint)),
    ...(changes ?? []).map((change) => changeBlock(change, written, paint)),
    ...(result.skipped.length === 0 ? [] : [skippedBlock(result.skipped, paint)]),
    checklistBlock(result.checklist, paint),
    `${count(findings.length, 'finding')} in ${count(files, 'file')}, ${count(lines, 'line')}.\n`,
  ].join('\n');
}

function byFile(findings: readonly Finding[]): [path: string, list: Finding[]][] {
  const files = new Map<string, Finding[]>();
  for (const finding of findings) {
    const list = files.get(finding.path);
    if (list === undefined) files.set(finding.path, [finding]);
    else list.push(finding);
  }
  return [...files];
}

function fileBlock(path: string, findings: readonly Finding[], paint: Paint): string {
  const places = findings.map(({ line, column }) => `${line}:${column}`);
  const width = Math.max(...places.map((place) => place.length));
  const lines = findings.flatMap((finding, index) => {
    const severity = paint(SEVERITY_STYLES[finding.severity], finding.severity.padEnd(SEVERITY_WIDTH));
    const place = paint('dim', (places[index] ?? '').padStart(width));
    const indent = ' '.repeat(width + SEVERITY_WIDTH + 6);
    return [
      `  ${place}  ${severity}  ${finding.message}  ${paint('dim', finding.rule)}`,
      ...finding.related.map((related) => `${indent}${paint('dim', relatedLine(related, path))}`),
      ...finding.fixes.map((fix) => `${indent}${paint('green', `fix: ${fix.title} (${fix.applicability})`)}`),
    ];
  });
  return `${[paint('underline', path), ...lines].join('\n')}\n`;
}

function relatedLine({ path, line, column, message }: Finding['related'][number], own: string): string {
  return `${path === own ? '' : `${path}:`}${line}:${column}  ${message}`;
}

function changeBlock({ path, before, after, fixes }: FileChange, written: boolean, paint: Paint): string {
  if (!written) return unifiedDiff(path, before, after);
  return `${[paint('underline', path), ...fixes.map((title) => `  ${paint('green', 'fixed')}  ${title}`)].join('\n')}\n`;
}

function skippedBlock(skipped: Report['result']['skipped'], paint: Paint): string {
  const lines = skipped.map(({ path, reason }) => `  ${path}: ${reason}`);
  return `${[paint('underline', 'Not, or not wholly, checked'), ...lines].join('\n')}\n`;
}

function checklistBlock(checklist: readonly ChecklistEntry[], paint: Paint): string {
  const width = Math.max(...checklist.map(({ question }) => question.length));
  const shared = (checklist[0]?.reasons ?? []).filter((reason) =>
    checklist.every(({ reasons }) => reasons.includes(reason)),
  );
  const lines = checklist.flatMap((entry) => {
    const { mark, verdict, style } = verdictOf(entry);
    const own = entry.reasons.filter((reason) => !shared.includes(reason));
    return [
      `  ${paint(style, mark)} ${entry.question.padEnd(width)}  ${paint(style, verdict)}`,
      ...own.map((reason) => `      ${paint('dim', reason)}`),
    ];
  });
  const general = shared.map((reason) => `  ${paint('dim', `For every question: ${reason}`)}`);
  return `${[paint('underline', 'Checklist'), ...lines, ...general].join('\n')}\n`;
}

function verdictOf({ verdict, count: found }: ChecklistEntry): { mark: string; verdict: string; style: Style } {
  if (verdict === 'clear') return { mark: '✓', verdict: 'clear', style: 'green' };
  if (verdict === 'not-checked') return { mark: '○', verdict: 'not checked', style: 'yellow' };
  return { mark: '✗', verdict: found === 0 ? 'nothing certain' : count(found, 'finding'), style: 'red' };
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}
