// Idiom of github.com/novuhq/novu and NestJS services of TypeORM 0.2: a repository class for each entity.
import { Column, Entity, PrimaryGeneratedColumn, Repository } from 'typeorm';

@Entity()
export class Voucher {
  @PrimaryGeneratedColumn() id!: number;
  @Column() code!: string;
  @Column() uses!: number;
}

@Entity()
export class Campaign {
  @PrimaryGeneratedColumn() id!: number;
  @Column() uses!: number;
}

export class VoucherRepository extends Repository<Voucher> {
  byCode(code: string) {
    return this.findOneOrFail({ where: { code } });
  }

  setUses(id: number, uses: number) {
    return this.update({ id }, { uses });
  }
}

export class CampaignRepository extends Repository<Campaign> {
  setUses(id: number, uses: number) {
    return this.update({ id }, { uses });
  }
}

export class VoucherService {
  constructor(
    private readonly vouchers: VoucherRepository,
    private readonly campaigns: CampaignRepository,
  ) {}

  async use(code: string) {
    const voucher = await this.vouchers.byCode(code);
    //                                  ^^^^^^ related "Read here."
    await this.vouchers.setUses(voucher.id, voucher.uses + 1);
    //                  ^^^^^^^ race-condition/lost-update high "'uses' of 'Voucher' is read by 'byCode' (through 'findOneOrFail')"
  }

  async useBuilt(code: string) {
    const voucher = await this.vouchers.createQueryBuilder('v').where('v.code = :code', { code }).getOneOrFail();
    //                                  ^^^^^^^^^^^^^^^^^^ related "Read here."
    await this.vouchers
      .createQueryBuilder()
      .update(Voucher)
    // ^^^^^^ race-condition/lost-update high "'uses' of 'Voucher'"
      .set({ uses: voucher.uses + 1 })
      .where('id = :id', { id: voucher.id })
      .execute();
  }

  async countForCampaign(code: string, campaignId: number) {
    const voucher = await this.vouchers.byCode(code);
    // ok race-condition/lost-update: the entity of another repository
    await this.campaigns.setUses(campaignId, voucher.uses);
  }

  async useInDatabase(code: string) {
    const voucher = await this.vouchers.byCode(code);
    // ok race-condition/lost-update: the database adds
    await this.vouchers.increment({ id: voucher.id }, 'uses', 1);
  }

  async reset(code: string) {
    const voucher = await this.vouchers.byCode(code);
    // ok race-condition/lost-update: what is written was not read
    await this.vouchers.setUses(voucher.id, 0);
  }
}
