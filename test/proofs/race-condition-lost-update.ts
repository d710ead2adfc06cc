import { type Proof, program, proof } from './harness/proof.ts';
import type { Scene } from './harness/scene.ts';
import { NODE_CACHE, NODE_CACHE_MODULES } from './node-cache.ts';

const rule = 'race-condition/lost-update';

const ACCOUNTS = `CREATE TABLE accounts (id text PRIMARY KEY, balance int NOT NULL); INSERT INTO accounts VALUES ('a', 100)`;

/** Shared by the TypeORM programs. */
const WALLET = `
import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Wallet {
  @PrimaryGeneratedColumn('increment', { type: 'int' })
  id: number;

  @Column({ type: 'int' })
  balance: number;
}

export const dataSource = new DataSource({
  type: 'postgres',
  url: process.env['DATABASE_URL'],
  entities: [Wallet],
  synchronize: true,
});
const wallets = dataSource.getRepository(Wallet);

export async function start(): Promise<void> {
  await dataSource.initialize();
  await wallets.insert({ balance: 100 });
}

export async function balance(): Promise<number> {
  const [wallet] = await wallets.find();
  return wallet?.balance ?? 0;
}
`;

const ARTICLE = `
import { Column, DataSource, Entity, JoinTable, ManyToMany, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Label {
  @PrimaryGeneratedColumn('increment', { type: 'int' })
  id: number;

  @Column({ type: 'text' })
  name: string;
}

@Entity()
export class Article {
  @PrimaryGeneratedColumn('increment', { type: 'int' })
  id: number;

  @Column({ type: 'text' })
  title: string;

  @Column({ type: 'int' })
  viewCount: number;

  @ManyToMany(() => Label)
  @JoinTable()
  labels: Label[];
}

export const dataSource = new DataSource({
  type: 'postgres',
  url: process.env['DATABASE_URL'],
  entities: [Article, Label],
  synchronize: true,
});
const articles = dataSource.getRepository(Article);

export async function start(): Promise<void> {
  await dataSource.initialize();
  await articles.insert({ title: 'old', viewCount: 7 });
  await dataSource.getRepository(Label).insert([{ name: 'a' }, { name: 'b' }]);
}

export async function shown(): Promise<Article> {
  return articles.findOneOrFail({ where: { id: 1 }, relations: { labels: true } });
}
`;

interface ArticleProgram {
  readonly start: () => Promise<void>;
  readonly shown: () => Promise<{ labels: unknown[]; viewCount: number; title: string }>;
}

const TASK = `
import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Task {
  @PrimaryGeneratedColumn('increment', { type: 'int' })
  id: number;

  @Column({ type: 'int' })
  position: number;
}

export const dataSource = new DataSource({
  type: 'postgres',
  url: process.env['DATABASE_URL'],
  entities: [Task],
  synchronize: true,
});
const tasks = dataSource.getRepository(Task);

export async function start(): Promise<void> {
  await dataSource.initialize();
}

export async function positions(): Promise<number[]> {
  const found = await tasks.find({ order: { position: 'ASC' } });
  return found.map(({ position }) => position);
}
`;

interface TaskProgram {
  readonly start: () => Promise<void>;
  readonly add: () => Promise<void>;
  readonly positions: () => Promise<number[]>;
}

interface WalletProgram {
  readonly start: () => Promise<void>;
  readonly balance: () => Promise<number>;
  readonly change: (id: number, amount: number) => Promise<unknown>;
}

interface NodeRedis {
  readonly connect: () => Promise<unknown>;
  get: (key: string) => Promise<string | null>;
}

const WALLET_READ = /^SELECT .* FROM "wallet"/s;

export const lostUpdateProofs: readonly Proof[] = [
  proof<{ earn: (id: string, amount: number) => Promise<void> }>({
    rule,
    fix: 'atomic-update',
    form: 'SQL text through a pool',
    needs: 'postgres',
    setup: ACCOUNTS,
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();

      export async function earn(accountId: string, amount: number): Promise<void> {
        const { rows } = await pool.query('SELECT balance FROM accounts WHERE id = $1', [accountId]);
        await pool.query('UPDATE accounts SET balance = $1 WHERE id = $2', [rows[0].balance + amount, accountId]);
      }
    `,
    async observe({ earn }, scene) {
      await scene.atOnce(/^SELECT balance/, [() => earn('a', 10), () => earn('a', 20)]);
      return scene.postgres.query('SELECT balance IN (110, 120) AS lost, balance = 130 AS kept FROM accounts');
    },
    before: [{ lost: true, kept: false }],
    after: [{ lost: false, kept: true }],
  }),
  proof<{ pay: (id: string, amount: number) => Promise<void> }>({
    rule,
    fix: 'conditional-update',
    form: 'SQL text through a pool, behind a check',
    needs: 'postgres',
    setup: ACCOUNTS,
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();

      export async function pay(accountId: string, amount: number): Promise<void> {
        const result = await pool.query('SELECT balance FROM accounts WHERE id = $1', [accountId]);
        const { balance } = result.rows[0];
        if (balance < amount) throw new Error('insufficient funds');
        await pool.query('UPDATE accounts SET balance = $1 WHERE id = $2', [balance - amount, accountId]);
      }
    `,
    async observe({ pay }, scene) {
      const paid = await scene.atOnce(/^SELECT balance/, [() => pay('a', 60), () => pay('a', 60)]);
      return { paid, left: await scene.postgres.query('SELECT balance FROM accounts') };
    },
    // 120 were paid from 100, and 40 are left.
    before: { paid: ['done', 'done'], left: [{ balance: 40 }] },
    after: { paid: ['done', 'insufficient funds'], left: [{ balance: 40 }] },
  }),
  proof<{ restock: (id: string, amount: number) => Promise<void> }>({
    rule,
    fix: 'lock-row',
    form: 'SQL text in a transaction',
    needs: 'postgres',
    setup: `CREATE TABLE products (id text PRIMARY KEY, stock int NOT NULL); INSERT INTO products VALUES ('p', 1)`,
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();

      export async function restock(productId: string, quantity: number): Promise<void> {
        const client = await pool.connect();
        try {
          await client.query('BEGIN');
          const { rows } = await client.query('SELECT stock FROM products WHERE id = $1', [productId]);
          await client.query('UPDATE products SET stock = $1 WHERE id = $2', [rows[0].stock + quantity, productId]);
          await client.query('COMMIT');
        } finally {
          client.release();
        }
      }
    `,
    async observe({ restock }, scene) {
      await scene.atOnce(/^SELECT stock/, [() => restock('p', 10), () => restock('p', 10)]);
      return scene.postgres.query('SELECT stock FROM products');
    },
    before: [{ stock: 11 }],
    after: [{ stock: 21 }],
  }),
  proof<WalletProgram>({
    rule,
    fix: 'atomic-update',
    form: 'TypeORM, an entity changed and saved',
    needs: 'postgres',
    program: `${WALLET}
export async function change(id: number, amount: number): Promise<void> {
  const wallet = await wallets.findOneByOrFail({ id });
  wallet.balance += amount;
  await wallets.save(wallet);
}
`,
    observe: changeTwice,
    before: 110,
    after: 120,
  }),
  proof<WalletProgram>({
    rule,
    fix: 'atomic-update',
    form: 'TypeORM, update with a computed value',
    needs: 'postgres',
    program: `${WALLET}
export async function change(id: number, amount: number): Promise<void> {
  const wallet = await wallets.findOne({ where: { id } });
  if (!wallet) return;
  await wallets.update(wallet.id, { balance: wallet.balance + amount });
}
`,
    observe: changeTwice,
    before: 110,
    after: 120,
  }),
  proof<WalletProgram>({
    rule,
    fix: 'conditional-update',
    form: 'TypeORM, an entity changed and saved behind a check',
    needs: 'postgres',
    program: `${WALLET}
export async function change(id: number, amount: number): Promise<void> {
  const wallet = await wallets.findOneByOrFail({ id });
  if (wallet.balance < amount) throw new Error('insufficient funds');
  wallet.balance -= amount;
  await wallets.save(wallet);
}
`,
    async observe({ start, balance, change }, scene) {
      await start();
      const paid = await scene.atOnce(WALLET_READ, [() => change(1, 60), () => change(1, 60)]);
      return { paid, left: await balance() };
    },
    before: { paid: ['done', 'done'], left: 40 },
    after: { paid: ['done', 'insufficient funds'], left: 40 },
  }),
  proof<WalletProgram>({
    rule,
    fix: 'lock-row',
    form: 'TypeORM in a transaction',
    needs: 'postgres',
    program: `${WALLET}
export async function change(id: number, amount: number): Promise<void> {
  await dataSource.transaction(async (manager) => {
    const wallet = await manager.findOneOrFail(Wallet, { where: { id } });
    wallet.balance += amount;
    await manager.save(wallet);
  });
}
`,
    observe: changeTwice,
    before: 110,
    after: 120,
  }),
  proof<{ countVisit: (page: string) => Promise<void> }>({
    rule,
    fix: 'atomic-increment',
    form: 'ioredis',
    needs: 'redis',
    program: program`
      import { Redis } from 'ioredis';

      export const redis = new Redis(process.env['REDIS_URL'] ?? '');

      export async function countVisit(page: string): Promise<void> {
        const visits = Number(await redis.get(\`visits:\${page}\`));
        await redis.set(\`visits:\${page}\`, visits + 1);
      }
    `,
    async observe({ countVisit }, scene) {
      await scene.atOnce(/^get/, [() => countVisit('home'), () => countVisit('home')]);
      return scene.redis.get('visits:home');
    },
    before: '1',
    after: '2',
  }),
  proof<{ redis: NodeRedis; countVisit: (page: string) => Promise<void> }>({
    rule,
    fix: 'atomic-increment',
    form: 'node-redis, stored as text',
    needs: 'redis',
    program: program`
      import { createClient } from 'redis';

      export const redis = createClient({ url: process.env['REDIS_URL'] ?? '' });

      export async function countVisit(page: string): Promise<void> {
        const visits = Number(await redis.get(\`visits:\${page}\`));
        await redis.set(\`visits:\${page}\`, String(visits + 1));
      }
    `,
    async observe({ redis, countVisit }, scene) {
      await redis.connect();
      const get = redis.get.bind(redis);
      const barrier = scene.barrier(2);
      redis.get = async (key) => {
        const value = await get(key);
        await barrier.arrive();
        return value;
      };
      await Promise.all([countVisit('home'), countVisit('home')]);
      return scene.redis.get('visits:home');
    },
    before: '1',
    after: '2',
  }),
  proof<{ spend: (id: string, amount: number) => Promise<void> }>({
    rule,
    fix: 'atomic-update',
    form: 'SQL text, the new value in a variable',
    needs: 'postgres',
    setup: ACCOUNTS,
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();

      export async function spend(accountId: string, amount: number): Promise<void> {
        const { rows } = await pool.query('SELECT balance FROM accounts WHERE id = $1', [accountId]);
        const rest = rows[0].balance - amount;
        await pool.query('UPDATE accounts SET balance = $1 WHERE id = $2', [rest, accountId]);
      }
    `,
    async observe({ spend }, scene) {
      await scene.atOnce(/^SELECT balance/, [() => spend('a', 30), () => spend('a', 30)]);
      return scene.postgres.query('SELECT balance FROM accounts');
    },
    before: [{ balance: 70 }],
    after: [{ balance: 40 }],
  }),
  proof<{ configure: (key: string) => Promise<void> }>({
    rule,
    fix: 'merge-json',
    form: 'SQL text, keys of a JSON column',
    needs: 'postgres',
    setup: `CREATE TABLE boards (id text PRIMARY KEY, settings jsonb NOT NULL); INSERT INTO boards VALUES ('b', '{"size": 1}')`,
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();

      export async function configure(key: string): Promise<void> {
        const { rows } = await pool.query('SELECT settings FROM boards WHERE id = $1', ['b']);
        await pool.query('UPDATE boards SET settings = $1 WHERE id = $2', [{ ...rows[0].settings, [key]: true }, 'b']);
      }
    `,
    async observe({ configure }, scene) {
      await scene.atOnce(/^SELECT settings/, [() => configure('a'), () => configure('b')]);
      const [row] = await scene.postgres.query('SELECT settings FROM boards');
      return Object.keys((row as { settings: object }).settings).length;
    },
    before: 2,
    after: 3,
  }),
  proof<ArticleProgram & { label: (id: number, labelId: number) => Promise<void> }>({
    rule,
    fix: 'relation-add',
    form: 'TypeORM, entries of a relation',
    needs: 'postgres',
    program: `${ARTICLE}
export async function label(id: number, labelId: number): Promise<void> {
  const article = await articles.findOneOrFail({ where: { id }, relations: { labels: true } });
  const label = await dataSource.getRepository(Label).findOneByOrFail({ id: labelId });
  article.labels.push(label);
  await articles.save(article);
}
`,
    async observe({ start, shown, label }, scene) {
      await start();
      // The save compares with what is stored by then: the other one has to be done.
      await scene.overtaken(
        /FROM "label"/,
        () => label(1, 1),
        () => label(1, 2),
      );
      return (await shown()).labels.length;
    },
    before: 1,
    after: 2,
  }),
  proof<ArticleProgram & { retitle: (id: number, title: string) => Promise<void> }>({
    rule,
    fix: 'changed-columns',
    form: 'TypeORM, a row saved for the sake of one column',
    needs: 'postgres',
    program: `${ARTICLE}
export async function retitle(id: number, title: string): Promise<void> {
  const article = await articles.findOneByOrFail({ id });
  article.title = title;
  await articles.save(article);
}
`,
    async observe({ start, shown, retitle }, scene) {
      await start();
      // \`save\` reads the row once more: what changes after that is not set back, what changed before it is.
      const other = (): Promise<unknown> => scene.postgres.query('UPDATE article SET "viewCount" = 8');
      await scene.overtaken(/^SELECT .* FROM "article"/s, () => retitle(1, 'new'), other);
      const { viewCount, title } = await shown();
      return { viewCount, title };
    },
    before: { viewCount: 7, title: 'new' },
    after: { viewCount: 8, title: 'new' },
  }),
  proof<WalletProgram>({
    rule,
    fix: 'lock-row',
    form: 'TypeORM, a transaction opened for the lock',
    needs: 'postgres',
    program: `${WALLET}
export async function change(id: number, factor: number): Promise<number> {
  const wallet = await wallets.findOneByOrFail({ id });
  wallet.balance = wallet.balance * factor;
  await wallets.save(wallet);
  return wallet.balance;
}
`,
    async observe({ start, change, balance }, scene) {
      await start();
      await scene.atOnce(WALLET_READ, [() => change(1, 2), () => change(1, 3)]);
      return (await balance()) === 600;
    },
    before: false,
    after: true,
  }),
  proof<TaskProgram>({
    rule,
    fix: 'serializable-transaction',
    form: 'TypeORM, the next number',
    needs: 'postgres',
    program: `${TASK}
export async function add(): Promise<void> {
  const count = await tasks.count();
  await tasks.insert({ position: count + 1 });
}
`,
    async observe({ start, add, positions }, scene) {
      await start();
      await scene.atOnce(/^SELECT COUNT/, [() => add(), () => add()]);
      return positions();
    },
    before: [1, 1],
    after: [1, 2],
  }),
  proof<{
    start: () => Promise<void>;
    remove: (id: number) => Promise<void>;
    positions: () => Promise<number[]>;
  }>({
    rule,
    fix: 'read-under-lock',
    form: 'TypeORM, rows that move up',
    needs: 'postgres',
    program: program`
      import { Column, DataSource, Entity, MoreThan, PrimaryGeneratedColumn } from 'typeorm';

      @Entity()
      export class Board {
        @PrimaryGeneratedColumn('increment', { type: 'int' })
        id: number;
      }

      @Entity()
      export class Card {
        @PrimaryGeneratedColumn('increment', { type: 'int' })
        id: number;

        @Column({ type: 'int' })
        boardId: number;

        @Column({ type: 'int' })
        position: number;
      }

      export const dataSource = new DataSource({
        type: 'postgres',
        url: process.env['DATABASE_URL'],
        entities: [Board, Card],
        synchronize: true,
      });
      const cards = dataSource.getRepository(Card);

      export async function start(): Promise<void> {
        await dataSource.initialize();
        await dataSource.getRepository(Board).insert({});
        for (const position of [1, 2, 3, 4]) await cards.insert({ boardId: 1, position });
      }

      export async function remove(id: number): Promise<void> {
        const card = await cards.findOne({ where: { id } });
        if (!card) return;
        await dataSource.transaction(async (manager) => {
          await manager.findOneOrFail(Board, { where: { id: card.boardId }, lock: { mode: 'pessimistic_write' } });
          await manager.delete(Card, { id });
          await manager.decrement(Card, { boardId: card.boardId, position: MoreThan(card.position) }, 'position', 1);
        });
      }

      export async function positions(): Promise<number[]> {
        return (await cards.find({ order: { position: 'ASC' } })).map(({ position }) => position);
      }
    `,
    async observe({ start, remove, positions }, scene) {
      await start();
      // The first card goes between the look at the third and its removal.
      await scene.overtaken(
        /^SELECT .* FROM "card"/s,
        () => remove(3),
        () => remove(1),
      );
      return positions();
    },
    before: [1, 3],
    after: [1, 2],
  }),
  proof<{ add: (userId: string, wait: () => Promise<number>) => Promise<void>; used: (userId: string) => number }>({
    rule: 'race-condition/lost-update',
    fix: 'read-last',
    form: 'node-cache, something awaited between the read and the write',
    declarations: NODE_CACHE,
    modules: NODE_CACHE_MODULES,
    program: program`
      import NodeCache from 'node-cache';

      const cache = new NodeCache({ stdTTL: 300 });

      export async function add(userId: string, sizeOf: () => Promise<number>): Promise<void> {
        const used = cache.get<number>(\`used:\${userId}\`) ?? 0;
        const size = await sizeOf();
        cache.set(\`used:\${userId}\`, used + size);
      }

      export function used(userId: string): number {
        return cache.get<number>(\`used:\${userId}\`) ?? 0;
      }
    `,
    async observe({ add, used }) {
      await Promise.all([add('u', async () => 3), add('u', async () => 4)]);
      return used('u');
    },
    before: 4,
    after: 7,
  }),
];

async function changeTwice({ start, balance, change }: WalletProgram, scene: Scene): Promise<number> {
  await start();
  await scene.atOnce(WALLET_READ, [() => change(1, 10), () => change(1, 10)]);
  return balance();
}
