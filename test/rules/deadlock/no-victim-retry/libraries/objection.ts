// Idiom of github.com/Vincit/objection.js: a transaction of the model's Knex, which takes the options.
import { Model } from 'objection';
import { withRetries } from './attempts.ts';

class Shift extends Model {
  static override tableName = 'shifts';
  id!: number;
  doctorId!: number | null;
}

export async function swap(id: number, doctorId: number) {
  await Shift.knex().transaction(
  //                 ^^^^^^^^^^^ deadlock/no-victim-retry high "The transaction is SERIALIZABLE, where the database aborts one of two"
    async (trx) => {
      const taken = await Shift.query(trx).where({ doctorId }).resultSize();
      if (taken > 5) throw new Error('Enough for a week.');
      await Shift.query(trx).findById(id).patch({ doctorId });
    },
    { isolationLevel: 'serializable' },
  );
}

export async function count(doctorId: number) {
  // ok deadlock/no-victim-retry: it only reads
  return Shift.knex().transaction(async (trx) => Shift.query(trx).where({ doctorId }).resultSize(), {
    isolationLevel: 'repeatable read',
  });
}

export async function drop(id: number) {
  // ok deadlock/no-victim-retry: one row at the default level
  await Shift.transaction(async (trx) => {
    await Shift.query(trx).findById(id).patch({ doctorId: null });
  });
}

export async function take(id: number, doctorId: number) {
  await withRetries(() =>
    // ok deadlock/no-victim-retry: a helper calls it again
    Shift.knex().transaction(async (trx) => Shift.query(trx).findById(id).patch({ doctorId }), {
      isolationLevel: 'serializable',
    }),
  );
}
