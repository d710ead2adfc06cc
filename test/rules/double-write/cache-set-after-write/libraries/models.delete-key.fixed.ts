// Idiom of github.com/requarks/wiki: what a page or a menu is made of, kept by the process for five minutes.
import type { EntityManager } from '@mikro-orm/core';
import type { Cache } from 'cache-manager';
import NodeCache from 'node-cache';
import { Model } from 'objection';

class Navigation extends Model {
  static override tableName = 'navigation';
  key!: string;
  items!: string;
}
export class Locale {
  code!: string;
  name!: string;
}

const cache = new NodeCache({ stdTTL: 300 });

export async function saveMenu(key: string, items: string) {
  await Navigation.query().findById(key).patch({ items });
  //                                     ^^^^^ related "Written to 'Navigation' here."
  cache.del(`nav:${key}`);
  //    ^^^ double-write/cache-set-after-write medium "if it fails or another writer comes between, the cache keeps the"
}

export async function renameLocale(em: EntityManager, shared: Cache, code: string, name: string) {
  await em.nativeUpdate(Locale, { code }, { name });
  //       ^^^^^^^^^^^^ related "Written to 'Locale' here."
  await shared.set(`locale:${code}`, name, 300_000);
  //           ^^^ double-write/cache-set-after-write high "if it fails or another writer comes between, the cache keeps the"
}

export async function saveMenuAndDrop(key: string, items: string) {
  await Navigation.query().findById(key).patch({ items });
  cache.del(`nav:${key}`); // ok double-write/cache-set-after-write: the entry goes
}

export async function renameLocaleAndDrop(em: EntityManager, shared: Cache, code: string, name: string) {
  await em.nativeUpdate(Locale, { code }, { name });
  await shared.del(`locale:${code}`); // ok double-write/cache-set-after-write: the entry goes
}

export async function menu(key: string) {
  const found = await Navigation.query().findOne({ key });
  if (found) cache.set(`nav:${key}`, found.items); // ok double-write/cache-set-after-write: filled from a read
  return found?.items;
}

export async function renameLocaleAndReload(em: EntityManager, shared: Cache, code: string, name: string) {
  await em.nativeUpdate(Locale, { code }, { name });
  const locale = await em.findOneOrFail(Locale, { code });
  await shared.set(`locale:${code}`, locale.name); // ok double-write/cache-set-after-write: read again after the write
}
