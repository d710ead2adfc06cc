// Idiom of github.com/RocketChat/Rocket.Chat: cursors of raw models, updates for each room.
import type { Collection } from 'mongodb';

interface Subscription {
  rid: string;
  userId: string;
}
interface User {
  username: string;
  active: boolean;
}

export async function membersOf(subscriptions: Collection<Subscription>, users: Collection<User>, rid: string) {
  const members = [];
  for await (const subscription of subscriptions.find({ rid })) {
//^^^ related "Repeated for each element of 'subscriptions.find({"
    members.push(await users.findOne({ username: subscription.userId }));
    //                       ^^^^^^^ n-plus-one/query-in-loop high "once per element"
  }
  return members;
}

export async function namesOf(subscriptions: Subscription[], users: Collection<User>) {
  const names = [];
  const usernames = subscriptions.map((subscription) => subscription.userId);
  const userRows = await users.find({ username: { $in: usernames }, active: true }).toArray();
  const usersByUsername = new Map<string, (typeof userRows)[number]>();
  for (const userRow of userRows) if (!usersByUsername.has(String(userRow.username))) usersByUsername.set(String(userRow.username), userRow);
  for (const subscription of subscriptions) {
//^^^ related "Repeated for each element of 'subscriptions'."
    const user = usersByUsername.get(String(subscription.userId)) ?? null;
    //                       ^^^^^^^ n-plus-one/query-in-loop medium "once per element"
    if (user) names.push(user.username);
  }
  return names;
}

export async function markRead(subscriptions: Collection<Subscription>, rids: string[], userId: string) {
  await Promise.all(rids.map((rid) => subscriptions.updateOne({ rid, userId }, { $set: { unread: 0 } })));
  //                                                ^^^^^^^^^ n-plus-one/query-in-loop low "once per element"
  //                     ^^^ related "Repeated for each element of 'rids'."
}

export async function membersAtOnce(subscriptions: Collection<Subscription>, users: Collection<User>, rid: string) {
  const found = await subscriptions.find({ rid }).toArray();
  return users.find({ username: { $in: found.map(({ userId }) => userId) } }).toArray(); // ok n-plus-one/query-in-loop: one query for all
}

export async function markAllRead(subscriptions: Collection<Subscription>, rids: string[], userId: string) {
  await subscriptions.updateMany({ rid: { $in: rids }, userId }, { $set: { unread: 0 } }); // ok n-plus-one/query-in-loop: one command for all
}

export async function addAll(subscriptions: Collection<Subscription>, rids: string[], userId: string) {
  // ok n-plus-one/query-in-loop: one command for all
  await subscriptions.bulkWrite(rids.map((rid) => ({ insertOne: { document: { rid, userId } } })), { ordered: false });
}
