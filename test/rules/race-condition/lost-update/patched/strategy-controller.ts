// Idiom of github.com/Unleash/unleash: a controller reads and patches the document, a service writes it in a transaction.
import type { Knex } from 'knex';
import { KnexStrategyStore, type Strategy, type StrategyStore } from './strategy-store.ts';

declare const db: Knex;
declare function applyPatch<T>(document: T, operations: readonly object[]): { newDocument: T };
declare function mayEdit(id: string): Promise<boolean>;

export class StrategyService {
  constructor(readonly store: StrategyStore) {}

  async save(id: string, strategy: Partial<Strategy>): Promise<void> {
    await this.store.update(id, strategy);
  }
}

async function transactional<T>(work: (service: StrategyService) => Promise<T>): Promise<T> {
  return db.transaction((trx) => work(new StrategyService(new KnexStrategyStore(trx))));
}

export class StrategyController {
  constructor(private readonly service: StrategyService) {}

  async patch(id: string, operations: readonly object[]): Promise<void> {
    const strategy = await this.service.store.find(id);
    //                                        ^^^^ related "Read here."
    if (!(await mayEdit(id))) throw new Error('not allowed');
    const { newDocument } = applyPatch(strategy, operations);
    await transactional((service) => service.save(id, newDocument));
    //                                       ^^^^ race-condition/lost-update medium "'title' of 'strategies'"
  }

  async replace(id: string, strategy: Strategy): Promise<void> {
    await this.service.store.find(id);
    await transactional((service) => service.save(id, strategy)); // ok race-condition/lost-update: nothing of what was read is written
  }

  async patchLocked(id: string, operations: readonly object[]): Promise<void> {
    await transactional(async (service) => {
      const strategy = await service.store.findLocked(id);
      const { newDocument } = applyPatch(strategy, operations);
      await service.save(id, newDocument); // ok race-condition/lost-update: locked by its read
    });
  }

  async preview(id: string, operations: readonly object[]): Promise<Strategy> {
    const strategy = await this.service.store.find(id);
    return applyPatch(strategy, operations).newDocument; // ok race-condition/lost-update: nothing is written
  }
}
