// Idiom of github.com/Unleash/unleash
import type { Knex } from 'knex';

export async function approve(db: Knex, id: number): Promise<void> {
  const updated = await db('change_requests').where({ id, state: 'open' }).update({ state: 'approved' });
  if (updated === 0) throw new Error('The row has changed in the meantime');
  //                                                       ^^^^^^ toctou/unchecked-conditional-write high "only while 'state' is as expected"
  await db('approvals').insert({ change_request_id: id });
}

export async function approveChecked(db: Knex, id: number): Promise<void> {
  const count = await db('change_requests').where({ id, state: 'open' }).update({ state: 'approved' }); // ok toctou/unchecked-conditional-write: the count is looked at
  if (count === 0) throw new Error('not open');
  await db('approvals').insert({ change_request_id: id });
}

export async function close(db: Knex, project: string): Promise<void> {
  await db('change_requests').where({ project, state: 'open' }).update({ state: 'closed' }); // ok toctou/unchecked-conditional-write: all of a project
  await db('approvals').insert({ project });
}

export async function approveReturning(db: Knex, id: number): Promise<void> {
  // ok toctou/unchecked-conditional-write: the rows that come back are looked at
  const [approved] = await db('change_requests').where({ id, state: 'open' }).update({ state: 'approved' }).returning('id');
  if (!approved) throw new Error('not open');
  await db('approvals').insert({ change_request_id: id });
}

export async function approveTruthy(db: Knex, id: number): Promise<void> {
  const done = await db('change_requests').where({ id, state: 'open' }).update({ state: 'approved' }); // ok toctou/unchecked-conditional-write: the count is looked at
  if (done) await db('approvals').insert({ change_request_id: id });
}
