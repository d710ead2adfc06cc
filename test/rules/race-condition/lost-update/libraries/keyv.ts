// Idiom of github.com/danny-avila/LibreChat: one Keyv per namespace, violations counted in it.
import Keyv from 'keyv';

const violations = new Keyv<{ count: number; since: number }>({ namespace: 'violations' });
const bans = new Keyv<number>({ namespace: 'bans' });

export async function logViolation(userId: string, points: number) {
  const entry = (await violations.get(userId)) ?? { count: 0, since: Date.now() };
  //                              ^^^ related "Read here."
  await violations.set(userId, { ...entry, count: entry.count + points });
  //               ^^^ race-condition/lost-update high "Key 'userId' is read by 'get' and written back as an absolut"
}

export async function extendBan(ip: string, minutes: number) {
  const until = await bans.get(ip);
  //                       ^^^ related "Read here."
  if (until === undefined) return;
  await bans.set(ip, until + minutes * 60_000);
  //         ^^^ race-condition/lost-update high "Key 'ip' is read by 'get' and written back as an absolute va"
}

export async function ban(ip: string, until: number) {
  if ((await bans.get(ip)) === until) return;
  await bans.set(ip, until, until - Date.now()); // ok race-condition/lost-update: not computed from what was read
}

export async function forgive(userId: string) {
  const entry = await violations.get(userId);
  if (entry !== undefined) await violations.delete(userId); // ok race-condition/lost-update: taken away whatever it says
}

export async function move(oldIp: string, newIp: string) {
  const until = await bans.get(oldIp);
  if (until !== undefined) await bans.set(newIp, until); // ok race-condition/lost-update: another key
}
