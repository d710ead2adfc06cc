/**
 * A project function that looks something up by one key, rewritten as a sibling for many keys: `findUserById(id)` gets
 * `findUsersByIds(ids)` beside it, which gives a `Map` from each key to what the original would have given for it.
 *
 * Only for functions that certainly stay the same that way: one query (or one call of such a function) that every
 * path to the end runs, nothing about the key before it, nothing awaited after it. What the original does with the
 * row, throwing included, the sibling does for each key.
 */
import type { FunctionInfo } from '../analysis/fact.ts';
import type { ProgramFacts } from '../analysis/program.ts';
import type { DatabaseOperation } from '../analysis/protection.ts';
import type { Edit } from '../rule.ts';
import type { CallExpression, FunctionNode, SourceFile, Span, Statement, TryStatement } from '../typescript/syntax.ts';
import { type BatchForm, batchForm, isElementKey, type KeyScope, mentions } from './batch-query.ts';
import { levelsOf } from './level-by-level.ts';
import {
  foundIn,
  freeName,
  type IndexNames,
  indexLines,
  indexNames,
  lookupOf,
  namesIn,
  pluralOf,
} from './row-index.ts';
import { keyType, mapTypes, pairLines, placeOfFunction, relative, siblingName, siblingText } from './sibling-text.ts';
import {
  callAt,
  edit,
  enclosingStatements,
  expressionsAround,
  functionAround,
  indentationAt,
  insert,
  layout,
  newlineOf,
  partsOf,
  semicolonOf,
  textOf,
} from './source-edit.ts';

export interface Sibling {
  readonly name: string;
  readonly file: SourceFile;
  readonly edits: readonly Edit[];
  /** Stands for what the map has no entry for; undefined where every key has one. */
  readonly fallback: 'null' | '[]' | '0' | 'undefined' | undefined;
  /** What the values are, `users`: for the name of the map. */
  readonly values: string;
  /** What the keys are, `ids`. */
  readonly keys: string;
  /** Names that stand for nothing where a client was not generated. */
  readonly untyped: readonly string[];
}

/** Functions in functions, each with a sibling of its own: more would be no fix that somebody reads. */
const MOST_CALLS = 3;

/** `keyIndex`: the parameter that takes the key. `depth`: how many calls of the query's chain lie before the function. */
export function siblingOf(
  info: FunctionInfo,
  keyIndex: number,
  query: DatabaseOperation,
  depth: number,
  program: ProgramFacts,
  nesting = depth,
): Sibling | undefined {
  const { file, node } = info;
  const parameter = node.parameters[keyIndex];
  const key = parameterName(node, keyIndex, file);
  if (parameter === undefined || key === undefined || !isPlainFunction(node) || nesting > MOST_CALLS) return undefined;
  if (node.parameters.some((_, index) => parameterName(node, index, file) === undefined)) return undefined;
  // Rows without a key are found by null, and by no list.
  if (/\?\s*:|\b(null|undefined)\b/.test(textOf(file, parameter))) return undefined;
  const taken = namesIn(file, node);
  const keysName = freeName([pluralOf(key), `${key}List`, `all${key[0]?.toUpperCase() ?? ''}${key.slice(1)}`], taken);
  const name = siblingName(node.name, file);
  const shape: Shape = { info, keyIndex, key, keysName, name, taken };
  return plainSibling(shape, query, depth, program) ?? levelSibling(shape, nesting, program);
}

/** What a sibling is made of. */
interface Shape {
  readonly info: FunctionInfo;
  readonly keyIndex: number;
  readonly key: string;
  readonly keysName: string;
  readonly name: string;
  readonly taken: Set<string>;
}

/** For a function with one query. */
function plainSibling(
  shape: Shape,
  query: DatabaseOperation,
  depth: number,
  program: ProgramFacts,
): Sibling | undefined {
  const { info, keyIndex, key, keysName, name } = shape;
  const { file, node } = info;
  const taken = new Set(shape.taken);
  const site = query.chain[depth];
  const call = callAt(file, site === undefined ? query.at : site.at);
  if (call === undefined || functionAround(file, call)?.index !== node.index) return undefined;
  const body = bodyOf(node, call, file, key);
  if (body === undefined) return undefined;
  const scope: KeyScope = {
    file,
    keyNames: [key],
    localNames: [],
    call,
    whole: body.whole,
    end: node.end,
    mayThrow: body.handler !== undefined || body.rest.length > 0,
  };
  const batched =
    site === undefined
      ? byQuery(scope, query, program, taken, key, keysName)
      : byCall(scope, query, depth, program, taken, keysName);
  if (batched === undefined) return undefined;
  const given = perKey(body, batched, file, key, keysName, mapTypes(node, file, keyIndex));
  if (given === undefined) return undefined;
  const text = siblingText(info, { name, keyIndex, keysName, pre: body.pre, lines: batched.lines, given });
  if (text === undefined) return undefined;
  const isPlain = body.rest.length === 0 && body.handler === undefined && body.prefix === undefined;
  return {
    name,
    file,
    edits: [...batched.edits, besideOriginal(info, text)],
    fallback: isPlain ? batched.fallback : undefined,
    values: batched.values,
    keys: keysName,
    untyped: batched.untyped,
  };
}

/** For a function with several queries, or one that calls itself for each row: it then asks its sibling itself. */
function levelSibling(shape: Shape, depth: number, program: ProgramFacts): Sibling | undefined {
  const { info, keyIndex, key, keysName, name } = shape;
  const { file, node } = info;
  const taken = new Set(shape.taken);
  const names = { key, keysName, sibling: name, taken };
  const levels = levelsOf(info, names, program, (scope, query, keys, used) => {
    if (query.chain.length === 0) {
      const own = byQuery(scope, query, program, used, scope.keyNames[0] ?? key, keys);
      // Rows of rows are queried through functions only: their keys are no list with a name.
      if (own === undefined || own.throws || keys !== keysName) return undefined;
      return { ...own, ...(own.fallback === '[]' ? { rows: own.values } : {}) };
    }
    const called = siblingCall(scope, query, 1, program, depth + 1);
    if (called === undefined) return undefined;
    const index = freeName([`${called.sibling.values}Found`], used);
    const found = `${index}.get(${called.key})`;
    const { fallback, untyped } = called.sibling;
    const own = keys === keysName && called.key !== key ? `${keysName}.map((${key}) => ${called.key})` : keys;
    return {
      lines: [`const ${index} = await ${called.call(own)}${semicolonOf(file)}`],
      lookup: foundOr(found, fallback, file),
      edits: called.edits,
      untyped,
    };
  });
  if (levels === undefined) return undefined;
  const end = semicolonOf(file);
  const types = mapTypes(node, file, keyIndex);
  const type = types === '' && file.language === 'typescript' ? `<${keyTypeOf(node, file, keyIndex)}, never>` : types;
  const lines = [
    ...(levels.callsItself ? [`if (${keysName}.length === 0) return new Map${type}()${end}`] : []),
    ...levels.lines,
  ];
  const given = [
    `return new Map${types}(${keysName}.map((${key}) => {`,
    ...pairLines(file, node.body, key, levels.replaced).map((line) => (line === '' ? '' : `  ${line}`)),
    `}))${end}`,
  ];
  const text = siblingText(info, {
    name,
    keyIndex,
    keysName,
    pre: [],
    lines,
    given,
    ...(types === '' ? {} : { gives: `Promise<Map${types}>` }),
  });
  if (text === undefined) return undefined;
  const delegates = levels.callsItself ? delegation(shape) : [];
  return {
    name,
    file,
    edits: [...levels.edits, ...delegates, besideOriginal(info, text)],
    fallback: undefined,
    values: 'results',
    keys: keysName,
    untyped: levels.untyped,
  };
}

function keyTypeOf(node: FunctionNode, file: SourceFile, keyIndex: number): string {
  const parameter = node.parameters[keyIndex];
  return (parameter === undefined ? undefined : keyType(file, parameter)) ?? 'unknown';
}

/** The original looks one key up by its sibling: it must not walk the tree node by node itself. */
function delegation({ info, keyIndex, key, name }: Shape): Edit[] {
  const { file, node } = info;
  const first = node.body[0];
  const last = node.body.at(-1);
  if (first === undefined || last === undefined) return [];
  const receiver = info.class === undefined ? '' : 'this.';
  const args = node.parameters.map((_, index) => (index === keyIndex ? `[${key}]` : parameterName(node, index, file)));
  const end = semicolonOf(file);
  const indent = indentationAt(file, first.start);
  const text = [
    `const found = await ${receiver}${name}(${args.join(', ')})${end}`,
    `${indent}return ${certain(`found.get(${key})`, file)}${end}`,
  ];
  return [edit(file, { start: first.start, end: last.end }, text.join(newlineOf(file)))];
}

function besideOriginal({ file, node }: FunctionInfo, text: readonly string[]): Edit {
  const { declaration } = placeOfFunction(node, file);
  const blank = `${newlineOf(file)}${newlineOf(file)}`;
  return insert(file, declaration.end, `${blank}${layout(file, indentationAt(file, declaration.start), text)}`);
}

// ---------------------------------------------------------------- the function taken apart

interface Body {
  /** Before the query, done once. */
  readonly pre: readonly Statement[];
  /** The statement with the query. */
  readonly statement: Statement;
  readonly rest: readonly Statement[];
  /** The awaited call, or the returned one. */
  readonly whole: Span;
  readonly handler?: TryStatement;
  /** The statement returns something made of the query's result, rather than the result. */
  readonly prefix?: true;
  readonly declared: readonly string[];
}

function bodyOf(node: FunctionNode, call: CallExpression, file: SourceFile, key: string): Body | undefined {
  const path = enclosingStatements(file, call);
  const inner = path[0];
  if (inner === undefined || !['return', 'variable', 'expression'].includes(inner.statement.kind)) return undefined;
  let list: readonly Statement[] = node.body;
  let handler: TryStatement | undefined;
  if (inner.siblings !== node.body) {
    const around = path[1]?.statement;
    if (around?.kind !== 'try' || path.length !== 2 || node.body.at(-1) !== around || around.finalizer !== undefined)
      return undefined;
    if (inner.siblings !== around.block || around.handler === undefined || around.block[0] !== inner.statement)
      return undefined;
    handler = around;
    list = around.block;
  }
  const pre = handler === undefined ? list.slice(0, list.indexOf(inner.statement)) : node.body.slice(0, -1);
  const rest = list.slice(list.indexOf(inner.statement) + 1);
  if (pre.some((statement) => mentions(textOf(file, statement), [key]) || leaves(statement))) return undefined;
  if (rest.some((statement) => /\b(await|yield)\b/.test(textOf(file, statement)))) return undefined;
  // A handler that looks at the error may tell a failed query from a missing row.
  if (handler !== undefined && handler.parameter !== undefined && usesParameter(file, handler)) return undefined;
  const around = expressionsAround(file, call);
  const outer = around.slice(around.findIndex(({ start, end }) => start === call.start && end === call.end) + 1);
  const wait = outer[0]?.kind === 'await' ? outer[0] : undefined;
  const isReturned = inner.statement.kind === 'return' && outer.length === (wait === undefined ? 0 : 1);
  if (wait === undefined && !isReturned) return undefined;
  if (
    outer.some(
      (expression) =>
        expression.kind === 'logical' ||
        expression.kind === 'conditional' ||
        (expression.kind === 'await' && expression !== wait),
    )
  )
    return undefined;
  return {
    pre,
    statement: inner.statement,
    rest,
    whole: wait ?? call,
    ...(handler === undefined ? {} : { handler }),
    ...(inner.statement.kind === 'return' && !isReturned ? { prefix: true as const } : {}),
    declared: [],
  };
}

function usesParameter(file: SourceFile, { parameter, handler = [] }: TryStatement): boolean {
  if (parameter?.kind !== 'variable') return true;
  const name = file.variables[parameter.variable]?.name ?? '';
  return handler.some((statement) => mentions(textOf(file, statement), [name]));
}

function leaves(statement: Statement): boolean {
  return ['return', 'throw'].includes(statement.kind) || partsOf(statement).lists.some((list) => list.some(leaves));
}

function isPlainFunction(node: FunctionNode): boolean {
  return /^(function|arrow|method)$/.test(node.kind) && !node.generator && node.name !== '' && node.hasBody;
}

function parameterName(node: FunctionNode, index: number, file: SourceFile): string | undefined {
  const parameter = node.parameters[index];
  if (parameter === undefined || parameter.rest || parameter.pattern.kind !== 'variable') return undefined;
  return file.variables[parameter.pattern.variable]?.name;
}

// ---------------------------------------------------------------- the query for all keys

interface Batched {
  readonly lines: readonly string[];
  /** What the query would have given for the key. */
  readonly lookup: string;
  /** The entry itself, undefined where there is none; for queries that throw then. */
  readonly found: string;
  readonly throws: boolean;
  readonly fallback: Sibling['fallback'];
  readonly values: string;
  readonly edits: readonly Edit[];
  readonly untyped: readonly string[];
}

function byQuery(
  scope: KeyScope,
  query: DatabaseOperation,
  program: ProgramFacts,
  taken: Set<string>,
  key: string,
  keysName: string,
): Batched | undefined {
  const table = query.effect.table;
  const entity = table === undefined ? undefined : program.entity(table);
  const declared = entity === undefined ? undefined : program.file(entity.path)?.text;
  const batch = batchForm(scope, query, entity, /\b(bigint|int8|numeric|decimal)\b/i.test(declared ?? ''));
  if (batch === undefined || batch.gives === 'result' || batch.gives === 'tuple') return undefined;
  const names: IndexNames = indexNames(batch, table ?? 'row', taken);
  const end = semicolonOf(scope.file);
  const own = batch.key === key;
  const keyLine = own ? [] : [`const ${names.keys} = ${keysName}.map((${key}) => ${batch.key})${end}`];
  const inner: IndexNames = own ? { ...names, keys: keysName } : names;
  const text = batch.batch(inner.keys).split(/\r?\n/);
  const base = indentationAt(scope.file, scope.call.start);
  const written = [text[0] ?? '', ...text.slice(1).map((line) => relative(scope.file, line, base))].join('\n');
  return {
    lines: [...keyLine, ...indexLines(scope.file, batch, inner, written).flatMap((line) => line.split('\n'))],
    lookup: lookupOf(inner, batch),
    found: foundIn(inner, batch),
    throws: batch.throws === true,
    fallback: fallbackOf(batch),
    values: names.rows,
    edits: batch.imports,
    untyped: [table ?? '', names.row],
  };
}

function fallbackOf({ gives, absent }: BatchForm): Sibling['fallback'] {
  switch (gives) {
    case 'one':
      return absent ?? 'null';
    case 'count':
      return '0';
    case 'many':
      return '[]';
    default:
      return undefined;
  }
}

/** The call of a function that looks the key up itself. */
function byCall(
  scope: KeyScope,
  query: DatabaseOperation,
  depth: number,
  program: ProgramFacts,
  taken: Set<string>,
  keysName: string,
): Batched | undefined {
  const called = siblingCall(scope, query, depth + 1, program);
  if (called === undefined || called.key !== scope.keyNames[0]) return undefined;
  const index = freeName([`${called.sibling.values}Found`], taken);
  const end = semicolonOf(scope.file);
  const found = `${index}.get(${called.key})`;
  const { fallback, values } = called.sibling;
  return {
    lines: [`const ${index} = await ${called.call(keysName)}${end}`],
    lookup: foundOr(found, fallback, scope.file),
    found,
    throws: false,
    fallback,
    values,
    edits: called.edits,
    untyped: called.sibling.untyped,
  };
}

/** What a sibling's map gives for a key. */
export function foundOr(found: string, fallback: Sibling['fallback'], file: SourceFile): string {
  if (fallback === undefined) return certain(found, file);
  return fallback === 'undefined' ? found : `${found} ?? ${fallback}`;
}

/** Every key has an entry: the compiler cannot know that. */
function certain(found: string, file: SourceFile): string {
  return file.language === 'typescript' ? `${found}!` : found;
}

// ---------------------------------------------------------------- what is done per key

/** The expression that gives the sibling's map. */
function perKey(
  body: Body,
  batched: Batched,
  file: SourceFile,
  key: string,
  keysName: string,
  types: string,
): string[] | undefined {
  const end = semicolonOf(file);
  const { statement, whole } = body;
  if (batched.throws && body.handler === undefined) return undefined;
  const opening = `new Map${types}(${keysName}.map((${key}) => `;
  const isPlain = statement.kind === 'return' && body.prefix === undefined && body.handler === undefined;
  if (isPlain && !batched.throws) return [`return ${opening}[${key}, ${batched.lookup}]))${end}`];
  const bound = batched.throws ? found(batched, file, whole) : batched.lookup;
  const lines = [
    ...(batched.throws ? missing(body, batched, file, key) : []),
    ...pairLines(file, [statement, ...body.rest], key, [{ whole, text: bound }]),
  ];
  if (lines.some((line) => line === undefined)) return undefined;
  return [`return ${opening}{`, ...lines.map((line) => (line === '' ? '' : `  ${line}`)), `}))${end}`];
}

/** In brackets, where something is done with the awaited value at once. */
function found(batched: Batched, file: SourceFile, whole: Span): string {
  return /^\s*[.[]/.test(file.text.slice(whole.end)) ? `(${batched.found})` : batched.found;
}

/** What the handler does when the query throws, which it does for a missing row. */
function missing(body: Body, batched: Batched, file: SourceFile, key: string): string[] {
  const handler = body.handler?.handler ?? [];
  return [`if (!${batched.found}) {`, ...pairLines(file, handler, key).map((line) => `  ${line}`), '}'];
}

// ---------------------------------------------------------------- the call of a sibling

export interface SiblingCall {
  readonly sibling: Sibling;
  /** The key as the caller has it. */
  readonly key: string;
  /** The call for all keys, without `await`. */
  readonly call: (keys: string) => string;
  /** The sibling, and its import where the caller imports the original. */
  readonly edits: readonly Edit[];
}

/** How the scope's call is made once for all its keys. `depth`: calls of the query's chain up to the callee. */
export function siblingCall(
  scope: KeyScope,
  query: DatabaseOperation,
  depth: number,
  program: ProgramFacts,
  nesting = depth,
): SiblingCall | undefined {
  const { file, call } = scope;
  const local = [...scope.keyNames, ...scope.localNames];
  const using = call.args.flatMap((arg, index) => (mentions(textOf(file, arg), local) ? [index] : []));
  const [keyIndex] = using;
  const arg = keyIndex === undefined ? undefined : call.args[keyIndex];
  if (keyIndex === undefined || arg === undefined || using.length !== 1 || !isElementKey(scope, arg)) return undefined;
  if (
    call.args.some((other) => other.kind === 'spread-expression') ||
    call.isNew ||
    call.isTag ||
    call.nameAt === undefined
  )
    return undefined;
  // The receiver must be the same for all: a method of the element has no sibling for many.
  if (mentions(file.text.slice(call.start, call.nameAt.start), local)) return undefined;
  const inner = program.info(query.chain[depth]?.fn ?? query.fn);
  const callee = query.chain[depth - 1];
  if (inner === undefined || callee === undefined || inner.node.name !== textOf(file, call.nameAt)) return undefined;
  if (nesting > MOST_CALLS) return undefined;
  const sibling = siblingOf(inner, keyIndex, query, depth, program, nesting);
  if (sibling === undefined) return undefined;
  const imported = importEdits(file, call, sibling);
  if (imported === undefined) return undefined;
  return {
    sibling,
    key: textOf(file, arg),
    call: (keys) => {
      const args = call.args.map((other, index) => (index === keyIndex ? keys : textOf(file, other)));
      return `${file.text.slice(call.start, call.nameAt?.start)}${sibling.name}(${args.join(', ')})`;
    },
    edits: [...sibling.edits, ...imported],
  };
}

/** `{ findUser }` of an import becomes `{ findUser, findUsersByIds }`. */
function importEdits(file: SourceFile, { callee }: CallExpression, sibling: Sibling): Edit[] | undefined {
  if (callee.kind === 'member') return [];
  if (callee.kind !== 'identifier' || callee.variable === undefined) return undefined;
  if (sibling.file === file) return [];
  const node = file.imports.find(({ bindings }) => bindings.some(({ variable }) => variable === callee.variable));
  const binding = node?.bindings.find(({ variable }) => variable === callee.variable);
  const at = file.variables[callee.variable]?.at;
  if (at === undefined || binding === undefined || binding.imported === 'default' || binding.imported === '*')
    return undefined;
  if (file.variables.some(({ name }) => name === sibling.name)) return undefined;
  return [edit(file, { start: at.end, end: at.end }, `, ${sibling.name}`)];
}
