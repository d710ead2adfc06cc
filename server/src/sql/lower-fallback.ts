/**
 * From the tree of node-sql-parser to our statements.
 *
 * Its own locations cover few nodes, and differ between dialects, so positions are found by walking
 * the tree in the order of the text with a cursor over the tokens: each leaf takes the next token
 * that is spelled like it. Placeholders were numbered beforehand and are therefore exact. Where a
 * leaf's token is not found the range is that of the whole statement.
 */

import { maxNesting, stringValue } from './lower-pgsql.ts';
import type { PreparedSql } from './prepared-sql.ts';
import { restoreName } from './prepared-sql.ts';
import type { SqlToken } from './sql-token.ts';
import { endsOperand } from './sql-token.ts';
import type { SqlAssignment, SqlRange, SqlStatement, SqlTable, SqlValue } from './statement.ts';
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
import { balancedRange, endsInsertedSelect, endsUnionArm, statementRange, symbolOf } from './token-positions.ts';

/** The parser's types describe a part of its trees only; everything is read as what it may be. */
type Node = Readonly<Record<string, unknown>>;

/** A scalar of the parser's tree as text; empty for anything else. */
function textIn(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null;
}

interface FallbackInput {
  readonly source: string;
  readonly tokens: readonly SqlToken[];
  readonly prepared: PreparedSql;
}

export function lowerFallback(tree: unknown, input: FallbackInput): SqlStatement | undefined {
  if (!isNode(tree)) return undefined;
  const lowering = new FallbackLowering(input);
  const draft = lowering.statement(tree, { start: input.tokens[0]?.start ?? 0, end: input.tokens.at(-1)?.end ?? 0 });
  if (draft === undefined || readsLikeProse(tree, draft, input.tokens)) return undefined;
  draft.fragments.push(...input.prepared.fragments);
  return draft;
}

/**
 * The parser takes "Delete a field from a document" for `DELETE a field FROM a document`, and
 * reserved words for names; of columns without a table nothing can be selected. A table that is deleted from has no alias of its own before FROM, and
 * is one of those after it.
 */
function readsLikeProse(tree: Node, draft: SqlDraft, tokens: readonly SqlToken[]): boolean {
  const reserved = draft.tables.some((table) => {
    const token = tokens.find(({ start }) => start === table.range.start);
    return token?.kind === 'word' && !endsOperand(token);
  });
  const nothing = draft.tables.length + draft.subqueries.length + draft.ctes.length === 0;
  if (tree['type'] === 'select' && nothing) return draft.outputs.every(({ value }) => value.kind === 'column');
  if (reserved || tree['type'] !== 'delete') return reserved;
  const named = nodes(tree['table']).filter((item) => item['addition'] !== true);
  const known = new Set(
    draft.tables.flatMap((table) => [table.name.toLowerCase(), table.alias?.toLowerCase() ?? table.name.toLowerCase()]),
  );
  return named.some(
    (item) => typeof item['as'] === 'string' || !known.has((nameOf(item['table']) ?? '').toLowerCase()),
  );
}

function nodes(value: unknown): Node[] {
  if (Array.isArray(value)) return value.filter(isNode);
  return isNode(value) ? [value] : [];
}

/** The operands of a chain of one logical operator, in the order of the text: wide, not deep. */
function chainOf(node: Node): Node[] {
  const operands: Node[] = [];
  const pending = [node];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part['type'] === 'binary_expr' && part['operator'] === node['operator']) {
      pending.push(...[part['left'], part['right']].filter(isNode).reverse());
    } else operands.push(part);
  }
  return operands;
}

/** Names come as strings, as `{ value }` or as `{ expr: { value } }`. */
function nameOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!isNode(value)) return undefined;
  return nameOf(value['value'] ?? value['expr'] ?? value['column']);
}

class FallbackLowering {
  private readonly input: FallbackInput;
  private cursor = 0;
  private whole: SqlRange = { start: 0, end: 0 };
  private subqueries: SqlStatement[] = [];
  private depth = 0;

  constructor(input: FallbackInput) {
    this.input = input;
  }

  statement(node: Node, range: SqlRange): SqlDraft | undefined {
    const outer = { subqueries: this.subqueries, whole: this.whole };
    this.subqueries = [];
    this.whole = range;
    const draft = this.dispatch(node, range);
    draft?.subqueries.push(...this.subqueries);
    this.subqueries = outer.subqueries;
    this.whole = outer.whole;
    return draft;
  }

  private dispatch(node: Node, range: SqlRange): SqlDraft | undefined {
    const ctes = nodes(node['with']).flatMap((binding) => {
      const name = nameOf(binding['name']) ?? '';
      this.seek(name);
      const statement = isNode(binding['stmt']) ? this.nested(binding['stmt']) : undefined;
      return statement ? [{ name, statement }] : [];
    });
    const draft = this.byType(node, range);
    if (draft) attachCtes(draft, ctes);
    return draft;
  }

  private byType(node: Node, range: SqlRange): SqlDraft | undefined {
    switch (node['type']) {
      case 'select':
        return isNode(node['_next']) ? this.union(node, range) : this.select(node, range);
      case 'insert':
      case 'replace':
        return this.insert(node, range);
      case 'update':
        return this.update(node, range);
      case 'delete':
        return this.delete(node, range);
      default:
        return undefined;
    }
  }

  private nested(
    node: Node,
    stops?: (token: SqlToken, next: SqlToken | undefined) => boolean,
  ): SqlStatement | undefined {
    const tree = isNode(node['ast']) ? node['ast'] : node;
    const verb = isNode(tree['with']) ? 'with' : String(tree['type']);
    const start = this.seek(verb)?.start ?? this.whole.start;
    return this.statement(tree, statementRange(this.input.tokens, start, stops));
  }

  private union(node: Node, range: SqlRange): SqlDraft {
    const draft = draftStatement('select', range);
    for (let arm: unknown = node; isNode(arm); arm = arm['_next']) {
      const alone = { ...arm, _next: undefined, with: undefined };
      const statement = this.nested(alone, endsUnionArm);
      if (!statement) continue;
      if (arm === node) {
        draft.columns.push(...statement.columns);
        draft.outputs.push(...statement.outputs);
      }
      draft.tables.push(...statement.tables);
      draft.subqueries.push(statement);
    }
    return draft;
  }

  private select(node: Node, range: SqlRange): SqlDraft {
    const draft = draftStatement('select', range);
    if (node['columns'] === '*') {
      const star = { kind: 'column', name: '*', range: this.take('*') } as const;
      addOutput(draft, star, undefined, 'columns');
    }
    for (const column of nodes(node['columns']))
      addOutput(draft, this.value(column['expr']), nameOf(column['as']), 'columns');
    this.from(node['from'], draft, 'read');
    if (node['where']) draft.conditions.push(...conditionsOf(this.value(node['where'])));
    const groupBy = isNode(node['groupby']) ? node['groupby'] : undefined;
    for (const part of nodes(groupBy?.['columns'])) this.value(part);
    for (const part of nodes(node['having'])) this.value(part);
    this.tail(node, draft);
    this.locking(node['locking_read'], draft);
    for (const condition of draft.conditions) noteAdvisoryLock(draft, condition.value);
    return draft;
  }

  private tail(node: Node, draft: SqlDraft): void {
    for (const order of nodes(node['orderby'])) {
      const value = this.value(order['expr']);
      draft.orderBy.push(
        value.kind === 'column' ? value.name : this.input.source.slice(value.range.start, value.range.end),
      );
    }
    const limit = isNode(node['limit']) ? node['limit'] : undefined;
    const [first, second] = nodes(limit?.['value']).map((part) => this.value(part));
    // MySQL's `LIMIT offset, count`.
    const count = limit?.['seperator'] === ',' ? second : first;
    if (count) draft.limit = count;
  }

  private locking(clause: unknown, draft: SqlDraft): void {
    if (typeof clause !== 'string') return;
    const words = clause.toLowerCase();
    draft.lock = words.includes('share') ? 'share' : 'update';
    draft.skipLocked = words.includes('skip locked');
    draft.noWait = words.includes('nowait');
    draft.tables = draft.tables.map((table) => ({ ...table, role: 'lock' }));
  }

  private from(value: unknown, draft: SqlDraft, role: SqlTable['role']): void {
    nodes(value).forEach((item, index) => {
      const inner = isNode(item['expr']) ? item['expr'] : undefined;
      if (typeof item['table'] === 'string') draft.tables.push(this.table(item, index === 0 ? role : 'read'));
      else if (isNode(inner?.['ast'])) this.subquery(inner['ast']);
      else if (inner) noteAdvisoryLock(draft, this.value(inner));
      if (isNode(item['on'])) draft.conditions.push(...conditionsOf(this.value(item['on'])));
      for (const used of Array.isArray(item['using']) ? item['using'] : []) {
        const name = nameOf(used);
        if (name === undefined) continue;
        const column = { kind: 'column', name, range: this.take(name) } as const;
        draft.conditions.push({ column: name, operator: '=', value: column, range: column.range });
      }
    });
  }

  private table(item: Node, role: SqlTable['role']): SqlTable {
    const name = nameOf(item['table']) ?? '';
    const schema = nameOf(item['db']) ?? nameOf(item['schema']);
    const alias = nameOf(item['as']);
    const first = schema === undefined ? undefined : this.take(schema);
    const last = this.take(name);
    return {
      name: restoreName(name),
      ...(schema === undefined ? {} : { schema: restoreName(schema) }),
      ...(alias === undefined ? {} : { alias: restoreName(alias) }),
      role,
      range: { start: first?.start ?? last.start, end: last.end },
    };
  }

  private insert(node: Node, range: SqlRange): SqlDraft {
    const draft = draftStatement('insert', range);
    this.from(node['table'], draft, 'write');
    for (const column of Array.isArray(node['columns']) ? node['columns'] : []) {
      const name = nameOf(column);
      if (name === undefined) continue;
      this.seek(name);
      draft.columns.push(restoreName(name));
    }
    draft.assignments.push(...this.assignments(node['set'], draft.tables, 'values'));
    if (draft.assignments.length > 0) {
      draft.rows = 1;
      draft.columns.push(...draft.assignments.map((assignment) => assignment.column));
    }
    if (isNode(node['values'])) this.rows(node['values'], draft);
    this.conflict(node, draft);
    this.returning(node['returning'], draft);
    return draft;
  }

  private rows(values: Node, draft: SqlDraft): void {
    if (values['type'] === 'select') {
      const select = this.nested(values, endsInsertedSelect);
      draft.rows = isNode(values['from']) || Array.isArray(values['from']) ? 'many' : 1;
      if (!select) return;
      for (const [index, { value }] of select.outputs.entries()) this.cell(draft, index, value);
      draft.conditions.push(...select.conditions);
      draft.subqueries.push(select);
      return;
    }
    const rows = nodes(values['values']);
    draft.rows = rows.length;
    rows.forEach((row, rowIndex) => {
      const cells = nodes(row['value']);
      // MySQL drivers' `VALUES ?` is given a list of rows.
      if (cells.length === 1 && draft.columns.length > 1) return;
      cells.forEach((cell, index) => {
        const value = this.value(cell);
        if (rowIndex === 0) this.cell(draft, index, value);
      });
    });
  }

  private cell(draft: SqlDraft, index: number, value: SqlValue): void {
    const column = draft.columns[index];
    if (column !== undefined)
      draft.assignments.push({ column, value, range: value.range, selfRelative: false, clause: 'values' });
  }

  private conflict(node: Node, draft: SqlDraft): void {
    const prefix = `${textIn(node['prefix'])} ${nodes(node['or']).map(nameOf).join(' ')}`.toLowerCase();
    const duplicate = isNode(node['on_duplicate_update']) ? node['on_duplicate_update'] : undefined;
    const clause = isNode(node['conflict']) ? node['conflict'] : undefined;
    if (node['type'] === 'replace' || prefix.includes('replace')) draft.onConflict = { columns: [], action: 'update' };
    else if (prefix.includes('ignore')) draft.onConflict = { columns: [], action: 'nothing' };
    if (duplicate) {
      draft.onConflict = { columns: [], action: 'update' };
      draft.assignments.push(...this.assignments(duplicate['set'], draft.tables, 'conflict'));
    }
    if (clause) {
      const target = isNode(clause['target']) ? clause['target'] : undefined;
      const columns = nodes(target?.['expr']).flatMap((part) => {
        const value = this.value(part);
        return value.kind === 'column' ? [value.name] : [];
      });
      const action =
        isNode(clause['action']) && isNode(clause['action']['expr']) ? clause['action']['expr'] : undefined;
      const updates = action?.['type'] === 'update';
      draft.onConflict = { columns, action: updates ? 'update' : 'nothing' };
      if (updates) draft.assignments.push(...this.assignments(action['set'], draft.tables, 'conflict'));
    }
    if (draft.onConflict?.action === 'update') draft.kind = 'upsert';
  }

  private update(node: Node, range: SqlRange): SqlDraft {
    const draft = draftStatement('update', range);
    this.from(node['table'], draft, 'write');
    draft.assignments.push(...this.assignments(node['set'], draft.tables, 'set'));
    draft.columns.push(...draft.assignments.map((assignment) => assignment.column));
    this.from(node['from'], draft, 'read');
    if (node['where']) draft.conditions.push(...conditionsOf(this.value(node['where'])));
    this.tail(node, draft);
    this.returning(node['returning'], draft);
    return draft;
  }

  /** `DELETE a FROM a JOIN b` deletes from the tables before FROM, `DELETE FROM a` from the first after it. */
  private delete(node: Node, range: SqlRange): SqlDraft {
    const draft = draftStatement('delete', range);
    const named = nodes(node['table'])
      .filter((item) => item['addition'] !== true)
      .map((item) => nameOf(item['table'])?.toLowerCase());
    this.seek('from');
    this.from(node['from'], draft, 'read');
    draft.tables = draft.tables.map((table, index) => {
      const own = named.includes((table.alias ?? table.name).toLowerCase()) || named.includes(table.name.toLowerCase());
      return own || (named.length === 0 && index === 0) ? { ...table, role: 'write' } : table;
    });
    if (node['where']) draft.conditions.push(...conditionsOf(this.value(node['where'])));
    this.tail(node, draft);
    this.returning(node['returning'], draft);
    return draft;
  }

  private assignments(sets: unknown, targets: readonly SqlTable[], clause: SqlAssignment['clause']): SqlAssignment[] {
    return nodes(sets).map((set) => {
      const column = nameOf(set['column']) ?? '';
      const table = nameOf(set['table']);
      const qualifier = table === undefined ? undefined : this.seek(table);
      const own = this.take(column).start;
      const start = qualifier?.start ?? own;
      const value = this.value(set['value']);
      const name = restoreName(column);
      const range = balancedRange(this.input.tokens, { start, end: value.range.end });
      return { column: name, value, range, selfRelative: isSelfRelative(value, name, targets), clause };
    });
  }

  private returning(clause: unknown, draft: SqlDraft): void {
    if (!isNode(clause)) return;
    this.seek('returning');
    for (const column of nodes(clause['columns'])) {
      const inner = isNode(column['expr']) ? column['expr'] : column;
      addOutput(draft, this.value(inner), nameOf(column['as']), 'returning');
    }
  }

  private value(node: unknown): SqlValue {
    if (!isNode(node)) return expression('unknown', [], this.whole);
    if (this.depth >= maxNesting) return expression('nested', [], this.whole);
    this.depth += 1;
    const value = this.simple(node);
    this.depth -= 1;
    return value;
  }

  private simple(node: Node): SqlValue {
    switch (node['type']) {
      case 'param':
        return this.parameter(node);
      case 'column_ref':
        return this.column(node);
      case 'number':
      case 'bigint':
        return { kind: 'literal', value: Number(node['value']), range: this.take(String(node['value'])) };
      case 'bool':
        return { kind: 'literal', value: node['value'] === true, range: this.take(String(node['value'])) };
      case 'null':
        return { kind: 'literal', value: null, range: this.take('null') };
      case 'star':
        return { kind: 'column', name: '*', range: this.take('*') };
      case 'cast':
        return this.value(node['expr']);
      default:
        return this.compound(node);
    }
  }

  private compound(node: Node): SqlValue {
    const type = String(node['type']);
    if (isNode(node['ast'])) return this.subquery(node['ast']);
    if (type === 'select') return this.subquery(node);
    if (type.includes('string')) return this.string(textIn(node['value']));
    if (type === 'binary_expr') return this.binary(node);
    if (type === 'unary_expr') return this.unary(node);
    if (type === 'function' || type === 'aggr_func') return this.call(node);
    if (type === 'expr_list') return this.list(node['value']);
    if (type === 'expr') return this.value(node['expr']);
    if (type === 'case') {
      const parts = nodes(node['args']).flatMap((part) => [part['cond'], part['result']].filter(isNode));
      return this.made(
        'case',
        [node['expr'], ...parts].filter(isNode).map((part) => this.value(part)),
      );
    }
    if (type === 'interval') return this.interval(node);
    if (isNode(node['expr'])) return this.made(type, [this.value(node['expr'])]);
    return this.made((textIn(node['value']) || type).toLowerCase(), []);
  }

  private interval(node: Node): SqlValue {
    const start = this.take('interval').start;
    const inner = this.value(node['expr']);
    const end = typeof node['unit'] === 'string' ? (this.seek(node['unit'])?.end ?? inner.range.end) : inner.range.end;
    return expression('interval', [inner], { start, end });
  }

  private parameter(node: Node): SqlValue {
    const number = Number(String(node['value']).slice(1));
    const found = this.input.prepared.parameters.get(number);
    if (!found) return expression('parameter', [], this.whole);
    this.advance(found.range.end);
    return found;
  }

  private column(node: Node): SqlValue {
    const name = nameOf(node['column']) ?? '*';
    const table = nameOf(node['table']);
    const first = table === undefined ? undefined : this.take(table);
    const last = this.take(name);
    const range = { start: first?.start ?? last.start, end: last.end };
    return {
      kind: 'column',
      ...(table === undefined ? {} : { table: restoreName(table) }),
      name: restoreName(name),
      range,
    };
  }

  private string(value: string): SqlValue {
    const content = value.replace(/__hole_(\d+)__/g, '$hole_$1$');
    const range = this.take(content);
    return stringValue(value, range, this.input.tokens, this.input.source);
  }

  private binary(node: Node): SqlValue {
    const operator = String(node['operator']).toLowerCase();
    if (operator === 'and' || operator === 'or')
      return this.made(
        operator,
        chainOf(node).map((part) => this.value(part)),
      );
    const left = this.value(node['left']);
    const listed =
      isNode(node['right']) && node['right']['type'] === 'expr_list' ? nodes(node['right']['value']) : undefined;
    const [only] = listed ?? [];
    if (operator === 'between' || operator === 'not between') {
      return this.made(operator, [left, ...(listed ?? []).map((part) => this.value(part))]);
    }
    if (listed?.length === 1 && isNode(only?.['ast'])) return this.made(operator, [left, this.subquery(only['ast'])]);
    const right = this.value(node['right']);
    const negated = operator === 'is not';
    if ((operator === 'is' || negated) && right.kind === 'literal') {
      const test = `${operator} ${String(right.value)}`;
      return expression(test, [left], this.hull([left, right]));
    }
    return this.made(operator === '<>' ? '!=' : operator, [left, right]);
  }

  private unary(node: Node): SqlValue {
    const operator = String(node['operator']).toLowerCase();
    const start = this.seek(operator.split(' ')[0] ?? '')?.start;
    const inner = this.value(node['expr']);
    const range = { start: start ?? inner.range.start, end: inner.range.end };
    if (operator === 'not exists') return expression('not', [expression('exists', [inner], range)], range);
    if (operator === '!') return expression('not', [inner], range);
    if (operator === '-' && inner.kind === 'literal' && typeof inner.value === 'number') {
      return { kind: 'literal', value: -inner.value, range };
    }
    return expression(operator, [inner], range);
  }

  private call(node: Node): SqlValue {
    const parts: unknown = isNode(node['name']) ? node['name']['name'] : undefined;
    const named: unknown = Array.isArray(parts) ? parts.at(-1) : node['name'];
    const name = nameOf(named) ?? '';
    const start = this.take(name);
    const args = isNode(node['args']) ? node['args'] : undefined;
    const list = args?.['type'] === 'expr_list' ? nodes(args['value']) : nodes(args?.['expr']);
    const operands = list.map((part) => this.value(part));
    const end = this.closing(start);
    const call = expression(name.toLowerCase(), operands, { start: start.start, end });
    return isNode(node['over']) ? expression('over', [call], call.range) : call;
  }

  /** The parenthesis that closes a call whose name is at `start`. */
  private closing(start: SqlRange): number {
    const first = this.input.tokens.findIndex((token) => token.start === start.start);
    const open = this.input.tokens[first + 1];
    if (symbolOf(open) !== '(') return start.end;
    const close = this.input.tokens.find(
      (token, index) => index > first + 1 && token.depth === open?.depth && token.value === ')',
    );
    if (close) this.advance(close.end);
    return close?.end ?? start.end;
  }

  private list(value: unknown): SqlValue {
    const operands = nodes(value).map((part) => this.value(part));
    return this.made('list', operands);
  }

  private subquery(tree: Node): SqlValue {
    const statement = this.nested(tree) ?? draftStatement('other', this.whole);
    this.subqueries.push(statement);
    this.advance(statement.range.end);
    return { kind: 'subquery', statement, range: statement.range };
  }

  private made(operator: string, operands: readonly SqlValue[]): SqlValue {
    return expression(operator, operands, this.hull(operands));
  }

  private hull(values: readonly SqlValue[]): SqlRange {
    if (values.length === 0) return this.whole;
    const start = Math.min(...values.map((value) => value.range.start));
    const end = Math.max(...values.map((value) => value.range.end));
    return balancedRange(this.input.tokens, { start, end });
  }

  private take(name: string): SqlRange {
    const token = this.seek(name);
    return token ? { start: token.start, end: token.end } : this.whole;
  }

  /** The next token spelled like this; the cursor stays where there is none. */
  private seek(name: string): SqlToken | undefined {
    const wanted = name.toLowerCase();
    for (let index = this.cursor; index < this.input.tokens.length; index += 1) {
      const token = this.input.tokens[index];
      if (token === undefined || token.start >= this.whole.end) break;
      if (this.spelling(token) !== wanted) continue;
      this.cursor = index + 1;
      return token;
    }
    return undefined;
  }

  private spelling(token: SqlToken): string {
    if (token.kind === 'hole') return `__${token.value.replace(':', '_')}__`;
    if (token.kind === 'number') return String(Number(token.value));
    if (token.kind === 'string') return token.value.toLowerCase();
    return token.value.replace(/\$hole_(\d+)\$/g, '__hole_$1__').toLowerCase();
  }

  private advance(offset: number): void {
    while (this.cursor < this.input.tokens.length && (this.input.tokens[this.cursor]?.end ?? 0) <= offset)
      this.cursor += 1;
  }
}
