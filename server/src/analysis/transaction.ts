/**
 * Transactions that no call around the statement shows: declared by a decorator, begun by a helper, begun in one branch,
 * carried by a context object. Says what is open and how one gets into it; what that protects is not its business.
 * Errs towards "inside": a decorator that sounds like a transaction is believed to open one.
 */
import type { Expression, FunctionNode, SourceFile } from '../typescript/syntax.ts';
import { locate } from './activation.ts';
import { isolationName } from './effect.ts';
import type { FunctionInfo, TransactionContext } from './fact.ts';
import type { ClassInfo, Hierarchy } from './hierarchy.ts';
import {
  type ComputedValue,
  constant,
  hasPart,
  haveSameKey,
  isSameRoot,
  type PlaceValue,
  type Value,
} from './value.ts';

const DECORATOR = /^(Transactional|Transaction|(RunIn|In|With|Use)Transaction)$/;
/** What these decorate is traced or signed, not run in a database transaction. */
const OTHER_TRANSACTIONS = /sentry|newrelic|apm|datadog|opentelemetry|ethers|web3|solana/i;
/** Joins a transaction where there is one, or runs outside. */
const NO_TRANSACTION = /^(manual|supports|not_?supported|never)$/i;
const ISOLATION = /serializable|repeatable|committed|snapshot/i;

/** The library's executor is one for the whole process: what `this.txHost` is in any class. */
const HOST_MODULE = '@nestjs-cls/transactional';
const HOST: PlaceValue = {
  kind: 'place',
  root: { kind: 'import', module: HOST_MODULE, name: 'TransactionHost' },
  path: [],
};

/** The transaction that a decorator of the function opens around it. */
export function declaredTransaction(info: FunctionInfo): TransactionContext | undefined {
  const decorator = info.node.decorators.find(({ name }) => DECORATOR.test(name));
  if (decorator === undefined) return undefined;
  const module = moduleOf(decorator.name, info.file);
  const words = decorator.args.flatMap(wordsIn);
  if ((module !== undefined && OTHER_TRANSACTIONS.test(module)) || words.some((word) => NO_TRANSACTION.test(word)))
    return undefined;
  const [executor, ...carriers] = executorsOf(info, module);
  const level = words.find((word) => ISOLATION.test(word));
  const isolation = level === undefined ? undefined : isolationName(constant(level));
  return {
    id: `${info.ordinal}:declared`,
    at: locate(info.file, decorator),
    model: `${module ?? 'shape'}#@${decorator.name}`,
    ...(executor === undefined ? {} : { executor }),
    ...(carriers.length === 0 ? {} : { carriers }),
    ...(isolation === undefined ? {} : { isolation }),
  };
}

/** What queries go through to be inside; nothing where the library finds the transaction by itself. */
function executorsOf(info: FunctionInfo, module: string | undefined): Value[] {
  if (module === HOST_MODULE) return [HOST];
  if (module !== undefined && /^(typeorm-transactional|@mikro-orm\/)/.test(module)) return [];
  return info.node.parameters.flatMap((parameter, index): Value[] => {
    const isContext =
      /(Context|EntityManager|QueryRunner|TransactionClient|Transaction)$/.test(parameter.typeName ?? '') ||
      parameter.decorators.some(({ name }) =>
        /^(Ctx|Tx|Trx|Transaction(Manager|Repository|Param)|QueryRunner\w*)$/.test(name),
      );
    if (!isContext || parameter.pattern.kind !== 'variable') return [];
    const name = info.file.variables[parameter.pattern.variable]?.name ?? '';
    return [{ kind: 'place', root: { kind: 'parameter', fn: info.key, index, name }, path: [] }];
  });
}

function moduleOf(name: string, file: SourceFile): string | undefined {
  return file.imports.find(({ bindings }) => bindings.some(({ variable }) => file.variables[variable]?.name === name))
    ?.module;
}

/** Strings and the last names of members: `Propagation.NEVER`, `{ isolationLevel: 'Serializable' }`. */
function wordsIn(expression: Expression): string[] {
  switch (expression.kind) {
    case 'literal':
      return typeof expression.value === 'string' ? [expression.value] : [];
    case 'member':
      return [expression.name];
    case 'object':
      return expression.properties.flatMap((property) => wordsIn(property.value));
    default:
      return [];
  }
}

// ---------------------------------------------------------------- one host for all

const hosts = new WeakMap<ClassInfo, ReadonlyMap<string, Value>>();

/** `this.txHost` and `this.tx` of nestjs-cls: the same in every class they are injected into. */
export function sharedHost(hierarchy: Hierarchy, owner: string, name: string): Value | undefined {
  const info = hierarchy.classes.get(owner);
  if (info === undefined) return undefined;
  let known = hosts.get(info);
  if (known === undefined) {
    known = hostsOf(info);
    hosts.set(info, known);
  }
  return known.get(name);
}

function hostsOf({ file, node }: ClassInfo): ReadonlyMap<string, Value> {
  const found = new Map<string, Value>();
  const source = file.imports.find(({ module }) => module === HOST_MODULE);
  if (source === undefined) return found;
  const names = new Map([
    ...source.types.map(({ imported, local }) => [local, imported] as const),
    ...source.bindings.map(({ imported, variable }) => [file.variables[variable]?.name ?? '', imported] as const),
  ]);
  const add = (name: string, typeName: string | undefined): void => {
    const imported = typeName === undefined ? undefined : names.get(typeName);
    if (imported === 'TransactionHost') found.set(name, HOST);
    if (imported === 'Transaction') found.set(name, { ...HOST, path: ['tx'] });
  };
  for (const property of node.properties) add(property.name, property.typeName);
  for (const parameter of constructorOf(node.methods.map((index) => file.functions[index]))?.parameters ?? []) {
    if (parameter.property && parameter.pattern.kind === 'variable')
      add(file.variables[parameter.pattern.variable]?.name ?? '', parameter.typeName);
  }
  return found;
}

function constructorOf(methods: readonly (FunctionNode | undefined)[]): FunctionNode | undefined {
  return methods.find((method) => method?.kind === 'constructor');
}

// ---------------------------------------------------------------- what is open

type Transactions = readonly TransactionContext[];

/** After two branches: what either of them began is open (the other was given one), what either ended is not. */
export function joinTransactions(before: Transactions, a: Transactions, b: Transactions): Transactions {
  if (a === before && b === before) return before;
  const kept = before.filter((one) => a.includes(one) && b.includes(one));
  const begun = [...a, ...b].filter((one, index, all) => !before.includes(one) && all.indexOf(one) === index);
  return kept.length === before.length && begun.length === 0 ? before : [...kept, ...begun];
}

/** Without the one that a commit or rollback through this executor ends; undefined when it is none of these. */
export function withoutEnded(open: Transactions, executor: Value | undefined): Transactions | undefined {
  const index = open.findLastIndex(
    (one) => one.executor === undefined || executor === undefined || isSame(one.executor, executor),
  );
  return index < 0 ? undefined : open.filter((_, other) => other !== index);
}

function isSame(a: Value, b: Value): boolean {
  return involves(a, b) || involves(b, a);
}

/**
 * A wrapper that hands its callback something else than the transaction's client, a context or a service: whatever
 * goes through that is inside. One that hands it nothing keeps the transaction where everybody finds it.
 */
export function carriedBy(transactions: Transactions, args: readonly Value[]): Transactions {
  const last = transactions.at(-1);
  if (last?.executor === undefined) return transactions;
  const { executor } = last;
  if (args.some((arg) => involves(arg, executor))) return transactions;
  if (args.length === 0 && last.carriers === undefined) {
    const { executor: _, ...ambient } = last;
    return [...transactions.slice(0, -1), ambient];
  }
  const carriers = args.filter(({ kind }) => /^(place|computed|result|union|element)$/.test(kind));
  if (carriers.length === 0) return transactions;
  return [...transactions.slice(0, -1), { ...last, carriers: [...(last.carriers ?? []), ...carriers] }];
}

/** What joins no transaction but one that is begun on itself: `em.fork()`. */
export const DETACHED = 'detached';

/** Whether nothing that the executor was made of keeps it out of the transaction of this client. */
export function joins(executor: Value | undefined, client: Value | undefined): boolean {
  if (executor === undefined || (client !== undefined && haveSameKey(executor, client))) return true;
  if (executor.kind === 'union')
    return executor.alternatives.some((part) => part.kind !== 'constant' && joins(part, client));
  if (executor.kind !== 'computed') return true;
  return executor.operator !== DETACHED && joins(madeOf(executor), client);
}

/** The manager of a repository, the receiver of a call: what its statements go through. */
function madeOf({ operator, operands }: ComputedValue): Value | undefined {
  if (operator === 'bound') return operands[1];
  return operator === 'transaction' || /^(call|member):/.test(operator) ? operands[0] : undefined;
}

/** The executor that was detached: itself, or what a repository was taken from. */
export function detachedIn(executor: Value | undefined): ComputedValue | undefined {
  if (executor?.kind === 'union') {
    const [one, another] = executor.alternatives.filter(({ kind }) => kind !== 'constant');
    return another === undefined ? detachedIn(one) : undefined;
  }
  if (executor?.kind !== 'computed') return undefined;
  return executor.operator === DETACHED ? executor : detachedIn(madeOf(executor));
}

/** What it was detached from: `this.em` of `this.em.fork()`. */
export function detachedSource(detached: ComputedValue): PlaceValue | undefined {
  let value = detached.operands[0];
  while (value?.kind === 'computed') value = value.operator === DETACHED ? value.operands[0] : madeOf(value);
  return value?.kind === 'place' ? value : undefined;
}

/** Whether one value is the other or made of it, or a part of it: `tx.user` of `tx`. */
export function involves(value: Value, wanted: Value): boolean {
  return hasPart(value, (part) => haveSameKey(part, wanted) || isPartOf(part, wanted));
}

function isPartOf(part: Value, whole: Value): boolean {
  if (part.kind === 'place' && whole.kind === 'place') {
    if (whole.path.length > part.path.length || whole.path.some((name, index) => part.path[index] !== name))
      return false;
    return isSameRoot(part.root, whole.root);
  }
  if (part.kind === 'result' && whole.kind === 'result') {
    return part.operation === whole.operation && whole.path.every((name, index) => part.path[index] === name);
  }
  return false;
}
