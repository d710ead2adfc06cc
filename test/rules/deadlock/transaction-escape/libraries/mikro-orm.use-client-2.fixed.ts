// Idiom of github.com/medusajs/medusa: an entity manager that is forked, and the transaction's own.
import type { EntityManager } from '@mikro-orm/core';

class Cart {
  id!: string;
  total!: number;
}
class LineItem {
  cart!: string;
}

export class CartService {
  constructor(private readonly em: EntityManager) {}

  async add(cart: string) {
    const log = this.em.fork();
    await this.em.transactional(async (em) => {
      await em.insert(LineItem, { cart });
      await log.nativeUpdate(Cart, { id: cart }, { total: 1 });
      //        ^^^^^^^^^^^^ deadlock/transaction-escape low "a fork of 'this.em'"
    });
  }

  async clear(cart: string) {
    await this.em.transactional(async (em) => {
      await em.nativeDelete(LineItem, { cart });
      await this.em.nativeUpdate(Cart, { id: cart }, { total: 0 }); // ok deadlock/transaction-escape: the transaction of the moment is every manager's but a fork's
    });
  }

  async replace(cart: string) {
    const own = this.em.fork();
    await own.transactional(async (em) => {
      await em.nativeDelete(LineItem, { cart });
      await em.nativeUpdate(Cart, { id: cart }, { total: 0 });
      //        ^^^^^^^^^^^^ deadlock/transaction-escape high "'nativeUpdate' goes to 'Cart' through a fork of 'this.em'"
    });
  }

  async total(cart: string) {
    const log = this.em.fork();
    await this.em.transactional(async (em) => {
      await em.insert(LineItem, { cart }); // ok deadlock/transaction-escape: its own
    });
    await log.nativeUpdate(Cart, { id: cart }, { total: 1 }); // ok deadlock/transaction-escape: after it has ended
  }
}
