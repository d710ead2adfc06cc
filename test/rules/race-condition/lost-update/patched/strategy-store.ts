import type { Knex } from 'knex';

export interface Strategy {
  id: string;
  title: string;
  parameters: object;
}

export interface StrategyStore {
  find(id: string): Promise<Strategy>;
  findLocked(id: string): Promise<Strategy>;
  update(id: string, strategy: Partial<Strategy>): Promise<void>;
}

export class KnexStrategyStore implements StrategyStore {
  constructor(private readonly db: Knex) {}

  async find(id: string): Promise<Strategy> {
    const row = await this.db('strategies').where({ id }).first();
    if (!row) throw new Error('no such strategy');
    return { id: row.id, title: row.title, parameters: row.parameters };
  }

  async findLocked(id: string): Promise<Strategy> {
    const row = await this.db('strategies').where({ id }).forUpdate().first();
    if (!row) throw new Error('no such strategy');
    return { id: row.id, title: row.title, parameters: row.parameters };
  }

  async update(id: string, strategy: Partial<Strategy>): Promise<void> {
    const columns: { title?: string; parameters?: string } = {};
    if (strategy.title !== undefined) columns.title = strategy.title;
    columns.parameters = JSON.stringify(strategy.parameters ?? {});
    await this.db('strategies').where({ id }).update(columns);
  }
}
