// Idiom of github.com/opencollective/opencollective-api: calls counted in a key that expires, values as JSON.
import { createClient } from 'redis';

const redis = createClient();

interface Cart {
  items: string[];
}

export class RateLimit {
  constructor(
    private readonly key: string,
    private readonly limit: number,
    private readonly seconds: number,
  ) {}

  async registerCalls(calls: number) {
    const count = Number((await redis.get(this.key)) ?? 0);
    //                                ^^^ related "Read here."
    await redis.set(this.key, count + calls, { EX: this.seconds });
    //          ^^^ race-condition/lost-update high "a change made in between is lost"
    return count + calls <= this.limit;
  }

  async registerAtOnce(calls: number) {
    const count = await redis.incrBy(this.key, calls); // ok race-condition/lost-update: the server adds
    await redis.expire(this.key, this.seconds);
    return count <= this.limit;
  }
}

export async function countVisit(page: string) {
  const visits = Number((await redis.get(`visits:${page}`)) ?? 0);
  //                                 ^^^ related "Read here."
  await redis.set(`visits:${page}`, visits + 1);
  //          ^^^ race-condition/lost-update high "a change made in between is lost"
}

export async function refund(account: string, credits: number) {
  const left = await redis.hGet('credits', account);
  //                       ^^^^ related "Read here."
  await redis.hIncrBy('credits', account, credits);
  //          ^^^^ race-condition/lost-update high "a change made in between is lost"
}

export async function addToCart(cartId: string, productId: string) {
  const stored = await redis.get(`cart:${cartId}`);
  //                         ^^^ related "Read here."
  const cart: Cart = stored === null ? { items: [] } : JSON.parse(stored);
  cart.items.push(productId);
  await redis.set(`cart:${cartId}`, JSON.stringify(cart));
  //          ^^^ race-condition/lost-update high "a change made in between is lost"
}

export async function addToCartSet(cartId: string, productId: string) {
  await redis.sAdd(`cart:${cartId}`, productId); // ok race-condition/lost-update: members that do not depend on what was there
}

const TAKE = "local left = redis.call('GET', KEYS[1]) redis.call('SET', KEYS[1], left - ARGV[1]) return left";

export async function takeCredits(account: string, credits: number) {
  const before = await redis.get(`credits:${account}`);
  if (before === null) return null;
  return redis.eval(TAKE, { keys: [`credits:${account}`], arguments: [String(credits)] }); // ok race-condition/lost-update: the script runs alone
}

export async function addWatched(cartId: string, productId: string) {
  const own = redis.duplicate();
  await own.connect();
  await own.watch(`cart:${cartId}`);
  const stored = await own.get(`cart:${cartId}`);
  const cart: Cart = stored === null ? { items: [] } : JSON.parse(stored);
  cart.items.push(productId);
  await own.multi().set(`cart:${cartId}`, JSON.stringify(cart)).exec(); // ok race-condition/lost-update: EXEC refuses when the watched key has changed
  await own.close();
}

export async function remember(cartId: string, coupon: string) {
  if ((await redis.get(`coupon:${cartId}`)) === coupon) return;
  await redis.set(`coupon:${cartId}`, coupon, { EX: 600 }); // ok race-condition/lost-update: not computed from what was read
}
