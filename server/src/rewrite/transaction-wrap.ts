/**
 * Puts the statements from one write to another into a transaction, in the idiom of the library they go through, with
 * everything they send passed through it. Refuses where a statement in between could not be brought inside, where
 * something would wait inside that is no query, and where the way out of the middle could not be kept.
 */
import type { FunctionFacts, Operation } from '../analysis/fact.ts';
import type { ProgramFacts } from '../analysis/program.ts';
import { isDatabaseOperation } from '../analysis/protection.ts';
import { placeOf } from '../analysis/trace.ts';
import { rootsOf } from '../analysis/value.ts';
import type { Edit, Fix } from '../rule.ts';
import type { Expression, SourceFile, Span, Statement } from '../typescript/syntax.ts';
import { importOfClient } from './client-import.ts';
import { deeper, givesValue } from './in-transaction.ts';
import { isMentioned } from './mention.ts';
import { defaultClient, giveParameter } from './new-parameter.ts';
import { oneByOne } from './one-by-one.ts';
import {
  callAt,
  childExpressions,
  distinct,
  edit,
  enclosingStatements,
  freshName,
  indentationAt,
  indentUnit,
  insert,
  isWithin,
  newlineOf,
  partsOf,
  quoteOf,
  type StatementPlace,
  semicolonOf,
  textOf,
} from './source-edit.ts';
import { formOf, ownUse, type TransactionUse } from './transaction-use.ts';

const UNDONE = 'When one of them fails, the others are undone; rows stay locked until all are done';

/** A helper that is given no client finds one by itself. */
const UNSAID = '';

export function wrapInTransaction(
  fn: FunctionFacts,
  writes: readonly Operation[],
  program: ProgramFacts,
  /** What the transaction begins with: `client.` and this, awaited. */
  prelude?: string,
): Fix[] {
  const [first] = writes;
  const at = first === undefined ? undefined : placeOf(first);
  const file = at === undefined ? undefined : program.file(at.path);
  const region = file === undefined ? undefined : regionOf(file, writes);
  if (file === undefined || region === undefined) return [];
  const uses = usesIn(file, fn, region, program);
  const said = uses?.filter(({ client }) => client !== UNSAID);
  // A model or a repository of one query stands back behind the client that others have in common.
  const opening = said?.find(({ isOwn }) => !isOwn) ?? said?.[0];
  if (uses === undefined || opening === undefined) return [];
  const isOther = ({ form, client, isOwn }: TransactionUse): boolean =>
    form !== opening.form || (!isOwn && client !== UNSAID && client !== opening.client);
  if (uses.some(isOther)) return [];
  const name = freeName(file, region, opening.form.name);
  const around =
    opening.form.open === undefined
      ? connected(file, region, opening, name, prelude)
      : prelude === undefined
        ? callback(file, region, opening, name)
        : undefined;
  if (around === undefined) return [];
  const holdsQuery = (statement: Statement): boolean =>
    fn.operations.some((operation) => isDatabaseOperation(operation) && isWithin(placeOf(operation), statement));
  const loops = region.statements.filter(holdsQuery).map((statement) => oneByOne(file, statement));
  const placed = loops.flatMap((loop) => loop.placed);
  const differences = [
    UNDONE,
    ...(placed.length > 0 ? ['what ran at once runs one by one'] : []),
    ...(opening.form.needs === undefined ? [] : [opening.form.needs]),
  ];
  // A client that was never generated says nothing of what it hands to the callback.
  const isUntyped = writes.some(({ basis }) => basis === 'shape');
  return [
    {
      id: 'wrap-transaction',
      title: 'Do both in one transaction',
      applicability: 'changes-behaviour',
      difference: `${differences.join('; ')}.`,
      edits: distinct([
        ...uses.flatMap(({ imports = [] }) => imports),
        ...around.filter(
          ({ start, end }) => start !== end || !placed.some((span) => span.start < start && end < span.end),
        ),
        ...loops.flatMap((loop) => loop.edits),
        ...uses.flatMap((use) => deeper(file, region, use.inside(name))),
      ]),
      ...(isUntyped ? { untyped: [name] } : {}),
    },
  ];
}

/** Not used in the function around: a name of another function's is free here. */
function freeName(file: SourceFile, region: Region, base: string): string {
  const text = textOf(file, region.around);
  return new RegExp(`(?<![.\\w$-])${base}\\b`).test(text) ? freshName(file, base) : base;
}

// ---------------------------------------------------------------- what goes inside

interface Region extends Span {
  readonly statements: readonly Statement[];
  /** What follows in the same list. */
  readonly rest: readonly Statement[];
  /** The function's own list, so that the region may run to its end. */
  readonly isBody: boolean;
  /** The whole function. */
  readonly around: Span;
}

/** The statements of one list from the first write to the last. */
function regionOf(file: SourceFile, writes: readonly Operation[]): Region | undefined {
  const chains = writes.map((write) => statementsAround(file, placeOf(write)));
  const [first] = chains;
  for (const candidate of first ?? []) {
    const indexes = chains.map((chain) => chain.find(({ siblings }) => siblings === candidate.siblings)?.index);
    if (indexes.some((index) => index === undefined)) continue;
    const known = indexes.filter((index) => index !== undefined);
    const from = Math.min(...known);
    const to = Math.max(...known);
    const statements = candidate.siblings.slice(from, to + 1);
    const start = statements[0]?.start;
    const end = statements.at(-1)?.end;
    if (start === undefined || end === undefined || !candidate.fn.async || statements.length === 0) return undefined;
    // One statement holds both: there is nothing to tell apart.
    if (from === to) return undefined;
    const isBody = candidate.siblings === candidate.fn.body;
    return { start, end, statements, rest: candidate.siblings.slice(to + 1), isBody, around: candidate.fn };
  }
  return undefined;
}

/** Also outside a callback that becomes the body of a loop. */
function statementsAround(file: SourceFile, at: Span): StatementPlace[] {
  const own = enclosingStatements(file, at);
  const [inner] = own;
  const outer = inner === undefined ? [] : enclosingStatements(file, inner.fn);
  const [around] = outer;
  return around !== undefined && oneByOne(file, around.statement).edits.length > 0 ? [...own, ...outer] : own;
}

/** How each query in the region goes through its client; undefined when one of them could not follow. */
function usesIn(
  file: SourceFile,
  fn: FunctionFacts,
  region: Region,
  program: ProgramFacts,
): TransactionUse[] | undefined {
  const uses = new Map<number, TransactionUse>();
  for (const operation of fn.operations) {
    const at = placeOf(operation);
    if (at.path !== file.path || at.start < region.start || at.end > region.end) continue;
    if (/^(request|publish|lock|transaction|wait)$/.test(operation.effect.kind)) return undefined;
    if (operation.effect.kind === 'parameter-call') return undefined;
    if (!isDatabaseOperation(operation)) continue;
    const known = uses.get(at.start);
    if (known !== undefined) continue;
    const use = operation.chain.length === 0 ? ownUse(file, operation) : helperUse(file, operation, program);
    if (use === undefined) return undefined;
    uses.set(at.start, use);
  }
  return [...uses.values()];
}

// ---------------------------------------------------------------- helpers that take the executor

/** The helper's parameter that its query goes through: it is given the transaction. */
function helperUse(file: SourceFile, operation: Operation, program: ProgramFacts): TransactionUse | undefined {
  const [site, deeper] = operation.chain;
  const call = site === undefined ? undefined : callAt(file, site.at);
  const callee = deeper?.fn ?? operation.fn;
  const facts = program.factsOf(callee);
  const own = facts?.operations.filter(isDatabaseOperation) ?? [];
  if (call?.argsSpan === undefined || facts === undefined || own.length === 0) return undefined;
  const indexes = new Set(
    own.map(({ executor }) => {
      const root =
        executor === undefined
          ? undefined
          : rootsOf(executor).find((part) => part.kind === 'parameter' && part.fn === callee);
      return root?.kind === 'parameter' ? root.index : undefined;
    }),
  );
  const [index] = indexes;
  if (indexes.size !== 1 || index === undefined)
    return indexes.size === 1 ? newParameterUse(file, operation, facts, program) : undefined;
  const given = call.args[index];
  const form = formOf(operation);
  const client = given === undefined ? (rootClient(operation) ?? unsaid(operation)) : textOf(file, given);
  if (form === undefined || client === undefined) return undefined;
  if (given !== undefined) return { form, client, isOwn: false, inside: (name) => [edit(file, given, name)] };
  if (call.args.length !== index) return undefined;
  const last = call.args.at(-1);
  const at = last?.end ?? call.argsSpan.start;
  return {
    form,
    client,
    isOwn: false,
    inside: (name) => [insert(file, at, `${last === undefined ? '' : ', '}${name}`)],
  };
}

/** A helper that always goes through the root client gets a parameter for another one. */
function newParameterUse(
  file: SourceFile,
  operation: Operation,
  callee: FunctionFacts,
  program: ProgramFacts,
): TransactionUse | undefined {
  const form = formOf(operation);
  const client = defaultClient(callee, program);
  if (form?.open === undefined || client === undefined) return undefined;
  const imports = importOfClient(file, client.file, client.text);
  if (imports === undefined || giveParameter(file, { operation, depth: 0 }, callee, form.name, program) === undefined)
    return undefined;
  return {
    form,
    client: client.text,
    isOwn: false,
    inside: (name) => giveParameter(file, { operation, depth: 0 }, callee, name, program) ?? [],
    imports,
  };
}

/** The parameter is left out: `tx?: Transaction`. */
function unsaid({ executor }: Operation): string | undefined {
  return executor?.kind === 'constant' && executor.value === undefined ? UNSAID : undefined;
}

/** The client a helper falls back on, when it is one the caller can name as well. */
function rootClient({ executor }: Operation): string | undefined {
  const [root] = executor === undefined ? [] : rootsOf(executor);
  if (root?.kind === 'import' || root?.kind === 'module') return root.name;
  if (root?.kind !== 'this' || executor?.kind !== 'place') return undefined;
  return `this.${executor.path[0] ?? ''}`;
}

// ---------------------------------------------------------------- writing it

/** Names declared in the region that something behind it uses. */
function usedLater(file: SourceFile, region: Region): string[] | undefined {
  const names: string[] = [];
  for (const statement of region.statements) {
    if (statement.kind !== 'variable') continue;
    for (const { pattern } of statement.declarations) {
      const declared = file.variables.flatMap((variable, index) =>
        variable.at.start >= pattern.start && variable.at.end <= pattern.end ? [index] : [],
      );
      for (const index of declared) {
        if (!region.rest.some((later) => mentions(file, later, index))) continue;
        const variable = file.variables[index];
        if (variable === undefined || variable.reassigned) return undefined;
        names.push(variable.name);
      }
    }
  }
  return names;
}

/** Also inside closures: by the name, which errs towards handing it out. */
function mentions(file: SourceFile, statement: Statement, index: number): boolean {
  const name = file.variables[index]?.name ?? '';
  return isMentioned(textOf(file, statement), name);
}

function leaves(statement: Statement): boolean {
  if (/^(return|break|continue)$/.test(statement.kind)) return true;
  return partsOf(statement).lists.some((list) => list.some(leaves));
}

function callback(file: SourceFile, region: Region, use: TransactionUse, name: string): Edit[] | undefined {
  const open = use.form.open?.(use.client, name);
  const last = region.statements.at(-1);
  if (open === undefined || last === undefined) return undefined;
  const isWhole = region.isBody && region.rest.length === 0;
  const hasExit = region.statements.some(leaves);
  const names = usedLater(file, region);
  if ((hasExit && !isWhole) || names === undefined) return undefined;
  if (use.form.givesNothing === true && (names.length > 0 || givesValue(region.statements))) return undefined;
  const set = assignsOuter(file, region) ? setOnly(file, region) : undefined;
  if (assignsOuter(file, region) && (set === undefined || names.length > 0 || hasExit)) return undefined;
  if (set !== undefined && use.form.givesNothing === true) return undefined;
  const indent = indentationAt(file, region.start);
  const end = semicolonOf(file);
  const newline = newlineOf(file);
  const unit = indentUnit(file);
  const [only, another] = names;
  const result = set?.name ?? (another === undefined ? only : `{ ${names.join(', ')} }`);
  const before = hasExit
    ? 'return '
    : result === undefined
      ? 'await '
      : `${set === undefined ? 'const ' : ''}${result} = await `;
  const after = hasExit || result === undefined ? '' : `${newline}${indent}${unit}return ${result}${end}`;
  const inner = indented(file, region);
  return inner === undefined
    ? undefined
    : [
        insert(file, region.start, `${before}${open}${newline}${indent}${unit}`),
        ...(set === undefined ? [] : [insert(file, set.at, 'const ')]),
        ...inner,
        insert(file, region.end, `${after}${newline}${indent}${use.form.close ?? '})'}${end}`),
      ];
}

/** `const client = await pool.connect(); try { BEGIN … COMMIT } catch { ROLLBACK } finally { release }`. */
function connected(
  file: SourceFile,
  region: Region,
  use: TransactionUse,
  name: string,
  prelude: string | undefined,
): Edit[] | undefined {
  const { connection } = use.form;
  if (connection === undefined || assignsOuter(file, region)) return undefined;
  const names = usedLater(file, region);
  const [result] = region.rest;
  // What is handed back is handed back from inside.
  const isHandedBack = names !== undefined && names.length > 0;
  const isPlain = region.rest.length === 1 && result?.kind === 'return' && !waits(result);
  if (names === undefined || (isHandedBack && !isPlain) || region.statements.some(leaves)) return undefined;
  const inside: Span = isHandedBack && result !== undefined ? { start: region.start, end: result.end } : region;
  const quote = quoteOf(file);
  const end = semicolonOf(file);
  const newline = newlineOf(file);
  const unit = indentUnit(file);
  const indent = indentationAt(file, region.start);
  const line = (text: string, depth: number): string => `${newline}${indent}${unit.repeat(depth)}${text}`;
  const step = (text: string): string => `await ${name}.${text.replaceAll('#', quote)}${end}`;
  const error = freeName(file, region, 'error');
  const inner = indented(file, inside);
  if (inner === undefined) return undefined;
  const closing =
    `${line(`} catch (${error}) {`, 0)}${line(step(connection.rollback), 1)}${line(`throw ${error}${end}`, 1)}` +
    `${line('} finally {', 0)}${line(`${name}.release()${end}`, 1)}${line('}', 0)}`;
  return [
    insert(
      file,
      region.start,
      `const ${name} = await ${use.client}.${connection.connect}${end}${line('try {', 0)}${line(step(connection.begin), 1)}${prelude === undefined ? '' : line(`await ${name}.${prelude}${end}`, 1)}${newline}${indent}${unit}`,
    ),
    ...inner,
    insert(file, region.end, line(step(connection.commit), 1)),
    insert(file, inside.end, closing),
  ];
}

function waits(statement: Statement): boolean {
  const isWait = (expression: Expression): boolean =>
    /^(await|call)$/.test(expression.kind) || childExpressions(expression).some(isWait);
  return partsOf(statement).expressions.some(isWait);
}

/** An outer `let` that the region sets would be set although the transaction was rolled back. */
function assignsOuter(file: SourceFile, region: Region): boolean {
  const assigns = (expression: Expression): boolean => {
    if (expression.kind === 'assign') {
      const { target } = expression;
      const index =
        target.kind === 'identifier' ? target.variable : target.kind === 'variable' ? target.variable : undefined;
      const variable = index === undefined ? undefined : file.variables[index];
      if (variable !== undefined && (variable.at.start < region.start || variable.at.start > region.end)) return true;
    }
    return childExpressions(expression).some(assigns);
  };
  const search = (list: readonly Statement[]): boolean =>
    list.some((statement) => {
      const { expressions, lists } = partsOf(statement);
      return expressions.some(assigns) || lists.some(search);
    });
  return search(region.statements);
}

/**
 * The one outer variable that the region sets, in its first statement: `order = await orders.insert(row)`. Inside it is
 * a constant of that name, which the transaction hands out when it is committed.
 */
function setOnly(file: SourceFile, region: Region): { name: string; at: number } | undefined {
  const [first, ...others] = region.statements;
  if (first?.kind !== 'expression' || first.expression.kind !== 'assign') return undefined;
  const { operator, target, value } = first.expression;
  if (operator !== '=' || value === undefined || assignsOuter(file, { ...region, statements: others }))
    return undefined;
  if (target.kind !== 'identifier' && target.kind !== 'variable') return undefined;
  const name = target.variable === undefined ? undefined : file.variables[target.variable]?.name;
  return name === undefined || isMentioned(textOf(file, value), name) ? undefined : { name, at: first.start };
}

/** One level more at each line but the first; undefined when a line is part of a template literal. */
function indented(file: SourceFile, { start, end }: Span): Edit[] | undefined {
  const edits: Edit[] = [];
  for (let at = file.text.indexOf('\n', start); at >= 0 && at < end; at = file.text.indexOf('\n', at + 1)) {
    if ((file.text.slice(start, at).split('`').length - 1) % 2 === 1) continue;
    if (!/[\r\n]/.test(file.text.charAt(at + 1))) edits.push(insert(file, at + 1, indentUnit(file)));
  }
  return edits;
}
