// Idiom of github.com/Unleash/unleash: services that are made anew for each transaction, and mails that nobody waits for.
import type { Knex } from 'knex';
import type { createTransport } from 'nodemailer';

export class Mails {
  constructor(private readonly mailer: ReturnType<typeof createTransport>) {}

  async welcome(to: string): Promise<void> {
    const text = await Promise.resolve('Welcome.');
    process.nextTick(() => {
      this.mailer.sendMail({ to, subject: 'Welcome', text }).then(
        () => undefined,
        () => undefined,
      );
    });
  }
}

export class People {
  constructor(
    private readonly db: Knex,
    private readonly mails: Mails,
  ) {}

  async add(email: string): Promise<number> {
    const [row] = await this.db('people').insert({ email }).returning('id');
    return row.id;
  }

  async welcome(email: string): Promise<void> {
    await this.mails.welcome(email);
  }

  async note(id: number): Promise<void> {
    await this.db('notes').insert({ person_id: id });
  }
}

// The next tick is long before the commit.
export async function invite(db: Knex, mails: Mails, email: string): Promise<number> {
  return db.transaction(async (trx) => {
    const people = new People(trx, mails);
    const id = await people.add(email);
    await people.welcome(email);
    //           ^^^^^^^ double-write/effect-in-transaction
    await people.note(id);
    return id;
  });
}

export async function inviteThenWelcome(db: Knex, mails: Mails, email: string): Promise<number> {
  const id = await db.transaction(async (trx) => new People(trx, mails).add(email));
  await mails.welcome(email); // ok double-write/effect-in-transaction: after the commit
  return id;
}

export async function inviteLater(db: Knex, mails: Mails, email: string): Promise<number> {
  return db.transaction(async (trx) => {
    const id = await new People(trx, mails).add(email);
    setTimeout(() => void mails.welcome(email), 60_000); // ok double-write/effect-in-transaction: a minute later
    await trx('notes').insert({ person_id: id });
    return id;
  });
}

// Nothing is written that could be taken back.
export async function remind(db: Knex, mails: Mails, id: number): Promise<void> {
  await db.transaction(async (trx) => {
    const [person] = await trx('people').select('email').where({ id });
    await mails.welcome(person.email);
    //          ^^^^^^^ double-write/effect-in-transaction low
  });
}
