// Idiom of github.com/outline/outline: the transaction is opened around the request.
import { Model, type Transaction } from 'sequelize';

export class Team extends Model {
  declare id: string;
  declare ownerId: string | null;
}
export class Membership extends Model {
  declare teamId: string;
  declare userId: string;
  declare role: string;
}
export class Link extends Model {
  declare from: string;
  declare to: string;
}
interface Context {
  transaction: Transaction;
}

export async function invite(teamId: string, userId: string, role: string, { transaction }: Context) {
  const team = await Team.findByPk(teamId, { transaction, lock: { level: transaction.LOCK.UPDATE, of: Team } });
  if (!team) throw new Error('There is no such team.');
  let membership = await Membership.findOne({ where: { teamId, userId }, lock: transaction.LOCK.UPDATE, transaction });
  //                                ^^^^^^^ related "Checked here."
  if (membership) {
    membership.role = role;
    await membership.save({ transaction });
  } else {
    membership = await Membership.create({ teamId, userId, role }, { transaction });
    //                            ^^^^^^ toctou/db-check-then-act medium "no row of 'Membership' with this 'teamId' and 'userId'"
  }
  return membership;
}

export async function inviteLocked(teamId: string, userId: string, role: string, { transaction }: Context) {
  await Team.findByPk(teamId, { transaction, lock: transaction.LOCK.UPDATE });
  const membership = await Membership.findOne({ where: { teamId, userId }, transaction });
  if (membership) return membership;
  return Membership.create({ teamId, userId, role }, { transaction }); // ok toctou/db-check-then-act: the team's row is locked
}

export async function link(from: string, to: string) {
  const existing = await Link.findOne({ where: { from, to } });
  //                          ^^^^^^^ related "Checked here."

  if (!existing) {
    await Link.create({ from, to }, { hooks: false });
    //         ^^^^^^ toctou/db-check-then-act medium "no row of 'Link' with this 'from' and 'to'"
  }
}

export async function linkOf(from: string, to: string) {
  const existing = await Link.findOne({ where: { from, to } });
  //                          ^^^^^^^ related "Checked here."
  if (existing) return existing;
  return Link.create({ from, to });
  //          ^^^^^^ toctou/db-check-then-act medium "no row of 'Link' with this 'from' and 'to'"
}

export async function linkAtOnce(from: string, to: string) {
  const [link] = await Link.findOrCreate({ where: { from, to } }); // ok toctou/db-check-then-act: one statement, on a unique key
  return link;
}

export async function claimTeam(id: string, ownerId: string) {
  const team = await Team.findByPk(id);
  //                      ^^^^^^^^ related "Checked here."
  if (!team) throw new Error('There is no such team.');
  if (team.ownerId) throw new Error('The team has an owner.');
  await Team.update({ ownerId }, { where: { id } });
  //         ^^^^^^ toctou/db-check-then-act medium "'ownerId' of 'Team'"
}

export async function claimFreeTeam(id: string, ownerId: string) {
  const team = await Team.findByPk(id);
  if (team?.ownerId) throw new Error('The team has an owner.');
  const [count] = await Team.update({ ownerId }, { where: { id, ownerId: null } }); // ok toctou/db-check-then-act: only while nobody owns it, and whether that was so is looked at
  if (count === 0) throw new Error('The team has an owner.');
}

export async function renameTeam(id: string, name: string) {
  const team = await Team.findByPk(id);
  if (team?.ownerId) throw new Error('The team has an owner.');
  await Team.update({ name }, { where: { id } }); // ok toctou/db-check-then-act: the owner stays as it is
}
