// Idiom of github.com/medusajs/medusa: a service over the entity manager, called within another's transaction.
import type { EntityManager } from '@mikro-orm/core';

class Reservation {
  id!: string;
  itemId!: string;
}

export class ReservationService {
  constructor(private readonly em: EntityManager) {}

  async releaseAll(itemId: string) {
    await this.em.nativeDelete(Reservation, { itemId });
  }
}
