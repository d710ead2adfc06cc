// Idiom of github.com/brianc/node-postgres: a check, then a statement with parameters in a list.
import { Pool } from 'pg';
import { Column, Entity, In, PrimaryGeneratedColumn, type Repository } from 'typeorm';

/** Codes of a transaction that the database ended in favour of another: PostgreSQL, Prisma, MySQL. */
const CONFLICTS = new Set<unknown>(['40001', '40P01', 'P2034', 'ER_LOCK_DEADLOCK']);

function isConflict(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, cause, parent, driverError } = error as Record<string, unknown>;
  return CONFLICTS.has(code) || [cause, parent, driverError].some(isConflict);
}

async function retryOnConflict<T>(run: () => Promise<T>, attempts = 5): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === attempts || !isConflict(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** attempt));
    }
  }
}

const pool = new Pool();

@Entity()
export class Membership {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  teamId: number;

  @Column()
  userId: number;
}

@Entity()
export class User {
  @PrimaryGeneratedColumn()
  id: number;

  @Column({ unique: true })
  email: string;
}

export class MembershipService {
  constructor(
    private readonly memberships: Repository<Membership>,
    private readonly users: Repository<User>,
  ) {}

  async join(teamId: number, userId: number): Promise<void> {
    const existing = await this.memberships.findOneBy({ teamId, userId });
//                                          ^^^^^^^^^ related "Checked here."
    if (existing) return;
    await this.memberships.save({ teamId, userId });
//                         ^^^^ toctou/db-check-then-act high "two runs at once both store theirs"
  }

  async joinIfRoom(teamId: number, userId: number, seats: number): Promise<void> {
    const taken = await this.memberships.countBy({ teamId });
//                                       ^^^^^^^ related "Checked here."
    if (taken >= seats) throw new Error('no seat left');
    await this.memberships.insert({ teamId, userId });
//                         ^^^^^^ toctou/db-check-then-act medium "two runs at once together exceed the limit"
  }

  async leave(teamId: number, userId: number): Promise<void> {
    await retryOnConflict(() => this.memberships.manager.transaction('SERIALIZABLE', async (manager) => {
      const members = await manager.withRepository(this.memberships).count({ where: { teamId } });
  //                                         ^^^^^ related "Checked here."
      if (members === 1) throw new Error('the last member stays');
      await manager.withRepository(this.memberships).delete({ teamId, userId });
    }));
//                         ^^^^^^ toctou/db-check-then-act medium "two runs at once both pass the check"
  }

  async register(email: string): Promise<User> {
    if (await this.users.existsBy({ email })) throw new Error('taken');
//                       ^^^^^^^^ related "Checked here."
    return this.users.save({ email });
//                    ^^^^ toctou/db-check-then-act low "of two runs at once the second fails with an unhandled conflict"
  }

  async registerOnce(email: string): Promise<User | undefined> {
    if (await this.users.existsBy({ email })) return undefined;
    try {
      return await this.users.save({ email }); // ok toctou/db-check-then-act: unique, and the conflict is caught
    } catch {
      return undefined;
    }
  }

  async remove(id: number): Promise<void> {
    const membership = await this.memberships.findOneBy({ id });
    if (!membership) throw new Error('not found');
    await this.memberships.delete({ id }); // ok toctou/db-check-then-act: deleting what is gone does nothing
  }

  async invite(teamId: number, email: string): Promise<void> {
    const user = await this.users.findOneBy({ email });
    if (!user) throw new Error('unknown user');
    await this.memberships.insert({ teamId, userId: user.id }); // ok toctou/db-check-then-act: the row looked for is of another table
  }
}

@Entity()
export class Account {
  @PrimaryGeneratedColumn()
  id: number;

  @Column({ unique: true })
  email: string;

  @Column()
  provider: string;

  @Column()
  subject: string;
}

export class SignIn {
  constructor(private readonly accounts: Repository<Account>) {}

  // The same person twice has the same address, which is unique.
  async signIn(provider: string, subject: string, email: string): Promise<Account> {
    const known = await this.accounts.findOneBy({ provider, subject });
    if (known) return known;
    if (await this.accounts.findOneBy({ email })) throw new Error('another way to sign in');
    return this.accounts.save({ provider, subject, email });
//                       ^^^^ toctou/db-check-then-act low "of two runs at once the second fails with an unhandled conflict"
  }

  async signInBySubject(provider: string, subject: string, email: string): Promise<Account> {
    const known = await this.accounts.findOneBy({ provider, subject });
//                                    ^^^^^^^^^ related "Checked here."
    if (known) return known;
    return this.accounts.save({ provider, subject, email });
//                       ^^^^ toctou/db-check-then-act high "two runs at once both store theirs"
  }
}

// Of several at once: the address is unique all the same.
export async function importAccounts(accounts: Repository<Account>, provider: string, emails: string[]): Promise<void> {
  const known = await accounts.find({ where: { provider, email: In(emails) } });
  if (known.length > 0) throw new Error('some are there');
  for (const email of emails) await accounts.save({ provider, subject: email, email });
//                                           ^^^^ n-plus-one/query-in-loop low
//                                           ^^^^ toctou/db-check-then-act low "of two runs at once the second fails with an unhandled conflict"
}

export async function follow(follower: string, followed: string): Promise<void> {
  const { rows } = await pool.query('SELECT 1 FROM follows WHERE follower = $1 AND followed = $2', [follower, followed]);
//                            ^^^^^ related "Checked here."
  if (rows.length > 0) return;
  await pool.query('INSERT INTO follows (follower, followed) VALUES ($1, $2)', [follower, followed]);
//           ^^^^^ toctou/db-check-then-act medium "two runs at once both store theirs"
}

export async function followOnce(follower: string, followed: string): Promise<void> {
  const { rows } = await pool.query('SELECT 1 FROM follows WHERE follower = $1 AND followed = $2', [follower, followed]);
  if (rows.length > 0) return;
  // ok toctou/db-check-then-act: the statement handles the conflict
  await pool.query('INSERT INTO follows (follower, followed) VALUES ($1, $2) ON CONFLICT DO NOTHING', [follower, followed]);
}
