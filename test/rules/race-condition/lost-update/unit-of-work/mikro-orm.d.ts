declare module '@mikro-orm/core' {
  export enum IsolationLevel {
    REPEATABLE_READ = 'repeatable read',
    SERIALIZABLE = 'serializable',
  }
  export enum LockMode {
    PESSIMISTIC_WRITE = 4,
  }
  export class EntityManager {
    findOne<T>(entity: new () => T, where: object, options?: { lockMode?: LockMode }): Promise<T | null>;
    create<T>(entity: new () => T, data: object): T;
    persist(entity: object): this;
    flush(): Promise<void>;
    transactional<T>(run: (em: EntityManager) => Promise<T>, options?: { isolationLevel?: IsolationLevel }): Promise<T>;
    fork(options?: { keepTransactionContext?: boolean }): EntityManager;
    nativeUpdate<T>(entity: new () => T, where: object, data: object): Promise<number>;
  }
}
