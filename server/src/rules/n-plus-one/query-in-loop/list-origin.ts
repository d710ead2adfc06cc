/**
 * Where the elements of a loop come from, and whether they are few because a person puts them together by hand.
 * Errs towards "few" for what is handed to a function that creates or changes one thing: the rows of a form are few,
 * ids marked in a list and rows of a file are not (fixture: filled-by-hand.ts).
 */

import type { FunctionFacts, FunctionInfo, Guard, Loop } from '../../../analysis/fact.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import type { DatabaseOperation } from '../../../analysis/protection.ts';
import { isDatabaseOperation } from '../../../analysis/protection.ts';
import { listName, nounOf } from '../../../analysis/repetition.ts';
import { countStatements } from '../../../analysis/trace.ts';
import { hasPart, sourcesOf, type Value } from '../../../analysis/value.ts';
import { statementsIn } from './work-beside.ts';

/** `rows`: all that a query gives. `page`: a limited number of them. `input`: given from outside, or not known. */
export type ListOrigin = 'rows' | 'page' | 'input';

export function originOf(loop: Loop): ListOrigin {
  if (loop.form === 'stream' || loop.form === 'for-await') return 'rows';
  // However many rows there are, each has its own text.
  if (isFoundInText(loop.over)) return 'input';
  const reads = loop.over === undefined ? [] : [...sourcesOf(loop.over)].filter(isDatabaseOperation);
  const lists = reads.filter(({ effect }) => effect.action === 'read' && effect.returns === 'rows');
  if (lists.length === 0) return 'input';
  return lists.some(({ effect }) => effect.limited) ? 'page' : 'rows';
}

/** What a text mentions: links, attachments, names. */
export function isFoundInText(list: Value | undefined): boolean {
  return (
    list !== undefined &&
    hasPart(
      list,
      (part) => part.kind === 'computed' && /^call:(split|match|matchAll|exec|parse[A-Z]\w*)$/.test(part.operator),
    )
  );
}

// ---------------------------------------------------------------- filled in by hand

/** Makes one thing of what a person gave; */
const MAKES_ONE =
  /^(create|add|insert|new|accept|invite|join|sign_?up|register|onboard|provision|grant|configure|build|make|prepare|assign|submit)(?![a-z])/;
/** or changes one. A list that is all it gets is many things. */
const CHANGES_ONE = /^(update|set|save|edit|modify|change|replace|put|patch|upsert)(?![a-z])/;
/** A function named so is for as many as it is given. */
export const FOR_MANY = /bulk|batch|import|many|(?<![a-z])all|sync|copy|clone|migrate|multiple/i;

/** What people put together from a few choices when they fill in a form. */
const PICKED =
  /^(team|workspace|organi[sz]ation|project|channel|segment|mapping|surcharge|filter|action|site|target|file|upload|recipient|invitee|choice|answer)(s|es)?$/i;

/** What one person belongs to, what one account or project is opened with. */
const OF_ONE = /^(team|workspace|organi[sz]ation|tenant|company|companie|token|credential|secret|passkey)s?$/i;

/** What one thing is made of: rows that belong to it, however they were read. */
const PART = /^(trigger|filter|condition|choice|answer|mapping|surcharge|section|widget)s?$/i;

export function isFilledByHand(fn: FunctionFacts, loop: Loop, program: ProgramFacts): boolean {
  if (PART.test(lastWord(nounOf(listName(loop, program) ?? '')))) return true;
  if (originOf(loop) !== 'input') return isOfOnePerson(fn, loop, program);
  const isPart = loop.over?.kind !== 'place' || loop.over.path.length > 0 || isBesideOthers(fn);
  const name = listName(loop, program) ?? '';
  const noun = nounOf(name);
  // Whole rows that somebody hands over were read somewhere; keys and parts of what was sent were not.
  if ((isPart || noun !== name) && (PICKED.test(lastWord(noun)) || OF_ONE.test(lastWord(noun)))) return true;
  if (comesFromFilter(loop.over)) return true;
  return isPart && makesOrChangesOne(fn.fn);
}

/** `for (const team of teamsOf(user))` in a request: a person is in few, the whole installation has many. */
function isOfOnePerson({ entries }: FunctionFacts, loop: Loop, program: ProgramFacts): boolean {
  const noun = lastWord(nounOf(listName(loop, program) ?? ''));
  if (/^memberships?$/i.test(noun) && isReadByPerson(loop)) return true;
  return OF_ONE.test(noun) && !entries.some(({ kind }) => kind === 'cron' || kind === 'queue' || kind === 'interval');
}

/** Rows of one person: `where: { userId }`. */
function isReadByPerson({ over }: Loop): boolean {
  const reads = over === undefined ? [] : [...sourcesOf(over)].filter(isDatabaseOperation);
  return reads.some(
    ({ effect }) =>
      effect.where?.some(
        ({ column, operator }) => operator === '=' && /^(user|person|account|profile)/i.test(column),
      ) ?? false,
  );
}

/** So few statements that the lines of one purchase, which are mostly two or three, do not make them many. */
const FEW_PER_LINE = 2;

/** `order.lines`, `input.lines`: as long as one purchase. A statement that is the same for all of them is one too many. */
export function isLinesOfOne(fn: FunctionFacts, loop: Loop, program: ProgramFacts): boolean {
  if (!/^lines?$/i.test(lastWord(nounOf(listName(loop, program) ?? '')))) return false;
  // Handed over by itself, a list is for as many as there are; and so are the lines of each of many.
  if (loop.over?.kind === 'place' && loop.over.path.length === 0) return false;
  const inside = statementsIn(fn, loop);
  if (inside.some(({ loops }) => loops.some(({ id, repeats }) => id !== loop.id && repeats === 'elements')))
    return false;
  return countStatements(inside) <= FEW_PER_LINE;
}

function lastWord(name: string): string {
  return name.split(/(?=[A-Z])|_/).at(-1) ?? '';
}

/** `create(order, lines)` makes one thing; `addTags(item, names)` as many as it is given. */
function isBesideOthers({ fn, parameterNames }: FunctionFacts): boolean {
  if (/[a-z](?<![sui])s$/.test(fn.node.name)) return false;
  return parameterNames.filter((name) => !HELPER.test(name)).length > 1;
}

const HELPER = /^(ctx|context|tx|trx|manager|em|db|pool|client|user|options?)$/i;

/** The conditions that somebody searches by. */
function comesFromFilter(list: Value | undefined): boolean {
  return (
    list !== undefined &&
    hasPart(
      list,
      (part) => part.kind === 'place' && 'name' in part.root && /^(filters?|query|search\w*)$/i.test(part.root.name),
    )
  );
}

function makesOrChangesOne({ qualifiedName }: FunctionInfo): boolean {
  const own = qualifiedName.split('.').findLast((part) => !part.startsWith('<')) ?? '';
  const name = own.charAt(0).toLowerCase() + own.slice(1);
  return !FOR_MANY.test(name) && (MAKES_ONE.test(name) || CHANGES_ONE.test(name));
}

// ---------------------------------------------------------------- bounded by a check

/** `if (ids.length > LIMIT) throw …` before the loop: also for a list that is called alike, what is left of those. */
export function isLimitedByCheck(query: DatabaseOperation, loop: Loop, program: ProgramFacts): boolean {
  const name = nounOf(listName(loop, program) ?? '');
  return query.guards.some((guard) => {
    const counted = guard.earlyExit ? countedIn(guard) : undefined;
    return counted !== undefined && counted !== '' && counted === name;
  });
}

/** What `xs.length > LIMIT` counts where it does not hold. */
function countedIn({ test, holds }: Guard): string | undefined {
  if (test.kind !== 'computed') return undefined;
  const [left, right] = test.operands;
  const [many, few] = /^>=?$/.test(test.operator) ? [left, right] : /^<=?$/.test(test.operator) ? [right, left] : [];
  const isUpper = /^>/.test(test.operator) ? !holds : /^</.test(test.operator) && !holds;
  if (!isUpper || many === undefined || (few?.kind === 'constant' && few.value === 0)) return undefined;
  return lengthOf(many);
}

function lengthOf(value: Value): string | undefined {
  if (value.kind === 'place' && value.path.at(-1) === 'length') {
    const name = value.path.at(-2) ?? ('name' in value.root ? value.root.name : '');
    return nounOf(name);
  }
  if (value.kind === 'computed' && value.operator === 'member:length') {
    const [list] = value.operands;
    return list?.kind === 'place' ? nounOf(list.path.at(-1) ?? ('name' in list.root ? list.root.name : '')) : undefined;
  }
  return undefined;
}
