// Idiom of github.com/formbricks/formbricks: rows and the job that works on them, written in one go.
import { Queue } from 'bullmq';
import { Pool } from 'pg';
import { Column, type DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Account {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() name!: string;
}

const provisioning = new Queue<{ accountId: string }>('provisioning');
const pool = new Pool();

export class Registration {
  constructor(private readonly source: DataSource) {}

  async register(name: string) {
    return this.source.transaction(async (manager) => {
      //               ^^^^^^^^^^^ related "The transaction begins here"
      const account = await manager.save(Account, { name });
      //                            ^^^^ related "Not visible to others before the commit"
      await provisioning.add('provision', { accountId: account.id });
      //                 ^^^ double-write/effect-before-commit-visible high "'add' sends the job 'provision' while the transaction that 'transaction' begins is open: a consumer can be at work before 'Account' is committed"
      return account;
    });
  }

  async registerAndRename(name: string) {
    await this.source.transaction(async (manager) => {
      const account = await manager.save(Account, { name });
      await provisioning.add('provision', { accountId: account.id });
      //                 ^^^ double-write/effect-before-commit-visible high
      await manager.insert(Account, { name: `${name}-copy` });
    });
  }

  async registerThenProvision(name: string) {
    const account = await this.source.transaction(async (manager) => manager.save(Account, { name }));
    await provisioning.add('provision', { accountId: account.id });
    //                 ^^^ double-write/dual-write medium
  }

  async tick(name: string, other: string) {
    await this.source.transaction(async (manager) => {
      await manager.save(Account, { name });
      await provisioning.add('check', { accountId: other });
      //                 ^^^ double-write/effect-before-commit-visible medium
    });
  }
}

export async function rename(id: string, name: string) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('UPDATE accounts SET name = $1 WHERE id = $2', [name, id]);
    await client.query('INSERT INTO outbox (topic, payload) VALUES ($1, $2)', ['rename', JSON.stringify({ accountId: id })]);
    //                 ^^^ double-write/effect-before-commit-visible medium
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}
