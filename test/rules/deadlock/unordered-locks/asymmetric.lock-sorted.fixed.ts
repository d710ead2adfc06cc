// Idiom of github.com/documenso/documenso and github.com/formbricks/formbricks
interface Transaction {
  query(sql: string, params?: unknown[]): Promise<{ active: boolean } | null>;
}
declare const db: {
  transaction<T>(work: (trx: Transaction) => Promise<T>, options?: { isolationLevel: string }): Promise<T>;
};
interface Row {
  active: boolean;
}
declare const store: { query(sql: string, params: unknown[]): Promise<{ rows: Row[] }> };

/** The roles cannot be exchanged: of the one it is asked that it is active, of the other that it is not. */
export async function moveSubscription(sourceId: string, targetId: string): Promise<void> {
  const { rows: from } = await store.query('SELECT active FROM organisations WHERE id = $1', [sourceId]);
  const { rows: to } = await store.query('SELECT active FROM organisations WHERE id = $1', [targetId]);
  if (from[0]?.active !== true) throw new Error('nothing to move');
  if (to[0]?.active !== false) throw new Error('has one already');
  await db.transaction(async (trx) => {
    for (const id of [sourceId, targetId].sort()) {
      await trx.query('SELECT 1 FROM organisations WHERE id = $1 FOR UPDATE', [id]);
    }
    await trx.query('UPDATE organisations SET active = false WHERE id = $1', [sourceId]);
    await trx.query('UPDATE organisations SET active = true WHERE id = $1', [targetId]);
    //        ^^^^^ deadlock/unordered-locks low
  });
}

/** Asked the same of both: the opposite move is as possible. */
export async function swapNames(firstId: string, secondId: string): Promise<void> {
  const { rows: first } = await store.query('SELECT active FROM organisations WHERE id = $1', [firstId]);
  const { rows: second } = await store.query('SELECT active FROM organisations WHERE id = $1', [secondId]);
  if (first[0]?.active !== true) throw new Error('inactive');
  if (second[0]?.active !== true) throw new Error('inactive');
  await db.transaction(async (trx) => {
    await trx.query('UPDATE organisations SET renamed = true WHERE id = $1', [firstId]);
    await trx.query('UPDATE organisations SET renamed = true WHERE id = $1', [secondId]);
    //        ^^^^^ deadlock/unordered-locks high
  });
}
