/**
 * Suppression comments: `// concurrency-ignore RULE -- reason` on the line or the line above, and
 * `// concurrency-ignore-file RULE -- reason` anywhere in the file. Comments of their own on consecutive lines all
 * belong to the first line of code after them. A comment without a reason suppresses nothing.
 */
import type { Fix, Location, Report, RuleId, SuppressionRuleId } from '../rule.ts';
import type { CommentNode, SourceFile } from '../typescript/syntax.ts';
import { linesOf } from './line-index.ts';

interface Suppression {
  readonly comment: CommentNode;
  readonly rule: string;
  readonly reason: string;
  /** Lines it covers; undefined for the whole file. */
  readonly lines: readonly number[] | undefined;
  used: boolean;
}

/** Something wrong with a suppression comment, in the shape of a rule's report. */
export interface SuppressionProblem {
  readonly rule: SuppressionRuleId;
  readonly report: Report;
  readonly fix?: Fix;
}

export interface Suppressions {
  /** Whether a comment suppresses the rule at the place; remembers that the comment was needed. */
  readonly covers: (rule: RuleId, at: Location) => boolean;
  /** Call after all findings were asked about. `ran` says which rules had the chance to find something here. */
  readonly problems: (known: (rule: string) => boolean, ran: (rule: string) => boolean) => SuppressionProblem[];
}

const MARK = 'concurrency-ignore';
const FORM = /^(?:\/\/|\/\*+)\s*concurrency-ignore(-file)?(?![\w-])\s*([^\s*]*)\s*(?:--\s*(.*?))?\s*(?:\*\/)?$/su;

export function readSuppressions(file: SourceFile): Suppressions {
  const found = file.text.includes(MARK) ? parse(file) : [];
  return {
    covers(rule, at) {
      if (found.length === 0) return false;
      const { line } = linesOf(file).position(at.start);
      const hit = found.find(
        (one) => one.rule === rule && one.reason !== '' && (one.lines === undefined || one.lines.includes(line)),
      );
      if (hit !== undefined) hit.used = true;
      return hit !== undefined;
    },
    problems: (known, ran) => found.flatMap((one) => judge(one, file, known, ran)),
  };
}

function parse(file: SourceFile): Suppression[] {
  const lines = linesOf(file);
  const alone = new Set<number>();
  for (const comment of file.comments) if (standsAlone(file.text, comment)) markLines(alone, comment, file);
  return file.comments.flatMap((comment) => {
    const match = FORM.exec(comment.text);
    if (match === null) return [];
    const [, wholeFile, rule = '', reason = ''] = match;
    const own = lines.position(comment.start).line;
    let next = lines.position(comment.end).line;
    if (alone.has(own)) while (alone.has(next)) next++;
    const covered = wholeFile === undefined ? [own, next] : undefined;
    return [{ comment, rule, reason: reason.trim(), lines: covered, used: false }];
  });
}

function markLines(alone: Set<number>, comment: CommentNode, file: SourceFile): void {
  const lines = linesOf(file);
  const last = lines.position(comment.end).line;
  for (let line = lines.position(comment.start).line; line <= last; line++) alone.add(line);
}

/** Whether nothing but white space (and the braces JSX needs) shares the comment's lines. */
function standsAlone(text: string, comment: CommentNode): boolean {
  const before = text.slice(0, comment.start).match(/[^\n\r]*$/)?.[0] ?? '';
  const after = text.slice(comment.end).match(/^[^\n\r]*/)?.[0] ?? '';
  return /^\s*\{?\s*$/.test(before) && /^\s*\}?\s*$/.test(after);
}

function judge(
  one: Suppression,
  file: SourceFile,
  known: (rule: string) => boolean,
  ran: (rule: string) => boolean,
): SuppressionProblem[] {
  const at: Location = { path: file.path, start: one.comment.start, end: one.comment.end };
  const report = (message: string): Report => ({ at, message, related: [], confidence: 'high', resource: one.rule });
  if (!known(one.rule)) {
    const message =
      one.rule === ''
        ? `A suppression names a rule: '// ${MARK} RULE -- reason'.`
        : `'${one.rule}' is not a rule, so this comment suppresses nothing.`;
    return [{ rule: 'suppression/unknown-rule', report: report(message) }];
  }
  if (one.reason === '') {
    const message = `The suppression of '${one.rule}' gives no reason and has no effect; write '// ${MARK} ${one.rule} -- reason'.`;
    return [{ rule: 'suppression/missing-reason', report: report(message) }];
  }
  if (one.used || !ran(one.rule)) return [];
  const message = `'${one.rule}' finds nothing here any more; the suppression is not needed.`;
  return [{ rule: 'suppression/unused', report: report(message), fix: removal(one.comment, file) }];
}

/** Removes the comment, with its line when nothing else stands there. */
function removal(comment: CommentNode, { path, text }: SourceFile): Fix {
  let { start, end } = comment;
  while (start > 0 && /[ \t]/.test(text[start - 1] ?? '')) start--;
  const startsLine = start === 0 || /[\n\r]/.test(text[start - 1] ?? '');
  const after = /^[ \t]*(\r\n|\n|\r|$)/.exec(text.slice(end));
  if (startsLine && after !== null) end += after[0].length;
  else if (startsLine) start = comment.start;
  return {
    id: 'remove-suppression',
    title: 'Remove the suppression',
    applicability: 'safe',
    edits: [{ path, start, end, text: '' }],
  };
}
