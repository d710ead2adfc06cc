// Idiom of github.com/danny-avila/LibreChat: roles by mongoose, and a Keyv of them.
import Keyv from 'keyv';
import type { Model } from 'mongoose';

interface Role {
  name: string;
  permissions: string[];
}

const cache = new Keyv<object>({ namespace: 'roles' });

export async function updateRole(roles: Model<Role>, name: string, permissions: string[]) {
  const role = await roles.findOneAndUpdate({ name }, { $set: { permissions } }, { new: true });
  //                       ^^^^^^^^^^^^^^^^ related "Written to 'Role' here."
  await cache.delete(name);
  //          ^^^ double-write/cache-set-after-write high "if it fails or another writer comes between, the cache keeps the"
  return role;
}

export async function updateAndDrop(roles: Model<Role>, name: string, permissions: string[]) {
  const role = await roles.findOneAndUpdate({ name }, { $set: { permissions } }, { new: true });
  await cache.delete(name); // ok double-write/cache-set-after-write: the entry goes
  return role;
}

export async function roleByName(roles: Model<Role>, name: string) {
  const cached = await cache.get(name);
  //                         ^^^ related "Looked up here."
  if (cached) return cached;
  const role = await roles.findOne({ name });
  if (role !== null) await cache.set(name, role); // ok double-write/cache-set-after-write: filled from a read
  //                             ^^^ throttling/cache-stampede "The entry 'name' is computed with 'findOne' when it is not in the"
  return role;
}

export async function updateAll(roles: Model<Role>, permissions: string[]) {
  await roles.updateMany({}, { $set: { permissions } });
  await cache.set('last_run', Date.now()); // ok double-write/cache-set-after-write: another matter
}
