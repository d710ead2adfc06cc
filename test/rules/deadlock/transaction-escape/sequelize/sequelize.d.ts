declare module 'sequelize' {
  export interface Transaction {
    commit(): Promise<void>;
    rollback(): Promise<void>;
  }
  export interface Options {
    where?: Record<string, unknown>;
    transaction?: Transaction;
  }
  export class Model {
    static create(values: Record<string, unknown>, options?: Options): Promise<Model>;
    static update(values: Record<string, unknown>, options: Options): Promise<number>;
    static findOne(options?: Options): Promise<Model | null>;
    static destroy(options?: Options): Promise<number>;
  }
  export class Sequelize {
    static useCLS(namespace: unknown): void;
    transaction<T>(run: (transaction: Transaction) => Promise<T>): Promise<T>;
  }
}
