/**
 * The two loop forms that fixes rewrite: `for (const x of list) { … }` and `list.map((x) => …)`, with the query as an
 * unconditional part of the body. Anything more complicated gives undefined.
 */
import { type LoopSyntax, namesIn } from '../../../analysis/repetition.ts';
import {
  callAt,
  expressionsAround,
  functionAround,
  indentationAt,
  partsOf,
  statementAround,
  textOf,
} from '../../../rewrite/source-edit.ts';
import type { CallExpression, Expression, Pattern, SourceFile, Span, Statement } from '../../../typescript/syntax.ts';

export interface LoopForm {
  readonly file: SourceFile;
  /** The list as written: a name or a chain of properties. */
  readonly list: string;
  /** The element as the loop declares it, with a type if it has one. */
  readonly element: string;
  readonly elementNames: readonly string[];
  /** The element's own name; undefined when it is taken apart. */
  readonly elementName?: string;
  readonly kind: 'for-of' | 'map';
  readonly body: readonly Statement[];
  /** Where what is done once goes: before this statement. */
  readonly statement: Statement;
  readonly call: CallExpression;
  /** What is replaced: the call, with the `await` before it. */
  readonly whole: Span;
  /** The statement of the body that holds the call. */
  readonly inside: Statement;
}

export function loopForm(syntax: LoopSyntax | undefined, at: Span): LoopForm | undefined {
  if (syntax === undefined) return undefined;
  const { file } = syntax;
  const call = callAt(file, at);
  if (call === undefined) return undefined;
  const outer = syntax.kind === 'statement' ? syntax.loop : syntax.call;
  const place = statementAround(
    file,
    syntax.kind === 'statement' ? { start: outer.start, end: outer.start + 1 } : outer,
  );
  if (place === undefined || !acceptsStatements(file, place.statement) || !canWait(file, place.statement))
    return undefined;
  const parts = syntax.kind === 'statement' ? forOf(syntax) : mapCallback(syntax);
  const inside = parts?.body.find((statement) => statement.start <= call.start && call.end <= statement.end);
  if (parts === undefined || inside === undefined || !isSimpleList(parts.list)) return undefined;
  // In a branch of the body it may be meant for few elements, with a key that the branch has checked.
  if (statementAround(file, call)?.statement !== inside) return undefined;
  const whole = unconditional(file, call, parts.runsIn);
  if (whole === undefined || jumpsBefore(parts.body, inside)) return undefined;
  const names = namesIn(parts.pattern, file);
  return {
    file,
    list: textOf(file, parts.list),
    element: parts.element,
    elementNames: names,
    ...(parts.pattern.kind === 'variable' && names[0] !== undefined ? { elementName: names[0] } : {}),
    kind: syntax.kind === 'statement' ? 'for-of' : 'map',
    body: parts.body,
    statement: place.statement,
    call,
    whole,
    inside,
  };
}

interface Parts {
  readonly list: Expression;
  readonly pattern: Pattern;
  readonly element: string;
  readonly body: readonly Statement[];
  /** Index of the function whose body the loop's is. */
  readonly runsIn: number;
}

function forOf(syntax: Extract<LoopSyntax, { kind: 'statement' }>): Parts | undefined {
  const { loop, file } = syntax;
  if (loop.form !== 'for-of' || loop.iterable === undefined || loop.pattern === undefined) return undefined;
  const fn = functionAround(file, loop.bodySpan);
  if (fn === undefined) return undefined;
  return {
    list: loop.iterable,
    pattern: loop.pattern,
    element: textOf(file, loop.pattern),
    body: loop.body,
    runsIn: fn.index,
  };
}

function mapCallback(syntax: Extract<LoopSyntax, { kind: 'callback' }>): Parts | undefined {
  const { call, callback, file } = syntax;
  const parameter = callback?.parameters[0];
  if (callback === undefined || parameter === undefined || callback.parameters.length !== 1) return undefined;
  if (call.callee.kind !== 'member' || call.callee.name !== 'map' || call.args.length !== 1) return undefined;
  // Only where somebody waits for all of them.
  if (!/\b(await|return)\s+Promise\s*\.\s*(all|allSettled)\(\s*$/.test(file.text.slice(0, call.start)))
    return undefined;
  return {
    list: call.callee.object,
    pattern: parameter.pattern,
    element: textOf(file, parameter),
    body: callback.body,
    runsIn: callback.index,
  };
}

function isSimpleList(list: Expression): boolean {
  if (list.kind === 'identifier' || list.kind === 'this') return true;
  return list.kind === 'member' && !list.optional && isSimpleList(list.object);
}

/** The statement stands in braces, or at the top level: another can stand before it. */
function acceptsStatements(file: SourceFile, statement: Statement): boolean {
  const before = file.text.slice(0, statement.start).replace(/(\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)+$/, '');
  return (
    before === '' ||
    /[{};]$/.test(before) ||
    (/\n\s*$/.test(file.text.slice(before.length, statement.start)) && !/([)=>]|\belse|\bdo)$/.test(before))
  );
}

function canWait(file: SourceFile, statement: Statement): boolean {
  const fn = functionAround(file, statement);
  return fn !== undefined && (fn.async || fn.kind === 'module');
}

/** What to replace, when the call runs in every round; undefined when it is one branch of an expression. */
function unconditional(file: SourceFile, call: CallExpression, runsIn: number): Span | undefined {
  if (functionAround(file, call)?.index !== runsIn) return undefined;
  const around = expressionsAround(file, call);
  const index = around.findIndex((expression) => expression.start === call.start && expression.end === call.end);
  const outer = around.slice(index + 1);
  for (const expression of outer) {
    if (expression.kind === 'conditional' && expression.test.end < call.end) return undefined;
    if (expression.kind === 'logical' && expression.left.end < call.end) return undefined;
  }
  const wait = outer[0];
  if (wait?.kind === 'await') return wait;
  // `map((x) => query(x))` gives the promise itself.
  const returned = statementAround(file, call)?.statement;
  return outer.length === 0 && returned?.kind === 'return' ? call : undefined;
}

/** Rounds that end early, for some elements, before the query. */
function jumpsBefore(body: readonly Statement[], inside: Statement): boolean {
  const jumps = (statement: Statement): boolean => {
    if (['continue', 'break', 'return', 'throw'].includes(statement.kind)) return true;
    return partsOf(statement).lists.some((list) => list.some(jumps));
  };
  return body.slice(0, body.indexOf(inside)).some(jumps);
}

/** Further lines of what the loop's body held, moved to the depth of the loop itself. */
export function outdented(form: LoopForm, text: string): string {
  const inner = indentationAt(form.file, form.call.start);
  const outer = indentationAt(form.file, form.statement.start);
  return inner.startsWith(outer) ? text.replaceAll(`\n${inner}`, `\n${outer}`) : text;
}

/** Whether the text uses one of the names. */
export function mentions(text: string, names: Iterable<string>): boolean {
  for (const name of names) {
    if (new RegExp(`(?<![\\w$.])${name.replaceAll('$', '\\$')}(?![\\w$])`).test(text)) return true;
  }
  return false;
}

/** Names the loop's body declares before the query: they are not there before the loop. */
export function bodyNames(form: LoopForm): string[] {
  return form.body
    .slice(0, form.body.indexOf(form.inside) + 1)
    .flatMap((statement) =>
      statement.kind === 'variable' ? statement.declarations.flatMap(({ pattern }) => namesIn(pattern, form.file)) : [],
    );
}
