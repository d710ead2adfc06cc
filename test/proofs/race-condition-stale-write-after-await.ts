import { type Proof, program, proof } from './harness/proof.ts';

const rule = 'race-condition/stale-write-after-await';

/** Promises that settle when told to. */
function gate<T>(): { promise: Promise<T>; open: (value: T) => void } {
  let open: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    open = resolve;
  });
  return { promise, open };
}

/** Two runs that both wait before either goes on. */
async function bothWait(run: (load: () => Promise<number>) => Promise<unknown>): Promise<void> {
  const first = gate<number>();
  const second = gate<number>();
  const runs = [run(() => first.promise), run(() => second.promise)];
  await new Promise((resolve) => setImmediate(resolve));
  first.open(10);
  await new Promise((resolve) => setImmediate(resolve));
  second.open(20);
  await Promise.all(runs);
}

interface Counter {
  readonly earn: (load: () => Promise<number>) => Promise<void>;
  readonly points: () => number;
}

/** What the package exports, as far as the program needs it. */
class Mutex {
  private last: Promise<unknown> = Promise.resolve();

  async runExclusive<T>(work: () => Promise<T>): Promise<T> {
    const run = this.last.then(work);
    this.last = run.catch(() => {});
    return run;
  }
}

const observeCounter: Proof<Counter>['observe'] = async ({ earn, points }) => {
  await bothWait(earn);
  return points();
};

export const staleWriteAfterAwaitProofs: readonly Proof[] = [
  proof<{
    enqueue: (line: string) => void;
    drain: (send: (lines: readonly string[]) => Promise<void>) => Promise<void>;
  }>({
    rule,
    fix: 'swap-first',
    form: 'a list that is sent and emptied',
    program: program`
      const queue: string[] = [];

      export function enqueue(line: string): void {
        queue.push(line);
      }

      export async function drain(send: (lines: readonly string[]) => Promise<void>): Promise<void> {
        if (queue.length === 0) return;
        await send(queue);
        queue.length = 0;
      }
    `,
    async observe({ enqueue, drain }) {
      const sent: string[] = [];
      const sending = gate<void>();
      const send = (lines: readonly string[]): Promise<void> => {
        sent.push(...lines);
        return sending.promise;
      };
      enqueue('a');
      const first = drain(send);
      enqueue('b');
      sending.open();
      await first;
      await drain(send);
      return sent;
    },
    before: ['a'],
    after: ['a', 'b'],
  }),
  proof<Counter>({
    rule,
    fix: 'await-first',
    form: 'a sum with an await in it',
    program: program`
      let balance = 0;

      export async function earn(load: () => Promise<number>): Promise<void> {
        balance += await load();
      }

      export function points(): number {
        return balance;
      }
    `,
    observe: observeCounter,
    before: 20,
    after: 30,
  }),
  proof<Counter>({
    rule,
    fix: 'read-again',
    form: 'the old value in a local',
    program: program`
      let balance = 0;

      export async function earn(load: () => Promise<number>): Promise<void> {
        const before = balance;
        const earned = await load();
        balance = before + earned;
      }

      export function points(): number {
        return balance;
      }
    `,
    observe: observeCounter,
    before: 20,
    after: 30,
  }),
  proof<{ remind: (userId: string) => Promise<void> }>({
    rule,
    fix: 'mark-first',
    form: 'a key that is marked after the insert',
    needs: 'postgres',
    setup: 'CREATE TABLE reminders (user_id text NOT NULL)',
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();
      const reminded = new Set<string>();

      export async function remind(userId: string): Promise<void> {
        if (reminded.has(userId)) return;
        await pool.query('INSERT INTO reminders (user_id) VALUES ($1)', [userId]);
        reminded.add(userId);
      }
    `,
    async observe({ remind }, scene) {
      await scene.atOnce(/^INSERT/, [() => remind('u'), () => remind('u')]);
      return scene.postgres.query('SELECT count(*)::int AS reminders FROM reminders');
    },
    before: [{ reminders: 2 }],
    after: [{ reminders: 1 }],
  }),
  proof<{ channel: (connect: () => Promise<object>) => Promise<object> }>({
    rule,
    fix: 'share-promise',
    form: 'a connection that is opened when it is first needed',
    program: program`
      interface Channel {
        close?(): void;
      }

      let shared: Channel | undefined;

      export async function channel(connect: () => Promise<Channel>): Promise<Channel> {
        if (shared === undefined) {
          shared = await connect();
        }
        return shared;
      }
    `,
    async observe({ channel }) {
      let connections = 0;
      const opening = gate<object>();
      const connect = (): Promise<object> => {
        connections += 1;
        return opening.promise;
      };
      const both = [channel(connect), channel(connect)];
      opening.open({});
      const [a, b] = await Promise.all(both);
      return { connections, same: a === b };
    },
    before: { connections: 2, same: true },
    after: { connections: 1, same: true },
  }),
  proof<Counter>({
    rule,
    fix: 'run-exclusive',
    form: 'a mutex of the module',
    modules: { 'async-mutex': { Mutex } },
    program: program`
      import { Mutex } from 'async-mutex';

      const mutex = new Mutex();
      let balance = 0;

      export async function earn(load: () => Promise<number>): Promise<void> {
        const before = balance;
        const earned = await load();
        balance = before + earned;
      }

      export function points(): number {
        return balance;
      }
    `,
    observe: observeCounter,
    before: 20,
    after: 30,
  }),
];
