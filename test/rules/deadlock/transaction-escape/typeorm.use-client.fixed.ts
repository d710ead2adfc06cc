// Idiom of github.com/typeorm/typeorm: repositories beside a data source, transactions by callback and by query runner.
import type { DataSource, EntityManager, Repository } from 'typeorm';

class Order {
  id!: number;
  state!: string;
}
class Customer {
  id!: number;
  points!: number;
}
declare abstract class CustomerRepository extends Repository<Customer> {
  addPoints(id: number): Promise<void>;
}

export class Invoices {
  constructor(private readonly orders: Repository<Order>) {}

  async close(id: number, manager?: EntityManager): Promise<void> {
    const orders = manager ? manager.getRepository(Order) : this.orders;
    await orders.update(id, { state: 'closed' });
  }
}

export class OrderService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly orders: Repository<Order>,
    private readonly customers: CustomerRepository,
    private readonly invoices: Invoices,
  ) {}

  async pay(id: number, customerId: number): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.insert(Order, { state: 'paid' });
      await this.orders.update(id, { state: 'paid' });
//                      ^^^^^^ deadlock/transaction-escape high "'update' and 3 other queries go through 'this.orders', 'this.customers' and others while a"
      await this.customers.update(customerId, { points: 1 });
//                         ^^^^^^ related "This is outside as well."
      await this.dataSource.getRepository(Customer).update(customerId, { points: 2 });
//                                                  ^^^^^^ related "This is outside as well."
      await manager.withRepository(this.customers).update(customerId, { points: 3 }); // ok deadlock/transaction-escape: bound to the manager
      await this.invoices.close(id);
//                        ^^^^^ related "This is outside as well."
      await this.invoices.close(id, manager); // ok deadlock/transaction-escape: it takes the manager
    });
    await this.orders.update(id, { state: 'sent' }); // ok deadlock/transaction-escape: after the commit
  }

  async ship(id: number): Promise<void> {
    const runner = this.dataSource.createQueryRunner();
    await runner.connect();
    await runner.startTransaction();
    try {
      await runner.manager.update(Order, id, { state: 'shipped' });
      await runner.manager.query('DELETE FROM reservations WHERE order_id = $1', [id]);
//                          ^^^^^ deadlock/transaction-escape high "'query' goes to 'reservations' through 'this.dataSource' while"
      await runner.commitTransaction();
    } catch (error) {
      await runner.rollbackTransaction();
      await this.orders.update(id, { state: 'failed' }); // ok deadlock/transaction-escape: rolled back by now
      throw error;
    } finally {
      await runner.release();
    }
  }
}
