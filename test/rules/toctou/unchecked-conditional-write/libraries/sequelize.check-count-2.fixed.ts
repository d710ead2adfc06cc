// Idiom of github.com/outline/outline
import { Model } from 'sequelize';

class ShareInvite extends Model {}
class Share extends Model {}

export async function accept(id: string): Promise<void> {
  await ShareInvite.update({ state: 'accepted' }, { where: { id, state: 'sent' } });
  //                ^^^^^^ toctou/unchecked-conditional-write high "only while 'state' is as expected"
  await Share.create({ inviteId: id });
}

export async function acceptChecked(id: string): Promise<void> {
  const [count] = await ShareInvite.update({ state: 'accepted' }, { where: { id, state: 'sent' } }); // ok toctou/unchecked-conditional-write: the count is looked at
  if (count === 0) throw new Error('accepted already');
  await Share.create({ inviteId: id });
}

export async function acceptLoaded(id: string): Promise<void> {
  const [count] = await ShareInvite.update({ state: 'accepted' }, { where: { id, state: 'sent' } }); // ok toctou/unchecked-conditional-write: what follows runs only when one was changed
  if (count > 0) await Share.create({ inviteId: id });
}

export async function rename(id: string, label: string): Promise<void> {
  await ShareInvite.update({ label }, { where: { id } }); // ok toctou/unchecked-conditional-write: no condition but the key
  await Share.create({ inviteId: id });
}

export async function expireAll(teamId: string): Promise<void> {
  await ShareInvite.update({ state: 'expired' }, { where: { teamId, state: 'sent' } }); // ok toctou/unchecked-conditional-write: all of a team
  await Share.create({ teamId });
}

export async function claimShare(id: string, userId: string): Promise<void> {
  const [updated] = await Share.update({ ownerId: userId }, { where: { id, ownerId: null } });
  if (updated === 0) throw new Error('The row has changed in the meantime');
  //          ^^^^^^ toctou/unchecked-conditional-write high "only while 'ownerId' is as expected"
  await ShareInvite.create({ shareId: id });
}
