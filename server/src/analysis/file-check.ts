/**
 * What a check of a file (`access`, `exists`, `stat`) says where a condition on its answer holds: that the file is
 * there or that it is not. Knows the booleans that helpers make of it, negations and comparisons.
 */
import type { Operation } from './fact.ts';
import { sourcesOf, type Value } from './value.ts';

export type Presence = 'present' | 'missing';

/** What the check says when `test` is truthy; undefined when it cannot be told. */
export function presenceOf(test: Value, check: Operation, depth = 0): Presence | undefined {
  if (depth > 10) return undefined;
  switch (test.kind) {
    case 'result':
      return test.operation === check ? 'present' : undefined;
    case 'union': {
      const found = new Set(
        test.alternatives.map((part) => presenceOf(part, check, depth + 1)).filter((part) => part !== undefined),
      );
      const [only] = found;
      return found.size === 1 ? only : undefined;
    }
    case 'computed':
      return ofComputed(test.operator, test.operands, check, depth);
    default:
      return undefined;
  }
}

function ofComputed(
  operator: string,
  operands: readonly Value[],
  check: Operation,
  depth: number,
): Presence | undefined {
  const [left, right] = operands;
  if (left === undefined) return undefined;
  switch (operator) {
    case '!':
      return opposite(presenceOf(left, check, depth + 1));
    // A constant that stands for the outcome of the check: `.then(() => true)`, `return false` in a handler.
    case 'fulfilled':
    case 'when':
    case 'rejected': {
      if (left.kind !== 'constant' || !operands.slice(1).some((part) => sourcesOf(part).has(check))) return undefined;
      return (left.value === true) === (operator !== 'rejected') ? 'present' : 'missing';
    }
    case '==':
    case '===':
      return right === undefined ? undefined : ofEquality(left, right, check, depth);
    case '!=':
    case '!==':
      return right === undefined ? undefined : opposite(ofEquality(left, right, check, depth));
    case '&&':
      return operands.map((part) => presenceOf(part, check, depth + 1)).find((part) => part !== undefined);
    default: {
      // `stats.isFile()`, `new Promise(…)`, a helper of the answer.
      return operands.map((part) => presenceOf(part, check, depth + 1)).find((part) => part !== undefined);
    }
  }
}

function ofEquality(left: Value, right: Value, check: Operation, depth: number): Presence | undefined {
  const constant = right.kind === 'constant' ? right : left.kind === 'constant' ? left : undefined;
  const said = presenceOf(constant === right ? left : right, check, depth + 1);
  return constant === undefined || said === undefined ? undefined : constant.value === true ? said : opposite(said);
}

export function opposite(presence: Presence | undefined): Presence | undefined {
  return presence === undefined ? undefined : presence === 'present' ? 'missing' : 'present';
}
