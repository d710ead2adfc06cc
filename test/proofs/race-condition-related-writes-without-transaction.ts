import { type Proof, program, proof } from './harness/proof.ts';

const rule = 'race-condition/related-writes-without-transaction';

async function outcomeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'done',
    () => 'failed',
  );
}

type Run = (session: unknown) => Promise<unknown>;

/** What MongoDB's driver is asked for; a write to the document `full` fails. */
class Mongo {
  readonly asked: string[] = [];

  readonly modules = { mongodb: { MongoClient: this.clientClass() } };

  private clientClass(): unknown {
    const { asked } = this;
    const session = {
      async withTransaction(run: Run): Promise<unknown> {
        asked.push('begin');
        try {
          const result = await run(session);
          asked.push('commit');
          return result;
        } catch (error) {
          asked.push('abort');
          throw error;
        }
      },
    };
    const updateOne = async (filter: { _id: string }, _update: unknown, options?: { session?: unknown }) => {
      asked.push(`update ${filter._id}${options?.session === session ? ' in it' : ''}`);
      if (filter._id === 'full') throw new Error('Document failed validation');
    };
    return class {
      db(): unknown {
        return { collection: () => ({ updateOne }) };
      }

      async withSession(run: Run): Promise<unknown> {
        try {
          return await run(session);
        } finally {
          asked.push('end');
        }
      }
    };
  }
}

const mongo = new Mongo();

export const relatedWritesWithoutTransactionProofs: readonly Proof[] = [
  proof<{ transfer: (from: string, to: string, amount: number) => Promise<void> }>({
    rule,
    fix: 'wrap-transaction',
    form: 'two balances through a pool',
    needs: 'postgres',
    setup: `CREATE TABLE accounts (id text PRIMARY KEY, balance int NOT NULL CHECK (balance <= 100));
      INSERT INTO accounts VALUES ('a', 50), ('b', 90)`,
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();

      export async function transfer(from: string, to: string, amount: number): Promise<void> {
        await pool.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [amount, from]);
        await pool.query('UPDATE accounts SET balance = balance + $1 WHERE id = $2', [amount, to]);
      }
    `,
    async observe({ transfer }, scene) {
      const failed = await outcomeOf(transfer('a', 'b', 20));
      // Both ways at once, when nothing fails.
      const both = await scene.atOnce(/^UPDATE/, [() => transfer('a', 'b', 5), () => transfer('b', 'a', 5)]);
      return { failed, both, sum: await scene.postgres.query('SELECT sum(balance)::int AS sum FROM accounts') };
    },
    before: { failed: 'failed', both: ['done', 'done'], sum: [{ sum: 120 }] },
    after: { failed: 'failed', both: ['done', 'done'], sum: [{ sum: 140 }] },
  }),
  proof<{ createOrder: (userId: string, productId: string | null) => Promise<unknown> }>({
    rule,
    fix: 'wrap-transaction',
    form: 'a row and its part, the key handed back',
    needs: 'postgres',
    setup: `CREATE TABLE orders (id serial PRIMARY KEY, user_id text NOT NULL);
      CREATE TABLE order_lines (order_id int NOT NULL, product_id text NOT NULL)`,
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();

      export async function createOrder(userId: string, productId: string | null): Promise<number> {
        const { rows } = await pool.query('INSERT INTO orders (user_id) VALUES ($1) RETURNING id', [userId]);
        await pool.query('INSERT INTO order_lines (order_id, product_id) VALUES ($1, $2)', [rows[0].id, productId]);
        return rows[0].id;
      }
    `,
    async observe({ createOrder }, scene) {
      const outcome = await outcomeOf(createOrder('u', null));
      await createOrder('u', 'p');
      return { outcome, orders: await scene.postgres.query('SELECT count(*)::int AS orders FROM orders') };
    },
    before: { outcome: 'failed', orders: [{ orders: 2 }] },
    after: { outcome: 'failed', orders: [{ orders: 1 }] },
  }),
  proof<{
    start: () => Promise<void>;
    createTeam: (name: string, userId: number | null) => Promise<unknown>;
    teams: () => Promise<number>;
  }>({
    rule,
    fix: 'wrap-transaction',
    form: 'TypeORM repositories',
    needs: 'postgres',
    program: program`
      import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

      @Entity()
      export class Team {
        @PrimaryGeneratedColumn('increment', { type: 'int' })
        id: number;

        @Column({ type: 'text' })
        name: string;
      }

      @Entity()
      export class Membership {
        @PrimaryGeneratedColumn('increment', { type: 'int' })
        id: number;

        @Column({ type: 'int' })
        teamId: number;

        @Column({ type: 'int' })
        userId: number;
      }

      export const dataSource = new DataSource({
        type: 'postgres',
        url: process.env['DATABASE_URL'],
        entities: [Team, Membership],
        synchronize: true,
      });
      const teamRepository = dataSource.getRepository(Team);
      const memberships = dataSource.getRepository(Membership);

      export async function start(): Promise<void> {
        await dataSource.initialize();
      }

      export async function createTeam(name: string, userId: number): Promise<Team> {
        const team = await teamRepository.save({ name });
        await memberships.insert({ teamId: team.id, userId });
        return team;
      }

      export async function teams(): Promise<number> {
        return teamRepository.count();
      }
    `,
    async observe({ start, createTeam, teams }) {
      await start();
      const outcome = await outcomeOf(createTeam('nobody', null));
      await createTeam('ours', 7);
      return { outcome, teams: await teams() };
    },
    before: { outcome: 'failed', teams: 2 },
    after: { outcome: 'failed', teams: 1 },
  }),
  proof<{ transfer: (from: string, to: string, amount: number) => Promise<void> }>({
    rule,
    fix: 'wrap-transaction',
    form: "MongoDB's driver, by what it is asked for: a server that is part of a replica set is not at hand",
    modules: mongo.modules,
    declarations: `declare module 'mongodb' {
      interface Options {
        session?: ClientSession;
      }
      export class Collection<T extends object> {
        updateOne(filter: Partial<T>, update: object, options?: Options): Promise<{ modifiedCount: number }>;
      }
      export class ClientSession {
        withTransaction<R>(run: (session: ClientSession) => Promise<R>): Promise<R>;
      }
      export class MongoClient {
        constructor(url: string);
        db(): { collection<T extends object>(name: string): Collection<T> };
        withSession<R>(run: (session: ClientSession) => Promise<R>): Promise<R>;
      }
    }`,
    program: program`
      import { type Collection, MongoClient } from 'mongodb';

      interface Account {
        _id: string;
        balance: number;
      }

      const client = new MongoClient('mongodb://localhost');
      const accounts: Collection<Account> = client.db().collection<Account>('accounts');

      export async function transfer(from: string, to: string, amount: number): Promise<void> {
        await accounts.updateOne({ _id: from }, { $inc: { balance: -amount } });
        await accounts.updateOne({ _id: to }, { $inc: { balance: amount } });
      }
    `,
    async observe({ transfer }) {
      mongo.asked.length = 0;
      const outcomes = [await outcomeOf(transfer('a', 'b', 5)), await outcomeOf(transfer('a', 'full', 5))];
      return { outcomes, asked: [...mongo.asked] };
    },
    before: { outcomes: ['done', 'failed'], asked: ['update a', 'update b', 'update a', 'update full'] },
    after: {
      outcomes: ['done', 'failed'],
      asked: [
        ...['begin', 'update a in it', 'update b in it', 'commit', 'end'],
        ...['begin', 'update a in it', 'update full in it', 'abort', 'end'],
      ],
    },
  }),
];
