/**
 * What runs once per element, and whether the runs overlap: callbacks of the language and of libraries, promises kept
 * in lists, streams, generators, functions that are put together first and run later.
 */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { ProgramFacts } from '../../server/src/analysis/program.ts';
import { analyse, functionNamed, queriesOf } from './facts-of.ts';

const DB = 'export declare const db: { query(sql: string, args: unknown[]): Promise<{ rows: any[] }> };';
const LOAD = `
  const load = (id: number) => db.query('SELECT * FROM users WHERE id = $1', [id]);
  const save = async (id: number) => { await db.query('UPDATE users SET seen = true WHERE id = $1', [id]); };`;

function program(text: string, packages: Readonly<Record<string, string>> = {}, imports = ''): ProgramFacts {
  return analyse({
    packages,
    files: { 'db.ts': DB, 'main.ts': `${imports}\nimport { db } from './db';\n${LOAD}\n${text}` },
  });
}

describe('the language', () => {
  let facts: ProgramFacts;
  const OVERLAP = ['read users id= | parallel over elements'];
  const ONE_BY_ONE = ['update users id= +seen | sequential over elements'];
  before(() => {
    facts = program(`
      export async function block(ids: number[]) { await Promise.all(ids.map((id) => { return load(id); })); }
      export async function expression(ids: number[]) { await Promise.all(ids.map((id) => load(id))); }
      export async function fromSet(ids: Set<number>) { await Promise.all(Array.from(ids, (id) => load(id))); }
      export async function kept(ids: number[]) { const all = ids.map((id) => load(id)); for (const one of all) await one; }
      export async function chain(ids: number[]) { await ids.reduce((before, id) => before.then(() => save(id)), Promise.resolve()); }
      export async function reduced(ids: number[]) { await ids.reduce(async (before, id) => { await before; await save(id); }, Promise.resolve()); }
      async function* numbers(ids: number[]) { for (const id of ids) yield id; }
      export async function generated(ids: number[]) { for await (const id of numbers(ids)) await save(id); }
      async function* pages() { while (true) { const { rows } = await db.query('SELECT * FROM posts', []); yield rows; } }
      export async function paged() { for await (const page of pages()) await save(page.length); }
    `);
  });

  test('a callback that returns a promise overlaps with the next', () => {
    for (const name of ['block', 'expression', 'fromSet', 'kept'])
      assert.deepEqual(queriesOf(facts, 'main.ts', name), OVERLAP, name);
  });
  test('a reducer waits for the one before', () => {
    for (const name of ['chain', 'reduced']) assert.deepEqual(queriesOf(facts, 'main.ts', name), ONE_BY_ONE, name);
  });
  test('a generator repeats as often as it yields', () => {
    assert.deepEqual(queriesOf(facts, 'main.ts', 'generated'), ONE_BY_ONE);
    assert.deepEqual(queriesOf(facts, 'main.ts', 'paged').at(-1), 'update users id= +seen | sequential over forever');
  });
});

test('rows of streams and cursors', () => {
  const facts = program(`
    declare const rows: { on(event: string, listener: (row: any) => void): void; pipe(to: unknown): unknown };
    declare const cursor: { eachAsync(run: (row: any) => Promise<void>): Promise<void> };
    declare class Transform { constructor(options: object) }
    export function events() { rows.on('row', async function onRow(row) { await save(row.id); }); }
    export function piped() {
      rows.pipe(new Transform({ transform: async (row: any, encoding: string, done: () => void) => { await save(row.id); done(); } }));
    }
    export async function each() { await cursor.eachAsync(async (row) => { await save(row.id); }); }
  `);
  const inStream = ['update users id= +seen | sequential over elements'];
  assert.deepEqual(queriesOf(facts, 'main.ts', 'each'), inStream);
  assert.deepEqual(queriesOf(facts, 'main.ts', 'events.onRow'), inStream);
  assert.deepEqual(queriesOf(facts, 'main.ts', 'piped.transform'), inStream);
});

test('functions that get their data later', () => {
  const facts = program(
    `
    export async function tasks(ids: number[]) {
      return pipe(ids, A.map((id) => TE.tryCatch(() => load(id), String)), TE.sequenceArray)();
    }
    export async function traversed(ids: number[]) { return TE.traverseArray((id: number) => TE.tryCatch(() => load(id), String))(ids)(); }
    export async function oneByOne(ids: number[]) { return TE.traverseSeqArray((id: number) => TE.tryCatch(() => load(id), String))(ids)(); }
    export async function applied(ids: number[]) { return Promise.all(A.map((id: number) => load(id))(ids)); }
    export function composed() {
      return pipe(() => load(1), T.chainFirst(flow(A.map((row: any) => async () => { await save(row.id); }), T.sequenceArray)), T.map(() => undefined));
    }
    export async function observed(ids: number[]) { await lastValueFrom(from(ids).pipe(mergeMap((id) => load(id)))); }
    export async function other(source: any) { await lastValueFrom(source.pipe(mergeMap((id: number) => load(id)))); }
    `,
    {
      'fp-ts': '',
      'fp-ts/Array': 'export declare const map: any;',
      'fp-ts/Task': 'export declare const map: any, chainFirst: any, sequenceArray: any;',
      'fp-ts/TaskEither':
        'export declare const tryCatch: any, sequenceArray: any, traverseArray: any, traverseSeqArray: any;',
      'fp-ts/function': 'export declare const pipe: any, flow: any;',
      rxjs: `export class Observable<T> { pipe(...operators: any[]): Observable<any> }
        export declare function from<T>(list: readonly T[]): Observable<T>;
        export declare function mergeMap<T>(run: (value: T) => unknown, concurrent?: number): any;
        export declare function lastValueFrom<T>(source: Observable<T>): Promise<T>;`,
    },
    `import * as A from 'fp-ts/Array';
     import * as T from 'fp-ts/Task';
     import * as TE from 'fp-ts/TaskEither';
     import { flow, pipe } from 'fp-ts/function';
     import { from, lastValueFrom, mergeMap } from 'rxjs';`,
  );
  const overlap = ['read users id= | parallel over elements'];
  for (const name of ['tasks', 'traversed', 'applied', 'observed'])
    assert.deepEqual(queriesOf(facts, 'main.ts', name), overlap, name);
  assert.deepEqual(queriesOf(facts, 'main.ts', 'oneByOne'), ['read users id= | sequential over elements']);
  assert.deepEqual(queriesOf(facts, 'main.ts', 'composed'), [
    'read users id=',
    'update users id= +seen | parallel over elements',
  ]);
  // A source of which nothing is known may have one element.
  assert.deepEqual(queriesOf(facts, 'main.ts', 'other'), []);
});

test('commands of a pipeline go out once', () => {
  const facts = analyse({
    install: ['ioredis'],
    files: {
      'main.ts': `
        import type { Redis } from 'ioredis';
        export async function queued(redis: Redis, keys: string[]) {
          const pipeline = redis.pipeline();
          for (const key of keys) pipeline.incr(key);
          await pipeline.exec();
        }
        export async function each(redis: Redis, keys: string[]) {
          for (const key of keys) await redis.incr(key);
        }`,
    },
  });
  const loopsOf = (name: string): number[] =>
    functionNamed(facts, 'main.ts', name)
      .operations.filter(({ effect }) => effect.kind === 'cache')
      .map(({ loops }) => loops.length);
  assert.deepEqual(loopsOf('queued'), [0]);
  assert.deepEqual(loopsOf('each'), [1]);
});
