// Idiom of github.com/formbricks/formbricks: charts put on a dashboard as its widgets.
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

interface Widget {
  id: string;
}
interface Widgets {
  findFirst(query: { where: object }): Promise<Widget | null>;
  create(query: { data: object }): Promise<Widget>;
  update(query: { where: object; data: object }): Promise<Widget>;
}
interface Client {
  readonly widget: Widgets;
  $transaction<T>(run: (tx: Client) => Promise<T>, options?: { isolationLevel?: string }): Promise<T>;
}
declare const prisma: Client;

export async function addWidget(dashboardId: string, chartId: string): Promise<Widget> {
  return prisma.$transaction(
    //          ^^^^^^^^^^^^ deadlock/no-victim-retry high "nobody runs it again"
    async (tx) => {
      const existing = await tx.widget.findFirst({ where: { dashboardId, chartId } });
      if (existing) throw new Error('there already');
      return tx.widget.create({ data: { dashboardId, chartId } }); // ok toctou/db-check-then-act: one of two serializable transactions is aborted
    },
    { isolationLevel: 'Serializable' },
  );
}

// Such a client has a schema, and one that is not seen may say that the pair is unique.
export async function addWidgetAlone(dashboardId: string, chartId: string): Promise<Widget> {
  return retryOnConflict(() => prisma.$transaction(async (tx) => {
    const existing = await tx.widget.findFirst({ where: { dashboardId, chartId } });
  //                                     ^^^^^^^^^ related "Checked here."
    if (existing) throw new Error('there already');
    return tx.widget.create({ data: { dashboardId, chartId } });
  }, { isolationLevel: 'Serializable' }));
//                     ^^^^^^ toctou/db-check-then-act low "two runs at once both store theirs"
}
