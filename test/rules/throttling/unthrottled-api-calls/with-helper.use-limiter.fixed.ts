// Idiom of github.com/CRIPTOJAY09/STX-P2P: a limiter of the project's own.
/** A limiter of the project's own that the file already has; calls in awkward places. */
class RateLimiter {
  #next = 0;

  constructor(private readonly perSecond: number) {}

  async acquire(): Promise<void> {
    const turn = Math.max(Date.now(), this.#next);
    this.#next = turn + 1000 / this.perSecond;
    await new Promise((resolve) => setTimeout(resolve, turn - Date.now()));
  }
}

const crmLimiter = new RateLimiter(5);

export async function load(id: string): Promise<Response> {
  await crmLimiter.acquire();
  return fetch(`https://crm.example.com/contacts/${id}`);
}

export async function removeAll(ids: string[]): Promise<void> {
  for (const id of ids) await crmLimiter.acquire().then(() => fetch(`https://crm.example.com/contacts/${id}`, { method: 'DELETE' }));
  //                          ^^^^^ throttling/unthrottled-api-calls high "'ids'"
}

export async function loadAll(ids: string[]): Promise<void> {
  for (const id of ids) await load(id); // ok throttling/unthrottled-api-calls: the callee waits its turn
}
