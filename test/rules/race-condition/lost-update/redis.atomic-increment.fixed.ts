// Idiom of github.com/redis/ioredis: values read, changed and set.
import { Redis } from 'ioredis';

const redis = new Redis();

export async function countVisit(page: string): Promise<number> {
  const visits = Number(await redis.get(`visits:${page}`));
  //                                ^^^ related "Read here."
  await redis.incrby(`visits:${page}`, 1);
  //          ^^^ race-condition/lost-update high "a change made in between is lost"
  return visits + 1;
}

export async function addToBasket(basket: string, product: string): Promise<void> {
  const stored = await redis.hget('baskets', basket);
  //                         ^^^^ related "Read here."
  const products: string[] = stored === null ? [] : JSON.parse(stored);
  await redis.hset('baskets', basket, JSON.stringify([...products, product]));
  //          ^^^^ race-condition/lost-update high "a change made in between is lost"
}

interface Room {
  members: string[];
  messages: number;
}

export async function join(room: string, member: string): Promise<void> {
  const stored = await redis.get(`room:${room}`);
  //                         ^^^ related "Read here."
  if (stored === null) throw new Error('There is no such room.');
  const found: Room = JSON.parse(stored);
  found.members.push(member);
  await redis.set(`room:${room}`, JSON.stringify(found));
  //          ^^^ race-condition/lost-update high "a change made in between is lost"
}

export async function say(room: string): Promise<void> {
  const stored = await redis.get(`room:${room}`);
  //                         ^^^ related "Read here."
  if (stored === null) return;
  const found: Room = JSON.parse(stored);
  found.messages += 1;
  await redis.set(`room:${room}`, JSON.stringify(found));
  //          ^^^ race-condition/lost-update high "a change made in between is lost"
}

export async function sayAnyway(room: string): Promise<void> {
  const found: Room = JSON.parse((await redis.get(`room:${room}`)) ?? '{}');
  //                                          ^^^ related "Read here."
  found.messages += 1;
  await redis.set(`room:${room}`, JSON.stringify(found));
  //          ^^^ race-condition/lost-update high "a change made in between is lost"
}

export async function sayFirst(room: string): Promise<void> {
  const stored = await redis.get(`room:${room}`);
  //                         ^^^ related "Read here."
  const found: Room = stored === null ? { members: [], messages: 0 } : JSON.parse(stored);
  found.messages += 1;
  await redis.set(`room:${room}`, JSON.stringify(found));
  //          ^^^ race-condition/lost-update high "a change made in between is lost"
}

export async function sayAfresh(room: string, last: Room | undefined): Promise<void> {
  const found: Room = last ?? { members: [], messages: 0 };
  found.messages += 1;
  await redis.set(`room:${room}`, JSON.stringify(found)); // ok race-condition/lost-update: nothing was read
}

export async function report(room: string): Promise<Room> {
  const found: Room = JSON.parse((await redis.get(`room:${room}`)) ?? '{}');
  found.messages += 1;
  await redis.set(`report:${room}`, JSON.stringify(found)); // ok race-condition/lost-update: another key
  return found;
}

export async function dismiss(room: string, member: string): Promise<void> {
  const members: string[] = JSON.parse((await redis.get(`members:${room}`)) ?? '[]');
  //                                                ^^^ related "Read here."
  await redis.set(`members:${room}`, JSON.stringify(members.filter((one) => one !== member)));
  //          ^^^ race-condition/lost-update high "a change made in between is lost"
}

export async function joinWatched(room: string, member: string): Promise<boolean> {
  await redis.watch(`room:${room}`);
  const found: Room = JSON.parse((await redis.get(`room:${room}`)) ?? '{}');
  found.members.push(member);
  const done = await redis.multi().set(`room:${room}`, JSON.stringify(found)).exec(); // ok race-condition/lost-update: EXEC does nothing when the watched key has changed
  return done !== null;
}

export async function leave(room: string, member: string): Promise<void> {
  await redis.srem(`members:${room}`, member); // ok race-condition/lost-update: one command
}

export async function copy(from: string, to: string): Promise<void> {
  const found: Room = JSON.parse((await redis.get(`room:${from}`)) ?? '{}');
  found.members = [];
  await redis.set(`room:${to}`, JSON.stringify(found)); // ok race-condition/lost-update: another key
}

export async function average(board: string, runs: number): Promise<void> {
  const total = Number(await redis.hget(`board:${board}`, 'total'));
  await redis.hset(`board:${board}`, 'average', total / runs); // ok race-condition/lost-update: another field
}

export async function averageInObject(board: string, runs: number): Promise<void> {
  const total = Number(await redis.hget(`board:${board}`, 'total'));
  await redis.hset(`board:${board}`, { average: total / runs, runs }); // ok race-condition/lost-update: other fields
}

export async function countVisitAtomically(page: string): Promise<number> {
  return redis.incr(`visits:${page}`); // ok race-condition/lost-update: one command
}

export async function loadPage(page: string, render: () => Promise<string>): Promise<string> {
  const cached = await redis.get(`page:${page}`);
  const html = cached ?? (await render());
  await redis.set(`page:${page}`, html, 'EX', 60); // ok race-condition/lost-update: the value or a fresh one, nothing computed from it
  return html;
}

export async function move(from: string, to: string): Promise<void> {
  const value = Number(await redis.get(from));
  await redis.set(to, value + 1); // ok race-condition/lost-update: another key
}
