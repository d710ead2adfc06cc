// Idiom of github.com/hoppscotch/hoppscotch: a service of its own for each table, results instead of exceptions.
import type { PrismaService } from './client.ts';

export class UserService {
  constructor(private readonly prisma: PrismaService) {}

  async fetchAdmins() {
    return this.prisma.user.findMany({
      where: {
        isAdmin: true,
      },
    });
  }

  async dismiss(
    id: string,
    reason?: string,
  ) {
    const user = await this.prisma.user.update({ where: { id }, data: { isAdmin: false } });
    return { user, reason };
  }
}

export class AdminService {
  constructor(
    private readonly prisma: PrismaService,
    private readonly users: UserService,
  ) {}

  async dismiss(id: string) {
    const admins = await this.users.fetchAdmins();
    //                              ^^^^^^^^^^^ related "Checked here."
    if (admins.length === 1) return { error: 'The last administrator stays.' };

    const { user } = await this.users.dismiss(id);
    //                                ^^^^^^^ toctou/db-check-then-act medium "Rows of 'user' are counted"
    return { user };
  }

  async names() {
    return this.prisma.user.findMany({ where: { isAdmin: true } });
  }
}
