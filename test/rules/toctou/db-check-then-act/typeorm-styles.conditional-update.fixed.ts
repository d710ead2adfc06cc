// Idiom of github.com/typeorm/typeorm: the same statement through an entity manager, a query runner, a builder, an active record.
import { BaseEntity, Column, type DataSource, Entity, type EntityManager, PrimaryColumn, IsNull } from 'typeorm';

@Entity()
export class Seat extends BaseEntity {
  @PrimaryColumn()
  id: string;

  @Column({ type: 'text', nullable: true })
  takenBy: string | null;
}

@Entity()
export class Guest extends BaseEntity {
  @PrimaryColumn()
  id: string;

  @Column()
  email: string;
}

export async function takeByManager(manager: EntityManager, id: string, userId: string) {
  const seat = await manager.findOneByOrFail(Seat, { id });
  //                         ^^^^^^^^^^^^^^^ related "Checked here."
  if (seat.takenBy !== null) throw new Error('The seat is taken.');
  const updated = await manager.update(Seat, { id, takenBy: IsNull() }, { takenBy: userId });
  if (!updated.affected) throw new Error('The seat is taken.');
  //            ^^^^^^ toctou/db-check-then-act medium "'takenBy' of 'Seat'"
}

export async function takeByBuilder(dataSource: DataSource, id: string, userId: string) {
  const seat = await dataSource
    .createQueryBuilder(Seat, 'seat')
  // ^^^^^^^^^^^^^^^^^^ related "Checked here."
    .where('seat.id = :id', { id })
    .getOneOrFail();
  if (seat.takenBy !== null) throw new Error('The seat is taken.');
  await dataSource
    .createQueryBuilder()
    .update(Seat)
  // ^^^^^^ toctou/db-check-then-act medium "'takenBy' of 'Seat'"
    .set({ takenBy: userId })
    .where('id = :id', { id })
    .execute();
}

export async function takeByRunner(dataSource: DataSource, id: string, userId: string) {
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  try {
    const seat = await runner.manager.findOneByOrFail(Seat, { id });
    //                                ^^^^^^^^^^^^^^^ related "Checked here."
    if (seat.takenBy !== null) throw new Error('The seat is taken.');
    await runner.manager.update(Seat, { id }, { takenBy: userId });
    //                   ^^^^^^ toctou/db-check-then-act medium "'takenBy' of 'Seat'"
    await runner.commitTransaction();
  } catch (error) {
    await runner.rollbackTransaction();
    throw error;
  } finally {
    await runner.release();
  }
}

export async function takeActively(id: string, userId: string) {
  const seat = await Seat.findOneByOrFail({ id });
  //                      ^^^^^^^^^^^^^^^ related "Checked here."
  if (seat.takenBy !== null) throw new Error('The seat is taken.');
  seat.takenBy = userId;
  await seat.save();
  //         ^^^^ toctou/db-check-then-act medium "'takenBy' of 'Seat'"
}

export async function takeByText(dataSource: DataSource, id: string, userId: string) {
  const [seat] = await dataSource.query('SELECT taken_by FROM seat WHERE id = $1', [id]);
  //                              ^^^^^ related "Checked here."
  if (seat.taken_by !== null) throw new Error('The seat is taken.');
  await dataSource.query('UPDATE seat SET taken_by = $1 WHERE id = $2', [userId, id]);
  //               ^^^^^ toctou/db-check-then-act medium "'taken_by' of 'seat'"
}

export async function invite(manager: EntityManager, id: string, email: string) {
  if (await manager.existsBy(Guest, { email })) throw new Error('The guest is invited already.');
  //                ^^^^^^^^ related "Checked here."
  await manager.save(Guest, { id, email });
  //            ^^^^ toctou/db-check-then-act "no row of 'Guest' with this 'email'"
}

export async function takeLocked(dataSource: DataSource, id: string, userId: string) {
  await dataSource.transaction(async (manager) => {
    const seat = await manager.findOneOrFail(Seat, { where: { id }, lock: { mode: 'pessimistic_write' } });
    if (seat.takenBy !== null) throw new Error('The seat is taken.');
    await manager.update(Seat, { id }, { takenBy: userId }); // ok toctou/db-check-then-act: locked by its read
  });
}

export async function takeLockedByBuilder(dataSource: DataSource, id: string, userId: string) {
  await dataSource.transaction(async (manager) => {
    const seat = await manager.createQueryBuilder(Seat, 'seat').setLock('pessimistic_write').where('seat.id = :id', { id }).getOneOrFail();
    if (seat.takenBy !== null) throw new Error('The seat is taken.');
    seat.takenBy = userId;
    await manager.save(seat); // ok toctou/db-check-then-act: locked by its read
  });
}

export async function takeFree(dataSource: DataSource, id: string, userId: string) {
  const seat = await Seat.findOneByOrFail({ id });
  if (seat.takenBy !== null) throw new Error('The seat is taken.');
  const result = await dataSource
    .createQueryBuilder()
    .update(Seat) // ok toctou/db-check-then-act: only while it is free, and whether it was is looked at
    .set({ takenBy: userId })
    .where('id = :id AND takenBy IS NULL', { id })
    .execute();
  if (result.affected === 0) throw new Error('The seat is taken.');
}

export async function inviteOnce(dataSource: DataSource, id: string, email: string) {
  if (await Guest.existsBy({ email })) return;
  // ok toctou/db-check-then-act: a second one does nothing
  await dataSource.createQueryBuilder().insert().into(Guest).values({ id, email }).orIgnore().execute();
}
