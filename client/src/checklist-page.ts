/**
 * Turns a checklist result into the Markdown of the result page. Pure text work: knows neither the editor nor how the
 * findings were made. An item is called clear only when nothing at all speaks against it, whatever its verdict says.
 */
import type { ChecklistFinding, ChecklistItemResult, ChecklistResult } from '../../server/src/protocol.ts';

/** More than this per list makes the preview slow; the Problems panel has them all. */
const LISTED = 200;

/** `linkTo` gives the address of a file, as the place where the page is shown can follow it; none makes plain text. */
export function renderChecklist(result: ChecklistResult, linkTo: (uri: string) => string | undefined): string {
  const items = result.checklist.map((item) => judge(item, result));
  const { files, lines, milliseconds } = result.stats;
  return [
    '# Concurrency checklist',
    '',
    `${summary(items)} Checked ${count(files, 'file')}, ${count(lines, 'line')}, in ${seconds(milliseconds)}.`,
    '',
    ...overview(items),
    ...items.flatMap((item) => section(item, result.findings, linkTo)),
    ...skippedFiles(result.skipped),
  ].join('\n');
}

function judge(item: ChecklistItemResult, { skipped, stats }: ChecklistResult): ChecklistItemResult {
  if (item.verdict !== 'clear') return item;
  if (item.count > 0) return { ...item, verdict: 'findings' };
  const reasons = [...item.reasons];
  if (stats.files === 0) reasons.push('There was no file to check.');
  if (skipped.length > 0 && reasons.length === 0) reasons.push(`${count(skipped.length, 'file')} skipped.`);
  return reasons.length === 0 ? item : { ...item, verdict: 'not-checked', reasons };
}

function summary(items: ChecklistItemResult[]): string {
  const having = (verdict: ChecklistItemResult['verdict']) => items.filter((item) => item.verdict === verdict).length;
  const parts = [`${having('findings')} with findings`, `${having('clear')} clear`];
  if (having('not-checked') > 0) parts.push(`${having('not-checked')} not checked`);
  return `**${count(items.length, 'question')}: ${parts.join(', ')}.**`;
}

function overview(items: ChecklistItemResult[]): string[] {
  const rows = items.map((item) => `| ${escapeText(item.question)} | ${verdict(item)} |`);
  return ['| Question | Answer |', '| --- | --- |', ...rows, ''];
}

function verdict(item: ChecklistItemResult): string {
  if (item.verdict === 'clear') return '✓ clear';
  if (item.verdict === 'not-checked') return '○ not checked';
  return item.count > 0 ? `✗ ${count(item.count, 'finding')}` : '✗ findings, none of them shown';
}

function section(
  item: ChecklistItemResult,
  all: ChecklistFinding[],
  linkTo: (uri: string) => string | undefined,
): string[] {
  const findings = all.filter((finding) => finding.item === item.item);
  return [
    `## ${escapeText(item.question)}`,
    '',
    `**${verdict(item)}** · ${escapeText(item.item)}`,
    '',
    ...list(item.reasons, (reason) => `${item.verdict === 'findings' ? 'Note: ' : ''}${escapeText(reason)}`),
    ...list(findings, (finding) => findingLine(finding, linkTo(finding.uri))),
  ];
}

function findingLine(finding: ChecklistFinding, address: string | undefined): string {
  const { path, line, column, message, rule, severity, confidence } = finding;
  const place = `${escapeText(path)}:${line}`;
  const link = address === undefined ? place : `[${place}](<${address}#L${line},${column}>)`;
  const about = `${escapeText(rule)}, ${severity}, ${confidence} confidence`;
  return `${link} — ${escapeText(message)} (${about})`;
}

function skippedFiles(skipped: ChecklistResult['skipped']): string[] {
  if (skipped.length === 0) return [];
  const lines = list(skipped, ({ path, reason }) => `${escapeText(path)}: ${escapeText(reason)}`);
  return ['## Skipped', '', ...lines];
}

function list<T>(entries: T[], toText: (entry: T) => string): string[] {
  if (entries.length === 0) return [];
  const lines = entries.slice(0, LISTED).map((entry) => `- ${toText(entry)}`);
  if (entries.length > LISTED) lines.push(`- and ${entries.length - LISTED} more.`);
  return [...lines, ''];
}

function count(n: number, noun: string): string {
  return `${n.toLocaleString('en-US')} ${noun}${n === 1 ? '' : 's'}`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** Text from the user's code must not become Markdown or HTML. */
function escapeText(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]<>#|~&$]/g, '\\$&');
}
