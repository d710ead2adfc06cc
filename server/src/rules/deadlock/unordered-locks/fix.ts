import type { ProgramFacts } from '../../../analysis/program.ts';
import { equalitiesOf, isDatabaseOperation, isOne, isOwnKey } from '../../../analysis/protection.ts';
import type { UnorderedLocks } from '../../../analysis/row-locks.ts';
import { labelOf } from '../../../analysis/trace.ts';
import type { Value } from '../../../analysis/value.ts';
import { siteOf } from '../../../rewrite/dialects/dialect.ts';
import { dialectOf } from '../../../rewrite/dialects/index.ts';
import {
  callAt,
  edit,
  enclosingStatements,
  expressionsAround,
  insertBefore,
  type StatementPlace,
  scopedName,
  semicolonOf,
  statementAround,
  textOf,
} from '../../../rewrite/source-edit.ts';
import { isNumbered, parameterAt, type SqlCall, sqlCallOf } from '../../../rewrite/sql-call.ts';
import type { Fix, RuleContext } from '../../../rule.ts';
import type { Expression, SourceFile } from '../../../typescript/syntax.ts';

export function fixUnorderedLocks(locks: UnorderedLocks, { program }: RuleContext): Fix[] {
  if (locks.form === 'pair') {
    const file = program.file(locks.first.at.path);
    return file === undefined ? [] : lockInOrder(file, locks, program);
  }
  if (locks.form === 'loop' && locks.loop !== undefined) {
    const file = program.file(locks.loop.at.path);
    return file === undefined ? [] : sortLoop(file, locks);
  }
  if (locks.form === 'bulk') {
    const file = program.file(locks.second.at.path);
    return file === undefined ? [] : sortRows(file, locks);
  }
  return [];
}

// ---------------------------------------------------------------- two rows

const LOCKED_FIRST = {
  applicability: 'changes-behaviour',
  difference: 'Both rows are locked before the first of them is changed.',
} as const;

/** Locks both rows before anything else, in the order of their keys. */
function lockInOrder(file: SourceFile, locks: UnorderedLocks, program: ProgramFacts): Fix[] {
  const { first, second } = locks;
  if (first.effect.sql === undefined) return lockByLibrary(file, locks, program);
  const one = sqlCallOf(file, first);
  const other = sqlCallOf(file, second);
  const place = statementAround(file, first.span);
  if (one === undefined || other === undefined || place === undefined || !sameList(file, first.span, second.span))
    return [];
  const keys = [keyText(one), keyText(other)];
  const [a, b] = keys;
  const table = one.statement.tables.find(({ role }) => role === 'write') ?? one.statement.tables[0];
  if (a === undefined || b === undefined || table === undefined || a.column !== b.column) return [];
  const name = textOf(file, { start: one.toFile(table.range.start), end: one.toFile(table.range.end) });
  const rows = `SELECT 1 FROM ${name} WHERE ${a.column}`;
  const both =
    statementText(
      one,
      one.holes === undefined && isNumbered(one) ? `${rows} = ANY($1) ORDER BY ${a.column} FOR UPDATE` : undefined,
      [`[${a.text}, ${b.text}]`],
    ) ??
    statementText(one, `${rows} IN (${placeholders(one, [a.text, b.text])}) ORDER BY ${a.column} FOR UPDATE`, [
      a.text,
      b.text,
    ]);
  const id = scopedName(file, one.call, ['id', 'key', 'rowKey']);
  const each = statementText(one, `${rows} = ${placeholders(one, [id])} FOR UPDATE`, [id]);
  if (both === undefined || each === undefined) return [];
  return [
    {
      ...LOCKED_FIRST,
      id: 'lock-in-one-statement',
      title: 'Lock both rows first, in the order of their keys',
      edits: [insertBefore(file, place.statement, [both])],
    },
    {
      ...LOCKED_FIRST,
      id: 'lock-sorted',
      title: 'Sort the keys and lock each row first',
      edits: [
        insertBefore(file, place.statement, [`for (const ${id} of [${a.text}, ${b.text}].sort()) {`, `  ${each}`, '}']),
      ],
    },
  ];
}

/** Builders, models, repositories: both rows are read under lock the way the first statement is sent. */
function lockByLibrary(file: SourceFile, locks: UnorderedLocks, program: ProgramFacts): Fix[] {
  const { first, second, keys } = locks;
  const names = keys.map((key) => (key.kind === 'place' && key.root.kind === 'parameter' ? labelOf(key) : undefined));
  const [a, b] = names;
  const site = siteOf(file, first, program);
  const place = placeBefore(file, locks);
  const column = keyColumn(first);
  if (a === undefined || b === undefined || site === undefined || place === undefined || column === undefined)
    return [];
  if (first.chain.length > 0 || second.chain.length > 0 || !sameList(file, place.statement, second.span)) return [];
  const lock = dialectOf(first)?.lockRows?.(site, column, [a, b]);
  if (lock === undefined) return [];
  return [
    {
      ...LOCKED_FIRST,
      id: 'lock-in-one-statement',
      title: 'Lock both rows first, in the order of their keys',
      edits: [...lock.edits, insertBefore(file, place.statement, [`${lock.line}${semicolonOf(file)}`])],
    },
  ];
}

/** Of the transaction's own statements about the table the first: what it reads is to be read under the locks. */
function placeBefore(file: SourceFile, { fn, first }: UnorderedLocks): StatementPlace | undefined {
  const earliest = fn.operations.find(
    (operation) =>
      isDatabaseOperation(operation) &&
      operation.chain.length === 0 &&
      operation.effect.table === first.effect.table &&
      operation.transactions.some((own) => first.transactions.some((other) => isOne(own, other))),
  );
  return earliest === undefined ? undefined : statementAround(file, earliest.span);
}

/** A saved entity goes by its id. */
function keyColumn({ effect }: UnorderedLocks['first']): string | undefined {
  const key = equalitiesOf(effect).find(({ column }) => isOwnKey(column, effect.table));
  if (key === undefined) return effect.entity === undefined ? undefined : 'id';
  return key.column === '' ? 'id' : key.column;
}

/** `await client.query('SELECT …', [id])`, `` await tx`SELECT …` ``: sent the way the given statement is. */
function statementText(
  { file, call, quote, holes }: SqlCall,
  sql: string | undefined,
  values: string[],
): string | undefined {
  if (sql === undefined) return undefined;
  const end = semicolonOf(file);
  if (holes === undefined) {
    const { callee } = call;
    return callee.kind === 'member'
      ? `await ${textOf(file, callee)}(${quote}${sql}${quote}, [${values.join(', ')}])${end}`
      : undefined;
  }
  const template = call.isTag ? call.args[0] : call.args[0]?.kind === 'call' ? call.args[0].args[0] : undefined;
  if (template === undefined) return undefined;
  const before = file.text.slice(call.start, template.start);
  const after = file.text.slice(template.end, call.end);
  return `await ${before}${quote}${sql}${quote}${after}${end}`;
}

function placeholders(sql: SqlCall, values: readonly string[]): string {
  const { holes } = sql;
  return values
    .map((value, index) => (holes !== undefined ? `\${${value}}` : isNumbered(sql) ? `$${index + 1}` : '?'))
    .join(', ');
}

/** The key's column as the statement spells it, and the expression that is passed for it. */
function keyText(sql: SqlCall): { column: string; text: string } | undefined {
  const key = sql.statement.conditions.find(
    (condition) =>
      condition.operator === '=' && condition.value.kind === 'parameter' && /id$|uid$|key$/i.test(condition.column),
  );
  const expression = key?.value.kind === 'parameter' ? parameterAt(sql, key.value.name) : undefined;
  return key === undefined || expression === undefined || !isPlain(expression)
    ? undefined
    : { column: key.column, text: textOf(sql.file, expression) };
}

/** Evaluating it twice is the same as once. */
function isPlain(expression: Expression): boolean {
  return (
    expression.kind === 'identifier' ||
    expression.kind === 'this' ||
    (expression.kind === 'member' && isPlain(expression.object))
  );
}

function sameList(file: SourceFile, a: { start: number; end: number }, b: { start: number; end: number }): boolean {
  const lists = new Set(enclosingStatements(file, a).map(({ siblings }) => siblings));
  return enclosingStatements(file, b).some(({ siblings }) => lists.has(siblings));
}

// ---------------------------------------------------------------- a loop

/** Iterates over a sorted copy. */
function sortLoop(file: SourceFile, { loop, keys: [key], second }: UnorderedLocks): Fix[] {
  const iterated = loop === undefined ? undefined : iteratedIn(file, loop.at, loop.form === 'callback');
  const own = key === undefined || loop === undefined ? undefined : elementPath(key, loop.id);
  // The element of a saved list is the row, not its key.
  const path = own?.length === 0 && second.effect.entity !== undefined ? ['id'] : own;
  if (iterated === undefined || path === undefined) return [];
  const order = orderBy(path);
  return [
    {
      id: 'sort-keys',
      title: 'Go through the rows in the order of their keys',
      applicability: 'changes-behaviour',
      difference: 'Rows are written in the order of their keys instead of the order given.',
      edits: [edit(file, iterated, `[...${textOf(file, iterated)}]${order}`)],
    },
  ];
}

/** By the element itself, a part of it, or the second of a pair (`ids.entries()`). */
function orderBy(path: readonly string[]): string {
  if (path.length === 0) return '.sort()';
  const [first, ...rest] = path;
  const access = (names: readonly string[]): string => names.map((name) => `.${name}`).join('');
  if (first === '1') return `.sort(([, a], [, b]) => (a${access(rest)} < b${access(rest)} ? -1 : 1))`;
  return `.sort((a, b) => (a${access(path)} < b${access(path)} ? -1 : 1))`;
}

function iteratedIn(file: SourceFile, at: { start: number; end: number }, isCallback: boolean): Expression | undefined {
  if (!isCallback) {
    const around =
      file.functions.length === 0
        ? undefined
        : enclosingStatements(file, at).find(
            ({ statement }) => statement.kind === 'loop' && statement.start === at.start,
          )?.statement;
    return around?.kind === 'loop' && around.form === 'for-of' ? around.iterable : undefined;
  }
  const call = expressionsAround(file, at).find(
    (expression) => expression.kind === 'call' && expression.nameAt?.start === at.start,
  );
  return call?.kind === 'call' && call.callee.kind === 'member' ? call.callee.object : undefined;
}

/** `['id']` for `item.id`; undefined when the key is more than a part of the element. */
function elementPath(key: Value, loop: string): readonly string[] | undefined {
  return key.kind === 'element' &&
    key.loop === loop &&
    key.path.every((name, index) => /^[A-Za-z_$][\w$]*$/.test(name) || (index === 0 && name === '1'))
    ? key.path
    : undefined;
}

// ---------------------------------------------------------------- rows of one statement

/** `items.map((item) => ({ id: item.id, … }))` goes through a copy sorted by what the key is made of. */
function sortRows(file: SourceFile, { keys: [rows], second }: UnorderedLocks): Fix[] {
  const made = rows?.kind === 'computed' ? rows.operands.at(-1) : undefined;
  if (made?.kind !== 'object' || second.chain.length > 0) return [];
  const column = conflictColumns(second).find((name) => made.properties.has(name));
  const key = column === undefined ? undefined : made.properties.get(column);
  const call = callAt(file, second.span);
  const map = call?.args
    .flatMap((arg) => (arg.kind === 'object' ? arg.properties.map(({ value }) => value) : [arg]))
    .find(
      (arg) =>
        arg.kind === 'call' && arg.callee.kind === 'member' && arg.callee.name === 'map' && arg.args.length === 1,
    );
  if (key?.kind !== 'element' || key.path.length === 0 || map?.kind !== 'call' || map.callee.kind !== 'member')
    return [];
  const access = key.path.map((name) => `.${name}`).join('');
  return [
    {
      id: 'sort-rows',
      title: 'Write the rows in the order of their keys',
      applicability: 'changes-behaviour',
      difference: 'Rows are written in the order of their keys instead of the order given.',
      edits: [
        edit(
          file,
          map.callee.object,
          `[...${textOf(file, map.callee.object)}].sort((a, b) => (a${access} < b${access} ? -1 : 1))`,
        ),
      ],
    },
  ];
}

/** Columns that say which row is meant: those of the conflict, else the key. */
function conflictColumns({ effect }: UnorderedLocks['second']): string[] {
  const named = effect.args.flatMap((arg) =>
    arg.kind === 'array'
      ? arg.elements.flatMap((part) => (part.kind === 'constant' && typeof part.value === 'string' ? [part.value] : []))
      : [],
  );
  return [...named, 'id', '_id', 'uuid', 'key'];
}
