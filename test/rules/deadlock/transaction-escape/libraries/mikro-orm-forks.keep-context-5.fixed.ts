// Idiom of github.com/mikro-orm/mikro-orm: a manager that is forked for each unit of work.
import { type EntityManager, Transactional } from '@mikro-orm/core';

class Invoice {
  id!: string;
  order!: string;
  total!: number;
}
class Order {
  id!: string;
  total!: number;
  state!: string;
}
class AuditEntry {
  order!: string;
}

/** A service whose methods fork, as if each were a unit of work of its own. */
export class OrderService {
  constructor(private readonly em: EntityManager) {}

  async total(id: string) {
    const em = this.em.fork();
    const order = await em.findOneOrFail(Order, { id });
    return order.total;
  }

  async totalInside(id: string) {
    const em = this.em.fork({ keepTransactionContext: true });
    const order = await em.findOneOrFail(Order, { id });
    return order.total;
  }

  async close(id: string, given?: EntityManager) {
    const em = given ?? this.em.fork();
    await em.nativeUpdate(Order, { id }, { state: 'closed' });
  }
}

export class InvoiceService {
  constructor(
    private readonly em: EntityManager,
    private readonly orders: OrderService,
  ) {}

  async create(order: string, total: number) {
    await this.em.transactional(async (em) => {
      await em.nativeUpdate(Order, { id: order }, { total });
      const own = em.fork();
      await own.insert(Invoice, { order, total });
      //        ^^^^^^ deadlock/transaction-escape medium "through a fork of 'this.em' while a transaction is open that it does not join"
    });
  }

  async createKept(order: string, total: number) {
    await this.em.transactional(async (em) => {
      await em.nativeUpdate(Order, { id: order }, { total });
      const own = em.fork({ clear: true, keepTransactionContext: true });
      await own.insert(Invoice, { order, total }); // ok deadlock/transaction-escape: it keeps the transaction's context
    });
  }

  async createCurrent(order: string, total: number) {
    const current = this.em.fork({ useContext: true });
    await this.em.transactional(async (em) => {
      await em.nativeUpdate(Order, { id: order }, { total });
      await current.insert(Invoice, { order, total }); // ok deadlock/transaction-escape: it looks for the manager of the moment
    });
  }

  async createNested(order: string, total: number) {
    await this.em.transactional(async () => {
      await this.em.nativeUpdate(Order, { id: order }, { total });
      await this.em.transactional(async (inner) => {
        await inner.insert(Invoice, { order, total }); // ok deadlock/transaction-escape: a savepoint of the same transaction
      });
    });
  }

  async createForked(order: string, total: number) {
    await this.em.fork().transactional(async (em) => {
      await em.nativeUpdate(Order, { id: order }, { total });
      await em.insert(Invoice, { order, total }); // ok deadlock/transaction-escape: begun on the fork, and its own
      await this.em.nativeUpdate(Order, { id: order }, { state: 'open' }); // ok deadlock/transaction-escape: the manager of the moment is the transaction's
    });
  }

  async createFor(order: string) {
    await this.em.transactional(async (em) => {
      await em.insert(Invoice, { order, total: await this.orders.total(order) });
      //                                                         ^^^^^ deadlock/transaction-escape low "'total' (through 'findOneOrFail') goes to 'Order' through a fork of 'this.orders.em'"
      await em.insert(Invoice, { order, total: await this.orders.totalInside(order) }); // ok deadlock/transaction-escape: keeps the context
    });
  }

  async finish(order: string) {
    await this.em.transactional(async (em) => {
      await em.nativeDelete(Invoice, { order });
      await this.orders.close(order);
      //                ^^^^^ deadlock/transaction-escape medium "'close' (through 'nativeUpdate') goes to 'Order'"
    });
  }

  async finishInside(order: string) {
    await this.em.transactional(async (em) => {
      await em.nativeDelete(Invoice, { order });
      await this.orders.close(order, em); // ok deadlock/transaction-escape: it is given the transaction's manager
    });
  }

  async remove(order: string) {
    const own = this.em.fork();
    await own.transactional(async () => {
      await own.getRepository(Invoice).nativeUpdate({ order }, { total: 0 });
      //                               ^^^^^^^^^^^^ deadlock/transaction-escape high "'nativeUpdate' and another query go through a fork of 'this.em' while a transaction is open that nothing joins"
      await own.nativeUpdate(Order, { id: order }, { total: 0 });
    });
  }

  async replace(order: string, total: number) {
    const own = this.em.fork();
    await own.begin();
    await own.nativeDelete(Invoice, { order }); // ok deadlock/transaction-escape: begun on it by hand
    await this.em.insert(Invoice, { order, total });
    //            ^^^^^^ deadlock/transaction-escape high "'insert' goes to 'Invoice' through 'this.em'"
    await own.commit();
  }

  async record(order: string) {
    await this.em.transactional(async (em) => {
      await em.nativeDelete(Invoice, { order });
      await em.fork().insert(AuditEntry, { order });
      //              ^^^^^^ deadlock/transaction-escape low "a fork of 'this.em'"
      try {
        await em.nativeUpdate(Order, { id: order }, { total: 0 });
      } catch (error) {
        await this.em.fork().nativeUpdate(Order, { id: order }, { state: 'failed' });
        //                   ^^^^^^^^^^^^ deadlock/transaction-escape low "a fork of 'this.em'"
        throw error;
      }
    });
  }

  async renumber(order: string) {
    await this.em.transactional(async (em) => {
      await em.nativeUpdate(Order, { id: order }, { state: 'open' });
      await em.fork({ keepTransactionContext: true }).nativeUpdate(Order, { id: order }, { total: 0 });
      //              ^^^^^^^^^^^^ deadlock/transaction-escape high "so neither ever ends"
    });
  }

  @Transactional()
  async archive(order: string) {
    await this.em.nativeUpdate(Order, { id: order }, { state: 'archived' }); // ok deadlock/transaction-escape: the decorator's transaction is the manager's of the moment
    await this.em.fork().nativeDelete(Invoice, { order });
    //                   ^^^^^^^^^^^^ deadlock/transaction-escape medium "'nativeDelete' goes to 'Invoice' through a fork of 'this.em'"
  }

  async settle(order: string) {
    await this.em.transactional(async (em) => {
      const invoice = em.create(Invoice, { order });
      em.persist(invoice);
      const own = em.fork();
      own.persist(own.create(AuditEntry, { order }));
      await own.flush();
      //        ^^^^^ deadlock/transaction-escape low "'flush' goes to 'AuditEntry'"
      await em.flush(); // ok deadlock/transaction-escape: a fork writes what was marked through it, no more
    });
  }

  async reissue(order: string) {
    const own = this.em.fork();
    await this.em.transactional(async (em) => {
      await em.nativeDelete(Invoice, { order });
    });
    await own.insert(Invoice, { order }); // ok deadlock/transaction-escape: after it has ended
  }
}
