// Idiom of github.com/typeorm/typeorm: relations as promises.
import { Column, Entity, ManyToOne, OneToMany, PrimaryGeneratedColumn, type EntityManager, type Repository } from 'typeorm';

@Entity()
export class Customer {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() name!: string;
}

@Entity()
export class Line {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @ManyToOne(() => Order) order!: Promise<Order>;
}

@Entity()
export class Order {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() paid!: boolean;
  @ManyToOne(() => Customer, { lazy: true }) customer!: Promise<Customer>;
  @ManyToOne(() => Customer, { eager: true }) seller!: Customer;
  @OneToMany(() => Line, (line) => line.order) lines!: Promise<Line[]>;
}

export async function customerNames(orders: Repository<Order>) {
  const found = await orders.find({ where: { paid: true } });
  //                         ^^^^ related "The rows come from here"
  return Promise.all(found.map(async (order) => (await order.customer).name));
  //                                                         ^^^^^^^^ n-plus-one/lazy-relation-in-loop high "Reading 'customer' runs a query for each element of 'found'"
}

export async function lineCounts(manager: EntityManager) {
  let count = 0;
  for (const order of await manager.find(Order)) {
    count += (await order.lines).length;
    //                    ^^^^^ n-plus-one/lazy-relation-in-loop high "Reading 'lines' runs a query"
  }
  return count;
}

export async function withSellers(orders: Repository<Order>) {
  const found = await orders.find({
    where: { paid: true },
    relations: { seller: true },
  });
  for (const order of found) console.log((await order.customer).name);
  //                                                  ^^^^^^^^ n-plus-one/lazy-relation-in-loop high "'customer'"
}

export async function unpaid(orders: Repository<Order>) {
  const found = await orders.findBy({ paid: false });
  for (const order of found) console.log((await order.customer).name);
  //                                                  ^^^^^^^^ n-plus-one/lazy-relation-in-loop high "'customer'"
}

export async function built(orders: Repository<Order>) {
  const found = await orders.createQueryBuilder('order').where('order.paid').leftJoinAndSelect('order.customer', 'customer').getMany();
  for (const order of found) console.log((await order.customer).name);
  //                                                  ^^^^^^^^ n-plus-one/lazy-relation-in-loop medium "'customer'"
}

export async function loadedWithIt(orders: Repository<Order>) {
  const found = await orders.find({ relations: { customer: true } });
  for (const order of found) console.log((await order.customer).name); // ok n-plus-one/lazy-relation-in-loop: loaded by the query
}

export async function joined(orders: Repository<Order>) {
  const found = await orders.createQueryBuilder('order').leftJoinAndSelect('order.customer', 'customer').getMany();
  for (const order of found) console.log((await order.customer).name); // ok n-plus-one/lazy-relation-in-loop: joined
}

export async function one(orders: Repository<Order>, id: string) {
  const order = await orders.findOneByOrFail({ id });
  return (await order.customer).name; // ok n-plus-one/lazy-relation-in-loop: one row
}

export async function sellers(orders: Repository<Order>) {
  const found = await orders.find();
  return found.map((order) => order.seller.name); // ok n-plus-one/lazy-relation-in-loop: eager
}
