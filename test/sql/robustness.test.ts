import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseSql } from '../../server/src/sql/parse-sql.ts';
import type { SqlDialect, SqlRange } from '../../server/src/sql/statement.ts';
import { sqlWithHoles } from '../../server/src/sql/template-holes.ts';
import { assignments, conditions, covered, readSql } from './read-sql.ts';

const dialect = fc.constantFrom<SqlDialect | undefined>('postgresql', 'mysql', 'sqlite', undefined);
const samples = [
  `WITH c AS (UPDATE q SET s = 'a''b', "T" = n - $1 WHERE (id) = (SELECT id FROM s.q z FOR UPDATE OF z SKIP LOCKED) RETURNING *) SELECT * FROM c`,
  'INSERT INTO `t` (a, b) VALUES (?, "x"), (2, ?) ON DUPLICATE KEY UPDATE b = b + 1 /* c */',
  'BEGIN; SELECT pg_advisory_xact_lock(:k); UPDATE t SET a = ${x} WHERE id IN ($hole_0$, $hole_1$) $hole_2$; COMMIT',
  `SELECT count(*) FILTER (WHERE a > 1) FROM t LEFT JOIN u USING (id) WHERE a BETWEEN 1 AND 2 AND x->>'y' IS NOT NULL ORDER BY 1`,
  'DELETE FROM a USING b WHERE a.id = b.id AND created < now() - INTERVAL 1 DAY LIMIT 10',
  'START TRANSACTION ISOLATION LEVEL SERIALIZABLE; LOCK TABLE a IN SHARE MODE; SET LOCAL x = 1',
];

/** Every range that a result holds, checked to lie in the text. */
function checkRanges(value: unknown, text: string): void {
  if (Array.isArray(value)) for (const item of value) checkRanges(item, text);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, part] of Object.entries(value as Record<string, unknown>)) {
      if (key === 'range') {
        const range = part as SqlRange;
        assert.ok(range.start >= 0 && range.start <= range.end && range.end <= text.length, JSON.stringify(value));
      } else checkRanges(part, text);
    }
  }
}

test('arbitrary text never throws', () => {
  const opening = fc.constantFrom(
    '',
    'SELECT ',
    'UPDATE t SET a = ',
    'INSERT INTO t ',
    'WITH ',
    'BEGIN ',
    '(SELECT ',
    'SET ',
  );
  fc.assert(
    fc.property(opening, fc.string({ unit: 'binary', maxLength: 60 }), dialect, (start, rest, name) => {
      checkRanges(parseSql(start + rest, name), start + rest);
    }),
    { numRuns: 1500 },
  );
});

test('soups of SQL words never throw, and their ranges lie in the text', () => {
  const words = [
    ...samples.join(' ').split(/(\s+|[(),;=.*?])/),
    'FOR',
    'OF',
    'OR',
    'AND',
    'NOT',
    "'s'",
    '"q"',
    '$hole_9$',
    '??',
    '::',
    '$1:name',
  ];
  fc.assert(
    fc.property(
      fc.constantFrom('SELECT', 'UPDATE', 'DELETE FROM', 'INSERT INTO', 'WITH'),
      fc.array(fc.constantFrom(...words), { maxLength: 25 }),
      dialect,
      (verb, soup, name) => {
        const text = [verb, ...soup].join(' ');
        checkRanges(parseSql(text, name), text);
      },
    ),
    { numRuns: 1500 },
  );
});

test('statements with a part cut out never throw', () => {
  const cut = fc.tuple(fc.constantFrom(...samples), fc.nat(), fc.nat(20));
  fc.assert(
    fc.property(cut, dialect, ([sample, at, length], name) => {
      const start = at % sample.length;
      const text = sample.slice(0, start) + sample.slice(start + length);
      checkRanges(parseSql(text, name), text);
    }),
    { numRuns: 600 },
  );
});

test('what was written is what is read, with the range of what was written', () => {
  const name = fc.stringMatching(/^[a-z][a-zA-Z]{0,6}[0-9]$/);
  const value = fc.oneof(
    fc.nat(99).map((n) => `$${n + 1}`),
    fc.nat(99).map(String),
    name.map((word) => `'${word}'`),
    fc.constant('?'),
    name.map((word) => `:${word}`),
  );
  const gap = fc.constantFrom(' ', '\n  ', ' /* why */ ', ' -- note\n');
  const pair = fc.record({
    column: name,
    operator: fc.constantFrom('=', '>=', '<', 'LIKE'),
    value,
    parentheses: fc.boolean(),
  });
  const update = fc.record({
    table: name,
    sets: fc.uniqueArray(pair, { minLength: 1, maxLength: 4, selector: (set) => set.column.toLowerCase() }),
    where: fc.array(pair, { minLength: 1, maxLength: 4 }),
    gap,
  });
  fc.assert(
    fc.property(update, dialect, ({ table, sets, where, gap: space }, as) => {
      // A text with `$1` in it means `?` as an operator, so one style at a time.
      const plain = (written: string) => (written === '?' ? '$7' : written);
      const written = where.map((part) => `${part.column}${space}${part.operator} ${plain(part.value)}`);
      const wrapped = written.map((part, index) => (where[index]?.parentheses ? `(${part})` : part));
      const setting = sets.map((set) => `${set.column} =${space}${plain(set.value)}`);
      const text = `UPDATE${space}${table} SET ${setting.join(', ')}${space}WHERE ${wrapped.join(` AND${space}`)}`;
      const statement = readSql(text, as);
      const fold = (word: string) => (as === 'postgresql' ? word.toLowerCase() : word);
      assert.deepEqual(
        statement.tables.map((found) => [found.name, covered(text, found.range)]),
        [[fold(table), table]],
      );
      assert.deepEqual(
        statement.assignments.map(({ range }) => covered(text, range)),
        setting,
      );
      assert.deepEqual(
        statement.conditions.map(({ range }) => covered(text, range)),
        written,
      );
      assert.deepEqual(
        statement.conditions.map(({ value: found }) => covered(text, found.range)),
        where.map((part) => plain(part.value)),
      );
      assert.equal(conditions(statement).length + assignments(statement).length, where.length + sets.length);
    }),
    { numRuns: 400 },
  );
});

test('a megabyte of anything is answered quickly', () => {
  const large = [
    'x'.repeat(1_000_000),
    `SELECT ${'('.repeat(1_000_000)}`,
    `SELECT '${'a'.repeat(1_000_000)}`,
    ' '.repeat(1_000_000),
    '-- \n'.repeat(250_000),
    '/*'.repeat(500_000),
    `INSERT INTO t VALUES ${'(1, 2), '.repeat(120_000)}(1, 2)`,
    '$hole_1$'.repeat(120_000),
    `SELECT ${'a + '.repeat(14_000)}a FROM t`,
    `SELECT ${'('.repeat(29_000)}1${')'.repeat(29_000)}`,
    `SELECT a FROM t WHERE ${'a = 1 or '.repeat(990)}a = 1`,
    `SELECT ${'a + '.repeat(1900)}a FROM t`,
    `SELECT ${'a + b - '.repeat(900)}a FROM t`,
    `SELECT ${'- '.repeat(1900)}a FROM t`,
    `SELECT ${'not '.repeat(1900)}a FROM t`,
    `SELECT a${'::int'.repeat(1900)} FROM t`,
    `SELECT 1${' UNION SELECT 1'.repeat(1200)}`,
    `UPDATE t SET a = ${'a + b - '.repeat(300)}1 LIMIT 1`,
    `(${' '.repeat(59_000)}`,
    `${'$hole_1$'.repeat(7000)} x`,
    `SELECT * FROM t WHERE ${'a = $hole_1$ AND '.repeat(900)} (`,
  ];
  for (const text of large) {
    const started = performance.now();
    parseSql(text);
    const took = performance.now() - started;
    assert.ok(took < 5000, `${Math.round(took)} ms for ${text.slice(0, 30)}`);
  }
});

test('long chains are wide, and what is too deep is cut off', () => {
  const chain = readSql(`SELECT a FROM t WHERE ${'a = 1 OR '.repeat(500)}b = 2`);
  assert.equal(chain.conditions.length, 1);
  assert.equal(readSql(`SELECT a FROM t WHERE ${'a = 1 AND '.repeat(500)}b = 2`).conditions.length, 501);
  assert.equal(readSql(`SELECT 1 FROM t${' UNION SELECT 1 FROM t'.repeat(200)}`).subqueries.length, 201);
  const deep = readSql(`SELECT a FROM t WHERE b = ${'x + y - '.repeat(700)}1`);
  assert.ok(JSON.stringify(deep).includes('nested'));
});

test('holes never throw either', () => {
  fc.assert(
    fc.property(fc.constantFrom(...samples), fc.array(fc.nat(200), { maxLength: 5 }), (sample, cuts) => {
      const at = [...new Set(cuts.map((cut) => cut % sample.length))].sort((a, b) => a - b);
      const parts = [...at.map((end, index) => sample.slice(at[index - 1] ?? 0, end)), sample.slice(at.at(-1) ?? 0)];
      const template = sqlWithHoles(parts);
      const { text } = template;
      checkRanges(parseSql(text), text);
      const { part, offset } = template.toOffset(text.length);
      assert.deepEqual([part, offset], [parts.length - 1, parts.at(-1)?.length]);
    }),
    { numRuns: 300 },
  );
});
