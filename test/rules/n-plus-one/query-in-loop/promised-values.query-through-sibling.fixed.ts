// Idiom of github.com/vendure-ecommerce/vendure: what is made of the rows is a strategy's affair, and may take its time.
import { Column, Entity, PrimaryGeneratedColumn, type Repository, In } from 'typeorm';

@Entity()
class StockLevel {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  variantId: number;

  @Column()
  onHand: number;
}

interface StockStrategy {
  available(variantId: number, levels: StockLevel[]): number | Promise<number>;
}

export class SumOfLocations implements StockStrategy {
  async available(_variantId: number, levels: StockLevel[]) {
    return levels.reduce((sum, level) => sum + level.onHand, 0);
  }
}

export class StockService {
  constructor(
    private readonly levels: Repository<StockLevel>,
    private readonly strategy: StockStrategy,
  ) {}

  async available(variantId: number): Promise<number> {
    const levels = await this.levels.find({ where: { variantId } });
    return this.strategy.available(variantId, levels);
  }

  /** Like `available`, for many at once. */
  async availableForAll(variantIds: number[]) {
    const stockLevels = await this.levels.find({ where: { variantId: In(variantIds) } });
    const stockLevelsByVariantId = new Map<(typeof stockLevels)[number]['variantId'], typeof stockLevels>();
    for (const stockLevel of stockLevels) {
      const same = stockLevelsByVariantId.get(stockLevel.variantId);
      if (same === undefined) stockLevelsByVariantId.set(stockLevel.variantId, [stockLevel]);
      else same.push(stockLevel);
    }
    const results = new Map<number, number>();
    for (const variantId of variantIds) {
      const levels = stockLevelsByVariantId.get(variantId) ?? [];
      results.set(variantId, await this.strategy.available(variantId, levels));
    }
    return results;
  }

  async saleable(variant: { id: number; tracked: boolean; threshold: number }): Promise<number> {
    if (!variant.tracked) {
      return Number.MAX_SAFE_INTEGER;
    }
    const available = await this.available(variant.id);
    return available - variant.threshold;
  }

  /** Like `saleable`, for many at once. */
  async saleableForAll(variants: ({ id: number; tracked: boolean; threshold: number })[]): Promise<Map<{ id: number; tracked: boolean; threshold: number }, number>> {
    const stockLevelsFound = await this.availableForAll(variants.map((variant) => variant.id));
    return new Map<{ id: number; tracked: boolean; threshold: number }, number>(variants.map((variant) => {
      if (!variant.tracked) {
        return [variant, Number.MAX_SAFE_INTEGER];
      }
      const available = stockLevelsFound.get(variant.id)!;
      return [variant, available - variant.threshold];
    }));
  }
}

export async function soldOut(
  stock: StockService,
  lines: { quantity: number; variant: { id: number; tracked: boolean; threshold: number } }[],
) {
  const missing: number[] = [];
  const variants = Array.from(lines, (line) => line.variant);
  const resultsByVariant = await stock.saleableForAll(variants);
  for (const line of lines) {
    const saleable = resultsByVariant.get(line.variant)!;
    //                           ^^^^^^^^ n-plus-one/query-in-loop medium "'saleable' (through 'find') queries 'StockLevel'"
    if (line.quantity > saleable) missing.push(line.variant.id);
  }
  return missing;
}

export async function soldOutOne(stock: StockService, variant: { id: number; tracked: boolean; threshold: number }) {
  return (await stock.saleable(variant)) <= 0; // ok n-plus-one/query-in-loop: one variant, one query
}
