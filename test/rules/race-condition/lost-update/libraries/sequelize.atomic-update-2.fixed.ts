// Idiom of github.com/outline/outline: models with static finders, transactions in the options.
import { Model, Sequelize } from 'sequelize';

const sequelize = new Sequelize();

export class Wallet extends Model {
  declare id: string;
  declare balance: number;
  declare label: string;
}

export async function deposit(id: string, amount: number) {
  const wallet = await Wallet.findByPk(id);
  //                          ^^^^^^^^ related "Read here."
  if (!wallet) throw new Error('There is no such wallet.');
  wallet.balance += amount;
  await wallet.save();
  //           ^^^^ race-condition/lost-update high "'balance' of 'Wallet'"
}

export async function depositByUpdate(id: string, amount: number) {
  const wallet = await Wallet.findOne({ where: { id } });
  //                          ^^^^^^^ related "Read here."
  if (!wallet) throw new Error('There is no such wallet.');
  await wallet.increment({ balance: amount });
  //           ^^^^^^ race-condition/lost-update high "'balance' of 'Wallet'"
}

export async function withdraw(id: string, amount: number) {
  const wallet = await Wallet.findOne({ where: { id } });
  //                          ^^^^^^^ related "Read here."
  if (!wallet) throw new Error('There is no such wallet.');
  await Wallet.update({ balance: wallet.balance - amount }, { where: { id } });
  //           ^^^^^^ race-condition/lost-update high "'balance' of 'Wallet'"
}

export async function spend(id: string, amount: number) {
  const wallet = await Wallet.findOne({ where: { id } });
  //                          ^^^^^^^ related "Read here."
  if (!wallet || wallet.balance < amount) throw new Error('There is not enough.');
  await Wallet.update({ balance: wallet.balance - amount }, { where: { id } });
  //           ^^^^^^ race-condition/lost-update high "'balance' of 'Wallet'"
}

export async function charge(id: string, rate: number) {
  await sequelize.transaction(async (transaction) => {
    const wallet = await Wallet.findOne({ where: { id }, transaction });
    //                          ^^^^^^^ related "Read here."
    if (!wallet) return;
    wallet.balance *= rate;
    await wallet.save({ transaction });
    //           ^^^^ race-condition/lost-update high "'balance' of 'Wallet'"
  });
}

export async function chargeLocked(id: string, rate: number) {
  await sequelize.transaction(async (transaction) => {
    const wallet = await Wallet.findOne({ where: { id }, transaction, lock: transaction.LOCK.UPDATE });
    if (!wallet) return;
    wallet.balance *= rate;
    await wallet.save({ transaction }); // ok race-condition/lost-update: the row is locked when it is read
  });
}

export async function rename(id: string, label: string) {
  const wallet = await Wallet.findByPk(id);
  if (!wallet) return;
  wallet.label = label;
  await wallet.save(); // ok race-condition/lost-update: only the columns that changed are written
}

export async function depositAtOnce(id: string, amount: number) {
  const wallet = await Wallet.findByPk(id);
  if (!wallet) throw new Error('There is no such wallet.');
  await wallet.increment({ balance: amount }); // ok race-condition/lost-update: the database adds
}

class Domain extends Model {
  declare name: string;
}
class Team extends Model {
  declare domains: Domain[];
  declare labels: string[];
}
Team.hasMany(Domain, { as: 'domains' });

// What belongs to the team are rows of their own: saving the team writes none of them.
export async function addDomain(id: string, domain: Domain) {
  const team = await Team.findByPk(id, { include: [{ model: Domain, as: 'domains' }] });
  if (!team) throw new Error('There is no such team.');
  team.domains = [...team.domains, domain];
  await team.save(); // ok race-condition/lost-update: nothing of it is a column
}

export async function addLabel(id: string, name: string) {
  const team = await Team.findByPk(id);
  if (!team) throw new Error('There is no such team.');
  team.labels = [...team.labels, name];
  await team.save();
  //         ^^^^ race-condition/lost-update medium "'labels' of 'Team'"
}
