import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SqlEdit } from '../../server/src/sql/edit-sql.ts';
import {
  addCondition,
  addForUpdate,
  addOnConflictDoNothing,
  addOrderBy,
  addReturning,
  replaceEqualityWithAny,
  setRelative,
} from '../../server/src/sql/edit-sql.ts';
import type { SqlStatement } from '../../server/src/sql/statement.ts';
import { assignments, conditions, readSql } from './read-sql.ts';

type Edit = (text: string, statement: SqlStatement) => SqlEdit[];

function edited(text: string, edit: Edit): string | undefined {
  const edits = edit(text, readSql(text));
  if (edits.length === 0) return undefined;
  const last = [...edits].sort((a, b) => b.range.start - a.range.start);
  return last.reduce(
    (result, { range, text: added }) => result.slice(0, range.start) + added + result.slice(range.end),
    text,
  );
}

/** Checks the text and that it parses, and answers what it parses to. */
function becomes(before: string, edit: Edit, after: string): SqlStatement {
  assert.equal(edited(before, edit), after);
  return readSql(after);
}

test('addCondition', () => {
  const add: Edit = (text, statement) => addCondition(text, statement, 'balance >= $1');
  const update = becomes(
    'update t  set balance = balance - $1\n  where id = $2 -- mine\n  returning id',
    add,
    'update t  set balance = balance - $1\n  where id = $2 AND balance >= $1 -- mine\n  returning id',
  );
  assert.deepEqual(conditions(update), ['id = <2>', 'balance >= <1>']);
  becomes('UPDATE t SET a = 1', add, 'UPDATE t SET a = 1 WHERE balance >= $1');
  becomes('DELETE FROM t RETURNING *', add, 'DELETE FROM t WHERE balance >= $1 RETURNING *');
  becomes(
    'UPDATE t SET a = b.a FROM b JOIN c ON b.x = c.x',
    add,
    'UPDATE t SET a = b.a FROM b JOIN c ON b.x = c.x WHERE balance >= $1',
  );
  becomes('SELECT * FROM t GROUP BY a ORDER BY b', add, 'SELECT * FROM t WHERE balance >= $1 GROUP BY a ORDER BY b');
  becomes('DELETE FROM t WHERE a = 1 OR (b = 2)', add, 'DELETE FROM t WHERE (a = 1 OR (b = 2)) AND balance >= $1');
  becomes('DELETE FROM t WHERE (a = 1 OR b = 2)', add, 'DELETE FROM t WHERE (a = 1 OR b = 2) AND balance >= $1');
  becomes('UPDATE t SET a = 1 WHERE b = 2 $hole_0$', add, 'UPDATE t SET a = 1 WHERE balance >= $1 AND b = 2 $hole_0$');
  becomes('UPDATE t SET a = 1 WHERE b = ? LIMIT 1', add, 'UPDATE t SET a = 1 WHERE b = ? AND balance >= $1 LIMIT 1');
  becomes(
    'SELECT a FROM t WHERE x IN (SELECT y FROM u WHERE z = 1 LIMIT 1) FOR UPDATE',
    add,
    'SELECT a FROM t WHERE x IN (SELECT y FROM u WHERE z = 1 LIMIT 1) AND balance >= $1 FOR UPDATE',
  );
  for (const refused of [
    'SELECT a FROM t UNION SELECT a FROM u',
    'UPDATE t SET a = 1 $hole_0$',
    'INSERT INTO t (a) VALUES (1)',
  ]) {
    assert.equal(edited(refused, add), undefined, refused);
  }
});

test('addCondition inside a CTE and in a later statement', () => {
  const text = 'WITH c AS (UPDATE t SET a = 1 WHERE b = 2 RETURNING *) SELECT * FROM c';
  const cte = readSql(text).ctes[0];
  assert.ok(cte);
  const [edit] = addCondition(text, cte, 'n > 0');
  assert.equal(
    text.slice(0, edit?.range.start) + (edit?.text ?? ''),
    'WITH c AS (UPDATE t SET a = 1 WHERE b = 2 AND n > 0',
  );
});

test('setRelative', () => {
  const set: Edit = (text, statement) => setRelative(text, statement, 'Balance', 'balance - ${amount}');
  assert.equal(
    edited('UPDATE t SET balance = $1::numeric, b = 2 WHERE id = $2', set),
    'UPDATE t SET balance = balance - ${amount}, b = 2 WHERE id = $2',
  );
  assert.equal(edited('UPDATE t SET b=1,balance=( $1 )', set), 'UPDATE t SET b=1,balance=balance - ${amount}');
  assert.equal(
    edited('UPDATE t SET balance = CAST(? AS DECIMAL) LIMIT 1', set),
    'UPDATE t SET balance = balance - ${amount} LIMIT 1',
  );
  assert.equal(edited('UPDATE t SET (balance, b) = ($1, $2)', set), undefined);
  assert.equal(edited('UPDATE t SET b = 1', set), undefined);
  const after = becomes(
    'UPDATE t SET n = ? WHERE id = ?',
    (text, statement) => setRelative(text, statement, 'n', 'n - ?'),
    'UPDATE t SET n = n - ? WHERE id = ?',
  );
  assert.deepEqual(assignments(after), ['set n = -(n <1>) relative']);
});

test('addReturning', () => {
  const add: Edit = (text, statement) => addReturning(text, statement, ['id', '"userId"']);
  assert.deepEqual(
    becomes('UPDATE t SET a = 1 WHERE b = 2;', add, 'UPDATE t SET a = 1 WHERE b = 2 RETURNING id, "userId";').returning,
    ['id', 'userId'],
  );
  becomes('DELETE FROM t RETURNING id', add, 'DELETE FROM t RETURNING id, "userId"');
  assert.equal(edited('DELETE FROM t RETURNING *', add), undefined);
  assert.equal(edited('SELECT 1', add), undefined);
});

test('addForUpdate', () => {
  assert.equal(
    becomes(
      'SELECT * FROM t WHERE id = $1 LIMIT 1\n',
      addForUpdate,
      'SELECT * FROM t WHERE id = $1 LIMIT 1 FOR UPDATE\n',
    ).lock,
    'update',
  );
  for (const refused of [
    'SELECT count(*) FROM t',
    'SELECT DISTINCT a FROM t',
    'SELECT a FROM t GROUP BY a',
    'SELECT a FROM t UNION SELECT 1',
    'SELECT 1',
    'SELECT a FROM t FOR SHARE',
  ]) {
    assert.equal(edited(refused, addForUpdate), undefined, refused);
  }
});

test('addOnConflictDoNothing', () => {
  const after = becomes(
    'INSERT INTO t (a) VALUES ($1) RETURNING id',
    addOnConflictDoNothing,
    'INSERT INTO t (a) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id',
  );
  assert.equal(after.onConflict?.action, 'nothing');
  assert.equal(edited('INSERT INTO t (a) VALUES ($1) ON CONFLICT DO NOTHING', addOnConflictDoNothing), undefined);
});

test('replaceEqualityWithAny', () => {
  const replace: Edit = (text, statement) => replaceEqualityWithAny(text, statement, 'id');
  const after = becomes(
    'SELECT * FROM t u WHERE (u.id = $1) AND b = 2',
    replace,
    'SELECT * FROM t u WHERE (u.id = ANY($1)) AND b = 2',
  );
  assert.deepEqual(conditions(after), ['u.id any <1>', 'b = 2']);
  becomes('SELECT * FROM t WHERE id=$1::uuid', replace, 'SELECT * FROM t WHERE id=ANY($1::uuid[])');
  for (const refused of [
    'SELECT * FROM t WHERE $1 = id',
    'SELECT * FROM t WHERE id = 1',
    'SELECT * FROM t WHERE id > $1',
  ]) {
    assert.equal(edited(refused, replace), undefined, refused);
  }
});

test('addOrderBy', () => {
  const order: Edit = (text, statement) => addOrderBy(text, statement, ['a', '"b"']);
  assert.deepEqual(
    becomes(
      'SELECT * FROM t WHERE c LIMIT 5 FOR UPDATE',
      order,
      'SELECT * FROM t WHERE c ORDER BY a, "b" LIMIT 5 FOR UPDATE',
    ).orderBy,
    ['a', 'b'],
  );
  assert.equal(edited('SELECT * FROM t ORDER BY c', order), undefined);
});
