/** Applies edits to a piece of code that is to stand elsewhere. */
import type { Edit } from '../rule.ts';
import type { SourceFile, Span } from '../typescript/syntax.ts';

/** The text of the piece with the edits that lie inside it; `others` are those that do not. */
export function applyWithin(
  file: SourceFile,
  { start, end }: Span,
  edits: readonly Edit[],
): { text: string; others: readonly Edit[] } {
  const isInside = (one: Edit): boolean => one.path === file.path && start <= one.start && one.end <= end;
  const inside = edits.filter(isInside);
  // Of several insertions at one place the first stays the first.
  const ordered = inside
    .map((one, index) => ({ one, index }))
    .sort((a, b) => b.one.start - a.one.start || b.one.end - a.one.end || b.index - a.index);
  let text = file.text.slice(start, end);
  for (const { one } of ordered) {
    text = text.slice(0, one.start - start) + one.text + text.slice(one.end - start);
  }
  return { text, others: edits.filter((one) => !isInside(one)) };
}
