import { Column, Entity, ManyToOne, PrimaryGeneratedColumn, type Repository } from 'typeorm';
import { db } from './database.js';

@Entity()
export class Customer {
  @PrimaryGeneratedColumn('uuid') id: string;
  @Column() name: string;
}

@Entity()
export class Order {
  @PrimaryGeneratedColumn('uuid') id: string;
  @ManyToOne(() => Customer, { lazy: true }) customer: Promise<Customer>;
}

/** n-plus-one/query-in-loop: one query for the orders, then one for each of them. */
export async function ordersWithItems(customerId: string) {
  const orders = await db.query('SELECT id, placed_at FROM orders WHERE customer_id = $1', [customerId]);
  for (const order of orders) {
    order.items = await itemsOf(order.id);
  }
  return orders;
}

function itemsOf(orderId: string) {
  return db.query('SELECT sku, quantity FROM order_items WHERE order_id = $1', [orderId]);
}

/** n-plus-one/lazy-relation-in-loop: reading the relation is a query. */
export async function customerNames(orders: Repository<Order>): Promise<string[]> {
  const names: string[] = [];
  for (const order of await orders.find()) {
    names.push((await order.customer).name);
  }
  return names;
}
