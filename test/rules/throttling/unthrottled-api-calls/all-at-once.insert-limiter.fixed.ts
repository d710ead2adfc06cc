// Idiom of github.com/sanjitaraj/scraping-node and github.com/dimasneto7/project: GitHub asked for each repository, all together.
/** As many requests at once as the list is long. */
import axios from 'axios';

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

export interface Repository {
  readonly owner: string;
  readonly name: string;
}

export async function stars(repositories: Repository[]): Promise<number[]> {
  return Promise.all(
    repositories.map(async ({ owner, name }) => {
      await limiter.acquire();
      const { data } = await axios.get(`https://api.github.com/repos/${owner}/${name}`);
      //                           ^^^ throttling/unthrottled-api-calls high "all at once"
      return data.stargazers_count as number;
    }),
  );
}

export function send(messages: string[]): Promise<Response[]> {
  return Promise.all(messages.map((text) => fetch('https://hooks.chat.example/T1', { method: 'POST', body: text })));
  //                                        ^^^^^ throttling/unthrottled-api-calls high "all at once"
}

export function notify(userIds: string[]): void {
  userIds.forEach(async (id) => {
    await fetch('https://push.example.com/send', { method: 'POST', body: id });
    //    ^^^^^ throttling/unthrottled-api-calls high "once per element of 'userIds'"
  });
}

/** A batch at a time, with a pause: what many services ask for. */
export async function starsInBatches(repositories: Repository[]): Promise<void> {
  for (let from = 0; from < repositories.length; from += 20) {
    await Promise.all(
      repositories.slice(from, from + 20).map(({ owner, name }) => fetch(`https://api.github.com/repos/${owner}/${name}`)), // ok throttling/unthrottled-api-calls: twenty at a time
    );
  }
}

export async function top(repositories: Repository[]): Promise<Response[]> {
  return Promise.all(repositories.slice(0, 5).map(({ name }) => fetch(`https://api.github.com/search?q=${name}`))); // ok throttling/unthrottled-api-calls: five of them
}

export function titles(documents: { title: string }[]): string[] {
  return documents.map((document) => document.title); // ok throttling/unthrottled-api-calls: no request
}
