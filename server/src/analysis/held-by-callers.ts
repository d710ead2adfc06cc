/**
 * What the callers of a function do around it: protection that every one of them holds is as good as the function's
 * own. A function that the outside calls directly, or whose callers' facts do not show the operations, is on its own.
 */
import type { FunctionFacts, Operation } from './fact.ts';
import type { ProgramFacts } from './program.ts';

/** Callers of callers are asked up to here. */
const MAX_DEPTH = 4;

/** Whether `holds` is true for the operations as each caller sees them, or as each of the caller's callers does. */
export function isHeldByCallers(
  fn: FunctionFacts,
  operations: readonly Operation[],
  program: ProgramFacts,
  holds: (caller: FunctionFacts, operations: readonly Operation[]) => boolean,
  depth = 0,
): boolean {
  if (depth === MAX_DEPTH || isCalledFromOutside(fn)) return false;
  const callers = program.callersOf(fn.fn.key).filter((key) => key !== fn.fn.key);
  return (
    callers.length > 0 &&
    callers.every((key) => {
      const facts = program.factsOf(key);
      const seen = facts === undefined ? [] : seenBy(facts, operations);
      return (
        facts !== undefined &&
        seen.length > 0 &&
        seen.every((group) => holds(facts, group) || isHeldByCallers(facts, group, program, holds, depth + 1))
      );
    })
  );
}

function isCalledFromOutside({ entries, fn }: FunctionFacts): boolean {
  return entries.some(({ kind, name }) => kind !== 'exported' && name === fn.qualifiedName);
}

/** The operations once for each call of the function; empty when the caller does not know them all. */
function seenBy(caller: FunctionFacts, operations: readonly Operation[]): Operation[][] {
  const [first, ...others] = operations;
  if (first === undefined) return [];
  const groups: Operation[][] = [];
  for (const operation of caller.operations) {
    if (!isSame(operation, first)) continue;
    const group = others.map((other) =>
      caller.operations.find(
        (candidate) => isSame(candidate, other) && candidate.chain[0]?.at.start === operation.chain[0]?.at.start,
      ),
    );
    const found = group.filter((one) => one !== undefined);
    if (found.length < group.length) return [];
    groups.push([operation, ...found]);
  }
  return groups;
}

/** The callee's operation, one call further up. */
function isSame(above: Operation, own: Operation): boolean {
  return (
    above.at.start === own.at.start &&
    above.at.path === own.at.path &&
    above.chain.length === own.chain.length + 1 &&
    own.chain.every((site, index) => site.at.start === above.chain[index + 1]?.at.start)
  );
}
