/**
 * A file is looked for and then acted on by its path: another process, or another run of the same function, can
 * change it in between. What only reads, and what cannot fail or overwrite when the answer is stale, is left alone.
 */

import type { FileEffect, FunctionFacts, Guard, Operation } from '../../../analysis/fact.ts';
import { opposite, type Presence, presenceOf } from '../../../analysis/file-check.ts';
import { functionKey } from '../../../analysis/hierarchy.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { isStartUp } from '../../../analysis/repetition.ts';
import { labelOf, nameOf, placeOf, resourceKey, sameCall, traceOf } from '../../../analysis/trace.ts';
import { hasPart, keyOf, sameValue, sourcesOf, type Value, walkValue } from '../../../analysis/value.ts';
import { callAt } from '../../../rewrite/source-edit.ts';
import { type Confidence, defineRule } from '../../../rule.ts';
import { fixFsCheck } from './fix.ts';

export interface FsCheckEvidence {
  readonly check: Operation;
  readonly use: Operation;
  readonly effect: FileEffect;
  /** What the check said when the use runs. */
  readonly presence: Presence | undefined;
  /** Something between the two makes the file: from then on it is there. */
  readonly made: boolean;
  readonly confidence: Confidence;
}

const USES: ReadonlySet<FileEffect['action']> = new Set([
  'write',
  'open',
  'mkdir',
  'remove',
  'rename',
  'copy',
  'append',
]);

export const fsCheckThenUse = defineRule<FsCheckEvidence>({
  id: 'toctou/fs-check-then-use',
  summary: 'A file is checked and then used by its path.',
  severity: 'warning',
  status: 'stable',
  cwe: [367],
  detect: (fn, { program }) => detect(fn, program),
  report: ({ check, use, effect, presence, confidence }, { program }) => ({
    at: placeOf(use),
    message: `${subject(effect, presence)} is looked for with ${nameOf(check)} and then ${VERBS[effect.action] ?? 'used'} by ${nameOf(use)}; ${consequence(effect, presence)}.`,
    related: [
      { at: placeOf(check), message: 'Looked for here.' },
      ...traceOf(check, program),
      ...traceOf(use, program),
    ],
    confidence,
    resource: `file ${resourceKey(effect.path)}`,
  }),
  fixes: fixFsCheck,
});

const VERBS: Partial<Record<FileEffect['action'], string>> = {
  write: 'written',
  append: 'appended to',
  open: 'opened',
  mkdir: 'created',
  remove: 'removed',
  rename: 'moved',
  copy: 'copied',
};

function subject(effect: FileEffect, presence: Presence | undefined): string {
  const label = labelOf(presence === 'missing' && effect.to !== undefined ? effect.to : effect.path);
  return label === undefined ? 'The path' : `'${label}'`;
}

function consequence(effect: FileEffect, presence: Presence | undefined): string {
  if (presence === 'present') return 'it can be gone by then';
  if (presence === undefined) return 'it can change in between';
  return effect.action === 'mkdir'
    ? 'it can exist by then, and the call fails'
    : 'a file that appears in between is overwritten';
}

// ---------------------------------------------------------------- detection

function detect(fn: FunctionFacts, program: ProgramFacts): readonly FsCheckEvidence[] {
  const checks = fn.operations.filter(isCheck);
  if (checks.length === 0) return [];
  const reported = new Set<string>();
  const found: FsCheckEvidence[] = [];
  const add = (check: Operation, use: Operation, presence: Presence | undefined, owner: FunctionFacts): void => {
    if (use.effect.kind !== 'file' || sameCall(check, use) || isHandled(use, presence, program)) return;
    const place = `${placeOf(use).path}:${placeOf(use).start}`;
    // What is done next to a file that was just made no longer rests on the check.
    const creates =
      presence === 'missing' && use.effect.action !== 'remove' ? `${check.id} ${use.guards.length}` : place;
    if (reported.has(place) || reported.has(creates)) return;
    const confidence = confidenceOf(owner, check, use, use.effect, presence, program);
    if (confidence === undefined) return;
    reported.add(place).add(creates);
    found.push({ check, use, effect: use.effect, presence, made: isMade(check, use, owner), confidence });
  };
  for (const use of fn.operations) {
    if (!isUse(use)) continue;
    for (const check of checks) {
      if (check.order >= use.order || !isAbout(check, use) || isOwn(check, use, fn.operations)) continue;
      const answer = answerOf(check, use);
      if (answer !== undefined) add(check, use, answer.presence, fn);
    }
  }
  for (const check of checks) {
    for (const { use, presence } of inCallback(check, program)) add(check, use, presence, fn);
  }
  return found;
}

function isCheck(operation: Operation): boolean {
  const { effect, name, model } = operation;
  if (effect.kind !== 'file' || (effect.action !== 'check' && effect.action !== 'stat')) return false;
  return (
    /(^|#)(access|exists|stat|lstat|pathExists)(Sync)?$/.test(model) ||
    /^(access|exists|stat|lstat|pathExists)(Sync)?$/.test(name)
  );
}

function isUse(operation: Operation): boolean {
  const { effect } = operation;
  // `utimes` and `chmod` touch what is there.
  return (
    effect.kind === 'file' &&
    USES.has(effect.action) &&
    !isExclusive(effect) &&
    !/(utimes|chmod|chown|truncate)(Sync)?$/.test(operation.model)
  );
}

/** What creates or removes in one step that says whether it did is the fix, not the bug. */
function isExclusive(effect: FileEffect): boolean {
  if (failsIfThere(effect)) return true;
  if (effect.action === 'mkdir' && effect.flags.includes('recursive')) return true;
  if (effect.action === 'remove' && effect.flags.includes('force')) return true;
  // Opening to read is checked by the opening itself.
  return effect.action === 'open' && !effect.flags.some((flag) => /^[wa]/.test(flag));
}

function failsIfThere({ flags }: FileEffect): boolean {
  return flags.some(
    (flag) => /^[raw]+s?x\+?$|^[raw]s?x?\+?x$/.test(flag) || flag === 'O_EXCL' || flag === 'COPYFILE_EXCL',
  );
}

/** From its exclusive creation on the file is this function's own. */
function isOwn(check: Operation, use: Operation, operations: readonly Operation[]): boolean {
  return operations.some(
    (other) =>
      other.order > check.order &&
      other.order < use.order &&
      other.effect.kind === 'file' &&
      failsIfThere(other.effect) &&
      isAbout(check, other),
  );
}

function isAbout(check: Operation, use: Operation): boolean {
  if (check.effect.kind !== 'file' || use.effect.kind !== 'file') return false;
  const { path } = check.effect;
  return sameValue(path, use.effect.path) || (use.effect.to !== undefined && sameValue(path, use.effect.to));
}

/** The `try` around the use knows the error that a stale answer leads to. */
function isHandled(use: Operation, presence: Presence | undefined, program: ProgramFacts): boolean {
  const code = presence === 'present' ? 'ENOENT' : 'EEXIST';
  return use.tries.some(
    ({ at, in: part }) =>
      part === 'block' && program.file(at.path)?.text.slice(at.start, at.end).includes(code) === true,
  );
}

function isMade(check: Operation, use: Operation, fn: FunctionFacts): boolean {
  return fn.operations.some(
    (other) =>
      other.order > check.order &&
      other.order < use.order &&
      other.effect.kind === 'file' &&
      /^(write|append|open|mkdir|copy|rename)$/.test(other.effect.action) &&
      isAbout(other, use),
  );
}

/** The check's answer leads to the use: a guard on it, or the handler of a `try` around it. */
function answerOf(check: Operation, use: Operation): { presence: Presence | undefined } | undefined {
  // Of a check made and undone several times, the guards that came with it say nothing.
  const guard = use.guards.find(
    (candidate) => !check.guards.includes(candidate) && sourcesOf(candidate.test).has(check),
  );
  if (guard !== undefined) return { presence: said(guard, check) };
  // `exists` gives an answer and throws nothing: what fails in the `try` around it is something else.
  const handled =
    !/exists(Sync)?$/i.test(check.name) &&
    check.tries.some(
      (around) => around.in === 'block' && use.tries.some((other) => other.id === around.id && other.in === 'handler'),
    );
  return handled ? { presence: 'missing' } : undefined;
}

function said(guard: Guard, check: Operation): Presence | undefined {
  const presence = presenceOf(guard.test, check);
  return guard.holds ? presence : opposite(presence);
}

/** `fs.access(path, (error) => { … })`: what the callback does runs on the answer, which is its first parameter. */
function inCallback(check: Operation, program: ProgramFacts): { use: Operation; presence: Presence | undefined }[] {
  if (check.chain.length > 0 || check.model.includes('promises')) return [];
  const file = program.file(check.at.path);
  const last = file === undefined ? undefined : callAt(file, check.span)?.args.at(-1);
  const callback = last?.kind === 'function' ? program.factsOf(functionKey(check.at.path, last.fn)) : undefined;
  if (callback === undefined) return [];
  const isAnswer = check.name === 'exists' || check.name === 'pathExists';
  const found: { use: Operation; presence: Presence | undefined }[] = [];
  for (const use of callback.operations) {
    if (!isUse(use) || !isAbout(check, use)) continue;
    const guard = use.guards.find((candidate) => keyOf(candidate.test).includes(`param:${callback.fn.key}:`));
    if (guard === undefined) continue;
    // The error's, or the answer's, truth.
    let negations = guard.holds === isAnswer ? 0 : 1;
    let test = guard.test;
    while (test.kind === 'computed' && test.operator === '!' && test.operands[0] !== undefined) {
      negations += 1;
      test = test.operands[0];
    }
    found.push({ use, presence: negations % 2 === 0 ? 'present' : 'missing' });
  }
  return found;
}

// ---------------------------------------------------------------- confidence

/** Undefined when the outcome is the same whoever comes in between. */
function confidenceOf(
  fn: FunctionFacts,
  check: Operation,
  use: Operation,
  effect: FileEffect,
  presence: Presence | undefined,
  program: ProgramFacts,
): Confidence | undefined {
  if (check.effect.kind !== 'file' || isUnique(effect.path)) return undefined;
  if (isPrivate(effect.path) || isPrivate(effect.to) || isTool(fn.fn.path)) return 'low';
  // Between two synchronous calls only another process can come.
  if (check.effect.sync && effect.sync && check.segment === use.segment) return 'low';
  // A size, a kind or a time read first: the file is there either way.
  if (check.effect.action === 'stat' && presence !== 'missing') return 'low';
  // Written because it is there: at worst it is created again. Moved or copied from: the call fails and says so.
  if (presence !== 'missing' && effect.action !== 'remove') return 'low';
  // Two that take the same source, or the same target.
  if (effect.to !== undefined && presence === 'missing' && sameValue(check.effect.path, effect.path)) return 'low';
  // Stored by a name that was made up for it: only the same thing comes twice.
  if (presence === 'missing' && isNamedByKey(effect.path)) return 'low';
  // The failure of the second is caught and passed over.
  if (isForgiven(use, effect, presence)) return 'low';
  if (preparesGround(fn, program)) return 'low';
  // Made once, with what anybody would put there.
  if (isFixed(effect.path)) return 'low';
  if (check.basis === 'shape' || use.basis === 'shape' || use.coarse || check.coarse) return 'medium';
  // The use starts at once: only what is under way in another thread can come in between.
  if (check.effect.sync && check.segment === use.segment)
    return use.model.endsWith('createWriteStream') ? 'low' : 'medium';
  if (effect.action === 'remove' || effect.action === 'mkdir') return 'medium';
  return fn.entries.length > 0 ? 'high' : 'medium';
}

/** Nobody else knows the name. */
function isUnique(path: Value): boolean {
  return hasPart(path, (part) => {
    if (part.kind === 'result') return part.operation.name.startsWith('mkdtemp');
    return (
      part.kind === 'computed' &&
      /^call:(randomUUID|randomBytes|uuid|uuidv4|v4|nanoid|cuid|createId|tmpNameSync|mkdtemp|mkdtempSync)$/.test(
        part.operator,
      )
    );
  });
}

/** `key`, `hash`, `uploadId`: all that varies in the path is no name that people choose. */
function isNamedByKey(path: Value): boolean {
  const names: string[] = [];
  walkValue(path, (part) => {
    if (part.kind === 'place' && (part.root.kind === 'parameter' || part.root.kind === 'captured'))
      names.push(part.path.at(-1) ?? part.root.name);
    if (part.kind === 'result' || part.kind === 'element' || part.kind === 'unknown') names.push('');
  });
  return (
    names.length > 0 &&
    names.every((name) => /^(key|uuid|hash|digest|checksum|etag|sha\d*|md5)$|([a-z]Key|Hash|Uuid)$/.test(name))
  );
}

/** The process's own temporary or home directory: nobody else writes there. Who fills a cache twice fills in the same. */
function isPrivate(path: Value | undefined): boolean {
  return path !== undefined && hasPart(path, isPrivatePart);
}

function isPrivatePart(part: Value): boolean {
  switch (part.kind) {
    case 'computed':
      return /^call:(tmpdir|homedir)$/.test(part.operator);
    case 'constant':
      return (
        typeof part.value === 'string' && /^\/?(tmp|var\/tmp)\b|^\.(cache|config|tmp)\b|(^|\/)cache\//.test(part.value)
      );
    case 'place':
      return /te?mp(Dir|File|Path|Folder)?$/i.test(part.path.at(-1) ?? ('name' in part.root ? part.root.name : ''));
    default:
      return false;
  }
}

/** One user runs it at a time. */
function isTool(path: string): boolean {
  return /(^|\/)(cli|bin|create|generators?|codemods?|schematics|commands?|devtools|dev-server|electron|desktop)(\/|-|\.)|[-/](cli|create|devkit)\/|-cli\//i.test(
    path,
  );
}

/** A path without a part that depends on the call: made once, then there. */
function isFixed(path: Value): boolean {
  return !hasPart(path, (part) =>
    part.kind === 'place'
      ? part.root.kind === 'parameter' || part.root.kind === 'captured'
      : part.kind === 'result' || part.kind === 'element' || part.kind === 'unknown',
  );
}

/** When the process starts, or before something else is done. */
function preparesGround(fn: FunctionFacts, program: ProgramFacts): boolean {
  if (isStartUp(fn, program)) return true;
  return /^(init|start|setup|ensure|prepare|compile|build|scaffold|generate)/.test(fn.fn.node.name);
}

/** `mkdir` or `unlink` in a `try` that goes on: the stale answer does no harm. */
function isForgiven(use: Operation, effect: FileEffect, presence: Presence | undefined): boolean {
  const harmless = effect.action === 'mkdir' || (effect.action === 'remove' && presence === 'present');
  return (
    harmless &&
    use.tries.some(
      (around) =>
        around.in === 'block' &&
        (around.handler === 'continues' || around.handler === 'returns' || around.handler === 'mixed'),
    )
  );
}
