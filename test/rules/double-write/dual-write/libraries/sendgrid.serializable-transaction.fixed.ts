// Idiom of github.com/mat-master/mat-master: invitations kept by Prisma, each with a link that SendGrid delivers.
import mail from '@sendgrid/mail';

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

interface Invite {
  id: string;
  email: string;
  token: string;
  schoolId: string;
  sentAt: Date | null;
}
interface Client {
  invite: {
    findFirst(args: { where: Partial<Invite> }): Promise<Invite | null>;
    create(args: { data: Partial<Invite> }): Promise<Invite>;
    update(args: { where: Partial<Invite>; data: Partial<Invite> }): Promise<Invite>;
    delete(args: { where: Partial<Invite> }): Promise<Invite>;
  };
  school: { update(args: { where: { id: string }; data: { name: string } }): Promise<{ id: string; name: string }> };
  $executeRaw(text: TemplateStringsArray, ...values: unknown[]): Promise<number>;
}
declare const prisma: Client & { $transaction<T>(run: (tx: Client) => Promise<T>, options?: object): Promise<T> };

async function sendInvite(email: string, token: string) {
  await mail.send({ from: 'school@example.com', to: email, subject: 'Join us', html: `/accept-invite?token=${token}` });
}

export async function invite(schoolId: string, email: string, token: string) {
  await retryOnConflict(() => prisma.$transaction(async (tx) => {
    const open = await tx.invite.findFirst({ where: { schoolId, email } });
    //                               ^^^^^^^^^ related "Checked here."
    if (open !== null) throw new Error('Invited already.');
    await tx.invite.create({ data: { schoolId, email, token } });
  }, { isolationLevel: 'Serializable' }));
  //                  ^^^^^^ toctou/db-check-then-act low "two runs at once both store theirs"
  //                  ^^^^^^ related "Written to 'invite' here."
  await sendInvite(email, token);
  //    ^^^^^^^^^^ double-write/dual-write medium "if it fails the caller gets an error, but what was written stays"
}

export async function inviteAndMark(schoolId: string, email: string, token: string) {
  const open = await prisma.invite.findFirst({ where: { schoolId, email } });
  //                               ^^^^^^^^^ related "Checked here."
  if (open !== null && open.sentAt !== null) throw new Error('Invited already.');
  const row = open ?? (await prisma.invite.create({ data: { schoolId, email, token } }));
  //                                       ^^^^^^ toctou/db-check-then-act low "two runs at once both store theirs"
  await sendInvite(email, row.token); // ok double-write/dual-write: not sent until the row says so, asked again it is sent again
  await prisma.invite.update({ where: { id: row.id }, data: { sentAt: new Date() } });
}

export async function inviteOrNot(schoolId: string, email: string, token: string) {
  const row = await prisma.invite.create({ data: { schoolId, email, token } });
  try {
    await sendInvite(email, token); // ok double-write/dual-write: the catch takes the row away again
  } catch (error) {
    await prisma.invite.delete({ where: { id: row.id } });
    throw error;
  }
}

export async function rename(schoolId: string, name: string, owner: string) {
  const school = await prisma.school.update({ where: { id: schoolId }, data: { name } });
  await mail.send({ from: 'school@example.com', to: owner, subject: 'Renamed', html: school.name }); // ok double-write/dual-write: a notice, no state
}

export async function inviteAgain(id: string) {
  const open = await prisma.invite.findFirst({ where: { id } });
  if (open !== null) await sendInvite(open.email, open.token); // ok double-write/dual-write: nothing is written
}
