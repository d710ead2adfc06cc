// Idiom of github.com/amplication/amplication: a coupon that is found, used, and marked.
import { prisma } from './client.ts';

declare function provision(workspaceId: string): Promise<void>;
declare function planOf(workspaceId: string): Promise<string>;
declare function hash(password: string): Promise<string>;

export async function redeem(code: string, workspaceId: string) {
  const coupon = await prisma.coupon.findFirst({ where: { code, redeemedAt: null } });
  //                                 ^^^^^^^^^ related "Checked here."
  if (coupon === null) throw new Error('There is no such coupon.');

  const plan = await planOf(workspaceId);
  if (plan !== 'free') throw new Error('The coupon is for free workspaces.');

  // Bought from the provider.
  await provision(workspaceId);
  await prisma.coupon.update({
    //                ^^^^^^ toctou/db-check-then-act medium "A row of 'coupon' is found by its 'redeemedAt'"
    where: { id: coupon.id },
    data: { redeemedAt: new Date(), redeemedBy: workspaceId },
  });
  return coupon;
}

export async function resetPassword(token: string, password: string) {
  const found = await prisma.resetToken.findUnique({ where: { token } });
  //                                    ^^^^^^^^^^ related "Checked here."
  if (found === null) throw new Error('There is no such token.');
  const hashed = await hash(password);
  const deleted = await prisma.resetToken.deleteMany({ where: { token } });
  if (deleted.count === 0) throw new Error('There is no such token.');

  await prisma.user.update({ where: { id: found.userId }, data: { password: hashed } });
  //                      ^^^^^^^^^^ toctou/db-check-then-act low "A row of 'resetToken' is accepted"
  return found.userId;
}

export async function resetPasswordOnce(token: string, password: string) {
  const found = await prisma.resetToken.findUnique({ where: { token } });
  if (found === null) throw new Error('There is no such token.');
  const hashed = await hash(password);
  await prisma.resetToken.delete({ where: { token } }); // ok toctou/db-check-then-act: rejects when the token is gone
  await prisma.user.update({ where: { id: found.userId }, data: { password: hashed } });
  return found.userId;
}
