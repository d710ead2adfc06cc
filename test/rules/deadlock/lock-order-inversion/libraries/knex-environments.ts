// Idiom of github.com/Unleash/unleash: a store bound to whatever connection it is made with.
import type { Knex } from 'knex';

export class EnvironmentStore {
  constructor(private readonly db: Knex) {}

  async disable(feature: string) {
    await this.db('feature_environments').where({ feature_name: feature }).update({ enabled: false });
  }
}
