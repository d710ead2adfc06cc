/**
 * The grammar of the paths that models are written in, and nothing about what they mean at a call: that is the
 * engine's. `Argument[0].Member[where]` becomes two steps; text that is not a path becomes `undefined`, because a
 * path may come from a user's configuration.
 */
import type { Path } from './model.ts';

export type PathStep =
  | { readonly kind: 'this' }
  /** The function value that is called, for clients that are functions: `knex('users')`. */
  | { readonly kind: 'callee' }
  /** Counted from 0; a negative index counts from the end: -1 is the last argument the call has. */
  | { readonly kind: 'argument'; readonly index: number }
  /** The arguments from this one on, as an array. */
  | { readonly kind: 'rest'; readonly from: number }
  /** Of the callback that the entry is about. */
  | { readonly kind: 'parameter'; readonly index: number }
  | { readonly kind: 'return' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'constant'; readonly value: string }
  | { readonly kind: 'member'; readonly name: string }
  | { readonly kind: 'element' }
  | { readonly kind: 'awaited' }
  | { readonly kind: 'entity' }
  /** The name by which the value before it is reached in the source: `user` for `prisma.user`. */
  | { readonly kind: 'name' }
  /** What the value before it is a member of: `prisma` for `prisma.user`. */
  | { readonly kind: 'owner' }
  | { readonly kind: 'typeArgument'; readonly index: number };

const ROOTS = new Set<PathStep['kind']>([
  'this',
  'callee',
  'argument',
  'rest',
  'parameter',
  'return',
  'unknown',
  'constant',
]);

const parsed = new Map<Path, readonly PathStep[] | undefined>();

/** The steps of a path: a root first, unless the path is relative (`Member[rows]`, `Awaited`). Undefined when it is not a path. */
export function parsePath(path: Path): readonly PathStep[] | undefined {
  if (parsed.has(path)) return parsed.get(path);
  const steps = readSteps(path);
  parsed.set(path, steps);
  return steps;
}

/** Whether the path starts at the call; a relative one continues from a value the model's field names. */
export function isRooted(steps: readonly PathStep[]): boolean {
  const first = steps[0];
  return first !== undefined && ROOTS.has(first.kind);
}

const STEP = /([A-Z][A-Za-z]*|unknown)(?:\[([^\]]*)\])?(\.|$)/y;

function readSteps(path: Path): PathStep[] | undefined {
  const steps: PathStep[] = [];
  STEP.lastIndex = 0;
  let more = true;
  while (more) {
    const match = STEP.exec(path);
    if (match === null) return undefined;
    const step = readStep(match[1] ?? '', match[2]);
    if (step === undefined || (steps.length > 0 && ROOTS.has(step.kind))) return undefined;
    steps.push(step);
    more = match[3] === '.';
  }
  return STEP.lastIndex === path.length || path.length === 0 ? steps : undefined;
}

function readStep(word: string, inner: string | undefined): PathStep | undefined {
  switch (word) {
    case 'Argument':
      return withIndex(inner, /^-?\d+$/, (index) => ({ kind: 'argument', index }));
    case 'Arguments':
      return withIndex(inner, /^\d+\.\.$/, (from) => ({ kind: 'rest', from }));
    case 'Parameter':
      return withIndex(inner, /^\d+$/, (index) => ({ kind: 'parameter', index }));
    case 'TypeArgument':
      return withIndex(inner, /^\d+$/, (index) => ({ kind: 'typeArgument', index }));
    case 'Constant':
      return inner === undefined || inner === '' ? undefined : { kind: 'constant', value: inner };
    case 'Member':
      return inner === undefined || inner === '' ? undefined : { kind: 'member', name: inner };
  }
  return inner === undefined ? BARE[word] : undefined;
}

const BARE: Readonly<Record<string, PathStep>> = {
  This: { kind: 'this' },
  Callee: { kind: 'callee' },
  ReturnValue: { kind: 'return' },
  unknown: { kind: 'unknown' },
  Element: { kind: 'element' },
  Awaited: { kind: 'awaited' },
  Entity: { kind: 'entity' },
  Name: { kind: 'name' },
  Owner: { kind: 'owner' },
};

function withIndex(inner: string | undefined, form: RegExp, make: (index: number) => PathStep): PathStep | undefined {
  if (inner === undefined || !form.test(inner)) return undefined;
  return make(Number.parseInt(inner, 10));
}
