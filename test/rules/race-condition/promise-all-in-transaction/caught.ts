// Idiom of github.com/vendure-ecommerce/vendure
import type { DataSource, EntityManager } from 'typeorm';

declare class TaxRate {
  id: number;
}

async function rateOrFail(manager: EntityManager, id: number): Promise<TaxRate> {
  const rate = await manager.findOne(TaxRate, { where: { id } });
  if (rate === null) throw new Error(`no rate ${id}`);
  return rate;
}

async function removeRate(manager: EntityManager, id: number): Promise<string> {
  const rate = await rateOrFail(manager, id);
  try {
    await manager.remove(rate);
    return 'removed';
  } catch (error) {
    return String(error);
  }
}

async function dropRate(manager: EntityManager, id: number): Promise<string> {
  const rate = await rateOrFail(manager, id);
  await manager.remove(rate);
  return 'removed';
}

export class TaxRates {
  constructor(private readonly dataSource: DataSource) {}

  /** What the connection refuses after the rollback is an answer like another. */
  async remove(ids: number[]): Promise<string[]> {
    return this.dataSource.transaction((manager) =>
      Promise.all(ids.map((id) => removeRate(manager, id))),
    //^^^^^^^^^^^ race-condition/promise-all-in-transaction low
      //                          ^^^^^^^^^^ n-plus-one/query-in-loop low
    );
  }

  async drop(ids: number[]): Promise<string[]> {
    return this.dataSource.transaction((manager) =>
      //                   ^^^^^^^^^^^ related "The transaction begins here."
      Promise.all(ids.map((id) => dropRate(manager, id))),
    //^^^^^^^^^^^ race-condition/promise-all-in-transaction medium "the others go on writing"
      //                          ^^^^^^^^ n-plus-one/query-in-loop low
    );
  }
}
