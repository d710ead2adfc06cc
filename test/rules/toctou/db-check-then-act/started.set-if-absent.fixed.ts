// Idiom of github.com/umami-software/umami: a cache that is filled when the process starts and finds it empty.
import { Redis } from 'ioredis';

const redis = new Redis();
const FILLED = 'cache:filled';

export async function fill(): Promise<void> {
  await redis.set('site:1', 'one');
  await redis.set(FILLED, 1);
}

// Whoever fills it as well puts the same there.
void (async () => {
  if (!(await redis.get(FILLED))) {
    //            ^^^ related "Checked here."
    await fill();
    //    ^^^^ toctou/db-check-then-act low "'cache:filled' is found missing"
  }
})();

// Each order at any time.
export async function deliver(orderId: string, send: () => Promise<void>): Promise<void> {
  if (await redis.get(`sent:${orderId}`)) return;
  //              ^^^ related "Checked here."
  if ((await redis.set(`sent:${orderId}`, 1, 'NX')) === null) return;
  //          ^^^ toctou/db-check-then-act medium "is found missing by"
  await send();
}

export async function deliverOnce(orderId: string, send: () => Promise<void>): Promise<void> {
  const first = await redis.set(`delivered:${orderId}`, 1, 'NX'); // ok toctou/db-check-then-act: set only when it is absent
  if (first !== null) await send();
}

export async function forget(orderId: string): Promise<void> {
  await redis.del(`sent:${orderId}`); // ok toctou/db-check-then-act: nothing was asked
}
