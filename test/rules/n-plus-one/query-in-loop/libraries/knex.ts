// Idiom of github.com/directus/directus: services that are made with a connection, rows by collection.
import type { Knex } from 'knex';

export class PresetService {
  constructor(private readonly knex: Knex) {}

  async copyFor(userIds: string[], preset: object) {
    for (const userId of userIds) {
  //^^^ related "Repeated for each element of 'userIds'."
      // unfixable query-once: untyped rows make a Map of unknown
      const user = await this.knex('directus_users').where({ id: userId }).first();
      //                      ^^^^ n-plus-one/query-in-loop medium "once per element"
      if (user.status === 'active') await this.knex('directus_presets').insert({ ...preset, user: userId });
    }
  }

  async rolesOf(users: { role: string }[]) {
    const roles = users.map(({ role }) => role);
    return this.knex('directus_roles').whereIn('id', roles); // ok n-plus-one/query-in-loop: one query for all
  }

  async addAll(presets: object[]) {
    await this.knex('directus_presets').insert(presets); // ok n-plus-one/query-in-loop: one statement for all rows
  }

  async addInChunks(presets: object[], size: number) {
    for (let from = 0; from < presets.length; from += size) {
      await this.knex('directus_presets').insert(presets.slice(from, from + size)); // ok n-plus-one/query-in-loop: chunk by chunk
    }
  }

  filtered(filters: Record<string, string>) {
    const query = this.knex('directus_presets').select('id');
    for (const [column, value] of Object.entries(filters)) void query.where(column, value); // ok n-plus-one/query-in-loop: conditions of one query
    return query;
  }
}
