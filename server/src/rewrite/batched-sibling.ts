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
import type { CallExpression, FunctionNode, SourceFile, Span } from '../typescript/syntax.ts';
import { type BatchForm, batchForm } from './batch-query.ts';
import { type KeyArgument, type KeyParameter, keyArgument, keyParameter, scopeOfFunction } from './key-parameter.ts';
import { type KeyScope, mentions } from './key-scope.ts';
import { type Batcher, levelsOf, loopsBySibling } from './level-by-level.ts';
import { foundIn, freeName, type IndexNames, indexLines, indexNames, lookupOf, namesIn } from './row-index.ts';
import { type Body, bodyOf, isPlainFunction, leaves, parameterName } from './sibling-body.ts';
import {
  mapTypes,
  pairLines,
  placeOfFunction,
  type Replacement,
  relative,
  siblingComment,
  siblingName,
  siblingText,
} from './sibling-text.ts';
import {
  callAt,
  edit,
  functionAround,
  indentationAt,
  insert,
  insertBefore,
  layout,
  newlineOf,
  semicolonOf,
  textOf,
} from './source-edit.ts';

export interface Sibling {
  readonly name: string;
  /** Its first line. */
  readonly header: string;
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

/** `depth`: how many calls of the query's chain lie before the function. */
export function siblingOf(
  info: FunctionInfo,
  parameter: KeyParameter,
  query: DatabaseOperation,
  depth: number,
  program: ProgramFacts,
  nesting = depth,
): Sibling | undefined {
  const { file, node } = info;
  if (!isPlainFunction(node) || nesting > MOST_CALLS || node.parameters.some(({ rest }) => rest)) return undefined;
  const taken = namesIn(file, node).add(parameter.key).add(parameter.keys);
  const named = (name: string): Sibling | undefined => {
    const parts: Parts = { info, parameter, name, taken };
    const plain = parameter.mayLack ? undefined : plainSibling(parts, query, depth, program);
    return plain ?? levelSibling(parts, nesting, program);
  };
  const known = knownSibling(file, node.name);
  const same = known === undefined ? undefined : named(known);
  if (same !== undefined && tight(file.text).includes(tight(same.header))) return { ...same, edits: [] };
  return named(siblingName(node.name, file, parameter));
}

/** The name of one that an earlier fix has put beside the function. */
function knownSibling(file: SourceFile, name: string): string | undefined {
  const after = file.text.split(`${siblingComment(name)}`)[1];
  return after === undefined ? undefined : /^[^(={]*?([\w$]+)\s*[(=<]/.exec(after)?.[1];
}

/** Whatever a formatter has done to it. */
function tight(text: string): string {
  return text.replaceAll(/\s|,(?=\s*\))|[{;]\s*$/g, '');
}

/** What a sibling is made of. */
interface Parts {
  readonly info: FunctionInfo;
  readonly parameter: KeyParameter;
  readonly name: string;
  readonly taken: Set<string>;
}

/** For a function with one query. */
function plainSibling(
  parts: Parts,
  query: DatabaseOperation,
  depth: number,
  program: ProgramFacts,
): Sibling | undefined {
  const { info, parameter, name } = parts;
  const { file, node } = info;
  const taken = new Set(parts.taken);
  const site = query.chain[depth];
  const call = callAt(file, site === undefined ? query.span : site.at);
  if (call === undefined || functionAround(file, call)?.index !== node.index) return undefined;
  const body = bodyOf(node, call, file, parameter.name);
  if (body === undefined) return undefined;
  const mayThrow = body.handler !== undefined || body.rest.length > 0;
  const scope = scopeOfFunction(info, parameter, { call, whole: body.whole, mayThrow });
  const batched =
    site === undefined
      ? byQuery(scope, query, program, taken, parameter)
      : byCall(scope, query, depth, program, taken, parameter.keys);
  if (batched === undefined || mentionsArgument(batched, parameter)) return undefined;
  const types = mapTypes(node, file, parameter.type);
  const given = givesPromise(body, program)
    ? oneByOne(body, batched, file, parameter, types)
    : perKey(body, batched, file, parameter, types);
  if (given === undefined) return undefined;
  const text = siblingText(info, { name, parameter, pre: body.pre, lines: batched.lines, given });
  if (text === undefined) return undefined;
  const isPlain = body.rest.length === 0 && body.handler === undefined && body.prefix === undefined;
  return {
    name,
    header: text[1] ?? '',
    file,
    edits: [...batched.edits, besideOriginal(info, text)],
    fallback: isPlain && mayGiveNothing(node, batched, file) ? batched.fallback : undefined,
    values: batched.values,
    keys: parameter.keys,
    untyped: batched.untyped,
  };
}

/** Where the function's type promises a value, its callers take what it gives for one, and every key has an entry. */
function mayGiveNothing(node: FunctionNode, { fallback }: Batched, file: SourceFile): boolean {
  const types = mapTypes(node, file, 'unknown');
  return types === '' || fallback === '0' || fallback === '[]' || /\b(null|undefined)\b/.test(types);
}

/** Something else of it than the key goes into the query. */
export function mentionsArgument({ lines }: Batched, { name, shape }: KeyParameter): boolean {
  return shape !== undefined && mentions(lines.join('\n'), [name]);
}

/** For a function with several queries, or one that calls itself for each row: it then asks its sibling itself. */
function levelSibling(parts: Parts, depth: number, program: ProgramFacts): Sibling | undefined {
  const { info, parameter, name } = parts;
  const { key, keys: keysName } = parameter;
  const { file, node } = info;
  if (parameter.shape !== undefined) return undefined;
  const taken = new Set(parts.taken);
  const names = { key, keysName, sibling: name, taken };
  const lists = new Map<string, string>();
  const batch: Batcher = (scope, query, keys, used) => {
    if (query.chain.length === 0) {
      const own = byQuery(scope, query, program, used, { ...parameter, key: scope.keyNames[0] ?? key, keys }, lists);
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
  };
  const levels = levelsOf(info, names, program, batch);
  if (levels === undefined) return undefined;
  const end = semicolonOf(file);
  const declared = mapTypes(node, file, parameter.type);
  // What calls itself must say what it gives; of the original that is known where it goes on as it is.
  const own = info.class === undefined ? node.name : `this.${node.name}`;
  const types =
    declared === '' && parameter.mayLack && levels.callsItself && file.language === 'typescript'
      ? `<${parameter.type ?? 'unknown'}, Awaited<ReturnType<typeof ${own}>>>`
      : declared;
  const type = types === '' && file.language === 'typescript' ? `<${parameter.type ?? 'unknown'}, never>` : types;
  const lines = [
    ...(levels.callsItself ? [`if (${keysName}.length === 0) return new Map${type}()${end}`] : []),
    ...levels.lines,
  ];
  const given = [
    `return new Map${types}(${keysName}.map((${key}) => {`,
    ...withoutGap(pairLines(file, node.body, key, levels.replaced)).map((line) => (line === '' ? '' : `  ${line}`)),
    `}))${end}`,
  ];
  const text = siblingText(info, {
    name,
    parameter,
    pre: [],
    lines,
    given,
    ...(types === '' ? {} : { gives: `Promise<Map${types}>` }),
  });
  if (text === undefined) return undefined;
  const delegates = !levels.callsItself
    ? []
    : parameter.mayLack
      ? askedOnce(parts, program, batch, levels.rows.keys())
      : delegation(parts);
  if (delegates === undefined) return undefined;
  return {
    name,
    header: text[1] ?? '',
    file,
    edits: [...levels.edits, ...delegates, besideOriginal(info, text)],
    fallback: undefined,
    values: 'results',
    keys: keysName,
    untyped: levels.untyped,
  };
}

/** Without the empty lines that what is done once has left. */
function withoutGap(lines: readonly string[]): string[] {
  return lines.filter(
    (line, index) =>
      line.trim() !== '' ||
      (index > 0 && lines[index - 1]?.trim() !== '' && lines.slice(0, index).some((before) => before.trim() !== '')),
  );
}

/** The original looks one key up by its sibling: it must not walk the tree node by node itself. */
function delegation({ info, parameter: { index: keyIndex, key }, name }: Parts): Edit[] | undefined {
  const { file, node } = info;
  const first = node.body[0];
  const last = node.body.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const receiver = info.class === undefined ? '' : 'this.';
  const args = node.parameters.map((parameter, index) =>
    index === keyIndex ? `[${key}]` : parameterName(parameter, file),
  );
  if (args.includes(undefined) || node.parameters[keyIndex]?.pattern.kind !== 'variable') return undefined;
  const end = semicolonOf(file);
  const indent = indentationAt(file, first.start);
  const text = [
    `const found = await ${receiver}${name}(${args.join(', ')})${end}`,
    `${indent}return ${certain(`found.get(${key})`, file)}${end}`,
  ];
  return [edit(file, { start: first.start, end: last.end }, text.join(newlineOf(file)))];
}

/** The original goes on for whoever has no key, and asks its sibling for what is below. */
function askedOnce(
  { info, parameter: { key, keys }, name }: Parts,
  program: ProgramFacts,
  batch: Batcher,
  rows: Iterable<string>,
): Edit[] | undefined {
  const { file, node } = info;
  const names = { key, keysName: keys, sibling: name, taken: namesIn(file, node).add(keys) };
  return loopsBySibling(info, names, program, batch, rows)?.flatMap(({ loop, lines, replaced }) => [
    insertBefore(file, loop, lines),
    ...replaced.map(({ whole, text }) => edit(file, whole, text)),
  ]);
}

export function besideOriginal({ file, node }: FunctionInfo, text: readonly string[]): Edit {
  const { declaration } = placeOfFunction(node, file);
  const blank = `${newlineOf(file)}${newlineOf(file)}`;
  return insert(file, declaration.end, `${blank}${layout(file, indentationAt(file, declaration.start), text)}`);
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

export function byQuery(
  scope: KeyScope,
  query: DatabaseOperation,
  program: ProgramFacts,
  taken: Set<string>,
  { key, keys: keysName, shape, name }: KeyParameter,
  lists = new Map<string, string>(),
): Batched | undefined {
  const table = query.effect.table;
  const made = batchForm(scope, query, program);
  if (made === undefined || made.gives === 'result' || made.gives === 'tuple' || made.inData) return undefined;
  // Of an argument that only holds the key, nothing else can be one.
  const batch = shape === undefined ? made : { ...made, key: made.key === [name, ...shape.path].join('.') ? key : '' };
  if (batch.key === '') return undefined;
  const known = lists.get(batch.key);
  const names: IndexNames = indexNames(batch, table ?? 'row', taken, known);
  lists.set(batch.key, names.keys);
  const end = semicolonOf(scope.file);
  const own = batch.key === key;
  const keyLine =
    own || known !== undefined ? [] : [`const ${names.keys} = ${keysName}.map((${key}) => ${batch.key})${end}`];
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
  { key, keys: keysName, replaced }: KeyParameter,
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
    ...(batched.throws ? missing(body, batched, file, key, replaced) : []),
    ...pairLines(file, [statement, ...body.rest], key, [{ whole, text: bound }, ...replaced]),
  ];
  if (lines.some((line) => line === undefined)) return undefined;
  return [`return ${opening}{`, ...lines.map((line) => (line === '' ? '' : `  ${line}`)), `}))${end}`];
}

/** What the function returns may be a promise, which it leaves to its caller to wait for. */
function givesPromise({ statement, rest }: Body, program: ProgramFacts): boolean {
  const last = rest.at(-1) ?? statement;
  const value = rest.length > 0 && last.kind === 'return' ? last.value : undefined;
  const name = value?.kind === 'call' && value.callee.kind === 'member' ? value.callee.name : undefined;
  return (
    name !== undefined &&
    program.functions.some(({ fn }) => fn.node.name === name && fn.class !== undefined && fn.node.async)
  );
}

/** The same in a loop that waits for each. */
function oneByOne(
  body: Body,
  batched: Batched,
  file: SourceFile,
  { key, keys: keysName, replaced }: KeyParameter,
  types: string,
): string[] | undefined {
  const { statement, rest, whole } = body;
  const isSimple = body.handler === undefined && !batched.throws && types !== '' && !rest.slice(0, -1).some(leaves);
  if (!isSimple || statement.kind === 'return') return undefined;
  const end = semicolonOf(file);
  const lines = pairLines(file, [statement, ...rest], key, [{ whole, text: batched.lookup }, ...replaced]);
  const at = lines.findLastIndex((line) => line.startsWith(`return [${key}, `));
  const set = lines
    .slice(at)
    .join('\n')
    .replace(`return [${key}, `, `results.set(${key}, await `)
    .replace(/\];?$/, `)${end}`);
  return at < 0
    ? undefined
    : [
        `const results = new Map${types}()${end}`,
        `for (const ${key} of ${keysName}) {`,
        ...[...lines.slice(0, at), ...set.split('\n')].map((line) => (line === '' ? '' : `  ${line}`)),
        '}',
        `return results${end}`,
      ];
}

/** In brackets, where something is done with the awaited value at once. */
function found(batched: Batched, file: SourceFile, whole: Span): string {
  return /^\s*[.[]/.test(file.text.slice(whole.end)) ? `(${batched.found})` : batched.found;
}

/** What the handler does when the query throws, which it does for a missing row. */
function missing(
  body: Body,
  batched: Batched,
  file: SourceFile,
  key: string,
  replaced: readonly Replacement[],
): string[] {
  const handler = body.handler?.handler ?? [];
  return [`if (!${batched.found}) {`, ...pairLines(file, handler, key, replaced).map((line) => `  ${line}`), '}'];
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
  const argument = keyArgument(scope, call);
  if (argument === undefined) return undefined;
  if (
    call.args.some((other) => other.kind === 'spread-expression') ||
    call.isNew ||
    call.isTag ||
    call.nameAt === undefined
  )
    return undefined;
  // The receiver must be the same for all: a method of the element has no sibling for many.
  if (mentions(file.text.slice(call.start, call.nameAt.start), [...scope.keyNames, ...scope.localNames]))
    return undefined;
  const inner = program.info(query.chain[depth]?.fn ?? query.fn);
  const callee = query.chain[depth - 1];
  if (inner === undefined || callee === undefined || inner.node.name !== textOf(file, call.nameAt)) return undefined;
  if (nesting > MOST_CALLS) return undefined;
  const parameter = keyParameter(inner, argument, { file, call, table: query.effect.table }, program);
  const sibling = parameter === undefined ? undefined : siblingOf(inner, parameter, query, depth, program, nesting);
  if (parameter === undefined || sibling === undefined) return undefined;
  const imported = importEdits(file, call, sibling);
  return imported === undefined ? undefined : callOf(scope, argument, parameter, sibling, imported);
}

export function callOf(
  { file, call }: KeyScope,
  argument: KeyArgument,
  parameter: KeyParameter,
  sibling: Sibling,
  imported: readonly Edit[],
): SiblingCall {
  return {
    sibling,
    key: textOf(file, argument.key),
    call: (keys) => {
      const args = call.args.map((other, index) =>
        index === argument.index ? parameter.argument(keys) : textOf(file, other),
      );
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
