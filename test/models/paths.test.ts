import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_MODELS } from '../../server/src/models/index.ts';
import type { CallModel } from '../../server/src/models/model.ts';
import { isRooted, parsePath } from '../../server/src/models/path.ts';
import { SHAPES } from '../../server/src/models/shape.ts';

test('paths read left to right', () => {
  assert.deepEqual(parsePath('Argument[0].Member[where]'), [
    { kind: 'argument', index: 0 },
    { kind: 'member', name: 'where' },
  ]);
  assert.deepEqual(parsePath('Arguments[2..]'), [{ kind: 'rest', from: 2 }]);
  assert.deepEqual(parsePath('Argument[-1]'), [{ kind: 'argument', index: -1 }]);
  assert.deepEqual(parsePath('This.Owner.Name'), [{ kind: 'this' }, { kind: 'owner' }, { kind: 'name' }]);
  assert.deepEqual(parsePath('ReturnValue.Awaited'), [{ kind: 'return' }, { kind: 'awaited' }]);
  assert.deepEqual(parsePath('Constant[update]'), [{ kind: 'constant', value: 'update' }]);
  assert.deepEqual(parsePath('unknown'), [{ kind: 'unknown' }]);
  assert.equal(isRooted(parsePath('Member[rows]') ?? []), false);
  assert.equal(isRooted(parsePath('This.Entity') ?? []), true);
});

test('what is no path is refused', () => {
  for (const text of [
    '',
    'this',
    'Argument',
    'Argument[x]',
    'Argument[0]Member[x]',
    'Argument[0].',
    '.This',
    'This.This',
    'Member[]',
    'Arguments[1]',
    'Parameter[-1]',
    'Nonsense',
    'This[0]',
    'Element.Argument[0]',
  ]) {
    assert.equal(parsePath(text), undefined, text);
  }
});

/** Every field of a model that holds a path. */
const PATHS = new Set(
  'table where primaryKey data affected relations lock atomic limit text parameters rows key value ttl absentFlag url idempotencyKey topic payload path options to event handler disposer delay handle isolation duration target in releaser argument over executor limitedIf backoffIf returns boundTo orderBy source steps'.split(
    ' ',
  ),
);
/** Where these hold a word instead. */
const WORDS = new Set(
  ['value list nothing', 'row rows count affected exists nothing unknown'].flatMap((words) => words.split(' ')),
);

/** What only the awaited result can tell stands relative to it. */
const RELATIVE = new Set(['rows', 'affected']);

function problemsOf(value: unknown, at: string): string[] {
  if (Array.isArray(value)) return value.flatMap((part, index) => problemsOf(part, `${at}[${index}]`));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, part]: [string, unknown]) => {
    const here = `${at}.${name}`;
    if (/^(parameters|unless)$/.test(name) && Array.isArray(part)) {
      return part.flatMap((path: unknown, index) => (isPath(path) ? [] : [`${here}[${index}]: ${String(path)}`]));
    }
    if (typeof part !== 'string' || !PATHS.has(name)) return problemsOf(part, here);
    if (name === 'returns' && WORDS.has(part)) return [];
    if (name === 'executor' && part === 'ambient') return [];
    const steps = parsePath(part);
    if (steps === undefined) return [`${here}: ${part}`];
    return isRooted(steps) === RELATIVE.has(name) ? [`${here}: ${part} begins in the wrong place`] : [];
  });
}

function isPath(path: unknown): boolean {
  return typeof path === 'string' && parsePath(path) !== undefined;
}

test('all paths of all models are paths', () => {
  const problems = ALL_MODELS.flatMap((file) =>
    Object.entries(file.calls).flatMap(([key, model]) => problemsOf(model, `${file.package} ${key}`)),
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(
    SHAPES.flatMap((shape) => problemsOf(shape.model, `shape ${shape.method}`)),
    [],
  );
});

/** `Stripe.charges#create`: of an object that is reached through an instance, where only imports tell. */
const KEY = /^(?:new [\w$]+|[\w$]+\(\)|(?:[\w$]+(?:\.[\w$]+)?|\*)#(?:[\w$]+|\*)|(?:[\w$]+\.)?[\w$]+)$/;

test('keys, sources and instances are well formed', () => {
  for (const file of ALL_MODELS) {
    assert.match(file.source, /^https?:\/\//, file.package);
    for (const [key, model] of Object.entries(file.calls)) {
      assert.match(key, KEY, `${file.package} ${key}`);
      assert.ok(saysSomething(model), `${file.package} ${key} says nothing: leave it out`);
    }
  }
});

function saysSomething(model: CallModel): boolean {
  return Object.keys(model).length > 0;
}

test('an entry is neutral or has an effect, not both', () => {
  const both = ALL_MODELS.flatMap((file) =>
    Object.entries(file.calls)
      .filter(([, model]) => model.neutral === true && (model.effect !== undefined || model.builds !== undefined))
      .map(([key]) => `${file.package} ${key}`),
  );
  assert.deepEqual(both, []);
});
