/**
 * Which second rows their maintainers live with: true, but only somebody who is alone with the thing stores it twice, or
 * the two are told apart. Errs towards "lived with" by the names of columns, tables and folders (fixture:
 * test/rules/toctou/db-check-then-act/lived-with).
 */
import type { Condition, FunctionFacts } from './fact.ts';
import { pathInProject } from './lost-chance.ts';
import type { ProgramFacts } from './program.ts';
import { columnOf, type DatabaseOperation, isRead, isUserKey, plainColumn } from './protection.ts';
import { hasPart, sourcesOf, type Value } from './value.ts';

/** `keys` is what was looked for, `shared` what of it the new row has. */
export function isLivedWith(
  fn: FunctionFacts,
  read: DatabaseOperation,
  write: DatabaseOperation,
  keys: readonly Condition[],
  shared: readonly Condition[],
  program: ProgramFacts,
): boolean {
  const isFound = sourcesOf(fn.returns).has(read);
  if (shared.some(({ column }) => isLabel(column))) {
    // Two labels of one user's own are this user's to live with, unless one of them was to be found.
    if (!isFound && keys.some(({ column }) => isUserKey(column))) return true;
    if (isCalledByNobody(fn, program)) return true;
  }
  if (isHistory(write)) return true;
  return isFirstUse(fn, program) || (!isFound && (isConnection(read, keys) || isOwnRowBeside(read, write, keys)));
}

/** What was before, kept to look back at: an entry too many says the same once more. */
function isHistory({ effect }: DatabaseOperation): boolean {
  return /(revision|history|audit_?log|activity_?log)s?$/i.test(effect.table ?? '');
}

/** People tell two of the same name apart, and may live with both. */
export function isLabel(column: string): boolean {
  return /^(name|title|label|displayname|description|alias|nickname)$/.test(plainColumn(column));
}

/** Handlers are known, and none of them leads here: what is left is somebody else's program. */
function isCalledByNobody({ fn, entries }: FunctionFacts, program: ProgramFacts): boolean {
  return (
    entries.every(({ kind }) => kind === 'exported') &&
    program.callersOf(fn.key).length === 0 &&
    program.functions.some((other) => other.entries.some(({ kind }) => /^(http|graphql|rpc)$/.test(kind)))
  );
}

/** Whoever sets up a new installation or organisation is alone in it, and does it once. */
function isFirstUse({ fn }: FunctionFacts, program: ProgramFacts): boolean {
  return /(^|\/)(set-?up|onboarding|first-?run|getting-?started)\//i.test(pathInProject(fn.path, program));
}

/** What an organisation is connected with: one administrator fills in the form, and sees what is there. */
function isConnection({ effect }: DatabaseOperation, keys: readonly Condition[]): boolean {
  return (
    /(integration|connector|connection)s?$/i.test(effect.table ?? '') &&
    keys.some(({ column }) =>
      /^(team|org|organi[sz]ation|workspace|tenant|company)(id|uid|uuid)?$/.test(plainColumn(column)),
    ) &&
    !keys.some(({ column }) => isUserKey(column))
  );
}

/**
 * Stored for whoever asks, on the way to something else, where another row is in a certain state: two requests of one
 * person would both have to come to it. What a request is for stands on the main way, after the checks that end it.
 */
function isOwnRowBeside(read: DatabaseOperation, write: DatabaseOperation, keys: readonly Condition[]): boolean {
  return (
    keys.some(({ column, value }) => isUserKey(column) && isActingUser(value)) &&
    write.guards.some(
      ({ test, earlyExit }) =>
        !earlyExit &&
        hasPart(
          test,
          (part) =>
            part.kind === 'result' &&
            part.operation !== read &&
            isRead(part.operation) &&
            columnOf(part.path) !== undefined,
        ),
    )
  );
}

/** `request.user.id`, `ctx.state.auth.user.id`, `session.userId`. */
function isActingUser(value: Value): boolean {
  if (value.kind !== 'place' || value.root.kind !== 'parameter') return false;
  const owner = value.path.slice(0, -1);
  return (
    owner.some((name) => /^(auth|session|user|currentUser|viewer|principal)$/.test(name)) && !owner.includes('body')
  );
}
