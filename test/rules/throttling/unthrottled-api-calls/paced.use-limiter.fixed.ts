// Idiom of github.com/sindresorhus/p-limit and github.com/jiahaoliu666/aws-blog: limiters that each call asks first.
/** Calls that wait their turn. */
import pLimit from 'p-limit';

const limit = pLimit(4);
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

class TokenBucket {
  private tokens = 10;

  async acquire(): Promise<void> {
    while (this.tokens < 1) await sleep(100);
    this.tokens -= 1;
  }
}

const bucket = new TokenBucket();
declare const mailLimiter: { removeTokens(count: number): Promise<number> };

export async function admitted(ids: string[]): Promise<void> {
  for (const id of ids) {
    await bucket.acquire();
    await fetch(`https://api.example.com/items/${id}`); // ok throttling/unthrottled-api-calls: admitted by the bucket
  }
}

export async function paused(ids: string[]): Promise<void> {
  for (const id of ids) {
    await fetch(`https://api.example.com/items/${id}`); // ok throttling/unthrottled-api-calls: pauses after each
    await sleep(200);
  }
}

export async function removed(ids: string[]): Promise<void> {
  for (const id of ids) {
    await mailLimiter.removeTokens(1);
    await fetch(`https://api.example.com/mails/${id}`); // ok throttling/unthrottled-api-calls: a limiter by its name
  }
}

export async function limited(ids: string[]): Promise<Response[]> {
  return Promise.all(ids.map((id) => limit(() => fetch(`https://api.example.com/items/${id}`)))); // ok throttling/unthrottled-api-calls: four at a time
}

export async function forgotten(ids: string[]): Promise<Response[]> {
  return Promise.all(ids.map((id) => limit(() => fetch(`https://api.example.com/prices/${id}`))));
  //                                 ^^^^^ throttling/unthrottled-api-calls high "all at once"
}

export async function rows(ids: string[]): Promise<void> {
  for (const id of ids) {
    const response = await fetch(`https://api.example.com/rows/${id}`);
    //                     ^^^^^ throttling/unthrottled-api-calls high "'ids'"
    console.log(response.status);
  }
}
