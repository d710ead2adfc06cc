// Idiom of github.com/documenso/documenso: rows of an envelope in one Prisma transaction, jobs beside them.
import { Queue } from 'bullmq';

interface Envelope {
  id: string;
  teamId: string;
  status: string;
}
interface Delegate<Row> {
  create(args: { data: Partial<Row> }): Promise<Row>;
  update(args: { where: Partial<Row>; data: Partial<Row> }): Promise<Row>;
  findMany(args: { where: Partial<Row> }): Promise<Row[]>;
}
interface Client {
  envelope: Delegate<Envelope>;
  backgroundJob: Delegate<{ name: string; payload: object }>;
  $executeRaw(text: TemplateStringsArray, ...values: unknown[]): Promise<number>;
}
declare const prisma: Client & { $transaction<T>(run: (tx: Client) => Promise<T>, options?: object): Promise<T> };

const jobs = new Queue('jobs');

export async function createEnvelope(teamId: string) {
  return prisma.$transaction(async (tx) => {
  //            ^^^^^^^^^^^^ related "The transaction begins here."
    const envelope = await tx.envelope.create({ data: { teamId, status: 'DRAFT' } });
    await jobs.add('render-envelope', { envelopeId: envelope.id });
    //         ^^^ double-write/effect-before-commit-visible high "a consumer can be at work before 'envelope' is committed, or although"
    return envelope;
  });
}

export async function completeEnvelope(id: string) {
  await prisma.$transaction(async (tx) => {
  //           ^^^^^^^^^^^^ related "The transaction begins here."
    await tx.envelope.update({ where: { id }, data: { status: 'COMPLETED' } });
  });
  await jobs.addBulk([
  //         ^^^^^^^ double-write/effect-before-commit-visible medium "a consumer can be at work before 'envelope' is committed, or although"
    { name: 'seal-envelope', data: { envelopeId: id } },
    { name: 'archive-envelope', data: { envelopeId: id } },
  ]);
}

export async function createThenRender(teamId: string) {
  const envelope = await prisma.$transaction((tx) => tx.envelope.create({ data: { teamId, status: 'DRAFT' } }));
  //                                                             ^^^^^^ related "Written to 'envelope' here."
  await jobs.add('render-envelope', { envelopeId: envelope.id }); // ok double-write/effect-before-commit-visible: after the commit
  //         ^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
  return envelope;
}

export async function createWithJobRow(teamId: string) {
  await prisma.$transaction(async (tx) => {
    const envelope = await tx.envelope.create({ data: { teamId, status: 'DRAFT' } });
    await tx.backgroundJob.create({ data: { name: 'render-envelope', payload: { id: envelope.id } } }); // ok double-write/effect-before-commit-visible: a row of the transaction
  });
}

export async function exportAll(teamId: string) {
  await prisma.$transaction(async (tx) => {
  //           ^^^^^^^^^^^^ related "The transaction begins here."
    const envelopes = await tx.envelope.findMany({ where: { teamId } });
    await jobs.add('export', { ids: envelopes.map(({ id }) => id) }); // ok double-write/effect-before-commit-visible: nothing is written
    //         ^^^ double-write/effect-in-transaction low "its connection is held for as long as the answer takes"
  });
}
