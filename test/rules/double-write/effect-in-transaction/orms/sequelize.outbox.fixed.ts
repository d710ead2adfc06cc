// Idiom of github.com/outline/outline: the request's transaction, with hooks for what has to wait for its commit.
import { createTransport } from 'nodemailer';
import { Model, type Sequelize } from 'sequelize';

class Invite extends Model {
  id!: string;
  email!: string;
}

const transport = createTransport('smtp://mail');

export async function invite(sequelize: Sequelize, email: string) {
  await sequelize.transaction(async (transaction) => {
  //              ^^^^^^^^^^^ related "The transaction begins here."
    await Invite.create({ email }, { transaction });
    await sequelize.query('INSERT INTO outbox (topic, payload) VALUES (?, ?)', { replacements: ['sendMail', JSON.stringify({ to: email, subject: 'Join us', text: '' })], transaction });
    //              ^^^^^^^^ double-write/effect-in-transaction high "if it is rolled back, 'Invite' goes back to what it was and this does"
  });
}

export async function inviteUnmanaged(sequelize: Sequelize, email: string) {
  const transaction = await sequelize.transaction();
  //                                  ^^^^^^^^^^^ related "The transaction begins here."
  try {
    await Invite.create({ email }, { transaction });
    await transport.sendMail({ to: email, subject: 'Join us', text: '' });
    //              ^^^^^^^^ double-write/effect-in-transaction high "if it is rolled back, 'Invite' goes back to what it was and this does"
    await transaction.commit();
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
}

export async function inviteWithHook(sequelize: Sequelize, email: string) {
  await sequelize.transaction(async (transaction) => {
    await Invite.create({ email }, { transaction });
    transaction.afterCommit(() => void transport.sendMail({ to: email, subject: 'Join us', text: '' })); // ok double-write/effect-in-transaction: the hook waits for the commit
  });
}

export async function inviteThenSend(sequelize: Sequelize, email: string) {
  const transaction = await sequelize.transaction();
  try {
    await Invite.create({ email }, { transaction });
    await transaction.commit();
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
  await transport.sendMail({ to: email, subject: 'Join us', text: '' }); // ok double-write/effect-in-transaction: after the commit
}

export async function resend(id: string) {
  const open = await Invite.findByPk(id);
  if (open) await transport.sendMail({ to: open.email, subject: 'Join us', text: '' }); // ok double-write/effect-in-transaction: no transaction is open
}
