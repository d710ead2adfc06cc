/**
 * A file is looked for and then acted on by its path: another process, or another run of the same function, can
 * change it in between.
 */
import { sameCall, placeOf, nameOf, resourceKey, traceOf, labelOf } from '../../../analysis/trace.ts';
import type { FileEffect, FunctionFacts, Operation } from '../../../analysis/fact.ts';
import { sameValue, sourcesOf, type Value, walkValue } from '../../../analysis/value.ts';
import { type Confidence, defineRule } from '../../../rule.ts';
import { fixFsCheck } from './fix.ts';

export interface FsCheckEvidence {
  readonly check: Operation;
  readonly use: Operation;
  readonly effect: FileEffect;
  readonly confidence: Confidence;
}

const USES: ReadonlySet<FileEffect['action']> = new Set(['write', 'open', 'mkdir', 'remove', 'rename', 'copy', 'append']);

export const fsCheckThenUse = defineRule<FsCheckEvidence>({
  id: 'toctou/fs-check-then-use',
  summary: 'A file is checked and then used by its path.',
  severity: 'warning',
  status: 'stable',
  cwe: [367],
  detect,
  report: ({ check, use, effect, confidence }, { program }) => ({
    at: placeOf(use),
    message: `${subject(effect.path)} is checked with ${nameOf(check)} and then used by ${nameOf(use)}; it can change in between.`,
    related: [{ at: placeOf(check), message: 'Checked here.' }, ...traceOf(check, program), ...traceOf(use, program)],
    confidence,
    resource: `file ${resourceKey(effect.path)}`,
  }),
  fixes: fixFsCheck,
});

function subject(path: Value): string {
  const label = labelOf(path);
  return label === undefined ? 'The path' : `'${label}'`;
}

function detect(fn: FunctionFacts): readonly FsCheckEvidence[] {
  const checks = fn.operations.filter(isCheck);
  if (checks.length === 0) return [];
  const found: FsCheckEvidence[] = [];
  const reported = new Set<number>();
  for (const use of fn.operations) {
    const { effect } = use;
    if (effect.kind !== 'file' || !USES.has(effect.action) || isExclusive(effect)) continue;
    const check = checks.find((candidate) => candidate.order < use.order && decides(candidate, use, effect));
    const place = placeOf(use).start;
    if (check === undefined || sameCall(check, use) || reported.has(place)) continue;
    reported.add(place);
    found.push({ check, use, effect, confidence: confidenceOf(fn, check, use, effect) });
  }
  return found;
}

function isCheck(operation: Operation): boolean {
  return operation.effect.kind === 'file' && (operation.effect.action === 'check' || operation.effect.action === 'stat');
}

/** What creates or removes in one step that says whether it did is the fix, not the bug. */
function isExclusive(effect: FileEffect): boolean {
  if (effect.flags.some((flag) => /x/.test(flag) && /^[raw]+s?x\+?$/.test(flag))) return true;
  if (effect.flags.some((flag) => flag === 'O_EXCL' || flag === 'COPYFILE_EXCL')) return true;
  if (effect.action === 'mkdir' && effect.flags.includes('recursive')) return true;
  if (effect.action === 'remove' && effect.flags.includes('force')) return true;
  // Opening to read is checked by the opening itself.
  return effect.action === 'open' && !effect.flags.some((flag) => /^[wa]/.test(flag));
}

/** The check's answer leads to the use: a guard on it, or the handler of a `try` around it. */
function decides(check: Operation, use: Operation, effect: FileEffect): boolean {
  if (check.effect.kind !== 'file') return false;
  const same = sameValue(check.effect.path, effect.path) || (effect.to !== undefined && sameValue(check.effect.path, effect.to));
  if (!same) return false;
  if (use.guards.some((guard) => !check.guards.includes(guard) && sourcesOf(guard.test).has(check))) return true;
  return check.tries.some((around) => around.in === 'block' && use.tries.some((other) => other.id === around.id && other.in === 'handler'));
}

function confidenceOf(fn: FunctionFacts, check: Operation, use: Operation, effect: FileEffect): Confidence {
  if (isPrivate(effect.path)) return 'low';
  // Between two synchronous calls only another process can come.
  if (check.effect.kind === 'file' && check.effect.sync && effect.sync && check.segment === use.segment) return 'low';
  // A missing directory that two create at once: one of them fails, nothing is lost.
  if (fn.entries.length === 0 || check.basis === 'shape' || use.basis === 'shape') return 'medium';
  return use.coarse || check.coarse ? 'medium' : 'high';
}

/** The process's own temporary or home directory: nobody else writes there. */
function isPrivate(path: Value): boolean {
  let found = false;
  walkValue(path, (part) => {
    if (part.kind === 'computed' && /^call:(tmpdir|homedir|mkdtemp|mkdtempSync|tmpNameSync|randomUUID|uuid|v4|nanoid)$/.test(part.operator)) found = true;
    if (part.kind === 'result' && part.operation.name.startsWith('mkdtemp')) found = true;
    if (part.kind === 'constant' && typeof part.value === 'string' && /^\/?(tmp|var\/tmp)\b/.test(part.value)) found = true;
  });
  return found;
}
