/** The difference of two texts in unified form, as `git diff` prints it and `patch` reads it. */

const CONTEXT = 3;
/** Beyond this many line pairs the changed region is shown as one replacement. */
const MOST_PAIRS = 4_000_000;

interface Line {
  readonly mark: ' ' | '-' | '+';
  readonly text: string;
}

export function unifiedDiff(path: string, before: string, after: string): string {
  const lines = compare(before.split('\n'), after.split('\n'));
  const changed = lines.flatMap((line, index) => (line.mark === ' ' ? [] : [index]));
  if (changed.length === 0) return '';
  const hunks: string[] = [];
  for (let from = 0; from < changed.length; ) {
    let to = from;
    while (to + 1 < changed.length && (changed[to + 1] ?? 0) - (changed[to] ?? 0) <= 2 * CONTEXT) to++;
    hunks.push(hunk(lines, Math.max(0, (changed[from] ?? 0) - CONTEXT), (changed[to] ?? 0) + CONTEXT + 1));
    from = to + 1;
  }
  return `--- a/${path}\n+++ b/${path}\n${hunks.join('')}`;
}

function hunk(lines: readonly Line[], from: number, to: number): string {
  const count = (part: readonly Line[], mark: '-' | '+'): number =>
    part.filter((line) => line.mark === ' ' || line.mark === mark).length;
  const part = lines.slice(from, to);
  const earlier = lines.slice(0, from);
  const range = (mark: '-' | '+'): string => `${mark}${count(earlier, mark) + 1},${count(part, mark)}`;
  return `@@ ${range('-')} ${range('+')} @@\n${part.map((line) => `${line.mark}${line.text}\n`).join('')}`;
}

function compare(before: readonly string[], after: readonly string[]): Line[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  const most = Math.min(before.length, after.length) - head;
  while (tail < most && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const same = (text: string): Line => ({ mark: ' ', text });
  return [
    ...before.slice(0, head).map(same),
    ...compareMiddle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(same),
  ];
}

/** Longest common subsequence. */
function compareMiddle(before: readonly string[], after: readonly string[]): Line[] {
  const removed = before.map((text): Line => ({ mark: '-', text }));
  const added = after.map((text): Line => ({ mark: '+', text }));
  if (before.length * after.length > MOST_PAIRS || before.length * after.length === 0) return [...removed, ...added];
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number): number => common[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      common[i * width + j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: Line[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const old = before[i];
    const fresh = after[j];
    if (old !== undefined && old === fresh) {
      lines.push({ mark: ' ', text: old });
      i++;
      j++;
    } else if (old !== undefined && (fresh === undefined || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ mark: '-', text: old });
      i++;
    } else {
      lines.push({ mark: '+', text: fresh ?? '' });
      j++;
    }
  }
  return lines;
}
