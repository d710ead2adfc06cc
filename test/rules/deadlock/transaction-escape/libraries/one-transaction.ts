// Idiom of github.com/Unleash/unleash: stores over one connection, functions that several transactions are handed to.
import type { Knex } from 'knex';

declare const db: Knex;

async function stateOf(project: string): Promise<string> {
  const [row] = await db('projects').where({ id: project });
  return row.state;
}

async function isFrozen(environment: string): Promise<boolean> {
  const [row] = await db('environments').where({ name: environment });
  return row.frozen;
}

async function addFeature(trx: Knex.Transaction, project: string, environment: string): Promise<void> {
  if ((await stateOf(project)) === 'archived') throw new Error('archived');
  //         ^^^^^^^ deadlock/transaction-escape medium "'stateOf' (through 'find') and another query go through 'db'"
  if (await isFrozen(environment)) throw new Error('frozen');
  //        ^^^^^^^^ related "This is outside as well."
  await trx('features').insert({ project, environment });
}

export async function create(project: string, environment: string): Promise<void> {
  await db.transaction(async (trx) => {
  //       ^^^^^^^^^^^ related "The transaction begins here."
    await addFeature(trx, project, environment);
  });
}

/** Handed to the same function, whose queries have been told of. */
export async function clone(project: string, environment: string): Promise<void> {
  await db.transaction(async (trx) => {
    await trx('features').where({ project }).update({ cloned: true });
    await addFeature(trx, project, environment); // ok deadlock/transaction-escape: told at the first transaction
  });
}

/** Two transactions of one function are two mistakes. */
export async function move(feature: string, from: string, to: string): Promise<void> {
  await db.transaction(async (trx) => {
  //       ^^^^^^^^^^^ related "The transaction begins here."
    await trx('moves').insert({ feature, to });
    await db('projects').where({ id: from }).update({ moved: true });
    //                                       ^^^^^^ deadlock/transaction-escape high "while a transaction is open that it is not given"
  });
  await db.transaction(async (trx) => {
  //       ^^^^^^^^^^^ related "The transaction begins here."
    await trx('tags').insert({ feature });
    await db('projects').where({ id: to }).update({ moved: true });
    //                                     ^^^^^^ deadlock/transaction-escape high "while a transaction is open that it is not given"
  });
}

/** What is to stay when the rest is rolled back is no part of the mistake, nor of its repair. */
export async function archive(project: string): Promise<void> {
  await db.transaction(async (trx) => {
  //       ^^^^^^^^^^^ related "The transaction begins here."
    await db('audit_log').insert({ project });
    //                    ^^^^^^ deadlock/transaction-escape low "'insert' goes to 'audit_log' through 'db' while a"
    await db('projects').where({ id: project }).update({ state: 'archived' });
    //                                          ^^^^^^ deadlock/transaction-escape high "'update' goes to 'projects' through 'db' while a"
    await trx('features').where({ project }).del();
  });
}

export async function report(project: string, environment: string): Promise<[string, boolean]> {
  return [await stateOf(project), await isFrozen(environment)]; // ok deadlock/transaction-escape: no transaction is open
}

export async function touch(project: string): Promise<void> {
  await db.transaction(async (trx) => {
    await trx('projects').where({ id: project }).update({ touched: true });
    await trx('features').where({ project }).update({ touched: true }); // ok deadlock/transaction-escape: all of it is inside
  });
}
