// Idiom of github.com/danny-avila/LibreChat: one Keyv per namespace, for bans, pending requests and states of a login.
import { randomUUID } from 'node:crypto';
import Keyv from 'keyv';

declare function answer(message: string): Promise<string>;

const pending = new Keyv<number>({ namespace: 'pending_req', ttl: 60_000 });
const handled = new Keyv<boolean>({ namespace: 'handled' });
const states = new Keyv<{ origin: string }>({ namespace: 'oauth_state' });
const bans = new Keyv<number>({ namespace: 'bans' });

export async function handleOnce(eventId: string, message: string) {
  if (await handled.has(eventId)) return;
  //                ^^^ related "Checked here."
  await handled.set(eventId, true, 86_400_000);
  //            ^^^ toctou/db-check-then-act medium "two runs at once both find it missing"
  await answer(message);
}

export async function limitToOne(userId: string) {
  if ((await pending.get(userId)) !== undefined) throw new Error('A request is running.');
  //                 ^^^ related "Checked here."
  await pending.set(userId, 1, 60_000);
  //            ^^^ toctou/db-check-then-act medium "two runs at once both find it missing"
}

export async function putState(origin: string) {
  const state = randomUUID();
  await states.set(state, { origin }); // ok toctou/db-check-then-act: nobody else has the key
  return state;
}

export async function forget(eventId: string) {
  if (await handled.has(eventId)) await handled.delete(eventId); // ok toctou/db-check-then-act: gone either way
}

export async function ban(ip: string, until: number) {
  const before = await bans.get(ip);
  if (before !== undefined) console.warn(`${ip} was banned until ${before}`);
  await bans.set(ip, until); // ok toctou/db-check-then-act: set in any case
}

export async function extend(ip: string, until: number) {
  const before = await bans.get(ip);
  if (before !== undefined) await bans.set(ip, until); // ok toctou/db-check-then-act: the same value whoever comes first
}
