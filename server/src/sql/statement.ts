/**
 * What one SQL statement does, in the terms that rules ask for: which tables it reads, writes and
 * locks, under which conditions, with which parameters, and where each of that stands in the text.
 *
 * These types know nothing of the parsers behind them, of connections, or of the TypeScript around
 * the text. Results are cached and shared, so everything here is read-only. An empty list means
 * that the clause is absent; what could not be understood is listed in `fragments`, never guessed.
 */

export type SqlDialect = 'postgresql' | 'mysql' | 'sqlite';

/** Offsets (UTF-16 code units, end exclusive) into the SQL text that was parsed. */
export interface SqlRange {
  readonly start: number;
  readonly end: number;
}

/**
 * What a value expression is made of. Casts are transparent: `$1::uuid` is the parameter `1`, with
 * the range of the parameter alone; the surrounding condition or assignment covers the cast. The
 * range of a subquery is that of its statement, without the parentheses; a literal that an operator
 * implies (`IS NULL`) has the range of the condition.
 */
export type SqlValue =
  | SqlParameter
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null; readonly range: SqlRange }
  | SqlColumn
  | SqlExpression
  | { readonly kind: 'subquery'; readonly statement: SqlStatement; readonly range: SqlRange };

/** `name` is `1` for `$1`, the ordinal from 1 for `?`, the name for `:name`, `hole:n` for a template hole. */
export interface SqlParameter {
  readonly kind: 'parameter';
  readonly name: string;
  readonly range: SqlRange;
}

export interface SqlColumn {
  readonly kind: 'column';
  /** The qualifier as written: an alias or a table name (see `tableOf`). */
  readonly table?: string;
  readonly name: string;
  readonly range: SqlRange;
}

/**
 * `operator` is an operator (`-`), a function name in lower case (`now`, `coalesce`), or one of
 * `list` (parenthesised values), `array`, `case`, `interpolated` (a string literal with holes).
 */
export interface SqlExpression {
  readonly kind: 'expression';
  readonly operands: readonly SqlValue[];
  readonly operator: string;
  readonly range: SqlRange;
}

/**
 * One conjunct of WHERE (or of a JOIN's ON). The column stands on the left: `$1 < n` is `n > $1`.
 *
 * Operators are in lower case: `=`, `!=`, `>=`, `in`, `not in`, `any` (`= ANY(x)`), `all`
 * (`<> ALL(x)`), `like`, `between` (value: a `list` of two), `is null`, `is not null`, `is true`,
 * `is false`, `exists`, `not exists`, and
 * - `or`: a disjunction; the columns, then the parameters it mentions are in `value.operands`;
 * - `expression`: neither side is a plain column (`lower(email) = $1`); `value` is the whole
 *   comparison and `column` the first column in it.
 * `column` is empty where the conjunct mentions none (`EXISTS (…)`, a hole that is a condition).
 */
export interface SqlCondition {
  readonly column: string;
  readonly table?: string;
  readonly operator: string;
  readonly value: SqlValue;
  readonly range: SqlRange;
}

export interface SqlAssignment {
  readonly column: string;
  readonly value: SqlValue;
  /** The whole `column = value`; of an insert the value alone. */
  readonly range: SqlRange;
  /** `SET n = n - $1`: the new value is computed from the row's own old one. */
  readonly selfRelative: boolean;
  /** SET of an update, VALUES (first row) of an insert, or the SET of its conflict clause. */
  readonly clause: 'set' | 'values' | 'conflict';
}

export interface SqlTable {
  readonly name: string;
  readonly schema?: string;
  readonly alias?: string;
  readonly role: 'read' | 'write' | 'lock';
  /** The name with its schema, without the alias. */
  readonly range: SqlRange;
}

export type SqlStatementKind =
  | 'select'
  | 'insert'
  | 'update'
  | 'delete'
  | 'upsert'
  | 'begin'
  | 'commit'
  | 'rollback'
  | 'savepoint'
  | 'set-transaction'
  | 'lock'
  | 'ddl'
  | 'other';

export type SqlLock = 'none' | 'update' | 'no-key-update' | 'share' | 'key-share';

export type SqlIsolation = 'read committed' | 'repeatable read' | 'serializable';

/** `pg_advisory_xact_lock($1)`, MySQL's `GET_LOCK('k', 10)`; a `try` variant also sets `noWait`. */
export interface SqlAdvisoryLock {
  readonly transactionScoped: boolean;
  readonly shared: boolean;
  readonly release: boolean;
  readonly key?: SqlValue;
}

/** One column of a select list or of RETURNING: `name` is the property that a result row gets. */
export interface SqlOutput {
  readonly name: string;
  readonly value: SqlValue;
}

export interface SqlStatement {
  readonly kind: SqlStatementKind;
  readonly range: SqlRange;
  /** A data-modifying CTE's written tables are repeated here; subqueries keep theirs to themselves. */
  readonly tables: readonly SqlTable[];
  /** Columns of the select list, the insert's column list, or the SET list; `*` for a star. */
  readonly columns: readonly string[];
  readonly outputs: readonly SqlOutput[];
  readonly aggregates: readonly string[];
  readonly conditions: readonly SqlCondition[];
  readonly assignments: readonly SqlAssignment[];
  /** Number of VALUES rows; `many` for INSERT … SELECT from a table; undefined when not an insert or unknown. */
  readonly rows: number | 'many' | undefined;
  readonly lock: SqlLock;
  readonly skipLocked: boolean;
  readonly noWait: boolean;
  readonly advisoryLock?: SqlAdvisoryLock;
  readonly returning: readonly string[];
  /** Also INSERT IGNORE, INSERT OR …, ON DUPLICATE KEY UPDATE and REPLACE, whose columns are unknown. */
  readonly onConflict?: { readonly columns: readonly string[]; readonly action: 'nothing' | 'update' };
  readonly orderBy: readonly string[];
  readonly limit?: SqlValue;
  readonly isolation?: SqlIsolation;
  /** BEGIN IMMEDIATE or EXCLUSIVE (SQLite). */
  readonly immediate?: boolean;
  readonly ctes: readonly SqlStatement[];
  readonly subqueries: readonly SqlStatement[];
  /** Template holes that stand where a whole clause may be (`FROM t ${where}`): this statement may say more. */
  readonly fragments: readonly SqlParameter[];
}

/** The table that a qualifier stands for, by alias or name; without a qualifier the only table there is. */
export function tableOf(statement: SqlStatement, qualifier: string | undefined): SqlTable | undefined {
  if (qualifier === undefined) return statement.tables.length === 1 ? statement.tables[0] : undefined;
  const wanted = qualifier.toLowerCase();
  return (
    statement.tables.find((table) => table.alias?.toLowerCase() === wanted) ??
    statement.tables.find((table) => table.alias === undefined && table.name.toLowerCase() === wanted)
  );
}
