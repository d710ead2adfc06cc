// Idiom of github.com/requarks/wiki: keys of several kinds in one table, deleted when they were used.
import { Model } from 'objection';

class UserKey extends Model {
  static override tableName = 'userKeys';
  id!: number;
  kind!: string;
  token!: string;
  userId!: number;
}

export async function validate(kind: string, token: string, keep: boolean) {
  const key = await UserKey.query().findOne({ kind, token });
  //                                ^^^^^^^ related "Checked here."
  if (key) {
    if (!keep) {
      const deleted = await UserKey.query().deleteById(key.id);
      if (deleted === 0) throw new Error('AuthValidationTokenInvalid');
      //                    ^^^^^^^^^^ toctou/db-check-then-act medium "A row of 'UserKey' is accepted once 'findOne' found it, and "
    }
    return key;
  } else {
    throw new Error('AuthValidationTokenInvalid');
  }
}

export async function validateOnce(kind: string, token: string) {
  const key = await UserKey.query().findOne({ kind, token });
  if (!key) throw new Error('AuthValidationTokenInvalid');
  const deleted = await UserKey.query().deleteById(key.id); // ok toctou/db-check-then-act: who deleted it is known
  if (deleted === 0) throw new Error('AuthValidationTokenInvalid');
  return key;
}

export async function destroy(token: string) {
  const key = await UserKey.query().findOne({ token });
  if (key) await UserKey.query().deleteById(key.id); // ok toctou/db-check-then-act: nobody accepts it
}

export async function ownerOf(userId: number) {
  const key = await UserKey.query().findOne({ userId });
  if (!key) throw new Error('NoKey');
  await UserKey.query().deleteById(key.id); // ok toctou/db-check-then-act: it was not found by a secret
  return key;
}
