declare module 'sequelize' {
  export interface Transaction {
    readonly LOCK: { readonly UPDATE: 'UPDATE' };
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
    save(options?: Options): Promise<this>;
  }
}
