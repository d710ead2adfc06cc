import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tableOf } from '../../server/src/sql/statement.ts';
import { assignments, conditions, covered, readSql, shown, tables } from './read-sql.ts';

test('a conditional relative update with RETURNING', () => {
  const text =
    'UPDATE accounts AS a SET balance = (balance - $1), seen = now() WHERE a.id = $2::uuid AND balance >= $1 RETURNING id, balance AS rest';
  const statement = readSql(text);
  assert.equal(statement.kind, 'update');
  assert.deepEqual(tables(statement), ['write accounts a']);
  assert.deepEqual(statement.columns, ['balance', 'seen']);
  assert.deepEqual(assignments(statement), ['set balance = -(balance <1>) relative', 'set seen = now()']);
  assert.deepEqual(conditions(statement), ['a.id = <2>', 'balance >= <1>']);
  assert.deepEqual(statement.returning, ['id', 'balance']);
  assert.deepEqual(
    statement.outputs.map(({ name }) => name),
    ['id', 'rest'],
  );
  assert.deepEqual(
    statement.conditions.map(({ range }) => covered(text, range)),
    ['a.id = $2::uuid', 'balance >= $1'],
  );
  assert.deepEqual(
    statement.conditions.map(({ value }) => covered(text, value.range)),
    ['$2', '$1'],
  );
  assert.deepEqual(
    statement.assignments.map(({ range }) => covered(text, range)),
    ['balance = (balance - $1)', 'seen = now()'],
  );
  assert.equal(tableOf(statement, 'A')?.name, 'accounts');
});

test('a value from another table or from the new row is not self-relative', () => {
  const text =
    'INSERT INTO stock (sku, n) VALUES ($1, $2) ON CONFLICT (sku) DO UPDATE SET n = excluded.n + 1, m = stock.m + excluded.m WHERE stock.n < 10';
  const statement = readSql(text);
  assert.equal(statement.kind, 'upsert');
  assert.deepEqual(statement.onConflict, { columns: ['sku'], action: 'update' });
  assert.deepEqual(assignments(statement), [
    'values sku = <1>',
    'values n = <2>',
    'conflict n = +(excluded.n 1)',
    'conflict m = +(stock.m excluded.m) relative',
  ]);
  assert.deepEqual(conditions(statement), ['stock.n < 10']);
  assert.deepEqual(assignments(readSql('UPDATE a SET n = b.n + 1 FROM b WHERE a.id = b.id')), ['set n = +(b.n 1)']);
});

test('rows of an insert', () => {
  assert.equal(readSql('INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4) ON CONFLICT DO NOTHING RETURNING *').rows, 2);
  assert.equal(readSql('INSERT INTO t (a) SELECT * FROM unnest($1::int[])').rows, 'many');
  assert.equal(readSql('INSERT INTO t DEFAULT VALUES').rows, 1);
  const guarded = readSql('INSERT INTO t (a) SELECT $1 WHERE NOT EXISTS (SELECT 1 FROM t WHERE a = $1)');
  assert.equal(guarded.rows, 1);
  assert.deepEqual(assignments(guarded), ['values a = <1>']);
  assert.deepEqual(conditions(guarded), [' not exists subquery of t']);
});

test('row locks', () => {
  const plain = readSql(
    'SELECT id FROM jobs WHERE state = $1 ORDER BY id, "createdAt" DESC LIMIT 1 FOR UPDATE SKIP LOCKED',
  );
  assert.deepEqual([plain.lock, plain.skipLocked, plain.noWait], ['update', true, false]);
  assert.deepEqual(plain.orderBy, ['id', 'createdAt']);
  assert.equal(shown(plain.limit), '1');
  const named = readSql('SELECT * FROM a JOIN b ON a.id = b.a WHERE a.id = $1 FOR NO KEY UPDATE OF a NOWAIT');
  assert.deepEqual([named.lock, named.noWait], ['no-key-update', true]);
  assert.deepEqual(tables(named), ['lock a', 'read b']);
  assert.equal(readSql('SELECT * FROM a FOR KEY SHARE').lock, 'key-share');
  assert.equal(readSql('SELECT * FROM a FOR SHARE OF a').lock, 'share');
});

test('advisory locks', () => {
  const wait = readSql('SELECT pg_advisory_xact_lock(hashtext($1))').advisoryLock;
  assert.deepEqual(
    [wait?.transactionScoped, wait?.shared, wait?.release, shown(wait?.key)],
    [true, false, false, 'hashtext(<1>)'],
  );
  const attempt = readSql('SELECT pg_try_advisory_lock_shared($1, 7) AS locked');
  assert.deepEqual(
    [attempt.advisoryLock?.transactionScoped, attempt.advisoryLock?.shared, attempt.noWait],
    [false, true, true],
  );
  assert.equal(shown(attempt.advisoryLock?.key), 'list(<1> 7)');
  assert.equal(readSql('SELECT pg_advisory_unlock($1)').advisoryLock?.release, true);
});

test('conjuncts in their forms', () => {
  const text = `SELECT a FROM t WHERE ((t.id = ANY($1)) AND kind IN ('x', $2)) AND $3 < n AND lower(mail) = $4 AND active AND NOT gone
    AND deleted IS NULL AND d BETWEEN 1 AND 2 AND (x, y) = ($5, $6) AND z IS DISTINCT FROM $7 AND (p = 1 OR q = $8)
    AND NOT EXISTS (SELECT 1 FROM u) AND o = (SELECT max(o) FROM t)`;
  const statement = readSql(text);
  assert.deepEqual(conditions(statement), [
    't.id any <1>',
    'kind in list("x" <2>)',
    'n > <3>',
    'mail expression =(lower(mail) <4>)',
    'active is true true',
    'gone is false false',
    'deleted is null null',
    'd between list(1 2)',
    'x = <5>',
    'y = <6>',
    'z is distinct from <7>',
    'p or or(p q <8>)',
    ' not exists subquery of u',
    'o = subquery of t',
  ]);
  assert.deepEqual(
    statement.conditions.slice(0, 4).map(({ range }) => covered(text, range)),
    ['t.id = ANY($1)', "kind IN ('x', $2)", '$3 < n', 'lower(mail) = $4'],
  );
  assert.deepEqual(
    statement.subqueries.map((query) => covered(text, query.range)),
    ['SELECT 1 FROM u', 'SELECT max(o) FROM t'],
  );
});

test('aggregates, not those of subqueries and windows', () => {
  const statement = readSql('SELECT count(*) AS n, coalesce(max(p), 0) + 1, sum(x) OVER () FROM t');
  assert.deepEqual(statement.aggregates, ['count', 'max']);
  assert.deepEqual(readSql('SELECT EXISTS (SELECT count(*) FROM t)').aggregates, ['exists']);
  assert.deepEqual(readSql('SELECT a.*, b AS c, 1 FROM a').columns, ['*', 'b']);
});

test('a data-modifying CTE writes when the outer statement runs', () => {
  const text = `WITH next AS (
      UPDATE jobs SET state = 'run' WHERE id = (SELECT id FROM jobs WHERE state = 'new' LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING *
    ), log AS MATERIALIZED (INSERT INTO logs (job) SELECT id FROM next) SELECT * FROM next n JOIN users u ON u.id = n.owner`;
  const statement = readSql(text);
  assert.equal(statement.kind, 'select');
  assert.deepEqual(tables(statement), ['read users u', 'write jobs', 'write logs']);
  assert.deepEqual(
    statement.ctes.map(({ kind }) => kind),
    ['update', 'insert'],
  );
  assert.equal(statement.ctes[0]?.subqueries[0]?.lock, 'update');
  assert.equal(statement.ctes[0]?.subqueries[0]?.skipLocked, true);
  assert.match(covered(text, statement.ctes[0]?.range ?? statement.range), /^UPDATE jobs[\s\S]*RETURNING \*$/);
});

test('FROM lists that the parser does not take are parsed on their own', () => {
  const update = readSql(
    'UPDATE a SET n = n + c.n FROM b JOIN c ON c.id = b.id WHERE a.id = b.a AND a.k IS DISTINCT FROM b.k',
  );
  assert.deepEqual(tables(update), ['write a', 'read b', 'read c']);
  assert.deepEqual(conditions(update), ['c.id = b.id', 'a.id = b.a', 'a.k is distinct from b.k']);
  const removal = readSql('DELETE FROM a USING b, c x WHERE a.id = b.id RETURNING a.id');
  assert.deepEqual(tables(removal), ['write a', 'read b', 'read c x']);
});

test('unions keep their arms apart', () => {
  const text = 'SELECT id FROM a WHERE x = $1 UNION ALL SELECT id FROM b WHERE y = $2';
  const statement = readSql(text);
  assert.deepEqual(tables(statement), ['read a', 'read b']);
  assert.deepEqual(conditions(statement), []);
  assert.deepEqual(
    statement.subqueries.map((arm) => covered(text, arm.range)),
    text.split(' UNION ALL '),
  );
});

test('names as written where the dialect is open, folded where it is PostgreSQL', () => {
  const text = 'SELECT U.userId, "Other" FROM Users U WHERE U.userId = $1';
  assert.deepEqual(readSql(text).columns, ['userId', 'Other']);
  assert.deepEqual(readSql(text, 'postgresql').columns, ['userid', 'Other']);
});

test('what the parser does not know by itself', () => {
  const readable = [
    'SELECT a - 1, a-1, -1 FROM t',
    "SELECT * FROM t WHERE data ? 'key' AND data->>'a' = $1 AND tags ?| array['x']",
    'SELECT sum(x) OVER (ORDER BY y ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t',
    'WITH RECURSIVE tree (id, up) AS (SELECT 1, 2 UNION ALL SELECT t.id, t.up FROM t JOIN tree ON t.up = tree.id), b AS (SELECT 1) SELECT * FROM tree',
    'SELECT id FROM t ORDER BY embedding <-> $1 LIMIT 5',
    'SELECT id FROM t WHERE a IN (SELECT b FROM u GROUP BY b, c)',
    'SELECT id FROM t WHERE a IN (SELECT b FROM u ORDER BY b, c)',
    "SELECT name COLLATE \"C\" FROM t WHERE name LIKE 'a%' ESCAPE '!'",
    'INSERT INTO t (a) VALUES (1) ON CONFLICT (a) WHERE b IS NULL DO UPDATE SET a = 2 WHERE t.c',
    'SELECT a FROM ONLY t NATURAL JOIN u',
    'SELECT a FROM t INTERSECT SELECT a FROM u',
    'SELECT $$body$$ FROM t',
    "SELECT E'it\\'s' FROM t /* a /* nested */ comment */ WHERE a = 1 -- end",
    '(SELECT count(*) FROM t WHERE a = $1) AS n',
  ];
  for (const text of readable) {
    const all = (statement: ReturnType<typeof readSql>): string[] => [
      ...tables(statement),
      ...[...statement.subqueries, ...statement.ctes].flatMap(all),
    ];
    assert.match(all(readSql(text)).join(), /(?:read|write) t\b/, text);
  }
});
