/**
 * How a library says what every fix needs to say: a column computed by the database, one more condition, whether
 * anything was written, a locked row, a transaction around statements. One file for each library; what a library cannot
 * say, or what its code does not show, is undefined, and no fix is offered.
 */
import type { Operation } from '../../analysis/fact.ts';
import type { ProgramFacts } from '../../analysis/program.ts';
import type { Edit } from '../../rule.ts';
import type { CallExpression, Expression, ObjectExpression, SourceFile } from '../../typescript/syntax.ts';
import type { Change } from '../column-change.ts';
import type { Requirement } from '../guard-text.ts';
import { callAt, edit, textOf } from '../source-edit.ts';

/** A statement, and the call that makes it. */
export interface Site {
  readonly file: SourceFile;
  readonly operation: Operation;
  readonly call: CallExpression;
  readonly program: ProgramFacts;
  /** How the function that a transaction is opened in writes a value, where that is another one. */
  readonly textOf?: (value: Expression) => string | undefined;
}

/** Waiting for each other, or letting one of two fail. */
export type Isolation = 'row-lock' | 'serializable';

export interface TransactionBlock {
  /** `lock-parent`: of the row that others belong to, where those are not there yet. */
  readonly kind: 'lock-row' | 'lock-parent' | 'serializable-transaction';
  /** What it is opened with, as the read's file writes it. */
  readonly client: string;
  /** What statements inside are sent through. */
  readonly name: string;
  /** `prisma.$transaction(async (tx) => {` */
  readonly open: string;
  /** `})` */
  readonly close: string;
  /** Statements at its beginning. */
  readonly first: readonly string[];
  /** What sends a statement through it; undefined for a statement that goes elsewhere. */
  readonly send: (site: Site) => readonly Edit[] | undefined;
  readonly imports: readonly Edit[];
  /** Names that have no type while the client has none. */
  readonly untyped?: readonly string[];
}

/** What a caller may see of a block, besides waiting. */
export const BLOCK_DIFFERENCES: Readonly<Record<TransactionBlock['kind'], string>> = {
  'lock-row': 'A second run waits for the first before it reads the row.',
  'lock-parent': 'A second run for the same row waits for the first before it checks.',
  'serializable-transaction': 'A run that the database rejects for the sake of another is tried again.',
};

export interface Dialect {
  readonly speaks: (operation: Operation) => boolean;
  /** The object that gives the columns their values. */
  readonly data?: (site: Site) => ObjectExpression | undefined;
  /** Lets the database compute the column from what it holds, where the program gave it `value`; `isChecked` when a condition is to join and the outcome to be looked at. */
  readonly relative?: (
    site: Site,
    column: string,
    change: Change,
    value: Expression,
    isChecked: boolean,
  ) => readonly Edit[] | undefined;
  /** `relative` says what a column that is NULL counts as. */
  readonly coalesces?: true;
  /** The calls that change columns of a row by amounts, for one that saves the whole row. */
  readonly incrementRow?: (
    site: Site,
    row: string,
    read: Operation,
    changes: readonly ColumnChange[],
    requirement: Requirement | undefined,
  ) => RowIncrement | undefined;
  /** Hooks and the like that the computed form does without. */
  readonly relativeDifference?: string;
  /** More conditions on the rows that are written. */
  readonly condition?: (site: Site, requirements: readonly Requirement[]) => readonly Edit[] | undefined;
  /** Writes only while the column has this value; for a library in which the database computes no column. */
  readonly unchanged?: (site: Site, column: string, value: string) => readonly Edit[] | undefined;
  /** How the statement says that no row was written. */
  readonly outcome?: (site: Site) => Outcome | undefined;
  /** Makes a read inside a transaction lock what it finds. */
  readonly lock?: (site: Site) => readonly Edit[] | undefined;
  /** A statement that locks the rows with these keys in their order, sent the way the given one is. */
  readonly lockRows?: (site: Site, column: string, keys: readonly string[]) => RowsLock | undefined;
  /** Isolates a transaction that the file opens with this call. */
  readonly isolate?: (file: SourceFile, opening: CallExpression) => readonly Edit[] | undefined;
  readonly transaction?: (read: Site, write: Site, isolation: Isolation) => TransactionBlock | undefined;
}

export interface RowsLock {
  readonly line: string;
  readonly edits: readonly Edit[];
}

export interface ColumnChange {
  readonly column: string;
  readonly change: Change;
}

export interface RowIncrement {
  readonly calls: readonly [string, ...string[]];
  readonly edits: readonly Edit[];
  /** For the first call, when a requirement was given. */
  readonly isNothing?: (name: string) => string;
}

export interface Outcome {
  /** A test of the name that the awaited result gets; undefined when the statement throws by itself. */
  readonly isNothing: ((name: string) => string) | undefined;
  readonly edits: readonly Edit[];
  /** What gives the row that the call gave before, for when somebody uses it: lines for `layout`. */
  readonly row?: readonly string[];
}

export function siteOf(file: SourceFile, operation: Operation, program: ProgramFacts): Site | undefined {
  if (operation.chain.length > 0 || operation.at.path !== file.path) return undefined;
  const call = callAt(file, operation.span);
  return call === undefined ? undefined : { file, operation, call, program };
}

/** A block that gives its callback a client of the transaction's, which takes the place of the one around it. */
export function clientBlock(
  read: Site,
  isolation: Isolation,
  clientOf: (call: CallExpression) => Expression | undefined,
  parts: Pick<TransactionBlock, 'open' | 'close'> &
    Partial<Pick<TransactionBlock, 'imports'>> & {
      readonly client: Expression;
      /** What the callback calls its client. */
      readonly name: string;
      readonly lock: Dialect['lock'];
    },
): TransactionBlock {
  const { file, operation } = read;
  const { open, close, imports = [], client, name, lock } = parts;
  return {
    kind: blockKind(isolation),
    client: textOf(file, client),
    name,
    open,
    close,
    first: [],
    send(site) {
      const own = clientOf(site.call);
      if (own === undefined || textOf(file, own) !== textOf(file, client) || site.operation.transactions.length > 0)
        return undefined;
      const locked = site.operation === operation && isolation === 'row-lock' ? lock?.(site) : [];
      return locked === undefined ? undefined : [edit(file, own, name), ...locked];
    },
    imports,
  };
}

export function blockKind(isolation: Isolation): 'lock-row' | 'serializable-transaction' {
  return isolation === 'serializable' ? 'serializable-transaction' : 'lock-row';
}

/** A client that is a transaction's already, by its name. */
export function isTransactionName(text: string): boolean {
  return /^(trx|tx|transaction)$/.test(text);
}

/** Undefined when one of them is. */
export function allOf<T>(parts: readonly (T | undefined)[]): T[] | undefined {
  const known = parts.filter((part) => part !== undefined);
  return known.length === parts.length ? known : undefined;
}
