declare module 'sequelize' {
  export class Transaction {
    static readonly ISOLATION_LEVELS: { readonly SERIALIZABLE: 'SERIALIZABLE' };
    readonly LOCK: { readonly UPDATE: 'UPDATE' };
  }
  export class Sequelize {
    transaction<T>(options: { isolationLevel: string }, run: (transaction: Transaction) => Promise<T>): Promise<T>;
    close(): Promise<void>;
  }
  interface Options {
    where?: object;
    transaction?: Transaction | undefined;
    lock?: unknown;
    hooks?: boolean;
    defaults?: object;
  }
  export class Model {
    static findByPk<M extends Model>(this: new () => M, id: string, options?: Options): Promise<M | null>;
    static findOne<M extends Model>(this: new () => M, options: Options): Promise<M | null>;
    static findOrCreate<M extends Model>(this: new () => M, options: Options): Promise<[M, boolean]>;
    static create<M extends Model>(this: new () => M, values: object, options?: Options): Promise<M>;
    static update(values: object, options: Options): Promise<[number]>;
    save(options?: Options): Promise<this>;
  }
}
