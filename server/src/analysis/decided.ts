/**
 * Conditions that a call decides: `if (options.isPublic)` in a function that is called without options. What a callee
 * does under a condition that cannot hold at a call does not happen there.
 */
import type { Guard, Operation } from './fact.ts';
import { hasPart, keyOf, type Value } from './value.ts';

/** The truth of a value that is the same whatever happens at run time; undefined when it is not known. */
export function truthOf(value: Value): boolean | undefined {
  switch (value.kind) {
    case 'constant':
      return Boolean(value.value);
    case 'object':
    case 'array':
    case 'closure':
      return true;
    case 'union':
      return common(value.alternatives.map(truthOf));
    case 'computed': {
      const [left, right] = value.operands;
      if (left === undefined) return undefined;
      switch (value.operator) {
        case '!':
          return not(truthOf(left));
        case '&&':
          return right === undefined ? undefined : both(truthOf(left), truthOf(right));
        case '===':
        case '==':
          return right === undefined ? undefined : areEqual(left, right, value.operator === '==');
        case '!==':
        case '!=':
          return right === undefined ? undefined : not(areEqual(left, right, value.operator === '!='));
        default:
          return undefined;
      }
    }
    default:
      return undefined;
  }
}

const decidable = new WeakMap<Value, boolean>();

/** Whether a call's arguments alone may decide a condition: others need not be looked at again at each call. */
export function isForCallersToDecide(test: Value): boolean {
  switch (test.kind) {
    case 'place':
      return test.root.kind === 'parameter';
    case 'union':
    case 'computed': {
      const known = decidable.get(test);
      if (known !== undefined) return known;
      const parts = test.kind === 'union' ? test.alternatives : test.operands;
      const isLogic = test.kind === 'union' || /^(?:!|&&|[!=]==?)$/.test(test.operator);
      const answer = isLogic && parts.some(isForCallersToDecide);
      decidable.set(test, answer);
      return answer;
    }
    default:
      return false;
  }
}

/** Whether a condition is known not to be as the guard wants it. */
export function cannotHold({ test, holds }: Pick<Guard, 'test' | 'holds'>): boolean {
  return truthOf(test) === !holds;
}

function areEqual(left: Value, right: Value, isLoose: boolean): boolean | undefined {
  if (left.kind === 'constant' && right.kind === 'constant') {
    const isNothing = (value: unknown): boolean => value === undefined || value === null;
    return left.value === right.value || (isLoose && isNothing(left.value) && isNothing(right.value));
  }
  const [known, other] = left.kind === 'constant' ? [left, right] : [right, left];
  const isThere = other.kind === 'object' || other.kind === 'array' || other.kind === 'closure';
  return known.kind === 'constant' && isThere ? false : undefined;
}

function both(left: boolean | undefined, right: boolean | undefined): boolean | undefined {
  if (left === false || right === false) return false;
  return left === true && right === true ? true : undefined;
}

function not(truth: boolean | undefined): boolean | undefined {
  return truth === undefined ? undefined : !truth;
}

function common(truths: readonly (boolean | undefined)[]): boolean | undefined {
  const [first] = truths;
  return truths.every((truth) => truth === first) ? first : undefined;
}

/** One of the two happens, or none: they stand under conditions that contradict each other. */
export function areExclusive(a: Operation, b: Operation): boolean {
  if (a.guards.length === 0 || b.guards.length === 0) return false;
  if (a.guards.some((guard) => b.guards.some((other) => areBranches(guard, other)))) return true;
  const others = b.guards.flatMap(partsOf);
  return a.guards.flatMap(partsOf).some((part) => others.some((other) => contradict(part, other)));
}

function areBranches(a: Guard, b: Guard): boolean {
  return a.at.start === b.at.start && a.at.path === b.at.path && a.holds !== b.holds;
}

type Part = Pick<Guard, 'test' | 'holds'>;

/** `!x` holds when `x` does not, `a && b` when both do, `a || b` does not when neither does. */
function partsOf({ test, holds }: Part): Part[] {
  if (test.kind !== 'computed') return [{ test, holds }];
  const [inner] = test.operands;
  if (test.operator === '!' && inner !== undefined) return partsOf({ test: inner, holds: !holds });
  if (test.operator !== (holds ? '&&' : '||')) return [{ test, holds }];
  return [{ test, holds }, ...test.operands.flatMap((part) => partsOf({ test: part, holds }))];
}

function contradict(a: Part, b: Part): boolean {
  // Two that nothing is known of are not one.
  if (a.holds !== b.holds && keyOf(a.test) === keyOf(b.test)) return !hasPart(a.test, ({ kind }) => kind === 'unknown');
  const [first, second] = [presenceOf(a), presenceOf(b)];
  if (first.isThere === undefined || second.isThere === undefined || first.isThere === second.isThere) return false;
  return keyOf(first.value) === keyOf(second.value);
}

/** `if (x)` and `if (x !== null)` say that `x` is there, `if (x === null)` that it is not; `if (!x)` says neither. */
function presenceOf({ test, holds }: Part): { value: Value; isThere: boolean | undefined } {
  if (test.kind === 'computed' && /^[!=]==?$/.test(test.operator)) {
    const [left, right] = test.operands;
    if (left !== undefined && right?.kind === 'constant' && (right.value === null || right.value === undefined))
      return { value: left, isThere: test.operator.startsWith('!') === holds };
  }
  return { value: test, isThere: holds ? true : undefined };
}
