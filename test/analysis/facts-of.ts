/**
 * The facts of a small program in words that a test reads well: one line for each statement that a function runs, with
 * the transaction it is in (or goes round) and the locks held. Packages are the repository's own or a few declarations.
 */
import { createAnalysis } from '../../server/src/analysis/analyse.ts';
import type { FunctionFacts, Operation } from '../../server/src/analysis/fact.ts';
import type { ProgramFacts } from '../../server/src/analysis/program.ts';
import { isDatabaseOperation, runsIn } from '../../server/src/analysis/protection.ts';
import { TemporaryWorkspace } from '../typescript/temporary-workspace.ts';

const OPTIONS = {
  compilerOptions: {
    target: 'es2022',
    module: 'preserve',
    moduleResolution: 'bundler',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    experimentalDecorators: true,
  },
  include: ['src'],
};

export interface Sources {
  /** By path below `src`. */
  readonly files: Readonly<Record<string, string>>;
  /** Packages of this repository. */
  readonly install?: readonly string[];
  /** Declarations of packages that are not here, by name. */
  readonly packages?: Readonly<Record<string, string>>;
  /** Schema files and migrations, by path below the root. */
  readonly schemas?: Readonly<Record<string, string>>;
}

export function analyse({ files, install = [], packages = {}, schemas = {} }: Sources): ProgramFacts {
  const it = new TemporaryWorkspace({ 'tsconfig.json': OPTIONS, 'package.json': { type: 'module' } });
  it.install(...install);
  for (const [name, declarations] of Object.entries(packages)) {
    it.write(`node_modules/${name}/package.json`, { name, version: '1.0.0', types: 'index.d.ts' });
    it.write(`node_modules/${name}/index.d.ts`, declarations);
  }
  for (const [path, text] of Object.entries(files)) it.write(`src/${path}`, text);
  try {
    return createAnalysis().analyse(it.open(), {
      isCancelled: () => false,
      progress: () => undefined,
      roots: [it.root],
      schemas: Object.entries(schemas).map(([path, text]) => ({ path: it.path(path), text })),
    });
  } finally {
    it.close();
  }
}

export function functionNamed(program: ProgramFacts, file: string, name: string): FunctionFacts {
  const found = program.functions.find(({ fn }) => fn.path.endsWith(`/src/${file}`) && fn.qualifiedName === name);
  if (found === undefined) throw new Error(`${file} has no function ${name}`);
  return found;
}

/** `update Account inside serializable`, `read Audit outside`, `insert Order`; reads only when asked for. */
export function statementsOf(program: ProgramFacts, file: string, name: string, reads = false): string[] {
  return functionNamed(program, file, name)
    .operations.filter(isDatabaseOperation)
    .filter(({ effect }) => reads || effect.action !== 'read')
    .map((operation) =>
      [
        operation.effect.action,
        operation.effect.table ?? '?',
        ...transactionsOf(operation),
        ...locksOf(operation),
      ].join(' '),
    );
}

function transactionsOf(operation: Operation): string[] {
  return operation.transactions.map((transaction) =>
    [runsIn(operation, transaction) ? 'inside' : 'outside', transaction.isolation].filter(Boolean).join(' '),
  );
}

function locksOf({ locks }: Operation): string[] {
  return locks.map(({ kind }) => `under ${kind}`);
}

/** `read users id= | parallel over elements`: what runs against which table, by which columns, and in which loops. */
export function queriesOf(program: ProgramFacts, file: string, name: string): string[] {
  return functionNamed(program, file, name)
    .operations.filter(isDatabaseOperation)
    .map((operation) => {
      const { effect, loops } = operation;
      const where = effect.where?.map(({ column, operator }) => `${column}${operator}`).join(' ') ?? 'somehow';
      const data = [...(effect.data?.keys() ?? [])].map((column) => `+${column}`);
      return [
        [effect.action, effect.table ?? '?', where, ...data, ...effect.relative.map((column) => `~${column}`)],
        [effect.rowLock === 'none' ? '' : `for ${effect.rowLock}`, effect.conflictHandled ? 'handled' : ''],
        loops.map((loop) => `| ${loop.concurrency} over ${loop.repeats}`),
        operation.awaited ? [] : ['not awaited'],
      ]
        .flat()
        .filter((part) => part !== '')
        .join(' ');
    });
}
