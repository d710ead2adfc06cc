// Idiom of github.com/medusajs/medusa: services over an entity manager that is forked for each request.
import { type EntityManager, IsolationLevel, LockMode } from '@mikro-orm/core';

/** Codes of a transaction that the database ended in favour of another: PostgreSQL, Prisma, MySQL. */
const CONFLICTS = new Set<unknown>(['40001', '40P01', 'P2034', 'ER_LOCK_DEADLOCK']);

function isConflict(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, cause, parent, driverError } = error as Record<string, unknown>;
  return CONFLICTS.has(code) || [cause, parent, driverError].some(isConflict);
}

async function retryOnConflict<T>(run: () => Promise<T>, attempts = 5): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === attempts || !isConflict(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** attempt));
    }
  }
}

class Reservation {
  id!: string;
  slot!: string;
  status!: string;
}

export async function reserve(em: EntityManager, slot: string) {
  await retryOnConflict(() => em.transactional(async (tx) => {
    const taken = await tx.findOne(Reservation, { slot });
    //                     ^^^^^^^ related "Checked here."
    if (taken) throw new Error('The slot is taken.');
    await tx.insert(Reservation, { slot, status: 'new' });
  }, { isolationLevel: IsolationLevel.SERIALIZABLE }));
  //       ^^^^^^ toctou/db-check-then-act medium "two runs at once both store theirs"
}

export async function confirm(em: EntityManager, id: string) {
  const reservation = await em.findOneOrFail(Reservation, { id });
  //                           ^^^^^^^^^^^^^ related "Checked here."
  if (reservation.status !== 'new') throw new Error('It is no longer open.');
  await em.nativeUpdate(Reservation, { id }, { status: 'confirmed' });
  //       ^^^^^^^^^^^^ toctou/db-check-then-act medium "'status' of 'Reservation'"
}

export async function confirmOnce(em: EntityManager, id: string) {
  const updated = await em.nativeUpdate(Reservation, { id, status: 'new' }, { status: 'confirmed' }); // ok toctou/db-check-then-act: checked by the statement that writes
  if (updated === 0) throw new Error('It is no longer open.');
}

export async function confirmLocked(em: EntityManager, id: string) {
  await em.transactional(async (tx) => {
    const reservation = await tx.findOneOrFail(Reservation, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (reservation.status !== 'new') throw new Error('It is no longer open.');
    reservation.status = 'confirmed'; // ok toctou/db-check-then-act: locked by its read, written at the end of the transaction
  });
}

export async function confirmApart(em: EntityManager, id: string) {
  await em.fork().transactional(async (tx) => {
    const reservation = await tx.findOneOrFail(Reservation, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (reservation.status !== 'new') throw new Error('It is no longer open.');
    reservation.status = 'confirmed'; // ok toctou/db-check-then-act: locked in the transaction that is begun on the fork
  });
}

export async function confirmBeside(em: EntityManager, id: string) {
  await em.transactional(
    //     ^^^^^^^^^^^^^ deadlock/no-victim-retry high
    async (tx) => {
      const own = tx.fork();
      const reservation = await own.findOneOrFail(Reservation, { id });
      //                            ^^^^^^^^^^^^^ deadlock/transaction-escape medium "'findOneOrFail' goes to 'Reservation' through a fork of 'em'"
      //                            ^^^^^^^^^^^^^ related "Checked here."
      if (reservation.status !== 'new') throw new Error('It is no longer open.');
      await tx.nativeUpdate(Reservation, { id }, { status: 'confirmed' });
      //       ^^^^^^^^^^^^ toctou/db-check-then-act medium "'status' of 'Reservation'"
    },
    { isolationLevel: IsolationLevel.SERIALIZABLE },
  );
}

export async function confirmWithin(em: EntityManager, id: string) {
  await em.transactional(async (tx) => {
    const own = tx.fork({ keepTransactionContext: true });
    const reservation = await own.findOneOrFail(Reservation, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if (reservation.status !== 'new') throw new Error('It is no longer open.');
    await tx.nativeUpdate(Reservation, { id }, { status: 'confirmed' }); // ok toctou/db-check-then-act: the fork's lock is the transaction's
  });
}

export async function reserveIsolated(em: EntityManager, slot: string) {
  await em.transactional(
  //       ^^^^^^^^^^^^^ deadlock/no-victim-retry high "The transaction is SERIALIZABLE, where the database aborts o"
    async (tx) => {
      if ((await tx.count(Reservation, { slot })) > 0) throw new Error('The slot is taken.');
      await tx.insert(Reservation, { slot, status: 'new' }); // ok toctou/db-check-then-act: one of two such transactions fails
      //       ^^^^^^ related "This is lost."
    },
    { isolationLevel: IsolationLevel.SERIALIZABLE },
  );
}

export async function reserveOnce(em: EntityManager, slot: string) {
  if (await em.findOne(Reservation, { slot })) return;
  await em.upsert(Reservation, { slot, status: 'new' }); // ok toctou/db-check-then-act: a second one changes the first
}
