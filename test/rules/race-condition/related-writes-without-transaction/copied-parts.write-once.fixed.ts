// Idiom of github.com/documenso/documenso: a copy of a document, its parts copied at the same time.
interface Delegate {
  create(args: { data: Record<string, unknown> }): Promise<{ id: string }>;
  createMany(args: { data: Record<string, unknown>[] }): Promise<{ count: number }>;
}
interface Client {
  document: Delegate;
  documentData: Delegate;
  documentItem: Delegate;
}
declare const prisma: Client & { $transaction<T>(run: (tx: Client) => Promise<T>): Promise<T> };

interface Item {
  id: string;
  title: string;
}

/** On one connection they are stored one after the other. */
export async function duplicate(title: string, items: readonly Item[]): Promise<string> {
  const copied: Record<string, string> = {};
  const copy = await prisma.document.create({ data: { title } });
  //                                 ^^^^^^ related "Written before."
  await Promise.all(
    items.map(async (item) => {
      const data = await prisma.documentData.create({ data: { title: item.title } });
      //                                     ^^^^^^ n-plus-one/query-in-loop
      const part = await prisma.documentItem.create({
        //                                   ^^^^^^ race-condition/related-writes-without-transaction medium "that row stays behind"
        data: { documentId: copy.id, dataId: data.id },
      });
      copied[item.id] = part.id;
    }),
  );
  return copy.id;
}

export async function submit(title: string, items: readonly Item[]): Promise<string> {
  const made = await prisma.document.create({ data: { title } });
  await prisma.documentItem.createMany({ data: items.map((item) => ({ documentId: made.id, title: item.title })) });
  return made.id;
}

/** What each gave is used: that takes more than a loop. */
export async function submitNamed(title: string, items: readonly Item[]): Promise<string[]> {
  const made = await prisma.document.create({ data: { title } });
  const parts = await Promise.all(
    items.map((item) => prisma.documentItem.create({ data: { documentId: made.id, title: item.title } })),
    //                                      ^^^^^^ race-condition/related-writes-without-transaction medium "that row stays behind"
    //                                      ^^^^^^ n-plus-one/query-in-loop
  );
  return parts.map(({ id }) => id);
}
