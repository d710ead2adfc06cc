// Idiom of github.com/documenso/documenso: seats are counted anew whenever somebody has been removed.
import { Queue } from 'bullmq';

interface Client {
  member: { deleteMany(args: { where: { id: { in: string[] }; teamId: string } }): Promise<{ count: number }> };
  $executeRaw(text: TemplateStringsArray, ...values: unknown[]): Promise<number>;
}
declare const prisma: Client & { $transaction<T>(run: (tx: Client) => Promise<T>, options?: object): Promise<T> };

const seats = new Queue<object>('seats');

// Removed once more, nobody is there, and the seats are counted all the same.
export async function removeMembers(teamId: string, ids: string[]) {
  await prisma.member.deleteMany({ where: { id: { in: ids }, teamId } });
  await seats.add('sync-seats', { teamId });
  //          ^^^ double-write/dual-write low "if it fails the caller gets an error"
}

export async function forgetMembers(teamId: string, ids: string[]) {
  await prisma.member.deleteMany({ where: { id: { in: ids }, teamId } });
  await seats.add('forget-seats', { ids });
  //          ^^^ double-write/dual-write medium "if it fails the caller gets an error"
}
