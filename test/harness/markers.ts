/**
 * Reads the markers of a fixture. Carets on a line of their own point at the code line above; `ok`, `missing`,
 * `spurious` and `unfixable` are about the code on their line, or, on a line of their own, about the next code line.
 */
import { CONFIDENCES, type Confidence } from '../../server/src/rule.ts';

/** `^^^^ item/rule [confidence] ["part of the message"]` */
export interface FindingMarker {
  readonly kind: 'finding';
  readonly line: number;
  /** From 1; end exclusive. */
  readonly column: number;
  readonly endColumn: number;
  /** The first columns lie under the comment's own slashes, so only the end of the range is said. */
  readonly openStart: boolean;
  readonly rule: string;
  readonly confidence: Confidence | undefined;
  readonly text: string | undefined;
}

/** `^^^^ related "part of the message"` */
export interface RelatedMarker {
  readonly kind: 'related';
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
  readonly text: string;
}

/** `ok item/rule: why` and the like; for `unfixable` the id is a fix's. */
export interface NoteMarker {
  readonly kind: 'ok' | 'missing' | 'spurious' | 'unfixable';
  readonly line: number;
  readonly id: string;
  readonly why: string;
}

export type Marker = FindingMarker | RelatedMarker | NoteMarker;

const CARETS = /^(\s*(?:\/\/|\{?\/\*))( *)(\^+)\s+(.*?)\s*(?:\*\/\}?)?$/;
const NOTE = /(?:\/\/|\/\*) (ok|missing|spurious|unfixable) ([\w-]+(?:\/[\w-]+)?): (\S.*?)\s*(?:\*\/\}?)?$/;
const CLAIM = /^([\w-]+\/[\w-]+)(?: (high|medium|low))?(?: "(.*)")?$/;
const RELATED = /^related "(.*)"$/;

/** Throws for a marker that cannot be read. */
export function readMarkers(text: string): Marker[] {
  const lines = text.split(/\r\n|\n|\r/);
  const markers: Marker[] = [];
  let code = 0;
  let waiting: Omit<NoteMarker, 'line'>[] = [];
  lines.forEach((content, index) => {
    const carets = CARETS.exec(content);
    if (carets !== null) {
      markers.push(readCarets(carets, code, index + 1));
      return;
    }
    const note = NOTE.exec(content);
    const read = note === null ? undefined : readNote(note);
    if (note?.index !== undefined && content.slice(0, note.index).replace('{', '').trim() === '') {
      if (read !== undefined) waiting.push(read);
      return;
    }
    if (content.trim() === '') return;
    code = index + 1;
    markers.push(...waiting.map((one) => ({ ...one, line: code })));
    waiting = [];
    if (read !== undefined) markers.push({ ...read, line: code });
  });
  return markers;
}

function readNote([, kind = '', id = '', why = '']: RegExpExecArray): Omit<NoteMarker, 'line'> {
  return { kind: kind as NoteMarker['kind'], id, why };
}

function readCarets(
  [, before = '', space = '', carets = '', body = '']: RegExpExecArray,
  line: number,
  own: number,
): Marker {
  const column = before.length + space.length + 1;
  const place = { line, column, endColumn: column + carets.length };
  const related = RELATED.exec(body);
  if (related !== null) return { kind: 'related', ...place, text: related[1] ?? '' };
  const claim = CLAIM.exec(body);
  if (claim === null) {
    throw new Error(
      `line ${own}: a caret marker says 'item/rule', optionally a confidence and "text", or 'related "text"'; not '${body}'`,
    );
  }
  const [, rule = '', confidence, text] = claim;
  return {
    kind: 'finding',
    ...place,
    openStart: space === '',
    rule,
    confidence: CONFIDENCES.find((one) => one === confidence),
    text,
  };
}
