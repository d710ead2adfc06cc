// Idiom of github.com/linkwarden/linkwarden
import { In, type Repository } from 'typeorm';

declare class Bookmark {
  id: number;
  ownerId: number;
  preview: string | null;
  pinned: boolean;
}

/** All that a query gives get the same. */
export async function forgetPreviews(bookmarks: Repository<Bookmark>, ownerId: number) {
  const own = await bookmarks.find({ where: { ownerId } });
  for (const bookmark of own) {
    await bookmarks.update({ id: bookmark.id }, { preview: null });
    //              ^^^^^^ n-plus-one/query-in-loop medium "'update' writes to 'Bookmark' once per element of 'own'"
  }
}

/** The few that somebody has picked. */
export async function forgetSome(bookmarks: Repository<Bookmark>, ids: number[]) {
  const picked = await bookmarks.find({ where: { id: In(ids) } });
  await bookmarks.update({ id: In(Array.from(picked, (bookmark) => bookmark.id)) }, { preview: null });
}

/** Not all of them. */
export async function forgetUnpinned(bookmarks: Repository<Bookmark>, ownerId: number) {
  const own = await bookmarks.find({ where: { ownerId } });
  for (const bookmark of own) {
    if (bookmark.pinned) continue;
    await bookmarks.update({ id: bookmark.id }, { preview: null });
    //              ^^^^^^ n-plus-one/query-in-loop low "'update' writes to 'Bookmark'"
  }
}

/** The newest. */
export async function forgetNewest(bookmarks: Repository<Bookmark>, ownerId: number) {
  const newest = await bookmarks.find({ where: { ownerId }, take: 10 });
  for (const bookmark of newest) {
    await bookmarks.update({ id: bookmark.id }, { preview: null });
    //              ^^^^^^ n-plus-one/query-in-loop low "'update' writes to 'Bookmark'"
  }
}

/** Each something else. */
export async function renamePreviews(bookmarks: Repository<Bookmark>, ownerId: number) {
  const own = await bookmarks.find({ where: { ownerId } });
  for (const bookmark of own) {
    await bookmarks.update({ id: bookmark.id }, { preview: `${bookmark.id}.png` });
    //              ^^^^^^ n-plus-one/query-in-loop low "'update' writes to 'Bookmark'"
  }
}
