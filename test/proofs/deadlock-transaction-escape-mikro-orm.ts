import { type Proof, program, proof } from './harness/proof.ts';

const rule = 'deadlock/transaction-escape';

/** PostgreSQL's code for a row that did not become free in time: without the limit the program waits for ever. */
const LOCK_TIMEOUT = '55P03';
/** Its code for a transaction that saw what another has changed meanwhile. */
const SERIALIZATION_FAILURE = '40001';

interface Orders {
  readonly close: (id: string) => Promise<void>;
}

interface Wallets {
  readonly spend: (id: string, amount: number) => Promise<void>;
}

interface Reservations {
  readonly reserve: (id: string, slot: string) => Promise<void>;
}

/** Forks that stay in the transaction, and what else comes of it: no update is lost, and no check is outrun. */
export const transactionEscapeMikroOrmProofs: readonly Proof[] = [
  proof<Orders>({
    rule,
    fix: 'keep-context',
    form: 'MikroORM, a row of a transaction that fails',
    needs: 'postgres',
    installation: 'mikro-orm',
    setup: `CREATE TABLE orders (id text PRIMARY KEY, state text); CREATE TABLE notes (order_id text PRIMARY KEY);
      INSERT INTO orders VALUES ('a', 'open')`,
    program: program`
      import { type EntityManager, EntitySchema } from '@mikro-orm/core';
      import { MikroORM } from '@mikro-orm/postgresql';

      class Order {
        id: string;
        state: string;
      }
      class Note {
        order: string;
      }

      export const orm = MikroORM.initSync({
        clientUrl: process.env['DATABASE_URL'],
        entities: [
          new EntitySchema({
            class: Order,
            tableName: 'orders',
            properties: { id: { type: 'text', primary: true }, state: { type: 'text' } },
          }),
          new EntitySchema({
            class: Note,
            tableName: 'notes',
            properties: { order: { type: 'text', primary: true, fieldName: 'order_id' } },
          }),
        ],
      });

      class OrderService {
        constructor(private readonly em: EntityManager) {}

        async close(id: string): Promise<void> {
          await this.em.transactional(async (em) => {
            await em.nativeUpdate(Order, { id }, { state: 'closed' });
            const own = em.fork();
            await own.insert(Note, { order: id });
            throw new Error('full');
          });
        }
      }

      export function close(id: string): Promise<void> {
        return new OrderService(orm.em).close(id);
      }
    `,
    async observe({ close }, scene) {
      const outcome = await scene.atOnce(/^begin/, [() => close('a')]);
      const notes = await scene.postgres.query('SELECT count(*)::int FROM notes');
      return { outcome, notes, order: await scene.postgres.query('SELECT state FROM orders') };
    },
    before: { outcome: ['full'], notes: [{ count: 1 }], order: [{ state: 'open' }] },
    after: { outcome: ['full'], notes: [{ count: 0 }], order: [{ state: 'open' }] },
  }),
  proof<Orders>({
    rule,
    fix: 'keep-context',
    form: 'MikroORM, a row that the transaction has locked, and a service that forks',
    needs: 'postgres',
    installation: 'mikro-orm',
    setup: `CREATE TABLE orders (id text PRIMARY KEY, state text, total int);
      INSERT INTO orders VALUES ('a', 'open', 1)`,
    program: program`
      import { type EntityManager, EntitySchema } from '@mikro-orm/core';
      import { MikroORM } from '@mikro-orm/postgresql';

      class Order {
        id: string;
        state: string;
        total: number;
      }

      export const orm = MikroORM.initSync({
        clientUrl: process.env['DATABASE_URL'],
        driverOptions: { connection: { options: '-c lock_timeout=300ms' } },
        entities: [
          new EntitySchema({
            class: Order,
            tableName: 'orders',
            properties: { id: { type: 'text', primary: true }, state: { type: 'text' }, total: { type: 'integer' } },
          }),
        ],
      });

      class Totals {
        constructor(private readonly em: EntityManager) {}

        async clear(id: string): Promise<void> {
          const em = this.em.fork();
          await em.nativeUpdate(Order, { id }, { total: 0 });
        }
      }

      class OrderService {
        constructor(
          private readonly em: EntityManager,
          private readonly totals: Totals,
        ) {}

        async close(id: string): Promise<void> {
          await this.em.transactional(async (em) => {
            await em.nativeUpdate(Order, { id }, { state: 'closed' });
            await this.totals.clear(id);
          });
        }
      }

      export function close(id: string): Promise<void> {
        return new OrderService(orm.em, new Totals(orm.em)).close(id);
      }
    `,
    async observe({ close }, scene) {
      const outcome = await scene.atOnce(/^begin/, [() => close('a')]);
      return { outcome, order: await scene.postgres.query('SELECT state, total FROM orders') };
    },
    before: { outcome: [LOCK_TIMEOUT], order: [{ state: 'open', total: 1 }] },
    after: { outcome: ['done'], order: [{ state: 'closed', total: 0 }] },
  }),
  proof<Wallets>({
    rule,
    fix: 'keep-context',
    form: 'MikroORM, a repeatable read outside of its transaction, and an update that is lost',
    needs: 'postgres',
    installation: 'mikro-orm',
    setup: `CREATE TABLE wallets (id text PRIMARY KEY, balance int NOT NULL); INSERT INTO wallets VALUES ('a', 100)`,
    program: program`
      import { type EntityManager, EntitySchema, IsolationLevel } from '@mikro-orm/core';
      import { MikroORM } from '@mikro-orm/postgresql';

      class Wallet {
        id: string;
        balance: number;
      }

      export const orm = MikroORM.initSync({
        clientUrl: process.env['DATABASE_URL'],
        entities: [
          new EntitySchema({
            class: Wallet,
            tableName: 'wallets',
            properties: { id: { type: 'text', primary: true }, balance: { type: 'integer' } },
          }),
        ],
      });

      class WalletService {
        constructor(private readonly em: EntityManager) {}

        async spend(id: string, amount: number): Promise<void> {
          await this.em.transactional(
            async (em) => {
              const own = em.fork();
              const wallet = await own.findOneOrFail(Wallet, { id });
              wallet.balance -= amount;
              await own.flush();
            },
            { isolationLevel: IsolationLevel.REPEATABLE_READ },
          );
        }
      }

      export function spend(id: string, amount: number): Promise<void> {
        return new WalletService(orm.em).spend(id, amount);
      }
    `,
    async observe({ spend }, scene) {
      const outcomes = await scene.atOnce(/^select/, [() => spend('a', 10), () => spend('a', 10)]);
      const [row] = await scene.postgres.query('SELECT balance FROM wallets');
      const spent = outcomes.filter((outcome) => outcome === 'done').length * 10;
      return { outcomes, agrees: row?.['balance'] === 100 - spent };
    },
    before: { outcomes: ['done', 'done'], agrees: false },
    after: { outcomes: [SERIALIZATION_FAILURE, 'done'], agrees: true },
  }),
  proof<Reservations>({
    rule,
    fix: 'keep-context',
    form: 'MikroORM, a check outside of its serializable transaction, and two that pass it',
    needs: 'postgres',
    installation: 'mikro-orm',
    setup: 'CREATE TABLE reservations (id text PRIMARY KEY, slot text NOT NULL)',
    program: program`
      import { type EntityManager, EntitySchema, IsolationLevel } from '@mikro-orm/core';
      import { MikroORM } from '@mikro-orm/postgresql';

      class Reservation {
        id: string;
        slot: string;
      }

      export const orm = MikroORM.initSync({
        clientUrl: process.env['DATABASE_URL'],
        entities: [
          new EntitySchema({
            class: Reservation,
            tableName: 'reservations',
            properties: { id: { type: 'text', primary: true }, slot: { type: 'text' } },
          }),
        ],
      });

      async function reserveIn(em: EntityManager, id: string, slot: string): Promise<void> {
        await em.transactional(
          async (tx) => {
            const own = tx.fork();
            if ((await own.count(Reservation, { slot })) > 0) throw new Error('taken');
            await tx.insert(Reservation, { id, slot });
          },
          { isolationLevel: IsolationLevel.SERIALIZABLE },
        );
      }

      export function reserve(id: string, slot: string): Promise<void> {
        return reserveIn(orm.em.fork(), id, slot);
      }
    `,
    async observe({ reserve }, scene) {
      const outcomes = await scene.atOnce(/^select/, [() => reserve('a', 'monday'), () => reserve('b', 'monday')]);
      return { outcomes, reservations: await scene.postgres.query('SELECT slot FROM reservations') };
    },
    before: { outcomes: ['done', 'done'], reservations: [{ slot: 'monday' }, { slot: 'monday' }] },
    after: { outcomes: [SERIALIZATION_FAILURE, 'done'], reservations: [{ slot: 'monday' }] },
  }),
];
