import { type Proof, proof } from './harness/proof.ts';

const rule = 'n-plus-one/lazy-relation-in-loop';

function entities(relation: string): string {
  return `
import { Column, DataSource, Entity, ManyToOne, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Customer {
  @PrimaryGeneratedColumn('increment', { type: 'int' })
  id: number;

  @Column({ type: 'text' })
  name: string;
}

@Entity('orders')
export class Order {
  @PrimaryGeneratedColumn('increment', { type: 'int' })
  id: number;

  @Column({ type: 'boolean', default: true })
  paid: boolean;

  ${relation}
}

export const dataSource = new DataSource({
  type: 'postgres',
  url: process.env['DATABASE_URL'],
  entities: [Customer, Order],
  synchronize: true,
});
const orders = dataSource.getRepository(Order);

export async function start(): Promise<void> {
  await dataSource.initialize();
  await dataSource.query("INSERT INTO customer (name) SELECT 'customer ' || n FROM generate_series(1, 50) n");
  await dataSource.query('INSERT INTO orders ("customerId") SELECT n FROM generate_series(1, 50) n');
}
`;
}

const LAZY = entities('@ManyToOne(() => Customer, { lazy: true }) customer: Promise<Customer>;');
const PLAIN = entities('@ManyToOne(() => Customer) customer: Customer;');

interface Names {
  readonly start: () => Promise<void>;
  readonly customerNames: () => Promise<string[]>;
}

const observe: Proof<Names>['observe'] = async ({ start, customerNames }, scene) => {
  await start();
  let names: string[] = [];
  let failed = false;
  const sent = await scene.sentDuring(/^SELECT/, async () => {
    try {
      names = await customerNames();
    } catch {
      failed = true;
    }
  });
  return failed ? 'fails' : { queries: sent.length, names: names.length, last: names.sort().at(-1) };
};

const LOADED = { names: 50, last: 'customer 9' };

export const lazyRelationInLoopProofs: readonly Proof[] = [
  proof({
    rule,
    fix: 'load-relation',
    form: 'a lazy relation, find with conditions',
    needs: 'postgres',
    program: `${LAZY}
export async function customerNames(): Promise<string[]> {
  const found = await orders.find({ where: { paid: true } });
  return Promise.all(found.map(async (order) => (await order.customer).name));
}
`,
    observe,
    before: { ...LOADED, queries: 51 },
    after: { ...LOADED, queries: 1 },
  }),
  proof({
    rule,
    fix: 'load-relation',
    form: 'a lazy relation, findBy',
    needs: 'postgres',
    program: `${LAZY}
export async function customerNames(): Promise<string[]> {
  const found = await orders.findBy({ paid: true });
  const names: string[] = [];
  for (const order of found) names.push((await order.customer).name);
  return names;
}
`,
    observe,
    before: { ...LOADED, queries: 51 },
    after: { ...LOADED, queries: 1 },
  }),
  proof({
    rule,
    fix: 'load-relation',
    form: 'a lazy relation, query builder',
    needs: 'postgres',
    program: `${LAZY}
export async function customerNames(): Promise<string[]> {
  const found = await orders.createQueryBuilder('order').where('order.paid').getMany();
  const names: string[] = [];
  for (const order of found) names.push((await order.customer).name);
  return names;
}
`,
    observe,
    before: { ...LOADED, queries: 51 },
    after: { ...LOADED, queries: 1 },
  }),
  proof({
    rule,
    fix: 'load-relation',
    form: 'a relation that is not loaded',
    needs: 'postgres',
    program: `${PLAIN}
export async function customerNames(): Promise<string[]> {
  const found = await orders.find();
  const names: string[] = [];
  for (const order of found) {
    names.push(order.customer.name);
  }
  return names;
}
`,
    observe,
    before: 'fails',
    after: { ...LOADED, queries: 1 },
  }),
];
