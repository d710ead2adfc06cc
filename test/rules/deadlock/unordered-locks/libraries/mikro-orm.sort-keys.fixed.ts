// Idiom of github.com/medusajs/medusa: inventory levels changed for each line of an order.
import { type EntityManager, LockMode } from '@mikro-orm/core';

class InventoryLevel {
  id!: string;
  reserved!: number;
}

interface Line {
  levelId: string;
  quantity: number;
}

export async function reserve(em: EntityManager, lines: Line[]) {
  await em.transactional(async (tx) => {
    for (const line of [...lines].sort((a, b) => (a.levelId < b.levelId ? -1 : 1))) {
  //^^^ related "The order comes from here."
  //^^^ related "Repeated for each element of 'lines'."
      const level = await tx.findOneOrFail(InventoryLevel, { id: line.levelId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      //                     ^^^^^^^^^^^^^ deadlock/unordered-locks medium "in whatever order they come"
      //                     ^^^^^^^^^^^^^ n-plus-one/query-in-loop medium "once per element"
      level.reserved += line.quantity;
    }
  });
}

export async function reserveSorted(em: EntityManager, lines: Line[]) {
  await em.transactional(async (tx) => {
    for (const line of lines.toSorted((a, b) => a.levelId.localeCompare(b.levelId))) {
  //^^^ related "Repeated for each element of the list."
      // ok deadlock/unordered-locks: everyone goes up
      const level = await tx.findOneOrFail(InventoryLevel, { id: line.levelId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      //                     ^^^^^^^^^^^^^ n-plus-one/query-in-loop medium "once per element"
      level.reserved += line.quantity;
    }
  });
}

export async function reserveAll(em: EntityManager, lines: Line[]) {
  await em.transactional(async (tx) => {
    const ids = lines.map(({ levelId }) => levelId);
    // ok deadlock/unordered-locks: one statement, in one order
    const levels = await tx.find(InventoryLevel, { id: { $in: ids } }, { orderBy: { id: 'asc' }, lockMode: LockMode.PESSIMISTIC_WRITE });
    for (const level of levels) level.reserved += 1;
  });
}

export async function reserveOneByOne(em: EntityManager, lines: Line[]) {
  for (const line of lines) {
//^^^ related "Repeated for each element of 'lines'."
    await em.transactional(async (tx) => {
      // ok deadlock/unordered-locks: one row per transaction
      const level = await tx.findOneOrFail(InventoryLevel, { id: line.levelId }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      //                     ^^^^^^^^^^^^^ n-plus-one/query-in-loop medium "once per element"
      level.reserved += line.quantity;
    });
  }
}
