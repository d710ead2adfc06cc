import { type Proof, program, proof } from './harness/proof.ts';

const rule = 'n-plus-one/query-in-loop';

const TABLES = `CREATE TABLE customers (id bigint PRIMARY KEY, name text NOT NULL);
  CREATE TABLE orders (id int PRIMARY KEY, customer_id bigint NOT NULL, paid boolean NOT NULL DEFAULT false);
  CREATE TABLE items (order_id int NOT NULL, name text NOT NULL, position int NOT NULL);
  INSERT INTO customers SELECT n, 'customer ' || n FROM generate_series(1, 50) n;
  INSERT INTO orders SELECT n, (n + 1) / 2 FROM generate_series(1, 100) n;
  INSERT INTO items SELECT n, 'item ' || n || '.' || p, p FROM generate_series(1, 100) n, generate_series(1, 2) p`;

/** The TypeORM programs. */
const ENTITIES = `
import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Customer {
  @PrimaryGeneratedColumn('increment', { type: 'int' })
  id: number;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'boolean', default: false })
  archived: boolean;
}

@Entity()
export class Invoice {
  @PrimaryGeneratedColumn('increment', { type: 'int' })
  id: number;

  @Column({ type: 'int' })
  customerId: number;
}

export const dataSource = new DataSource({
  type: 'postgres',
  url: process.env['DATABASE_URL'],
  entities: [Customer, Invoice],
  synchronize: true,
});
const customers = dataSource.getRepository(Customer);

export async function start(): Promise<void> {
  await dataSource.initialize();
  await dataSource.query("INSERT INTO customer (name) SELECT 'customer ' || n FROM generate_series(1, 50) n");
  await dataSource.query('INSERT INTO invoice ("customerId") SELECT (n + 1) / 2 FROM generate_series(1, 100) n');
}
`;

/** The folders of a tree with two below each, in the order of the text. */
const PREORDER = '1 2 4 8 16 17 9 18 19 5 10 20 21 11 22 23 3 6 12 24 25 13 26 27 7 14 28 29 15 30 31';

interface Started {
  readonly start: () => Promise<void>;
}

export const queryInLoopProofs: readonly Proof[] = [
  proof<{ customerNames: () => Promise<string[]> }>({
    rule,
    fix: 'query-once',
    form: 'SQL text, one row for each row',
    needs: 'postgres',
    setup: TABLES,
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();

      export async function customerNames(): Promise<string[]> {
        const { rows: orders } = await pool.query('SELECT id, customer_id FROM orders ORDER BY id');
        const names: string[] = [];
        for (const order of orders) {
          const { rows } = await pool.query('SELECT id, name FROM customers WHERE id = $1', [order.customer_id]);
          names.push(rows[0].name);
        }
        return names;
      }
    `,
    async observe({ customerNames }, scene) {
      let names: string[] = [];
      const sent = await scene.sentDuring(/^SELECT/, async () => {
        names = await customerNames();
      });
      return { queries: sent.length, names: names.length, first: names[0], last: names.at(-1) };
    },
    before: { queries: 101, names: 100, first: 'customer 1', last: 'customer 50' },
    after: { queries: 2, names: 100, first: 'customer 1', last: 'customer 50' },
  }),
  proof<{ customerNames: (ids: readonly number[]) => Promise<(string | undefined)[]> }>({
    rule,
    fix: 'query-once',
    form: 'SQL text, numbers for a column of bigint, which come back as text',
    needs: 'postgres',
    setup: TABLES,
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();

      export async function customerNames(ids: readonly number[]): Promise<(string | undefined)[]> {
        const names: (string | undefined)[] = [];
        for (const id of ids) {
          const { rows } = await pool.query('SELECT id, name FROM customers WHERE id = $1', [id]);
          names.push(rows[0]?.name);
        }
        return names;
      }
    `,
    async observe({ customerNames }, scene) {
      let names: unknown;
      const sent = await scene.sentDuring(/^SELECT/, async () => {
        names = await customerNames([3, 1, 3, 99]);
      });
      return { queries: sent.length, names };
    },
    before: { queries: 4, names: ['customer 3', 'customer 1', 'customer 3', undefined] },
    after: { queries: 1, names: ['customer 3', 'customer 1', 'customer 3', undefined] },
  }),
  proof<{ withItems: () => Promise<{ id: number; items: { name: string }[] }[]> }>({
    rule,
    fix: 'query-once',
    form: 'SQL text, several rows for each row, all at once',
    needs: 'postgres',
    setup: TABLES,
    program: program`
      import { Pool } from 'pg';

      interface Order {
        id: number;
      }

      export const pool = new Pool();

      export async function withItems() {
        const { rows: orders } = await pool.query<Order>('SELECT id FROM orders ORDER BY id');
        return Promise.all(
          orders.map(async (order) => {
            const items = await pool.query('SELECT * FROM items WHERE order_id = $1 ORDER BY position', [order.id]);
            return { ...order, items: items.rows };
          }),
        );
      }
    `,
    async observe({ withItems }, scene) {
      let orders: Awaited<ReturnType<typeof withItems>> = [];
      const sent = await scene.sentDuring(/^SELECT/, async () => {
        orders = await withItems();
      });
      return { queries: sent.length, orders: orders.length, items: orders[6]?.items.map(({ name }) => name) };
    },
    before: { queries: 101, orders: 100, items: ['item 7.1', 'item 7.2'] },
    after: { queries: 2, orders: 100, items: ['item 7.1', 'item 7.2'] },
  }),
  proof<{ markPaid: (ids: readonly number[]) => Promise<void> }>({
    rule,
    fix: 'write-once',
    form: 'SQL text, updates',
    needs: 'postgres',
    setup: TABLES,
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();

      export async function markPaid(ids: readonly number[]): Promise<void> {
        for (const id of ids) {
          await pool.query('UPDATE orders SET paid = true WHERE id = $1', [id]);
        }
      }
    `,
    async observe({ markPaid }, scene) {
      const ids = Array.from({ length: 80 }, (_, index) => index + 1);
      const sent = await scene.sentDuring(/^UPDATE/, () => markPaid(ids));
      const [row] = await scene.postgres.query('SELECT count(*)::int AS paid FROM orders WHERE paid');
      return { updates: sent.length, ...row };
    },
    before: { updates: 80, paid: 80 },
    after: { updates: 1, paid: 80 },
  }),
  proof<Started & { customerNames: () => Promise<string[]> }>({
    rule,
    fix: 'query-once',
    form: 'TypeORM, findOneBy',
    needs: 'postgres',
    program: `${ENTITIES}
export async function customerNames(): Promise<string[]> {
  const invoices = await dataSource.getRepository(Invoice).find({ order: { id: 'ASC' } });
  const names: string[] = [];
  for (const invoice of invoices) {
    const customer = await customers.findOneBy({ id: invoice.customerId });
    if (customer !== null) names.push(customer.name);
  }
  return names;
}
`,
    async observe({ start, customerNames }, scene) {
      await start();
      let names: string[] = [];
      const sent = await scene.sentDuring(/^SELECT/, async () => {
        names = await customerNames();
      });
      return { queries: sent.length, names: names.length, first: names[0], last: names.at(-1) };
    },
    before: { queries: 101, names: 100, first: 'customer 1', last: 'customer 50' },
    after: { queries: 2, names: 100, first: 'customer 1', last: 'customer 50' },
  }),
  proof<{ start: () => Promise<void>; titles: (ids: number[]) => Promise<string[]> }>({
    rule,
    fix: 'query-once',
    form: 'TypeORM, numbers for a column of bigint',
    needs: 'postgres',
    program: program`
      import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

      @Entity()
      export class Book {
        @PrimaryGeneratedColumn('increment', { type: 'bigint' })
        id: number;

        @Column({ type: 'text' })
        title: string;
      }

      export const dataSource = new DataSource({
        type: 'postgres',
        url: process.env['DATABASE_URL'],
        entities: [Book],
        synchronize: true,
      });
      const books = dataSource.getRepository(Book);

      export async function start(): Promise<void> {
        await dataSource.initialize();
        await dataSource.query("INSERT INTO book (title) SELECT 'title ' || n FROM generate_series(1, 9) n");
      }

      export async function titles(ids: number[]): Promise<string[]> {
        const found: string[] = [];
        for (const id of ids) {
          const book = await books.findOneBy({ id });
          found.push(book === null ? 'none' : book.title);
        }
        return found;
      }
    `,
    async observe({ start, titles }, scene) {
      await start();
      let found: string[] = [];
      const sent = await scene.sentDuring(/^SELECT/, async () => {
        found = await titles([3, 1, 3, 99]);
      });
      return { queries: sent.length, found };
    },
    before: { queries: 4, found: ['title 3', 'title 1', 'title 3', 'none'] },
    after: { queries: 1, found: ['title 3', 'title 1', 'title 3', 'none'] },
  }),
  proof<Started & { archive: (ids: number[]) => Promise<void>; archived: () => Promise<number> }>({
    rule,
    fix: 'write-once',
    form: 'TypeORM, update',
    needs: 'postgres',
    program: `${ENTITIES}
export async function archive(ids: number[]): Promise<void> {
  for (const id of ids) {
    await customers.update({ id }, { archived: true });
  }
}

export function archived(): Promise<number> {
  return customers.countBy({ archived: true });
}
`,
    async observe({ start, archive, archived }, scene) {
      await start();
      const ids = Array.from({ length: 40 }, (_, index) => index + 1);
      const sent = await scene.sentDuring(/^UPDATE/, () => archive(ids));
      return { updates: sent.length, archived: await archived() };
    },
    before: { updates: 40, archived: 40 },
    after: { updates: 1, archived: 40 },
  }),
  proof<Started & { add: (names: string[]) => Promise<void>; count: () => Promise<number> }>({
    rule,
    fix: 'write-once',
    form: 'TypeORM, insert',
    needs: 'postgres',
    program: `${ENTITIES}
export async function add(names: string[]): Promise<void> {
  for (const name of names) {
    await customers.insert({ name });
  }
}

export function count(): Promise<number> {
  return customers.count();
}
`,
    async observe({ start, add, count }, scene) {
      await start();
      await add([]);
      const sent = await scene.sentDuring(/^INSERT/, () => add(['x', 'y', 'z']));
      return { inserts: sent.length, customers: await count() };
    },
    before: { inserts: 3, customers: 53 },
    after: { inserts: 1, customers: 53 },
  }),
  proof<Started & { customerNames: (ids: number[]) => Promise<string[]> }>({
    rule,
    fix: 'query-through-sibling',
    form: 'TypeORM, a function that looks a row up by its key',
    needs: 'postgres',
    program: `${ENTITIES}
async function findCustomer(id: number): Promise<Customer> {
  const customer = await customers.findOneBy({ id });
  if (customer === null) throw new Error('no such customer');
  return customer;
}

export async function customerNames(ids: number[]): Promise<string[]> {
  const names: string[] = [];
  for (const id of ids) {
    const customer = await findCustomer(id);
    names.push(customer.name);
  }
  return names;
}
`,
    async observe({ start, customerNames }, scene) {
      await start();
      let names: unknown;
      const sent = await scene.sentDuring(/^SELECT/, async () => {
        names = await customerNames([2, 1, 2]);
      });
      const missing = await customerNames([1, 99]).catch((error: Error) => error.message);
      return { queries: sent.length, names, missing };
    },
    before: { queries: 3, names: ['customer 2', 'customer 1', 'customer 2'], missing: 'no such customer' },
    after: { queries: 1, names: ['customer 2', 'customer 1', 'customer 2'], missing: 'no such customer' },
  }),
  proof<Started & { tree: (id: number) => Promise<unknown> }>({
    rule,
    fix: 'query-by-level',
    form: 'TypeORM, a tree of rows by their parents',
    needs: 'postgres',
    program: program`
      import { Column, DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

      @Entity()
      export class Folder {
        @PrimaryGeneratedColumn('increment', { type: 'int' })
        id: number;

        @Column({ type: 'int' })
        parentId: number;
      }

      interface Node {
        id: number;
        children: Node[];
      }

      export const dataSource = new DataSource({
        type: 'postgres',
        url: process.env['DATABASE_URL'],
        entities: [Folder],
        synchronize: true,
      });
      const folders = dataSource.getRepository(Folder);

      export async function start(): Promise<void> {
        await dataSource.initialize();
        // Two below each: a tree of 31 folders in five levels.
        await dataSource.query('INSERT INTO folder ("parentId") SELECT n / 2 FROM generate_series(1, 31) n');
      }

      export async function tree(id: number): Promise<Node> {
        const below = await folders.find({ where: { parentId: id }, order: { id: 'ASC' } });
        const children: Node[] = [];
        for (const folder of below) {
          const child = await tree(folder.id);
          children.push(child);
        }
        return { id, children };
      }
    `,
    async observe({ start, tree }, scene) {
      await start();
      let root: unknown;
      const sent = await scene.sentDuring(/^SELECT/, async () => {
        root = await tree(1);
      });
      const ids = [...JSON.stringify(root).matchAll(/\d+/g)].join(' ');
      return { queries: sent.length, ids };
    },
    before: { queries: 31, ids: PREORDER },
    after: { queries: 5, ids: PREORDER },
  }),
  proof<Started & { add: (names: string[]) => Promise<void>; count: () => Promise<number> }>({
    rule,
    fix: 'write-after-loop',
    form: 'TypeORM, rows that a condition picks',
    needs: 'postgres',
    program: `${ENTITIES}
export async function add(names: string[]): Promise<void> {
  for (const name of names) {
    if (name.startsWith('-')) continue;
    const customer = customers.create({ name });
    await customers.save(customer);
  }
}

export function count(): Promise<number> {
  return customers.count();
}
`,
    async observe({ start, add, count }, scene) {
      await start();
      await add([]);
      const sent = await scene.sentDuring(/^INSERT/, () => add(['x', '-', 'y', 'z']));
      return { inserts: sent.length, customers: await count() };
    },
    before: { inserts: 3, customers: 53 },
    after: { inserts: 1, customers: 53 },
  }),
  proof<Started & { add: (names: string[]) => Promise<unknown> }>({
    rule,
    fix: 'write-before-loop',
    form: 'TypeORM, rows whose keys the rest of the loop takes',
    needs: 'postgres',
    program: `${ENTITIES}
export async function add(names: string[]): Promise<number[]> {
  const ids: number[] = [];
  for (const name of names) {
    const customer = await customers.save(customers.create({ name }));
    ids.push(customer.id);
  }
  return ids;
}
`,
    async observe({ start, add }, scene) {
      await start();
      let ids: unknown;
      const sent = await scene.sentDuring(/^INSERT/, async () => {
        ids = await add(['x', 'y', 'z']);
      });
      return { inserts: sent.length, ids, empty: await add([]) };
    },
    before: { inserts: 3, ids: [51, 52, 53], empty: [] },
    after: { inserts: 1, ids: [51, 52, 53], empty: [] },
  }),
  proof<Started & { rebuild: (ids: number[]) => Promise<void>; counts: () => Promise<string> }>({
    rule,
    fix: 'replace-around-loop',
    form: 'TypeORM, rows of each element deleted and written anew',
    needs: 'postgres',
    program: `${ENTITIES}
export async function rebuild(ids: number[]): Promise<void> {
  await dataSource.transaction(async (manager) => {
    for (const customerId of ids) {
      await manager.delete(Invoice, { customerId });
      if (customerId > 2) {
        await manager.insert(Invoice, { customerId });
      }
    }
  });
}

/** Invoices of the first four customers. */
export async function counts(): Promise<string> {
  const invoices = dataSource.getRepository(Invoice);
  const found = await Promise.all([1, 2, 3, 4].map((customerId) => invoices.countBy({ customerId })));
  return found.join(' ');
}
`,
    async observe({ start, rebuild, counts }, scene) {
      await start();
      await rebuild([]);
      const sent = await scene.sentDuring(/^(DELETE|INSERT)/, () => rebuild([1, 3, 4]));
      return { writes: sent.length, invoices: await counts() };
    },
    before: { writes: 5, invoices: '0 2 1 1' },
    after: { writes: 2, invoices: '0 2 1 1' },
  }),
  proof<Started & { customerNames: (ids: number[]) => Promise<string[]> }>({
    rule,
    fix: 'query-through-sibling',
    form: 'TypeORM, a function that is given the options of the query',
    needs: 'postgres',
    program: `${ENTITIES}
interface FindCustomer {
  where: { id: number };
}

async function getCustomer(args: FindCustomer, shout = false): Promise<string> {
  const customer = await customers.findOneBy({ id: args.where.id });
  if (customer === null) throw new Error('no customer where ' + JSON.stringify(args.where));
  return shout ? customer.name.toUpperCase() : customer.name;
}

export async function customerNames(ids: number[]): Promise<string[]> {
  const names: string[] = [];
  for (const id of ids) {
    names.push(await getCustomer({ where: { id } }, true));
  }
  return names;
}
`,
    async observe({ start, customerNames }, scene) {
      await start();
      let names: unknown;
      const sent = await scene.sentDuring(/^SELECT/, async () => {
        names = await customerNames([2, 1, 2]);
      });
      const missing = await customerNames([1, 99]).catch((error: Error) => error.message);
      return { queries: sent.length, names, missing };
    },
    before: {
      queries: 3,
      names: ['CUSTOMER 2', 'CUSTOMER 1', 'CUSTOMER 2'],
      missing: 'no customer where {"id":99}',
    },
    after: {
      queries: 1,
      names: ['CUSTOMER 2', 'CUSTOMER 1', 'CUSTOMER 2'],
      missing: 'no customer where {"id":99}',
    },
  }),
  proof<Started & { names: (orders: { id: number; customerIds: number[] }[]) => Promise<string[]> }>({
    rule,
    fix: 'query-once',
    form: 'TypeORM, a loop in a loop',
    needs: 'postgres',
    program: `${ENTITIES}
interface Order {
  id: number;
  customerIds: number[];
}

export async function names(orders: Order[]): Promise<string[]> {
  const found: string[] = [];
  for (const order of orders) {
    for (const customerId of order.customerIds) {
      const customer = await customers.findOneBy({ id: customerId });
      found.push(order.id + ' ' + (customer === null ? 'nobody' : customer.name));
    }
  }
  return found;
}
`,
    async observe({ start, names }, scene) {
      await start();
      const orders = [
        { id: 1, customerIds: [2, 1] },
        { id: 2, customerIds: [] },
        { id: 3, customerIds: [99, 2] },
      ];
      let found: unknown;
      const sent = await scene.sentDuring(/^SELECT/, async () => {
        found = await names(orders);
      });
      return { queries: sent.length, found };
    },
    before: { queries: 4, found: ['1 customer 2', '1 customer 1', '3 nobody', '3 customer 2'] },
    after: { queries: 1, found: ['1 customer 2', '1 customer 1', '3 nobody', '3 customer 2'] },
  }),
  proof<Started & { titles: (ids: number[]) => Promise<string[]> }>({
    rule,
    fix: 'query-once',
    form: 'TypeORM, rows by the relation that they belong to',
    needs: 'postgres',
    program: program`
      import { Column, DataSource, Entity, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';

      @Entity()
      export class Author {
        @PrimaryGeneratedColumn('increment', { type: 'int' })
        id: number;
      }

      @Entity()
      export class Novel {
        @PrimaryGeneratedColumn('increment', { type: 'int' })
        id: number;

        @ManyToOne(() => Author)
        author: Author;

        @Column({ type: 'text' })
        title: string;
      }

      export const dataSource = new DataSource({
        type: 'postgres',
        url: process.env['DATABASE_URL'],
        entities: [Author, Novel],
        synchronize: true,
      });
      const novels = dataSource.getRepository(Novel);

      export async function start(): Promise<void> {
        await dataSource.initialize();
        await dataSource.query('INSERT INTO author SELECT n FROM generate_series(1, 5) n');
        await dataSource.query('INSERT INTO novel ("authorId", title) SELECT n % 3 + 1, n FROM generate_series(1, 6) n');
      }

      export async function titles(ids: number[]): Promise<string[]> {
        const found: string[] = [];
        for (const id of ids) {
          const written = await novels.find({ where: { author: { id } }, order: { title: 'ASC' } });
          found.push(id + ': ' + written.map((novel) => novel.title).join(' '));
        }
        return found;
      }
    `,
    async observe({ start, titles }, scene) {
      await start();
      let found: unknown;
      const sent = await scene.sentDuring(/^SELECT/, async () => {
        found = await titles([3, 1, 5]);
      });
      return { queries: sent.length, found };
    },
    before: { queries: 3, found: ['3: 2 5', '1: 3 6', '5: '] },
    after: { queries: 1, found: ['3: 2 5', '1: 3 6', '5: '] },
  }),
];
