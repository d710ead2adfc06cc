/**
 * One query before the loop and a lookup in it; for writes, one statement instead of the loop. Where the query lies in
 * a function of the project, that function gets a sibling for many keys. Only for bodies where that is certainly the
 * same: the key is the element's, and nothing in the loop changes the table that is read.
 */

import type { Operation } from '../../../analysis/fact.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { isDatabaseOperation, isWrite, sameTable } from '../../../analysis/protection.ts';
import { elementNames, loopSyntax } from '../../../analysis/repetition.ts';
import { placeOf } from '../../../analysis/trace.ts';
import { batchForm, mentions } from '../../../rewrite/batch-query.ts';
import { foundOr, siblingCall, siblingOf } from '../../../rewrite/batched-sibling.ts';
import { foundIn, freeName, indexLines, indexNames, lookupOf, namesIn, plainName } from '../../../rewrite/row-index.ts';
import {
  callAt,
  edit,
  indentationAt,
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
import { type LoopForm, loopForm, outdented, wrappedForm } from './loop-form.ts';
import type { QueryInLoop } from './rule.ts';
import { batchWrite } from './write-form.ts';

export function queryOnce(evidence: QueryInLoop, { program }: RuleContext): readonly Fix[] {
  const { query, loop, recursion, queries, others } = evidence;
  const itself = recursion ?? callOfItself(evidence);
  if (itself !== undefined) return walkByLevel({ ...evidence, recursion: itself }, program);
  if (isWrite(query)) {
    if (queries.length !== 1 || others.length > 0 || query.chain.length > 0 || loop.concurrency === 'limited')
      return [];
    const form = loopForm(loopSyntax(loop, program), query.at) ?? wrappedForm(loopSyntax(loop, program), query.at);
    if (form === undefined) return [];
    return batchWrite(form, query, evidence.fn, program);
  }
  const file = program.file(loop.at.path);
  if (file === undefined) return [];
  // All of them at once where that is possible, else the one that the finding is about.
  for (const calls of others.length > 0 ? [[evidence, ...others], [evidence]] : [[evidence]]) {
    const names: Names = { taken: namesIn(file), keys: new Map() };
    const plans = calls.map((call) => planFor(call, evidence, program, names));
    const known = plans.filter((plan) => plan !== undefined);
    if (known.length === plans.length && known.length > 0) return [together(known)];
  }
  return [];
}

/** The loop also goes down a tree: one query fewer in each round would still be one per node. */
function callOfItself({ fn, loop }: QueryInLoop): Operation | undefined {
  return fn.operations.find(
    ({ effect, chain, loops }) =>
      effect.kind === 'recursion' &&
      effect.callee === fn.fn.key &&
      chain.length === 0 &&
      loops.some(({ id }) => id === loop.id),
  );
}

/** A function that queries and calls itself for each row: its sibling for many keys reads the tree level by level. */
function walkByLevel({ fn, query, loop, recursion }: QueryInLoop, program: ProgramFacts): Fix[] {
  const syntax = loopSyntax(loop, program);
  const call = recursion === undefined || syntax === undefined ? undefined : callAt(syntax.file, placeOf(recursion));
  if (syntax === undefined || call === undefined) return [];
  const names = elementNames(syntax);
  const keyIndex = call.args.findIndex((arg) => mentions(textOf(syntax.file, arg), names));
  const sibling = keyIndex < 0 ? undefined : siblingOf(fn.fn, keyIndex, query, 0, program);
  if (sibling === undefined) return [];
  return [
    {
      id: 'query-by-level',
      title: `Read the tree level by level through '${sibling.name}'`,
      applicability: 'changes-behaviour',
      difference: 'All rows of a level are read in one query; a failure comes before any of them is handled.',
      untyped: sibling.untyped,
      edits: distinct(sibling.edits),
    },
  ];
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
  /** Names that stand for nothing where the client was not generated. */
  readonly untyped: readonly string[];
}

function planFor(call: QueriesOfCall, evidence: QueryInLoop, program: ProgramFacts, names: Names): Plan | undefined {
  const { query, loop, queries } = call;
  const isChange: boolean = isWrite(query);
  if (isChange || (query.chain.length === 0 && queries.length !== 1)) return undefined;
  if (changesTable(call, evidence, program)) return undefined;
  const form = loopForm(loopSyntax(loop, program), placeOf(query));
  if (form === undefined) return undefined;
  return query.chain.length > 0 ? throughSibling(form, call, program, names) : directly(form, call, program, names);
}

function changesTable({ query }: QueriesOfCall, { fn, loop }: QueryInLoop, program: ProgramFacts): boolean {
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
  const before = plans.flatMap(({ lines }) => lines).map((line) => `${line}${newlineOf(file)}`);
  const text = before.join('').slice(indent.length) + indent;
  const tables = [...new Set(plans.map(({ table }) => plainName(table)))];
  const sibling = plans.find(({ throughFunction }) => throughFunction !== undefined)?.throughFunction;
  return {
    id: sibling === undefined ? 'query-once' : 'query-through-sibling',
    title:
      sibling === undefined
        ? `Query all ${tables.join(', ')} before the loop`
        : `Add '${sibling}' for many at once and call it before the loop`,
    applicability: 'changes-behaviour',
    difference:
      'All rows are read in one query before the first element is handled; a failure comes before any of them.',
    untyped: plans.flatMap(({ untyped }) => untyped),
    edits: distinct([...plans.flatMap(({ edits }) => edits), insert(file, statement.start, text)]),
  };
}

/** Two queries may need the same import. */
function distinct(edits: readonly Edit[]): Edit[] {
  const seen = new Set<string>();
  return edits.filter((one) => {
    const key = `${one.path}|${one.start}|${one.end}|${one.text}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

// ---------------------------------------------------------------- the loop's own query

function directly(form: LoopForm, call: QueriesOfCall, program: ProgramFacts, given: Names): Plan | undefined {
  const { query } = call;
  const table = query.effect.table ?? 'row';
  const entity = query.effect.table === undefined ? undefined : program.entity(query.effect.table);
  const declared = entity === undefined ? undefined : program.file(entity.path)?.text;
  const batch = batchForm(form, query, entity, /\b(bigint|int8|numeric|decimal)\b/i.test(declared ?? ''));
  if (batch === undefined) return undefined;
  const { file } = form;
  const key = keyInList(form, batch.key).text;
  const known = given.keys.get(key);
  const names = indexNames(batch, table, given.taken, known);
  given.keys.set(key, names.keys);
  const indent = indentationAt(file, form.statement.start);
  const [query1 = '', ...index] = indexLines(file, batch, names, outdented(form, batch.batch(names.keys)));
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
  if (leavesEarly(form.body) && called.edits.some(({ text }) => /\bthrow\b/.test(text))) return undefined;
  const { file } = form;
  const { sibling, key } = called;
  const end = semicolonOf(file);
  const indent = indentationAt(file, form.statement.start);
  const inList = keyInList(form, key).text;
  const known = names.keys.get(inList);
  const keys = known ?? freeName([sibling.keys], names.taken);
  names.keys.set(inList, keys);
  const word = /[\w$]+$/.exec(key)?.[0] ?? 'key';
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
  };
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
  const present = mayLack ? '.filter((key) => key != null)' : '';
  if (form.elementName !== undefined && form.elementName === key) {
    return [`const ${keys} = [...${form.list}]${present}${end}`];
  }
  const over = loop.over;
  const source = over?.kind === 'result' ? over.operation : undefined;
  if (source === undefined ? form.kind === 'map' : source.basis === 'type') {
    return [`const ${keys} = ${form.list}.map((${form.element}) => ${text})${present}${end}`];
  }
  if (source !== undefined && form.file.language === 'typescript' && present === '') {
    return [`const ${keys} = []${end}`, `for (const ${form.element} of ${form.list}) ${keys}.push(${text})${end}`];
  }
  return [`const ${keys} = Array.from(${form.list}, (${form.element}) => ${text})${present}${end}`];
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

/** In brackets, unless the expression stands alone: assigned, returned, an argument, or in brackets already. */
function inContext(form: LoopForm, text: string): string {
  if (!text.includes(' ')) return text;
  const before = form.file.text.slice(0, form.whole.start).trimEnd();
  const after = form.file.text.slice(form.whole.end).trimStart();
  const opens = /([=(,[:]|=>|\breturn)$/.test(before) && !/[=!<>]==?$/.test(before.replace(/(?<![=!<>])=$/, ''));
  return opens && /^([;,)\]}\n]|$|[a-z}])/i.test(after) ? text : `(${text})`;
}
