/**
 * Fixes of `retry-without-backoff`: exponential backoff with full jitter and a cap, written into the loop itself.
 * The wait stands at the head of a round, so that every way into the next round passes it.
 */
import { soundsLikeAttempt } from '../../../analysis/naming.ts';
import { placeOf } from '../../../analysis/trace.ts';
import {
  edit,
  freshName,
  functionAround,
  indentationAt,
  insert,
  insertBefore,
  layout,
  newlineOf,
  semicolonOf,
  statementAround,
  textOf,
} from '../../../rewrite/source-edit.ts';
import type { Edit, Fix, RuleContext } from '../../../rule.ts';
import type { FunctionNode, SourceFile } from '../../../typescript/syntax.ts';
import type { RetryLoop } from './retry-loop.ts';
import type { Retry } from './rule.ts';

const ATTEMPTS = 5;

export function fixRetry(retry: Retry, { program }: RuleContext): readonly Fix[] {
  switch (retry.kind) {
    case 'loop':
      return retry.waits ? [] : inLoop(retry.loop);
    case 'recursion': {
      const file = program.file(placeOf(retry.again).path);
      return file === undefined ? [] : inRecursion(file, retry);
    }
    default:
      return withJitter(retry.file, textOf(retry.file, retry.reconnect.delay), retry.reconnect.delay);
  }
}

/** Full jitter, as in https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/. */
function backoff(exponent: string): string {
  return `await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(30_000, 100 * 2 ** ${exponent})))`;
}

// ---------------------------------------------------------------- loops

function inLoop(retry: RetryLoop): readonly Fix[] {
  const { file, loop } = retry;
  const fn = functionAround(file, loop);
  if (file.text[loop.bodySpan.start] !== '{' || loop.body.length === 0 || fn?.async !== true) return [];
  if (retry.cap === 'none') return endless(retry);
  const edits = paced(retry, file);
  if (edits === undefined) return [];
  return [
    {
      id: 'add-backoff',
      title: 'Wait before each new attempt, longer each time, with jitter',
      applicability: 'changes-behaviour',
      difference: 'Failed attempts take longer: the wait doubles from 100 ms up to 30 s.',
      edits,
    },
  ];
}

/** Counted already: only the wait is missing. */
function paced(retry: RetryLoop, file: SourceFile): Edit[] | undefined {
  const { loop } = retry;
  const end = semicolonOf(file);
  const start = startOf(retry);
  const counter = retry.counter === undefined ? undefined : file.variables[retry.counter]?.name;
  if (start !== undefined && counter !== undefined) {
    const exponent = start === 0 ? counter : `(${counter} - ${start})`;
    return [atHead(file, loop, [`if (${counter} > ${start}) ${backoff(exponent)}${end}`])];
  }
  const failures = freshName(file, 'failures');
  return [
    insertBefore(file, loop, [`let ${failures} = 0${end}`]),
    atHead(file, loop, [`if (${failures} > 0) ${backoff(failures)}${end}`, `${failures} += 1${end}`]),
  ];
}

/** What `for (let attempt = 0; …; attempt++)` starts with; undefined for other counters. */
function startOf({ loop, file, counter }: RetryLoop): number | undefined {
  const { init, update } = loop;
  if (loop.form !== 'for' || counter === undefined || init?.kind !== 'variable' || update?.kind !== 'assign')
    return undefined;
  const declared = init.declarations[0];
  if (declared?.pattern.kind !== 'variable' || declared.pattern.variable !== counter) return undefined;
  if (!/^(\+\+\s*[\w$]+|[\w$]+\s*(\+\+|\+=\s*1))$/.test(textOf(file, update))) return undefined;
  const value = declared.initializer?.kind === 'literal' ? declared.initializer.value : undefined;
  return typeof value === 'number' ? value : undefined;
}

/** Without end: a count, a cap that gives the last error to the caller, and the wait. */
function endless(retry: RetryLoop): readonly Fix[] {
  const { file, loop } = retry;
  const end = semicolonOf(file);
  const isFor = loop.init === undefined && loop.update === undefined && loop.form !== 'do-while' && isForever(retry);
  const attempt = freshName(file, 'attempt');
  const what = retry.call.nameAt === undefined ? 'the call' : textOf(file, retry.call.nameAt);
  const head = [`if (${attempt} > 0) ${backoff(attempt)}${end}`];
  const edits: Edit[] = [];
  // An answer that says no brings no error of its own to throw.
  const answered = retry.form === 'status' || mayGoOnUnthrown(retry);
  if (answered)
    head.unshift(
      `if (${attempt} >= ${ATTEMPTS}) throw new Error(${quoted(file, `${what} failed ${ATTEMPTS} times`)})${end}`,
    );
  if (isFor) {
    edits.push(
      edit(
        file,
        { start: headStart(file, loop), end: loop.bodySpan.start },
        `for (let ${attempt} = 0; ; ${attempt} += 1) `,
      ),
    );
  } else {
    edits.push(insertBefore(file, loop, [`let ${attempt} = 0${end}`]));
    head.push(`${attempt} += 1${end}`);
  }
  edits.push(atHead(file, loop, head));
  const caught =
    retry.try === undefined ? undefined : rethrowing(retry, `${attempt} >= ${isFor ? ATTEMPTS - 1 : ATTEMPTS}`);
  if (retry.try !== undefined && caught === undefined) return [];
  edits.push(...(caught ?? []));
  return [
    {
      id: 'add-backoff',
      title: `Give up after ${ATTEMPTS} attempts and wait longer before each, with jitter`,
      applicability: 'changes-behaviour',
      difference: `After ${ATTEMPTS} failed attempts the error is thrown; the wait doubles from 100 ms up to 30 s.`,
      edits,
    },
  ];
}

function isForever({ loop }: RetryLoop): boolean {
  const { test } = loop;
  return test === undefined || (test.kind === 'literal' && (test.value === true || test.value === 1));
}

/** After a label, so that it stays. */
function headStart(file: SourceFile, loop: RetryLoop['loop']): number {
  const match = /^[\w$]+\s*:\s*/.exec(file.text.slice(loop.start));
  return loop.start + (loop.label === undefined ? 0 : (match?.[0].length ?? 0));
}

/** The `try` can end without an error and without leaving the loop. */
function mayGoOnUnthrown({ try: statement }: RetryLoop): boolean {
  const last = statement?.block.at(-1);
  return last !== undefined && last.kind !== 'return' && last.kind !== 'break' && last.kind !== 'throw';
}

/** `catch (error) { if (attempt >= 4) throw error; …`. */
function rethrowing({ file, try: statement }: RetryLoop, condition: string): Edit[] | undefined {
  const span = statement?.handlerSpan;
  if (statement === undefined || span === undefined) return undefined;
  const { parameter } = statement;
  const brace = span.start;
  if (file.text[brace] !== '{') return undefined;
  if (parameter !== undefined && parameter.kind !== 'variable') return undefined;
  const text = file.text.slice(span.start, span.end);
  const name =
    parameter === undefined ? (/\berror\b/.test(text) ? freshName(file, 'cause') : 'error') : textOf(file, parameter);
  const edits: Edit[] = parameter === undefined ? [insert(file, brace, `(${name.replace(/:.*$/, '')}) `)] : [];
  const line = `if (${condition}) throw ${name.replace(/:.*$/, '')}${semicolonOf(file)}`;
  const first = statement.handler?.[0];
  if (first === undefined) {
    const indent = indentationAt(file, statement.start);
    const close = span.end - 1;
    const inner = file.text.slice(brace + 1, close);
    if (inner.trim() !== '' && !inner.includes('\n')) return undefined;
    edits.push(
      insert(
        file,
        brace + 1,
        `${newlineOf(file)}${layout(file, indent, [`  ${line}`])}${inner.includes('\n') ? '' : newlineOf(file) + indent}`,
      ),
    );
  } else edits.push(insertBefore(file, first, [line]));
  return edits;
}

function atHead(file: SourceFile, loop: RetryLoop['loop'], lines: readonly string[]): Edit {
  const first = loop.body[0];
  return first === undefined
    ? insert(file, loop.bodySpan.start + 1, lines.join(' '))
    : insertBefore(file, first, lines);
}

function quoted(file: SourceFile, text: string): string {
  const quote = (file.text.match(/"/g)?.length ?? 0) > (file.text.match(/'/g)?.length ?? 0) ? '"' : "'";
  return `${quote}${text}${quote}`;
}

// ---------------------------------------------------------------- recursion

function inRecursion(file: SourceFile, retry: Retry & { kind: 'recursion' }): readonly Fix[] {
  const place = placeOf(retry.again);
  const fn = functionAround(file, place);
  const statement = statementAround(file, place);
  if (fn?.async !== true || statement === undefined || statement.fn !== fn) return [];
  const exponent = exponentOf(file, fn);
  if (exponent === undefined || file.text[statement.statement.start - 1] === undefined) return [];
  const before = file.text.slice(0, statement.statement.start).trimEnd();
  if (statement.index === 0 && !before.endsWith('{')) return [];
  return [
    {
      id: 'add-backoff',
      title: 'Wait before the next attempt, longer each time, with jitter',
      applicability: 'changes-behaviour',
      difference: 'Failed attempts take longer: the wait doubles from 100 ms up to 30 s.',
      edits: [insertBefore(file, statement.statement, [`${backoff(exponent)}${semicolonOf(file)}`])],
    },
  ];
}

/** How many attempts were made, from the parameter that counts them: upwards from zero, or down from its default. */
function exponentOf(file: SourceFile, fn: FunctionNode): string | undefined {
  for (const parameter of fn.parameters) {
    const name = parameter.pattern.kind === 'variable' ? (file.variables[parameter.pattern.variable]?.name ?? '') : '';
    if (!soundsLikeAttempt(name) && !/retr|attempt|tries|left|remaining/i.test(name)) continue;
    const start =
      parameter.default?.kind === 'literal' && typeof parameter.default.value === 'number'
        ? parameter.default.value
        : undefined;
    const body = textOf(file, fn.bodySpan);
    if (start !== undefined && new RegExp(`\\b${name}\\s*\\+\\s*1\\b`).test(body))
      return start === 0 ? name : `(${name} - ${start})`;
    if (start !== undefined && new RegExp(`\\b${name}\\s*-\\s*1\\b`).test(body)) return `(${start} - ${name})`;
  }
  return undefined;
}

// ---------------------------------------------------------------- reconnecting

function withJitter(file: SourceFile, delay: string, at: { start: number; end: number }): readonly Fix[] {
  return [
    {
      id: 'add-jitter',
      title: 'Spread the reconnections',
      applicability: 'changes-behaviour',
      difference: 'The delay is between half and one and a half times what it was.',
      edits: [edit(file, at, `${delay} * (0.5 + Math.random())`)],
    },
  ];
}
