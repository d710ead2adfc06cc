// Idiom of github.com/DirtyHairy/async-mutex: a mutex around transactions that would block each other.
import { Mutex } from 'async-mutex';
import type { DataSource } from 'typeorm';

class Ledger {
  id!: number;
  total!: number;
}
class Entry {
  ledgerId!: number;
  booked!: boolean;
}
class Report {
  ledgerId!: number;
  stale!: boolean;
}

const booking = new Mutex();

export class LedgerService {
  constructor(private readonly dataSource: DataSource) {}

  async book(id: number): Promise<void> {
    await booking.runExclusive(() =>
      this.dataSource.transaction(async (manager) => {
        await manager.update(Entry, { ledgerId: id }, { booked: true });
        await manager.update(Ledger, { id }, { total: 1 }); // ok deadlock/lock-order-inversion: one of them at a time
      }),
    );
  }

  async clear(id: number): Promise<void> {
    await booking.runExclusive(() =>
      this.dataSource.transaction(async (manager) => {
        await manager.update(Ledger, { id }, { total: 0 });
        await manager.update(Entry, { ledgerId: id }, { booked: false });
      }),
    );
  }

  async publish(id: number): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.update(Ledger, { id }, { total: 1 });
      await manager.update(Report, { ledgerId: id }, { stale: false }); // ok deadlock/lock-order-inversion: who goes the other way does not wait
    });
  }

  async refresh(id: number): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.update(Report, { ledgerId: id }, { stale: true });
      await manager.findOne(Ledger, { where: { id }, lock: { mode: 'pessimistic_write', onLocked: 'nowait' } }); // ok deadlock/lock-order-inversion: it fails at once when the row is taken
    });
  }

  async retire(id: number): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.update(Report, { ledgerId: id }, { stale: true });
      const query = manager.createQueryBuilder(Ledger, 'ledger').setLock('pessimistic_write').setOnLocked('skip_locked');
      await query.where('ledger.id = :id', { id }).getOne(); // ok deadlock/lock-order-inversion: a row that is taken is passed over
    });
  }
}
