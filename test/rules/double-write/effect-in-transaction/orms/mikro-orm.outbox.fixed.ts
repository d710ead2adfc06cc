// Idiom of github.com/mikro-orm/mikro-orm: `em.transactional`, whose manager flushes and commits when the callback is done.
import type { EntityManager } from '@mikro-orm/core';
import mail from '@sendgrid/mail';
import type { Cache } from 'cache-manager';

export class Account {
  id!: string;
  email!: string;
  plan!: string;
}

export class AccountService {
  constructor(
    private readonly em: EntityManager,
    private readonly cache: Cache,
  ) {}

  async register(id: string, email: string) {
    await this.em.transactional(async (em) => {
    //            ^^^^^^^^^^^^^ related "The transaction begins here."
      await em.insert(Account, { id, email, plan: 'free' });
      await em.getConnection().execute('INSERT INTO outbox (topic, payload) VALUES (?, ?)', ['mail', JSON.stringify({ from: 'team@example.com', to: email, subject: 'Welcome', html: `/confirm/${id}` })], 'run', em.getTransactionContext());
      //         ^^^^ double-write/effect-in-transaction high "if it is rolled back, 'Account' goes back to what it was and this"
    });
  }

  async upgrade(id: string, plan: string) {
    await this.em.transactional(async (em) => {
    //            ^^^^^^^^^^^^^ related "The transaction begins here."
      await em.nativeUpdate(Account, { id }, { plan });
      await this.cache.del(`account:${id}`);
      //               ^^^ double-write/effect-in-transaction medium "whoever reads 'Account' before the commit puts the older value back"
    });
  }

  async registerThenSend(id: string, email: string) {
    await this.em.transactional(async (em) => {
      await em.insert(Account, { id, email, plan: 'free' });
    });
    await mail.send({ from: 'team@example.com', to: email, subject: 'Welcome', html: `/confirm/${id}` }); // ok double-write/effect-in-transaction: after the commit
  }

  async upgradeThenDrop(id: string, plan: string) {
    await this.em.transactional(async (em) => {
      await em.nativeUpdate(Account, { id }, { plan });
    });
    await this.cache.del(`account:${id}`); // ok double-write/effect-in-transaction: after the commit
  }

  async upgradeFlushed(id: string, plan: string) {
    const account = await this.em.findOneOrFail(Account, id);
    account.plan = plan;
    await this.em.flush();
    await this.cache.del(`account:${id}`); // ok double-write/effect-in-transaction: `flush` has committed
  }
}
