// Idiom of github.com/Aliheym/typeorm-transactional: the decorator opens the transaction.
import { createTransport } from 'nodemailer';
import type { Repository } from 'typeorm';
import { runOnTransactionCommit, Transactional } from 'typeorm-transactional';
import type { Refund } from './wallet.ts';

const mailer = createTransport('smtp://mail');

export class DeclaredRefunds {
  constructor(private readonly refunds: Repository<Refund>) {}

  @Transactional()
  async refund(charge: string, amount: number, email: string) {
    const refund = await this.refunds.save({ charge, amount, email });
    await mailer.sendMail({ to: email, subject: 'Refunded', text: refund.id });
    //           ^^^^^^^^ double-write/effect-in-transaction low "while the transaction of the whole method is open"
  }

  @Transactional()
  async refundThenTell(charge: string, amount: number, email: string) {
    const refund = await this.refunds.save({ charge, amount, email });
    runOnTransactionCommit(async () => {
      await mailer.sendMail({ to: email, subject: 'Refunded', text: refund.id }); // ok double-write/effect-in-transaction: the library runs it after the commit
    });
  }

  async refundPlainly(charge: string, amount: number, email: string) {
    const refund = await this.refunds.save({ charge, amount, email });
    await mailer.sendMail({ to: email, subject: 'Refunded', text: refund.id }); // ok double-write/effect-in-transaction: no transaction is open
  }
}
