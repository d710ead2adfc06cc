// Idiom of github.com/vendure-ecommerce/vendure: entities found, changed and saved.
import { Column, Entity, PrimaryGeneratedColumn, type Repository } from 'typeorm';

@Entity()
export class StockLevel {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  location: string;

  @Column()
  onHand: number;

  @Column()
  allocated: number;
}

export class StockService {
  constructor(private readonly levels: Repository<StockLevel>) {}

  async merge(location: string, other: StockLevel): Promise<void> {
    const level = await this.levels.findOneByOrFail({ location });
//                                  ^^^^^^^^^^^^^^^ related "Read here."
    level.onHand += other.onHand;
    level.allocated += other.allocated;
    await this.levels.save(level);
//                    ^^^^ race-condition/lost-update high "a change made in between is lost"
  }

  async move(id: number, location: string): Promise<void> {
    const level = await this.levels.findOneByOrFail({ id });
    level.location = location;
    await this.levels.save(level); // ok race-condition/lost-update: nothing is computed from what was read
  }

  async mergeAtomically(id: number, other: StockLevel): Promise<void> {
    await this.levels.increment({ id }, 'onHand', other.onHand); // ok race-condition/lost-update: the database computes the value
    await this.levels.increment({ id }, 'allocated', other.allocated); // ok race-condition/lost-update: the database computes the value
  }

  async create(location: string, onHand: number): Promise<void> {
    await this.levels.save({ location, onHand: onHand + 1, allocated: 0 }); // ok race-condition/lost-update: the row is new
  }
}
