import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sqlWithHoles } from '../../server/src/sql/template-holes.ts';
import { assignments, conditions, covered, readSql, shown, tables } from './read-sql.ts';

/** The parts of a template as its tag gets them. */
function sql(parts: TemplateStringsArray, ..._values: unknown[]): string {
  return sqlWithHoles(parts).text;
}

const x = undefined;

test('a hole is a value where a value may be', () => {
  const statement = readSql(sql`UPDATE t SET n = n - ${x} WHERE id = ${x} AND n >= ${x} AND k IN (${x}) AND j IN ${x}`);
  assert.deepEqual(assignments(statement), ['set n = -(n <hole:0>) relative']);
  assert.deepEqual(conditions(statement), ['id = <hole:1>', 'n >= <hole:2>', 'k in list(<hole:3>)', 'j in <hole:4>']);
  assert.deepEqual(statement.fragments, []);
});

test('a hole is a name where a name may be', () => {
  const statement = readSql(sql`UPDATE ${x} SET ${x} = ${x} WHERE ${x}.id = ${x} AND "${x}" = 1 AND pre_${x} = 2`);
  assert.deepEqual(tables(statement), ['write ?hole:0']);
  assert.deepEqual(assignments(statement), ['set ?hole:1 = <hole:2>']);
  assert.deepEqual(conditions(statement), ['?hole:3.id = <hole:4>', '?hole:5 = 1', 'pre_?hole:6 = 2']);
  assert.deepEqual(tables(readSql(sql`SELECT * FROM ${x}.${x} t JOIN ${x} ON true`)), [
    'read ?hole:0.?hole:1 t',
    'read ?hole:2',
  ]);
  assert.deepEqual(readSql(sql`INSERT INTO t (${x}, b) VALUES (${x}, 1)`).columns, ['?hole:0', 'b']);
});

test('a hole in a string is the value when it is all of it', () => {
  const statement = readSql(
    sql`SELECT * FROM t WHERE a = '${x}' AND b LIKE '%${x}%' AND c > now() - interval '${x} days'`,
  );
  assert.deepEqual(conditions(statement).slice(0, 2), ['a = <hole:0>', 'b like interpolated(<hole:1>)']);
  const text = sql`SELECT * FROM t WHERE a = '${x}'`;
  assert.equal(covered(text, readSql(text).conditions[0]?.value.range ?? { start: 0, end: 0 }), '$hole_0$');
});

test('a hole that may be a clause is reported', () => {
  const statement = readSql(sql`SELECT ${x} FROM t ${x} WHERE a = 1 ${x} ORDER BY ${x} ${x} LIMIT ${x}`);
  assert.deepEqual(conditions(statement), ['a = 1']);
  assert.deepEqual(
    statement.fragments.map(({ name }) => name),
    ['hole:1', 'hole:2', 'hole:4'],
  );
  assert.equal(shown(statement.limit), '<hole:5>');
  assert.deepEqual(conditions(readSql(sql`SELECT * FROM t WHERE ${x}`)), [' expression <hole:0>']);
  assert.equal(readSql(sql`SELECT * FROM (${x}) q`).fragments.length, 1);
  assert.equal(readSql(sql`WITH a AS (SELECT 1 FROM t), ${x} SELECT * FROM a`).kind, 'select');
});

test('a fragment at the end of a subquery does not shorten the condition around it', () => {
  const text = sql`SELECT a FROM t WHERE (b) IN (SELECT c FROM u WHERE d = 1 ${x}) AND e = 2`;
  const statement = readSql(text);
  assert.equal(
    covered(text, statement.conditions[0]?.range ?? statement.range),
    '(b) IN (SELECT c FROM u WHERE d = 1 $hole_0$)',
  );
  assert.equal(
    covered(text, statement.subqueries[0]?.range ?? statement.range),
    'SELECT c FROM u WHERE d = 1 $hole_0$',
  );
});

test('what the tagged-template clients insert', () => {
  const update = readSql(sql`UPDATE t SET ${x} WHERE id = ${x}`);
  assert.deepEqual([update.kind, conditions(update)], ['update', ['id = <hole:1>']]);
  assert.equal(update.fragments.length, 1);
  assert.equal(readSql(sql`INSERT INTO t ${x} RETURNING *`).rows, undefined);
  assert.equal(readSql(sql`INSERT INTO t (a, b) VALUES ${x}`).rows, undefined);
  assert.equal(readSql(sql`INSERT INTO t (a, b) VALUES ${x} ON CONFLICT DO NOTHING`).onConflict?.action, 'nothing');
  assert.deepEqual(conditions(readSql(sql`SELECT * FROM t WHERE id = $${x}`)), ['id = <$hole:0>']);
});

test('offsets go back to the part they came from', () => {
  const parts = ['SELECT * FROM t WHERE id = ', ' AND name = ', ' FOR UPDATE'];
  const template = sqlWithHoles(parts);
  const statement = readSql(template.text);
  const name = statement.conditions[1];
  assert.ok(name);
  assert.deepEqual(template.toOffset(name.range.start), { part: 1, offset: 5 });
  assert.deepEqual(template.toOffset(name.value.range.start), { part: 1, offset: parts[1]?.length });
  assert.deepEqual(template.toOffset(name.value.range.end), { part: 2, offset: 0 });
  assert.deepEqual(template.toOffset(template.text.length), { part: 2, offset: parts[2]?.length });
});
