import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ArgumentFact, matchShape } from '../../server/src/models/matcher.ts';
import { SHAPES } from '../../server/src/models/shape.ts';

const text = (value: string): ArgumentFact => ({ kind: 'string', text: value });
const object: ArgumentFact = { kind: 'object' };
const unknown: ArgumentFact = { kind: 'unknown' };
const fn: ArgumentFact = { kind: 'function' };

/** `receiver.method` with its arguments; the kind of effect, with what it does. */
function shapeOf(path: string, args: readonly ArgumentFact[], ...receiverTypes: string[]): string | undefined {
  const names = path.split('.');
  const method = names.pop() ?? '';
  const found = matchShape(SHAPES, { method, receiver: names, receiverTypes, arguments: args });
  if (found === undefined) return undefined;
  const { effect, callbacks } = found.model;
  if (effect === undefined) return callbacks?.[0]?.transaction === undefined ? 'nothing' : 'in transaction';
  return 'action' in effect ? `${effect.kind} ${effect.action}` : effect.kind;
}

test('SQL text decides, whatever the receiver', () => {
  assert.equal(shapeOf('db.query', [text('SELECT 1'), unknown]), 'sql');
  assert.equal(shapeOf('whatever.execute', [text('\n  -- why\n  UPDATE t SET n = 1')]), 'sql');
  assert.equal(shapeOf('router.get', [text('/path'), fn]), undefined);
  assert.equal(shapeOf('select.query', [text('selection')]), undefined);
  assert.equal(shapeOf('db.query', [unknown]), undefined);
});

test('a table name and a database-like receiver', () => {
  assert.equal(shapeOf('db.update', [text('products'), object, object]), 'database update');
  assert.equal(shapeOf('trx.insert', [text('outbox'), unknown]), 'database insert');
  assert.equal(shapeOf('db.findOne', [text('users'), object]), 'database read');
  assert.equal(shapeOf('userDb.delete', [text('users'), object]), 'database delete');
  assert.equal(shapeOf('hash.update', [text('products'), object, object]), undefined);
  assert.equal(shapeOf('db.update', [text('not a table'), object, object]), undefined);
});

test('transactions', () => {
  assert.equal(shapeOf('db.transaction', [fn]), 'in transaction');
  assert.equal(shapeOf('prisma.$transaction', [fn, object]), 'in transaction');
  assert.equal(shapeOf('client.begin', []), 'transaction begin');
  assert.equal(shapeOf('conn.rollback', []), 'transaction rollback');
  assert.equal(shapeOf('animation.begin', []), undefined);
});

test('a Prisma client that was never generated', () => {
  assert.equal(shapeOf('prisma.user.findMany', [object]), 'database read');
  assert.equal(shapeOf('this.prisma.user.update', [unknown]), 'database update');
  assert.equal(shapeOf('tx.account.create', [object]), 'database insert');
  assert.equal(shapeOf('user.findMany', [object]), undefined);
  assert.equal(shapeOf('twilio.messages.create', [object]), undefined);
});

test('third parties by the receiver’s name or type', () => {
  assert.equal(shapeOf('pricingApi.getPrice', [unknown]), 'request');
  assert.equal(shapeOf('pricing.getPrice', [unknown], 'PricingGateway'), 'request');
  assert.equal(shapeOf('billingClient.charge', [object]), 'request');
  assert.equal(shapeOf('client.charge', [object]), undefined);
  assert.equal(shapeOf('therapi.go', []), undefined);
  assert.equal(shapeOf('queryClient.invalidateQueries', []), undefined);
  assert.equal(shapeOf('pricingApi.setToken', [unknown]), 'nothing');
});

test('caches and emitters behind interfaces', () => {
  assert.equal(shapeOf('cache.get', [unknown]), 'cache get');
  assert.equal(shapeOf('redisClient.set', [unknown, unknown, text('EX'), unknown]), 'cache set');
  assert.equal(shapeOf('bus.on', [text('saved'), fn]), 'listener add');
  assert.equal(shapeOf('bus.on', [fn]), undefined);
});
