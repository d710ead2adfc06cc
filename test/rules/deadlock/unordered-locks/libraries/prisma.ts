// Idiom of github.com/hoppscotch/hoppscotch: interactive transactions over delegates, rows locked by raw SQL.
interface Delegate {
  update(query: { where: { id: string }; data: Record<string, unknown> }): Promise<{ id: string }>;
  create(query: { data: Record<string, unknown> }): Promise<{ id: string }>;
}
interface TransactionClient {
  wallet: Delegate;
  teamRequest: Delegate;
  $queryRaw(sql: TemplateStringsArray, ...values: unknown[]): Promise<unknown>;
}
interface PrismaClient extends TransactionClient {
  $transaction<T>(work: (tx: TransactionClient) => Promise<T>): Promise<T>;
}

export class WalletService {
  constructor(private readonly prisma: PrismaClient) {}

  async transfer(fromID: string, toID: string, amount: number) {
    await this.prisma.$transaction(async (tx) => {
      await tx.wallet.update({ where: { id: fromID }, data: { balance: { decrement: amount } } });
      await tx.wallet.update({ where: { id: toID }, data: { balance: { increment: amount } } });
      //              ^^^^^^ deadlock/unordered-locks high "'update' locks the row 'fromID' of 'wallet' and 'update' then the row"
    });
  }

  async reorder(requests: { id: string; orderIndex: number }[]) {
    await this.prisma.$transaction(async (tx) => {
      for (const { id, orderIndex } of requests) {
        await tx.teamRequest.update({ where: { id }, data: { orderIndex } });
        //                   ^^^^^^ deadlock/unordered-locks medium "'update' locks one row of 'teamRequest' per element of 'requests' in"
        //                   ^^^^^^ n-plus-one/query-in-loop low "'update' writes to 'teamRequest' once per element of 'requests'."
      }
    });
  }

  async transferLocked(fromID: string, toID: string, amount: number) {
    await this.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT id FROM "wallet" WHERE id IN (${fromID}, ${toID}) ORDER BY id FOR UPDATE`;
      await tx.wallet.update({ where: { id: fromID }, data: { balance: { decrement: amount } } });
      await tx.wallet.update({ where: { id: toID }, data: { balance: { increment: amount } } }); // ok deadlock/unordered-locks: both are locked in one order before
    });
  }

  async reorderSorted(requests: { id: string; orderIndex: number }[]) {
    await this.prisma.$transaction(async (tx) => {
      for (const { id, orderIndex } of requests.toSorted((a, b) => a.id.localeCompare(b.id))) {
        await tx.teamRequest.update({ where: { id }, data: { orderIndex } }); // ok deadlock/unordered-locks: everyone goes up
        //                   ^^^^^^ n-plus-one/query-in-loop low "'update' writes to 'teamRequest' once per element of the list."
      }
    });
  }

  async split(fromID: string, amount: number) {
    await this.prisma.$transaction(async (tx) => {
      await tx.wallet.update({ where: { id: fromID }, data: { balance: { decrement: amount } } });
      const made = await tx.wallet.create({ data: { balance: amount } });
      await tx.wallet.update({ where: { id: made.id }, data: { parent: fromID } }); // ok deadlock/unordered-locks: nobody else knows the new row
    });
  }
}
