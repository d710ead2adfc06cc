// Idiom of github.com/hoppscotch/hoppscotch: a service of its own for each table, results instead of exceptions.
import type { PrismaService } from './client.ts';

export class UserService {
  constructor(private readonly prisma: PrismaService) {}

  async fetchAdmins(tx: Pick<typeof this.prisma, 'user'> = this.prisma) {
    return tx.user.findMany({
      where: {
        isAdmin: true,
      },
    });
  }

  async dismiss(
    id: string,
    reason?: string,
    tx: Pick<typeof this.prisma, 'user'> = this.prisma,
  ) {
    const user = await tx.user.update({ where: { id }, data: { isAdmin: false } });
    return { user, reason };
  }
}

export class AdminService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly users: UserService,
  ) {}

  async dismiss(id: string) {
    return this.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT 1 FROM "User" WHERE "isAdmin" = true ORDER BY "id" FOR UPDATE`;
      const admins = await this.users.fetchAdmins(tx);
      //                              ^^^^^^^^^^^ related "Checked here."
      if (admins.length === 1) return { error: 'The last administrator stays.' };

      const { user } = await this.users.dismiss(id, undefined, tx);
      //                                ^^^^^^^ toctou/db-check-then-act medium "Rows of 'user' are counted"
      return { user };
    });
  }

  async names() {
    return this.prisma.user.findMany({ where: { isAdmin: true } });
  }
}
