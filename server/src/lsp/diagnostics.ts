/** Findings in the shape the protocol has for them. Nothing is decided here: what is found, and how severe, comes as it is. */
import {
  type Diagnostic,
  type DiagnosticRelatedInformation,
  DiagnosticSeverity,
  type Position,
  type Range,
} from 'vscode-languageserver';

import type { LocatedFinding } from '../driver/service.ts';
import type { Finding, Location, Severity } from '../rule.ts';
import type { ClientFeatures } from './client-features.ts';
import type { FileTexts } from './file-texts.ts';
import { normalPath } from './file-uris.ts';
import { fromUtf16 } from './position-encoding.ts';

export const SOURCE = 'concurrency';
const RULE_PAGES = 'https://github.com/concurrency-checklist/concurrency-checklist/blob/main/docs/rules';

const SEVERITIES: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

/** What a diagnostic carries through the client, to find its finding again when actions for it are asked for. */
export interface DiagnosticData {
  readonly fingerprint: string;
  readonly path: string;
  /** Of the document that was analysed; null for a file that was not open. */
  readonly version: number | null;
}

export interface DiagnosticContext {
  readonly features: ClientFeatures;
  readonly texts: FileTexts;
}

/** `version` of the analysed document, where it was open. */
export async function toDiagnostics(
  findings: readonly LocatedFinding[],
  version: number | undefined,
  context: DiagnosticContext,
): Promise<Diagnostic[]> {
  return Promise.all(findings.map((located) => toDiagnostic(located, version, context)));
}

async function toDiagnostic(
  located: LocatedFinding,
  version: number | undefined,
  context: DiagnosticContext,
): Promise<Diagnostic> {
  const { finding, at } = located;
  const { features } = context;
  const data: DiagnosticData = { fingerprint: finding.fingerprint, path: finding.path, version: version ?? null };
  return {
    range: await encodeRange(at.path, rangeOf(finding), context),
    severity: SEVERITIES[finding.severity],
    source: SOURCE,
    code: finding.rule,
    message: finding.message,
    ...(features.codeDescription && hasPage(finding) ? { codeDescription: { href: pageOf(finding) } } : {}),
    ...(features.relatedInformation ? { relatedInformation: await relatedOf(located, context) } : {}),
    ...(features.diagnosticData ? { data } : {}),
  };
}

/** The fingerprint that came back with a diagnostic of ours. */
export function fingerprintOf(diagnostic: Diagnostic): string | undefined {
  const data: unknown = diagnostic.data;
  if (diagnostic.source !== SOURCE || typeof data !== 'object' || data === null) return undefined;
  return 'fingerprint' in data && typeof data.fingerprint === 'string' ? data.fingerprint : undefined;
}

function hasPage({ item }: Finding): boolean {
  return item !== 'suppression';
}

function pageOf({ rule }: Finding): string {
  return `${RULE_PAGES}/${rule}.md`;
}

function rangeOf({ line, column, endLine, endColumn }: Finding): Range {
  return { start: { line: line - 1, character: column - 1 }, end: { line: endLine - 1, character: endColumn - 1 } };
}

async function relatedOf(
  { finding, related }: LocatedFinding,
  context: DiagnosticContext,
): Promise<DiagnosticRelatedInformation[]> {
  const places = related.map(async ({ at, message }, index) => {
    const printed = finding.related[index];
    const start: Position = { line: (printed?.line ?? 1) - 1, character: (printed?.column ?? 1) - 1 };
    const range = await encodeRange(at.path, relatedRange(at, start, context), context);
    return { location: { uri: context.texts.uriOf(at.path), range }, message };
  });
  return Promise.all(places);
}

/**
 * Only the start of a related place is known in lines. The end is exact in an open document; elsewhere it is taken to
 * be on the same line, and the protocol reads a character beyond the line's end as that end.
 */
function relatedRange({ path, start: from, end: to }: Location, start: Position, { texts }: DiagnosticContext): Range {
  const document = texts.open(path)?.content;
  const found = document?.positionAt(from);
  const isCurrent = found?.line === start.line && found.character === start.character;
  if (document !== undefined && isCurrent) return { start, end: document.positionAt(to) };
  return { start, end: { line: start.line, character: start.character + Math.max(0, to - from) } };
}

/** The engine counts UTF-16 units; a client that counts otherwise costs a look at the text. */
async function encodeRange(path: string, range: Range, { features, texts }: DiagnosticContext): Promise<Range> {
  const { encoding } = features;
  if (encoding === 'utf-16') return range;
  const content = await texts.read(normalPath(path));
  if (content === undefined) return range;
  return { start: fromUtf16(content, range.start, encoding), end: fromUtf16(content, range.end, encoding) };
}
