/** Conditions read from the tokens alone say what the parsers would have said. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSql } from '../../server/src/sql/parse-sql.ts';
import { plainConditions } from '../../server/src/sql/plain-conditions.ts';
import type { SqlCondition } from '../../server/src/sql/statement.ts';

const texts = [
  '1 = 0',
  'a.x = 1 AND 1 = 1',
  'order.customer.id = :customerId',
  'user.emailVerified IS true AND user.deletedAt IS NULL',
  'LOWER(user.identifier) = :identifier',
  'FIND_IN_SET (:slug, si.collectionSlugs)',
  ":id::varchar = ANY (string_to_array(si.collectionIds, ','))",
  "(',' || si.collectionIds || ',') LIKE :id",
  'NOT a.b = :c',
  'lower(a) = lower(:b) and deleted_at is null',
];

const onlyForParsers = [
  'a = 1 or b = 2',
  'x BETWEEN 1 AND 2',
  'a.id = (select 1)',
  'name LIKE :name',
  'price + :x <= budget',
];

function outline(conditions: readonly SqlCondition[] | undefined): unknown {
  return conditions?.map(({ table, column, operator, value }) => ({ table, column, operator, kind: value.kind }));
}

for (const text of texts) {
  test(text, () => {
    const plain = plainConditions(text);
    assert.ok(plain);
    assert.deepEqual(outline(plain), outline(parseSql(`SELECT 1 FROM t WHERE ${text}`)?.[0]?.conditions));
  });
}

test('lists of a parameter', () => {
  const [inside] = plainConditions('a.id IN (:...ids)') ?? [];
  const [outside] = plainConditions('a.id NOT IN (:...ids)') ?? [];
  assert.deepEqual([inside?.operator, outside?.operator], ['in', 'not in']);
});

for (const text of onlyForParsers) {
  test(`left to the parsers: ${text}`, () => {
    assert.equal(plainConditions(text), undefined);
  });
}
