// Idiom of github.com/brocoders/nestjs-boilerplate: a service that asks itself, over its repository.
import { Column, Entity, PrimaryGeneratedColumn, type Repository } from 'typeorm';

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
    const taken = await this.takenOf(showId);
    //                       ^^^^^^^ related "Checked here."
    if (taken >= 3) throw new Error('It is sold out.');
    return this.store(showId, guest);
    //          ^^^^^ toctou/db-check-then-act medium "Rows of 'Seat' are counted"
  }

  async free(showId: number): Promise<number> {
    return 3 - (await this.takenOf(showId));
  }

  private async takenOf(showId: number): Promise<number> {
    return this.seats.count({ where: { showId } });
  }

  private async store(showId: number, guest: string): Promise<number> {
    const seat = await this.seats.save({ showId, guest });
    return seat.id;
  }
}
