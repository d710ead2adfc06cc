/**
 * Which transaction a statement is in, whatever opened it and however deep it lies: decorators, context objects,
 * async-local storage, wrappers, services rebuilt on the transaction, transactions that the code begins and ends itself.
 * `outside` is a statement that goes round a transaction that is open.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { ProgramFacts } from '../../server/src/analysis/program.ts';
import { analyse, statementsOf } from './facts-of.ts';

const ENTITIES = `
@Entity() class Account { id!: string; balance!: number }
@Entity() class Audit { id!: string; text!: string }`;

const SEQUELIZE = `
export class Transaction {
  static ISOLATION_LEVELS: { SERIALIZABLE: 'SERIALIZABLE' };
  commit(): Promise<void>;
  rollback(): Promise<void>;
}
interface Options { where?: object; transaction?: Transaction | null }
export class Model {
  static update(values: object, options: Options): Promise<[number]>;
  static findByPk<M extends typeof Model>(this: M, id: string, options?: Options): Promise<InstanceType<M> | null>;
  save(options?: Options): Promise<this>;
}
export class Sequelize {
  static useCLS(namespace: object): void;
  transaction<T>(run: (t: Transaction) => Promise<T>): Promise<T>;
  transaction<T>(options: object, run: (t: Transaction) => Promise<T>): Promise<T>;
  transaction(options?: object): Promise<Transaction>;
}`;

const KNEX = `
declare namespace Knex {
  interface QueryInterface { where(o: object): QueryBuilder; update(o: object): QueryBuilder; transacting(t: Transaction): QueryBuilder }
  interface QueryBuilder extends QueryInterface, PromiseLike<number> {}
  interface Transaction extends Knex { commit(): Promise<void>; rollback(): Promise<void> }
}
interface Knex extends Knex.QueryInterface {
  (table: string): Knex.QueryBuilder;
  transaction<T>(run: (trx: Knex.Transaction) => Promise<T>, config?: object): Promise<T>;
  transaction(): Promise<Knex.Transaction>;
}
declare function knex(config: object): Knex;
export { knex, Knex };
export default knex;`;

const MIKRO_ORM = `
export enum IsolationLevel { SERIALIZABLE = 'serializable' }
export declare function Transactional(options?: object): MethodDecorator;
export class EntityManager {
  findOne<T>(entity: new () => T, where: object): Promise<T | null>;
  nativeUpdate<T>(entity: new () => T, where: object, data: object): Promise<number>;
  transactional<T>(run: (em: EntityManager) => Promise<T>): Promise<T>;
  fork(): EntityManager;
  begin(): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}`;

const TYPEORM_TRANSACTIONAL = `
export enum IsolationLevel { SERIALIZABLE = 'SERIALIZABLE' }
export enum Propagation { NOT_SUPPORTED = 'NOT_SUPPORTED' }
export declare function Transactional(options?: object): MethodDecorator;
export declare function runInTransaction<T>(run: () => Promise<T>, options?: object): Promise<T>;
export declare function wrapInTransaction<F extends (...args: any[]) => any>(fn: F, options?: object): F;`;

const NESTJS_CLS = `
export declare function Transactional(...options: unknown[]): MethodDecorator;
export declare function InjectTransaction(): ParameterDecorator;
export type Transaction<A> = any;
export declare class TransactionHost<A> { tx: any; withTransaction<T>(run: () => Promise<T>): Promise<T> }`;

const FILES = {
  'typeorm-transactional.ts': `
    import { IsolationLevel, Propagation, Transactional, runInTransaction, wrapInTransaction } from 'typeorm-transactional';
    import { Entity, Repository } from 'typeorm';
    ${ENTITIES}
    export class Accounts {
      constructor(private readonly accounts: Repository<Account>, private readonly audits: Repository<Audit>) {}
      @Transactional({ isolationLevel: IsolationLevel.SERIALIZABLE })
      async serializable(id: string) { await this.accounts.update({ id }, { balance: 1 }); }
      @Transactional()
      async declared(id: string) { await this.accounts.update({ id }, { balance: 1 }); }
      @Transactional({ propagation: Propagation.NOT_SUPPORTED })
      async suspended(id: string) { await this.accounts.update({ id }, { balance: 1 }); }
      async caller(id: string) { await this.declared(id); await this.audits.update({ id }, { text: '' }); }
      async run(id: string) {
        await runInTransaction(async () => { await this.accounts.update({ id }, { balance: 1 }); }, { isolationLevel: IsolationLevel.SERIALIZABLE });
        await this.audits.update({ id }, { text: '' });
      }
      async wrapped(id: string) {
        const work = wrapInTransaction(async () => { await this.accounts.update({ id }, { balance: 1 }); });
        await work();
      }
    }`,
  'nestjs-cls.ts': `
    import { InjectTransaction, type Transaction, Transactional, TransactionHost } from '@nestjs-cls/transactional';
    declare class PrismaService { account: any; audit: any }
    export class AccountRepository {
      constructor(private readonly host: TransactionHost<any>) {}
      async set(id: string) { await this.host.tx.account.update({ where: { id }, data: { balance: 1 } }); }
    }
    export class Accounts {
      constructor(
        private readonly repository: AccountRepository,
        private readonly txHost: TransactionHost<any>,
        @InjectTransaction() private readonly tx: Transaction<any>,
        private readonly prisma: PrismaService,
      ) {}
      @Transactional({ isolationLevel: 'Serializable' })
      async declared(id: string) {
        await this.repository.set(id);
        await this.tx.account.update({ where: { id }, data: { balance: 2 } });
        await this.prisma.audit.update({ where: { id }, data: { text: '' } });
      }
      async hosted(id: string) {
        await this.txHost.withTransaction(async () => {
          await this.repository.set(id);
          await this.prisma.audit.update({ where: { id }, data: { text: '' } });
        });
      }
    }`,
  'mikro-orm.ts': `
    import { EntityManager, IsolationLevel, Transactional } from '@mikro-orm/core';
    class Account { id!: string; balance!: number }
    class Audit { id!: string; text!: string }
    export class Accounts {
      constructor(private readonly em: EntityManager) {}
      @Transactional({ isolationLevel: IsolationLevel.SERIALIZABLE })
      async declared(id: string) { await this.em.nativeUpdate(Account, { id }, { balance: 1 }); }
      async callback(id: string) {
        const other = this.em.fork();
        await this.em.transactional(async (em) => {
          await em.nativeUpdate(Account, { id }, { balance: 1 });
          await this.em.nativeUpdate(Account, { id }, { balance: 2 });
          await other.nativeUpdate(Audit, { id }, { text: '' });
        });
      }
      async forked(id: string) {
        const em = this.em.fork();
        await em.begin();
        try {
          await em.nativeUpdate(Account, { id }, { balance: 1 });
          await this.em.nativeUpdate(Audit, { id }, { text: '' });
          await em.commit();
        } catch (error) { await em.rollback(); throw error; }
        await em.nativeUpdate(Audit, { id }, { text: '' });
      }
    }`,
  'context.ts': `
    import { DataSource, Entity, EntityManager, Repository } from 'typeorm';
    ${ENTITIES}
    declare function Transaction(mode?: string, isolation?: string): MethodDecorator;
    declare function Ctx(): ParameterDecorator;
    const MANAGER = Symbol('manager');
    export class RequestContext { [key: symbol]: any }
    export class Connection {
      constructor(private readonly dataSource: DataSource) {}
      get raw() { return this.dataSource; }
      getRepository<T extends object>(ctx: RequestContext, target: new () => T): Repository<T> {
        const manager: EntityManager | undefined = ctx[MANAGER];
        return manager ? manager.getRepository(target) : this.dataSource.getRepository(target);
      }
      async withTransaction<T>(ctx: RequestContext, work: (ctx: RequestContext) => Promise<T>): Promise<T> {
        const runner = this.dataSource.createQueryRunner();
        const inner = Object.assign(new RequestContext(), ctx);
        await this.start(runner);
        inner[MANAGER] = runner.manager;
        try {
          const result = await work(inner);
          await runner.commitTransaction();
          return result;
        } catch (error) { await runner.rollbackTransaction(); throw error; } finally { await runner.release(); }
      }
      private async start(runner: ReturnType<DataSource['createQueryRunner']>) {
        const attempt = async () => { try { await runner.startTransaction(); return true; } catch { return false; } };
        for (let n = 0; n < 3; n += 1) if (await attempt()) return;
      }
    }
    export class Accounts {
      constructor(private readonly connection: Connection) {}
      async set(ctx: RequestContext, id: string) { await this.connection.getRepository(ctx, Account).update({ id }, { balance: 1 }); }
      async log(ctx: RequestContext, id: string) { await this.connection.raw.getRepository(Audit).update({ id }, { text: '' }); }
      async wrapper(ctx: RequestContext, id: string) {
        await this.connection.withTransaction(ctx, async (tx) => { await this.set(tx, id); await this.log(tx, id); });
        await this.set(ctx, id);
      }
    }
    export class Resolver {
      constructor(private readonly accounts: Accounts) {}
      @Transaction('auto', 'REPEATABLE READ')
      async declared(@Ctx() ctx: RequestContext, id: string) { await this.accounts.set(ctx, id); await this.accounts.log(ctx, id); }
      @Transaction('manual')
      async manual(@Ctx() ctx: RequestContext, id: string) { await this.accounts.set(ctx, id); }
      async undeclared(@Ctx() ctx: RequestContext, id: string) { await this.accounts.set(ctx, id); }
    }`,
  'sequelize.ts': `
    import { Model, Sequelize, Transaction } from 'sequelize';
    class Account extends Model {}
    class Audit extends Model {}
    declare const sequelize: Sequelize;
    export async function managed(id: string) {
      await sequelize.transaction({ isolationLevel: Transaction.ISOLATION_LEVELS.SERIALIZABLE }, async (transaction) => {
        await Account.update({ balance: 1 }, { where: { id }, transaction });
        await Audit.update({ text: '' }, { where: { id } });
        const account = await Account.findByPk(id, { transaction });
        await account?.save();
      });
    }
    export async function unmanaged(id: string) {
      const t = await sequelize.transaction();
      try {
        await Account.update({ balance: 1 }, { where: { id }, transaction: t });
        await Audit.update({ text: '' }, { where: { id } });
        await t.commit();
      } catch (error) { await t.rollback(); throw error; }
      await Audit.update({ text: '' }, { where: { id } });
    }
    async function set(id: string, options: { transaction?: Transaction } = {}) {
      await Account.update({ balance: 1 }, { where: { id }, ...options });
    }
    export async function options(id: string) {
      await sequelize.transaction(async (transaction) => { await set(id, { transaction }); await set(id); });
    }`,
  'knex.ts': `
    import { knex, Knex } from 'knex';
    const db = knex({ client: 'pg' });
    export async function managed(id: string) {
      await db.transaction(async (trx) => {
        await trx('accounts').where({ id }).update({ balance: 1 });
        await db('accounts').transacting(trx).where({ id }).update({ balance: 2 });
        await db('audit').where({ id }).update({ text: '' });
      }, { isolationLevel: 'serializable' });
    }
    export async function unmanaged(id: string) {
      const trx = await db.transaction();
      try {
        await trx('accounts').where({ id }).update({ balance: 1 });
        await db('audit').where({ id }).update({ text: '' });
        await trx.commit();
      } catch (error) { await trx.rollback(); throw error; }
      await db('audit').where({ id }).update({ text: '' });
    }
    const withTransaction = (conn: Knex) => async <T>(work: (trx: Knex.Transaction) => Promise<T>): Promise<T> =>
      conn.transaction(async (trx) => work(trx));
    export async function curried(id: string) {
      await withTransaction(db)(async (trx) => {
        await trx('accounts').where({ id }).update({ balance: 1 });
        await db('audit').where({ id }).update({ text: '' });
      });
    }
    class Store { constructor(private readonly db: Knex) {} async set(id: string) { await this.db('accounts').where({ id }).update({ balance: 1 }); } }
    class Service { constructor(private readonly store: Store) {} async set(id: string) { await this.store.set(id); } }
    const createService = (conn: Knex) => new Service(new Store(conn));
    export async function rebuilt(id: string) {
      await db.transaction(async (trx) => { await createService(trx).set(id); await createService(db).set(id); });
    }
    type WithTransactional<S> = S & { transactional: <R>(run: (service: S) => Promise<R>) => Promise<R> };
    export class Controller {
      constructor(private readonly service: WithTransactional<Service>) {}
      async inside(id: string) { await this.service.transactional((service) => service.set(id)); }
      async direct(id: string) { await this.service.set(id); }
    }`,
  'query-runner.ts': `
    import { DataSource, Entity } from 'typeorm';
    ${ENTITIES}
    declare const dataSource: DataSource;
    export async function unmanaged(id: string) {
      const runner = dataSource.createQueryRunner();
      await runner.startTransaction('SERIALIZABLE');
      try {
        await runner.manager.update(Account, { id }, { balance: 1 });
        await runner.manager.getRepository(Account).update({ id }, { balance: 2 });
        await dataSource.getRepository(Audit).update({ id }, { text: '' });
        await runner.commitTransaction();
      } catch (error) { await runner.rollbackTransaction(); throw error; } finally { await runner.release(); }
      await dataSource.getRepository(Audit).update({ id }, { text: '' });
    }
    export async function managed(id: string) {
      await dataSource.transaction('REPEATABLE READ', async (manager) => {
        await manager.withRepository(dataSource.getRepository(Account)).update({ id }, { balance: 1 });
        await dataSource.manager.update(Audit, { id }, { text: '' });
      });
    }`,
  'pg.ts': `
    import { AsyncLocalStorage } from 'node:async_hooks';
    import { Pool, type PoolClient } from 'pg';
    const pool = new Pool();
    export async function unmanaged(id: string) {
      const client = await pool.connect();
      try {
        await client.query('BEGIN ISOLATION LEVEL SERIALIZABLE');
        await client.query('UPDATE accounts SET balance = 1 WHERE id = $1', [id]);
        await pool.query('UPDATE audit SET text = 1 WHERE id = $1', [id]);
        await client.query('COMMIT');
      } catch (error) { await client.query('ROLLBACK'); throw error; } finally { client.release(); }
      await pool.query('UPDATE audit SET text = 1 WHERE id = $1', [id]);
    }
    async function withTransaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
      const client = await pool.connect();
      try { await client.query('BEGIN'); const result = await work(client); await client.query('COMMIT'); return result; }
      catch (error) { await client.query('ROLLBACK'); throw error; } finally { client.release(); }
    }
    async function retrying<T>(work: () => Promise<T>): Promise<T> {
      for (let n = 0; ; n += 1) try { return await work(); } catch (error) { if (n === 2) throw error; }
    }
    const inTransaction = <T>(work: (client: PoolClient) => Promise<T>) => retrying(() => withTransaction(work));
    async function set(id: string, client: Pool | PoolClient = pool) { await client.query('UPDATE accounts SET balance = 1 WHERE id = $1', [id]); }
    export async function deep(id: string) {
      await inTransaction(async (client) => { await set(id, client); await set(id); });
      await set(id);
    }
    export async function twice(id: string) {
      await withTransaction((client) => set(id, client));
      await withTransaction((client) => set(id, client));
    }
    export async function onThePool(id: string) {
      await pool.query('BEGIN');
      await pool.query('UPDATE accounts SET balance = 1 WHERE id = $1', [id]);
      await pool.query('COMMIT');
    }
    export async function ownOrGiven(id: string, given?: PoolClient) {
      const client = given ?? (await pool.connect());
      if (given === undefined) await client.query('BEGIN');
      await client.query('UPDATE accounts SET balance = 1 WHERE id = $1', [id]);
      if (given === undefined) await client.query('COMMIT');
      await pool.query('UPDATE audit SET text = 1 WHERE id = $1', [id]);
    }
    const storage = new AsyncLocalStorage<{ client: PoolClient }>();
    const current = () => storage.getStore()?.client ?? pool;
    export async function asyncLocal(id: string) {
      await withTransaction((client) => storage.run({ client }, async () => {
        await current().query('UPDATE accounts SET balance = 1 WHERE id = $1', [id]);
        await pool.query('UPDATE audit SET text = 1 WHERE id = $1', [id]);
      }));
    }`,
  'prisma.ts': `
    import { Prisma, PrismaClient } from '@prisma/client';
    export class Accounts {
      constructor(private readonly prisma: PrismaClient) {}
      async local(id: string, tx?: Prisma.TransactionClient) {
        const client = tx ?? this.prisma;
        await client.account.update({ where: { id }, data: { balance: 1 } });
      }
      async inline(id: string, tx?: Prisma.TransactionClient) { await (tx || this.prisma).account.update({ where: { id }, data: { balance: 1 } }); }
      async defaulted(id: string, tx: Prisma.TransactionClient = this.prisma) { await tx.account.update({ where: { id }, data: { balance: 1 } }); }
      async chosen(id: string, tx?: Prisma.TransactionClient) { const c = tx ? tx : this.prisma; await c.account.update({ where: { id }, data: { balance: 1 } }); }
      async given(id: string) {
        await this.prisma.$transaction(async (tx) => {
          await this.local(id, tx); await this.inline(id, tx); await this.defaulted(id, tx); await this.chosen(id, tx);
        }, { isolationLevel: Prisma.TransactionIsolationLevel.Serializable });
      }
      async forgotten(id: string) {
        await this.prisma.$transaction(async (tx) => {
          await this.local(id); await this.inline(id); await this.defaulted(id); await this.chosen(id);
          await this.prisma.audit.update({ where: { id }, data: { text: '' } });
        });
      }
      async list(ids: string[]) {
        const account = await this.prisma.account.findFirst({ where: { id: ids[0] } });
        await this.prisma.$transaction([
          this.prisma.account.update({ where: { id: ids[0] }, data: { balance: account.balance } }),
          ...ids.map((id) => this.prisma.audit.update({ where: { id }, data: { text: '' } })),
        ]);
        await this.prisma.audit.update({ where: { id: ids[0] }, data: { text: '' } });
      }
      async mapped(ids: string[]) {
        await this.prisma.$transaction(ids.map((id) => this.prisma.audit.update({ where: { id }, data: { text: '' } })));
      }
      async prepared(ids: string[]) {
        const statements = ids.map((id) => this.prisma.audit.update({ where: { id }, data: { text: '' } }));
        await this.prisma.$transaction(statements);
        await Promise.all(ids.map((id) => this.prisma.account.update({ where: { id }, data: { balance: 0 } })));
      }
    }`,
};

let program: ProgramFacts;
before(() => {
  program = analyse({
    files: FILES,
    install: ['typeorm', 'pg', '@types/pg', 'pg-types', 'pg-protocol', '@types/node', 'undici-types'],
    packages: {
      sequelize: SEQUELIZE,
      knex: KNEX,
      '@mikro-orm/core': MIKRO_ORM,
      'typeorm-transactional': TYPEORM_TRANSACTIONAL,
      '@nestjs-cls/transactional': NESTJS_CLS,
    },
  });
});

function expectIn(file: keyof typeof FILES, expected: Readonly<Record<string, readonly string[]>>): void {
  const found = Object.fromEntries(Object.keys(expected).map((name) => [name, statementsOf(program, file, name)]));
  assert.deepEqual(found, expected);
}

test('typeorm-transactional: what the decorated method runs is inside, its caller is not', () => {
  expectIn('typeorm-transactional.ts', {
    'Accounts.serializable': ['update Account inside serializable'],
    'Accounts.declared': ['update Account inside'],
    'Accounts.suspended': ['update Account'],
    'Accounts.caller': ['update Account inside', 'update Audit'],
    'Accounts.run': ['update Account inside serializable', 'update Audit'],
    'Accounts.wrapped': ['update Account inside'],
  });
});

test('nestjs-cls: through the host in any class, not through the client', () => {
  expectIn('nestjs-cls.ts', {
    'Accounts.declared': [
      'update account inside serializable',
      'update account inside serializable',
      'update audit outside serializable',
    ],
    'Accounts.hosted': ['update account inside', 'update audit outside'],
    'AccountRepository.set': ['update account'],
  });
});

test('MikroORM: every entity manager joins, but a fork', () => {
  expectIn('mikro-orm.ts', {
    'Accounts.declared': ['update Account inside serializable'],
    'Accounts.callback': ['update Account inside', 'update Account inside', 'update Audit outside'],
    'Accounts.forked': ['update Account inside', 'update Audit outside', 'update Audit'],
  });
});

test('a context parameter carries the transaction', () => {
  expectIn('context.ts', {
    'Resolver.declared': ['update Account inside repeatable read', 'update Audit outside repeatable read'],
    'Resolver.manual': ['update Account'],
    'Resolver.undeclared': ['update Account'],
    'Accounts.wrapper': ['update Account inside', 'update Audit outside', 'update Account'],
  });
});

test('Sequelize: by the option alone', () => {
  expectIn('sequelize.ts', {
    managed: [
      'update Account inside serializable',
      'update Audit outside serializable',
      'save Account outside serializable',
    ],
    unmanaged: ['update Account inside', 'update Audit outside', 'update Audit'],
    options: ['update Account inside', 'update Account outside'],
  });
});

test('Sequelize with a namespace: every query of the callback', () => {
  const shared = analyse({
    packages: { sequelize: SEQUELIZE },
    files: {
      'main.ts': `
        import { Model, Sequelize } from 'sequelize';
        Sequelize.useCLS({});
        class Account extends Model {}
        declare const sequelize: Sequelize;
        export async function managed(id: string) {
          await sequelize.transaction(async () => { await Account.update({ balance: 1 }, { where: { id } }); });
        }`,
    },
  });
  assert.deepEqual(statementsOf(shared, 'main.ts', 'managed'), ['update Account inside']);
});

test('Knex: callbacks, unmanaged, curried wrappers, services rebuilt on the transaction', () => {
  expectIn('knex.ts', {
    managed: [
      'update accounts inside serializable',
      'update accounts inside serializable',
      'update audit outside serializable',
    ],
    unmanaged: ['update accounts inside', 'update audit outside', 'update audit'],
    curried: ['update accounts inside', 'update audit outside'],
    rebuilt: ['update accounts inside', 'update accounts outside'],
    'Controller.inside': ['update accounts inside'],
    'Controller.direct': ['update accounts'],
  });
});

test('TypeORM: query runners and managers', () => {
  expectIn('query-runner.ts', {
    unmanaged: [
      'update Account inside serializable',
      'update Account inside serializable',
      'update Audit outside serializable',
      'update Audit',
    ],
    managed: ['update Account inside repeatable read', 'update Audit outside repeatable read'],
  });
});

test('pg: BEGIN to COMMIT, through wrappers of any depth, own or given, async-local', () => {
  expectIn('pg.ts', {
    unmanaged: ['update accounts inside serializable', 'update audit outside serializable', 'update audit'],
    deep: ['update accounts inside', 'update accounts outside', 'update accounts'],
    onThePool: ['update accounts'],
    ownOrGiven: ['update accounts inside', 'update audit'],
    asyncLocal: ['update accounts inside', 'update audit outside'],
  });
});

test('two calls of one wrapper open two transactions', () => {
  const writes = program.functions
    .find(({ fn }) => fn.qualifiedName === 'twice')
    ?.operations.filter(({ effect }) => effect.kind === 'database');
  const [first, second] = writes ?? [];
  assert.ok(first !== undefined && second !== undefined);
  assert.notEqual(first.transactions[0]?.site, second.transactions[0]?.site);
});

test('Prisma: an optional last parameter, and the form with a list', () => {
  const inside = 'update account inside serializable';
  const outside = 'update account outside';
  expectIn('prisma.ts', {
    'Accounts.given': [inside, inside, inside, inside],
    'Accounts.forgotten': [outside, outside, outside, outside, 'update audit outside'],
    'Accounts.list': ['update account inside', 'update audit inside', 'update audit'],
    'Accounts.mapped': ['update audit inside'],
    'Accounts.prepared': ['update audit inside', 'update account'],
  });
  assert.deepEqual(statementsOf(program, 'prisma.ts', 'Accounts.list', true)[0], 'read account');
});
