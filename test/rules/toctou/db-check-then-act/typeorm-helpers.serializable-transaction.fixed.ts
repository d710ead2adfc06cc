// Idiom of github.com/brocoders/nestjs-boilerplate: a service that asks itself, over its repository.
import { Column, Entity, PrimaryGeneratedColumn, type Repository, type EntityManager } from 'typeorm';

/** Codes of a transaction that the database ended in favour of another: PostgreSQL, Prisma, MySQL. */
const CONFLICTS = new Set<unknown>(['40001', '40P01', 'P2034', 'ER_LOCK_DEADLOCK']);

function isConflict(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, cause, parent, driverError } = error as Record<string, unknown>;
  return CONFLICTS.has(code) || [cause, parent, driverError].some(isConflict);
}

async function retryOnConflict<T>(run: () => Promise<T>, attempts = 5): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === attempts || !isConflict(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** attempt));
    }
  }
}

@Entity()
export class Seat {
  @PrimaryGeneratedColumn()
  id: number;

  @Column({ type: 'int' })
  showId: number;

  @Column({ type: 'text' })
  guest: string;
}

export class SeatService {
  constructor(private readonly seats: Repository<Seat>) {}

  async book(showId: number, guest: string): Promise<number> {
    return retryOnConflict(() => this.seats.manager.transaction('SERIALIZABLE', async (manager) => {
      const taken = await this.takenOf(showId, manager);
      //                       ^^^^^^^ related "Checked here."
      if (taken >= 3) throw new Error('It is sold out.');
      return this.store(showId, guest, manager);
    }));
    //          ^^^^^ toctou/db-check-then-act medium "Rows of 'Seat' are counted"
  }

  async free(showId: number): Promise<number> {
    return 3 - (await this.takenOf(showId));
  }

  private async takenOf(showId: number, manager: EntityManager = this.seats.manager): Promise<number> {
    return manager.getRepository(Seat).count({ where: { showId } });
  }

  private async store(showId: number, guest: string, manager: EntityManager = this.seats.manager): Promise<number> {
    const seat = await manager.getRepository(Seat).save({ showId, guest });
    return seat.id;
  }
}
