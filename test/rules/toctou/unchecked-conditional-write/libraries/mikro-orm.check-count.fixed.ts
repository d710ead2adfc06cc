// Idiom of github.com/medusajs/medusa: `nativeUpdate` gives the number of rows.
import type { EntityManager } from '@mikro-orm/core';

class Promotion {
  id!: string;
  status!: string;
}
class Redemption {
  promotion!: string;
}

export async function redeem(em: EntityManager, id: string) {
  await em.transactional(async (tx) => {
    const updated2 = await tx.nativeUpdate(Promotion, { id, status: 'open' }, { status: 'used' });
    if (updated2 === 0) throw new Error('The row has changed in the meantime');
    //       ^^^^^^^^^^^^ toctou/unchecked-conditional-write high "nobody looks at whether it did"
    await tx.insert(Redemption, { promotion: id });
    //       ^^^^^^ related "Happens whether the row was changed or not."
  });
}

export async function redeemCounted(em: EntityManager, id: string) {
  await em.transactional(async (tx) => {
    const updated = await tx.nativeUpdate(Promotion, { id, status: 'open' }, { status: 'used' }); // ok toctou/unchecked-conditional-write: the count is looked at
    if (updated === 0) throw new Error('It is used.');
    await tx.insert(Redemption, { promotion: id });
  });
}

export async function close(em: EntityManager, id: string): Promise<boolean> {
  return (await em.nativeUpdate(Promotion, { id, status: 'open' }, { status: 'closed' })) > 0; // ok toctou/unchecked-conditional-write: the caller learns of it
}

export async function closeAll(em: EntityManager) {
  await em.nativeUpdate(Promotion, { status: 'open' }, { status: 'closed' }); // ok toctou/unchecked-conditional-write: there may be none
}
