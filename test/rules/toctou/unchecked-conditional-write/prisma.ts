// Idiom of github.com/documenso/documenso
interface Delegate {
  updateMany(args: { where: Record<string, unknown>; data: Record<string, unknown> }): Promise<{ count: number }>;
  update(args: { where: Record<string, unknown>; data: Record<string, unknown> }): Promise<{ id: string }>;
  deleteMany(args: { where: Record<string, unknown> }): Promise<{ count: number }>;
  findFirst(args: { where: Record<string, unknown> }): Promise<{ id: string; userId: string } | null>;
  create(args: { data: Record<string, unknown> }): Promise<{ id: string }>;
}
declare const prisma: { recipient: Delegate; signature: Delegate; passwordResetToken: Delegate; user: Delegate };

export async function sign(recipientId: string): Promise<void> {
  await prisma.recipient.updateMany({
    //                   ^^^^^^^^^^ toctou/unchecked-conditional-write medium "'create' follows also for those who came second"
    where: { id: recipientId, signingStatus: 'NOT_SIGNED' },
    data: { signingStatus: 'SIGNED' },
  });
  await prisma.signature.create({ data: { recipientId } });
}

export async function signChecked(recipientId: string): Promise<void> {
  // ok toctou/unchecked-conditional-write: the count is looked at
  const { count } = await prisma.recipient.updateMany({
    where: { id: recipientId, signingStatus: 'NOT_SIGNED' },
    data: { signingStatus: 'SIGNED' },
  });
  if (count === 0) throw new Error('signed already');
  await prisma.signature.create({ data: { recipientId } });
}

export async function signStrict(recipientId: string): Promise<void> {
  // ok toctou/unchecked-conditional-write: 'update' fails when nothing matches
  await prisma.recipient.update({
    where: { id: recipientId, signingStatus: 'NOT_SIGNED' },
    data: { signingStatus: 'SIGNED' },
  });
  await prisma.signature.create({ data: { recipientId } });
}

export async function resend(envelopeId: string): Promise<void> {
  // ok toctou/unchecked-conditional-write: many rows by their parent's key
  await prisma.recipient.updateMany({ where: { envelopeId, sendStatus: 'NOT_SENT' }, data: { sendStatus: 'SENT' } });
  await prisma.signature.create({ data: { envelopeId } });
}

export async function resetPassword(token: string): Promise<void> {
  const found = await prisma.passwordResetToken.findFirst({ where: { token } });
  if (!found) throw new Error('unknown token');
  await prisma.passwordResetToken.deleteMany({ where: { id: found.id } });
  //                              ^^^^^^^^^^ toctou/unchecked-conditional-write medium "deletes a row of 'passwordResetToken'"
  await prisma.user.create({ data: { id: found.userId } });
}
