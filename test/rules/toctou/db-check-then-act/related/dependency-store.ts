import type { Knex } from 'knex';

export interface Dependency {
  parent: string;
  child: string;
}

export interface DependencyStore {
  childrenOf(parents: string[]): Promise<string[]>;
  parentsOf(child: string): Promise<string[]>;
  lockAll(): Promise<void>;
  upsert(dependency: Dependency, note?: string): Promise<void>;
}

export class KnexDependencyStore implements DependencyStore {
  constructor(private readonly db: Knex) {}

  async childrenOf(parents: string[]): Promise<string[]> {
    const rows: Dependency[] = await this.db('dependencies').whereIn('parent', parents);
    return [...new Set(rows.map((row) => row.child))];
  }

  async parentsOf(child: string): Promise<string[]> {
    const rows: Dependency[] = await this.db('dependencies').where('child', child);
    return rows.map((row) => row.parent);
  }

  async upsert(dependency: Dependency, note?: string): Promise<void> {
    const row: Dependency & { note?: string } = { parent: dependency.parent, child: dependency.child };
    if (note !== undefined) row.note = note;
    await this.db('dependencies').insert(row).onConflict(['parent', 'child']).merge();
  }

  async lockAll(): Promise<void> {
    await this.db.raw('SELECT pg_advisory_xact_lock(7)');
  }
}
