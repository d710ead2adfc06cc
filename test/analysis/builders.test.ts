/**
 * Statements that are built step by step, as the users of each library write them: which table, which conditions,
 * which columns, and that nothing runs until it is awaited.
 */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { ProgramFacts } from '../../server/src/analysis/program.ts';
import { analyse, queriesOf } from './facts-of.ts';

const KNEX = `
declare namespace Knex {
  interface QueryInterface {
    select(...columns: unknown[]): QueryBuilder; from(table: unknown): QueryBuilder; into(table: string): QueryBuilder;
    where(...conditions: unknown[]): QueryBuilder; whereIn(column: string, values: unknown): QueryBuilder;
    whereNull(column: string): QueryBuilder; first(): QueryBuilder; pluck(column: string): QueryBuilder;
    count(column: string): QueryBuilder; insert(row: unknown): QueryBuilder; update(...data: unknown[]): QueryBuilder;
    del(): QueryBuilder; increment(column: string, by?: number): QueryBuilder; returning(columns: string): QueryBuilder;
    onConflict(column: string): OnConflictQueryBuilder; with(name: string, query: unknown): QueryBuilder;
  }
  interface ChainableInterface { transacting(trx: Transaction): QueryBuilder; stream(): AsyncIterable<any> }
  interface QueryBuilder extends QueryInterface, ChainableInterface, PromiseLike<any> { forUpdate(): QueryBuilder }
  interface OnConflictQueryBuilder { merge(): QueryBuilder; ignore(): QueryBuilder }
  interface Raw extends PromiseLike<any> {}
  interface Transaction extends Knex { commit(): Promise<void> }
}
interface Knex extends Knex.QueryInterface {
  <Row = any>(table: string): Knex.QueryBuilder;
  raw(sql: string, bindings?: unknown[]): Knex.Raw;
  transaction<T>(run: (trx: Knex.Transaction) => Promise<T>): Promise<T>;
}
export { Knex };`;

describe('Knex', () => {
  let program: ProgramFacts;
  before(() => {
    program = analyse({
      packages: { knex: KNEX },
      files: {
        'tables.ts': `export const T = { FEATURES: 'features', TAGS: 'tags' };\nexport const EVENTS = 'events';`,
        'store.ts': `
          import type { Knex } from 'knex';
          import { EVENTS, T } from './tables';
          const USERS = 'users';
          type Db = Knex | Knex.Transaction;
          interface UserRow { id: number }
          export class Store {
            private readonly own = 'settings';
            private readonly late: string;
            constructor(private readonly db: Db, late: string) { this.late = late; }
            async tables(id: number) {
              await this.db(USERS).where({ id });
              await this.db<UserRow>(EVENTS).where('id', id);
              await this.db(T.FEATURES).where('id', '>', id);
              await this.db(\`\${T.TAGS} as t\`).where({ 't.id': id });
              await this.db.select('id').from(USERS).where({ id }).first();
              await this.db.insert({ id }).into(EVENTS);
              await this.db(this.own).where({ id });
              await this.db(this.late).where({ id });
            }
            async conditions(id: number, ids: number[]) {
              await this.db(USERS).where({ id }).whereIn('team', ids).whereNull('deleted');
              await this.db(USERS).pluck('id');
            }
            async writes(id: number) {
              await this.db(USERS).insert({ id }).onConflict('id').merge();
              await this.db(USERS).where({ id }).increment('n', 1);
              await this.db(USERS).where({ id }).update({ name: 'x' }).returning('*');
              await this.db(USERS).where({ id }).forUpdate().first();
            }
            async raw(id: number) {
              await this.db.raw('UPDATE users SET n = ? WHERE id = ?', [1, id]);
              const { rows } = await this.db.raw(\`SELECT EXISTS (SELECT 1 FROM \${T.TAGS} WHERE id = ?) AS present\`, [id]);
              await this.db.with('x', this.db.raw('SELECT id FROM events')).select('*').from(USERS);
              return rows;
            }
            async given(id: number, trx?: Knex.Transaction) {
              await (trx || this.db)(USERS).where({ id });
              const client = trx ?? this.db;
              await client(USERS).where({ id });
            }
            async whenAwaited(id: number) {
              this.db(USERS).insert({ id }).then(() => undefined);
              this.db(EVENTS).insert({ id });
            }
            async steps(team?: number, name?: string) {
              let query = this.db(USERS);
              if (team) query = query.where({ team });
              if (name) query = query.where({ name });
              return query;
            }
            byId(id: number) { return this.db(USERS).where({ id }).first(); }
            async viaHelper(id: number) { return this.byId(id); }
            async list(ids: number[]) { return Promise.all(ids.map((id) => this.byId(id))); }
            async pushed(ids: number[]) {
              const all = [];
              for (const id of ids) all.push(this.db(USERS).where({ id }).first());
              await Promise.all(all);
            }
            async streamed() {
              for await (const row of this.db(USERS).stream()) await this.db(EVENTS).insert({ user: row.id });
            }
          }`,
      },
    });
  });
  const of = (name: string): string[] => queriesOf(program, 'store.ts', `Store.${name}`);

  test('the table is a constant, wherever it is kept; a variable is none', () => {
    assert.deepEqual(of('tables'), [
      'read users id=',
      'read events id=',
      'read features id>',
      'read tags id=',
      'read users id=',
      'insert events +id',
      'read settings id=',
      'read ? id=',
    ]);
  });
  test('conditions', () => {
    assert.deepEqual(of('conditions'), ['read users id= teamin deletedis null', 'read users']);
  });
  test('writes and locks', () => {
    assert.deepEqual(of('writes'), [
      'insert users +id handled',
      'update users id= ~n',
      'update users id= +name',
      'read users id= for update',
    ]);
  });
  test('raw SQL runs when it is awaited, and is a part of the statement it is given to', () => {
    assert.deepEqual(of('raw'), ['update users id= +n', 'read tags id=', 'read users']);
  });
  test('the executor may be one of two', () => {
    assert.deepEqual(of('given'), ['read users id=', 'read users id=']);
  });
  test('a statement that nobody awaits does not run', () => {
    assert.deepEqual(of('whenAwaited'), ['insert users +id not awaited']);
  });
  test('a statement built in steps is one, of conditions that are not known', () => {
    assert.deepEqual(of('steps'), ['read users somehow']);
  });
  test('a statement that a helper returns runs where it is awaited', () => {
    assert.deepEqual(of('viaHelper'), ['read users id=']);
    assert.deepEqual(of('list'), ['read users id= | parallel over elements']);
    assert.deepEqual(of('pushed'), ['read users id= | sequential over elements']);
  });
  test('rows of a stream', () => {
    assert.deepEqual(of('streamed'), ['read users not awaited', 'insert events +user | sequential over elements']);
  });
});

describe('nothing resolves', () => {
  let program: ProgramFacts;
  before(() => {
    program = analyse({
      files: {
        'pages.ts': `
          declare const app: any;
          declare const knex: any;
          export async function objection(id: number, tags: string[]) {
            const page = await app.models.pages.query().findById(id).withGraphFetched('tags');
            await app.models.pages.query().patch({ title: 'x' }).where('id', id);
            await app.models.pages.query().insert({ id });
            await app.models.pages.query().deleteById(Number(id));
            await page.$relatedQuery('tags').relate(tags);
            await page.$query().patch({ title: 'y' });
          }
          export async function client(id: number) {
            await knex('users').where({ id }).first();
            await knex.select('id').from('teams').where('id', '>', id);
            await app.db('events').where({ id }).del();
          }
          export async function other(search: any, url: any, db: any) {
            await search.query();
            await url.query('text');
            await db('events');
            return db.query(url);
          }`,
      },
    });
  });

  test('Objection by its words, the table by the model’s name', () => {
    assert.deepEqual(queriesOf(program, 'pages.ts', 'objection'), [
      'read pages =',
      'update pages id= +title',
      'insert pages +id',
      'delete pages =',
      'update tags',
      'update pages = +title',
    ]);
  });
  test('Knex by its name', () => {
    assert.deepEqual(queriesOf(program, 'pages.ts', 'client'), [
      'read users id=',
      'read teams id>',
      'delete events id=',
    ]);
  });
  test('one word is no evidence', () => {
    assert.deepEqual(queriesOf(program, 'pages.ts', 'other'), []);
  });
});

const DRIZZLE = `
interface Statement extends PromiseLike<any> {
  from(table: unknown): Statement; where(condition: unknown): Statement; set(data: unknown): Statement;
  values(data: unknown): Statement; for(mode: string): Statement; onConflictDoNothing(): Statement;
}
export class PgDatabase {
  select(columns?: unknown): Statement; insert(table: unknown): Statement; update(table: unknown): Statement;
  delete(table: unknown): Statement;
}
export declare function pgTable(name: string, columns: object): any;
export declare function eq(column: unknown, value: unknown): unknown;
export declare function gt(column: unknown, value: unknown): unknown;
export declare function and(...conditions: unknown[]): unknown;
export declare function or(...conditions: unknown[]): unknown;`;

test('Drizzle: the table’s name, comparisons as calls', () => {
  const program = analyse({
    packages: { 'drizzle-orm': DRIZZLE },
    files: {
      'schema.ts': `import { pgTable } from 'drizzle-orm';\nexport const accountsTable = pgTable('accounts', {});`,
      'store.ts': `
        import { and, eq, gt, or, type PgDatabase } from 'drizzle-orm';
        import { accountsTable } from './schema';
        export async function all(db: PgDatabase, id: number) {
          await db.select().from(accountsTable).where(eq(accountsTable.id, id)).for('update');
          await db.select().from(accountsTable).where(and(eq(accountsTable.id, id), gt(accountsTable.credits, 0)));
          await db.select().from(accountsTable).where(or(eq(accountsTable.id, id), gt(accountsTable.credits, 0)));
          await db.insert(accountsTable).values({ id }).onConflictDoNothing();
          await db.update(accountsTable).set({ credits: 1 }).where(eq(accountsTable.id, id));
        }`,
    },
  });
  assert.deepEqual(queriesOf(program, 'store.ts', 'all'), [
    'read accounts id= for update',
    'read accounts id= credits>',
    'read accounts somehow',
    'insert accounts +id handled',
    'update accounts id= +credits',
  ]);
});

const SEQUELIZE = `
interface Options { where?: object; transaction?: object; lock?: unknown }
export class Model<A = any, B = any> {
  static findOne<M extends typeof Model>(this: M, options?: Options): Promise<InstanceType<M> | null>;
  static findAll<M extends typeof Model>(this: M, options?: Options): Promise<InstanceType<M>[]>;
  static unscoped<M>(this: M): M;
  save(options?: Options): Promise<this>;
  update(values: object, options?: Options): Promise<this>;
  increment(columns: string, options?: object): Promise<this>;
}
export type HasManyGetAssociationsMixin<T> = (options?: Options) => Promise<T[]>;
export class Sequelize { define(name: string, columns: object): typeof Model }`;

test('Sequelize: the table is the row’s own class, the association’s, or the defined name', () => {
  const program = analyse({
    packages: { sequelize: SEQUELIZE },
    files: {
      'user.ts': `
        import { Model, Sequelize, type HasManyGetAssociationsMixin } from 'sequelize';
        class Base<A, B> extends Model<A, B> {
          static active() { return this.findAll({ where: { active: true } }); }
        }
        export class Post extends Base<Post, object> { declare title: string }
        export class User extends Base<User, object> {
          declare email: string;
          declare getPosts: HasManyGetAssociationsMixin<Post>;
          async rename(email: string) { this.email = email; await this.save(); }
          static async byEmail(email: string) { return this.findOne({ where: { email } }); }
        }
        const sequelize = new Sequelize();
        const Tag = sequelize.define('tag', {});
        export async function rows(user: User, email: string) {
          await user.save();
          await user.increment('credits');
          await user.getPosts({ where: { title: 'x' } });
          await User.unscoped().findOne({ where: { email } });
          await Tag.findOne({ where: { name: email } });
        }`,
    },
  });
  assert.deepEqual(queriesOf(program, 'user.ts', 'rows'), [
    'save User',
    'update User = ~credits',
    'read Post title=',
    'read User email=',
    'read tag name=',
  ]);
  assert.deepEqual(queriesOf(program, 'user.ts', 'User.rename'), ['save User']);
  assert.deepEqual(queriesOf(program, 'user.ts', 'User.byEmail'), ['read User email=']);
  // Any of the classes below it.
  assert.deepEqual(queriesOf(program, 'user.ts', 'Base.active'), ['read ? active=']);
});

test('TypeORM: a constraint is no table, a getter is what it returns', () => {
  const program = analyse({
    install: ['typeorm'],
    files: {
      'store.ts': `
        import { type DataSource, Entity, PrimaryColumn, type Repository } from 'typeorm';
        abstract class Base { @PrimaryColumn() id: number }
        @Entity() export class Order extends Base {}
        @Entity() export class Invoice extends Base {}
        export async function any<T extends Base>(repository: Repository<T>, id: number) {
          await repository.findOne({ where: { id } as never });
        }
        export async function base(repository: Repository<Base>, id: number) {
          await repository.findOneBy({ id });
        }
        export class Orders {
          constructor(private readonly source: DataSource) {}
          get repository() { return this.source.getRepository(Order); }
          async load(id: number) { return this.repository.findOneBy({ id }); }
        }`,
    },
  });
  assert.deepEqual(queriesOf(program, 'store.ts', 'any'), ['read ? id=']);
  assert.deepEqual(queriesOf(program, 'store.ts', 'base'), ['read ? id=']);
  assert.deepEqual(queriesOf(program, 'store.ts', 'Orders.load'), ['read Order id=']);
});

const MIKRO_ORM = `
export class EntityManager {
  find<T>(entity: new () => T, where: object): Promise<T[]>;
  findOne<T>(entity: new () => T, where: object): Promise<T | null>;
  create<T>(entity: new () => T, data: object): T;
  persist(entity: object): this;
  flush(): Promise<void>;
  transactional<T>(run: (em: EntityManager) => Promise<T>): Promise<T>;
}`;

test('MikroORM: writes happen at the flush', () => {
  const program = analyse({
    packages: { '@mikro-orm/core': MIKRO_ORM },
    files: {
      'users.ts': `
        import type { EntityManager } from '@mikro-orm/core';
        class User { email!: string; credits!: number }
        export async function once(em: EntityManager, emails: string[]) {
          for (const email of emails) em.persist(em.create(User, { email }));
          await em.flush();
        }
        export async function each(em: EntityManager, emails: string[]) {
          for (const email of emails) await em.persist(em.create(User, { email })).flush();
        }
        export async function changed(em: EntityManager, email: string) {
          const user = await em.findOne(User, { email });
          user!.credits -= 1;
          await em.flush();
        }
        export async function inside(em: EntityManager, email: string) {
          await em.transactional(async (tx) => {
            const user = await tx.findOne(User, { email });
            user!.credits -= 1;
          });
        }`,
    },
  });
  assert.deepEqual(queriesOf(program, 'users.ts', 'once'), ['save User']);
  assert.deepEqual(queriesOf(program, 'users.ts', 'each'), ['save User | sequential over elements']);
  assert.deepEqual(queriesOf(program, 'users.ts', 'changed'), ['read User email=', 'save User']);
  assert.deepEqual(queriesOf(program, 'users.ts', 'inside'), ['read User email=', 'save User']);
});
