import { type Proof, program, proof } from './harness/proof.ts';
import type { Scene } from './harness/scene.ts';

/** Two numbers that are equal are found out at the commit: until then everything looks well. */
const INVOICES = `
  CREATE TABLE invoices (id text PRIMARY KEY, number int NOT NULL, UNIQUE (number) DEFERRABLE INITIALLY DEFERRED);
  INSERT INTO invoices VALUES ('a', 1), ('b', 2);
  CREATE TABLE outbox (topic text NOT NULL, payload text NOT NULL)
`;

const QUEUE = `
declare module 'bullmq' {
  export class Queue<Data = unknown> {
    constructor(name: string);
    add(name: string, data: Data): Promise<{ id?: string }>;
  }
}
`;

/** Hands each job to its worker before `add` is answered, as a broker with an idle worker does. */
class Broker {
  jobs: unknown[] = [];
  isDown = false;
  worker: (job: unknown) => Promise<void> = () => Promise.resolve();

  readonly modules = {
    bullmq: {
      Queue: queueOf(() => this),
    },
  };

  reset(): void {
    this.jobs = [];
    this.isDown = false;
    this.worker = () => Promise.resolve();
  }
}

function queueOf(broker: () => Broker): new () => { add: (name: string, data: unknown) => Promise<unknown> } {
  return class {
    async add(_name: string, data: unknown): Promise<unknown> {
      if (broker().isDown) throw new Error('the broker is down');
      broker().jobs.push(data);
      await broker().worker(data);
      return { id: '1' };
    }
  };
}

const broker = new Broker();
const outgoing = { globals: (scene: Scene) => ({ fetch: scene.api.fetch }) };

interface Renumber {
  readonly renumber: (id: string, number: number) => Promise<unknown>;
}

/** What is elsewhere and what is stored, after a transaction that fails at its commit. */
async function afterFailure(
  { renumber }: Renumber,
  scene: Scene,
): Promise<{ sent: number; stored: unknown; outcome: unknown }> {
  const outcome = await renumber('a', 2).then(
    () => 'done',
    (error: { code?: string }) => error.code,
  );
  const [row] = await scene.postgres.query(`SELECT number FROM invoices WHERE id = 'a'`);
  return { sent: scene.api.calls.length, stored: row?.['number'], outcome };
}

/** What a worker sees of the row when it has the job in hand. */
async function seenByWorker({ renumber }: Renumber, scene: Scene): Promise<{ seen: unknown; jobs: number }> {
  broker.reset();
  let seen: unknown;
  broker.worker = async () => {
    const [row] = await scene.postgres.query(`SELECT number FROM invoices WHERE id = 'a'`);
    seen = row?.['number'];
  };
  await renumber('a', 7);
  return { seen, jobs: broker.jobs.length };
}

/** What is queued, or noted to be queued, for a transaction that is rolled back. */
async function queuedAfterFailure({ renumber }: Renumber, scene: Scene): Promise<{ jobs: number; noted: number }> {
  broker.reset();
  await renumber('a', 2).catch(() => undefined);
  const noted = await scene.postgres.query('SELECT * FROM outbox');
  return { jobs: broker.jobs.length, noted: noted.length };
}

/** The same, and what is queued or noted for one that is committed. */
async function notedInstead(own: Renumber, scene: Scene): Promise<unknown> {
  const failed = await queuedAfterFailure(own, scene);
  broker.reset();
  await own.renumber('a', 8);
  const noted = await scene.postgres.query('SELECT topic, payload FROM outbox');
  return { failed, jobs: broker.jobs.length, noted };
}

const BY_HAND = program`
  import { Queue } from 'bullmq';
  import { Pool } from 'pg';

  export const pool = new Pool();
  const ledger = new Queue<{ id: string }>('ledger');

  export async function renumber(id: string, number: number): Promise<void> {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      await client.query('UPDATE invoices SET number = $1 WHERE id = $2', [number, id]);
      await ledger.add('renumbered', { id });
      await client.query('COMMIT');
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    } finally {
      client.release();
    }
  }
`;

const BY_WRAPPER = program`
  import { Queue } from 'bullmq';
  import { Pool, type PoolClient } from 'pg';

  export const pool = new Pool();
  const ledger = new Queue<{ id: string }>('ledger');

  async function inTransaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      const result = await work(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    } finally {
      client.release();
    }
  }

  export async function renumber(id: string, number: number): Promise<void> {
    await inTransaction(async (client) => {
      await client.query('UPDATE invoices SET number = $1 WHERE id = $2', [number, id]);
      await ledger.add('renumbered', { id });
    });
  }
`;

export const transactionEffectProofs: readonly Proof[] = [
  proof<Renumber>({
    rule: 'double-write/effect-in-transaction',
    fix: 'after-commit',
    form: 'BEGIN and COMMIT on a client',
    needs: 'postgres',
    setup: INVOICES,
    ...outgoing,
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();

      export async function renumber(id: string, number: number): Promise<void> {
        const client = await pool.connect();
        try {
          await client.query('BEGIN');
          await client.query('UPDATE invoices SET number = $1 WHERE id = $2', [number, id]);
          await fetch('https://ledger.example.com/numbers', { method: 'POST', body: JSON.stringify({ id, number }) });
          await client.query('COMMIT');
        } catch (error) {
          await client.query('ROLLBACK');
          throw error;
        } finally {
          client.release();
        }
      }
    `,
    observe: afterFailure,
    before: { sent: 1, stored: 1, outcome: '23505' },
    after: { sent: 0, stored: 1, outcome: '23505' },
  }),
  proof<Renumber & { start: () => Promise<unknown> }>({
    rule: 'double-write/effect-in-transaction',
    fix: 'after-commit',
    form: 'the callback of TypeORM, which gives a result',
    needs: 'postgres',
    setup: INVOICES,
    ...outgoing,
    program: program`
      import { Column, DataSource, Entity, PrimaryColumn } from 'typeorm';

      @Entity('invoices')
      export class Invoice {
        @PrimaryColumn({ type: 'text' })
        id: string;

        @Column({ type: 'int' })
        number: number;
      }

      export const dataSource = new DataSource({ type: 'postgres', url: process.env['DATABASE_URL'], entities: [Invoice] });

      export async function start(): Promise<void> {
        await dataSource.initialize();
      }

      export async function renumber(id: string, number: number): Promise<number> {
        return dataSource.transaction(async (manager) => {
          const changed = await manager.update(Invoice, { id }, { number });
          const body = JSON.stringify({ id, number, rows: changed.affected });
          await fetch('https://ledger.example.com/numbers', { method: 'POST', body: JSON.stringify({ id, number }) });
          return body.length;
        });
      }
    `,
    async observe({ start, renumber }, scene) {
      await start();
      const failed = await afterFailure({ renumber }, scene);
      await renumber('a', 9);
      return { ...failed, sentAfterSuccess: scene.api.calls.length - failed.sent };
    },
    before: { sent: 1, stored: 1, outcome: '23505', sentAfterSuccess: 1 },
    after: { sent: 0, stored: 1, outcome: '23505', sentAfterSuccess: 1 },
  }),
  proof<Renumber>({
    rule: 'double-write/effect-before-commit-visible',
    fix: 'after-commit',
    form: 'BEGIN and COMMIT on a client',
    needs: 'postgres',
    setup: INVOICES,
    declarations: QUEUE,
    modules: broker.modules,
    program: BY_HAND,
    observe: seenByWorker,
    before: { seen: 1, jobs: 1 },
    after: { seen: 7, jobs: 1 },
  }),
  proof<Renumber>({
    rule: 'double-write/effect-before-commit-visible',
    fix: 'after-commit',
    form: 'a function of the project that begins and commits',
    needs: 'postgres',
    setup: INVOICES,
    declarations: QUEUE,
    modules: broker.modules,
    program: BY_WRAPPER,
    observe: seenByWorker,
    before: { seen: 1, jobs: 1 },
    after: { seen: 7, jobs: 1 },
  }),
  proof<Renumber>({
    rule: 'double-write/effect-before-commit-visible',
    fix: 'outbox',
    form: 'BEGIN and COMMIT on a client',
    needs: 'postgres',
    setup: INVOICES,
    declarations: QUEUE,
    modules: broker.modules,
    program: BY_HAND,
    observe: notedInstead,
    before: { failed: { jobs: 1, noted: 0 }, jobs: 1, noted: [] },
    after: { failed: { jobs: 0, noted: 0 }, jobs: 0, noted: [{ topic: 'renumbered', payload: '{"id":"a"}' }] },
  }),
  proof<{ start: () => Promise<unknown>; place: (total: number) => Promise<unknown> }>({
    rule: 'double-write/dual-write',
    fix: 'outbox',
    form: 'a repository of TypeORM, whose row is written alone',
    needs: 'postgres',
    setup: `CREATE TABLE orders (id serial PRIMARY KEY, total int NOT NULL); CREATE TABLE outbox (topic text NOT NULL, payload text NOT NULL)`,
    declarations: QUEUE,
    modules: broker.modules,
    program: orderProgram(),
    observe: placeWhileDown,
    before: { outcome: 'the broker is down', orders: 1, noted: 0 },
    after: { outcome: 'done', orders: 1, noted: 1 },
  }),
  proof<{ start: () => Promise<unknown>; place: (total: number) => Promise<unknown> }>({
    rule: 'double-write/dual-write',
    fix: 'outbox',
    form: 'a pool of node-postgres, whose row is written alone and handed back',
    needs: 'postgres',
    setup: `CREATE TABLE orders (id serial PRIMARY KEY, total int NOT NULL); CREATE TABLE outbox (topic text NOT NULL, payload text NOT NULL)`,
    declarations: QUEUE,
    modules: broker.modules,
    program: program`
      import { Queue } from 'bullmq';
      import { Pool } from 'pg';

      export const pool = new Pool();
      const fulfilment = new Queue<{ orderId: number }>('fulfilment');

      export async function start(): Promise<void> {}

      export async function place(total: number): Promise<number> {
        const { rows } = await pool.query('INSERT INTO orders (total) VALUES ($1) RETURNING id', [total]);
        await fulfilment.add('fulfil', { orderId: rows[0].id });
        return rows[0].id;
      }
    `,
    observe: placeWhileDown,
    before: { outcome: 'the broker is down', orders: 1, noted: 0 },
    after: { outcome: 'done', orders: 1, noted: 1 },
  }),
  proof<Renumber>({
    rule: 'double-write/effect-before-commit-visible',
    fix: 'outbox',
    form: 'the callback of MikroORM',
    needs: 'postgres',
    installation: 'mikro-orm',
    setup: INVOICES,
    declarations: QUEUE,
    modules: broker.modules,
    program: program`
      import { EntitySchema } from '@mikro-orm/core';
      import { MikroORM } from '@mikro-orm/postgresql';
      import { Queue } from 'bullmq';

      class Invoice {
        id: string;
        number: number;
      }

      export const orm = MikroORM.initSync({
        clientUrl: process.env['DATABASE_URL'],
        entities: [
          new EntitySchema({
            class: Invoice,
            tableName: 'invoices',
            properties: { id: { type: 'text', primary: true }, number: { type: 'integer' } },
          }),
        ],
      });
      const ledger = new Queue<{ id: string }>('ledger');

      export async function renumber(id: string, number: number): Promise<void> {
        await orm.em.transactional(async (em) => {
          await em.nativeUpdate(Invoice, { id }, { number });
          await ledger.add('renumbered', { id });
        });
      }
    `,
    observe: notedInstead,
    before: { failed: { jobs: 1, noted: 0 }, jobs: 1, noted: [] },
    after: { failed: { jobs: 0, noted: 0 }, jobs: 0, noted: [{ topic: 'renumbered', payload: '{"id":"a"}' }] },
  }),
  proof<{ start: () => Promise<unknown>; place: (total: number) => Promise<unknown> }>({
    rule: 'double-write/dual-write',
    fix: 'outbox',
    form: 'a new entity of MikroORM, whose manager flushes again at the end',
    needs: 'postgres',
    installation: 'mikro-orm',
    setup: `CREATE TABLE orders (id serial PRIMARY KEY, total int NOT NULL); CREATE TABLE outbox (topic text NOT NULL, payload text NOT NULL)`,
    declarations: QUEUE,
    modules: broker.modules,
    program: program`
      import { type EntityManager, EntitySchema } from '@mikro-orm/core';
      import { MikroORM } from '@mikro-orm/postgresql';
      import { Queue } from 'bullmq';

      class Order {
        id: number;
        total: number;
      }

      export const orm = MikroORM.initSync({
        clientUrl: process.env['DATABASE_URL'],
        entities: [
          new EntitySchema({
            class: Order,
            tableName: 'orders',
            properties: { id: { type: 'integer', primary: true, autoincrement: true }, total: { type: 'integer' } },
          }),
        ],
      });
      const fulfilment = new Queue<{ orderId: number }>('fulfilment');

      class OrderService {
        constructor(private readonly em: EntityManager) {}

        async place(total: number): Promise<number> {
          const order = this.em.create(Order, { total });
          await this.em.persistAndFlush(order);
          await fulfilment.add('fulfil', { orderId: order.id });
          return order.id;
        }
      }

      export async function start(): Promise<void> {}

      export async function place(total: number): Promise<number> {
        const em = orm.em.fork();
        const id = await new OrderService(em).place(total);
        await em.flush();
        return id;
      }
    `,
    observe: placeWhileDown,
    before: { outcome: 'the broker is down', orders: 1, noted: 0 },
    after: { outcome: 'done', orders: 1, noted: 1 },
  }),
  proof<{ start: () => Promise<unknown>; place: (total: number) => Promise<unknown> }>({
    rule: 'double-write/dual-write',
    fix: 'remove-again',
    form: 'a new row of TypeORM',
    needs: 'postgres',
    setup: `CREATE TABLE orders (id serial PRIMARY KEY, total int NOT NULL); CREATE TABLE outbox (topic text NOT NULL, payload text NOT NULL)`,
    declarations: QUEUE,
    modules: broker.modules,
    program: orderProgram(),
    observe: placeWhileDown,
    before: { outcome: 'the broker is down', orders: 1, noted: 0 },
    after: { outcome: 'the broker is down', orders: 0, noted: 0 },
  }),
];

function orderProgram(): string {
  return program`
    import { Queue } from 'bullmq';
    import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

    @Entity('orders')
    export class Order {
      @PrimaryGeneratedColumn('increment', { type: 'int' })
      id: number;

      @Column({ type: 'int' })
      total: number;
    }

    export const dataSource = new DataSource({ type: 'postgres', url: process.env['DATABASE_URL'], entities: [Order] });
    const orders = dataSource.getRepository(Order);
    const fulfilment = new Queue<{ orderId: number }>('fulfilment');

    export async function start(): Promise<void> {
      await dataSource.initialize();
    }

    export async function place(total: number): Promise<number> {
      const order = await orders.save({ total });
      await fulfilment.add('fulfil', { orderId: order.id });
      return order.id;
    }
  `;
}

async function placeWhileDown(
  { start, place }: { start: () => Promise<unknown>; place: (total: number) => Promise<unknown> },
  scene: Scene,
): Promise<unknown> {
  broker.reset();
  broker.isDown = true;
  await start();
  const outcome = await place(7).then(
    () => 'done',
    (error: Error) => error.message,
  );
  const orders = await scene.postgres.query('SELECT * FROM orders');
  const noted = await scene.postgres.query('SELECT * FROM outbox');
  return { outcome, orders: orders.length, noted: noted.length };
}
