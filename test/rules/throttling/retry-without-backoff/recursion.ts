// Idiom of github.com/manakpandey/moleculerdyte and github.com/Uniswap/uniswapx-service: a function that calls itself from its handler.
/** Calling oneself from the handler. */
export async function load(url: string, retries = 3): Promise<string> {
  try {
    const response = await fetch(url);
    //                     ^^^^^ throttling/retry-without-backoff medium "called again right after it failed"
    return await response.text();
  } catch (error) {
    if (retries <= 0) throw error;
    return load(url, retries - 1);
  }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function patient(url: string, attempt = 0): Promise<string> {
  try {
    const response = await fetch(url);
    return await response.text();
  } catch (error) {
    if (attempt > 4) throw error;
    await sleep(100 * 2 ** attempt * Math.random());
    return patient(url, attempt + 1); // ok throttling/retry-without-backoff: waits before
  }
}

export async function all(url: string, found: string[] = []): Promise<string[]> {
  const response = await fetch(url);
  const page = (await response.json()) as { items: string[]; next?: string };
  found.push(...page.items);
  return page.next === undefined ? found : all(page.next, found); // ok throttling/retry-without-backoff: the next page
}

declare function refreshToken(): Promise<void>;

export async function authorized(url: string): Promise<Response> {
  const response = await fetch(url);
  if (response.status === 401) {
    await refreshToken();
    return authorized(url); // ok throttling/retry-without-backoff: with another token
  }
  return response;
}
