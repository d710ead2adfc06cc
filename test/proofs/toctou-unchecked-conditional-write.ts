import { type Proof, program, proof } from './harness/proof.ts';

const rule = 'toctou/unchecked-conditional-write';

export const uncheckedConditionalWriteProofs: readonly Proof[] = [
  proof<{ redeem: (code: string, userId: string) => Promise<void> }>({
    rule,
    fix: 'check-count',
    form: 'SQL text through a pool',
    needs: 'postgres',
    setup: `CREATE TABLE coupons (code text PRIMARY KEY, status text NOT NULL);
      CREATE TABLE discounts (user_id text NOT NULL, code text NOT NULL);
      INSERT INTO coupons VALUES ('c', 'open')`,
    program: program`
      import { Pool } from 'pg';

      export const pool = new Pool();

      export async function redeem(code: string, userId: string): Promise<void> {
        await pool.query("UPDATE coupons SET status = 'redeemed' WHERE code = $1 AND status = 'open'", [code]);
        await pool.query('INSERT INTO discounts (user_id, code) VALUES ($1, $2)', [userId, code]);
      }
    `,
    async observe({ redeem }, scene) {
      const outcomes = await scene.atOnce(/^UPDATE/, [() => redeem('c', 'u'), () => redeem('c', 'v')]);
      const discounts = await scene.postgres.query('SELECT count(*)::int AS discounts FROM discounts');
      return { outcomes, discounts };
    },
    before: { outcomes: ['done', 'done'], discounts: [{ discounts: 2 }] },
    after: { outcomes: ['The row has changed in the meantime', 'done'], discounts: [{ discounts: 1 }] },
  }),
  proof<{
    start: () => Promise<void>;
    accept: (id: number) => Promise<unknown>;
    memberships: () => Promise<number>;
  }>({
    rule,
    fix: 'check-count',
    form: 'TypeORM update',
    needs: 'postgres',
    program: program`
      import { Column, DataSource, Entity, IsNull, PrimaryGeneratedColumn } from 'typeorm';

      @Entity()
      export class Invite {
        @PrimaryGeneratedColumn('increment', { type: 'int' })
        id: number;

        @Column({ type: 'timestamptz', nullable: true })
        usedAt: Date | null;
      }

      @Entity()
      export class Membership {
        @PrimaryGeneratedColumn('increment', { type: 'int' })
        id: number;

        @Column({ type: 'int' })
        inviteId: number;
      }

      export const dataSource = new DataSource({
        type: 'postgres',
        url: process.env['DATABASE_URL'],
        entities: [Invite, Membership],
        synchronize: true,
      });
      const invites = dataSource.getRepository(Invite);
      const members = dataSource.getRepository(Membership);

      export async function start(): Promise<void> {
        await dataSource.initialize();
        await invites.insert({ usedAt: null });
      }

      export async function accept(id: number): Promise<void> {
        await invites.update({ id, usedAt: IsNull() }, { usedAt: new Date() });
        await members.insert({ inviteId: id });
      }

      export async function memberships(): Promise<number> {
        return members.count();
      }
    `,
    async observe({ start, accept, memberships }, scene) {
      await start();
      const outcomes = await scene.atOnce(/^UPDATE/, [() => accept(1), () => accept(1)]);
      return { outcomes, memberships: await memberships() };
    },
    before: { outcomes: ['done', 'done'], memberships: 2 },
    after: { outcomes: ['The row has changed in the meantime', 'done'], memberships: 1 },
  }),
];
