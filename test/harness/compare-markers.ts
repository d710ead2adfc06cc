/** Every finding needs a marker and every marker a finding. Says each difference in one line that can be pasted. */
import type { Finding } from '../../server/src/rule.ts';
import type { FindingMarker, Marker, NoteMarker, RelatedMarker } from './markers.ts';

/** `findings` and `related` are those of one file. */
export function compareMarkers(
  markers: readonly Marker[],
  findings: readonly Finding[],
  related: Finding['related'],
): string[] {
  const claims = markers.filter((marker) => marker.kind === 'finding');
  const notes = markers.filter(isNote);
  const unmarked = new Set(findings);
  const differences: string[] = [];
  for (const claim of claims) {
    const hit = [...unmarked].find((finding) => finding.rule === claim.rule && isAt(claim, finding));
    if (hit === undefined) differences.push(unmet(claim, findings));
    else {
      unmarked.delete(hit);
      differences.push(...wording(claim, hit));
    }
  }
  for (const note of notes) differences.push(...judgeNote(note, unmarked));
  for (const finding of unmarked) {
    differences.push(`no marker for ${describe(finding)}\n${' '.repeat(4)}${caretLine(finding)}`);
  }
  for (const marker of markers) if (marker.kind === 'related') differences.push(...judgeRelated(marker, related));
  return differences;
}

function isNote(marker: Marker): marker is NoteMarker {
  return marker.kind === 'ok' || marker.kind === 'missing' || marker.kind === 'spurious';
}

function isAt({ line, column, endColumn, openStart }: FindingMarker, finding: Finding): boolean {
  if (finding.line !== line) return false;
  const end = finding.endLine === line ? finding.endColumn === endColumn : finding.endColumn > 0;
  return end && (finding.column === column || (openStart && finding.column < column && finding.column >= column - 2));
}

function wording({ line, confidence, text, rule }: FindingMarker, finding: Finding): string[] {
  const differences: string[] = [];
  if (text !== undefined && !finding.message.includes(text)) {
    differences.push(`line ${line}: ${rule} should say "${text}" and says "${finding.message}"`);
  }
  if (confidence !== undefined && confidence !== finding.confidence) {
    differences.push(`line ${line}: ${rule} should be of ${confidence} confidence and is ${finding.confidence}`);
  }
  return differences;
}

function unmet(claim: FindingMarker, findings: readonly Finding[]): string {
  const near = findings.filter((finding) => finding.rule === claim.rule && finding.line === claim.line);
  const hint = near.map((finding) => `; it is at columns ${finding.column} to ${finding.endColumn}`).join('');
  return `line ${claim.line}, columns ${claim.column} to ${claim.endColumn}: ${claim.rule} expected, not found${hint}`;
}

function judgeNote({ kind, line, id }: NoteMarker, unmarked: Set<Finding>): string[] {
  const hit = [...unmarked].find((finding) => finding.rule === id && finding.line === line);
  if (kind === 'ok') return hit === undefined ? [] : [`line ${line}: '${id}' should be silent here`];
  if (kind === 'missing') {
    return hit === undefined ? [] : [`line ${line}: '${id}' is found now; turn 'missing' into a caret marker`];
  }
  if (hit === undefined) return [`line ${line}: '${id}' is silent now; remove 'spurious'`];
  unmarked.delete(hit);
  return [];
}

/** The chain of a finding has more places than anyone wants to mark, so only what is marked must be there. */
function judgeRelated({ line, column, endColumn, text }: RelatedMarker, related: Finding['related']): string[] {
  const onLine = related.filter((place) => place.line === line);
  if (onLine.some((place) => place.column >= column - 2 && place.column < endColumn && place.message.includes(text)))
    return [];
  const said = onLine.map((place) => `column ${place.column} "${place.message}"`).join(', ');
  return [
    `line ${line}, column ${column}: related "${text}" expected; ${said === '' ? 'nothing is' : `there is ${said}`} on that line`,
  ];
}

function describe({ rule, line, column, confidence, message, related }: Finding): string {
  const places = related.map(
    (place) => `\n      related ${place.path}:${place.line}:${place.column} "${place.message}"`,
  );
  return `${rule} (${confidence}) at line ${line}, column ${column}: "${message}"${places.join('')}`;
}

function caretLine({ rule, column, endColumn, line, endLine }: Finding): string {
  const width = endLine === line ? endColumn - column : 1;
  if (column >= 3) return `${' '.repeat(0)}//${' '.repeat(column - 3)}${'^'.repeat(width)} ${rule}`;
  return `//${'^'.repeat(Math.max(1, width - (3 - column)))} ${rule}`;
}
