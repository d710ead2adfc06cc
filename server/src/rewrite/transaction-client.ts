/**
 * Puts a query into the transaction that is open around it: sends it through the transaction's client in the library's
 * own form, or hands that client to the function that runs it. Everything returns undefined rather than guess.
 */
import type { FunctionFacts, Operation } from '../analysis/fact.ts';
import { clientParameter, libraryOf } from '../analysis/transaction-escape.ts';
import type { PlaceValue } from '../analysis/value.ts';
import type { Edit } from '../rule.ts';
import type { CallExpression, Expression, FunctionNode, SourceFile, Span } from '../typescript/syntax.ts';
import { addProperty } from './object-edit.ts';
import { callAt, edit, insert, textOf } from './source-edit.ts';

/** The name a transaction's client has in a function, with what it takes to have it. */
export interface ClientName {
  readonly text: string;
  readonly edits: readonly Edit[];
}

// ---------------------------------------------------------------- names

/** The first parameter of the callback that the call at this place runs; a callback without one gets one. */
export function clientOfCallback(file: SourceFile, opened: Span, inside: Span, fresh: string): ClientName | undefined {
  const call = callAt(file, opened);
  for (const arg of call?.args ?? []) {
    if (arg.kind !== 'function') continue;
    const node = file.functions[arg.fn];
    if (node === undefined || node.bodySpan.start > inside.start || node.bodySpan.end < inside.end) continue;
    const [first] = node.parameters;
    if (first === undefined) return newParameter(file, node, fresh);
    const name = first.pattern.kind === 'variable' ? file.variables[first.pattern.variable]?.name : undefined;
    return name === undefined || isShadowed(file, node, inside, name) ? undefined : { text: name, edits: [] };
  }
  return undefined;
}

function newParameter(file: SourceFile, node: FunctionNode, name: string): ClientName | undefined {
  const head = file.text.slice(node.start, node.bodySpan.start);
  const open = head.indexOf('(');
  if (open < 0 || !/^\(\s*\)/.test(head.slice(open))) return undefined;
  return { text: name, edits: [insert(file, node.start + open + 1, name)] };
}

/** Another variable of that name is declared between the function and the place. */
function isShadowed(file: SourceFile, outer: FunctionNode, inside: Span, name: string): boolean {
  return file.variables.some((variable) => {
    const owner = file.functions[variable.fn];
    return (
      variable.name === name &&
      owner !== undefined &&
      owner.index !== outer.index &&
      owner.start >= outer.bodySpan.start &&
      owner.end <= outer.bodySpan.end &&
      owner.start <= inside.start &&
      owner.end >= inside.end
    );
  });
}

/** What a query of the same function that is inside goes through: `client` of `client.query(…)`, `runner.manager`. */
export function clientOfQuery(file: SourceFile, query: Operation, inside: Span): ClientName | undefined {
  const call = query.at.path === file.path ? callAt(file, query.span) : undefined;
  if (call === undefined) return undefined;
  const library = libraryOf(query.model);
  const option = optionName(library);
  if (option !== undefined) {
    const value = optionOf(call, option);
    const options = value === undefined ? call.args.at(-1) : undefined;
    // The whole options object was handed on.
    if (
      options?.kind === 'identifier' &&
      /options|opts|context|ctx/i.test(options.name) &&
      isVisible(file, options, inside)
    )
      return { text: `${options.name}?.${option}`, edits: [] };
    return value?.kind === 'identifier' && isVisible(file, value, inside)
      ? { text: textOf(file, value), edits: [] }
      : undefined;
  }
  const path = calleePath(call);
  const base = path.at(-1);
  if (base?.kind !== 'identifier' || !isVisible(file, base, inside)) return undefined;
  if (library === 'typeorm') {
    const manager = path.find((part) => part.kind === 'member' && part.name === 'manager');
    const variable = base.variable === undefined ? undefined : file.variables[base.variable];
    const isManager = variable?.typeName === 'EntityManager' || /manager$|^em$|^tx$|^trx$/i.test(base.name);
    return manager === undefined && !isManager ? undefined : { text: textOf(file, manager ?? base), edits: [] };
  }
  return { text: base.name, edits: [] };
}

function isVisible(file: SourceFile, name: Expression, inside: Span): boolean {
  if (name.kind !== 'identifier' || name.variable === undefined) return false;
  const variable = file.variables[name.variable];
  const owner = variable === undefined ? undefined : file.functions[variable.fn];
  if (variable === undefined || owner === undefined) return false;
  return (
    owner.index === 0 || (owner.start <= inside.start && owner.end >= inside.end && variable.at.start < inside.start)
  );
}

// ---------------------------------------------------------------- one query

/** From a call inwards along its receiver: `a.b.c()` gives `a.b.c`, `a.b`, `a`. */
export function calleePath(call: CallExpression): Expression[] {
  const path: Expression[] = [];
  let part: Expression | undefined = call.callee;
  while (part !== undefined) {
    path.push(part);
    if (part.kind === 'member' || part.kind === 'index') part = part.object;
    else if (part.kind === 'call') part = part.callee;
    else if (part.kind === 'await') part = part.operand;
    else part = undefined;
  }
  return path;
}

const OPTIONS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  sequelize: {
    findAll: 0,
    findOne: 0,
    count: 0,
    findAndCountAll: 0,
    findOrCreate: 0,
    destroy: 0,
    restore: 0,
    save: 0,
    reload: 0,
    findByPk: 1,
    create: 1,
    bulkCreate: 1,
    update: 1,
    upsert: 1,
    increment: 1,
    decrement: 1,
    query: 1,
  },
  mongoose: {
    save: 0,
    insertMany: 1,
    deleteOne: 1,
    deleteMany: 1,
    findOneAndDelete: 1,
    findByIdAndDelete: 1,
    bulkWrite: 1,
    updateOne: 2,
    updateMany: 2,
    findOneAndUpdate: 2,
    findByIdAndUpdate: 2,
    replaceOne: 2,
  },
  mongodb: {
    find: 1,
    findOne: 1,
    countDocuments: 1,
    insertOne: 1,
    insertMany: 1,
    deleteOne: 1,
    deleteMany: 1,
    findOneAndDelete: 1,
    bulkWrite: 1,
    updateOne: 2,
    updateMany: 2,
    findOneAndUpdate: 2,
    findOneAndReplace: 2,
    replaceOne: 2,
  },
}; // prettier-ignore

/** Which argument of a method its options are; undefined where it takes none, or is not known. */
export function positionOfOptions(library: string, method: string): number | undefined {
  return OPTIONS[/sequelize/.test(library) ? 'sequelize' : library]?.[method];
}

function optionName(library: string): 'transaction' | 'session' | undefined {
  if (/sequelize/.test(library)) return 'transaction';
  return /mongo/.test(library) ? 'session' : undefined;
}

function optionOf(call: CallExpression, name: string): Expression | undefined {
  for (const arg of call.args) {
    if (arg.kind !== 'object') continue;
    const found = arg.properties.find((property) => property.kind === 'property' && property.key === name);
    if (found !== undefined) return found.value;
  }
  return undefined;
}

/** Edits that send the query through the transaction's client instead of through the other one. */
export function sendThrough(
  file: SourceFile,
  query: Operation,
  client: PlaceValue,
  name: string,
): readonly Edit[] | undefined {
  const call = query.at.path === file.path ? callAt(file, query.span) : undefined;
  if (call === undefined) return undefined;
  const library = libraryOf(query.model);
  const option = optionName(library);
  if (option !== undefined) {
    const index = positionOfOptions(library, query.name);
    return index === undefined ? undefined : withOption(file, call, index, option, name);
  }
  if (library === 'objection') return objectionClient(file, call, name);
  const node = nodeOf(file, call, client);
  if (node === undefined) return undefined;
  if (library === 'typeorm') return typeormClient(file, node, query, name);
  return [edit(file, node, name)];
}

/** The part of the call's receiver that stands for the client. */
export function nodeOf(file: SourceFile, call: CallExpression, client: PlaceValue): Expression | undefined {
  const parts = calleePath(call);
  const named = (wanted: string): Expression | undefined =>
    parts.find((part) => textOf(file, part).replaceAll(/[!?\s]/g, '') === wanted);
  const found = named(textOfPlace(client));
  if (found !== undefined || client.root.kind === 'this') return found;
  // Under another name: `import { prisma as db }` is the module's `prisma`, `import db` its default.
  const base = parts.at(-1);
  if (base?.kind !== 'identifier' || base.variable === undefined) return undefined;
  const variable = file.variables[base.variable];
  const isModule = client.root.kind === 'module' || client.root.kind === 'import';
  return isModule && variable?.import?.imported === client.root.name
    ? named([base.name, ...client.path].join('.'))
    : undefined;
}

export function textOfPlace({ root, path }: PlaceValue): string {
  return [root.kind === 'this' ? 'this' : root.name, ...path].join('.');
}

function withOption(
  file: SourceFile,
  call: CallExpression,
  index: number,
  option: string,
  name: string,
): readonly Edit[] | undefined {
  const property = option === name ? name : `${option}: ${name}`;
  const given = call.args[index];
  if (given?.kind === 'object') return [addProperty(file, given, property)];
  if (given !== undefined || call.args.length !== index || call.argsSpan === undefined) return undefined;
  const last = call.args.at(-1);
  return last === undefined
    ? [insert(file, call.argsSpan.start, `{ ${property} }`)]
    : [insert(file, last.end, `, { ${property} }`)];
}

/** `Model.query()` takes the transaction itself. */
function objectionClient(file: SourceFile, call: CallExpression, name: string): readonly Edit[] | undefined {
  const query = [call, ...calleePath(call)].find(
    (part): part is CallExpression =>
      part.kind === 'call' && part.callee.kind === 'member' && part.callee.name === 'query',
  );
  return query?.argsSpan === undefined || query.args.length > 0
    ? undefined
    : [insert(file, query.argsSpan.start, name)];
}

/** A manager stands for the data source; a repository is taken from the manager. */
function typeormClient(
  file: SourceFile,
  node: Expression,
  query: Operation,
  name: string,
): readonly Edit[] | undefined {
  if (query.model.startsWith('typeorm#Repository.') || /QueryBuilder/.test(query.model)) {
    const parent = calleePath(callAt(file, query.span) ?? (node as CallExpression));
    const above = parent[parent.indexOf(node) - 1];
    // `dataSource.getRepository(X).find()`: the manager has the same member.
    if (above?.kind === 'member' && /^(getRepository|createQueryBuilder|getTreeRepository|manager)$/.test(above.name))
      return above.name === 'manager' ? [edit(file, above, name)] : [edit(file, node, name)];
    return [edit(file, node, `${name}.${repositoryOf(file, node, query)}`)];
  }
  const around = calleePath(callAt(file, query.span) ?? (node as CallExpression));
  const above = around[around.indexOf(node) - 1];
  return [edit(file, above?.kind === 'member' && above.name === 'manager' ? above : node, name)];
}

/** `getRepository(User)` where it is the plain repository of a class that the file knows; a project's own class keeps its members with `withRepository`. */
function repositoryOf(file: SourceFile, node: Expression, query: Operation): string {
  const text = textOf(file, node);
  const table = query.effect.kind === 'database' ? query.effect.table : undefined;
  const property = node.kind === 'member' ? node.name : undefined;
  const declared =
    file.classes.flatMap(({ properties }) => properties).find(({ name }) => name === property) ??
    file.functions
      .flatMap(({ parameters }) => parameters)
      .find(
        (parameter) =>
          parameter.property &&
          parameter.pattern.kind === 'variable' &&
          file.variables[parameter.pattern.variable]?.name === property,
      );
  const [entity] = declared?.typeArguments ?? [];
  const isPlain = declared?.typeName === 'Repository' && entity !== undefined && entity === table;
  const isKnown = file.variables.some((variable) => variable.fn === 0 && variable.name === entity);
  return isPlain && isKnown ? `getRepository(${entity})` : `withRepository(${text})`;
}

// ---------------------------------------------------------------- a call

/** The parameter that the query's client comes from, alone or where it is given: `tx`, `tx ?? prisma`. */
export function takenClient(
  callee: FunctionFacts,
  operation: Operation,
): { index: number; path: readonly string[] } | undefined {
  const chosen = clientParameter(callee, operation);
  if (chosen !== undefined) return chosen;
  const own = callee.operations.find(({ at }) => at.start === operation.at.start && at.path === operation.at.path);
  const executor = own?.executor;
  return executor?.kind === 'place' && executor.root.kind === 'parameter' && executor.root.fn === callee.fn.key
    ? { index: executor.root.index, path: executor.path }
    : undefined;
}

/**
 * Hands the client to a function that already takes one: `count(id)` becomes `count(id, tx)`. The operation is the one
 * that runs in the callee, whose own facts say which parameter its client may come from.
 */
export function passClient(
  file: SourceFile,
  at: Span,
  callee: FunctionFacts,
  operation: Operation,
  name: string,
): readonly Edit[] | undefined {
  const call = callAt(file, at);
  const parameter = takenClient(callee, operation);
  if (call?.argsSpan === undefined || parameter === undefined) return undefined;
  const { index, path } = parameter;
  const given = call.args[index];
  if (call.args.some(({ kind }) => kind === 'spread-expression')) return undefined;
  const [property] = path;
  if (path.length > 1) return undefined;
  const written = property === undefined ? name : property === name ? `{ ${name} }` : `{ ${property}: ${name} }`;
  if (given !== undefined) {
    if (property !== undefined && given.kind === 'object')
      return [addProperty(file, given, property === name ? name : `${property}: ${name}`)];
    const isNothing = (given.kind === 'literal' && given.value === null) || textOf(file, given) === 'undefined';
    return isNothing ? [edit(file, given, written)] : undefined;
  }
  const gaps = Array.from({ length: index - call.args.length }, () => 'undefined');
  const text = [...gaps, written].join(', ');
  const last = call.args.at(-1);
  return [last === undefined ? insert(file, call.argsSpan.start, text) : insert(file, last.end, `, ${text}`)];
}
