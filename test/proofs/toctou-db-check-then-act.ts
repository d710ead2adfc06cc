import { type Proof, program, proof } from './harness/proof.ts';
import { NODE_CACHE, NODE_CACHE_MODULES } from './node-cache.ts';

const rule = 'toctou/db-check-then-act';

const ACCOUNTS = `CREATE TABLE accounts (id text PRIMARY KEY, balance int NOT NULL); INSERT INTO accounts VALUES ('a', 100)`;

/** Rooms with bookings, a few of which each may have. */
const BOOKING = `
import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Room {
  @PrimaryGeneratedColumn('increment', { type: 'int' })
  id: number;
}

@Entity()
export class Booking {
  @PrimaryGeneratedColumn('increment', { type: 'int' })
  id: number;

  @Column({ type: 'int' })
  roomId: number;
}

export const dataSource = new DataSource({
  type: 'postgres',
  url: process.env['DATABASE_URL'],
  entities: [Room, Booking],
  synchronize: true,
});
const bookings = dataSource.getRepository(Booking);

export async function start(): Promise<void> {
  await dataSource.initialize();
  await dataSource.getRepository(Room).insert({});
}

export async function booked(): Promise<number> {
  return (await bookings.find()).length;
}
`;

interface BookingProgram {
  readonly start: () => Promise<void>;
  readonly book: (roomId: number) => Promise<void>;
  readonly booked: () => Promise<number>;
}

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
  proof<{ admit: () => Promise<boolean> }>({
    rule,
    fix: 'increment-first',
    form: 'ioredis, a limit',
    needs: 'redis',
    program: program`
      import { Redis } from 'ioredis';

      export const redis = new Redis(process.env['REDIS_URL'] ?? '');

      export async function admit(): Promise<boolean> {
        const used = Number(await redis.get('used'));
        if (used >= 1) return false;
        await redis.incr('used');
        return true;
      }
    `,
    observe: ({ admit }, scene) => scene.atOnce(/^get/, [() => admit(), () => admit()]),
    before: [true, true],
    after: [false, true],
  }),
  proof<{ invite: (code: string) => Promise<void>; sent: string[] }>({
    rule,
    fix: 'claim-first',
    form: 'SQL text, a code that is used once',
    needs: 'postgres',
    setup: `CREATE TABLE invites (id int PRIMARY KEY, code text NOT NULL, used_at timestamptz); INSERT INTO invites VALUES (1, 'c')`,
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();
      export const sent: string[] = [];

      async function send(code: string): Promise<void> {
        sent.push(code);
      }

      export async function invite(code: string): Promise<void> {
        const { rows } = await pool.query('SELECT id FROM invites WHERE code = $1 AND used_at IS NULL', [code]);
        if (rows.length === 0) throw new Error('no such invite');
        await send(code);
        await pool.query('UPDATE invites SET used_at = now() WHERE id = $1', [rows[0].id]);
      }
    `,
    async observe({ invite, sent }, scene) {
      const outcomes = await scene.atOnce(/^SELECT id/, [() => invite('c'), () => invite('c')]);
      return { outcomes, sent };
    },
    before: { outcomes: ['done', 'done'], sent: ['c', 'c'] },
    after: { outcomes: ['done', 'no such invite'], sent: ['c'] },
  }),
  proof<{ start: () => Promise<void>; accept: (token: string) => Promise<number>; accepted: number[] }>({
    rule,
    fix: 'conditional-delete',
    form: 'TypeORM, a token that is accepted once',
    needs: 'postgres',
    program: program`
      import { Column, DataSource, Entity, PrimaryColumn } from 'typeorm';

      @Entity()
      export class LoginToken {
        @PrimaryColumn({ type: 'text' })
        token: string;

        @Column({ type: 'int' })
        userId: number;
      }

      export const dataSource = new DataSource({
        type: 'postgres',
        url: process.env['DATABASE_URL'],
        entities: [LoginToken],
        synchronize: true,
      });
      const tokens = dataSource.getRepository(LoginToken);

      export async function start(): Promise<void> {
        await dataSource.initialize();
        await tokens.insert({ token: 't', userId: 1 });
      }

      export async function accept(token: string): Promise<number> {
        const found = await tokens.findOneBy({ token });
        if (found === null) throw new Error('no such token');
        await tokens.delete({ token });
        return found.userId;
      }
    `,
    async observe({ start, accept }, scene) {
      await start();
      return scene.atOnce(/FROM "login_token"/, [() => accept('t'), () => accept('t')]);
    },
    before: [1, 1],
    after: ['no such token', 1],
  }),
  proof<{ accept: (token: string) => Promise<number> }>({
    rule,
    fix: 'conditional-delete',
    form: 'SQL text, a key that is accepted once',
    needs: 'postgres',
    setup: `CREATE TABLE user_keys (id int PRIMARY KEY, token text NOT NULL, user_id int NOT NULL); INSERT INTO user_keys VALUES (1, 't', 7)`,
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();

      export async function accept(token: string): Promise<number> {
        const { rows } = await pool.query('SELECT id, user_id FROM user_keys WHERE token = $1', [token]);
        const [key] = rows;
        if (!key) throw new Error('no such key');
        await pool.query('DELETE FROM user_keys WHERE id = $1', [key.id]);
        return key.user_id;
      }
    `,
    async observe({ accept }, scene) {
      const outcomes = await scene.atOnce(/^SELECT id/, [() => accept('t'), () => accept('t')]);
      return outcomes.map(String).sort();
    },
    before: ['7', '7'],
    after: ['7', 'no such key'],
  }),
  proof<BookingProgram>({
    rule,
    fix: 'serializable-transaction',
    form: 'TypeORM, a limit',
    needs: 'postgres',
    program: `${BOOKING}
export async function book(roomId: number): Promise<void> {
  const taken = await bookings.count({ where: { roomId } });
  if (taken >= 1) throw new Error('full');
  await bookings.insert({ roomId });
}
`,
    async observe({ start, book, booked }, scene) {
      await start();
      const outcomes = await scene.atOnce(/^SELECT COUNT/, [() => book(1), () => book(1)]);
      return { outcomes, booked: await booked() };
    },
    before: { outcomes: ['done', 'done'], booked: 2 },
    after: { outcomes: ['done', 'full'], booked: 1 },
  }),
  proof<BookingProgram>({
    rule,
    fix: 'lock-parent',
    form: 'TypeORM, a limit in a transaction',
    needs: 'postgres',
    program: `${BOOKING}
export async function book(roomId: number): Promise<void> {
  await dataSource.transaction(async (manager) => {
    const room = await manager.findOneOrFail(Room, { where: { id: roomId } });
    const taken = await manager.count(Booking, { where: { roomId: room.id } });
    if (taken >= 1) throw new Error('full');
    await manager.insert(Booking, { roomId: room.id });
  });
}
`,
    async observe({ start, book, booked }, scene) {
      await start();
      const outcomes = await scene.atOnce(/^SELECT COUNT/, [() => book(1), () => book(1)]);
      return { outcomes, booked: await booked() };
    },
    before: { outcomes: ['done', 'done'], booked: 2 },
    after: { outcomes: ['done', 'full'], booked: 1 },
  }),
  proof<BookingProgram>({
    rule,
    fix: 'serializable-transaction',
    form: 'TypeORM, a limit that helpers ask for and use up',
    needs: 'postgres',
    program: `${BOOKING}
async function countOf(roomId: number): Promise<number> {
  return bookings.count({ where: { roomId } });
}

async function isFull(roomId: number): Promise<boolean> {
  return (await countOf(roomId)) >= 1;
}

async function add(roomId: number): Promise<void> {
  await bookings.insert({ roomId });
}

export async function book(roomId: number): Promise<void> {
  const full = await isFull(roomId);
  if (full) throw new Error('full');
  await add(roomId);
}
`,
    async observe({ start, book, booked }, scene) {
      await start();
      const outcomes = await scene.atOnce(/^SELECT COUNT/, [() => book(1), () => book(1)]);
      return { outcomes, booked: await booked() };
    },
    before: { outcomes: ['done', 'done'], booked: 2 },
    after: { outcomes: ['done', 'full'], booked: 1 },
  }),
  proof<{ start: () => Promise<void>; dismiss: (id: number) => Promise<void>; admins: () => Promise<number> }>({
    rule,
    fix: 'lock-row',
    form: 'TypeORM, the last of the rows that are counted',
    needs: 'postgres',
    program: program`
      import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

      @Entity()
      export class User {
        @PrimaryGeneratedColumn('increment', { type: 'int' })
        id: number;

        @Column({ type: 'boolean' })
        isAdmin: boolean;
      }

      export const dataSource = new DataSource({
        type: 'postgres',
        url: process.env['DATABASE_URL'],
        entities: [User],
        synchronize: true,
      });
      const users = dataSource.getRepository(User);

      export async function start(): Promise<void> {
        await dataSource.initialize();
        await users.insert([{ isAdmin: true }, { isAdmin: true }]);
      }

      export async function dismiss(id: number): Promise<void> {
        const admins = await users.find({ where: { isAdmin: true } });
        if (admins.length <= 1) throw new Error('the last');
        await users.update({ id }, { isAdmin: false });
      }

      export async function admins(): Promise<number> {
        return users.countBy({ isAdmin: true });
      }
    `,
    async observe({ start, dismiss, admins }, scene) {
      await start();
      const outcomes = await scene.atOnce(/^SELECT .* FROM "user"/s, [() => dismiss(1), () => dismiss(2)]);
      return { outcomes, admins: await admins() };
    },
    before: { outcomes: ['done', 'done'], admins: 0 },
    after: { outcomes: ['done', 'the last'], admins: 1 },
  }),
  proof<{ book: (guest: string) => Promise<void> }>({
    rule,
    fix: 'serializable-transaction',
    form: 'SQL text between BEGIN and COMMIT',
    needs: 'postgres',
    setup: 'CREATE TABLE bookings (room_id int, guest text)',
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();

      export async function book(guest: string): Promise<void> {
        const client = await pool.connect();
        try {
          await client.query('BEGIN');
          const { rows } = await client.query('SELECT guest FROM bookings WHERE room_id = $1', [1]);
          if (rows.length >= 1) throw new Error('full');
          await client.query('INSERT INTO bookings (room_id, guest) VALUES ($1, $2)', [1, guest]);
          await client.query('COMMIT');
        } catch (error) {
          await client.query('ROLLBACK');
          throw error;
        } finally {
          client.release();
        }
      }
    `,
    async observe({ book }, scene) {
      const outcomes = await scene.atOnce(/^SELECT guest/, [() => book('a'), () => book('b')]);
      const rows = await scene.postgres.query('SELECT guest FROM bookings');
      return { outcomes, booked: rows.length };
    },
    before: { outcomes: ['done', 'done'], booked: 2 },
    after: { outcomes: ['40001', 'done'], booked: 1 },
  }),
  proof<{ register: (email: string) => Promise<void> }>({
    rule,
    fix: 'create-or-find',
    form: 'Kysely, a unique address',
    needs: 'postgres',
    setup: 'CREATE TABLE customers (email text UNIQUE, name text)',
    program: program`
      import { Kysely, PostgresDialect } from 'kysely';
      import { Pool } from 'pg';

      interface Tables {
        customers: { email: string; name: string };
      }

      export const pool = new Pool();
      const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });

      export async function register(email: string): Promise<void> {
        const known = await db.selectFrom('customers').selectAll().where('email', '=', email).executeTakeFirst();
        if (known !== undefined) throw new Error('known');
        await db.insertInto('customers').values({ email, name: 'new' }).execute();
      }
    `,
    async observe({ register }, scene) {
      const outcomes = await scene.atOnce(/^select/, [() => register('a@b'), () => register('a@b')]);
      // Whose row comes first is left to the database.
      return { outcomes: outcomes.toSorted(), customers: await scene.postgres.query('SELECT email FROM customers') };
    },
    before: { outcomes: ['23505', 'done'], customers: [{ email: 'a@b' }] },
    after: { outcomes: ['done', 'known'], customers: [{ email: 'a@b' }] },
  }),
  proof<{ handle: (id: string, answer: () => Promise<void>) => Promise<void> }>({
    rule,
    fix: 'mark-first',
    form: 'node-cache, the work between the check and the mark',
    declarations: NODE_CACHE,
    modules: NODE_CACHE_MODULES,
    program: program`
      import NodeCache from 'node-cache';

      const handled = new NodeCache({ stdTTL: 300 });

      export async function handle(id: string, answer: () => Promise<void>): Promise<void> {
        if (handled.has(id)) return;
        await answer();
        handled.set(id, true);
      }
    `,
    async observe({ handle }) {
      let answers = 0;
      const answer = async (): Promise<void> => {
        answers += 1;
      };
      await Promise.all([handle('a', answer), handle('a', answer)]);
      return answers;
    },
    before: 2,
    after: 1,
  }),
  proof<{ start: (id: string, allowed: () => Promise<boolean>) => Promise<void> }>({
    rule,
    fix: 'check-again',
    form: 'node-cache, a question that may end it between the check and the mark',
    declarations: NODE_CACHE,
    modules: NODE_CACHE_MODULES,
    program: program`
      import NodeCache from 'node-cache';

      const running = new NodeCache({ stdTTL: 300 });

      export async function start(id: string, allowed: () => Promise<boolean>): Promise<void> {
        if (running.get(id) !== undefined) throw new Error('running');
        if (!(await allowed())) throw new Error('refused');
        running.set(id, 1);
      }
    `,
    async observe({ start }) {
      const outcomes = await Promise.allSettled([false, true, true].map((answer) => start('a', async () => answer)));
      return outcomes.map((one) => (one.status === 'rejected' ? (one.reason as Error).message : 'started'));
    },
    before: ['refused', 'started', 'started'],
    after: ['refused', 'started', 'running'],
  }),
];
