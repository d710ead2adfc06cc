/**
 * The loop forms that fixes rewrite: `for (const x of list) { … }`, `await Promise.all(list.map((x) => …))` and
 * `await pMap(list, (x) => …)`, with the call anywhere in the body that is no loop or closure of its own. Anything
 * more complicated gives undefined.
 */
import { type LoopSyntax, namesIn } from '../../../analysis/repetition.ts';
import { type KeyScope, mentions } from '../../../rewrite/key-scope.ts';
import {
  callAt,
  enclosingStatements,
  expressionsAround,
  functionAround,
  indentationAt,
  partsOf,
  statementAround,
  textOf,
} from '../../../rewrite/source-edit.ts';
import type {
  CallExpression,
  Expression,
  FunctionNode,
  Pattern,
  SourceFile,
  Span,
  Statement,
  Variable,
} from '../../../typescript/syntax.ts';

export interface LoopForm extends KeyScope {
  /** The list as written, in brackets where something can be appended to it. */
  readonly list: string;
  /** The element as the loop declares it, with a type if it has one. */
  readonly element: string;
  /** The element's own name; undefined when it is taken apart. */
  readonly elementName?: string;
  readonly kind: 'for-of' | 'map';
  readonly body: readonly Statement[];
  /** Where what is done once goes: before this statement. */
  readonly statement: Statement;
  /** The statement of the body that holds the call. */
  readonly inside: Statement;
  /** The call runs in every round, and nothing ends one before it. */
  readonly unconditional: boolean;
  /** What is tested before the call runs, as written. */
  readonly tests: string;
  /** Where the call stands in a callback that the body's one statement awaits: that statement, with another call. */
  readonly wrapped?: (call: string) => string;
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
  if (place === undefined || !canWait(file, place.statement)) return undefined;
  if (!acceptsStatements(file, place.statement) && !isExpressionBody(file, place.statement)) return undefined;
  const parts = syntax.kind === 'statement' ? forOf(syntax) : mapCallback(syntax);
  const inside = parts?.body.find((statement) => statement.start <= call.start && call.end <= statement.end);
  if (parts === undefined || inside === undefined || !isSimpleList(parts.list)) return undefined;
  const path = pathTo(file, call, parts.body);
  const used = path === undefined ? undefined : replacedPart(file, call, parts.runsIn);
  if (path === undefined || used === undefined) return undefined;
  const tests = [...used.tests, ...path.tests, ...jumpTests(parts.body, inside)];
  const names = namesIn(parts.pattern, file);
  const list = textOf(file, parts.list);
  return {
    file,
    list: parts.list.kind === 'logical' ? `(${list})` : list,
    element: parts.element,
    keyNames: names,
    localNames: declaredBefore(parts.body, call, file),
    ...(parts.pattern.kind === 'variable' && names[0] !== undefined ? { elementName: names[0] } : {}),
    kind: syntax.kind === 'statement' ? 'for-of' : 'map',
    body: parts.body,
    statement: place.statement,
    end: place.statement.end,
    call,
    whole: used.whole,
    inside,
    unconditional: tests.length === 0,
    tests: tests.map((test) => textOf(file, test)).join('\n'),
  };
}

/** The same for a loop in a loop: over the elements of all lists, before the outer one. */
export function throughBoth(form: LoopForm, outer: LoopSyntax | undefined): LoopForm | undefined {
  const parts = outer?.kind === 'statement' ? forOf(outer) : undefined;
  if (outer?.kind !== 'statement' || parts === undefined || !isSimpleList(parts.list)) return undefined;
  const { file, loop } = outer;
  const place = statementAround(file, { start: loop.start, end: loop.start + 1 });
  if (place === undefined || !acceptsStatements(file, place.statement) || !canWait(file, place.statement))
    return undefined;
  const path = pathTo(file, form.statement, parts.body);
  if (path === undefined || functionAround(file, form.statement)?.index !== parts.runsIn) return undefined;
  const own = declaredBefore(parts.body, form.statement, file);
  const before = file.text.slice(loop.bodySpan.start, form.statement.start);
  const plain = form.list.replace(/^\(/, '').split(/[^\w$.]/)[0] ?? '';
  const isMade = new RegExp(
    `(?<![\\w$.])${plain.replaceAll(/[$.]/g, '\\$&')}\\s*(=(?!=)|\\.(push|splice|unshift)\\()`,
  ).test(before);
  if (mentions(form.list, own) || isMade) return undefined;
  return {
    ...form,
    list: listOfLists(file, parts, form.list),
    kind: 'map',
    localNames: [...form.localNames, ...own, ...namesIn(parts.pattern, file)],
    statement: place.statement,
    end: place.statement.end,
    unconditional: form.unconditional && path.tests.length === 0 && jumpTests(parts.body, form.statement).length === 0,
    body: [...parts.body, ...form.body],
    tests: [form.tests, ...path.tests.map((test) => textOf(file, test))].join('\n'),
  };
}

function listOfLists(file: SourceFile, { list, element, pattern }: Parts, inner: string): string {
  const text = textOf(file, list);
  const entries = /^Object\.entries\(\s*([\s\S]*?)\s*\)$/.exec(text)?.[1];
  const second = pattern.kind === 'array-pattern' ? pattern.elements[1]?.value : undefined;
  if (entries !== undefined && second !== undefined && textOf(file, second) === inner)
    return `Object.values(${entries}).flat()`;
  return isArray(file, list)
    ? `${text}.flatMap((${element}) => ${alone(inner)})`
    : `Array.from(${text}, (${element}) => ${alone(inner)}).flat()`;
}

/** The list's text where nothing follows it: `a ?? []` of `(a ?? [])`. */
export function alone(list: string): string {
  if (!list.startsWith('(')) return list;
  let depth = 0;
  for (const [index, character] of [...list].entries()) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (depth === 0) return index === list.length - 1 ? list.slice(1, -1) : list;
  }
  return list;
}

/** A list that is no set and no other iterable, as far as the text says. */
function isArray(file: SourceFile, list: Expression): boolean {
  if (list.kind === 'call') return /^Object\.(entries|keys|values)\(/.test(textOf(file, list));
  return list.kind === 'identifier' && isArrayNamed(file, list.name, list);
}

/** The same of a name where it is seen: declared so, or asked for what only arrays have. */
export function isArrayNamed(file: SourceFile, name: string, at: Span): boolean {
  const fn = functionDeclaring(file, name, at);
  if (fn === undefined) return false;
  const asked = new RegExp(`(?<![\\w$.])${name.replaceAll('$', '\\$')}\\.(length|map|filter|flatMap|slice|reduce)\\b`);
  return isDeclaredArray(file, name, at) || asked.test(textOf(file, fn));
}

/** Its declaration says so, and what the elements are. */
export function isDeclaredArray(file: SourceFile, name: string, at: Span): boolean {
  const [variable] = seenAs(file, name, at);
  const type = variable === undefined ? '' : file.text.slice(variable.at.end);
  return functionDeclaring(file, name, at) !== undefined && /^\??\s*:\s*(readonly\s+)?[\w$.<>]+\[\]/.test(type);
}

/** The function whose variable it is; undefined where there are several of that name. */
function functionDeclaring(file: SourceFile, name: string, at: Span): FunctionNode | undefined {
  const [one, ...others] = seenAs(file, name, at);
  return one === undefined || others.length > 0 ? undefined : file.functions[one.fn];
}

function seenAs(file: SourceFile, name: string, at: Span): readonly Variable[] {
  return file.variables.filter((variable) => {
    const fn = file.functions[variable.fn];
    return variable.name === name && fn !== undefined && fn.start <= at.start && at.end <= fn.end;
  });
}

/** `for (const id of ids) await queue.push(() => rows.delete({ id }))`: nothing but the call depends on the element. */
export function wrappedForm(syntax: LoopSyntax | undefined, at: Span): LoopForm | undefined {
  if (syntax?.kind !== 'statement') return undefined;
  const { file, loop } = syntax;
  const call = callAt(file, at);
  const parts = forOf(syntax);
  const [inside] = loop.body;
  const place = statementAround(file, { start: loop.start, end: loop.start + 1 });
  if (call === undefined || parts === undefined || inside?.kind !== 'expression' || loop.body.length !== 1)
    return undefined;
  if (place === undefined || !acceptsStatements(file, place.statement) || !isSimpleList(parts.list)) return undefined;
  if (inside.expression.kind !== 'await' || inside.start > call.start || call.end > inside.end) return undefined;
  const fn = functionAround(file, call);
  const only = fn?.body.length === 1 ? fn.body[0] : undefined;
  if (fn === undefined || fn.parameters.length > 0 || only === undefined || only.start !== call.start) return undefined;
  const names = namesIn(parts.pattern, file);
  const before = file.text.slice(inside.start, call.start);
  const after = file.text.slice(call.end, inside.end);
  if (mentions(`${before}${after}`, names)) return undefined;
  const list = textOf(file, parts.list);
  return {
    file,
    list: parts.list.kind === 'logical' ? `(${list})` : list,
    element: parts.element,
    keyNames: names,
    localNames: [],
    ...(parts.pattern.kind === 'variable' && names[0] !== undefined ? { elementName: names[0] } : {}),
    kind: 'for-of',
    body: parts.body,
    statement: place.statement,
    end: place.statement.end,
    call,
    whole: call,
    inside,
    unconditional: true,
    tests: '',
    wrapped: (text) => {
      const inner = indentationAt(file, inside.start);
      const outer = indentationAt(file, place.statement.start);
      const whole = `${before}${text}${after}`;
      return inner.startsWith(outer) ? whole.replaceAll(`\n${inner}`, `\n${outer}`) : whole;
    },
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
  const list = listMapped(file, call);
  if (list === undefined) return undefined;
  return {
    list,
    pattern: parameter.pattern,
    element: textOf(file, parameter),
    body: callback.body,
    runsIn: callback.index,
  };
}

/** Only where somebody waits for all of them. */
function listMapped(file: SourceFile, call: CallExpression): Expression | undefined {
  const before = file.text.slice(0, call.start);
  const { callee, args } = call;
  if (callee.kind === 'member' && callee.name === 'map' && args.length === 1)
    return /(\b(await|return)\s+|=>\s*)Promise\s*\.\s*(all|allSettled)\(\s*$/.test(before) ? callee.object : undefined;
  const isMapper = callee.kind === 'identifier' && /^(pMap|pEach|pMapSeries)$/.test(callee.name);
  return isMapper && args[1]?.kind === 'function' && /\b(await|return)\s+$/.test(before) ? args[0] : undefined;
}

/** Evaluated once more before the loop, it gives the same. */
function isSimpleList(list: Expression): boolean {
  switch (list.kind) {
    case 'identifier':
    case 'this':
      return true;
    case 'member':
      return isSimpleList(list.object);
    case 'array':
      return list.elements.length === 0;
    case 'logical':
      return /^(\?\?|\|\|)$/.test(list.operator) && isSimpleList(list.left) && isSimpleList(list.right);
    case 'call': {
      const { callee, args } = list;
      const isPure =
        (callee.kind === 'identifier' && /^(Set|unique|uniq|uniqBy)$/.test(callee.name)) ||
        (callee.kind === 'member' &&
          callee.object.kind === 'identifier' &&
          /^(Array\.from|Object\.(entries|keys|values))$/.test(`${callee.object.name}.${callee.name}`));
      return isPure && args.every(isSimpleList);
    }
    default:
      return false;
  }
}

/** The statement stands in braces, or at the top level: another can stand before it. */
export function acceptsStatements(file: SourceFile, statement: Statement): boolean {
  const before = file.text.slice(0, statement.start).replace(/(\s|\/\/[^\n]*\n|\/\*[\s\S]*?\*\/)+$/, '');
  return (
    before === '' ||
    /[{};]$/.test(before) ||
    (/\n\s*$/.test(file.text.slice(before.length, statement.start)) && !/([)=>]|\belse|\bdo)$/.test(before))
  );
}

/** `async (ids) => Promise.all(ids.map(…))`: braces can be put around it. */
export function isExpressionBody(file: SourceFile, statement: Statement): boolean {
  const fn = functionAround(file, statement);
  return (
    fn?.kind === 'arrow' &&
    fn.bodySpan.start === statement.start &&
    fn.bodySpan.end === statement.end &&
    !textOf(file, statement).startsWith('{') &&
    /=>\s*$/.test(file.text.slice(0, statement.start))
  );
}

function canWait(file: SourceFile, statement: Statement): boolean {
  const fn = functionAround(file, statement);
  return fn !== undefined && (fn.async || fn.kind === 'module');
}

/** The tests of the branches that lead to the call; undefined when a loop or a handler stands between. */
function pathTo(file: SourceFile, call: Span, body: readonly Statement[]): { tests: Expression[] } | undefined {
  const tests: Expression[] = [];
  for (const { statement, siblings } of enclosingStatements(file, call)) {
    const isTop = siblings === body;
    if (statement.start === call.start && statement.end === call.end) {
      // The statement itself.
    } else if (statement.kind === 'if') {
      if (call.start < statement.test.end) {
        if (!isTop) tests.push(statement.test);
      } else tests.push(statement.test);
    } else if (statement.kind === 'try') {
      const first = statement.block[0];
      const last = statement.block.at(-1);
      if (first === undefined || last === undefined || call.start < first.start || call.end > last.end)
        return undefined;
    } else if (statement.kind === 'loop' || statement.kind === 'switch') return undefined;
    if (isTop) return { tests };
  }
  return undefined;
}

/**
 * What to replace: the awaited call, or a call whose promise goes where a plain value does as well (returned from the
 * callback, an element of `Promise.all([…])`); with the tests of the expressions around it.
 */
function replacedPart(
  file: SourceFile,
  call: CallExpression,
  runsIn: number,
): { whole: Span; tests: Expression[] } | undefined {
  if (functionAround(file, call)?.index !== runsIn) return undefined;
  const around = expressionsAround(file, call);
  const index = around.findIndex((expression) => expression.start === call.start && expression.end === call.end);
  const outer = around.slice(index + 1);
  const tests: Expression[] = [];
  let inner: Span = call;
  let isPromise = true;
  let whole: Span = call;
  for (const expression of outer) {
    if (expression.kind === 'conditional' && expression.test.end < inner.start) tests.push(expression.test);
    if (expression.kind === 'logical' && expression.left.end < inner.start) tests.push(expression.left);
    if (isPromise && expression.kind === 'await') {
      isPromise = false;
      if (inner === call) whole = expression;
    } else if (isPromise && !passesPromise(expression)) return undefined;
    inner = expression;
  }
  if (!isPromise) return { whole, tests };
  const returned = statementAround(file, call)?.statement;
  return returned?.kind === 'return' ? { whole, tests } : undefined;
}

function passesPromise(expression: Expression): boolean {
  if (expression.kind === 'conditional' || expression.kind === 'array') return true;
  if (expression.kind !== 'call' || expression.callee.kind !== 'member') return false;
  return expression.callee.object.kind === 'identifier' && expression.callee.object.name === 'Promise';
}

/** Conditions under which a round ends early, before the call. */
function jumpTests(body: readonly Statement[], inside: Statement): Expression[] {
  const found: Expression[] = [];
  const jumps = (statement: Statement): boolean => {
    if (['continue', 'break', 'return', 'throw'].includes(statement.kind)) return true;
    return partsOf(statement).lists.some((list) => list.some(jumps));
  };
  for (const statement of body.slice(0, body.indexOf(inside))) {
    if (jumps(statement)) found.push(statement.kind === 'if' ? statement.test : ALWAYS);
  }
  return found;
}

const ALWAYS: Expression = { kind: 'literal', value: true, start: 0, end: 0 };

/** Further lines of what the loop's body held, moved to the depth of the loop itself. */
export function outdented(form: LoopForm, text: string): string {
  const inner = indentationAt(form.file, form.call.start);
  const outer = indentationAt(form.file, form.statement.start);
  return inner.startsWith(outer) ? text.replaceAll(`\n${inner}`, `\n${outer}`) : text;
}

/** Names the loop's body declares before the call: they are not there before the loop. */
function declaredBefore(body: readonly Statement[], call: Span, file: SourceFile): string[] {
  return body.flatMap((statement): string[] => {
    if (statement.start >= call.end) return [];
    if (statement.kind === 'variable') return statement.declarations.flatMap(({ pattern }) => namesIn(pattern, file));
    return partsOf(statement).lists.flatMap((list) => declaredBefore(list, call, file));
  });
}
