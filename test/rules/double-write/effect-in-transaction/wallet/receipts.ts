// Idiom of github.com/vendure-ecommerce/vendure: a method that is one transaction deletes a row and its file.
import { DeleteObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Repository } from 'typeorm';
import { Transactional } from 'typeorm-transactional';
import type { Refund } from './wallet.ts';

export class Receipts {
  constructor(
    private readonly refunds: Repository<Refund>,
    private readonly files: S3Client,
  ) {}

  // The file goes with its row; what could still fail after it is hardly anything.
  @Transactional()
  async remove(id: string, key: string) {
    await this.refunds.delete({ id });
    await this.files.send(new DeleteObjectCommand({ Bucket: 'receipts', Key: key }));
    //               ^^^^ double-write/effect-in-transaction low "deletes a stored file"
    return this.refunds.find();
  }
}
