// Idiom of github.com/brocoders/nestjs-boilerplate: services over repositories.
import { Column, type DataSource, Entity, PrimaryGeneratedColumn, type Repository } from 'typeorm';

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
export class Booking {
  @PrimaryGeneratedColumn()
  id: number;

  @Column({ type: 'int' })
  roomId: number;

  @Column({ type: 'text' })
  status: string;

  @Column({ type: 'timestamptz', nullable: true })
  refundedAt: Date | null;
}

@Entity()
export class Refund {
  @PrimaryGeneratedColumn()
  id: number;

  @Column({ type: 'int' })
  bookingId: number;
}

export class BookingService {
  constructor(
    private readonly bookings: Repository<Booking>,
    private readonly refunds: Repository<Refund>,
    private readonly dataSource: DataSource,
  ) {}

  async book(roomId: number): Promise<number> {
    const taken = await this.bookings.count({ where: { roomId } });
    //                                ^^^^^ related "Checked here."
    if (taken >= 3) throw new Error('The room is full.');
    const booking = await this.bookings.save(this.bookings.create({ roomId, status: 'open', refundedAt: null }));
    //                                  ^^^^ toctou/db-check-then-act medium "Rows of 'Booking' are counted"
    return booking.id;
  }

  async bookInTransaction(roomId: number): Promise<void> {
    await retryOnConflict(() => this.dataSource.transaction('SERIALIZABLE', async (manager) => {
      const taken = await manager.count(Booking, { where: { roomId } });
      //                          ^^^^^ related "Checked here."
      if (taken >= 3) throw new Error('The room is full.');
      await manager.insert(Booking, { roomId, status: 'open' });
      //            ^^^^^^ toctou/db-check-then-act medium "Rows of 'Booking' are counted"
    }));
  }

  async refund(id: number): Promise<void> {
    const booking = await this.bookings.findOneByOrFail({ id });
    //                                  ^^^^^^^^^^^^^^^ related "Checked here."
    if (booking.refundedAt !== null) throw new Error('It is refunded already.');
    await this.bookings.update(id, { refundedAt: new Date() });
    //                  ^^^^^^ toctou/db-check-then-act medium "'refundedAt' of 'Booking'"
    await this.refunds.insert({ bookingId: id });
  }

  async close(id: number): Promise<void> {
    const booking = await this.bookings.findOneByOrFail({ id });
    if (booking.status === 'closed') return;
    await this.bookings.update(id, { status: 'closed' }); // ok toctou/db-check-then-act: closing twice is closing once
  }
}
