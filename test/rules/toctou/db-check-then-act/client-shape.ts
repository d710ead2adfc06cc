// Idiom of github.com/formbricks/formbricks: charts put on a dashboard as its widgets.
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
  const existing = await prisma.widget.findFirst({ where: { dashboardId, chartId } });
//                                     ^^^^^^^^^ related "Checked here."
  if (existing) throw new Error('there already');
  return prisma.widget.create({ data: { dashboardId, chartId } });
//                     ^^^^^^ toctou/db-check-then-act low "two runs at once both store theirs"
}
