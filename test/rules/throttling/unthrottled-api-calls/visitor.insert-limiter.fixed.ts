// Idiom of github.com/formbricks/formbricks: a script in a customer's page reports what the visitor clicked.
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

const base = 'https://collect.example.com';

interface Action {
  name: string;
  text: string | undefined;
}

async function track(name: string): Promise<void> {
  await fetch(`${base}/actions`, { method: 'POST', body: JSON.stringify({ name, page: window.location.href }) });
}

// Only those that match the click: mostly none.
export function onClick(actions: Action[], target: HTMLElement): void {
  for (const action of actions) {
    if (action.text !== undefined && target.innerText !== action.text) continue;
    void limiter.acquire().then(() => track(action.name));
    //   ^^^^^ throttling/unthrottled-api-calls low
  }
}
