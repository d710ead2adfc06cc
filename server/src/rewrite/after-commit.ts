/**
 * Moves an effect out of a transaction: behind the statement that commits it, with what it needs handed out of the
 * callback, or into the library's own hook for what comes after the commit. Refuses where the effect's result is used
 * inside, where it is given the transaction itself, and where a failed transaction would reach the new place.
 */
import type { Operation } from '../analysis/fact.ts';
import { isDatabaseOperation } from '../analysis/protection.ts';
import { placeOf } from '../analysis/trace.ts';
import type { TransactionEffect } from '../analysis/transaction-effect.ts';
import type { PlaceValue } from '../analysis/value.ts';
import type { Edit, Fix, RuleContext } from '../rule.ts';
import type { CallExpression, Expression, FunctionNode, SourceFile, Span, Statement } from '../typescript/syntax.ts';
import { isMentioned } from './mention.ts';
import { outboxInside } from './outbox.ts';
import {
  callAt,
  edit,
  enclosingStatements,
  ensureImport,
  freshName,
  functionAround,
  indentationAt,
  indentUnit,
  insert,
  insertAfter,
  isWithin,
  layout,
  linesOf,
  newlineOf,
  partsOf,
  type StatementPlace,
  semicolonOf,
  textOf,
} from './source-edit.ts';

export function afterCommit(evidence: TransactionEffect, { program }: RuleContext): readonly Fix[] {
  const at = placeOf(evidence.effect);
  const file = program.file(at.path);
  if (file === undefined) return [];
  const { kind, changes, removes } = evidence.outside;
  // What only asks, or clears a cache, is nothing to be sent later; what a file holds is nothing for a table.
  const isSent = changes && kind !== 'cache' && (kind !== 'file' || removes);
  const row = isSent ? outboxInside(file, evidence.effect, evidence.transaction) : undefined;
  const fixes = [hooked(file, evidence), moved(file, evidence), row];
  return fixes.filter((fix) => fix !== undefined);
}

/** The statement that has the effect and nothing else: no query, no way out, no name for what follows. */
function ownStatement(
  file: SourceFile,
  { fn, effect }: TransactionEffect,
  body: readonly Statement[],
): StatementPlace | undefined {
  const around = enclosingStatements(file, placeOf(effect));
  return around.find(
    (place) =>
      (body.length === 0 || place.siblings === body) &&
      (place.statement.kind === 'expression' || place.statement.kind === 'if') &&
      !leaves(place.statement) &&
      !assigns(place.statement) &&
      !fn.operations.some((other) => isDatabaseOperation(other) && isWithin(placeOf(other), place.statement)) &&
      !hasOtherEffects(fn.operations, effect, place.statement),
  );
}

/** An effect on others is moved alone: what else the statement does may be meant to be inside. */
function hasOtherEffects(operations: readonly Operation[], effect: Operation, statement: Span): boolean {
  return operations.some(
    ({ effect: { kind }, ...other }) =>
      (kind === 'transaction' || kind === 'lock') &&
      isWithin(other.chain[0]?.at ?? other.at, statement) &&
      (other.chain[0]?.at ?? other.at).start !== placeOf(effect).start,
  );
}

function leaves(statement: Statement): boolean {
  if (/^(return|throw|break|continue)$/.test(statement.kind)) return true;
  return partsOf(statement).lists.some((list) => list.some(leaves));
}

/** `sent = await send()`: the name is read inside. */
function assigns(statement: Statement): boolean {
  const parts = partsOf(statement);
  return parts.expressions.some((part) => part.kind === 'assign') || parts.lists.some((list) => list.some(assigns));
}

// ---------------------------------------------------------------- the library's hook

const SEQUELIZE = /^(sequelize|sequelize-typescript|@sequelize\/core)#/;

/** The local name it was taken out of the context by, or the way to it. */
function carriedClient(file: SourceFile, statement: Statement, carrier: PlaceValue): string | undefined {
  const name = carrier.path.at(-1) ?? '';
  const fn = functionAround(file, statement);
  if (file.variables.some((variable) => variable.name === name && variable.fn === fn?.index)) return name;
  const { root } = carrier;
  return root.kind === 'parameter' ? [root.name, ...carrier.path].join('.') : undefined;
}

/** `transaction.afterCommit(…)`, `runOnTransactionCommit(…)`: where the effect stands, whatever is around it. */
function hooked(file: SourceFile, evidence: TransactionEffect): Fix | undefined {
  const { context, carrier, writes } = evidence.transaction;
  const statement = ownStatement(file, evidence, [])?.statement;
  if (statement?.kind !== 'expression') return undefined;
  const edits: Edit[] = [];
  let hook: string | undefined;
  if (context === undefined) {
    const client =
      carrier === undefined || !SEQUELIZE.test(writes[0]?.model ?? '')
        ? undefined
        : carriedClient(file, statement, carrier);
    hook = client === undefined ? undefined : `${client}.afterCommit`;
  } else if (SEQUELIZE.test(context.model)) {
    const client = callbackAround(file, context.at, statement)?.client ?? unmanagedClient(file, context.at);
    hook = client === undefined ? undefined : `${client}.afterCommit`;
  } else if (/^typeorm-transactional#/.test(context.model)) {
    const imported = ensureImport(file, 'typeorm-transactional', 'runOnTransactionCommit', 'runOnTransactionCommit');
    edits.push(...imported.edits);
    hook = imported.name;
  }
  if (hook === undefined) return undefined;
  const end = semicolonOf(file);
  const deeper = newlineOf(file) + indentUnit(file);
  const body = plain(textOf(file, statement)).replaceAll(newlineOf(file), deeper);
  const lines = [`${hook}(async () => {`, `  ${body}`, `})${end}`];
  const indent = indentationAt(file, statement.start);
  return {
    id: 'after-commit-hook',
    title: 'Do it after the commit, in the hook that the library has for it',
    applicability: 'changes-behaviour',
    difference: 'It happens once the transaction is committed, and not at all when it is rolled back.',
    edits: [...edits, edit(file, statement, layout(file, indent, lines).slice(indent.length))],
  };
}

/** A statement of one line as it is; of several, its lines keep their own indentation. */
function plain(text: string): string {
  return text.replace(/^void /, 'await ');
}

/** `const t = await sequelize.transaction()`. */
function unmanagedClient(file: SourceFile, at: Span): string | undefined {
  const place = enclosingStatements(file, at)[0]?.statement;
  if (place?.kind !== 'variable') return undefined;
  const pattern = place.declarations[0]?.pattern;
  return pattern?.kind === 'variable' ? file.variables[pattern.variable]?.name : undefined;
}

// ---------------------------------------------------------------- behind the commit

function moved(file: SourceFile, evidence: TransactionEffect): Fix | undefined {
  const { context } = evidence.transaction;
  if (context === undefined || context.at.path !== file.path) return undefined;
  const callback = callbackAround(file, context.at, placeOf(evidence.effect));
  const edits = callback === undefined ? behindCommit(file, evidence) : hoisted(file, evidence, callback);
  return edits === undefined
    ? undefined
    : {
        id: 'after-commit',
        title: 'Move it behind the commit',
        applicability: 'changes-behaviour',
        difference: 'It happens once the transaction is committed; if it fails then, the rows stay.',
        edits,
        leaves: ['double-write/dual-write'],
      };
}

interface Callback {
  readonly call: CallExpression;
  readonly node: FunctionNode;
  /** Name of its first parameter. */
  readonly client: string | undefined;
}

/** The function that the call runs as its transaction, where the effect is inside its text. */
function callbackAround(file: SourceFile, opened: Span, inside: Span): Callback | undefined {
  const call = callAt(file, opened);
  for (const arg of call?.args ?? []) {
    const node = arg.kind === 'function' ? file.functions[arg.fn] : undefined;
    if (call === undefined || node === undefined || !isWithin(inside, node.bodySpan)) continue;
    const [first] = node.parameters;
    const client = first?.pattern.kind === 'variable' ? file.variables[first.pattern.variable]?.name : undefined;
    return { call, node, client };
  }
  return undefined;
}

/** How the call's value leaves the statement it stands in. */
interface Outer {
  readonly place: StatementPlace;
  readonly form: 'dropped' | 'named' | 'returned';
  readonly name: string | undefined;
  /** The call with its `await`. */
  readonly value: Expression;
}

function outerOf(file: SourceFile, call: CallExpression): Outer | undefined {
  const [place] = enclosingStatements(file, call);
  if (place === undefined) return undefined;
  const { statement } = place;
  const holds = (value: Expression | undefined): value is Expression =>
    value === call || (value?.kind === 'await' && value.operand === call);
  if (statement.kind === 'expression' && holds(statement.expression) && statement.expression.kind === 'await')
    return { place, form: 'dropped', name: undefined, value: statement.expression };
  if (statement.kind === 'return' && holds(statement.value))
    return { place, form: 'returned', name: undefined, value: statement.value };
  const [declaration, another] = statement.kind === 'variable' ? statement.declarations : [];
  if (declaration === undefined || another !== undefined || !holds(declaration.initializer)) return undefined;
  if (declaration.pattern.kind !== 'variable' || declaration.initializer.kind !== 'await') return undefined;
  const name = file.variables[declaration.pattern.variable]?.name;
  return name === undefined ? undefined : { place, form: 'named', name, value: declaration.initializer };
}

function hoisted(file: SourceFile, evidence: TransactionEffect, { call, node }: Callback): Edit[] | undefined {
  const place = ownStatement(file, evidence, node.body);
  const outer = outerOf(file, call);
  if (place === undefined || outer === undefined || !outer.place.fn.async) return undefined;
  const { statement } = place;
  const commented = withComments(file, statement);
  const text = textOf(file, statement);
  const used = namesUsed(file, text, node);
  if (used.some((name) => isParameter(file, node, name)) || functionAround(file, statement) !== node) return undefined;
  const handed = handedOut(file, node, used, outer, statement);
  if (handed === undefined) return undefined;
  const end = semicolonOf(file);
  const comments = file.text.slice(commented.start, statement.start);
  const lines = outdented(file, statement, comments + handed.rename(plain(text)));
  const edits: Edit[] = [
    ...handed.edits,
    ...(handed.replaces === true ? [] : [edit(file, linesOf(file, statement), '')]),
  ];
  if (outer.form !== 'returned') return [...edits, insertAfter(file, outer.place.statement, lines)];
  const name = handed.name ?? freshName(file, 'result');
  const awaited = outer.value.kind === 'await' ? '' : 'await ';
  return [
    ...edits,
    edit(file, { start: outer.place.statement.start, end: outer.value.start }, `const ${name} = ${awaited}`),
    insertAfter(file, outer.place.statement, [...lines, `return ${name}${end}`]),
  ];
}

/** Names that the callback declares, its parameters among them, which the text mentions. */
function namesUsed(file: SourceFile, text: string, node: FunctionNode): string[] {
  const own = file.variables.filter((variable) => variable.fn === node.index).map(({ name }) => name);
  // `{ body: … }` names a property.
  const values = text.replaceAll(/([{,]\s*)[\w$]+\s*:/g, '$1');
  return [...new Set(own)].filter((name) => isMentioned(values, name));
}

function isParameter(file: SourceFile, node: FunctionNode, name: string): boolean {
  return node.parameters.some(({ pattern }) =>
    textOf(file, pattern)
      .split(/[^\w$]+/)
      .includes(name),
  );
}

interface HandedOut {
  readonly edits: readonly Edit[];
  readonly rename: (text: string) => string;
  /** The name the result has behind the transaction, where the fix gives it one. */
  readonly name?: string;
  /** The statement is replaced in its place, not only taken away. */
  readonly replaces?: boolean;
}

/** What the text needs from inside comes out as the callback's result. */
function handedOut(
  file: SourceFile,
  node: FunctionNode,
  used: readonly string[],
  outer: Outer,
  statement: Statement,
): HandedOut | undefined {
  const same = (text: string): string => text;
  if (used.length === 0) return { edits: [], rename: same };
  const returns = returnsIn(node.body);
  const end = semicolonOf(file);
  const isTaken = (name: string): boolean =>
    file.variables.some((variable) => variable.name === name && variable.fn === outer.place.fn.index);
  if (returns.length === 0) {
    const last = node.body.at(-1);
    if (outer.form !== 'dropped' || last === undefined || used.some(isTaken)) return undefined;
    if (!used.every((name) => isDeclaredAtTop(file, node, name))) return undefined;
    const [only] = used;
    const list = used.length === 1 && only !== undefined ? only : `{ ${used.join(', ')} }`;
    const result = `return ${list}${end}`;
    // The last statement makes room for the result.
    const replaces = last === statement;
    return {
      edits: [
        replaces ? edit(file, withComments(file, statement), result) : insertAfter(file, last, [result]),
        insert(file, outer.value.start, `const ${list} = `),
      ],
      rename: same,
      replaces,
    };
  }
  // One result already comes out: it has to be the one.
  const [only, another] = returns;
  const value = only?.kind === 'return' ? only.value : undefined;
  if (another !== undefined || value?.kind !== 'identifier' || used.length !== 1 || used[0] !== value.name)
    return undefined;
  if (node.body.at(-1) !== only) return undefined;
  if (outer.form === 'named') {
    const rename = renamed(value.name, outer.name ?? value.name);
    return { edits: [], rename };
  }
  if (isTaken(value.name)) return undefined;
  return outer.form === 'returned'
    ? { edits: [], rename: same, name: value.name }
    : { edits: [insert(file, outer.value.start, `const ${value.name} = `)], rename: same };
}

/** The result under its outer name; `{ order }` keeps its key. */
function renamed(from: string, to: string): (text: string) => string {
  const name = from.replaceAll('$', '\\$');
  return (text) =>
    from === to
      ? text
      : text
          .replaceAll(new RegExp(`([{,]\\s*)${name}(?=\\s*[,}])`, 'g'), `$1${from}: ${to}`)
          .replaceAll(new RegExp(`(?<![\\w$.])${name}(?![\\w$]|\\s*:)`, 'g'), to);
}

function returnsIn(body: readonly Statement[]): Statement[] {
  return body.flatMap((statement) =>
    statement.kind === 'return' ? [statement] : partsOf(statement).lists.flatMap(returnsIn),
  );
}

function isDeclaredAtTop(file: SourceFile, node: FunctionNode, name: string): boolean {
  return node.body.some(
    (statement) =>
      statement.kind === 'variable' &&
      statement.declarations.some(({ pattern }) =>
        textOf(file, pattern)
          .split(/[^\w$]+/)
          .includes(name),
      ),
  );
}

/** With the lines of comment right above it. */
function withComments(file: SourceFile, statement: Span): Span {
  let start = statement.start;
  for (;;) {
    const line = file.text.lastIndexOf('\n', start - 1);
    const above = file.text.lastIndexOf('\n', line - 1) + 1;
    const text = line < 0 ? '' : file.text.slice(above, line).trim();
    if (!text.startsWith('//') || file.text.slice(line + 1, start).trim() !== '') break;
    start = above + file.text.slice(above, line).search(/\S/);
  }
  return { start, end: statement.end };
}

/** The statement's lines, one level further out than they stood. */
function outdented(file: SourceFile, statement: Span, text: string): string[] {
  const own = indentationAt(file, statement.start);
  return text
    .split(newlineOf(file))
    .map((line, index) => (index === 0 || !line.startsWith(own) ? line : asSpaces(file, line.slice(own.length))));
}

/** `layout` takes two spaces for a level. */
function asSpaces(file: SourceFile, line: string): string {
  const unit = /^\t/m.test(file.text) ? 1 : undefined;
  const lead = /^[ \t]*/.exec(line)?.[0] ?? '';
  const depth = unit === undefined ? Math.round(lead.length / indentWidth(file)) : lead.length;
  return `${'  '.repeat(depth)}${line.slice(lead.length)}`;
}

function indentWidth(file: SourceFile): number {
  let least = 8;
  for (const match of file.text.matchAll(/^( +)[^\s*]/gm)) {
    const width = match[1]?.length ?? 0;
    if (width > 1) least = Math.min(least, width);
  }
  return least;
}

// ---------------------------------------------------------------- BEGIN … COMMIT

const COMMITS = /^\s*(await\s+)?[\w.$]+\.(commit(Transaction)?\(\s*\)|query\(\s*['"`]commit;?['"`]\s*\))\s*;?\s*$/i;

const ROLLBACK = /\.query\(\s*['"`]rollback;?['"`]/i;

/** Behind the commit in the same list, or behind the `try` that ends with it. */
function behindCommit(file: SourceFile, evidence: TransactionEffect): Edit[] | undefined {
  const place = ownStatement(file, evidence, []);
  if (place === undefined) return undefined;
  const { statement, siblings, index, fn } = place;
  const commit = siblings.findIndex((other, position) => position > index && COMMITS.test(textOf(file, other)));
  const committed = siblings[commit];
  if (committed === undefined) return undefined;
  const holder = enclosingStatements(file, committed).find(
    (around) => around.statement.kind === 'try' && around.statement.block === siblings,
  )?.statement;
  const commented = withComments(file, statement);
  const lines = outdented(
    file,
    statement,
    file.text.slice(commented.start, statement.start) + plain(textOf(file, statement)),
  );
  const removal = edit(file, linesOf(file, commented), '');
  // Where the handler's rollback is a plain statement, it does nothing after the commit.
  const isHarmless =
    holder?.kind === 'try' && holder.handlerSpan !== undefined && ROLLBACK.test(textOf(file, holder.handlerSpan));
  if (holder?.kind !== 'try' || isHarmless) return [removal, insertAfter(file, committed, lines)];
  // A rollback after the commit is an error of its own: the effect leaves the `try`.
  const names = siblings.flatMap((other) =>
    other.kind === 'variable'
      ? other.declarations.flatMap(({ pattern }) => textOf(file, pattern).match(/[\w$]+/g) ?? [])
      : [],
  );
  const text = textOf(file, statement);
  if (names.some((name) => isMentioned(text, name))) return undefined;
  const after = siblings.slice(commit + 1);
  if (holder.handler === undefined || !endsAway(holder.handler) || after.length > 0 || !fn.async) return undefined;
  return [removal, insertAfter(file, holder, lines)];
}

function endsAway(list: readonly Statement[]): boolean {
  const last = list.at(-1);
  return last?.kind === 'throw' || last?.kind === 'return';
}
