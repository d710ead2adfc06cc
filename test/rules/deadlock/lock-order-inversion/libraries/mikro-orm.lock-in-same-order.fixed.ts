// Idiom of github.com/mikro-orm/mikro-orm: locks by `lockMode`, in a transaction that is every query's.
import { type EntityManager, LockMode } from '@mikro-orm/core';
import { ReservationService } from './mikro-orm-reservations.ts';

class InventoryItem {
  id!: string;
  stocked!: number;
}
class Reservation {
  id!: string;
  itemId!: string;
}
class Shelf {
  itemId!: string;
}

export class InventoryService {
  private readonly reservations: ReservationService;

  constructor(private readonly em: EntityManager) {
    this.reservations = new ReservationService(em);
  }

  /** The item, then its reservations. */
  async discard(itemId: string) {
    await this.em.transactional(async (em) => {
      await em.findOneOrFail(InventoryItem, { id: itemId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      await this.reservations.releaseAll(itemId);
      //                      ^^^^^^^^^^ deadlock/lock-order-inversion high "'releaseAll' (through 'nativeDelete') takes a row of 'Reservation'"
    });
  }

  /** The reservations, then their item. */
  async confirm(itemId: string) {
    await this.em.transactional(async (em) => {
      await em.nativeUpdate(InventoryItem, { id: itemId }, { reserved: true });
      await em.nativeUpdate(Reservation, { itemId }, { confirmed: true });
    });
  }

  async place(itemId: string) {
    await this.em.transactional(async (em) => {
      await em.nativeUpdate(InventoryItem, { id: itemId }, { placed: true });
      await em.nativeUpdate(Shelf, { itemId }, { full: true }); // ok deadlock/lock-order-inversion: who goes the other way fails at once
    });
  }

  async take(itemId: string) {
    await this.em.transactional(async (em) => {
      await em.nativeUpdate(Shelf, { itemId }, { full: false });
      await em.findOne(InventoryItem, { id: itemId }, { lockMode: LockMode.PESSIMISTIC_WRITE_OR_FAIL }); // ok deadlock/lock-order-inversion: it does not wait
    });
  }

  async recount(itemId: string) {
    await this.em.transactional(async (em) => {
      await em.nativeUpdate(Shelf, { itemId }, { counted: true });
    });
    await this.em.nativeUpdate(InventoryItem, { id: itemId }, { counted: true }); // ok deadlock/lock-order-inversion: the shelf's row is free again
  }

  async check(itemId: string) {
    await this.em.transactional(async (em) => {
      const shelf = await em.findOne(Shelf, { itemId });
      if (shelf) await em.nativeUpdate(InventoryItem, { id: itemId }, { checked: true }); // ok deadlock/lock-order-inversion: a plain read locks nothing
    });
  }
}
