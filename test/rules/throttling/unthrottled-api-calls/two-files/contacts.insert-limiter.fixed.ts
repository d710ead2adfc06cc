// Idiom of github.com/yurypaleev/BaseCRM: resources over one client of a CRM.
import { CrmClient } from './crm-client.ts';

/** Admits one call every `1000 / perSecond` milliseconds, in the order they ask. */
function createLimiter(perSecond: number) {
  let next = 0;
  return {
    async acquire(): Promise<void> {
      const now = Date.now();
      const turn = Math.max(now, next);
      next = turn + 1000 / perSecond;
      if (turn > now) await new Promise((resolve) => setTimeout(resolve, turn - now));
    },
  };
}

const limiter = createLimiter(10);

export class Contacts {
  constructor(private readonly crm: CrmClient) {}

  async rename(id: string, name: string): Promise<void> {
    await this.crm.update(id, name);
  }

  async renameAll(names: Map<string, string>): Promise<void> {
    for (const [id, name] of names) {
      await limiter.acquire();
      await this.rename(id, name);
      //         ^^^^^^ throttling/unthrottled-api-calls medium "'rename' (through 'put')"
    }
  }

  async both(): Promise<void> {
    for (const id of ['me', 'you']) await this.rename(id, id); // ok throttling/unthrottled-api-calls: two of them
  }
}
