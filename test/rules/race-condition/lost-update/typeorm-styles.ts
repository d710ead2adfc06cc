// Idiom of github.com/typeorm/typeorm: the same statement through an entity manager, a query runner, a builder, an active record.
import { BaseEntity, Column, type DataSource, Entity, type EntityManager, PrimaryColumn } from 'typeorm';

@Entity()
export class Wallet extends BaseEntity {
  @PrimaryColumn()
  id: string;

  @Column({ type: 'int' })
  balance: number;
}

export async function depositByManager(manager: EntityManager, id: string, amount: number) {
  const wallet = await manager.findOneByOrFail(Wallet, { id });
  //                           ^^^^^^^^^^^^^^^ related "Read here."
  await manager.update(Wallet, { id }, { balance: wallet.balance + amount });
  //            ^^^^^^ race-condition/lost-update high "'balance' of 'Wallet'"
}

export async function depositByBuilder(dataSource: DataSource, id: string, amount: number) {
  const wallet = await dataSource.createQueryBuilder(Wallet, 'wallet').where('wallet.id = :id', { id }).getOneOrFail();
  //                              ^^^^^^^^^^^^^^^^^^ related "Read here."
  await dataSource
    .createQueryBuilder()
    .update(Wallet)
  // ^^^^^^ race-condition/lost-update high "'balance' of 'Wallet'"
    .set({ balance: wallet.balance + amount })
    .where('id = :id', { id })
    .execute();
}

export async function depositByRunner(dataSource: DataSource, id: string, amount: number) {
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  try {
    const wallet = await runner.manager.findOneByOrFail(Wallet, { id });
    //                                  ^^^^^^^^^^^^^^^ related "Read here."
    wallet.balance += amount;
    await runner.manager.save(wallet);
    //                   ^^^^ race-condition/lost-update high "'balance' of 'Wallet'"
    await runner.commitTransaction();
  } catch (error) {
    await runner.rollbackTransaction();
    throw error;
  } finally {
    await runner.release();
  }
}

export async function depositActively(id: string, amount: number) {
  const wallet = await Wallet.findOneByOrFail({ id });
  //                          ^^^^^^^^^^^^^^^ related "Read here."
  wallet.balance += amount;
  await wallet.save();
  //           ^^^^ race-condition/lost-update high "'balance' of 'Wallet'"
}

export async function depositByIncrement(manager: EntityManager, id: string, amount: number) {
  const wallet = await manager.findOneByOrFail(Wallet, { id });
  await manager.increment(Wallet, { id: wallet.id }, 'balance', amount); // ok race-condition/lost-update: the database adds
}

export async function withdrawByText(dataSource: DataSource, id: string, amount: number) {
  const [wallet] = await dataSource.query('SELECT balance FROM wallet WHERE id = $1', [id]);
  await dataSource.query('UPDATE wallet SET balance = $1 WHERE id = $2', [wallet.balance - amount, id]);
  //               ^^^^^ race-condition/lost-update high "'balance' of 'wallet' is read by 'query' and written back"
}

export async function depositByExpression(dataSource: DataSource, id: string, amount: number) {
  const wallet = await Wallet.findOneByOrFail({ id });
  await dataSource
    .createQueryBuilder()
    .update(Wallet) // ok race-condition/lost-update: the database adds
    .set({ balance: () => 'balance + :amount' })
    .where('id = :id', { id: wallet.id, amount })
    .execute();
}

export async function depositLocked(dataSource: DataSource, id: string, amount: number) {
  const runner = dataSource.createQueryRunner();
  await runner.startTransaction();
  try {
    const wallet = await runner.manager.findOneOrFail(Wallet, { where: { id }, lock: { mode: 'pessimistic_write' } });
    wallet.balance += amount;
    await runner.manager.save(wallet); // ok race-condition/lost-update: the row is locked when it is read
    await runner.commitTransaction();
  } catch (error) {
    await runner.rollbackTransaction();
    throw error;
  } finally {
    await runner.release();
  }
}
