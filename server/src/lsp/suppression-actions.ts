/** The comments that silence a finding: above its line, or for the whole file. The reason is the user's to write. */
import type { Edit } from '../rule.ts';
import { canHoldComment } from './comment-places.ts';

export interface SuppressionAction {
  readonly title: string;
  readonly edit: Edit;
}

/** The engine takes any text as the reason; this one is easy to find again. */
const REASON = 'TODO: say why this is safe';

/**
 * Comments that speak about the line below them. Ours goes above: the engine skips comments to find its line, these
 * tools do not.
 */
const NEXT_LINE_DIRECTIVE =
  /^\s*\/\/\s*(?:@ts-|(?:eslint|oxlint)-disable-next-line|biome-ignore|prettier-ignore|deno-lint-ignore|(?:c8|v8|istanbul) ignore|NOSONAR)/;

/** `start` is the offset of the finding. Without a safe place above the line only the file-level form is offered. */
export function suppressionActions(path: string, text: string, start: number, rule: string): SuppressionAction[] {
  const whole: SuppressionAction = {
    title: `Ignore ${rule} in this file, with a reason`,
    edit: insertion(path, afterShebang(text), `// concurrency-ignore-file ${rule} -- ${REASON}${newlineOf(text)}`),
  };
  const line = placeAbove(text, start);
  if (!canHoldComment(text, line, /\.[jt]sx$|\.[cm]?js$/i.test(path))) return [whole];
  const indentation = /^[ \t]*/.exec(text.slice(line))?.[0] ?? '';
  const comment = `${indentation}// concurrency-ignore ${rule} -- ${REASON}${newlineOf(text)}`;
  return [{ title: `Ignore ${rule} here, with a reason`, edit: insertion(path, line, comment) }, whole];
}

function placeAbove(text: string, start: number): number {
  let line = lineStart(text, start);
  while (line > 0) {
    const previous = lineStart(text, line - 1);
    if (!NEXT_LINE_DIRECTIVE.test(text.slice(previous, line))) break;
    line = previous;
  }
  return line;
}

function lineStart(text: string, offset: number): number {
  let at = offset;
  // The line feed of a line that ends with two characters is part of that line.
  if (text[at] === '\n' && text[at - 1] === '\r') at--;
  while (at > 0 && text[at - 1] !== '\n' && text[at - 1] !== '\r') at--;
  return at;
}

function afterShebang(text: string): number {
  return /^\ufeff?(?:#![^\n\r]*(?:\r\n|\n|\r|$))?/.exec(text)?.[0].length ?? 0;
}

function newlineOf(text: string): string {
  return /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
}

function insertion(path: string, at: number, text: string): Edit {
  return { path, start: at, end: at, text };
}
