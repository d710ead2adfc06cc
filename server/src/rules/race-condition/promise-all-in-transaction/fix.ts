/**
 * One after the other: a `for…of` loop in place of `Promise.all(list.map(…))`, statements in place of
 * `Promise.all([a(), b()])`. What each gave is collected where somebody uses it.
 */
import { usesOf } from '../../../rewrite/column-change.ts';
import {
  childExpressions,
  edit,
  freshName,
  indentationAt,
  indentUnit,
  insert,
  linesOf,
  newlineOf,
  partsOf,
  semicolonOf,
  statementAround,
  textOf,
} from '../../../rewrite/source-edit.ts';
import type { Edit, Fix, RuleContext } from '../../../rule.ts';
import type {
  ArrayExpression,
  CallExpression,
  Expression,
  FunctionNode,
  Pattern,
  SourceFile,
  Span,
  Statement,
} from '../../../typescript/syntax.ts';
import type { ParallelWrites } from './evidence.ts';

export function fixParallelWrites({ run }: ParallelWrites, _ctx: RuleContext): readonly Fix[] {
  const { file, call } = run;
  const use = useOf(file, call);
  const [argument] = call.args;
  if (use === undefined || argument === undefined) return [];
  const listed = argument.kind === 'identifier' ? listBefore(file, argument, use.statement) : undefined;
  const list = listed?.list ?? argument;
  const text =
    list.kind === 'array' ? statements(file, list, use) : list.kind === 'call' ? loop(file, list, use) : undefined;
  if (text === undefined) return [];
  const edits: Edit[] = [edit(file, use.statement, text), ...madeAsync(file, use)];
  if (listed !== undefined) edits.push(edit(file, linesOf(file, listed.statement), ''));
  return [
    {
      id: 'one-by-one',
      title: 'Run them one after the other',
      applicability: 'changes-behaviour',
      difference: 'The first that fails keeps the rest from starting.',
      edits,
    },
  ];
}

/** What becomes of the results. */
interface Use {
  readonly statement: Statement;
  readonly kind: 'dropped' | 'named' | 'returned';
  readonly pattern?: Pattern;
  readonly keyword?: string;
}

/** The statement that consists of nothing but waiting for the call. */
function useOf(file: SourceFile, call: CallExpression): Use | undefined {
  const place = statementAround(file, call);
  if (place === undefined || (!place.fn.async && asyncAt(file, place.fn) === undefined)) return undefined;
  const { statement } = place;
  const isIt = (value: Expression | undefined): boolean =>
    value === call || (value?.kind === 'await' && value.operand === call);
  switch (statement.kind) {
    case 'expression':
      return statement.expression.kind === 'await' && isIt(statement.expression)
        ? { statement, kind: 'dropped' }
        : undefined;
    case 'return':
      // An expression-bodied arrow has no statement to put another before.
      return isIt(statement.value) && /^return\b/.test(textOf(file, statement))
        ? { statement, kind: 'returned' }
        : undefined;
    case 'variable': {
      const [only] = statement.declarations;
      if (statement.declarations.length !== 1 || only?.initializer?.kind !== 'await' || !isIt(only.initializer))
        return undefined;
      return { statement, kind: 'named', pattern: only.pattern, keyword: textOf(file, statement.keyword) };
    }
    default:
      return undefined;
  }
}

/** `const work = list.map(…)` that nothing else uses, in the statement before or near it. */
function listBefore(
  file: SourceFile,
  argument: Expression & { kind: 'identifier' },
  use: Statement,
): { list: Expression; statement: Statement } | undefined {
  if (argument.variable === undefined) return undefined;
  const variable = file.variables[argument.variable];
  const list = variable?.initializer;
  const place = variable === undefined ? undefined : statementAround(file, variable.at);
  if (list === undefined || place?.statement.kind !== 'variable' || place.statement.declarations.length !== 1)
    return undefined;
  const next = place.siblings[place.index + 1];
  return usesOf(file, argument.variable) === 1 && next === use ? { list, statement: place.statement } : undefined;
}

/** Where a function that only hands on the promise becomes `async`; undefined when it does more. */
function asyncAt(file: SourceFile, fn: FunctionNode): number | undefined {
  if (fn.generator || fn.body.some((statement) => statement.kind !== 'return' && returns(statement))) return undefined;
  if (fn.kind === 'method') return fn.nameAt?.start;
  if (fn.kind === 'arrow') return fn.start;
  const at =
    fn.kind === 'function' ? /\bfunction\b/.exec(file.text.slice(fn.start, fn.bodySpan.start))?.index : undefined;
  return at === undefined ? undefined : fn.start + at;
}

function madeAsync(file: SourceFile, use: Use): Edit[] {
  const place = statementAround(file, use.statement);
  const at = place === undefined || place.fn.async ? undefined : asyncAt(file, place.fn);
  return at === undefined ? [] : [insert(file, at, 'async ')];
}

// ---------------------------------------------------------------- a fixed number

function statements(file: SourceFile, list: ArrayExpression, use: Use): string | undefined {
  if (list.elements.some(({ kind }) => kind === 'spread-expression') || list.elements.length === 0) return undefined;
  const end = semicolonOf(file);
  const joint = `${newlineOf(file)}${indentationAt(file, use.statement.start)}`;
  const awaits = list.elements.map((element) => `await ${operandText(file, element)}`);
  if (use.kind === 'dropped') return awaits.map((text) => text + end).join(joint);
  if (use.kind !== 'named' || use.pattern?.kind !== 'array-pattern') return undefined;
  const { elements } = use.pattern;
  if (elements.some((element) => element?.rest === true || element?.default !== undefined)) return undefined;
  return awaits
    .map((text, index) => {
      const pattern = elements[index];
      return pattern === undefined ? text + end : `${use.keyword} ${textOf(file, pattern.value)} = ${text}${end}`;
    })
    .join(joint);
}

function operandText(file: SourceFile, element: Expression): string {
  const text = textOf(file, element);
  return /^(conditional|logical|binary|function)$/.test(element.kind) ? `(${text})` : text;
}

// ---------------------------------------------------------------- a list

function loop(file: SourceFile, list: CallExpression, use: Use): string | undefined {
  const { callee } = list;
  const [argument] = list.args;
  if (callee.kind !== 'member' || callee.name !== 'map' || list.args.length !== 1 || argument?.kind !== 'function')
    return undefined;
  const callback = file.functions[argument.fn];
  if (callback === undefined || callback.kind !== 'arrow' || callback.generator) return undefined;
  const head = headerOf(file, callback, textOf(file, callee.object));
  const collected = use.kind === 'dropped' ? undefined : nameOfResults(file, use);
  if (head === undefined || (use.kind !== 'dropped' && collected === undefined)) return undefined;
  const end = semicolonOf(file);
  const indent = indentationAt(file, use.statement.start);
  const newline = newlineOf(file);
  const body = bodyOf(file, callback, collected);
  if (body === undefined) return undefined;
  const lines = [
    ...(collected === undefined ? [] : [`const ${collected} = []${end}`]),
    `for (const ${head}) {`,
    ...body.map((line) => (line.trim() === '' ? '' : indentUnit(file) + line)),
    '}',
    ...(use.kind === 'returned' ? [`return ${collected}${end}`] : []),
  ];
  return lines.map((line, index) => (index === 0 || line === '' ? line : indent + line)).join(newline);
}

/** `item of items`, `[index, item] of items.entries()`. */
function headerOf(file: SourceFile, callback: FunctionNode, over: string): string | undefined {
  const [first, second, third] = callback.parameters;
  if (first === undefined || third !== undefined || first.default !== undefined) return undefined;
  const element = textOf(file, first.pattern);
  return second === undefined
    ? `${element} of ${over}`
    : `[${textOf(file, second.pattern)}, ${element}] of ${over}.entries()`;
}

function nameOfResults(file: SourceFile, use: Use): string | undefined {
  if (use.kind === 'returned') return freshName(file, 'results');
  return use.keyword === 'const' && use.pattern?.kind === 'variable' ? textOf(file, use.pattern) : undefined;
}

/** The callback's statements as those of a loop; undefined when it leaves in the middle with a value. */
function bodyOf(file: SourceFile, callback: FunctionNode, collected: string | undefined): string[] | undefined {
  const end = semicolonOf(file);
  const keep = (value: string, isPlain: boolean): string => {
    const awaited = isPlain ? value : `await ${value}`;
    return collected === undefined ? `${awaited}${end}` : `${collected}.push(${awaited})${end}`;
  };
  const isBlock = file.text[callback.bodySpan.start] === '{';
  if (!isBlock) {
    const [only] = callback.body;
    if (only?.kind !== 'return' || only.value === undefined) return undefined;
    const text = textOf(file, only.value);
    const own = indentationAt(file, only.value.start);
    return keep(text, only.value.kind === 'await')
      .split(/\r?\n/)
      .map((line, index) => (index === 0 ? line : dedent(line, own)));
  }
  const last = callback.body.at(-1);
  const before = last?.kind === 'return' ? callback.body.slice(0, -1) : callback.body;
  if (last === undefined || before.some(returnsValue) || returnsInLoop(callback)) return undefined;
  if (collected !== undefined && (last.kind !== 'return' || before.some(returns))) return undefined;
  const edits: { span: Span; text: string }[] = jumps(before).map((span) => ({ span, text: `continue${end}` }));
  if (last.kind === 'return') {
    if (last.value === undefined) edits.push({ span: last, text: '' });
    else if (collected !== undefined || hasCall(last.value)) {
      const isPlain = last.value.kind === 'await' || !isPromise(last.value);
      edits.push({ span: last, text: keep(textOf(file, last.value), isPlain) });
    } else edits.push({ span: last, text: '' });
  }
  const start = callback.body[0]?.start ?? callback.bodySpan.start;
  return reindent(file, commentStart(file, callback, start), lastOf(file, callback, last), edits);
}

/** A call may give a promise; an object, a name or a number is what it is. */
function isPromise(value: Expression): boolean {
  return value.kind === 'call' && !value.isNew;
}

function hasCall(value: Expression): boolean {
  return value.kind === 'call' || value.kind === 'await' || childExpressions(value).some(hasCall);
}

/** Comments before the first statement and behind the last belong to the body. */
function commentStart(file: SourceFile, callback: FunctionNode, start: number): number {
  const lead = /^\{[ \t]*\r?\n?\s*/.exec(file.text.slice(callback.bodySpan.start, start))?.[0].length ?? 1;
  return callback.bodySpan.start + lead;
}

function lastOf(file: SourceFile, callback: FunctionNode, last: Span): number {
  const tail = file.text.slice(last.end, callback.bodySpan.end - 1);
  return last.end + tail.trimEnd().length;
}

function reindent(
  file: SourceFile,
  start: number,
  end: number,
  edits: readonly { span: Span; text: string }[],
): string[] | undefined {
  let text = file.text.slice(start, end);
  // A template over several lines would change with its indentation.
  if (text.split('`').some((part, index) => index % 2 === 1 && part.includes('\n'))) return undefined;
  for (const { span, text: replacement } of [...edits].sort((a, b) => b.span.start - a.span.start))
    text = text.slice(0, span.start - start) + replacement + text.slice(span.end - start);
  const own = indentationAt(file, start);
  const lines = text.trimEnd().split(/\r?\n/);
  return lines.map((line, index) => (index === 0 ? line : dedent(line, own)));
}

/** Without the indentation the lines had. */
function dedent(line: string, indent: string): string {
  return line.startsWith(indent) ? line.slice(indent.length) : line.trimStart();
}

function returns(statement: Statement): boolean {
  return statement.kind === 'return' || partsOf(statement).lists.some((list) => list.some(returns));
}

function returnsValue(statement: Statement): boolean {
  if (statement.kind === 'return') return statement.value !== undefined;
  return partsOf(statement).lists.some((list) => list.some(returnsValue));
}

/** `return;` of the callback, not inside a loop or switch of its own. */
function jumps(list: readonly Statement[]): Span[] {
  return list.flatMap((statement) =>
    statement.kind === 'return' ? [statement] : partsOf(statement).lists.flatMap((inner) => jumps(inner)),
  );
}

/** `return;` inside an inner loop would become a `continue` of that loop. */
function returnsInLoop(callback: FunctionNode): boolean {
  const inLoop = (statement: Statement): boolean =>
    partsOf(statement).lists.some((list) =>
      list.some(
        (inner) => ((statement.kind === 'loop' || statement.kind === 'switch') && returns(inner)) || inLoop(inner),
      ),
    );
  return callback.body.some(inLoop);
}
