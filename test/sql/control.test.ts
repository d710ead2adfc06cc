import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSql } from '../../server/src/sql/parse-sql.ts';
import { readSql, tables } from './read-sql.ts';

test('transaction control', () => {
  const kinds: Record<string, string> = {
    BEGIN: 'begin',
    'begin transaction;': 'begin',
    'START TRANSACTION READ WRITE': 'begin',
    COMMIT: 'commit',
    END: 'commit',
    'COMMIT AND NO CHAIN': 'commit',
    ROLLBACK: 'rollback',
    'ROLLBACK TO SAVEPOINT a': 'savepoint',
    'SAVEPOINT a': 'savepoint',
    'RELEASE SAVEPOINT a': 'savepoint',
    'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE': 'set-transaction',
    "SET LOCAL lock_timeout = '1s'": 'other',
    'PRAGMA journal_mode = WAL': 'other',
    'TRUNCATE a, b': 'ddl',
    'CREATE UNIQUE INDEX CONCURRENTLY i ON t (a) INCLUDE (b)': 'ddl',
  };
  for (const [text, kind] of Object.entries(kinds)) assert.equal(readSql(text).kind, kind, text);
});

test('isolation and immediate', () => {
  assert.equal(readSql('BEGIN ISOLATION LEVEL SERIALIZABLE').isolation, 'serializable');
  assert.equal(readSql('START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY').isolation, 'repeatable read');
  assert.equal(readSql('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED').isolation, 'read committed');
  assert.equal(readSql('BEGIN TRANSACTION ISOLATION LEVEL READ UNCOMMITTED').isolation, undefined);
  assert.equal(readSql('SET TRANSACTION ISOLATION LEVEL $hole_0$').kind, 'set-transaction');
  assert.equal(readSql('BEGIN IMMEDIATE').immediate, true);
  assert.equal(readSql('BEGIN EXCLUSIVE TRANSACTION').immediate, true);
  assert.equal(readSql('BEGIN DEFERRED').immediate, undefined);
});

test('LOCK TABLE', () => {
  const lock = readSql('LOCK TABLE a, s.b IN SHARE ROW EXCLUSIVE MODE NOWAIT');
  assert.deepEqual([lock.kind, lock.lock, lock.noWait], ['lock', 'share', true]);
  assert.deepEqual(tables(lock), ['lock a', 'lock s.b']);
  assert.deepEqual(tables(readSql('LOCK TABLES a WRITE, b READ')), ['lock a', 'lock b']);
});

test('several statements in one text', () => {
  const text = "BEGIN; UPDATE t SET a = 'x;y' WHERE id = $1; COMMIT";
  assert.deepEqual(
    parseSql(text)?.map(({ kind }) => kind),
    ['begin', 'update', 'commit'],
  );
  const partly = parseSql('UPDATE t SET a = 1; VACUUM FULL t; DELETE FROM u');
  assert.deepEqual(
    partly?.map(({ kind }) => kind),
    ['update', 'other', 'delete'],
  );
});

test('prose is not SQL', () => {
  const prose = [
    'Begin the import',
    'Set the price of an item',
    'Update the addon with a specific ID.',
    'Delete a recipient from a document',
    'Delete user accounts from infra',
    'delete from default channel',
    'Select an option',
    'Select date',
    'Create a new user',
    'Release notes for this version',
    'Lock the door',
    'with flag set should set user',
    'Insert key here',
    'Commit your changes',
    'End of the line',
    'Show more',
    'Comment on this',
    'Explain this',
    'Drop files here',
  ];
  for (const text of prose) assert.equal(parseSql(text), undefined, text);
});

test('half SQL yields nothing', () => {
  const halves = [
    'SELECT',
    'SELECT * FROM',
    'SELECT * FROM t WHERE',
    'SELECT * FROM t WHERE id =',
    "SELECT * FROM t WHERE name = 'unterminated",
    'SELECT * FROM t /* open',
    'SELECT (1',
    'SELECT id FROM t ORDER BY',
    'UPDATE t SET',
    'UPDATE t SET a =',
    'UPDATE t',
    'INSERT INTO t',
    'INSERT INTO t (a)',
    'INSERT INTO t (a) VALUES',
    'INSERT INTO t (a) VALUES (1',
    'DELETE FROM',
    'WITH a AS (SELECT 1)',
  ];
  for (const text of halves) assert.equal(parseSql(text), undefined, text);
});
