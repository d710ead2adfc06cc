import type { InvitationRepository } from './invitation-repository.ts';

export class InvitationService {
  constructor(private readonly invitations: InvitationRepository) {}

  async invite(teamId: string, email: string): Promise<void> {
    await this.assertFree(teamId, email);
//             ^^^^^^^^^^ related "Checked here."
    await this.invitations.add(teamId, email);
//                         ^^^ toctou/db-check-then-act medium "two runs at once both store theirs"
  }

  async inviteKnown(teamId: string, email: string): Promise<void> {
    const name = await this.invitations.teamName(teamId);
    if (name === undefined) throw new Error('no such team');
    await this.invitations.add(teamId, email); // ok toctou/db-check-then-act: another table was looked at
  }

  private async assertFree(teamId: string, email: string): Promise<void> {
    if (await this.invitations.exists(teamId, email)) throw new Error('invited already');
  }
}
