/**
 * Parameters as the protocol promises them, checked, because not every client keeps the promise. What is missing but
 * harmless is filled in; what cannot be understood is undefined.
 */
import type {
  CodeActionParams,
  Diagnostic,
  DidChangeTextDocumentParams,
  DidChangeWatchedFilesParams,
  DidOpenTextDocumentParams,
  DocumentDiagnosticParams,
  Position,
  Range,
  TextDocumentContentChangeEvent,
  WorkspaceDiagnosticParams,
} from 'vscode-languageserver';

type Fields = Readonly<Record<string, unknown>>;

/** The URI of `textDocument`, which nearly all messages have. */
export function documentUri(params: unknown): string | undefined {
  const uri = fieldsOf(fieldsOf(params)?.['textDocument'])?.['uri'];
  return typeof uri === 'string' ? uri : undefined;
}

export function openParams(params: unknown): DidOpenTextDocumentParams | undefined {
  const uri = documentUri(params);
  const { version, text, languageId } = fieldsOf(fieldsOf(params)?.['textDocument']) ?? {};
  if (uri === undefined || typeof text !== 'string') return undefined;
  return { textDocument: { uri, text, version: numberOr(version, 0), languageId: stringOr(languageId, '') } };
}

export function changeParams(params: unknown): DidChangeTextDocumentParams | undefined {
  const uri = documentUri(params);
  const contentChanges = fieldsOf(params)?.['contentChanges'];
  if (uri === undefined || !Array.isArray(contentChanges) || !contentChanges.every(isContentChange)) return undefined;
  const version = fieldsOf(fieldsOf(params)?.['textDocument'])?.['version'];
  return { textDocument: { uri, version: numberOr(version, 0) }, contentChanges };
}

export function diagnosticParams(params: unknown): DocumentDiagnosticParams | undefined {
  const uri = documentUri(params);
  const previousResultId = fieldsOf(params)?.['previousResultId'];
  if (uri === undefined) return undefined;
  return { textDocument: { uri }, ...(typeof previousResultId === 'string' ? { previousResultId } : {}) };
}

export function workspaceDiagnosticParams(params: unknown): WorkspaceDiagnosticParams {
  const previous = fieldsOf(params)?.['previousResultIds'];
  const previousResultIds = (Array.isArray(previous) ? previous : []).flatMap((one: unknown) => {
    const { uri, value } = fieldsOf(one) ?? {};
    return typeof uri === 'string' && typeof value === 'string' ? [{ uri, value }] : [];
  });
  return { previousResultIds };
}

export function codeActionParams(params: unknown): CodeActionParams | undefined {
  const uri = documentUri(params);
  const { range, context } = fieldsOf(params) ?? {};
  if (uri === undefined || !isRange(range)) return undefined;
  const { diagnostics, only } = fieldsOf(context) ?? {};
  return {
    textDocument: { uri },
    range,
    context: {
      diagnostics: Array.isArray(diagnostics) ? diagnostics.filter(isDiagnostic) : [],
      ...(Array.isArray(only) ? { only: only.filter((one) => typeof one === 'string') } : {}),
    },
  };
}

export function watchedFilesParams(params: unknown): DidChangeWatchedFilesParams {
  const changes = fieldsOf(params)?.['changes'];
  const known = (Array.isArray(changes) ? changes : []).flatMap((one: unknown) => {
    const { uri, type } = fieldsOf(one) ?? {};
    return typeof uri === 'string' && (type === 1 || type === 2 || type === 3) ? [{ uri, type }] : [];
  });
  return { changes: known as DidChangeWatchedFilesParams['changes'] };
}

/** The value at a path of names in settings of unknown shape. */
export function settingAt(settings: unknown, ...names: readonly string[]): unknown {
  return names.reduce((value: unknown, name) => fieldsOf(value)?.[name], settings);
}

/** The URIs of a list of folders. */
export function folderUris(folders: unknown): string[] {
  return (Array.isArray(folders) ? folders : []).flatMap((folder: unknown) => {
    const uri = fieldsOf(folder)?.['uri'];
    return typeof uri === 'string' ? [uri] : [];
  });
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
}

function isContentChange(value: unknown): value is TextDocumentContentChangeEvent {
  const { text, range } = fieldsOf(value) ?? {};
  return typeof text === 'string' && (range === undefined || isRange(range));
}

/** Only what is read of it is checked: the rest goes back to the client as it came. */
function isDiagnostic(value: unknown): value is Diagnostic {
  return fieldsOf(value) !== undefined;
}

function isRange(value: unknown): value is Range {
  const { start, end } = fieldsOf(value) ?? {};
  return isPosition(start) && isPosition(end);
}

function isPosition(value: unknown): value is Position {
  const { line, character } = fieldsOf(value) ?? {};
  return Number.isInteger(line) && Number.isInteger(character);
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

function stringOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}
