// Idiom of github.com/redis/ioredis: values read, changed and set.
import { Redis } from 'ioredis';

const redis = new Redis();

export async function countVisit(page: string): Promise<number> {
  const visits = Number(await redis.get(`visits:${page}`));
//                                  ^^^ related "Read here."
  await redis.set(`visits:${page}`, visits + 1);
//            ^^^ race-condition/lost-update high "a change made in between is lost"
  return visits + 1;
}

export async function addToBasket(basket: string, product: string): Promise<void> {
  const stored = await redis.hget('baskets', basket);
//                           ^^^^ related "Read here."
  const products: string[] = stored === null ? [] : JSON.parse(stored);
  await redis.hset('baskets', basket, JSON.stringify([...products, product]));
//            ^^^^ race-condition/lost-update high "a change made in between is lost"
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
