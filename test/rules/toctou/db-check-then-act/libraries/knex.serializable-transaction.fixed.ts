// Idiom of github.com/Unleash/unleash: stores over Knex.
import type { Knex } from 'knex';

/** Codes of a transaction that the database ended in favour of another: PostgreSQL, Prisma, MySQL. */
const CONFLICTS = new Set<unknown>(['40001', '40P01', 'P2034', 'ER_LOCK_DEADLOCK']);

function isConflict(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, cause, parent, driverError } = error as Record<string, unknown>;
  return CONFLICTS.has(code) || [cause, parent, driverError].some(isConflict);
}

async function retryOnConflict<T>(run: () => Promise<T>, attempts = 5): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === attempts || !isConflict(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** attempt));
    }
  }
}

declare function publish(orderId: string): Promise<void>;

export class OrderStore {
  constructor(private readonly db: Knex) {}

  async ship(id: string) {
    const order = await this.db('orders').where('id', id).first();
    //                       ^^ related "Checked here."
    if (order.status !== 'paid') throw new Error('The order is not paid.');
    await this.db('orders').where('id', id).update({ status: 'shipped' });
    //                                      ^^^^^^ toctou/db-check-then-act medium "'status' of 'orders'"
    await this.db('shipments').insert({ order_id: id });
  }

  /** What is published cannot be taken back. */
  async confirm(id: string) {
    const order = await this.db('orders').where('id', id).first();
    //                       ^^ related "Checked here."
    if (order.confirmed_at) return false;

    // Once only.
    await publish(id);
    await this.db('confirmations').insert({ order_id: id });

    await this.db('orders').where('id', id).update({ confirmed_at: new Date() });
    //                                      ^^^^^^ toctou/db-check-then-act low "'confirmed_at' of 'orders'"
    return true;
  }

  async register(email: string, name: string) {
    await retryOnConflict(() => this.db.transaction(async (trx) => {
      const known = await trx('customers').where('email', email).first();
      //                       ^^ related "Checked here."
      if (known) throw new Error('There is such a customer.');
      await trx('customers').insert({ email, name });
    }, { isolationLevel: 'serializable' }));
    //                         ^^^^^^ toctou/db-check-then-act medium "no row of 'customers' with this 'email'"
  }

  async note(id: string, note: string) {
    const order = await this.db('orders').where('id', id).first();
    if (order.status !== 'paid') throw new Error('The order is not paid.');
    await this.db('orders').where('id', id).update({ note }); // ok toctou/db-check-then-act: the status stays as it is
  }

  async shipOnce(id: string) {
    const order = await this.db('orders').where('id', id).first();
    if (order.status !== 'paid') throw new Error('The order is not paid.');
    const updated = await this.db('orders').where('id', id).where('status', 'paid').update({ status: 'shipped' }); // ok toctou/db-check-then-act: the write checks again
    if (updated === 0) throw new Error('The order is not paid.');
    await this.db('shipments').insert({ order_id: id });
  }

  async shipLocked(id: string) {
    await this.db.transaction(async (trx) => {
      const order = await trx('orders').where('id', id).forUpdate().first();
      if (order.status !== 'paid') throw new Error('The order is not paid.');
      await trx('orders').where('id', id).update({ status: 'shipped' }); // ok toctou/db-check-then-act: locked by its read
      await trx('shipments').insert({ order_id: id });
    });
  }

  async subscribe(email: string, name: string) {
    const known = await this.db('customers').where('email', email).first();
    if (known) return;
    await this.db('customers').insert({ email, name }).onConflict('email').ignore(); // ok toctou/db-check-then-act: a second one does nothing
  }

  async assign(id: string, packer: string) {
    const order = await this.db('orders').where({ id }).first('assigned_to');
    //                       ^^ related "Checked here."
    if (order.assigned_to) throw new Error('Somebody packs it.');
    await this.db('orders')
      .where({ id })
      .update({ assigned_to: packer });
    // ^^^^^^ toctou/db-check-then-act medium "'assigned_to' of 'orders'"
  }
}
