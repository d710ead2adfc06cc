// Idiom of github.com/logto-io/logto: query functions made for a pool, methods that say how many rows there are.
import { type CommonQueryMethods, sql } from 'slonik';

interface Quota {
  used: number;
}

export const createQuotaQueries = (pool: CommonQueryMethods) => {
  const use = async (tenantId: string, amount: number) => {
    const quota = await pool.one<Quota>(sql.unsafe`select used from quotas where tenant_id = ${tenantId}`);
    //                       ^^^ related "Read here."
    await pool.query(sql.unsafe`update quotas set used = ${quota.used + amount} where tenant_id = ${tenantId}`);
    //         ^^^^^ race-condition/lost-update medium "'used' of 'quotas'"
  };

  const release = async (tenantId: string, amount: number) => {
    const used = await pool.oneFirst(sql.unsafe`select used from quotas where tenant_id = ${tenantId}`);
    //                      ^^^^^^^^ related "Read here."
    await pool.query(sql.unsafe`update quotas set used = ${used - amount} where tenant_id = ${tenantId}`);
    //         ^^^^^ race-condition/lost-update medium "'used' of 'quotas'"
  };

  const double = async (tenantId: string) =>
    pool.transaction(async (connection) => {
      const quota = await connection.maybeOne<Quota>(sql.unsafe`select used from quotas where tenant_id = ${tenantId} FOR UPDATE`);
      //                             ^^^^^^^^ related "Read here."
      if (!quota) return;
      await connection.query(sql.unsafe`update quotas set used = ${quota.used * 2} where tenant_id = ${tenantId}`);
      //               ^^^^^ race-condition/lost-update medium "'used' of 'quotas'"
    });

  const doubleLocked = async (tenantId: string) =>
    pool.transaction(async (connection) => {
      const quota = await connection.one<Quota>(
        sql.unsafe`select used from quotas where tenant_id = ${tenantId} for update`,
      );
      // ok race-condition/lost-update: the row is locked by its read
      await connection.query(sql.unsafe`update quotas set used = ${quota.used * 2} where tenant_id = ${tenantId}`);
    });

  const useAtOnce = async (tenantId: string, amount: number) =>
    // ok race-condition/lost-update: the database adds
    pool.one<Quota>(sql.unsafe`update quotas set used = used + ${amount} where tenant_id = ${tenantId} returning used`);

  const copy = async (tenantId: string, otherId: string) => {
    const quota = await pool.one<Quota>(sql.unsafe`select used from quotas where tenant_id = ${otherId}`);
    // ok race-condition/lost-update: another row's value, taken over as it is
    await pool.query(sql.unsafe`update quotas set copied = ${quota.used} where tenant_id = ${tenantId}`);
  };

  const copyFirst = async (tenantId: string, otherId: string) => {
    const used = await pool.oneFirst(sql.unsafe`select used from quotas where tenant_id = ${otherId}`);
    // ok race-condition/lost-update: another row's value
    await pool.query(sql.unsafe`update quotas set used = ${used} where tenant_id = ${tenantId}`);
  };

  const extend = async (tenantId: string, amount: number) => {
    const used = await pool.oneFirst(sql.unsafe`select used from quotas where tenant_id = ${tenantId}`);
    // ok race-condition/lost-update: another column
    await pool.query(sql.unsafe`update quotas set allowed = ${used + amount} where tenant_id = ${tenantId}`);
  };

  return { copyFirst, extend, use, release, double, doubleLocked, useAtOnce, copy };
};
