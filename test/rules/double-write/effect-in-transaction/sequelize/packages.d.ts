declare module 'sequelize' {
  export interface Transaction {
    afterCommit(run: (transaction: this) => void | Promise<void>): void;
    commit(): Promise<void>;
    rollback(): Promise<void>;
  }
  export class Model {
    static create<M extends Model>(
      this: new () => M,
      values: object,
      options?: { transaction?: Transaction | null },
    ): Promise<M>;
    update(values: object, options?: { transaction?: Transaction | null }): Promise<this>;
    destroy(options?: { transaction?: Transaction | null }): Promise<void>;
  }
  export class Sequelize {
    constructor(url: string);
    query(sql: string, options?: object): Promise<unknown>;
    transaction(): Promise<Transaction>;
    transaction<T>(run: (transaction: Transaction) => Promise<T>): Promise<T>;
  }
}
declare module 'bull' {
  export class Queue<T> {
    add(data: T): Promise<{ id: string }>;
  }
  export default class Bull<T> extends Queue<T> {
    constructor(name: string);
  }
}
declare module '@aws-sdk/client-s3' {
  import { Client } from '@smithy/smithy-client';
  export class PutObjectCommand {
    constructor(input: { Bucket: string; Key: string; Body: Buffer });
  }
  export class GetObjectCommand {
    constructor(input: { Bucket: string; Key: string });
  }
  export class S3Client extends Client {
    constructor(config: { region: string });
  }
}
declare module '@smithy/smithy-client' {
  export class Client {
    send(command: object): Promise<{ ETag?: string }>;
  }
}
