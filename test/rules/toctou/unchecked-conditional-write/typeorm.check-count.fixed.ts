// Idiom of github.com/brocoders/nestjs-boilerplate
import { IsNull, type Repository } from 'typeorm';

declare class Invite {
  id: number;
  usedAt: Date | null;
  version: number;
}
declare class Membership {
  id: number;
  inviteId: number;
}

export class InviteService {
  constructor(
    private readonly invites: Repository<Invite>,
    private readonly memberships: Repository<Membership>,
  ) {}

  async accept(id: number): Promise<void> {
    const updated = await this.invites.update({ id, usedAt: IsNull() }, { usedAt: new Date() });
    if (updated.affected === 0) throw new Error('The row has changed in the meantime');
    //                 ^^^^^^ toctou/unchecked-conditional-write high "only while 'usedAt' is as expected"
    await this.memberships.insert({ inviteId: id });
  }

  async acceptChecked(id: number): Promise<void> {
    const result = await this.invites.update({ id, usedAt: IsNull() }, { usedAt: new Date() }); // ok toctou/unchecked-conditional-write: the count is looked at
    if (result.affected === 0) throw new Error('used already');
    await this.memberships.insert({ inviteId: id });
  }

  async bump(id: number, version: number): Promise<void> {
    await this.invites.update({ id, version }, { version: version + 1 });
    //                 ^^^^^^ toctou/unchecked-conditional-write high "'version'"
    await this.memberships.insert({ inviteId: id });
  }

  async revoke(id: number): Promise<void> {
    await this.invites.update({ id, usedAt: IsNull() }, { usedAt: new Date() }); // ok toctou/unchecked-conditional-write: revoking twice is revoking once
    await this.memberships.insert({ inviteId: id });
  }

  async addMember(id: number): Promise<void> {
    await this.memberships.insert({ inviteId: id });
    await this.invites.update({ id }, { usedAt: new Date() }); // ok toctou/unchecked-conditional-write: no condition but the key
  }
}
