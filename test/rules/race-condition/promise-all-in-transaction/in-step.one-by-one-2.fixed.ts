// Idiom of github.com/vendure-ecommerce/vendure
import type { DataSource, EntityManager } from 'typeorm';

declare class Seller {
  id: number;
  deletedAt: Date | null;
}
declare class Country {
  id: number;
}
declare class Address {
  countryId: number;
}

async function sellerOrFail(manager: EntityManager, id: number): Promise<Seller> {
  const seller = await manager.findOne(Seller, { where: { id } });
  if (seller === null) throw new Error(`no seller ${id}`);
  return seller;
}

async function removeSeller(manager: EntityManager, id: number): Promise<void> {
  const seller = await sellerOrFail(manager, id);
  await manager.remove(seller);
}

async function removeCountry(manager: EntityManager, id: number): Promise<boolean> {
  const country = await manager.findOne(Country, { where: { id } });
  if (country === null) throw new Error(`no country ${id}`);
  await manager.findBy(Address, { countryId: id });
  await manager.findBy(Country, { id });
  await manager.remove(country);
  return true;
}

export class Directory {
  constructor(private readonly dataSource: DataSource) {}

  /** The look-up of an unknown one fails while the others load theirs: what they remove next comes after the rollback. */
  async removeSellers(ids: number[]): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      //                  ^^^^^^^^^^^ related "The transaction begins here."
      await Promise.all(ids.map((id) => removeSeller(manager, id)));
      //    ^^^^^^^^^^^ race-condition/promise-all-in-transaction medium "the others go on writing"
      //                                ^^^^^^^^^^^^ n-plus-one/query-in-loop low
    });
  }

  /** Still two reads away from it, they find the connection given back. */
  async removeCountries(ids: number[]): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      for (const id of ids) {
        await removeCountry(manager, id);
      }
      //    ^^^^^^^^^^^ race-condition/promise-all-in-transaction low
      //                                ^^^^^^^^^^^^^ n-plus-one/query-in-loop low
    });
  }

  /** Rows that were read just before are there. */
  async removeAllSellers(): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const sellers = await manager.find(Seller);
      await Promise.all(sellers.map((seller) => removeSeller(manager, seller.id)));
      //    ^^^^^^^^^^^ race-condition/promise-all-in-transaction low
      //                                        ^^^^^^^^^^^^ n-plus-one/query-in-loop low
    });
  }
}
