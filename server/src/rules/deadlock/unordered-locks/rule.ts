import type { ProgramFacts } from '../../../analysis/program.ts';
import { type UnorderedLocks, unorderedLocksOf } from '../../../analysis/row-locks.ts';
import { labelOf, nameOf, placeOf, tableLabel, traceOf, verbOf } from '../../../analysis/trace.ts';
import { defineRule, type Location, type RelatedPlace } from '../../../rule.ts';
import { fixUnorderedLocks } from './fix.ts';

export const unorderedLocks = defineRule<UnorderedLocks>({
  id: 'deadlock/unordered-locks',
  summary: 'A transaction locks rows in an order that depends on its input, so two of them can wait for each other.',
  severity: 'warning',
  status: 'stable',
  cwe: [833],
  detect: (fn, { program }) => unorderedLocksOf(fn, program).filter((locks) => isFirst(locks, program)),
  report: (locks, { program }) => ({
    at: placeIn(locks, program),
    message: messageOf(locks, program),
    related: [...placesOf(locks), ...traceOf(locks.second, program)].filter(
      ({ at }) => at.start !== placeIn(locks, program).start,
    ),
    confidence: locks.confidence,
    resource: `table ${locks.second.effect.table ?? '?'}`,
  }),
  fixes: (locks, ctx) => fixUnorderedLocks(locks, ctx),
});

const owners = new WeakMap<ProgramFacts, Map<string, UnorderedLocks['fn']>>();

/** One loop that several transactions reach is reported once, with the first of them. */
function isFirst(locks: UnorderedLocks, program: ProgramFacts): boolean {
  const known = owners.get(program) ?? new Map<string, UnorderedLocks['fn']>();
  owners.set(program, known);
  const { path, start } = placeIn(locks, program);
  const owner = known.get(`${path}:${start}`) ?? locks.fn;
  known.set(`${path}:${start}`, owner);
  return owner === locks.fn;
}

/** Rows locked in a loop are reported in the function that has the loop, where the order is decided, however far above the transaction is. */
function placeIn({ second, loop }: UnorderedLocks, program: ProgramFacts): Location {
  if (loop === undefined || second.chain.length === 0) return placeOf(second);
  const around = program.enclosing(loop.at);
  const isWithin = ({ path, start, end }: Location): boolean =>
    around !== undefined &&
    path === around.path &&
    start >= loop.at.start &&
    around.node.start <= start &&
    end <= around.node.end;
  return [...second.chain.map(({ at }) => at), second.at].find(isWithin) ?? placeOf(second);
}

/** The call as the loop makes it. */
function callIn(locks: UnorderedLocks, program: ProgramFacts): string {
  const { second } = locks;
  const { path, start } = placeIn(locks, program);
  const site = second.chain.find(({ at }) => at.path === path && at.start === start);
  const name = verbOf(second);
  return site === undefined || site.name === name ? `'${name}'` : `'${site.name}' (through '${name}')`;
}

function messageOf(locks: UnorderedLocks, program: ProgramFacts): string {
  const { form, first, second, keys, loop } = locks;
  const table = second.effect.table === undefined ? 'its table' : tableLabel(second.effect);
  if (form === 'pair') {
    const [one, other] = keys.map((key) => labelOf(key) ?? 'another');
    return `${nameOf(first)} locks the row '${one}' of ${table} and ${nameOf(second)} then the row '${other}'; a transaction given them the other way round locks them in the opposite order.`;
  }
  if (form === 'bulk') {
    return `${nameOf(second)} locks rows of ${table} in the order they arrive in; two statements with the same rows in different orders deadlock.`;
  }
  const over = loop?.over === undefined ? undefined : labelOf(loop.over);
  return `${callIn(locks, program)} locks one row of ${table} per element${over === undefined ? '' : ` of '${over}'`} in one transaction, in whatever order they come; two transactions with different orders deadlock.`;
}

function placesOf({ form, first, second, loop }: UnorderedLocks): RelatedPlace[] {
  if (form === 'pair') return [{ at: placeOf(first), message: 'The first row is locked here.' }];
  if (loop === undefined) return [];
  const transaction = second.transactions[0];
  return [
    { at: loop.at, message: 'The order comes from here.' },
    ...(transaction === undefined ? [] : [{ at: transaction.at, message: 'The transaction begins here.' }]),
  ];
}
