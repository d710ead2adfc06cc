import { type Proof, program, proof } from './harness/proof.ts';

const rule = 'toctou/db-check-then-act';

const ACCOUNTS = `CREATE TABLE accounts (id text PRIMARY KEY, balance int NOT NULL); INSERT INTO accounts VALUES ('a', 100)`;

interface Account {
  readonly withdraw: (id: string, amount: number) => Promise<void>;
}

export const dbCheckThenActProofs: readonly Proof[] = [
  proof<Account>({
    rule,
    fix: 'conditional-update',
    form: 'SQL text, a balance that must suffice',
    needs: 'postgres',
    setup: ACCOUNTS,
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();

      export async function withdraw(accountId: string, amount: number): Promise<void> {
        const { rows } = await pool.query('SELECT balance FROM accounts WHERE id = $1', [accountId]);
        if (rows[0].balance < amount) throw new Error('insufficient funds');
        await pool.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [amount, accountId]);
      }
    `,
    async observe({ withdraw }, scene) {
      const paid = await scene.atOnce(/^SELECT balance/, [() => withdraw('a', 60), () => withdraw('a', 60)]);
      return { paid, left: await scene.postgres.query('SELECT balance FROM accounts') };
    },
    before: { paid: ['done', 'done'], left: [{ balance: -20 }] },
    after: { paid: ['done', 'insufficient funds'], left: [{ balance: 40 }] },
  }),
  proof<Account>({
    rule,
    fix: 'lock-row',
    form: 'SQL text in a transaction',
    needs: 'postgres',
    setup: ACCOUNTS,
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();

      export async function withdraw(accountId: string, amount: number): Promise<void> {
        const client = await pool.connect();
        try {
          await client.query('BEGIN');
          const { rows } = await client.query('SELECT balance FROM accounts WHERE id = $1', [accountId]);
          if (rows[0].balance < amount) throw new Error('insufficient funds');
          await client.query('UPDATE accounts SET balance = balance - $1 WHERE id = $2', [amount, accountId]);
          await client.query('COMMIT');
        } catch (error) {
          await client.query('ROLLBACK');
          throw error;
        } finally {
          client.release();
        }
      }
    `,
    async observe({ withdraw }, scene) {
      const paid = await scene.atOnce(/^SELECT balance/, [() => withdraw('a', 60), () => withdraw('a', 60)]);
      return { paid, left: await scene.postgres.query('SELECT balance FROM accounts') };
    },
    before: { paid: ['done', 'done'], left: [{ balance: -20 }] },
    after: { paid: ['done', 'insufficient funds'], left: [{ balance: 40 }] },
  }),
  proof<{ ship: (id: string) => Promise<void> }>({
    rule,
    fix: 'conditional-update',
    form: 'SQL text, a status that is passed through once',
    needs: 'postgres',
    setup: `CREATE TABLE orders (id text PRIMARY KEY, status text NOT NULL); CREATE TABLE shipments (order_id text);
      INSERT INTO orders VALUES ('o', 'paid')`,
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();

      export async function ship(orderId: string): Promise<void> {
        const { rows } = await pool.query('SELECT status FROM orders WHERE id = $1', [orderId]);
        if (rows[0].status !== 'paid') throw new Error('not paid');
        await pool.query('UPDATE orders SET status = $1 WHERE id = $2', ['shipped', orderId]);
        await pool.query('INSERT INTO shipments (order_id) VALUES ($1)', [orderId]);
      }
    `,
    async observe({ ship }, scene) {
      const outcomes = await scene.atOnce(/^SELECT status/, [() => ship('o'), () => ship('o')]);
      return { outcomes, shipments: await scene.postgres.query('SELECT * FROM shipments') };
    },
    before: { outcomes: ['done', 'done'], shipments: [{ order_id: 'o' }, { order_id: 'o' }] },
    after: { outcomes: ['done', 'not paid'], shipments: [{ order_id: 'o' }] },
  }),
  proof<{ start: () => Promise<void>; redeem: (id: number) => Promise<void>; remaining: () => Promise<number> }>({
    rule,
    fix: 'conditional-update',
    form: 'TypeORM, decrement behind a check',
    needs: 'postgres',
    program: program`
      import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

      @Entity()
      export class Coupon {
        @PrimaryGeneratedColumn('increment', { type: 'int' })
        id: number;

        @Column({ type: 'int' })
        remaining: number;
      }

      export const dataSource = new DataSource({
        type: 'postgres',
        url: process.env['DATABASE_URL'],
        entities: [Coupon],
        synchronize: true,
      });
      const coupons = dataSource.getRepository(Coupon);

      export async function start(): Promise<void> {
        await dataSource.initialize();
        await coupons.insert({ remaining: 1 });
      }

      export async function redeem(id: number): Promise<void> {
        const coupon = await coupons.findOneByOrFail({ id });
        if (coupon.remaining <= 0) throw new Error('used up');
        await coupons.decrement({ id }, 'remaining', 1);
      }

      export async function remaining(): Promise<number> {
        const [coupon] = await coupons.find();
        return coupon?.remaining ?? 0;
      }
    `,
    async observe({ start, redeem, remaining }, scene) {
      await start();
      const outcomes = await scene.atOnce(/^SELECT .* FROM "coupon"/s, [() => redeem(1), () => redeem(1)]);
      return { outcomes, remaining: await remaining() };
    },
    before: { outcomes: ['done', 'done'], remaining: -1 },
    after: { outcomes: ['done', 'used up'], remaining: 0 },
  }),
  proof<{ start: () => Promise<void>; subscribe: (email: string) => Promise<void> }>({
    rule,
    fix: 'ignore-conflict',
    form: 'SQL text, a unique column',
    needs: 'postgres',
    program: program`
      import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';
      import { Pool } from 'pg';

      export const pool = new Pool();

      @Entity('Subscriber')
      export class Subscriber {
        @PrimaryGeneratedColumn('increment', { type: 'int' })
        id: number;

        @Column({ type: 'text', unique: true })
        email: string;
      }

      export const dataSource = new DataSource({
        type: 'postgres',
        url: process.env['DATABASE_URL'],
        entities: [Subscriber],
        synchronize: true,
      });

      export async function start(): Promise<void> {
        await dataSource.initialize();
      }

      export async function subscribe(email: string): Promise<void> {
        const { rows } = await pool.query('SELECT id FROM "Subscriber" WHERE email = $1', [email]);
        if (rows.length > 0) return;
        await pool.query('INSERT INTO "Subscriber" (email) VALUES ($1)', [email]);
      }
    `,
    async observe({ start, subscribe }, scene) {
      await start();
      const outcomes = await scene.atOnce(/^SELECT id/, [() => subscribe('a@b.c'), () => subscribe('a@b.c')]);
      return { outcomes, rows: await scene.postgres.query('SELECT email FROM "Subscriber"') };
    },
    before: { outcomes: ['23505', 'done'], rows: [{ email: 'a@b.c' }] },
    after: { outcomes: ['done', 'done'], rows: [{ email: 'a@b.c' }] },
  }),
  proof<{ start: () => Promise<void>; register: (email: string) => Promise<void>; welcomed: string[] }>({
    rule,
    fix: 'ignore-conflict',
    form: 'SQL text, a unique column and a check that throws',
    needs: 'postgres',
    program: program`
      import { Pool } from 'pg';
      import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

      export const pool = new Pool();
      export const welcomed: string[] = [];

      @Entity('Login')
      export class Login {
        @PrimaryGeneratedColumn('increment', { type: 'int' })
        id: number;

        @Column({ type: 'text', unique: true })
        email: string;
      }

      export const dataSource = new DataSource({
        type: 'postgres',
        url: process.env['DATABASE_URL'],
        entities: [Login],
        synchronize: true,
      });

      export async function start(): Promise<void> {
        await dataSource.initialize();
      }

      export async function register(email: string): Promise<void> {
        const { rows } = await pool.query('SELECT id FROM "Login" WHERE email = $1', [email]);
        if (rows.length > 0) throw new Error('taken');
        await pool.query('INSERT INTO "Login" (email) VALUES ($1)', [email]);
        welcomed.push(email);
      }
    `,
    async observe({ start, register, welcomed }, scene) {
      await start();
      const outcomes = await scene.atOnce(/^SELECT id/, [() => register('a@b.c'), () => register('a@b.c')]);
      return { outcomes, welcomed };
    },
    before: { outcomes: ['23505', 'done'], welcomed: ['a@b.c'] },
    after: { outcomes: ['done', 'taken'], welcomed: ['a@b.c'] },
  }),
  proof<{ processOnce: (id: string) => Promise<void>; charged: string[] }>({
    rule,
    fix: 'set-if-absent',
    form: 'ioredis',
    needs: 'redis',
    program: program`
      import { Redis } from 'ioredis';

      export const redis = new Redis(process.env['REDIS_URL'] ?? '');
      export const charged: string[] = [];

      async function charge(paymentId: string): Promise<void> {
        charged.push(paymentId);
      }

      export async function processOnce(paymentId: string): Promise<void> {
        if (await redis.get(\`processed:\${paymentId}\`)) return;
        await redis.set(\`processed:\${paymentId}\`, '1');
        await charge(paymentId);
      }
    `,
    async observe({ processOnce, charged }, scene) {
      await scene.atOnce(/^get/, [() => processOnce('p'), () => processOnce('p')]);
      return charged;
    },
    before: ['p', 'p'],
    after: ['p'],
  }),
];
