// Idiom of github.com/documenso/documenso: one user's rows changed by several commands, each in a transaction.
import type { DataSource, EntityManager } from 'typeorm';

class User {
  id!: number;
  password!: string;
}
class ResetToken {
  userId!: number;
  expires!: Date;
}
class Session {
  userId!: number;
}
class Invoice {
  id!: number;
  total!: number;
}

export class Accounts {
  constructor(private readonly dataSource: DataSource) {}

  async renew(userId: number, password: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.update(ResetToken, { userId }, { expires: new Date() });
      await manager.update(User, { id: userId }, { password });
//                  ^^^^^^ deadlock/lock-order-inversion high "'update' takes a row of 'User' while a row of 'ResetToken' is"
    });
  }

  async close(userId: number): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.update(User, { id: userId }, { password: '' });
      await this.forget(manager, userId);
    });
  }

  private async forget(manager: EntityManager, userId: number): Promise<void> {
    await manager.update(ResetToken, { userId }, { expires: new Date(0) });
  }

  async signOut(userId: number): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.update(User, { id: userId }, { password: '' });
      await manager.delete(Session, { userId }); // ok deadlock/lock-order-inversion: users come first everywhere
    });
  }

  async signOutAll(userId: number): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.update(User, { id: userId }, { password: '' });
      await manager.delete(Session, { userId });
    });
  }

  async bill(userId: number): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const made = await manager.insert(Invoice, { total: 1 });
      await manager.update(Invoice, { id: made.identifiers[0]?.id }, { total: 2 }); // ok deadlock/lock-order-inversion: nobody else knows the new row
      await manager.update(User, { id: userId }, { password: '' });
    });
  }

  async settle(userId: number, invoiceId: number): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.update(User, { id: userId }, { password: '' });
      await manager.update(Invoice, { id: invoiceId }, { total: 0 });
    });
  }

  async apart(userId: number): Promise<void> {
    await this.dataSource.manager.update(Session, { userId }, { userId }); // ok deadlock/lock-order-inversion: no transaction holds it
    await this.dataSource.manager.update(User, { id: userId }, { password: '' });
  }
}

/** What is done to one account once in its life hardly meets anything. */
export class Passwords {
  constructor(private readonly dataSource: DataSource) {}

  async changePassword(userId: number, password: string): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.delete(Session, { userId });
      await manager.update(User, { id: userId }, { password });
//                  ^^^^^^ deadlock/lock-order-inversion low
    });
  }
}
