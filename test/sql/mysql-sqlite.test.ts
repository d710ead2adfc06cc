import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assignments, conditions, covered, readSql, shown, tables } from './read-sql.ts';

test('placeholders of every style', () => {
  assert.deepEqual(conditions(readSql('SELECT * FROM t WHERE a = ? AND b = ? LIMIT ?')), ['a = <1>', 'b = <2>']);
  assert.deepEqual(
    conditions(readSql('SELECT * FROM t WHERE a = :a AND b IN (:...ids) AND c = @c AND d = ?4 AND e::text = $e')),
    ['a = <a>', 'b in list(<ids>)', 'c = <c>', 'd = <4>', 'e = <e>'],
  );
  assert.deepEqual(tables(readSql('UPDATE ?? SET ?? = ? WHERE id = ?')), ['write ?1']);
  assert.deepEqual(tables(readSql('DELETE FROM $1:name WHERE $2:name = $<id>')), ['write ?1']);
  assert.deepEqual(tables(readSql('INSERT INTO t (a, b) VALUES ?', 'mysql')), ['write t']);
  assert.deepEqual(conditions(readSql('SELECT 1 FROM t WHERE a = {{site::uuid}} AND b = {day:Date}')), [
    'a = <site>',
    'b = <day>',
  ]);
});

test('INSERT IGNORE, INSERT OR IGNORE, REPLACE and ON DUPLICATE KEY UPDATE', () => {
  const ignore = readSql("INSERT IGNORE INTO `log` (`a`, b) VALUES (?, \"text\"), (?, 'it\\'s')", 'mysql');
  assert.deepEqual([ignore.kind, ignore.rows, ignore.onConflict], ['insert', 2, { columns: [], action: 'nothing' }]);
  assert.deepEqual(assignments(ignore), ['values a = <1>', 'values b = "text"']);
  assert.equal(readSql('INSERT OR IGNORE INTO t (a) VALUES (?)', 'sqlite').onConflict?.action, 'nothing');
  assert.equal(readSql('INSERT OR REPLACE INTO t (a) VALUES (?)', 'sqlite').kind, 'upsert');
  assert.equal(readSql('REPLACE INTO t (a) VALUES (?)').kind, 'upsert');
  const counter = readSql(
    'INSERT INTO hits (k, n) VALUES (?, 1) ON DUPLICATE KEY UPDATE n = n + VALUES(n), k = VALUES(k)',
    'mysql',
  );
  assert.equal(counter.kind, 'upsert');
  assert.deepEqual(assignments(counter).slice(2), ['conflict n = +(n values(n)) relative', 'conflict k = values(k)']);
});

test('locks', () => {
  assert.equal(readSql('SELECT * FROM t WHERE id = ? LOCK IN SHARE MODE').lock, 'share');
  assert.equal(readSql('SELECT * FROM `t` WHERE id = ? FOR UPDATE SKIP LOCKED').skipLocked, true);
  const lock = readSql("SELECT GET_LOCK('jobs', 10)").advisoryLock;
  assert.deepEqual([lock?.transactionScoped, shown(lock?.key)], [false, '"jobs"']);
});

test('what only the fallback reads, with exact ranges', () => {
  const limited =
    "UPDATE `jobs` SET `owner` = ?, tries = (tries + 1) WHERE state = 'new' AND due < NOW() - INTERVAL 5 MINUTE ORDER BY id LIMIT 1";
  const statement = readSql(limited, 'mysql');
  assert.deepEqual(tables(statement), ['write jobs']);
  assert.deepEqual(assignments(statement), ['set owner = <1>', 'set tries = +(tries 1) relative']);
  assert.deepEqual(conditions(statement), ['state = "new"', 'due < -(now() interval(5))']);
  assert.deepEqual(
    statement.conditions.map(({ range }) => covered(limited, range)),
    ["state = 'new'", 'due < NOW() - INTERVAL 5 MINUTE'],
  );
  assert.deepEqual(
    statement.assignments.map(({ range }) => covered(limited, range)),
    ['`owner` = ?', 'tries = (tries + 1)'],
  );
  assert.deepEqual([statement.orderBy, shown(statement.limit)], [['id'], '1']);

  const joined =
    'UPDATE a JOIN b ON a.id = b.a SET a.n = a.n - ? WHERE b.k = ? AND (a.id IN (SELECT x FROM z WHERE q = ?) OR b.c IS NULL)';
  const update = readSql(joined, 'mysql');
  assert.deepEqual(tables(update), ['write a', 'read b']);
  assert.deepEqual(assignments(update), ['set n = -(a.n <1>) relative']);
  assert.deepEqual(conditions(update), ['a.id = b.a', 'b.k = <2>', 'a.id or or(a.id b.c subquery of z)']);
  assert.equal(covered(joined, update.subqueries[0]?.range ?? update.range), 'SELECT x FROM z WHERE q = ?');

  assert.deepEqual(tables(readSql('DELETE a FROM a JOIN b ON a.id = b.a WHERE b.k = ?', 'mysql')), [
    'write a',
    'read b',
  ]);
  assert.equal(shown(readSql('SELECT * FROM t LIMIT 20, 10', 'mysql').limit), '10');
  assert.deepEqual(assignments(readSql('INSERT INTO t SET a = ?, b = 2', 'mysql')), ['values a = <1>', 'values b = 2']);
  assert.equal(
    readSql("SELECT v FROM json_each('[1]') WHERE (SELECT count(*) FROM (SELECT v FROM t)) > 0", 'sqlite').subqueries
      .length,
    1,
  );
});

test('bracketed and back-quoted names of SQLite', () => {
  const text = 'SELECT [user name], `b` FROM "t" WHERE [user name] = ?1';
  const statement = readSql(text, 'sqlite');
  assert.deepEqual(statement.columns, ['user name', 'b']);
  assert.deepEqual(
    statement.conditions.map(({ range }) => covered(text, range)),
    ['[user name] = ?1'],
  );
});
