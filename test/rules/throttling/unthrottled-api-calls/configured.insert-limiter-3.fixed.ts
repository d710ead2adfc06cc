// Idiom of github.com/formbricks/formbricks
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

interface Sheet {
  id: string;
  surveyId: string;
}
interface Integration {
  config: { sheets: Sheet[] };
}

async function append(sheet: Sheet, row: string[]): Promise<void> {
  await fetch(`https://sheets.googleapis.com/v4/spreadsheets/${sheet.id}/values`, {
    method: 'POST',
    body: JSON.stringify(row),
  });
}

/** As many as somebody has set up. */
export async function store(integration: Integration, surveyId: string, row: string[]): Promise<void> {
  for (const sheet of integration.config.sheets) {
    if (sheet.surveyId !== surveyId) continue;
    await append(sheet, row);
    //    ^^^^^^ throttling/unthrottled-api-calls low "'integration.config.sheets'"
  }
}

export async function storeAll(rows: Map<Sheet, string[]>, changed: Sheet[]): Promise<void> {
  for (const sheet of changed) {
    await append(sheet, rows.get(sheet) ?? []);
    //    ^^^^^^ throttling/unthrottled-api-calls high "'changed'"
  }
}

interface Listener {
  name: string;
  text?: string;
  selector?: string;
  page?: string;
}

// One of all that listen is meant, or none.
export async function clicked(listeners: Listener[], element: { text: string; selector: string }, page: string): Promise<void> {
  for (const listener of listeners) {
    if (listener.text !== undefined && listener.text !== element.text) continue;
    if (listener.selector !== undefined && listener.selector !== element.selector) continue;
    if (listener.page !== undefined && listener.page !== page) continue;
    await limiter.acquire();
    await fetch(`https://api.example.com/actions/${listener.name}`, { method: 'POST' });
    //    ^^^^^ throttling/unthrottled-api-calls low
  }
}

export async function notifyActive(users: { id: string; active: boolean }[]): Promise<void> {
  for (const user of users) {
    if (!user.active) continue;
    await fetch(`https://api.example.com/users/${user.id}`, { method: 'POST' });
    //    ^^^^^ throttling/unthrottled-api-calls high
  }
}
