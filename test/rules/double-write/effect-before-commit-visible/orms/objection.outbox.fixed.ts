// Idiom of github.com/devinivy/fishbowl: services over Objection models that take the transaction as their last argument.
import Queue from 'bull';
import { Model, type TransactionOrKnex } from 'objection';

class Member extends Model {
  static override tableName = 'members';
  id!: string;
  clubId!: string;
}
class OutboxRow extends Model {
  static override tableName = 'outbox';
}

const tasks = new Queue<object>('tasks');

async function insertMember(clubId: string, trx: TransactionOrKnex) {
  return Member.query(trx).insert({ clubId });
}

export async function join(clubId: string) {
  return Member.transaction(async (trx) => {
  //            ^^^^^^^^^^^ related "The transaction begins here."
    const member = await insertMember(clubId, trx);
    await trx('outbox').insert({ topic: 'tasks', payload: JSON.stringify({ name: 'prepare-member', memberId: member.id }) });
    //          ^^^ double-write/effect-before-commit-visible high "a consumer can be at work before 'Member' is committed, or although"
    return member;
  });
}

export async function joinThenPrepare(clubId: string) {
  const member = await Member.transaction((trx) => insertMember(clubId, trx));
  //                                               ^^^^^^^^^^^^ related "Written to 'Member' here."
  await tasks.add({ name: 'prepare-member', memberId: member.id }); // ok double-write/effect-before-commit-visible: after the commit
  //          ^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
  return member;
}

export async function joinThroughOutbox(clubId: string) {
  await Member.transaction(async (trx) => {
    const member = await insertMember(clubId, trx);
    await OutboxRow.query(trx).insert({ topic: 'prepare-member', payload: member.id }); // ok double-write/effect-before-commit-visible: a row of the transaction
  });
}

export async function prepareFirst(id: string) {
  await tasks.add({ name: 'prepare-club', clubId: id }, { jobId: id }); // ok double-write/effect-before-commit-visible: before it begins
  await Member.transaction((trx) => insertMember(id, trx));
}
