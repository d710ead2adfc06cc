declare module 'sequelize' {
  export class Transaction {
    static readonly ISOLATION_LEVELS: {
      readonly READ_COMMITTED: 'READ COMMITTED';
      readonly REPEATABLE_READ: 'REPEATABLE READ';
      readonly SERIALIZABLE: 'SERIALIZABLE';
    };
    readonly LOCK: { readonly UPDATE: 'UPDATE' };
    commit(): Promise<void>;
    rollback(): Promise<void>;
    afterCommit(run: (transaction: Transaction) => void): void;
  }
  interface Options {
    where?: object;
    transaction?: Transaction | null;
    lock?: unknown;
    skipLocked?: boolean;
    include?: unknown;
    order?: unknown;
    limit?: number;
    defaults?: object;
    hooks?: boolean;
  }
  export const Op: { readonly gte: unique symbol; readonly in: unique symbol };
  export class Model {
    static hasMany(target: typeof Model, options?: { as?: string }): void;
    static init(attributes: object, options: object): void;
    static afterCreate(run: (instance: any, options: Options) => Promise<void>): void;
    static findByPk<M extends Model>(this: new () => M, id: string, options?: Options): Promise<M | null>;
    static findOne<M extends Model>(this: new () => M, options: Options): Promise<M | null>;
    static findAll<M extends Model>(this: new () => M, options?: Options): Promise<M[]>;
    static findOrCreate<M extends Model>(this: new () => M, options: Options): Promise<[M, boolean]>;
    static count(options?: Options): Promise<number>;
    static create<M extends Model>(this: new () => M, values: object, options?: Options): Promise<M>;
    static bulkCreate<M extends Model>(this: new () => M, values: object[], options?: Options): Promise<M[]>;
    static update(values: object, options: Options): Promise<[number]>;
    static increment(values: object, options: Options): Promise<unknown>;
    static decrement(values: object, options: Options): Promise<unknown>;
    static destroy(options: Options): Promise<number>;
    save(options?: Options): Promise<this>;
    update(values: object, options?: Options): Promise<this>;
    increment(values: object, options?: Options): Promise<this>;
    decrement(values: object, options?: Options): Promise<this>;
    destroy(options?: Options): Promise<void>;
    reload(options?: Options): Promise<this>;
  }
  export class Sequelize {
    transaction(options?: { isolationLevel?: string }): Promise<Transaction>;
    transaction<R>(run: (transaction: Transaction) => Promise<R>): Promise<R>;
    transaction<R>(options: { isolationLevel?: string }, run: (transaction: Transaction) => Promise<R>): Promise<R>;
    query(sql: string, options?: object): Promise<any>;
  }
}
