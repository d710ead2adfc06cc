// Idiom of github.com/requarks/wiki: models with queries, a transaction handed to each.
import { Model } from 'objection';

class Page extends Model {
  static override tableName = 'pages';
  id!: number;
  path!: string;
  state!: string;
}

export async function createPage(path: string) {
  const duplicate = await Page.query().findOne({ path });
  //                                   ^^^^^^^ related "Checked here."
  if (duplicate) throw new Error('PageDuplicateCreate');
  await Page.query().insert({ path });
  //                 ^^^^^^ toctou/db-check-then-act medium "two runs at once both store theirs"
}

export async function submit(id: number, userId: number) {
  const page = await Page.query().findById(id);
  //                              ^^^^^^^^ related "Checked here."
  if (!page || page.state !== 'draft') throw new Error('PageInReview');
  const updated = await Page.query().findById(id).where('state', 'draft').patch({ state: 'review', reviewerId: userId });
  if (updated === 0) throw new Error('PageInReview');
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
