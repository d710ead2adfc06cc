// Idiom of github.com/demamano/credit-service: credits taken at the strictest level of Prisma.
/** Codes of a transaction that the database ended in favour of another: PostgreSQL, Prisma, MySQL. */
const CONFLICTS = new Set<unknown>(['40001', '40P01', 'P2034', 'ER_LOCK_DEADLOCK']);

function isConflict(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, cause, parent, driverError } = error as Record<string, unknown>;
  return CONFLICTS.has(code) || [cause, parent, driverError].some(isConflict);
}

async function retryOnConflict<T>(run: () => Promise<T>, attempts = 5): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === attempts || !isConflict(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** attempt));
    }
  }
}

interface Delegate<Row> {
  findUniqueOrThrow(query: { where: Record<string, unknown> }): Promise<Row>;
  findMany(query: { where: Record<string, unknown> }): Promise<Row[]>;
  create(query: { data: Record<string, unknown> }): Promise<Row>;
  update(query: { where: Record<string, unknown>; data: Record<string, unknown> }): Promise<Row>;
}
interface TransactionClient {
  wallet: Delegate<{ id: string; credits: number }>;
  creditEntry: Delegate<{ id: string; amount: number }>;
}
interface PrismaClient extends TransactionClient {
  $transaction<T>(
    work: (tx: TransactionClient) => Promise<T>,
    options?: { isolationLevel?: string; timeout?: number },
  ): Promise<T>;
}
declare const Prisma: { TransactionIsolationLevel: { Serializable: 'Serializable'; RepeatableRead: 'RepeatableRead' } };

export class CreditService {
  constructor(private readonly prisma: PrismaClient) {}

  async reserve(walletId: string, amount: number) {
    return retryOnConflict(() => this.prisma.$transaction(
    //                 ^^^^^^^^^^^^ deadlock/no-victim-retry high "The transaction is SERIALIZABLE, where the database aborts one of two"
      async (tx) => {
        const wallet = await tx.wallet.findUniqueOrThrow({ where: { id: walletId } });
        if (wallet.credits < amount) throw new Error('Not enough credits.');
        return tx.creditEntry.create({ data: { walletId, amount: -amount } });
      },
      { isolationLevel: Prisma.TransactionIsolationLevel.Serializable },
    ));
  }

  async statement(walletId: string) {
    // ok deadlock/no-victim-retry: it only reads
    return this.prisma.$transaction(
      async (tx) => {
        const wallet = await tx.wallet.findUniqueOrThrow({ where: { id: walletId } });
        return { wallet, entries: await tx.creditEntry.findMany({ where: { walletId } }) };
      },
      { isolationLevel: Prisma.TransactionIsolationLevel.RepeatableRead },
    );
  }

  async refund(walletId: string, amount: number) {
    // ok deadlock/no-victim-retry: at the default level the second of two waits and goes on
    await this.prisma.$transaction(
      async (tx) => {
        await tx.wallet.update({ where: { id: walletId }, data: { credits: { increment: amount } } });
        await tx.creditEntry.create({ data: { walletId, amount } });
      },
      { timeout: 10_000 },
    );
  }

  async expire(walletId: string) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        // ok deadlock/no-victim-retry: a loop of attempts runs it again
        return await this.prisma.$transaction(
          async (tx) => tx.wallet.update({ where: { id: walletId }, data: { credits: 0 } }),
          { isolationLevel: Prisma.TransactionIsolationLevel.Serializable },
        );
      } catch (error) {
        if (attempt === 3) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 50 * 2 ** attempt));
      }
    }
  }
}
