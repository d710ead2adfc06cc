// Idiom of github.com/outline/outline
import { Model } from 'sequelize';

class ShareInvite extends Model {}
class Share extends Model {}

export async function accept(id: string): Promise<void> {
  const [updated] = await ShareInvite.update({ state: 'accepted' }, { where: { id, state: 'sent' } });
  if (updated === 0) throw new Error('The row has changed in the meantime');
  //                ^^^^^^ toctou/unchecked-conditional-write high "only while 'state' is as expected"
  await Share.create({ inviteId: id });
}

export async function acceptChecked(id: string): Promise<void> {
  const [count] = await ShareInvite.update({ state: 'accepted' }, { where: { id, state: 'sent' } }); // ok toctou/unchecked-conditional-write: the count is looked at
  if (count === 0) throw new Error('accepted already');
  await Share.create({ inviteId: id });
}
