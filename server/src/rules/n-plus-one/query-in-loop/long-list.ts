/**
 * Whether anything says that a list which no query gave is long. A list that a function is handed by itself is: it is
 * for as many as there are. What is part of a request, is found in a text or has been put in groups is as long as
 * somebody made it, unless its elements are rows that others have or a caller has read.
 */

import type { FunctionFacts, Loop } from '../../../analysis/fact.ts';
import { isElementOf } from '../../../analysis/loop-kind.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import type { DatabaseOperation } from '../../../analysis/protection.ts';
import {
  asSeenByCallers,
  isImportOrTool,
  listName,
  listSpan,
  loopSyntax,
  nounOf,
} from '../../../analysis/repetition.ts';
import { hasPart, type PlaceValue, type Value, walkValue } from '../../../analysis/value.ts';
import { textOf } from '../../../rewrite/source-edit.ts';
import { FOR_MANY, isFoundInText, originOf } from './list-origin.ts';

export function isKnownLong(fn: FunctionFacts, loop: Loop, query: DatabaseOperation, program: ProgramFacts): boolean {
  if (isImportOrTool(fn)) return !isPartOfOne(loop);
  if (isFoundInText(loop.over)) return false;
  if (FOR_MANY.test(ownName(fn))) return true;
  const list = loop.over === undefined ? undefined : placeOfList(loop.over);
  if (list !== undefined && mayBeOne(query, list)) return false;
  if (isReadByCallers(fn, loop, query, program)) return true;
  if (isDictionary(loop, program) || isGroup(loop.over)) return false;
  if (list === undefined) return true;
  if (list.root.kind !== 'parameter' || list.path.length === 0) return true;
  return isRelation(list, program) || asksByRowKey(loop, query, program);
}

function ownName({ fn }: FunctionFacts): string {
  return fn.qualifiedName.split('.').findLast((part) => !part.startsWith('<')) ?? '';
}

/** Some caller hands in what a query gave it. */
function isReadByCallers(fn: FunctionFacts, loop: Loop, query: DatabaseOperation, program: ProgramFacts): boolean {
  return asSeenByCallers(query, loop, fn, program).some((seen) => originOf(seen) !== 'input');
}

/** `for (const option of product.options)` in an import of products: a few of each. */
function isPartOfOne({ over }: Loop): boolean {
  return over?.kind === 'element' && over.path.length > 0;
}

/** `Object.entries(linesByOrder)`: groups of them, or what somebody wrote down by name. */
function isDictionary(loop: Loop, program: ProgramFacts): boolean {
  const syntax = loopSyntax(loop, program);
  const span = syntax === undefined ? undefined : listSpan(syntax);
  const text = syntax === undefined || span === undefined ? '' : textOf(syntax.file, span);
  return /^Object\.(keys|values|entries)\(/.test(text);
}

/** `lines` of `for (const [order, lines] of Object.entries(linesByOrder))`. */
function isGroup(list: Value | undefined): boolean {
  return list?.kind === 'element' && /^\d$/.test(list.path[0] ?? '');
}

/** `lines` of `lines ?? []`, `unique(lines.map((line) => line.id))`. */
function placeOfList(list: Value): PlaceValue | undefined {
  if (list.kind === 'place') return list;
  if (list.kind === 'union') {
    const [only, ...others] = list.alternatives.filter((part) => part.kind !== 'array' || part.elements.length > 0);
    return only === undefined || others.length > 0 ? undefined : placeOfList(only);
  }
  if (list.kind !== 'computed' || !/^(new:Set|call:(unique|uniq|uniqBy|map|filter|slice|from))$/.test(list.operator))
    return undefined;
  const [of] = list.operands.filter((part) => part.kind !== 'place' || part.root.kind !== 'global');
  return of === undefined ? undefined : placeOfList(of);
}

/** `Array.isArray(given)`: one or several, and then mostly one. */
function mayBeOne({ guards }: DatabaseOperation, list: PlaceValue): boolean {
  return guards.some(
    ({ test }) =>
      test.kind === 'computed' &&
      test.operator === 'call:isArray' &&
      hasPart(test, (part) => part.kind === 'place' && isSamePlace(part, list)),
  );
}

function isSamePlace(a: PlaceValue, b: PlaceValue): boolean {
  if (a.root.kind !== 'parameter' || b.root.kind !== 'parameter') return false;
  return a.root.fn === b.root.fn && a.root.index === b.root.index && a.path.join('.') === b.path.join('.');
}

// ---------------------------------------------------------------- rows

/** `order.lines`, where the schema says that an order has many of them. */
function isRelation({ root, path }: PlaceValue, program: ProgramFacts): boolean {
  const name = path.at(-1);
  const owner = path.at(-2) ?? ('name' in root ? root.name : root.class?.split('#').at(-1));
  const kind = name === undefined || owner === undefined ? undefined : program.relationKind(owner, name);
  return kind === 'one-to-many' || kind === 'many-to-many';
}

/** Each element names a row that another row has many of: `{ orderLineId }`, an id of `lineIds`. */
function asksByRowKey(loop: Loop, { effect }: DatabaseOperation, program: ProgramFacts): boolean {
  const keys = new Set<string>();
  for (const value of [...(effect.where ?? []).map((condition) => condition.value), ...effect.args]) {
    walkValue(value, (part) => {
      if (isElementOf(part, loop)) keys.add(part.path.at(-1) ?? listName(loop, program) ?? '');
    });
  }
  return [...keys].some((key) => {
    const noun = nounOf(key);
    const relations = noun === key ? undefined : entityNamed(noun, program)?.relations.values();
    return [...(relations ?? [])].some(({ kind }) => kind === 'many-to-one');
  });
}

function entityNamed(name: string | undefined, program: ProgramFacts): ReturnType<ProgramFacts['entity']> {
  if (name === undefined || name === '') return undefined;
  return program.entity(name) ?? program.entity(name.charAt(0).toUpperCase() + name.slice(1));
}
