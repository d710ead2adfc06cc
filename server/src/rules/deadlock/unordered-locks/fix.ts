import type { UnorderedLocks } from '../../../analysis/row-locks.ts';
import type { Value } from '../../../analysis/value.ts';
import {
  edit,
  enclosingStatements,
  expressionsAround,
  freshName,
  insertBefore,
  semicolonOf,
  statementAround,
  textOf,
} from '../../../rewrite/source-edit.ts';
import { parameterAt, type SqlCall, sqlCallOf } from '../../../rewrite/sql-call.ts';
import type { Fix, RuleContext } from '../../../rule.ts';
import type { Expression, SourceFile } from '../../../typescript/syntax.ts';

export function fixUnorderedLocks(locks: UnorderedLocks, { program }: RuleContext): Fix[] {
  if (locks.form === 'pair') {
    const file = program.file(locks.first.at.path);
    return file === undefined ? [] : lockInOrder(file, locks);
  }
  if (locks.form === 'loop' && locks.loop !== undefined) {
    const file = program.file(locks.loop.at.path);
    return file === undefined ? [] : sortLoop(file, locks);
  }
  return [];
}

// ---------------------------------------------------------------- two rows

/** Locks both rows before anything else, in the order of their keys. */
function lockInOrder(file: SourceFile, { first, second }: UnorderedLocks): Fix[] {
  const one = sqlCallOf(file, first);
  const other = sqlCallOf(file, second);
  const place = statementAround(file, first.span);
  if (one === undefined || other === undefined || place === undefined || !sameList(file, first.span, second.span))
    return [];
  const keys = [keyText(one), keyText(other)];
  const [a, b] = keys;
  const table = one.statement.tables.find(({ role }) => role === 'write') ?? one.statement.tables[0];
  if (a === undefined || b === undefined || table === undefined || a.column !== b.column) return [];
  const client = one.call.callee.kind === 'member' ? one.call.callee : undefined;
  if (client === undefined) return [];
  const run = `await ${textOf(file, client)}`;
  const name = textOf(file, { start: one.offset + table.range.start, end: one.offset + table.range.end });
  const { quote } = one;
  const end = semicolonOf(file);
  const id = freshName(file, 'id');
  const fix = {
    applicability: 'changes-behaviour',
    difference: 'Both rows are locked before the first of them is changed.',
  } as const;
  return [
    {
      ...fix,
      id: 'lock-in-one-statement',
      title: 'Lock both rows first, in the order of their keys',
      edits: [
        insertBefore(file, place.statement, [
          `${run}(${quote}SELECT 1 FROM ${name} WHERE ${a.column} = ANY($1) ORDER BY ${a.column} FOR UPDATE${quote}, [[${a.text}, ${b.text}]])${end}`,
        ]),
      ],
    },
    {
      ...fix,
      id: 'lock-sorted',
      title: 'Sort the keys and lock each row first',
      edits: [
        insertBefore(file, place.statement, [
          `for (const ${id} of [${a.text}, ${b.text}].sort()) {`,
          `  ${run}(${quote}SELECT 1 FROM ${name} WHERE ${a.column} = $1 FOR UPDATE${quote}, [${id}])${end}`,
          '}',
        ]),
      ],
    },
  ];
}

/** The key's column as the statement spells it, and the expression that is passed for it. */
function keyText(sql: SqlCall): { column: string; text: string } | undefined {
  const key = sql.statement.conditions.find(
    (condition) =>
      condition.operator === '=' && condition.value.kind === 'parameter' && /id$|uid$|key$/i.test(condition.column),
  );
  if (key?.value.kind !== 'parameter' || !/\$\d/.test(sql.text)) return undefined;
  const expression = parameterAt(sql, key.value.name);
  return expression === undefined || !isPlain(expression)
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
function sortLoop(file: SourceFile, { loop, keys: [key] }: UnorderedLocks): Fix[] {
  const iterated = loop === undefined ? undefined : iteratedIn(file, loop.at, loop.form === 'callback');
  const path = key === undefined || loop === undefined ? undefined : elementPath(key, loop.id);
  if (iterated === undefined || path === undefined) return [];
  const access = path.map((name) => `.${name}`).join('');
  const order = path.length === 0 ? '.sort()' : `.sort((a, b) => (a${access} < b${access} ? -1 : 1))`;
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
  return key.kind === 'element' && key.loop === loop && key.path.every((name) => /^[A-Za-z_$][\w$]*$/.test(name))
    ? key.path
    : undefined;
}
