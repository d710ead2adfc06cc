// Idiom of github.com/requarks/wiki: models with queries, a transaction handed to each.
import { Model } from 'objection';

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

class Page extends Model {
  static override tableName = 'pages';
  id!: number;
  path!: string;
  state!: string;
}

export async function createPage(path: string) {
  await retryOnConflict(() => Page.knex().transaction(async (trx) => {
    const duplicate = await Page.query(trx).findOne({ path });
    //                                   ^^^^^^^ related "Checked here."
    if (duplicate) throw new Error('PageDuplicateCreate');
    await Page.query(trx).insert({ path });
  }, { isolationLevel: 'serializable' }));
  //                 ^^^^^^ toctou/db-check-then-act medium "two runs at once both store theirs"
}

export async function submit(id: number, userId: number) {
  const page = await Page.query().findById(id);
  //                              ^^^^^^^^ related "Checked here."
  if (!page || page.state !== 'draft') throw new Error('PageInReview');
  await Page.query().findById(id).patch({ state: 'review', reviewerId: userId });
  //                              ^^^^^ toctou/db-check-then-act low "'state' of 'Page'"
}

export async function submitOnce(id: number, userId: number) {
  const patched = await Page.query().where({ id, state: 'draft' }).patch({ state: 'review', reviewerId: userId }); // ok toctou/db-check-then-act: checked by the statement that writes
  if (patched === 0) throw new Error('PageInReview');
}

export async function submitLocked(id: number, userId: number) {
  await Page.transaction(async (trx) => {
    const page = await Page.query(trx).findById(id).forUpdate();
    if (!page || page.state !== 'draft') throw new Error('PageInReview');
    await Page.query(trx).findById(id).patch({ state: 'review', reviewerId: userId }); // ok toctou/db-check-then-act: locked by its read
  });
}

export async function createOnce(path: string) {
  const known = await Page.query().findOne({ path });
  if (known) return;
  await Page.query().insert({ path }).onConflict('path').ignore(); // ok toctou/db-check-then-act: a second one does nothing
}
