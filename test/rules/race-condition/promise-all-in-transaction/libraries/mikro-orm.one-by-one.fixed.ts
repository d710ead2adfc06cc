// Idiom of github.com/mikro-orm/mikro-orm: native statements on the transaction's entity manager.
import type { EntityManager } from '@mikro-orm/core';

class Cart {
  id!: string;
}
class LineItem {
  cart!: string;
}
class Discount {
  cart!: string;
}

export class CartService {
  constructor(private readonly em: EntityManager) {}

  async empty(cart: string) {
    await this.em.transactional(async (em) => {
      await em.nativeDelete(LineItem, { cart });
      await em.nativeDelete(Discount, { cart });
      //    ^^^^^^^^^^^ race-condition/promise-all-in-transaction low "Promise.all runs 'nativeDelete' and others at once in one"
      await em.nativeUpdate(Cart, { id: cart }, { total: 0 });
    });
  }

  async emptyInTurn(cart: string) {
    await this.em.transactional(async (em) => {
      await em.nativeDelete(LineItem, { cart });
      await em.nativeDelete(Discount, { cart }); // ok race-condition/promise-all-in-transaction: one after another
    });
  }

  async emptyApart(carts: string[]) {
    // ok race-condition/promise-all-in-transaction: each has a manager and a transaction of its own
    await Promise.all(carts.map((cart) => this.em.fork().transactional((em) => em.nativeDelete(LineItem, { cart }))));
    //                                                                            ^^^^^^^^^^^^ n-plus-one/query-in-loop medium "'nativeDelete' writes to 'LineItem' once per element of 'carts'."
  }

  async mark(cart: string) {
    await this.em.transactional(async (em) => {
      const items = await em.find(LineItem, { cart });
      for (const item of items) em.persist(item);
      await em.flush(); // ok race-condition/promise-all-in-transaction: one flush writes them all
    });
  }
}
