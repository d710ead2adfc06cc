// Idiom of github.com/Unleash/unleash: statements of stores in one transaction.
import type { Knex } from 'knex';

export async function archive(db: Knex, project: string, features: string[]) {
  await db.transaction(async (trx) => {
  //       ^^^^^^^^^^^ related "The transaction begins here."
    await Promise.all([
    //    ^^^^^^^^^^^ race-condition/promise-all-in-transaction low "without waiting for the others"
      trx('features').whereIn('name', features).update({ archived: true }),
      trx('feature_environments').whereIn('feature_name', features).del(),
    ]);
    await trx('projects').where({ id: project }).update({ updated: true });
  });
}

export async function archiveInTurn(db: Knex, features: string[]) {
  await db.transaction(async (trx) => {
    await trx('features').whereIn('name', features).update({ archived: true });
    await trx('feature_environments').whereIn('feature_name', features).del(); // ok race-condition/promise-all-in-transaction: one after another
  });
}

export async function archiveApart(db: Knex, features: string[]) {
  // ok race-condition/promise-all-in-transaction: no transaction, a connection for each
  await Promise.all([
    db('features').whereIn('name', features).update({ archived: true }),
    db('feature_environments').whereIn('feature_name', features).del(),
  ]);
}

export async function counts(db: Knex, project: string) {
  return db.transaction(async (trx) => {
    // ok race-condition/promise-all-in-transaction: reads only
    const [features, environments] = await Promise.all([
      trx('features').where({ project }).select('name'),
      trx('project_environments').where({ project }).select('name'),
    ]);
    return [features.length, environments.length];
  });
}
