/** Lets callers go on only when all of them have arrived, so that their next steps interleave the way we want. */
export class Barrier {
  private waiting: (() => void)[] = [];
  private late: NodeJS.Timeout | undefined;
  private readonly parties: number;
  private readonly limit: number;

  /** After `limit` milliseconds those who came go on without the others: a fix may make them wait for each other. */
  constructor(parties: number, limit: number) {
    this.parties = parties;
    this.limit = limit;
  }

  arrive(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push(resolve);
      if (this.waiting.length >= this.parties) this.open();
      else this.late ??= setTimeout(() => this.open(), this.limit);
    });
  }

  private open(): void {
    clearTimeout(this.late);
    this.late = undefined;
    const all = this.waiting;
    this.waiting = [];
    for (const go of all) go();
  }
}
