/**
 * From the tree of pgsql-ast-parser to our statements. The parser locates every leaf; what it does
 * not locate (the ends of statements, parentheses, aliases) is found among the tokens.
 */
import type * as pg from 'pgsql-ast-parser';
import type { PreparedSql } from './prepared-sql.ts';
import { holesIn, restoreName } from './prepared-sql.ts';
import type { Respelled } from './spelling.ts';
import type { SqlToken } from './sql-token.ts';
import type {
  SqlAssignment,
  SqlDialect,
  SqlLock,
  SqlParameter,
  SqlRange,
  SqlStatement,
  SqlTable,
  SqlValue,
} from './statement.ts';
import type { SqlDraft } from './statement-draft.ts';
import {
  addOutput,
  attachCtes,
  conditionsOf,
  draftStatement,
  expression,
  isSelfRelative,
  noteAdvisoryLock,
} from './statement-draft.ts';
import {
  balancedRange,
  endsInsertedSelect,
  endsUnionArm,
  nameAt,
  statementRange,
  tokenIndexAt,
} from './token-positions.ts';

interface LoweringInput {
  readonly source: string;
  /** The tokens of this one statement. */
  readonly tokens: readonly SqlToken[];
  readonly prepared: PreparedSql;
  readonly respelled: Respelled;
  readonly dialect: SqlDialect | undefined;
  /** Parses a FROM list that was taken out of an update or delete. */
  readonly parseFrom: (first: number, end: number) => { from: readonly pg.From[]; prepared: PreparedSql } | undefined;
}

/** Undefined for what the grammar lets through and no database does: an insert of nothing, columns of no table. */
export function lowerPgsql(tree: pg.Statement, input: LoweringInput): SqlStatement | undefined {
  if (input.prepared.fragments.length === 0 && isIncomplete(tree)) return undefined;
  const lowering = new PgsqlLowering(input);
  const first = input.tokens[0];
  const draft = lowering.statement(tree, { start: first?.start ?? 0, end: input.tokens.at(-1)?.end ?? 0 });
  const { respelled } = input;
  if (respelled.conflict !== undefined && draft.kind === 'insert') {
    draft.onConflict = { columns: [], action: respelled.conflict };
    if (respelled.conflict === 'update') draft.kind = 'upsert';
  }
  draft.fragments.push(...input.prepared.fragments);
  return draft;
}

function isIncomplete(tree: pg.Statement): boolean {
  if (tree.type === 'insert') return (tree.insert as pg.InsertStatement['insert'] | null) === null;
  return tree.type === 'select' && !tree.from && (tree.columns ?? []).every((column) => column.expr.type === 'ref');
}

const chained: ReadonlySet<string> = new Set(['AND', 'OR', '+', '-', '*', '||']);

/** `a AND b AND c` is one conjunction of three: long chains are wide, not deep. */
function operandsOf(node: pg.ExprBinary): pg.Expr[] {
  const operands = [node.right];
  let { left } = node;
  while (chained.has(node.op) && left.type === 'binary' && left.op === node.op) {
    operands.push(left.right);
    left = left.left;
  }
  return [left, ...operands.reverse()];
}

function armsOf(node: pg.SelectFromUnion): pg.SelectStatement[] {
  const arms: pg.SelectStatement[] = [];
  const pending: pg.SelectStatement[] = [node];
  for (let arm = pending.pop(); arm !== undefined; arm = pending.pop()) {
    if (arm.type === 'union' || arm.type === 'union all') pending.push(arm.right, arm.left);
    else arms.push(arm);
  }
  return arms;
}

/** Deeper expressions than anyone writes are cut off, so that neither we nor those who walk our values recurse too far. */
export const maxNesting = 150;

type Stops = (token: SqlToken, next: SqlToken | undefined) => boolean;

class PgsqlLowering {
  private readonly input: LoweringInput;
  private prepared: PreparedSql;
  private subqueries: SqlStatement[] = [];
  private depth = 0;

  constructor(input: LoweringInput) {
    this.input = input;
    this.prepared = input.prepared;
  }

  statement(node: pg.Statement, range: SqlRange): SqlDraft {
    const outer = this.subqueries;
    this.subqueries = [];
    const draft = this.dispatch(node, range);
    draft.subqueries.push(...this.subqueries);
    this.subqueries = outer;
    return draft;
  }

  private dispatch(node: pg.Statement, range: SqlRange): SqlDraft {
    switch (node.type) {
      case 'select':
        return this.select(node, range);
      case 'union':
      case 'union all':
        return this.union(node, range);
      case 'values':
        for (const row of node.values) for (const cell of row) this.value(cell);
        return draftStatement('select', range);
      case 'with':
        return this.with(
          node.bind.map(({ alias, statement }) => ({ name: alias.name, statement })),
          node.in,
          range,
        );
      case 'with recursive':
        return this.with([{ name: node.alias.name, statement: node.bind }], node.in, range);
      case 'insert':
        return this.insert(node, range);
      case 'update':
        return this.update(node, range);
      case 'delete':
        return this.delete(node, range);
      default:
        return this.definition(node, range);
    }
  }

  private nested(node: pg.Statement, stops?: Stops): SqlStatement {
    return this.statement(node, statementRange(this.input.tokens, this.rangeOf(node).start, stops));
  }

  private with(
    bind: readonly { name: string; statement: pg.Statement }[],
    body: pg.Statement,
    range: SqlRange,
  ): SqlDraft {
    const ctes = bind.map(({ name, statement }) => ({ name, statement: this.nested(statement) }));
    const draft = this.dispatch(body, range);
    attachCtes(draft, ctes);
    return draft;
  }

  private select(node: pg.SelectFromStatement, range: SqlRange): SqlDraft {
    const draft = draftStatement('select', range);
    for (const column of node.columns ?? []) addOutput(draft, this.value(column.expr), column.alias?.name, 'columns');
    for (const from of node.from ?? []) this.from(from, draft);
    if (node.where) draft.conditions.push(...this.conditions(node.where));
    for (const part of node.groupBy ?? []) this.value(part);
    if (node.having) this.value(node.having);
    for (const order of node.orderBy ?? []) draft.orderBy.push(this.orderName(this.value(order.by)));
    if (node.limit?.limit) draft.limit = this.value(node.limit.limit);
    if (node.for) this.lock(node.for.type, draft);
    if (node.skip?.type === 'nowait') draft.noWait = true;
    if (node.skip?.type === 'skip locked') draft.skipLocked = true;
    for (const condition of draft.conditions) noteAdvisoryLock(draft, condition.value);
    return draft;
  }

  private orderName(value: SqlValue): string {
    return value.kind === 'column' ? value.name : this.input.source.slice(value.range.start, value.range.end);
  }

  private lock(type: pg.ForStatement['type'], draft: SqlDraft): void {
    const locks: Readonly<Record<pg.ForStatement['type'], SqlLock>> = {
      update: 'update',
      'no key update': 'no-key-update',
      share: 'share',
      'key share': 'key-share',
    };
    draft.lock = locks[type];
    const only = this.input.respelled.lockedNames;
    draft.tables = draft.tables.map((table) => {
      const named = only.includes((table.alias ?? table.name).toLowerCase());
      return only.length === 0 || named ? { ...table, role: 'lock' } : table;
    });
  }

  /** The arms' conditions are not conjuncts of the whole: each arm is a subquery, the tables are shared. */
  private union(node: pg.SelectFromUnion, range: SqlRange): SqlDraft {
    const draft = draftStatement('select', range);
    const arms = armsOf(node).map((arm) => this.nested(arm, endsUnionArm));
    draft.tables.push(...arms.flatMap((arm) => arm.tables));
    draft.columns.push(...(arms[0]?.columns ?? []));
    draft.outputs.push(...(arms[0]?.outputs ?? []));
    draft.subqueries.push(...arms);
    return draft;
  }

  private insert(node: pg.InsertStatement, range: SqlRange): SqlDraft {
    const draft = draftStatement('insert', range);
    draft.tables.push(this.table(node.into, 'write'));
    draft.columns.push(...(node.columns ?? []).map((column) => this.name(column)));
    const rows: pg.InsertStatement['insert'] | null = node.insert;
    if (rows?.type === 'values') {
      draft.rows = rows.values.some((row) => this.isHoleRow(row)) ? undefined : rows.values.length;
      rows.values.forEach((row, index) => {
        const values = row.map((cell) => ({ value: this.value(cell), range: this.balanced(cell) }));
        if (index === 0) this.insertedRow(draft, values);
      });
    } else if (rows) {
      const select = this.nested(rows, endsInsertedSelect);
      draft.rows =
        select.tables.length === 0 && select.subqueries.length === 0 && rows.type === 'select' && !rows.from
          ? 1
          : 'many';
      if (rows.type === 'select' && !rows.from) draft.rows = 1;
      this.insertedRow(
        draft,
        select.outputs.map(({ value }) => ({ value, range: value.range })),
      );
      draft.conditions.push(...select.conditions);
      draft.subqueries.push(select);
    }
    this.onConflict(node.onConflict, draft);
    this.returning(node.returning, draft);
    return draft;
  }

  /** `VALUES ${rows}`: how many rows, and of what, is not known. */
  private isHoleRow(row: readonly pg.Expr[]): boolean {
    const [only] = row;
    if (row.length !== 1 || only?.type !== 'parameter') return false;
    const { start } = this.rangeOf(only);
    const index = tokenIndexAt(this.input.tokens, start);
    return this.input.tokens[index]?.kind === 'hole' && this.input.tokens[index - 1]?.value === 'values';
  }

  private insertedRow(draft: SqlDraft, values: readonly { value: SqlValue; range: SqlRange }[]): void {
    // `VALUES ?` of MySQL's drivers is given a list of rows.
    if (values.length === 1 && draft.columns.length > 1) return;
    draft.columns.forEach((column, index) => {
      const cell = values[index];
      if (cell) draft.assignments.push({ column, ...cell, selfRelative: false, clause: 'values' });
    });
  }

  private onConflict(node: pg.OnConflictAction | null | undefined, draft: SqlDraft): void {
    if (!node) return;
    const columns = node.on?.type === 'on expr' ? node.on.exprs.map((part) => this.orderName(this.value(part))) : [];
    const action = node.do === 'do nothing' ? 'nothing' : 'update';
    draft.onConflict = { columns, action };
    if (node.do === 'do nothing') return;
    draft.kind = 'upsert';
    draft.assignments.push(...this.assignments(node.do.sets, draft.tables, 'conflict'));
    if (node.where) draft.conditions.push(...this.conditions(node.where));
  }

  private update(node: pg.UpdateStatement, range: SqlRange): SqlDraft {
    const draft = draftStatement('update', range);
    draft.tables.push(this.table(node.table, 'write'));
    const assignments = this.assignments(node.sets, draft.tables, 'set');
    draft.columns.push(...assignments.map((assignment) => assignment.column));
    draft.assignments.push(...assignments);
    if (node.from) this.from(node.from, draft);
    this.detachedFrom(draft);
    if (node.where) draft.conditions.push(...this.conditions(node.where));
    this.returning(node.returning, draft);
    return draft;
  }

  private delete(node: pg.DeleteStatement, range: SqlRange): SqlDraft {
    const draft = draftStatement('delete', range);
    draft.tables.push(this.table(node.from, 'write'));
    this.detachedFrom(draft);
    if (node.where) draft.conditions.push(...this.conditions(node.where));
    this.returning(node.returning, draft);
    return draft;
  }

  private detachedFrom(draft: SqlDraft): void {
    const { tokens, respelled, parseFrom } = this.input;
    for (const { first, end } of respelled.detached) {
      const token = tokens[first];
      const own = tokens[tokenIndexAt(tokens, draft.tables[0]?.range.start ?? 0)];
      if (!token || token.start < draft.range.start || token.start >= draft.range.end || token.depth !== own?.depth)
        continue;
      const parsed = parseFrom(first, end);
      if (!parsed) continue;
      const prepared = this.prepared;
      this.prepared = parsed.prepared;
      for (const from of parsed.from) this.from(from, draft);
      this.prepared = prepared;
    }
  }

  private assignments(
    sets: readonly pg.SetStatement[],
    targets: readonly SqlTable[],
    clause: SqlAssignment['clause'],
  ): SqlAssignment[] {
    return sets.map((set) => {
      const column = this.name(set.column);
      const value = this.value(set.value);
      const located = { start: this.rangeOf(set.column).start, end: this.balanced(set.value).end };
      const range = balancedRange(this.input.tokens, located);
      return { column, value, range, selfRelative: isSelfRelative(value, column, targets), clause };
    });
  }

  private returning(columns: readonly pg.SelectedColumn[] | null | undefined, draft: SqlDraft): void {
    for (const column of columns ?? []) addOutput(draft, this.value(column.expr), column.alias?.name, 'returning');
  }

  private from(from: pg.From, draft: SqlDraft): void {
    if (from.type === 'table') {
      draft.tables.push(this.table(from.name, 'read'));
    } else if (from.type === 'statement') {
      this.subqueries.push(this.nested(from.statement));
    } else {
      noteAdvisoryLock(draft, this.value(from));
    }
    if (from.join?.on) draft.conditions.push(...this.conditions(from.join.on));
    for (const column of from.join?.using ?? []) {
      const range = this.rangeOf(column);
      const value = { kind: 'column', name: this.name(column), range } as const;
      draft.conditions.push({ column: value.name, operator: '=', value, range });
    }
  }

  private table(node: pg.QNameAliased, role: SqlTable['role']): SqlTable {
    const { range, parts } = nameAt(this.input.tokens, this.rangeOf(node).start);
    const schema = node.schema === undefined ? undefined : this.spelled(parts.at(-2), node.schema);
    return {
      name: this.spelled(parts.at(-1), node.name),
      ...(schema === undefined ? {} : { schema }),
      ...(node.alias === undefined ? {} : { alias: restoreName(node.alias) }),
      role,
      range,
    };
  }

  private name(node: pg.Name): string {
    return this.spelled(nameAt(this.input.tokens, this.rangeOf(node).start).parts.at(-1), node.name);
  }

  /** PostgreSQL folds names to lower case; where the dialect is not certain they stay as they are written. */
  private spelled(token: SqlToken | undefined, folded: string): string {
    if (token?.kind !== 'word' || this.input.dialect === 'postgresql') return restoreName(folded);
    const written = this.input.source.slice(token.start, token.end);
    return written.toLowerCase() === folded ? written : restoreName(folded);
  }

  private definition(node: pg.Statement, range: SqlRange): SqlDraft {
    const kind = /^(?:create|alter|drop|comment|truncate|refresh)/.test(node.type) ? 'ddl' : 'other';
    const draft = draftStatement(kind, range);
    const names: (pg.QName | undefined)[] = [];
    if (node.type === 'create table' || node.type === 'create view') names.push(node.name);
    if (node.type === 'alter table' || node.type === 'create index') names.push(node.table);
    if (node.type === 'truncate table') names.push(...node.tables);
    if (node.type === 'drop table') names.push(...node.names);
    for (const name of names) if (name) draft.tables.push(this.table(name, 'write'));
    return draft;
  }

  private conditions(node: pg.Expr) {
    return conditionsOf(this.value(node));
  }

  private rangeOf(node: pg.PGNode): SqlRange {
    const location = node._location;
    if (!location) return { start: 0, end: 0 };
    return { start: this.prepared.toSource(location.start, 'start'), end: this.prepared.toSource(location.end, 'end') };
  }

  private balanced(node: pg.PGNode): SqlRange {
    return balancedRange(this.input.tokens, this.rangeOf(node));
  }

  /** The value of an expression; subqueries in it are noted on the statement being lowered. */
  private value(node: pg.Expr): SqlValue {
    if (this.depth >= maxNesting) return expression('nested', [], this.rangeOf(node));
    this.depth += 1;
    const value = this.simple(node);
    this.depth -= 1;
    return value;
  }

  private simple(node: pg.Expr): SqlValue {
    switch (node.type) {
      case 'parameter':
        return (
          this.prepared.parameters.get(Number(node.name.slice(1))) ?? expression('parameter', [], this.rangeOf(node))
        );
      case 'integer':
      case 'numeric':
      case 'boolean':
        return { kind: 'literal', value: node.value, range: this.balanced(node) };
      case 'null':
        return { kind: 'literal', value: null, range: this.balanced(node) };
      case 'string':
        return this.string(node.value, this.balanced(node));
      case 'ref':
        return this.column(node);
      case 'cast':
        return this.value(node.operand);
      case 'select':
      case 'union':
      case 'union all':
      case 'with':
      case 'with recursive':
      case 'values':
        return this.subquery(node);
      case 'array select':
        return expression('array', [this.subquery(node.select)], this.balanced(node));
      default:
        return this.compound(node);
    }
  }

  private subquery(node: pg.SelectStatement): SqlValue {
    const statement = this.nested(node);
    this.subqueries.push(statement);
    return { kind: 'subquery', statement, range: this.balanced(node) };
  }

  private compound(node: pg.Expr): SqlValue {
    const range = this.balanced(node);
    const make = (operator: string, operands: readonly (pg.Expr | null | undefined)[]): SqlValue =>
      expression(
        operator,
        operands.flatMap((operand) => (operand ? [this.value(operand)] : [])),
        range,
      );
    switch (node.type) {
      case 'binary': {
        const operator = this.respelledOperator(node) ?? node.op.toLowerCase();
        if (operator === 'in' || operator === 'not in') return this.membership(operator, node, range);
        return make(operator, operandsOf(node));
      }
      case 'unary':
        return this.unary(node, make);
      case 'ternary':
        return make(node.op.toLowerCase(), [node.value, node.lo, node.hi]);
      case 'call': {
        const call = make(node.function.name.toLowerCase(), [...node.args, node.filter]);
        return node.over ? expression('over', [call], range) : call;
      }
      case 'list':
      case 'array':
        return expression(
          node.type,
          node.expressions.map((part) => this.value(part)),
          this.listRange(node, range),
        );
      case 'case':
        return make('case', [node.value, ...node.whens.flatMap((when) => [when.when, when.value]), node.else]);
      case 'member': {
        const member = { kind: 'literal', value: node.member, range } as const;
        return expression(node.op, [this.value(node.operand), member], range);
      }
      case 'arrayIndex':
        return make('[]', [node.array, node.index]);
      case 'extract':
        return make('extract', [node.from]);
      case 'overlay':
        return make('overlay', [node.value, node.placing, node.from, node.for]);
      case 'substring':
        return make('substring', [node.value, node.from, node.for]);
      case 'keyword':
        return expression(node.keyword, [], range);
      case 'constant':
        return expression('constant', [], range);
      default:
        return expression(node.type, [], range);
    }
  }

  /** The parser reads `IN ($1)` as `IN $1`; a list of one is a list. */
  private membership(operator: string, node: pg.ExprBinary, range: SqlRange): SqlValue {
    const left = this.value(node.left);
    const right = this.value(node.right);
    const { start, end } = this.balanced(node.right);
    const before = this.input.tokens[tokenIndexAt(this.input.tokens, start) - 1];
    const after = this.input.tokens[tokenIndexAt(this.input.tokens, end)];
    const single = right.kind !== 'subquery' && !(right.kind === 'expression' && right.operator === 'list');
    const listed =
      single && before?.value === '(' && after?.value === ')'
        ? expression('list', [right], { start: before.start, end: after.end })
        : right;
    return expression(operator, [left, listed], range);
  }

  private unary(node: pg.ExprUnary, make: (operator: string, operands: readonly pg.Expr[]) => SqlValue): SqlValue {
    const { operand } = node;
    if (node.op === '-' && (operand.type === 'integer' || operand.type === 'numeric')) {
      return { kind: 'literal', value: -operand.value, range: this.balanced(node) };
    }
    return make(node.op.toLowerCase(), [operand]);
  }

  /** The parser's range of a list is that of its elements; the parentheses around it belong to it. */
  private listRange(node: pg.ExprList, range: SqlRange): SqlRange {
    if (node.type === 'array') return range;
    const index = tokenIndexAt(this.input.tokens, range.start);
    const open = this.input.tokens[index - 1];
    const close = this.input.tokens[tokenIndexAt(this.input.tokens, range.end)];
    return open?.value === '(' && close?.value === ')' ? { start: open.start, end: close.end } : range;
  }

  private respelledOperator(node: pg.ExprBinary): string | undefined {
    if (this.input.respelled.operators.size === 0) return undefined;
    const from = this.rangeOf(node.left).end;
    const to = this.rangeOf(node.right).start;
    for (const [start, operator] of this.input.respelled.operators) if (start >= from && start < to) return operator;
    return undefined;
  }

  private column(node: pg.ExprRef): SqlValue {
    const located = this.rangeOf(node);
    const { parts } = nameAt(this.input.tokens, located.start);
    const name = node.name === '*' ? '*' : this.spelled(parts.at(-1), node.name);
    const table = node.table ? this.spelled(parts.at(-2), node.table.name) : undefined;
    return { kind: 'column', ...(table === undefined ? {} : { table }), name, range: located };
  }

  private string(value: string, range: SqlRange): SqlValue {
    return stringValue(value, range, this.input.tokens, this.input.source);
  }
}

/** `'${id}'` is the hole itself, `'%${word}%'` is made of it, and anything else is a literal. */
export function stringValue(value: string, range: SqlRange, tokens: readonly SqlToken[], source: string): SqlValue {
  const { holes, whole } = holesIn(value);
  if (holes.length === 0) return { kind: 'literal', value, range };
  const token = tokens[tokenIndexAt(tokens, range.start)];
  const operands = holes.map((hole): SqlParameter => {
    const marker = `$hole_${hole}$`;
    const start = source.indexOf(marker, token?.start ?? range.start);
    return { kind: 'parameter', name: `hole:${hole}`, range: { start, end: start + marker.length } };
  });
  const [only] = operands;
  return whole && only ? only : expression('interpolated', operands, range);
}
