// Idiom of github.com/documenso/documenso: an organisation becomes a business when it pays.
import { prisma } from './client.ts';

declare function mail(firmId: string): Promise<void>;

// A kind of two values: whoever comes in between can only have stored the other one as well.
export async function makeBusiness(id: string, paidUntil: Date) {
  const firm = await prisma.firm.findUnique({ where: { id } });
  //                             ^^^^^^^^^^ related "Checked here."
  if (firm?.kind === 'PERSONAL') {
    await prisma.firm.update({ where: { id }, data: { kind: 'BUSINESS' } });
    //                ^^^^^^ toctou/db-check-then-act low "'kind' of 'firm' is checked"
  }
  if (firm !== null && firm.paidUntil < paidUntil) await prisma.auditLog.create({ data: { documentId: id } });
}

// Whoever was the first has told everybody, and so does the second.
export async function announceBusiness(id: string) {
  const firm = await prisma.firm.findUnique({ where: { id } });
  //                             ^^^^^^^^^^ related "Checked here."
  if (firm?.kind !== 'PERSONAL') return;
  await prisma.firm.update({ where: { id }, data: { kind: 'BUSINESS' } });
  //                ^^^^^^ toctou/db-check-then-act medium "'kind' of 'firm' is checked"
  await mail(id);
  await prisma.auditLog.create({ data: { documentId: id } });
}

// Of three states the third is lost.
export async function makePaid(id: string, paidUntil: Date) {
  const firm = await prisma.firm.findUnique({ where: { id } });
  //                             ^^^^^^^^^^ related "Checked here."
  if (firm?.state === 'TRIAL') {
    const updated = await prisma.firm.updateMany({ where: { id, state: 'TRIAL' }, data: { state: 'PAID' } });
    if (updated.count === 0) throw new Error('The row has changed in the meantime');
    //                ^^^^^^ toctou/db-check-then-act medium "'state' of 'firm' is checked"
  }
  if (firm !== null && firm.paidUntil < paidUntil) await prisma.auditLog.create({ data: { documentId: id } });
}

export async function closeFirm(id: string) {
  await prisma.firm.update({ where: { id }, data: { state: 'CLOSED' } });
}

// The login that is stored with the customer has a key of its own: the second one is refused.
export async function register(email: string, provider: string, subject: string) {
  const known = await prisma.customer.findFirst({ where: { email } });
  //                                  ^^^^^^^^^ related "Checked here."
  if (known !== null) return known;
  return prisma.customer.create({ data: { email, logins: { create: { provider, subject } } } });
  //                     ^^^^^^ toctou/db-check-then-act low
}

// Notes may be there twice, and so may customers.
export async function note(email: string, text: string) {
  const known = await prisma.customer.findFirst({ where: { email } });
  //                                  ^^^^^^^^^ related "Checked here."
  if (known !== null) return known;
  return prisma.customer.create({ data: { email, notes: { create: { text } } } });
  //                     ^^^^^^ toctou/db-check-then-act high "finds no row of 'customer' with this 'email'"
}

// A random subject is another one each time.
export async function registerGuest(email: string) {
  const known = await prisma.customer.findFirst({ where: { email } });
  //                                  ^^^^^^^^^ related "Checked here."
  if (known !== null) return known;
  return prisma.customer.create({ data: { email, logins: { create: { provider: 'guest', subject: crypto.randomUUID() } } } });
  //                     ^^^^^^ toctou/db-check-then-act high "finds no row of 'customer' with this 'email'"
}
