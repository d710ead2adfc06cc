// Idiom of github.com/Unleash/unleash and github.com/linkwarden/linkwarden: everything of a request inside one transaction.
import { EventEmitter } from 'node:events';
import type { Redis } from 'ioredis';
import { createTransport } from 'nodemailer';
import { Pool } from 'pg';
import Stripe from 'stripe';
import { Column, type DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Refund {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() charge!: string;
  @Column() amount!: number;
  @Column() email!: string;
}

const mailer = createTransport('smtp://mail');
const stripe = new Stripe('sk_test');
const pool = new Pool();
const bus = new EventEmitter();

export class RefundService {
  constructor(
    private readonly source: DataSource,
    private readonly redis: Redis,
  ) {}

  async refund(charge: string, amount: number, email: string) {
    await this.source.transaction(async (manager) => {
      //              ^^^^^^^^^^^ related "The transaction begins here"
      await manager.save(Refund, { charge, amount, email });
      await stripe.refunds.create({ charge, amount }, { idempotencyKey: `refund-${charge}` });
      //                   ^^^^^^ double-write/effect-in-transaction high "'create' asks the payment provider for a change while the transaction that 'transaction' begins is open: if it is rolled back, 'Refund' goes back"
    });
  }

  async refundAndTell(charge: string, amount: number, email: string) {
    const saved = await this.source.transaction(async (manager) => {
      const refund = await manager.save(Refund, { charge, amount, email });
      await mailer.sendMail({ to: email, subject: 'Refunded', text: `${refund.id}: ${amount}` });
      //           ^^^^^^^^ double-write/effect-in-transaction high "'sendMail' sends a mail"
      return refund;
    });
    return saved.id;
  }

  async refundAndReturn(charge: string, amount: number, email: string) {
    const refund = await this.source.transaction(async (manager) => {
      const refund = await manager.save(Refund, { charge, amount, email });
      //         ^^^^ double-write/effect-in-transaction high "'tell' (through 'sendMail') sends a mail"
      await manager.insert(Refund, { charge: `copy-${charge}`, amount, email });
      return refund;
    });
    await this.tell(refund);
    return refund;
  }

  private async tell(refund: Refund) {
    await mailer.sendMail({ to: refund.email, subject: 'Refunded', text: refund.id });
  }

  async refundAndDrop(id: string, amount: number) {
    await this.source.transaction(async (manager) => {
      await manager.update(Refund, { id }, { amount });
      await this.redis.del(`refund:${id}`);
      //               ^^^ double-write/effect-in-transaction medium "'del' clears a cache entry"
    });
  }

  // Who has edited it stands nowhere else: no copy of a row.
  async refundByAll(id: string, amount: number) {
    const editors = await this.redis.smembers(`refund:${id}`);
    await this.source.transaction(async (manager) => {
      await manager.update(Refund, { id }, { amount, email: editors.join() });
      await this.redis.del(`refund:${id}`);
      //               ^^^ double-write/effect-in-transaction low "'del' clears a cache entry"
    });
  }

  async refundThenTell(charge: string, amount: number, email: string) {
    const refund = await this.source.transaction(async (manager) => manager.save(Refund, { charge, amount, email }));
    await mailer.sendMail({ to: email, subject: 'Refunded', text: refund.id }); // ok double-write/effect-in-transaction: after the commit
    await this.redis.del(`refund:${refund.id}`); // ok double-write/effect-in-transaction: after the commit
  }

  async refundAndSignal(charge: string, amount: number, email: string) {
    await this.source.transaction(async (manager) => {
      const refund = await manager.save(Refund, { charge, amount, email });
      bus.emit('refunded', refund); // ok double-write/effect-in-transaction: listeners of this process
      await this.redis.publish('refunds', refund.id); // ok double-write/effect-in-transaction: a signal that nobody keeps
    });
  }

  async rate(charge: string, amount: number, email: string) {
    await this.source.transaction(async (manager) => {
      const rate = await fetch('https://rates.example.com/eur');
      //                 ^^^^^ double-write/effect-in-transaction low "its connection is held for as long as the answer takes"
      await manager.save(Refund, { charge, amount: amount * Number(await rate.text()), email });
    });
  }
}

export async function pay(invoice: string, amount: number) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('UPDATE invoices SET paid = $1 WHERE id = $2', [amount, invoice]);
    await fetch('https://ledger.example.com/entries', { method: 'POST', body: JSON.stringify({ invoice, amount }) });
    //    ^^^^^ double-write/effect-in-transaction high "'fetch' asks another service for a change"
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
}

export async function payThenTell(invoice: string, amount: number) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('UPDATE invoices SET paid = $1 WHERE id = $2', [amount, invoice]);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  } finally {
    client.release();
  }
  await fetch('https://ledger.example.com/entries', { method: 'POST', body: JSON.stringify({ invoice, amount }) }); // ok double-write/effect-in-transaction: after the commit
  //    ^^^^^ double-write/dual-write low "if it fails the caller gets an error"
}
