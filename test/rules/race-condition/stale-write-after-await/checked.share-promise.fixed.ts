// Idiom of github.com/louislam/uptime-kuma and github.com/Unleash/unleash
interface Browser {
  close(): Promise<void>;
  isConnected(): boolean;
}
declare const chromium: { launch(options: object): Promise<Browser> };
declare const database: { query(text: string, parameters: readonly unknown[]): Promise<{ rows: unknown[] }> };
declare function executable(): Promise<string>;
declare function loadTerms(): Promise<string>;

let browser: Browser | null = null;

export async function getBrowser(): Promise<Browser> {
  if (browser && browser.isConnected()) {
  //  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ related "Checked here."
    return browser;
  }
  browser = await chromium.launch({ executablePath: await executable() });
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ race-condition/stale-write-after-await medium "everyone who checks meanwhile passes as well"
  return browser;
}

export async function closeBrowser(): Promise<void> {
  if (browser) {
    await browser.close();
    browser = null; // ok race-condition/stale-write-after-await: it was there, and is gone
  }
}

let shared: Browser | undefined;
let pendingShared: Promise<Browser> | undefined;

export async function sharedBrowser(): Promise<Browser> {
  if (shared === undefined) {
    pendingShared ??= chromium.launch({}).finally(() => {
      pendingShared = undefined;
    });
    shared = await pendingShared;
    //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ race-condition/stale-write-after-await medium "'shared' is checked before an await and set after it"
  }
  return shared;
}

let launching: Promise<Browser> | undefined;

export async function singleBrowser(): Promise<Browser> {
  if (launching === undefined) {
    launching = chromium.launch({}); // ok race-condition/stale-write-after-await: the promise is stored before it settles
  }
  return launching;
}

export class ResetService {
  private readonly resets = new Map<string, number>();
  private readonly asked = new Set<string>();
  private running = false;
  private ready = false;

  async sendReset(userId: string): Promise<void> {
    if (this.resets.has(userId)) throw new Error('one reset a minute');
    //  ^^^^^^^^^^^^^^^^^^^^^^^ related "Checked here."
    await database.query('INSERT INTO reset_tokens (user_id) VALUES ($1)', [userId]);
    this.resets.set(userId, Date.now());
    //          ^^^ race-condition/stale-write-after-await medium "'this.resets' is checked before an await"
  }

  async ask(userId: string): Promise<void> {
    if (this.asked.has(userId)) return;
    this.asked.add(userId); // ok race-condition/stale-write-after-await: marked before the await
    await database.query('INSERT INTO questions (user_id) VALUES ($1)', [userId]);
  }

  async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    await database.query('DELETE FROM reset_tokens WHERE expires_at < now()', []);
    this.running = false; // ok race-condition/stale-write-after-await: the flag was set before the await
  }

  async start(): Promise<void> {
    if (this.ready) return;
    await loadTerms();
    this.ready = true; // ok race-condition/stale-write-after-await: a latch that is set once
  }

  async other(userId: string, otherId: string): Promise<void> {
    if (this.resets.has(userId)) return;
    await database.query('INSERT INTO reset_tokens (user_id) VALUES ($1)', [otherId]);
    this.resets.set(otherId, Date.now()); // ok race-condition/stale-write-after-await: another key was checked
  }
}

// One object for each call: nobody else sees its state.
class Importer {
  private session: Browser | undefined;

  async open(): Promise<Browser> {
    if (this.session === undefined) this.session = await chromium.launch({}); // ok race-condition/stale-write-after-await: made for one call
    return this.session;
  }
}

export async function runImport(): Promise<void> {
  const importer = new Importer();
  await importer.open();
}
