// Idiom of github.com/dubinc/dub: links by Prisma, each with its entry in Redis for the redirects.
import { Redis } from '@upstash/redis';

interface Link {
  id: string;
  domain: string;
  key: string;
  url: string;
}
declare const prisma: {
  link: {
    update(args: { where: { id: string }; data: Partial<Link> }): Promise<Link>;
    create(args: { data: Omit<Link, 'id'> }): Promise<Link>;
    findUnique(args: { where: { id: string } }): Promise<Link | null>;
  };
};

const redis = Redis.fromEnv();

class LinkCache {
  async set(link: Link) {
    return redis.set(`linkcache:${link.domain}:${link.key}`, link, { ex: 86_400 });
  }

  async delete({ domain, key }: Pick<Link, 'domain' | 'key'>) {
    return redis.del(`linkcache:${domain}:${key}`);
  }
}

const linkCache = new LinkCache();

export async function updateLink(id: string, url: string) {
  const link = await prisma.link.update({ where: { id }, data: { url } });
  //                             ^^^^^^ related "Written to 'link' here."
  await linkCache.set(link);
  //              ^^^ double-write/cache-set-after-write high "if it fails or another writer comes between, the cache keeps the"
  return link;
}

export async function retarget(id: string, url: string) {
  await prisma.link.update({ where: { id }, data: { url } });
  //                ^^^^^^ related "Written to 'link' here."
  await redis.del(`link-url:${id}`);
  //          ^^^ double-write/cache-set-after-write high "if it fails or another writer comes between, the cache keeps the"
}

export async function updateAndDrop(id: string, url: string) {
  const link = await prisma.link.update({ where: { id }, data: { url } });
  await linkCache.delete(link); // ok double-write/cache-set-after-write: the entry goes
  return link;
}

export async function updateAndReload(id: string, url: string) {
  await prisma.link.update({ where: { id }, data: { url } });
  const link = await prisma.link.findUnique({ where: { id } });
  if (link) await linkCache.set(link); // ok double-write/cache-set-after-write: read again after the write
}

export async function warm(id: string) {
  const link = await prisma.link.findUnique({ where: { id } });
  if (link) await linkCache.set(link); // ok double-write/cache-set-after-write: filled from a read
}

export async function archive(id: string, url: string) {
  await prisma.link.update({ where: { id }, data: { url } });
  await redis.expire(`link-url:${id}`, 1); // ok double-write/cache-set-after-write: it runs out
}
