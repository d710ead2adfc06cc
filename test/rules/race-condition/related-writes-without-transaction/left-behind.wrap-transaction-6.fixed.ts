// Idiom of github.com/formbricks/formbricks: an organisation and its first member, each by a service of its own; here with TypeORM.
import { Column, type DataSource, Entity, PrimaryGeneratedColumn } from 'typeorm';

@Entity()
export class Workspace {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() title!: string;
}

@Entity()
export class Tenant {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column({ unique: true }) slug!: string;
}

@Entity()
export class Organisation {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() title!: string;
}

@Entity()
export class Member {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() parentId!: string;
  @Column() userId!: string;
}

@Entity()
export class Account {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column({ unique: true }) email!: string;
}

@Entity()
export class AccountSetting {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() accountId!: string;
  @Column() value!: string;
}

@Entity()
export class Invoice {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() customer!: string;
}

@Entity()
export class InvoiceLine {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() invoiceId!: string;
}

export class Registration {
  constructor(private readonly db: DataSource) {}

  /** Nobody sees a workspace that nobody is a member of: the next attempt makes another. */
  async openWorkspace(title: string, userId: string) {
    const workspace = await this.db.getRepository(Workspace).save({ title });
    await this.db.getRepository(Member).insert({ parentId: workspace.id, userId });
    //                                  ^^^^^^ race-condition/related-writes-without-transaction low
    return workspace;
  }

  /** The name is taken from then on. */
  async openTenant(slug: string, userId: string) {
    const tenant = await this.db.getRepository(Tenant).save({ slug });
    await this.db.getRepository(Member).insert({ parentId: tenant.id, userId });
    //                                  ^^^^^^ race-condition/related-writes-without-transaction medium "that row stays behind"
    return tenant;
  }

  /** There may be only one, and then there is one. */
  async setUp(title: string, userId: string) {
    const known = await this.db.getRepository(Organisation).count();
    if (known > 0) throw new Error('already set up');
    const organisation = await this.db.getRepository(Organisation).save({ title });
    await this.db.getRepository(Member).insert({ parentId: organisation.id, userId });
    //                                  ^^^^^^ race-condition/related-writes-without-transaction medium "that row stays behind"
    return organisation;
  }

  /** Listed, and wrong without them. */
  async bill(customer: string) {
    const invoice = await this.db.getRepository(Invoice).save({ customer });
    await this.db.getRepository(InvoiceLine).insert({ invoiceId: invoice.id });
    //                                       ^^^^^^ race-condition/related-writes-without-transaction medium "that row stays behind"
    return invoice;
  }

  /** Settings that are read with a default where there are none. */
  async register(email: string) {
    const account = await this.db.getRepository(Account).save({ email });
    await this.addDefaultSettings(account.id);
    //         ^^^^^^^^^^^^^^^^^^ race-condition/related-writes-without-transaction low
    return account;
  }

  private async addDefaultSettings(accountId: string) {
    await this.db.getRepository(AccountSetting).insert({ accountId, value: 'none' });
  }

  /** What it was registered with. */
  async registerWith(email: string, value: string) {
    const account = await this.db.transaction(async (manager) => {
      const account = await manager.getRepository(Account).save({ email });
      await manager.getRepository(AccountSetting).insert({ accountId: account.id, value });
      return account;
    });
    //                                          ^^^^^^ race-condition/related-writes-without-transaction medium "that row stays behind"
    return account;
  }
}
