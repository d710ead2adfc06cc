// Idiom of github.com/NicolasCaous/wawab-server: a level set by the first statement; slonik runs a failed transaction again.
import { type DatabasePool, sql } from 'slonik';

export const send = async (pool: DatabasePool, campaignId: string, count: number) =>
  // ok deadlock/no-victim-retry: the library repeats it, five times by default
  pool.transaction(async (trx) => {
    await trx.query(sql.unsafe`SET TRANSACTION ISOLATION LEVEL SERIALIZABLE`);
    await trx.query(sql.unsafe`update campaigns set sent = sent + ${count} where id = ${campaignId}`);
  });

export const results = async (pool: DatabasePool, campaignId: string) =>
  // ok deadlock/no-victim-retry: it only reads
  pool.transaction(async (trx) => {
    await trx.query(sql.unsafe`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ`);
    return trx.one(sql.unsafe`select sent from campaigns where id = ${campaignId}`);
  });

export const rename = async (pool: DatabasePool, campaignId: string, name: string) =>
  // ok deadlock/no-victim-retry: one row at the default level
  pool.transaction(async (trx) => {
    await trx.query(sql.unsafe`update campaigns set name = ${name} where id = ${campaignId}`);
  });
