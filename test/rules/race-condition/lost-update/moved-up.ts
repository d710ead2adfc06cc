// Idiom of github.com/hoppscotch/hoppscotch: rows are locked before the others move up, and read before that.
import { Column, type DataSource, Entity, MoreThan, PrimaryGeneratedColumn, type Repository } from 'typeorm';

@Entity()
export class Board {
  @PrimaryGeneratedColumn()
  id: number;
}

@Entity()
export class Card {
  @PrimaryGeneratedColumn()
  id: number;

  @Column({ type: 'int' })
  boardId: number;

  @Column({ type: 'int' })
  position: number;
}

export class CardService {
  constructor(
    private readonly cards: Repository<Card>,
    private readonly dataSource: DataSource,
  ) {}

  async remove(id: number): Promise<boolean> {
    const card = await this.cards.findOne({ where: { id } });
    //                            ^^^^^^^ related "Read here."
    if (!card) return false;
    await this.dataSource.transaction(async (manager) => {
      await manager.findOneOrFail(Board, { where: { id: card.boardId }, lock: { mode: 'pessimistic_write' } });
      //            ^^^^^^^^^^^^^ related "Locked here, after it was read."
      await manager.delete(Card, { id });
      await manager.decrement(Card, { boardId: card.boardId, position: MoreThan(card.position) }, 'position', 1);
      //            ^^^^^^^^^ race-condition/lost-update medium "Rows are shifted"
    });
    return true;
  }

  async removeLocked(boardId: number, id: number): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.findOneOrFail(Board, { where: { id: boardId }, lock: { mode: 'pessimistic_write' } });
      const card = await manager.findOneOrFail(Card, { where: { id } });
      await manager.delete(Card, { id });
      await manager.decrement(Card, { boardId, position: MoreThan(card.position) }, 'position', 1); // ok race-condition/lost-update: read under the lock
    });
  }
}
