// Idiom of github.com/requarks/wiki: settings patched in the database, then put into whatever cache there is.
import type { Cache } from 'cache-manager';
import Keyv from 'keyv';
import type { Knex } from 'knex';
import NodeCache from 'node-cache';

interface Page {
  id: string;
  title: string;
}
declare const prisma: {
  page: {
    update(args: { where: { id: string }; data: Partial<Page> }): Promise<Page>;
    findUnique(args: { where: { id: string } }): Promise<Page | null>;
  };
};

const keyv = new Keyv<Page>('redis://cache');
const local = new NodeCache({ stdTTL: 300 });
const pageCache = new Map<string, Page>();

export async function rename(id: string, title: string) {
  const page = await prisma.page.update({ where: { id }, data: { title } });
  //                             ^^^^^^ related "Written to 'page' here"
  await keyv.set(`page:${id}`, page, 60_000);
  //         ^^^ double-write/cache-set-after-write high "'set' puts into the cache what 'update' wrote to 'page'"
  return page;
}

export async function renameInManager(cache: Cache, knex: Knex, id: string, title: string) {
  await knex('pages').where({ id }).update({ title });
  await cache.del(`page-title:${id}`);
  //          ^^^ double-write/cache-set-after-write high "what 'update' wrote to 'pages'"
}

export async function renameHere(knex: Knex, id: string, title: string) {
  await knex('pages').where({ id }).update({ title });
  local.set(`page-title:${id}`, title);
  //    ^^^ double-write/cache-set-after-write medium
}

export async function renameInMap(id: string, title: string) {
  const page = await prisma.page.update({ where: { id }, data: { title } });
  pageCache.set(id, page);
  //        ^^^ double-write/cache-set-after-write low
}

export async function renameAndDrop(cache: Cache, knex: Knex, id: string, title: string) {
  await knex('pages').where({ id }).update({ title });
  await cache.del(`page-title:${id}`); // ok double-write/cache-set-after-write: the entry goes
  await keyv.delete(`page:${id}`); // ok double-write/cache-set-after-write: the entry goes
  pageCache.delete(id); // ok double-write/cache-set-after-write: the entry goes
}

export async function load(id: string) {
  const page = await prisma.page.findUnique({ where: { id } });
  if (page !== null) pageCache.set(id, page); // ok double-write/cache-set-after-write: filled from a read
  return page;
}

export async function renameAndReload(id: string, title: string) {
  await prisma.page.update({ where: { id }, data: { title } });
  const page = await prisma.page.findUnique({ where: { id } });
  if (page !== null) await keyv.set(`page:${id}`, page); // ok double-write/cache-set-after-write: read again after the write
}

export async function renameAndCount(id: string, title: string) {
  const renames = new Map<string, string>();
  await prisma.page.update({ where: { id }, data: { title } });
  renames.set(id, title); // ok double-write/cache-set-after-write: lives for this call
}
