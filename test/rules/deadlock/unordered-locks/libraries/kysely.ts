// Idiom of github.com/immich-app/immich: statements of a repository in one transaction.
import type { Kysely } from 'kysely';

interface DB {
  person: { id: string; faces: number };
}

export class PersonRepository {
  constructor(private readonly db: Kysely<DB>) {}

  async reassign(from: string, to: string, count: number) {
    await this.db.transaction().execute(async (tx) => {
      await tx.updateTable('person').set((eb) => ({ faces: eb('faces', '-', count) })).where('id', '=', from).execute();
      //       ^^^^^^^^^^^ related "The first row is locked here."
      await tx.updateTable('person').set((eb) => ({ faces: eb('faces', '+', count) })).where('id', '=', to).execute();
      //       ^^^^^^^^^^^ deadlock/unordered-locks high "'from' of 'person'"
    });
  }

  async setAll(people: { id: string; faces: number }[]) {
    await this.db.transaction().execute(async (tx) => {
      for (const { id, faces } of people) {
    //^^^ related "The order comes from here."
    //^^^ related "Repeated for each element of 'people'."
        await tx.updateTable('person').set({ faces }).where('id', '=', id).execute();
        //       ^^^^^^^^^^^ deadlock/unordered-locks medium "in whatever order they come"
        //       ^^^^^^^^^^^ n-plus-one/query-in-loop low "once per element"
      }
    });
  }

  async reassignLocked(from: string, to: string, count: number) {
    await this.db.transaction().execute(async (tx) => {
      await tx.selectFrom('person').select('id').where('id', 'in', [from, to]).orderBy('id').forUpdate().execute();
      await tx.updateTable('person').set((eb) => ({ faces: eb('faces', '-', count) })).where('id', '=', from).execute();
      await tx.updateTable('person').set((eb) => ({ faces: eb('faces', '+', count) })).where('id', '=', to).execute(); // ok deadlock/unordered-locks: both are locked in one order before
    });
  }

  async setSorted(people: { id: string; faces: number }[]) {
    people.sort((a, b) => (a.id < b.id ? -1 : 1));
    await this.db.transaction().execute(async (tx) => {
      for (const { id, faces } of people) {
    //^^^ related "Repeated for each element of 'people'."
        await tx.updateTable('person').set({ faces }).where('id', '=', id).execute(); // ok deadlock/unordered-locks: everyone goes up
        //       ^^^^^^^^^^^ n-plus-one/query-in-loop low "once per element"
      }
    });
  }

  async clear(ids: string[]) {
    await this.db.updateTable('person').set({ faces: 0 }).where('id', 'in', ids).execute(); // ok deadlock/unordered-locks: one statement of its own
  }
}
