import { Entity, PrimaryColumn } from 'typeorm';

@Entity()
export class Membership {
  @PrimaryColumn() userId!: string;
  @PrimaryColumn() companyId!: string;
}
