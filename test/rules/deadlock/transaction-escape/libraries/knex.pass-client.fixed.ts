// Idiom of github.com/Unleash/unleash: stores made with a connection, a transaction handed to a callback.
import type { Knex } from 'knex';

export class SegmentStore {
  constructor(private readonly db: Knex) {}

  async create(name: string, tags: string[]) {
    await this.db.transaction(async (trx) => {
    //            ^^^^^^^^^^^ related "The transaction begins here."
      const [segment] = await trx('segments').insert({ name }).returning('id');
      await this.db('segment_tags').insert(tags.map((tag) => ({ segment_id: segment.id, tag })));
      //                            ^^^^^^ deadlock/transaction-escape high "while a transaction is open that it is not given"
    });
  }

  async rename(id: string, name: string) {
    await this.db.transaction(async (trx) => {
    //            ^^^^^^^^^^^ related "The transaction begins here."
      await trx('segments').where({ id }).update({ name });
      await this.touch(id, trx);
      //         ^^^^^ deadlock/transaction-escape high "while a transaction is open that it is not given"
      await this.touch(id, trx); // ok deadlock/transaction-escape: given the transaction
    });
  }

  private async touch(id: string, db: Knex = this.db) {
    await db('segments').where({ id }).update({ touched: true });
  }

  async remove(id: string) {
    const uses = await this.db('feature_segments').where({ segment_id: id }); // ok deadlock/transaction-escape: before it begins
    await this.db.transaction(async (db) => {
      await db('segments').where({ id }).del(); // ok deadlock/transaction-escape: the parameter, whatever its name
    });
    return uses.length;
  }
}
