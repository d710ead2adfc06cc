// Idiom of github.com/Unleash/unleash
declare const store: {
  insert(rows: readonly { name: string; seen: number }[]): Promise<void>;
  log(lines: readonly string[]): Promise<void>;
};

export class SeenFlagsService {
  private readonly seen = new Map<string, number>();
  private readonly lines: string[] = [];
  private pending: string[] = [];

  register(name: string, line: string): void {
    this.seen.set(name, Date.now());
    this.lines.push(line);
    this.pending.push(line);
  }

  async flush(): Promise<void> {
    if (this.seen.size === 0) return;
    const rows = [...this.seen].map(([name, seen]) => ({ name, seen }));
    await store.insert(rows);
    this.seen.clear();
    //        ^^^^^ race-condition/stale-write-after-await "is read before an await and emptied after it"
  }

  async write(): Promise<void> {
    await store.log(this.lines);
    //              ^^^^^^^^^^ related "Read here."
    this.lines.length = 0;
    //^^^^^^^^^^^^^^^^^^^ race-condition/stale-write-after-await "what others add to it meanwhile is thrown away"
  }

  async writeSwapped(): Promise<void> {
    const lines = this.pending;
    this.pending = []; // ok race-condition/stale-write-after-await: taken and emptied in one step
    await store.log(lines);
  }

  async writeAgain(): Promise<void> {
    await store.log([]);
    const lines = [...this.pending];
    this.pending = []; // ok race-condition/stale-write-after-await: no await since it was read
    void store.log(lines);
  }

  async destroy(): Promise<void> {
    await store.log(this.pending);
    this.pending = []; // ok race-condition/stale-write-after-await: nobody adds to what is torn down
  }
}

const queue: string[] = [];

export function enqueue(line: string): void {
  queue.push(line);
}

export async function drain(): Promise<void> {
  const takenQueue = queue.splice(0);
  for (const line of takenQueue) await store.log([line]);
  //                 ^^^^^ related "Read here."
  //^^^^^^^^^^^^^^ race-condition/stale-write-after-await "'queue' is read before an await"
}

export async function drainLocal(given: string[]): Promise<void> {
  const own = [...given];
  await store.log(own);
  own.length = 0; // ok race-condition/stale-write-after-await: a list of this call alone
}
