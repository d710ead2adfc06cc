import { type Proof, program, proof } from './harness/proof.ts';
import type { Scene } from './harness/scene.ts';

const rule = 'race-condition/lost-update';

const ACCOUNTS = `CREATE TABLE accounts (id int PRIMARY KEY, balance int NOT NULL, "updatedAt" timestamp(3) NOT NULL);
INSERT INTO accounts VALUES (1, 100, '2020-01-01')`;

const SCHEMA = `
datasource db {
  provider = "postgresql"
}

model Account {
  id        Int      @id
  balance   Int
  updatedAt DateTime @updatedAt

  @@map("accounts")
}
`;

interface Accounts {
  /** Gives the rate when the balance was raised by it. */
  readonly raise: (id: number, rate: number) => Promise<number>;
}

/**
 * Both have read the row before either writes it; then whether the balance has all that was done. They read by
 * `findFirst`: what asks for one key in the same moment by `findUnique` is one statement.
 */
async function atOnce({ raise }: Accounts, scene: Scene): Promise<unknown> {
  const outcomes = await scene.atOnce(/^SELECT/, [() => raise(1, 2), () => raise(1, 3)]);
  const [row] = await scene.postgres.query('SELECT balance FROM accounts');
  const done = outcomes.filter((outcome) => typeof outcome === 'number');
  const expected = done.reduce((balance, rate) => balance * rate, 100);
  return { failed: outcomes.filter((outcome) => typeof outcome === 'string'), agrees: row?.['balance'] === expected };
}

export const lostUpdatePrismaProofs: readonly Proof[] = [
  proof<Accounts>({
    rule,
    fix: 'fresh-read',
    form: 'Prisma, of a row that the caller read',
    needs: 'postgres',
    installation: 'prisma',
    setup: ACCOUNTS,
    schema: SCHEMA,
    program: program`
      import { PrismaPg } from '@prisma/adapter-pg';
      import { type Account, PrismaClient } from '@prisma/client';

      export const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env['DATABASE_URL'] }) });

      async function multiply(account: Account, rate: number): Promise<void> {
        await prisma.account.update({ where: { id: account.id }, data: { balance: account.balance * rate } });
      }

      export async function raise(id: number, rate: number): Promise<number> {
        const account = await prisma.account.findFirstOrThrow({ where: { id } });
        await multiply(account, rate);
        return rate;
      }
    `,
    observe: atOnce,
    before: { failed: [], agrees: false },
    after: { failed: [], agrees: true },
  }),
  proof<Accounts>({
    rule,
    fix: 'unchanged-row',
    form: 'Prisma, by the time of the last change',
    needs: 'postgres',
    installation: 'prisma',
    setup: ACCOUNTS,
    schema: SCHEMA,
    program: program`
      import { PrismaPg } from '@prisma/adapter-pg';
      import { PrismaClient } from '@prisma/client';

      export const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env['DATABASE_URL'] }) });

      export async function raise(id: number, rate: number): Promise<number> {
        const account = await prisma.account.findFirstOrThrow({ where: { id } });
        await prisma.$transaction(async (tx) => {
          await tx.account.update({ where: { id }, data: { balance: account.balance * rate } });
        });
        return rate;
      }
    `,
    observe: atOnce,
    before: { failed: [], agrees: false },
    after: { failed: ['P2025'], agrees: true },
  }),
];
