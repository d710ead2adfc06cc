/**
 * Programs in which a fix form that looks right is wrong: it must not be offered. Running the fixed program showed why.
 */

import type { Request } from './harness/apply-fix.ts';
import { program } from './harness/proof.ts';

export interface Refusal extends Request {
  readonly why: string;
}

export const REFUSALS: readonly Refusal[] = [
  {
    rule: 'race-condition/lost-update',
    fix: 'atomic-update',
    why: "PostgreSQL has no '+' for text",
    program: program`
      import { Pool } from 'pg';

      const pool = new Pool();

      export async function append(id: string, suffix: string): Promise<void> {
        const { rows } = await pool.query('SELECT name FROM documents WHERE id = $1', [id]);
        await pool.query('UPDATE documents SET name = $1 WHERE id = $2', [rows[0].name + suffix, id]);
      }
    `,
  },
  {
    rule: 'race-condition/lost-update',
    fix: 'atomic-increment',
    why: 'what is added is text',
    program: program`
      import { Redis } from 'ioredis';

      const redis = new Redis();

      export async function log(day: string, line: string): Promise<void> {
        const lines = await redis.get(\`log:\${day}\`);
        await redis.set(\`log:\${day}\`, lines + line);
      }
    `,
  },
  {
    rule: 'race-condition/lost-update',
    fix: 'atomic-increment',
    why: 'more is added than the last operand',
    program: program`
      import { Redis } from 'ioredis';

      const redis = new Redis();

      export async function earn(user: string, extra: number): Promise<void> {
        const points = Number(await redis.get(\`points:\${user}\`));
        await redis.set(\`points:\${user}\`, points + extra + 1);
      }
    `,
  },
  ...typeorm('conditional-update', 'the check looks at the new balance', [
    'wallet.balance -= amount;',
    "if (wallet.balance < 0) throw new Error('insufficient funds');",
    'await this.wallets.save(wallet);',
  ]),
  ...typeorm('atomic-update', 'the save stores another column too', [
    "if (amount > 1000) wallet.owner = 'vip';",
    'wallet.balance += amount;',
    'await this.wallets.save(wallet);',
  ]),
  ...typeorm('atomic-update', 'the caller gets the new balance', [
    'wallet.balance += amount;',
    'await this.wallets.save(wallet);',
    'return wallet.balance;',
  ]),
  {
    rule: 'race-condition/lost-update',
    fix: 'lock-row',
    why: 'PostgreSQL locks no row that an outer join may leave out',
    program: program`
      import { Pool } from 'pg';

      const pool = new Pool();

      export async function restock(id: string, quantity: number): Promise<void> {
        const client = await pool.connect();
        await client.query('BEGIN');
        const { rows } = await client.query(
          'SELECT s.stock, p.name FROM stocks s LEFT JOIN products p ON p.id = s.product_id WHERE s.id = $1',
          [id],
        );
        await client.query('UPDATE stocks SET stock = $1 WHERE id = $2', [rows[0].stock + quantity, id]);
        await client.query('COMMIT');
        client.release();
      }
    `,
  },
  {
    rule: 'toctou/db-check-then-act',
    fix: 'ignore-conflict',
    why: 'after a conflict there is no row to return',
    program: program`
      import { Pool } from 'pg';
      import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';

      const pool = new Pool();

      @Entity('Label')
      export class Label {
        @PrimaryGeneratedColumn()
        id: number;

        @Column({ type: 'text', unique: true })
        name: string;
      }

      export async function label(name: string): Promise<number> {
        const { rows } = await pool.query('SELECT id FROM "Label" WHERE name = $1', [name]);
        if (rows.length > 0) return rows[0].id;
        const made = await pool.query('INSERT INTO "Label" (name) VALUES ($1) RETURNING id', [name]);
        return made.rows[0].id;
      }
    `,
  },
  {
    rule: 'n-plus-one/query-in-loop',
    fix: 'write-once',
    why: 'an id that comes twice counts twice',
    program: program`
      import { Pool } from 'pg';

      const pool = new Pool();

      export async function lend(ids: readonly number[]): Promise<void> {
        for (const id of ids) {
          await pool.query('UPDATE books SET copies = copies - 1 WHERE id = $1', [id]);
        }
      }
    `,
  },
  {
    rule: 'n-plus-one/query-in-loop',
    fix: 'query-once',
    why: "the 'id' of the rows is the other table's",
    program: program`
      import { Pool } from 'pg';

      const pool = new Pool();

      export async function orders(ids: readonly string[]): Promise<unknown[]> {
        const found: unknown[] = [];
        for (const id of ids) {
          const { rows } = await pool.query(
            'SELECT c.id AS customer, o.id FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.id = $1',
            [id],
          );
          found.push(...rows);
        }
        return found;
      }
    `,
  },
  {
    rule: 'double-write/cache-set-after-write',
    fix: 'delete-key',
    why: 'one of several keys would be deleted',
    program: program`
      import { Redis } from 'ioredis';
      import { Pool } from 'pg';

      const pool = new Pool();
      const redis = new Redis();

      export async function rename(id: string, name: string): Promise<void> {
        await pool.query('UPDATE teams SET name = $1 WHERE id = $2', [name, id]);
        await redis.mset(\`team:\${id}\`, name, \`team-name:\${name}\`, name);
      }
    `,
  },
  {
    rule: 'deadlock/transaction-escape',
    fix: 'keep-context',
    why: 'a fork of a fork that the transaction is begun on has no context to keep',
    installation: 'mikro-orm',
    program: program`
      import type { EntityManager } from '@mikro-orm/core';

      class Order {
        id: string;
        state: string;
      }
      class Note {
        order: string;
      }

      export async function close(given: EntityManager, id: string): Promise<void> {
        const em = given.fork();
        await em.transactional(async (tx) => {
          await tx.nativeUpdate(Order, { id }, { state: 'closed' });
          const own = em.fork();
          await own.insert(Note, { order: id });
        });
      }
    `,
  },
];

function typeorm(fix: string, why: string, lines: readonly string[]): Refusal[] {
  const text = `
import { Column, Entity, PrimaryGeneratedColumn, type Repository } from 'typeorm';

@Entity()
export class Wallet {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  balance: number;

  @Column()
  owner: string;
}

export class WalletService {
  constructor(private readonly wallets: Repository<Wallet>) {}

  async change(id: number, amount: number) {
    const wallet = await this.wallets.findOneByOrFail({ id });
    ${lines.join('\n    ')}
  }
}
`;
  return [{ rule: 'race-condition/lost-update', fix, why, program: text }];
}
