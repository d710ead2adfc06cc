/**
 * Whether a search only gives keys, whose rows are then read from the database: what is left in the index after its
 * row was deleted is found and never shown. Errs towards "shown" (fixture: libraries/read-back.ts).
 */
import type { Operation } from '../../../analysis/fact.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { type DatabaseOperation, isRead } from '../../../analysis/protection.ts';
import { plainTable } from '../../../analysis/schema.ts';
import { libraryOf } from '../../../analysis/transaction-escape.ts';
import { sourcesOf } from '../../../analysis/value.ts';

const known = new WeakMap<ProgramFacts, ReadonlySet<string>>();

export function isReadBack(write: DatabaseOperation, indexed: Operation, program: ProgramFacts): boolean {
  const { table } = write.effect;
  if (table === undefined) return false;
  let pairs = known.get(program);
  if (pairs === undefined) {
    pairs = new Set(program.functions.flatMap(({ operations }) => operations.filter(isRead).flatMap(pairsOf)));
    known.set(program, pairs);
  }
  return pairs.has(pairOf(indexed, table));
}

/** Search engines that say which rows of its table a query asks for. */
function pairsOf({ effect }: DatabaseOperation): string[] {
  const { table, where = [] } = effect;
  if (table === undefined) return [];
  const sources = where.flatMap(({ value }) => [...sourcesOf(value)]);
  return sources.filter((source) => source.effect.kind === 'request').map((source) => pairOf(source, table));
}

function pairOf({ model }: Operation, table: string): string {
  return `${libraryOf(model)}|${plainTable(table)}`;
}
