/** Turns offsets of one text into lines and columns, both from 1, columns in UTF-16 units. */
export interface LineIndex {
  readonly count: number;
  readonly position: (offset: number) => { line: number; column: number };
  /** Offset of the first character of a line. */
  readonly start: (line: number) => number;
}

const indexes = new WeakMap<object, LineIndex>();

/** The index of a file's text, kept as long as the file object lives. */
export function linesOf(file: { readonly text: string }): LineIndex {
  const known = indexes.get(file);
  if (known !== undefined) return known;
  const index = createLineIndex(file.text);
  indexes.set(file, index);
  return index;
}

export function createLineIndex(text: string): LineIndex {
  const starts = text.includes('\r') ? mixedStarts(text) : plainStarts(text);
  return {
    count: starts.length,
    position(offset) {
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((starts[middle] ?? 0) <= offset) low = middle;
        else high = middle - 1;
      }
      return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
    },
    start: (line) => starts[line - 1] ?? text.length,
  };
}

function plainStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

function mixedStarts(text: string): number[] {
  const starts = [0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 13 && text.charCodeAt(at + 1) === 10) continue;
    if (code === 10 || code === 13) starts.push(at + 1);
  }
  return starts;
}
