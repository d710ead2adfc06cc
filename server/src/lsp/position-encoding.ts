/**
 * The unit in which client and server count characters of a line. The engine and the text documents count UTF-16
 * units; some editors offer only bytes or code points, and then every position is converted at this border.
 */
import type { Position, Range } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';

export type Encoding = 'utf-16' | 'utf-8' | 'utf-32';

/** UTF-16 whenever the client can: it is the protocol's default and costs nothing. */
export function chooseEncoding(offered: readonly string[] | undefined): Encoding {
  if (offered === undefined || offered.includes('utf-16')) return 'utf-16';
  if (offered.includes('utf-8')) return 'utf-8';
  return offered.includes('utf-32') ? 'utf-32' : 'utf-16';
}

export function toUtf16(document: TextDocument, position: Position, encoding: Encoding): Position {
  if (encoding === 'utf-16') return position;
  const line = lineOf(document, position.line);
  let units = 0;
  let counted = 0;
  for (const character of line) {
    if (counted >= position.character) break;
    counted += width(character, encoding);
    units += character.length;
  }
  return { line: position.line, character: units };
}

export function fromUtf16(document: TextDocument, position: Position, encoding: Encoding): Position {
  if (encoding === 'utf-16') return position;
  const before = lineOf(document, position.line).slice(0, position.character);
  let character = 0;
  for (const one of before) character += width(one, encoding);
  return { line: position.line, character };
}

/** Offsets of a text to a range in the client's encoding. */
export function toRange(document: TextDocument, start: number, end: number, encoding: Encoding): Range {
  return {
    start: fromUtf16(document, document.positionAt(start), encoding),
    end: fromUtf16(document, document.positionAt(end), encoding),
  };
}

function lineOf(document: TextDocument, line: number): string {
  return document.getText({ start: { line, character: 0 }, end: { line: line + 1, character: 0 } });
}

function width(character: string, encoding: Encoding): number {
  return encoding === 'utf-8' ? Buffer.byteLength(character, 'utf8') : 1;
}
