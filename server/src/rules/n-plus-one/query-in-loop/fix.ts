/**
 * One query before the loop and a lookup in it; for writes, one statement instead of the loop. Where the query lies in
 * a function of the project, that function gets a sibling for many keys. Only for bodies where that is certainly the
 * same: the key is the element's, and nothing in the loop changes the table that is read.
 */

import type { FunctionFacts, Loop, Operation } from '../../../analysis/fact.ts';
import { isInLoop } from '../../../analysis/loop-kind.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { type DatabaseOperation, isDatabaseOperation, isWrite, sameTable } from '../../../analysis/protection.ts';
import { elementNames, loopSyntax, unboundedLoop } from '../../../analysis/repetition.ts';
import { callPlaceOf, placeOf } from '../../../analysis/trace.ts';
import { escapesOf } from '../../../analysis/transaction-escape.ts';
import { batchForm } from '../../../rewrite/batch-query.ts';
import { foundOr, siblingCall, siblingOf } from '../../../rewrite/batched-sibling.ts';
import { nullableKey, plainKey } from '../../../rewrite/key-parameter.ts';
import { mentions } from '../../../rewrite/key-scope.ts';
import {
  foundIn,
  freeName,
  indexLines,
  indexNames,
  lookupOf,
  namesIn,
  plainName,
  pluralOf,
} from '../../../rewrite/row-index.ts';
import {
  callAt,
  distinct,
  edit,
  indentationAt,
  indentUnit,
  insert,
  layout,
  newlineOf,
  partsOf,
  semicolonOf,
  textOf,
} from '../../../rewrite/source-edit.ts';
import type { Edit, Fix, RuleContext } from '../../../rule.ts';
import type { Statement } from '../../../typescript/syntax.ts';
import type { QueriesOfCall } from './confidence.ts';
import {
  alone,
  isArrayNamed,
  isDeclaredArray,
  isExpressionBody,
  type LoopForm,
  loopForm,
  outdented,
  throughBoth,
  wrappedForm,
} from './loop-form.ts';
import type { QueryInLoop } from './rule.ts';
import { batchWrite, replaceRows } from './write-form.ts';

export function queryOnce(evidence: QueryInLoop, { program }: RuleContext): readonly Fix[] {
  const { query, loop, recursion, queries, others } = evidence;
  const itself = recursion ?? callOfItself(evidence);
  if (itself !== undefined) return walkByLevel({ ...evidence, recursion: itself }, program);
  if (isWrite(query)) {
    if (queries.length !== 1 || query.chain.length > 0 || loop.concurrency === 'limited') return [];
    if (others.length > 0) return replaceAll([evidence, ...others], program);
    const form = loopForm(loopSyntax(loop, program), query.span) ?? wrappedForm(loopSyntax(loop, program), query.span);
    if (form === undefined) return [];
    return batchWrite(form, query, evidence.fn, program);
  }
  const file = program.file(loop.at.path);
  if (file === undefined) return [];
  // All of them at once where that is possible, else the one that the finding is about.
  for (const calls of others.length > 0 ? [[evidence, ...others], [evidence]] : [[evidence]]) {
    for (const around of [loopAround(evidence, program), undefined]) {
      const names: Names = { taken: namesIn(file), keys: new Map() };
      const plans = calls.map((call) => planFor(call, around, program, names));
      const known = plans.filter((plan) => plan !== undefined);
      if (known.length === plans.length && known.length > 0) return [together(known)];
    }
  }
  return [];
}

/** Rows of each element deleted and written anew: all deleted before the loop, all written after it. */
function replaceAll(calls: readonly QueriesOfCall[], program: ProgramFacts): readonly Fix[] {
  const [deletion, insertion] = calls.toSorted((a, b) => a.query.order - b.query.order);
  if (deletion === undefined || insertion === undefined || calls.length !== 2) return [];
  if (calls.some(({ queries, query }) => queries.length !== 1 || query.chain.length > 0)) return [];
  if (!sameTable(deletion.query.effect, insertion.query.effect, program)) return [];
  // A transaction that they go round holds nothing together.
  const outside = escapesOf(deletion.fn, program).flatMap((stray) =>
    [stray, ...stray.others].map(({ operation }) => operation),
  );
  if (calls.some(({ query }) => outside.includes(query))) return [];
  const forms = [deletion, insertion].map(({ loop, query }) => loopForm(loopSyntax(loop, program), query.span));
  const [first, second] = forms;
  return first === undefined || second === undefined
    ? []
    : replaceRows(
        { form: first, query: deletion.query },
        { form: second, query: insertion.query },
        deletion.fn,
        program,
      );
}

/** A loop that runs this one once per element of another list, which nothing bounds either. */
function loopAround({ query, loop }: QueryInLoop, program: ProgramFacts): Loop | undefined {
  const before = query.loops.slice(0, query.loops.indexOf(loop));
  const around = unboundedLoop({ ...query, loops: before }, program);
  return around !== undefined && around === before.at(-1) && around.fn === loop.fn ? around : undefined;
}

/** The loop also goes down a tree: one query fewer in each round would still be one per node. */
function callOfItself({ fn, loop }: QueryInLoop): Operation | undefined {
  return fn.operations.find(
    (operation) =>
      operation.effect.kind === 'recursion' &&
      operation.effect.callee === fn.fn.key &&
      operation.chain.length === 0 &&
      isInLoop(operation, loop),
  );
}

/** A function that queries and calls itself for each row: its sibling for many keys reads the tree level by level. */
function walkByLevel({ fn, query, loop, recursion }: QueryInLoop, program: ProgramFacts): Fix[] {
  const syntax = loopSyntax(loop, program);
  const call = recursion === undefined || syntax === undefined ? undefined : callAt(syntax.file, placeOf(recursion));
  if (syntax === undefined || call === undefined) return [];
  const names = elementNames(syntax);
  const index = call.args.findIndex((arg) => mentions(textOf(syntax.file, arg), names));
  const parameter = plainKey(fn.fn, index) ?? nullableKey(fn.fn, index);
  const sibling = parameter === undefined ? undefined : siblingOf(fn.fn, parameter, query, 0, program);
  if (sibling === undefined) return [];
  return [
    {
      id: 'query-by-level',
      title: `Read the tree level by level through '${sibling.name}'`,
      applicability: 'changes-behaviour',
      difference: 'All rows of a level are read in one query; a failure comes before any of them is handled.',
      untyped: sibling.untyped,
      edits: distinct([...sibling.edits, ...callersBeside(fn, query, program)]),
    },
  ];
}

/** Loops beside the function that go down one tree per element: with the one cured, they would be what is left. */
function callersBeside({ fn }: FunctionFacts, query: DatabaseOperation, program: ProgramFacts): readonly Edit[] {
  return program.callersOf(fn.key).flatMap((key) => {
    const caller = program.factsOf(key);
    if (caller === undefined || caller.fn.path !== fn.path || key === fn.key) return [];
    const own = caller.operations
      .filter(isDatabaseOperation)
      .find(
        ({ at, chain }) =>
          at.start === query.at.start && chain.length === query.chain.length + 1 && chain[0]?.fn === key,
      );
    const loop = own?.loops.findLast((around) => around.fn === key && around.repeats === 'elements');
    if (own === undefined || loop === undefined) return [];
    const call = { fn: caller, loop, query: own, queries: [own] };
    const plan = planFor(call, undefined, program, { taken: namesIn(fn.file), keys: new Map() });
    return plan === undefined ? [] : together([plan]).edits;
  });
}

/** Names given out within one fix. */
interface Names {
  readonly taken: Set<string>;
  /** Lists of keys by what they are made of: two queries by the same key share one. */
  readonly keys: Map<string, string>;
}

/** What one call of the body becomes. */
interface Plan {
  readonly form: LoopForm;
  readonly table: string;
  /** Before the loop. */
  readonly lines: readonly string[];
  readonly edits: readonly Edit[];
  readonly throughFunction?: string;
  /** The function is there already. */
  readonly isThere?: boolean;
  /** Names that stand for nothing where the client was not generated. */
  readonly untyped: readonly string[];
}

function planFor(call: QueriesOfCall, around: Loop | undefined, program: ProgramFacts, names: Names): Plan | undefined {
  const { query, loop, queries } = call;
  const isChange: boolean = isWrite(query);
  if (isChange || (query.chain.length === 0 && queries.length !== 1)) return undefined;
  if (changesTable(call, around ?? loop, program)) return undefined;
  const own = loopForm(loopSyntax(loop, program), callPlaceOf(query));
  const form = around === undefined || own === undefined ? own : throughBoth(own, loopSyntax(around, program));
  if (form === undefined) return undefined;
  return query.chain.length > 0 ? throughSibling(form, call, program, names) : directly(form, call, program, names);
}

function changesTable({ fn, query }: QueriesOfCall, loop: Loop, program: ProgramFacts): boolean {
  return fn.operations.some(
    (other) =>
      isDatabaseOperation(other) &&
      isWrite(other) &&
      // A row that a round adds is none that another round looks up by its key.
      !(other.effect.action === 'insert' && query.effect.returns === 'row') &&
      other.loops.some((around) => around.at.start === loop.at.start) &&
      (other.effect.table === undefined || sameTable(other.effect, query.effect, program)),
  );
}

function together(plans: readonly Plan[]): Fix {
  const [first] = plans;
  const form = first?.form;
  if (first === undefined || form === undefined) throw new Error('no plan');
  const { file, statement } = form;
  const indent = indentationAt(file, statement.start);
  const lines = plans.flatMap((plan) => plan.lines);
  const text =
    lines
      .map((line) => `${line}${newlineOf(file)}`)
      .join('')
      .slice(indent.length) + indent;
  const tables = [...new Set(plans.map(({ table }) => plainName(table)))];
  const sibling = plans.find(({ throughFunction }) => throughFunction !== undefined)?.throughFunction;
  return {
    id: sibling === undefined ? 'query-once' : 'query-through-sibling',
    title:
      sibling === undefined
        ? `Query all ${tables.join(', ')} before the loop`
        : plans.every(({ throughFunction, isThere }) => throughFunction === undefined || isThere)
          ? `Call '${sibling}' for all at once before the loop`
          : `Add '${sibling}' for many at once and call it before the loop`,
    applicability: 'changes-behaviour',
    difference:
      'All rows are read in one query before the first element is handled; a failure comes before any of them.',
    untyped: plans.flatMap(({ untyped }) => untyped),
    edits: distinct([
      ...plans.flatMap(({ edits }) => edits),
      ...(isExpressionBody(file, statement) ? inBraces(form, lines) : [insert(file, statement.start, text)]),
    ]),
  };
}

/** The lines and the expression as the body of the function that was nothing but the expression. */
function inBraces({ file, statement }: LoopForm, lines: readonly string[]): Edit[] {
  const newline = newlineOf(file);
  const own = indentationAt(file, statement.start);
  const arrow = file.text.slice(0, statement.start).trimEnd().length;
  const outer = indentationAt(file, arrow - 1);
  const isAlone = own.length > outer.length;
  const inner = isAlone ? own : outer + indentUnit(file);
  const moved = lines.map((line) => (line === '' ? '' : inner + line.slice(own.length)));
  return [
    edit(file, { start: arrow, end: statement.start }, ` {${newline}${[...moved, `${inner}return `].join(newline)}`),
    insert(file, statement.end, `${semicolonOf(file)}${newline}${outer}}`),
  ];
}

// ---------------------------------------------------------------- the loop's own query

function directly(form: LoopForm, call: QueriesOfCall, program: ProgramFacts, given: Names): Plan | undefined {
  const { query } = call;
  const table = query.effect.table ?? 'row';
  const batch = batchForm(form, query, program);
  if (batch === undefined) return undefined;
  const { file } = form;
  const key = keyInList(form, batch.key).text;
  const known = ownList(form, batch.key) ?? given.keys.get(key);
  const names = indexNames(batch, table, given.taken, known);
  given.keys.set(key, names.keys);
  const indent = indentationAt(file, form.statement.start);
  const text = batch.batch(names.keys);
  // Something else of the element is in the options; a property may be called as it is.
  const values = text.replaceAll(/(?<=[{,]\s*)[\w$]+\s*:/g, '');
  if (query.effect.sql === undefined && mentions(values, [...form.keyNames, ...form.localNames])) return undefined;
  const [query1 = '', ...index] = indexLines(file, batch, names, outdented(form, text));
  return {
    form,
    table,
    untyped: [table, names.row],
    lines: [
      ...(known === undefined ? linesOf(form, keyLines(form, batch.key, names.keys, call)) : []),
      ...(indent + query1).split(newlineOf(file)),
      ...layout(file, indent, index).split(newlineOf(file)),
    ],
    edits: [
      ...batch.imports,
      batch.gives === 'result'
        ? replaceResult(form, foundIn(names, batch))
        : batch.inData
          ? replaceData(form, lookupOf(names, batch))
          : edit(file, form.whole, inContext(form, lookupOf(names, batch))),
    ],
  };
}

// ---------------------------------------------------------------- a query in another function

function throughSibling(form: LoopForm, call: QueriesOfCall, program: ProgramFacts, names: Names): Plan | undefined {
  const { query } = call;
  const called = siblingCall(form, query, 1, program);
  if (called === undefined) return undefined;
  // It would throw for a key that this loop never comes to.
  const mayThrow = called.edits.some(({ text }) => /\bthrow\b/.test(text));
  if (mayThrow && (!form.unconditional || leavesEarly(form.body))) return undefined;
  const { file } = form;
  const { sibling, key } = called;
  const end = semicolonOf(file);
  const indent = indentationAt(file, form.statement.start);
  const inList = keyInList(form, key).text;
  const known = ownList(form, key) ?? names.keys.get(inList);
  const word = /[\w$]+$/.exec(key)?.[0] ?? 'key';
  const keys = known ?? freeName(listNames(key, sibling.keys), names.taken);
  names.keys.set(inList, keys);
  const index = freeName([`${sibling.values}By${word[0]?.toUpperCase() ?? ''}${word.slice(1)}`], names.taken);
  const found = `${index}.get(${key})`;
  const lookup = foundOr(found, sibling.fallback, file);
  const [query1 = ''] = [outdented(form, `const ${index} = await ${called.call(keys)}${end}`)];
  return {
    form,
    table: query.effect.table ?? 'row',
    untyped: sibling.untyped,
    lines: [
      ...(known === undefined ? linesOf(form, keyLines(form, key, keys, call)) : []),
      ...(indent + query1).split(newlineOf(file)),
    ],
    edits: [...called.edits, edit(file, form.whole, inContext(form, lookup))],
    throughFunction: sibling.name,
    isThere: sibling.edits.length === 0,
  };
}

/** `memberIds` for `member.id` and `message.memberId`. */
function listNames(key: string, keys: string): string[] {
  const [, owner = '', own = key] = /([\w$]+)[!?]*\.([\w$]+)$/.exec(key) ?? [];
  return [...(own === 'id' && owner !== '' ? [`${owner}Ids`] : own === 'id' ? [] : [pluralOf(own)]), keys];
}

function leavesEarly(body: readonly Statement[]): boolean {
  return body.some(
    (statement) =>
      ['return', 'break', 'continue'].includes(statement.kind) ||
      partsOf(statement).lists.some((list) => leavesEarly(list)),
  );
}

// ---------------------------------------------------------------- code

function linesOf({ file, statement }: LoopForm, lines: readonly string[]): string[] {
  return layout(file, indentationAt(file, statement.start), lines).split(newlineOf(file));
}

/** The keys of all elements; spelled out for a list whose type nobody knows. */
function keyLines(form: LoopForm, key: string, keys: string, { loop }: QueriesOfCall): string[] {
  const end = semicolonOf(form.file);
  const { text, mayLack } = keyInList(form, key);
  const element = elementFor(form, key);
  const present = mayLack ? '.filter((key) => key != null)' : '';
  if (form.elementName !== undefined && form.elementName === key) {
    return [`const ${keys} = [...${alone(form.list)}]${present}${end}`];
  }
  const entries = /^Object\.entries\(\s*([\s\S]*?)\s*\)$/.exec(form.list)?.[1];
  if (entries !== undefined && new RegExp(`^\\[\\s*${key.replaceAll('$', '\\$')}\\s*[,\\]]`).test(form.element))
    return [`const ${keys} = Object.keys(${entries})${present}${end}`];
  const over = loop.over;
  const source = over?.kind === 'result' ? over.operation : undefined;
  const isArray = form.kind === 'map' || isDeclaredArray(form.file, form.list, form.statement);
  if (source === undefined ? isArray : source.basis === 'type') {
    return [`const ${keys} = ${form.list}.map((${element}) => ${text})${present}${end}`];
  }
  if (source !== undefined && form.file.language === 'typescript' && present === '') {
    return [`const ${keys} = []${end}`, `for (const ${element} of ${alone(form.list)}) ${keys}.push(${text})${end}`];
  }
  return [`const ${keys} = Array.from(${alone(form.list)}, (${element}) => ${text})${present}${end}`];
}

/** Of an element that is taken apart no more than the key. */
function elementFor({ element }: LoopForm, key: string): string {
  const root = /^[\w$]+/.exec(key)?.[0] ?? key;
  const names = /^\{([\s\w$,]*)\}$/.exec(element)?.[1]?.split(',') ?? [];
  return names.some((name) => name.trim() === root) ? `{ ${root} }` : element;
}

/** The list itself, where it is one of keys. */
function ownList(form: LoopForm, key: string): string | undefined {
  const { file, statement, list, elementName, kind } = form;
  const { text, mayLack } = keyInList(form, key);
  if (elementName === undefined || text !== elementName || mayLack || !/^[\w$.]+$/.test(list)) return undefined;
  return kind === 'map' || isArrayNamed(file, list, statement) ? list : undefined;
}

/** The key where no test has been made yet: `member?.userId` where the round asks whether there is one. */
function keyInList({ tests }: LoopForm, key: string): { text: string; mayLack: boolean } {
  const parts = key.split('.');
  const pattern = parts.map((part) => part.replaceAll('$', '\\$')).join('(\\?)?\\.');
  const tested = new RegExp(`(?<![\\w$.])${pattern}(?![\\w$(])`).exec(tests)?.[0];
  const root = parts[0] ?? key;
  const rootTested = mentions(tests.replaceAll(/[\w$]+\??\.[\w$.?]+/g, ''), [root]);
  const optional =
    tested?.includes('?.') === true
      ? tested
      : rootTested && parts.length > 1
        ? `${root}?.${parts.slice(1).join('.')}`
        : key;
  return { text: optional, mayLack: tested !== undefined || rootTested };
}

/** `const { rows: [x] } = await …` takes the rows themselves; whatever else is done with the result gets one like it. */
function replaceResult(form: LoopForm, found: string): Edit {
  const { file, whole } = form;
  const rows = `${found} ?? []`;
  const taken = /\{\s*rows(?:\s*:\s*([^{}]+?))?\s*,?\s*\}\s*=\s*$/.exec(file.text.slice(0, whole.start));
  if (taken === null) return edit(file, whole, inContext(form, `{ rows: ${rows} }`));
  return edit(file, { start: taken.index, end: whole.end }, `${taken[1] ?? 'rows'} = ${rows}`);
}

/** `const { data } = await …` takes the row itself. */
function replaceData({ file, whole }: LoopForm, lookup: string): Edit {
  const taken = /\{\s*data(?:\s*:\s*([\w$]+))?\s*,?\s*\}\s*=\s*$/.exec(file.text.slice(0, whole.start));
  return edit(file, { start: taken?.index ?? whole.start, end: whole.end }, `${taken?.[1] ?? 'data'} = ${lookup}`);
}

/** In brackets, unless the expression stands alone: assigned, returned, an argument, or in brackets already. */
function inContext(form: LoopForm, text: string): string {
  if (!text.includes(' ')) return text;
  const before = form.file.text.slice(0, form.whole.start).trimEnd();
  const after = form.file.text.slice(form.whole.end).trimStart();
  const opens = /([=(,[:]|=>|\breturn)$/.test(before) && !/[=!<>]==?$/.test(before.replace(/(?<![=!<>])=$/, ''));
  return opens && /^([;,)\]}\n]|$|[a-z}])/i.test(after) ? text : `(${text})`;
}
