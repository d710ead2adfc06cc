import type { LockContext, Operation } from '../../../analysis/fact.ts';
import { type Inversion, inversionsOf, type LockNode, type LockStep } from '../../../analysis/lock-order.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { nameOf, placeOf, traceOf } from '../../../analysis/trace.ts';
import { defineRule, type Location, type RelatedPlace } from '../../../rule.ts';
import { fixLockOrder } from './fix.ts';

export const lockOrderInversion = defineRule<Inversion>({
  id: 'deadlock/lock-order-inversion',
  summary: 'Two paths take the same locks in opposite orders, so each can wait for what the other holds.',
  severity: 'warning',
  status: 'stable',
  cwe: [833],
  detect: (fn, { program }) => {
    if (!fn.operations.some(({ transactions, locks }) => transactions.length > 0 || locks.length > 0)) return [];
    return inversionsOf(program).filter(({ steps }) => steps[0]?.fn === fn);
  },
  report: (inversion, { program }) => {
    const [here, ...others] = inversion.steps;
    const at = here === undefined ? { path: '', start: 0, end: 0 } : placeOf(here.second);
    return {
      at,
      message: messageOf(inversion, program),
      related: [
        ...(here === undefined ? [] : placesOf(here, program, false)),
        ...others.flatMap((step) => placesOf(step, program, true)),
      ].filter((place) => place.at.start !== at.start || place.at.path !== at.path),
      confidence: inversion.confidence,
      resource: inversion.steps.map(({ from }) => from.label).join(' and '),
    };
  },
  fixes: (inversion, ctx) => fixLockOrder(inversion, ctx),
});

function messageOf({ steps }: Inversion, program: ProgramFacts): string {
  const [here, there] = steps;
  if (here === undefined || there === undefined) return '';
  const name = there.fn.fn.qualifiedName;
  const where = name === here.fn.fn.qualifiedName ? 'another branch' : `'${name}'`;
  const first = `${nameOf(here.second)} takes ${labelOf(here.to)} while ${labelOf(here.from)} is held`;
  if (steps.length === 2)
    return `${first}, and ${where} takes them the other way round: run at once, each waits for what the other holds.`;
  const rest = steps
    .slice(1)
    .map(
      (step) =>
        `${labelOf(step.to)} while ${labelOf(step.from)} is held in '${program.info(step.fn.fn.key)?.qualifiedName ?? ''}'`,
    );
  return `${first}, ${rest.join(' and ')}: run at once, each waits for what the next one holds.`;
}

function labelOf({ kind, label }: LockNode): string {
  return kind === 'table' ? `a row of '${label}'` : `the lock '${label}'`;
}

function isOperation(first: Operation | LockContext): first is Operation {
  return 'effect' in first;
}

function placeOfFirst(first: Operation | LockContext): Location {
  return isOperation(first) ? placeOf(first) : first.at;
}

function placesOf(step: LockStep, program: ProgramFacts, isOther: boolean): RelatedPlace[] {
  const where = isOther ? ` in '${step.fn.fn.qualifiedName}'` : '';
  const places: RelatedPlace[] = [
    { at: placeOfFirst(step.first), message: `${capital(labelOf(step.from))} is taken first${where}.` },
  ];
  if (isOperation(step.first)) places.push(...traceOf(step.first, program));
  if (isOther) places.push({ at: placeOf(step.second), message: `${capital(labelOf(step.to))} is taken second.` });
  places.push(...traceOf(step.second, program));
  return places;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
