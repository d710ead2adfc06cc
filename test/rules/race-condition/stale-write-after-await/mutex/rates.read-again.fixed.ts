// Idiom of github.com/DirtyHairy/async-mutex
import { Mutex } from 'async-mutex';

declare function fetchRate(currency: string): Promise<number>;

export class RateService {
  private readonly mutex = new Mutex();
  private rates: Record<string, number> = {};

  async add(currency: string): Promise<void> {
    const rate = await fetchRate(currency);
    this.rates = { ...this.rates, [currency]: rate };
    //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ race-condition/stale-write-after-await "'this.rates' is read before an await"
  }

  async addLocked(currency: string): Promise<void> {
    await this.mutex.runExclusive(async () => {
      const before = this.rates;
      const rate = await fetchRate(currency);
      this.rates = { ...before, [currency]: rate }; // ok race-condition/stale-write-after-await: under the mutex
    });
  }
}
