// Idiom of github.com/opencollective/opencollective-api: models of Sequelize, what is asked for often in Redis for a day.
import { createClient } from 'redis';
import { Model } from 'sequelize';

class Collective extends Model {
  id!: string;
  slug!: string;
  name!: string;
}

const redis = createClient();

export async function rename(id: string, name: string) {
  await Collective.update({ name }, { where: { id } });
  //               ^^^^^^ related "Written to 'Collective' here."
  await redis.set(`collective-name:${id}`, name, { EX: 86_400 });
  //          ^^^ double-write/cache-set-after-write high "if it fails or another writer comes between, the cache keeps the"
}

export async function changeSlug(id: string, slug: string) {
  await Promise.all([
    Collective.update({ slug }, { where: { id } }),
    //         ^^^^^^ related "Written to 'Collective' here."
    redis.hSet(`collective:${id}`, 'slug', slug),
    //    ^^^^ double-write/cache-set-after-write high "if one fails or another writer comes between, they disagree"
  ]);
}

export async function renameAndDrop(id: string, name: string) {
  await Collective.update({ name }, { where: { id } });
  await redis.del(`collective-name:${id}`); // ok double-write/cache-set-after-write: the entry goes
}

export async function nameOf(id: string) {
  const cached = await redis.get(`collective-name:${id}`);
  //                         ^^^ related "Looked up here."
  if (cached !== null) return cached;
  const collective = await Collective.findByPk(id);
  if (collective === null) return null;
  await redis.setEx(`collective-name:${id}`, 86_400, collective.name); // ok double-write/cache-set-after-write: filled from a read
  //          ^^^^^ throttling/cache-stampede "The entry is computed with 'findByPk' when it is not in the cache and"
  return collective.name;
}

export async function verify(id: string, code: string) {
  await Collective.update({ pendingCode: code }, { where: { id } });
  await redis.set(`verification:${id}`, code, { EX: 600 }); // ok double-write/cache-set-after-write: Redis is where it lives
}

export async function touch(id: string) {
  await Collective.update({ updatedAt: new Date() }, { where: { id } });
  await redis.set(`collective-stale:${id}`, '1', { EX: 60 }); // ok double-write/cache-set-after-write: a mark, no copy
}
