// Idiom of github.com/vendure-ecommerce/vendure: what is made of the rows is a strategy's affair, and may take its time.
import { Column, Entity, PrimaryGeneratedColumn, type Repository } from 'typeorm';

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

  async saleable(variant: { id: number; tracked: boolean; threshold: number }): Promise<number> {
    if (!variant.tracked) {
      return Number.MAX_SAFE_INTEGER;
    }
    const available = await this.available(variant.id);
    return available - variant.threshold;
  }
}

export async function soldOut(
  stock: StockService,
  lines: { quantity: number; variant: { id: number; tracked: boolean; threshold: number } }[],
) {
  const missing: number[] = [];
  for (const line of lines) {
    const saleable = await stock.saleable(line.variant);
    //                           ^^^^^^^^ n-plus-one/query-in-loop medium "'saleable' (through 'find') queries 'StockLevel'"
    if (line.quantity > saleable) missing.push(line.variant.id);
  }
  return missing;
}

export async function soldOutOne(stock: StockService, variant: { id: number; tracked: boolean; threshold: number }) {
  return (await stock.saleable(variant)) <= 0; // ok n-plus-one/query-in-loop: one variant, one query
}
