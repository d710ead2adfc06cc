/**
 * Puts a fork of a MikroORM entity manager into the transaction that is open around it: lets the fork keep the context,
 * or sends its query through the transaction's manager. Everything returns undefined rather than guess.
 */
import type { Operation, TransactionContext } from '../analysis/fact.ts';
import type { ProgramFacts } from '../analysis/program.ts';
import { detachedIn, joins } from '../analysis/transaction.ts';
import type { ComputedValue } from '../analysis/value.ts';
import type { Edit, Location } from '../rule.ts';
import type { CallExpression, Expression, SourceFile } from '../typescript/syntax.ts';
import { addProperty } from './object-edit.ts';
import { callAt, edit, insert, isWithin } from './source-edit.ts';
import { calleePath } from './transaction-client.ts';

const OPTION = 'keepTransactionContext: true';

/** `fork()` becomes `fork({ keepTransactionContext: true })`, where the transaction is open when it is made. */
export function keepContext(
  operation: Operation,
  { at: opened, executor, client }: TransactionContext,
  program: ProgramFacts,
): readonly Edit[] | undefined {
  const detached = detachedIn(operation.executor);
  const made = detached?.at;
  const file = made === undefined ? undefined : program.file(made.path);
  const call = file === undefined || made === undefined ? undefined : callAt(file, made);
  if (detached === undefined || made === undefined || file === undefined || call?.argsSpan === undefined)
    return undefined;
  if (!joins(detached.operands[0], executor ?? client)) return undefined;
  if (!isMadeIn(made, opened, file, program) && !isMadeBelow(made, operation, program)) return undefined;
  const [options] = call.args;
  if (options === undefined) return [insert(file, call.argsSpan.start, `{ ${OPTION} }`)];
  return options.kind === 'object' ? [addProperty(file, options, OPTION)] : undefined;
}

/** In the callback, or in the method that the decorator stands at. */
function isMadeIn(made: Location, opened: Location, file: SourceFile, program: ProgramFacts): boolean {
  if (made.path !== opened.path) return false;
  if (program.enclosing(made)?.node.decorators.some(({ start }) => start === opened.start) === true) return true;
  return callAt(file, opened)?.args.some((arg) => arg.kind === 'function' && isWithin(made, arg)) === true;
}

/** In a function that the transaction's callback calls. */
function isMadeBelow(made: Location, { fn, chain }: Operation, program: ProgramFacts): boolean {
  const info = chain.length === 0 ? undefined : program.enclosing(made);
  return info !== undefined && [fn, ...chain.slice(1).map((site) => site.fn)].includes(info.key);
}

/** Sends a query through the transaction's manager instead of the fork, be that a variable or made on the spot. */
export function leaveFork(file: SourceFile, query: Operation, name: string): readonly Edit[] | undefined {
  const call = query.at.path === file.path ? callAt(file, query.span) : undefined;
  const detached = detachedIn(query.executor);
  const fork = call === undefined || detached === undefined ? undefined : forkIn(file, call, detached);
  return fork === undefined ? undefined : [edit(file, fork, name)];
}

function forkIn(file: SourceFile, call: CallExpression, { at }: ComputedValue): Expression | undefined {
  return calleePath(call).find((part) => {
    if (part.kind === 'call') return part.start === at?.start && part.end === at.end;
    const variable =
      part.kind === 'identifier' && part.variable !== undefined ? file.variables[part.variable] : undefined;
    const made = variable?.reassigned === false ? variable.initializer : undefined;
    return made !== undefined && made.start === at?.start && file.path === at.path;
  });
}
