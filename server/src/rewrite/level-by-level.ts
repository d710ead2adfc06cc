/**
 * A function that runs several queries for its key, and may call itself for each row that one of them gives, rewritten
 * for many keys: every query runs once for all keys, the call of itself once for all rows, so that a tree is read level
 * by level instead of node by node. What the original does between its queries is done per key, after them.
 *
 * Only where each awaited call stands alone in its statement, by the function's own key or by that of a row, and
 * depends on nothing that is computed per key.
 */
import type { FunctionInfo } from '../analysis/fact.ts';
import type { ProgramFacts } from '../analysis/program.ts';
import { type DatabaseOperation, isDatabaseOperation, isWrite } from '../analysis/protection.ts';
import { namesIn as patternNames } from '../analysis/repetition.ts';
import { placeOf } from '../analysis/trace.ts';
import type { Edit } from '../rule.ts';
import type {
  AwaitExpression,
  CallExpression,
  Expression,
  LoopStatement,
  SourceFile,
  Statement,
  VariableStatement,
} from '../typescript/syntax.ts';
import { isElementKey, type KeyScope, mentions } from './key-scope.ts';
import { freeName } from './row-index.ts';
import type { Replacement } from './sibling-text.ts';
import { childExpressions, partsOf, semicolonOf, textOf } from './source-edit.ts';

/** How one call is made for all keys. */
export interface BatchedCall {
  readonly lines: readonly string[];
  /** What it gives for the scope's key. */
  readonly lookup: string;
  readonly edits: readonly Edit[];
  readonly untyped: readonly string[];
  /** Name of the list of all rows, where it gives many per key. */
  readonly rows?: string;
}

/** Batches a query or call of the scope; given by the caller, which knows siblings. */
export type Batcher = (
  scope: KeyScope,
  query: DatabaseOperation,
  keys: string,
  taken: Set<string>,
) => BatchedCall | undefined;

export interface Levels {
  /** Before what is done per key. */
  readonly lines: readonly string[];
  /** In what is done per key. */
  readonly replaced: readonly Replacement[];
  readonly edits: readonly Edit[];
  readonly untyped: readonly string[];
  readonly callsItself: boolean;
  /** Names of lists of rows by the variable that holds a key's own. */
  readonly rows: ReadonlyMap<string, string>;
}

interface Walk {
  readonly info: FunctionInfo;
  readonly key: string;
  readonly keysName: string;
  readonly sibling: string;
  readonly taken: Set<string>;
  /** Names that hold something else for each key. */
  readonly locals: readonly string[];
  readonly queries: readonly DatabaseOperation[];
  readonly batch: Batcher;
  readonly lines: string[];
  readonly replaced: Replacement[];
  readonly edits: Edit[];
  readonly untyped: string[];
  /** Names of lists of rows by the variable that holds a key's own. */
  readonly rows: Map<string, string>;
  callsItself: boolean;
}

export function levelsOf(
  info: FunctionInfo,
  names: { key: string; keysName: string; sibling: string; taken: Set<string> },
  program: ProgramFacts,
  batch: Batcher,
): Levels | undefined {
  const { node } = info;
  const walk = node.body.at(-1)?.kind === 'return' ? walkOf(info, names, program, batch) : undefined;
  if (walk === undefined) return undefined;
  if (!node.body.every((statement) => step(walk, statement))) return undefined;
  // With one query and nothing else to do, the plain form is the better one.
  return walk.replaced.every(({ text }) => text === '') ? undefined : walk;
}

function walkOf(
  info: FunctionInfo,
  names: { key: string; keysName: string; sibling: string; taken: Set<string> },
  program: ProgramFacts,
  batch: Batcher,
): Walk | undefined {
  const { file, node } = info;
  const queries = program.factsOf(info.key)?.operations.filter(isDatabaseOperation);
  if (queries === undefined || queries.some((query) => isWrite(query))) return undefined;
  return {
    ...names,
    info,
    locals: file.variables.filter(({ fn, kind }) => fn === node.index && kind !== 'parameter').map(({ name }) => name),
    queries,
    batch,
    lines: [],
    replaced: [],
    edits: [],
    untyped: [],
    rows: new Map(),
    callsItself: false,
  };
}

/** What becomes of the original where it goes on being asked for one: its loops over the rows named ask the sibling. */
export function loopsBySibling(
  info: FunctionInfo,
  names: { key: string; keysName: string; sibling: string; taken: Set<string> },
  program: ProgramFacts,
  batch: Batcher,
  rows: Iterable<string>,
): readonly { loop: LoopStatement; lines: readonly string[]; replaced: readonly Replacement[] }[] | undefined {
  const own = new Map([...rows].map((name) => [name, name]));
  const made = info.node.body
    .filter((statement) => statement.kind === 'loop')
    .filter((loop) => /\bawait\b/.test(textOf(info.file, loop)))
    .map((loop) => {
      const walk = walkOf(info, names, program, batch);
      if (walk === undefined) return undefined;
      for (const [name, list] of own) walk.rows.set(name, list);
      return loopStep(walk, loop) ? { loop, lines: walk.lines, replaced: walk.replaced } : undefined;
    });
  const known = made.filter((one) => one !== undefined);
  return known.length === made.length ? known : undefined;
}

function step(walk: Walk, statement: Statement): boolean {
  const { file } = walk.info;
  const text = textOf(file, statement);
  if (!/\b(await|yield)\b/.test(text)) return true;
  if (statement.kind === 'loop') return loopStep(walk, statement);
  if (!/^(variable|expression|return)$/.test(statement.kind)) return false;
  const waits = waitsIn(statement);
  const [wait] = waits;
  if (wait === undefined || waits.length !== 1 || (text.match(/\bawait\b/g)?.length ?? 0) !== 1) return false;
  const call = wait.operand;
  // The same for every key: done once.
  if (
    statement.kind === 'variable' &&
    !mentions(text, [walk.key, ...walk.locals.filter((name) => !declares(statement, name, file))])
  ) {
    walk.lines.push(text);
    walk.replaced.push({ whole: statement, text: '' });
    return true;
  }
  if (call.kind !== 'call') return false;
  const batched = callStep(walk, call, wait, [walk.key], walk.keysName, walk.locals);
  if (batched === undefined) return false;
  const declared = statement.kind === 'variable' ? statement.declarations[0] : undefined;
  if (batched.rows !== undefined && declared?.pattern.kind === 'variable' && declared.initializer?.start === wait.start)
    walk.rows.set(file.variables[declared.pattern.variable]?.name ?? '', batched.rows);
  return true;
}

function declares(statement: VariableStatement, name: string, file: SourceFile): boolean {
  return statement.declarations.some(({ pattern }) => patternNames(pattern, file).includes(name));
}

/** `for (const child of children) { const found = await this.load(child.id); … }` over rows that a query gave. */
function loopStep(walk: Walk, loop: LoopStatement): boolean {
  const { file } = walk.info;
  if (loop.form !== 'for-of' || loop.iterable?.kind !== 'identifier' || loop.pattern === undefined) return false;
  const rows = walk.rows.get(loop.iterable.name);
  if (rows === undefined) return false;
  const names = patternNames(loop.pattern, file);
  const [element] = names;
  if (element === undefined || names.length !== 1) return false;
  const waits = loop.body.flatMap(waitsWithin);
  if (waits.length !== (textOf(file, loop).match(/\bawait\b/g)?.length ?? 0)) return false;
  const others = walk.locals.filter((name) => name !== element);
  return waits.every((wait) => {
    const call = wait.operand;
    if (call.kind !== 'call') return false;
    const isOwn = isSelf(walk, call);
    if (!isOwn) {
      const keys = (key: string): string => `${rows}.map((${element}) => ${key})`;
      return callStep(walk, call, wait, [element], keys, [...others, walk.key]) !== undefined;
    }
    const using = call.args.filter((arg) => mentions(textOf(file, arg), [element, walk.key, ...others]));
    const [arg] = using;
    const scope = scopeOf(walk, call, wait, [element], others);
    if (arg === undefined || using.length !== 1 || !isElementKey(scope, arg) || call.nameAt === undefined) return false;
    const found = freeName(['below', 'nextLevel'], walk.taken);
    const key = textOf(file, arg);
    const args = call.args.map((other) =>
      other === arg ? `${rows}.map((${element}) => ${key})` : textOf(file, other),
    );
    const receiver = file.text.slice(call.start, call.nameAt.start);
    walk.lines.push(`const ${found} = await ${receiver}${walk.sibling}(${args.join(', ')})${semicolonOf(file)}`);
    walk.replaced.push({ whole: wait, text: `${found}.get(${key})${file.language === 'typescript' ? '!' : ''}` });
    walk.callsItself = true;
    return true;
  });
}

function callStep(
  walk: Walk,
  call: CallExpression,
  wait: AwaitExpression,
  keyNames: readonly string[],
  keys: string | ((key: string) => string),
  locals: readonly string[],
): BatchedCall | undefined {
  const scope = scopeOf(walk, call, wait, keyNames, locals);
  const query = walk.queries.find((candidate) => {
    const place = placeOf(candidate);
    return place.path === walk.info.path && (place.start === call.nameAt?.start || place.start === call.start);
  });
  if (query === undefined) return undefined;
  const key = call.args.map((arg) => textOf(walk.info.file, arg)).find((text) => mentions(text, keyNames)) ?? '';
  const batched = walk.batch(scope, query, typeof keys === 'string' ? keys : keys(key), walk.taken);
  if (batched === undefined) return undefined;
  walk.lines.push(...batched.lines);
  walk.edits.push(...batched.edits);
  walk.untyped.push(...batched.untyped);
  const after = walk.info.file.text.slice(wait.end).trimStart();
  const isWhole = !batched.lookup.includes(' ') || /^[;,)\]}\n]|^$|^[a-z}]/i.test(after);
  walk.replaced.push({ whole: wait, text: isWhole ? batched.lookup : `(${batched.lookup})` });
  return batched;
}

function scopeOf(
  { info }: Walk,
  call: CallExpression,
  wait: AwaitExpression,
  keyNames: readonly string[],
  localNames: readonly string[],
): KeyScope {
  return { file: info.file, keyNames, localNames, call, whole: wait, end: info.node.end };
}

function isSelf({ info }: Walk, call: CallExpression): boolean {
  const { callee } = call;
  if (callee.kind === 'identifier') return callee.name === info.node.name && info.class === undefined;
  return callee.kind === 'member' && callee.object.kind === 'this' && callee.name === info.node.name;
}

/** Awaited expressions of a statement that run whenever it does. */
function waitsIn(statement: Statement): AwaitExpression[] {
  const found: AwaitExpression[] = [];
  const visit = (expression: Expression): void => {
    if (expression.kind === 'conditional' || expression.kind === 'logical') return;
    if (expression.kind === 'await') found.push(expression);
    childExpressions(expression).forEach(visit);
  };
  partsOf(statement).expressions.forEach(visit);
  return found;
}

/** Of a loop's body, branches included: for which rows they run does not change what is looked up. */
function waitsWithin(statement: Statement): AwaitExpression[] {
  if (statement.kind === 'loop' || statement.kind === 'try') return [];
  return [...waitsIn(statement), ...partsOf(statement).lists.flatMap((list) => list.flatMap(waitsWithin))];
}
