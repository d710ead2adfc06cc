/**
 * SQL in template literals: the text between holes is SQL, what a hole holds is unknown. Each hole
 * is replaced by a marker that the tokenizer knows; what the marker stands for (a value, a name, a
 * clause) is decided while parsing, not here.
 */

/** The marker of hole `n`, counted from 0. Both ends are `$`, so a marker glued to a name keeps its edges. */
export const HOLE = (n: number): string => `$hole_${n}$`;

/** Matches markers anywhere in a text; the group is the hole's number. */
export const HOLE_PATTERN = /\$hole_(\d+)\$/g;

export interface SqlTemplate {
  readonly text: string;
  /**
   * Which literal part an offset of `text` is in, and where in that part. An offset inside the
   * marker of hole n answers the end of part n; the offset just after it, the start of part n + 1.
   */
  toOffset(textOffset: number): { part: number; offset: number };
}

/** `parts` are the literal parts of the template in order, cooked or raw as the caller needs. */
export function sqlWithHoles(parts: readonly string[]): SqlTemplate {
  const starts: number[] = [];
  let text = '';
  parts.forEach((part, index) => {
    starts.push(text.length);
    text += part;
    if (index < parts.length - 1) text += HOLE(index);
  });
  return {
    text,
    toOffset(textOffset) {
      let part = 0;
      for (let index = 0; index < starts.length; index += 1) {
        if ((starts[index] ?? 0) <= textOffset) part = index;
      }
      const offset = Math.max(0, textOffset - (starts[part] ?? 0));
      return { part, offset: Math.min(offset, parts[part]?.length ?? 0) };
    },
  };
}
