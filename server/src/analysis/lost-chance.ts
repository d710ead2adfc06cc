/**
 * Which lost changes their maintainers live with: true, but it takes two people on one settings form within the same
 * moment, or somebody who stores what anybody else would store. What is money, a limit or a permission is worth more
 * than that. Errs towards "lived with" (fixtures: test/rules/race-condition/lost-update/settings and forms).
 */
import type { FunctionFacts, Operation } from './fact.ts';
import type { ProgramFacts } from './program.ts';
import { type DatabaseOperation, isPrecious, isWrite, LOADER, plainColumn, sameTable } from './protection.ts';
import type { ColumnKind } from './schema.ts';
import { sameCall } from './trace.ts';
import { type FunctionKey, sameValue, type Value } from './value.ts';

/** What somebody sets up now and then: two who change it in the same moment are not worth a warning. */
export function isSetting(column: string): boolean {
  const name = column.slice(column.lastIndexOf('.') + 1);
  if (isRight(name) || isPrecious(name)) return false;
  return /setting|config|preference|white_?label|branding|theme|styl(e|ing)$|layout|appearance|customi[sz]|options?$|propert(y|ies)$|custom_?fields?$|(sort|display)?_?order(ing)?$/i.test(
    name,
  );
}

/** Who may do what: a revoked permission that comes back is no matter of taste. */
function isRight(column: string): boolean {
  return /auth|permission|grant|role|access|scope|secret|polic/i.test(column);
}

/** A list, a document or a copied column that few write and nobody counts. */
export function isSeldomLost(
  fn: FunctionFacts,
  read: DatabaseOperation,
  write: DatabaseOperation,
  { column, value, isPart }: { column: string; value: Value; isPart: boolean },
  program: ProgramFacts,
): boolean {
  if (isRight(column) || isPrecious(column)) return false;
  return (
    ((isPart || isMerge(value)) && areNextToEachOther(fn, read, write) && !comesInBursts(fn, program)) ||
    isForAdministrators(fn.fn.key, program)
  );
}

/** `{ ...row.data, key: value }`; a list that grows is written by many. */
function isMerge(value: Value): boolean {
  if (value.kind === 'union')
    return value.alternatives.some(isMerge) && value.alternatives.every(({ kind }) => kind !== 'array');
  return value.kind === 'object' && value.others.length > 0;
}

/** Nothing else is waited for between the two: the time one statement takes. */
function areNextToEachOther(fn: FunctionFacts, read: Operation, write: Operation): boolean {
  if (read.chain.length + write.chain.length === 0 && write.segment - read.segment > 1) return false;
  return !fn.operations.some(
    (other) =>
      other.order > read.order &&
      other.order < write.order &&
      other.awaited &&
      other.effect.kind !== 'memory' &&
      other.effect.kind !== 'throw' &&
      !sameCall(other, read) &&
      !sameCall(other, write),
  );
}

const EVENTS = /webhook|consumer|subscriber|worker|listener|processor/i;

/** Events about one thing arrive together; people come one by one. */
function comesInBursts({ fn, entries }: FunctionFacts, program: ProgramFacts): boolean {
  if (entries.some(({ kind }) => kind === 'webhook' || kind === 'queue' || kind === 'listener')) return true;
  return [fn.key, ...program.callersOf(fn.key)].some((key) => {
    const info = program.info(key);
    return info !== undefined && EVENTS.test(pathInProject(info.path, program));
  });
}

const ADMIN = /(^|[/._-])admin(istration|istrator|istrators)?[/._-]/i;

/** Reached from nowhere but the administrators' part of the program, or from what fills the database. */
export function isForAdministrators(key: FunctionKey, program: ProgramFacts, depth = 0): boolean {
  const info = program.info(key);
  if (info === undefined) return false;
  if (ADMIN.test(pathInProject(info.path, program)) || LOADER.test(`.${info.qualifiedName}`)) return true;
  const callers = program.callersOf(key).filter((caller) => caller !== key);
  return depth < 2 && callers.length > 0 && callers.every((caller) => isForAdministrators(caller, program, depth + 1));
}

const folders = new WeakMap<ProgramFacts, string>();

/** Below the folder that all files have in common: what stands above it (`/home/admin`) is the machine's. */
export function pathInProject(path: string, program: ProgramFacts): string {
  let folder = folders.get(program);
  if (folder === undefined) {
    const [first = '', ...others] = program.files.map((file) => file.path);
    folder = first.slice(0, first.lastIndexOf('/') + 1);
    for (const other of others)
      while (!other.startsWith(folder)) folder = folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1);
    folders.set(program, folder);
  }
  return path.slice(folder.length);
}

/** A plain value stored again as it was read beside others that change; a list may be the old one less some. */
export function isOneValue(column: string, kind: ColumnKind | undefined): boolean {
  if (kind !== undefined && kind !== 'json') return true;
  return !/(s|list|data|json|items)$/.test(plainColumn(column)) || /(status|address|progress|access)$/i.test(column);
}

// ---------------------------------------------------------------- columns that know one way only

/** Every change of the column that the program makes stores this same value: rows may begin with another. */
export function isOnlyEver(write: DatabaseOperation, column: string, value: Value, program: ProgramFacts): boolean {
  const wanted = plainColumn(column);
  return program.ownOperations('database').every((other) => {
    if (!isWrite(other) || other.effect.action === 'insert' || other.effect.action === 'delete') return true;
    if (!sameTable(other.effect, write.effect, program)) return other.effect.table !== undefined;
    const { data, args } = other.effect;
    if (data === undefined || args.some(isOpen)) return false;
    return [...data].every(([name, stored]) => plainColumn(name) !== wanted || sameValue(stored, value));
  });
}

/** `data: { ...input }`: whatever the caller names. */
function isOpen(value: Value): boolean {
  if (value.kind !== 'object') return false;
  return value.others.length > 0 || [...value.properties.values()].some(isOpen);
}
