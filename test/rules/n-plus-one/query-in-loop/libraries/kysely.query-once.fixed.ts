// Idiom of github.com/immich-app/immich
import type { Kysely } from 'kysely';

interface Tables {
  asset: { id: string; ownerId: string };
  user: { id: string; name: string };
}

export async function owners(db: Kysely<Tables>, assets: { id: string; ownerId: string }[]) {
  const names = new Map<string, string>();
  const userKeys = Array.from(assets, (asset) => asset.ownerId);
  const users = userKeys.length === 0 ? [] : await db.selectFrom('user').selectAll().where('id', 'in', userKeys).execute();
  const usersById = new Map(users.map((userRow) => [userRow.id, userRow]));
  for (const asset of assets) {
    const user = usersById.get(asset.ownerId);
//                        ^^^^^^^^^^ n-plus-one/query-in-loop medium "'selectFrom' queries 'user' once per element of 'assets'"
    if (user) names.set(asset.id, user.name);
  }
  return names;
}

export async function assetsOf(db: Kysely<Tables>, userIds: string[]) {
  return Promise.all(
    userIds.map(async (userId) => ({
      userId,
      assets: await db.selectFrom('asset').selectAll().where('ownerId', '=', userId).orderBy('id').execute(),
//                     ^^^^^^^^^^ n-plus-one/query-in-loop medium "'selectFrom' queries 'asset' once per element of 'userIds'"
    })),
  );
}

export async function newestOf(db: Kysely<Tables>, userIds: string[]) {
  return Promise.all(
    userIds.map((userId) => db.selectFrom('asset').selectAll().where('ownerId', '=', userId).limit(3).execute()),
//                             ^^^^^^^^^^ n-plus-one/query-in-loop low "'selectFrom' queries 'asset' once per element of 'userIds'"
  );
}
