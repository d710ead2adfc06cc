// Idiom of github.com/louislam/uptime-kuma: the check and the mark in methods of their own
declare const mailer: { send(to: string): Promise<void> };
declare const database: { query(text: string, parameters: readonly unknown[]): Promise<{ rows: unknown[] }> };

export class InviteService {
  private readonly invited = new Set<string>();

  private isInvited(address: string): boolean {
    return this.invited.has(address);
  }

  private remember(address: string): void {
    this.invited.add(address);
  }

  async invite(address: string): Promise<void> {
    if (this.isInvited(address)) return;
    //  ^^^^^^^^^^^^^^^^^^^^^^^ related "Checked here."
    await database.query('INSERT INTO invites (address) VALUES ($1)', [address]);
    this.remember(address);
    //   ^^^^^^^^ race-condition/stale-write-after-await medium "'this.invited' is checked before an await"
  }

  async inviteOnce(address: string): Promise<void> {
    if (this.isInvited(address)) return;
    this.remember(address); // ok race-condition/stale-write-after-await: remembered before the await
    await database.query('INSERT INTO invites (address) VALUES ($1)', [address]);
  }
}
