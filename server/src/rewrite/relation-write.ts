/** `row.tags.push(tag); await repository.save(row);`: the one entry is added, the list that was read is not written back. */
import type { Operation } from '../analysis/fact.ts';
import { schemaOf } from '../analysis/protection.ts';
import type { Edit, Fix } from '../rule.ts';
import type { CallExpression, Expression, Statement } from '../typescript/syntax.ts';
import { receiverOf } from './call-chain.ts';
import { ownStatement } from './guard-text.ts';
import type { Pair } from './in-transaction.ts';
import {
  callAt,
  edit,
  functionAround,
  indentationAt,
  insert,
  linesOf,
  newlineOf,
  partsOf,
  quoteOf,
  semicolonOf,
  textOf,
} from './source-edit.ts';

/** TypeORM: `createQueryBuilder().relation('tags').of(row).add(tag)` beside each `push`, in place of the save. */
export function relationWrite({ file, read, write, program }: Pair, relation: string): Fix[] {
  const call = callAt(file, write.span);
  const repository = receiverOf(call);
  const own = ownStatement(file, write);
  if (!write.model.startsWith('typeorm#Repository.') || write.name !== 'save' || call === undefined) return [];
  const schema = write.effect.kind === 'database' ? schemaOf(write.effect, program) : undefined;
  const saved = call.args[0];
  if (schema?.relations.has(relation) !== true || repository === undefined || own === undefined) return [];
  if (saved?.kind !== 'identifier') return [];
  const entries = pushesOf(file, read, write, relation);
  if (entries.length === 0 || changesMore(file, read, write, saved, entries)) return [];
  const quote = quoteOf(file);
  const end = semicolonOf(file);
  const text = textOf(file, repository).replaceAll(/\s*\n\s*/g, '');
  const edits = entries.map(({ statement, row, value }): Edit => {
    const before = newlineOf(file) + indentationAt(file, statement.start);
    const added = `await ${text}.createQueryBuilder().relation(${quote}${relation}${quote}).of(${row}).add(${value})${end}`;
    return insert(file, statement.end, before + added);
  });
  return [
    {
      id: 'relation-add',
      title: `Add to '${relation}' instead of writing back what was read`,
      applicability: 'changes-behaviour',
      difference:
        'Entity listeners and subscribers of the row do not run; each row is a statement of its own, and adding what is there already an error.',
      leaves: ['n-plus-one/query-in-loop'],
      edits: [...edits, edit(file, linesOf(file, own), '')],
    },
  ];
}

interface Entry {
  readonly statement: Statement;
  readonly row: string;
  readonly value: string;
}

/** Every `row.relation.push(value)` and `row.relation = [...row.relation, value]` between the read and the save. */
function pushesOf(file: Pair['file'], read: Operation, write: Operation, relation: string): Entry[] {
  const home = functionAround(file, write.span);
  const from = startOf(file, read);
  const found: Entry[] = [];
  const visit = (list: readonly Statement[]): void => {
    for (const statement of list) {
      if (statement.end <= from || statement.start >= write.span.start) continue;
      const entry = statement.kind === 'expression' ? entryIn(file, statement, relation) : undefined;
      if (entry !== undefined) found.push(entry);
      for (const inner of partsOf(statement).lists) visit(inner);
    }
  };
  visit(home?.body ?? []);
  return found;
}

function startOf(file: Pair['file'], read: Operation): number {
  return read.chain.length === 0 && read.at.path === file.path ? read.span.end : (read.chain[0]?.at.end ?? 0);
}

function entryIn(
  file: Pair['file'],
  statement: Statement & { kind: 'expression' },
  relation: string,
): Entry | undefined {
  const { expression } = statement;
  const list =
    expression.kind === 'call'
      ? receiverOf(expression)
      : expression.kind === 'assign' && expression.target.kind === 'member'
        ? expression.target
        : undefined;
  if (list?.kind !== 'member' || list.name !== relation || list.object.kind !== 'identifier') return undefined;
  const value = expression.kind === 'call' ? pushed(expression) : appended(file, expression, list);
  if (value === undefined || !isSimple(value)) return undefined;
  return { statement, row: list.object.name, value: textOf(file, value) };
}

function pushed({ callee, args }: CallExpression): Expression | undefined {
  return callee.kind === 'member' && callee.name === 'push' && args.length === 1 ? args[0] : undefined;
}

/** `[...row.tags, tag]`, `[...(row.tags || []), tag]`, `[tag]`. */
function appended(file: Pair['file'], expression: Expression, list: Expression): Expression | undefined {
  const value = expression.kind === 'assign' && expression.operator === '=' ? expression.value : undefined;
  if (value?.kind !== 'array') return undefined;
  const [first, second, ...others] = value.elements;
  if (first === undefined || others.length > 0) return undefined;
  if (second === undefined) return first.kind === 'spread-expression' ? undefined : first;
  const spread = first.kind === 'spread-expression' ? first.operand : undefined;
  const base = spread?.kind === 'logical' ? spread.left : spread;
  return base !== undefined && textOf(file, base) === textOf(file, list) ? second : undefined;
}

function isSimple(value: Expression): boolean {
  return value.kind === 'identifier' || (value.kind === 'member' && isSimple(value.object));
}

/** The save stores something else too, or the rows came from elsewhere. */
function changesMore(
  file: Pair['file'],
  read: Operation,
  write: Operation,
  saved: Expression & { kind: 'identifier' },
  entries: readonly Entry[],
): boolean {
  const names = new Set([saved.name, ...entries.map(({ row }) => row)]);
  const from = startOf(file, read);
  const inList = (list: readonly Statement[]): boolean =>
    list.some((statement) => {
      if (statement.end <= from || statement.start >= write.span.start) return false;
      const isEntry = entries.some((entry) => entry.statement === statement);
      if (!isEntry && statement.kind === 'expression' && changesRow(statement.expression, names)) return true;
      return partsOf(statement).lists.some(inList);
    });
  const home = functionAround(file, write.span);
  const passed = home === undefined || file.calls.some((call) => isPassed(call, names, from, write));
  return passed || inList(home.body);
}

/** An assignment to the row, or a call of a member of its members. */
function changesRow(expression: Expression, names: ReadonlySet<string>): boolean {
  if (expression.kind === 'assign') {
    const { target } = expression;
    return target.kind === 'member' && target.object.kind === 'identifier' && names.has(target.object.name);
  }
  const list = expression.kind === 'call' ? receiverOf(expression) : undefined;
  return list?.kind === 'member' && list.object.kind === 'identifier' && names.has(list.object.name);
}

/** Given to a function that may change it. */
function isPassed(call: CallExpression, names: ReadonlySet<string>, from: number, write: Operation): boolean {
  if (call.start < from || call.end > write.span.start) return false;
  return call.args.some((arg) => arg.kind === 'identifier' && names.has(arg.name));
}
