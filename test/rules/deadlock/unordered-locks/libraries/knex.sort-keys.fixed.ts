// Idiom of github.com/directus/directus: rows sorted by their collection, written one by one in a transaction.
import type { Knex } from 'knex';

interface Item {
  id: string;
  sort: number;
}

export class SortService {
  constructor(private readonly knex: Knex) {}

  async reorder(items: Item[]) {
    await this.knex.transaction(async (trx) => {
      for (const item of [...items].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    //^^^ related "The order comes from here."
    //^^^ related "Repeated for each element of 'items'."
        await trx('articles').where({ id: item.id }).update({ sort: item.sort });
        //                                           ^^^^^^ deadlock/unordered-locks medium "in whatever order they come"
        //                                           ^^^^^^ n-plus-one/query-in-loop low "once per element"
      }
    });
  }

  async swap(first: Item, second: Item) {
    await this.knex.transaction(async (trx) => {
      await trx('articles').where({ id: first.id }).update({ sort: second.sort });
      //                                            ^^^^^^ related "The first row is locked here."
      await trx('articles').where({ id: second.id }).update({ sort: first.sort });
      //                                             ^^^^^^ deadlock/unordered-locks high "'first.id' of 'articles'"
    });
  }

  async reorderSorted(items: Item[]) {
    await this.knex.transaction(async (trx) => {
      for (const item of [...items].sort((a, b) => a.id.localeCompare(b.id))) {
    //^^^ related "Repeated for each element of the list."
        await trx('articles').where({ id: item.id }).update({ sort: item.sort }); // ok deadlock/unordered-locks: everyone goes up
        //                                           ^^^^^^ n-plus-one/query-in-loop low "once per element"
      }
    });
  }

  async reorderLocked(collection: string, items: Item[]) {
    await this.knex.transaction(async (trx) => {
      await trx('collections').where({ name: collection }).forUpdate().first();
      for (const item of items) {
    //^^^ related "Repeated for each element of 'items'."
        await trx('articles').where({ id: item.id }).update({ sort: item.sort }); // ok deadlock/unordered-locks: behind the lock of one row
        //                                           ^^^^^^ n-plus-one/query-in-loop low "once per element"
      }
    });
  }

  async touch(items: Item[]) {
    for (const item of items) {
  //^^^ related "Repeated for each element of 'items'."
      await this.knex('articles').where({ id: item.id }).update({ touched: true }); // ok deadlock/unordered-locks: no transaction
      //                                                 ^^^^^^ n-plus-one/query-in-loop low "once per element"
    }
  }
}
