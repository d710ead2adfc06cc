// Idiom of github.com/Unleash/unleash: what is asked and what is stored are methods of their own.
import type { Knex } from 'knex';

export class SegmentService {
  constructor(private readonly db: Knex) {}

  async create(name: string, project: string) {
    const known = await this.existsByName(name);
    //                       ^^^^^^^^^^^^ related "Checked here."
    if (known) throw new Error('There is such a segment.');
    await this.insert(name, project);
    //         ^^^^^^ toctou/db-check-then-act medium "no row of 'segments' with this 'name'"
  }

  async createInitialized(name: string, project: string) {
    const known = await this.existsByName(name);
    if (known) throw new Error('There is such a segment.');
    await this.db('projects').insert({ name: project }); // ok toctou/db-check-then-act: a row of another table
  }

  private async existsByName(name: string) {
    const row = await this.db('segments').where('name', name).first();
    return row !== undefined;
  }

  private async insert(name: string, project: string) {
    await this.db('segments').insert({ name, project });
  }
}
