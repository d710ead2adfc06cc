// Idiom of github.com/requarks/wiki: `patch` gives the number of rows.
import { Model, type TransactionOrKnex } from 'objection';

class Key extends Model {
  static override tableName = 'userKeys';
  id!: number;
  kind!: string;
  isValid!: boolean;
}
class Grant extends Model {
  static override tableName = 'grants';
  keyId!: number;
}

export async function redeem(id: number) {
  await Key.transaction(async (trx: TransactionOrKnex) => {
    const updated = await Key.query(trx).where({ id, isValid: true }).patch({ isValid: false });
    if (updated === 0) throw new Error('The row has changed in the meantime');
    //                                                ^^^^^ toctou/unchecked-conditional-write high "nobody looks at whether it did"
    await Grant.query(trx).insert({ keyId: id });
    //                     ^^^^^^ related "Happens whether the row was changed or not."
  });
}

export async function redeemCounted(id: number) {
  await Key.transaction(async (trx: TransactionOrKnex) => {
    const patched = await Key.query(trx).where({ id, isValid: true }).patch({ isValid: false }); // ok toctou/unchecked-conditional-write: the count is looked at
    if (patched !== 1) throw new Error('BruteInvalidToken');
    await Grant.query(trx).insert({ keyId: id });
  });
}

export async function redeemOrThrow(id: number) {
  await Key.transaction(async (trx: TransactionOrKnex) => {
    await Key.query(trx).where({ id, isValid: true }).patch({ isValid: false }).throwIfNotFound(); // ok toctou/unchecked-conditional-write: it throws when there was none
    await Grant.query(trx).insert({ keyId: id });
  });
}

export async function invalidate(kind: string) {
  await Key.query().where({ kind, isValid: true }).patch({ isValid: false }); // ok toctou/unchecked-conditional-write: there may be none
}
