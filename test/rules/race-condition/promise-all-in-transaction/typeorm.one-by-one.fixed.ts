// Idiom of github.com/vendure-ecommerce/vendure
import type { DataSource, EntityManager } from 'typeorm';

declare class OrderLine {
  id: number;
  orderId: number;
}
declare class StockMovement {
  id: number;
  orderId: number;
}
declare class HistoryEntry {
  id: number;
  orderId: number;
}
declare function chunk<T>(list: T[], size: number): T[][];

export class FulfillmentService {
  constructor(private readonly dataSource: DataSource) {}

  async allocate(lines: OrderLine[]): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      //                  ^^^^^^^^^^^ related "The transaction begins here."
      for (const part of chunk(lines, 100)) {
        await manager.insert(OrderLine, part);
        //            ^^^^^^ related "'insert' is one of them."
        // Movements follow their lines.
        await manager.insert(StockMovement, part.map(({ orderId }) => ({ orderId })));
      }
    });
  }

  async ship(lines: OrderLine[]): Promise<number[]> {
    return this.dataSource.transaction(async (manager) => {
      const counts = await Promise.all(
      //                   ^^^^^^^^^^^ race-condition/promise-all-in-transaction low "in one transaction"
        chunk(lines, 100).map(async (part, index) => {
          await manager.insert(OrderLine, part);
          await manager.insert(HistoryEntry, { orderId: index });
          return part.length;
        }),
      );
      return counts;
    });
  }

  async split(first: OrderLine, entry: HistoryEntry): Promise<number> {
    return this.dataSource.transaction(async (manager) => {
      const [kept, noted] = await Promise.all([manager.save(OrderLine, first), manager.save(HistoryEntry, entry)]);
      //                          ^^^^^^^^^^^ race-condition/promise-all-in-transaction low "in one transaction"
      return kept.id + noted.id;
    });
  }

  async each(lines: OrderLine[]): Promise<void> {
    // ok race-condition/promise-all-in-transaction: each has a transaction, and a connection, of its own
    await Promise.all(
      chunk(lines, 100).map((part) =>
        this.dataSource.transaction(async (manager) => {
          await manager.insert(OrderLine, part);
          await manager.insert(StockMovement, part.map(({ orderId }) => ({ orderId })));
        }),
      ),
    );
  }

  async inTurn(lines: OrderLine[]): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      // ok race-condition/promise-all-in-transaction: one after the other
      for (const part of chunk(lines, 100)) {
        await manager.insert(OrderLine, part);
        await manager.insert(StockMovement, part.map(({ orderId }) => ({ orderId })));
      }
    });
  }

  async read(orderId: number): Promise<[OrderLine[], StockMovement[]]> {
    return this.dataSource.transaction(async (manager) => {
      // ok race-condition/promise-all-in-transaction: nothing is written
      const found = await Promise.all([manager.findBy(OrderLine, { orderId }), manager.findBy(StockMovement, { orderId })]);
      return found;
    });
  }
}

// The helpers are given the transaction: the place is here, whoever opens it.
async function replaceMovements(manager: EntityManager, orderId: number): Promise<void> {
  await manager.delete(StockMovement, { orderId });
  await manager.insert(StockMovement, { orderId });
}

async function note(manager: EntityManager, orderId: number): Promise<void> {
  await manager.insert(HistoryEntry, { orderId });
}

async function relocate(manager: EntityManager, orderId: number): Promise<void> {
  await Promise.all([replaceMovements(manager, orderId), note(manager, orderId)]);
  //    ^^^^^^^^^^^ race-condition/promise-all-in-transaction low "the others go on writing"
}

export async function move(dataSource: DataSource, orderId: number): Promise<void> {
  await dataSource.transaction((manager) => relocate(manager, orderId));
}
