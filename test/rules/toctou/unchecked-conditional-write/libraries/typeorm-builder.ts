// Idiom of github.com/vendure-ecommerce/vendure: query builders, entity managers and query runners beside repositories.
import { BaseEntity, type DataSource, type EntityManager } from 'typeorm';

class Coupon extends BaseEntity {
  id: number;
  state: string;
}
class Redemption extends BaseEntity {
  couponId: number;
}

export async function redeemByBuilder(dataSource: DataSource, id: number): Promise<void> {
  await dataSource
    .createQueryBuilder()
    .update(Coupon)
  // ^^^^^^ toctou/unchecked-conditional-write high "only while 'state' is as expected"
    .set({ state: 'redeemed' })
    .where('id = :id AND state = :state', { id, state: 'open' })
    .execute();
  await dataSource.getRepository(Redemption).insert({ couponId: id });
}

export async function redeemByManager(manager: EntityManager, id: number): Promise<void> {
  await manager.update(Coupon, { id, state: 'open' }, { state: 'redeemed' });
  //            ^^^^^^ toctou/unchecked-conditional-write high "only while 'state' is as expected"
  await manager.insert(Redemption, { couponId: id });
}

export async function redeemByRunner(dataSource: DataSource, id: number): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.manager.update(Coupon, { id, state: 'open' }, { state: 'redeemed' });
    //                   ^^^^^^ toctou/unchecked-conditional-write high "only while 'state' is as expected"
    await runner.manager.insert(Redemption, { couponId: id });
  } finally {
    await runner.release();
  }
}

export async function redeemActively(id: number): Promise<void> {
  await Coupon.update({ id, state: 'open' }, { state: 'redeemed' });
  //           ^^^^^^ toctou/unchecked-conditional-write high "only while 'state' is as expected"
  await Redemption.create({ couponId: id }).save();
}

export async function redeemCounted(dataSource: DataSource, id: number): Promise<void> {
  const result = await dataSource
    .createQueryBuilder()
    .update(Coupon) // ok toctou/unchecked-conditional-write: the count is looked at
    .set({ state: 'redeemed' })
    .where('id = :id AND state = :state', { id, state: 'open' })
    .execute();
  if (result.affected !== 1) throw new Error('The coupon is used up.');
  await dataSource.getRepository(Redemption).insert({ couponId: id });
}

export async function redeemChecked(manager: EntityManager, id: number): Promise<void> {
  const { affected } = await manager.update(Coupon, { id, state: 'open' }, { state: 'redeemed' }); // ok toctou/unchecked-conditional-write: the count is looked at
  if (!affected) throw new Error('The coupon is used up.');
  await manager.insert(Redemption, { couponId: id });
}

export async function expire(id: number): Promise<void> {
  await Coupon.update({ id }, { state: 'expired' }); // ok toctou/unchecked-conditional-write: no condition but the key
  await Redemption.create({ couponId: id }).save();
}
