// Idiom of github.com/Unleash/unleash: stores made with a connection, services that put them together.
import type { Knex } from 'knex';
import { EnvironmentStore } from './knex-environments.ts';

export class FeatureStore {
  constructor(private readonly db: Knex) {}

  /** The feature, then its environments. */
  async archive(name: string) {
    await this.db.transaction(async (trx) => {
      const environments = new EnvironmentStore(trx);
      await trx('features').where({ name }).update({ archived_at: new Date() });
      await environments.disable(name);
      //                 ^^^^^^^ deadlock/lock-order-inversion high "'disable' (through 'update') takes a row of 'feature_environments'"
    });
  }

  /** The environments, then their feature. */
  async enable(feature: string, environment: string) {
    await this.db.transaction(async (trx) => {
      await trx('features').where({ name: feature }).update({ last_seen_at: new Date() });
      await trx('feature_environments').where({ feature_name: feature, environment }).update({ enabled: true });
    });
  }

  async tag(feature: string, tag: string) {
    await this.db.transaction(async (trx) => {
      await trx('features').where({ name: feature }).update({ tagged: true });
      await trx('feature_tag').where({ feature_name: feature }).update({ tag }); // ok deadlock/lock-order-inversion: who goes the other way fails at once
    });
  }

  async untag(feature: string) {
    await this.db.transaction(async (trx) => {
      await trx('feature_tag').where({ feature_name: feature }).del();
      await trx('features').where({ name: feature }).forUpdate().noWait().select('name'); // ok deadlock/lock-order-inversion: it does not wait
    });
  }

  async link(feature: string, strategy: string) {
    await this.db.transaction(async (trx) => {
      await trx('projects').where({ id: feature }).forUpdate().select('id');
      await trx('feature_strategies').where({ feature_name: feature }).update({ strategy });
      await trx('feature_links').where({ feature_name: feature }).update({ strategy }); // ok deadlock/lock-order-inversion: both lock the project first
    });
  }

  async unlink(feature: string) {
    await this.db.transaction(async (trx) => {
      await trx('projects').where({ id: feature }).forUpdate().select('id');
      await trx('feature_links').where({ feature_name: feature }).del();
      await trx('feature_strategies').where({ feature_name: feature }).update({ strategy: null });
    });
  }

  async rename(feature: string, title: string) {
    await this.db('feature_links').where({ feature_name: feature }).update({ title }); // ok deadlock/lock-order-inversion: no transaction holds it
    await this.db('features').where({ name: feature }).update({ title });
  }

  async relink(feature: string) {
    await this.db.transaction(async (trx) => {
      await trx('features').where({ name: feature }).update({ linked: true });
      await trx('feature_links').where({ feature_name: feature }).update({ stale: false });
    });
  }
}
