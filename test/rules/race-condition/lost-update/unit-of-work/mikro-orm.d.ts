declare module '@mikro-orm/core' {
  export enum LockMode {
    PESSIMISTIC_WRITE = 4,
  }
  export class EntityManager {
    findOne<T>(entity: new () => T, where: object, options?: { lockMode?: LockMode }): Promise<T | null>;
    create<T>(entity: new () => T, data: object): T;
    persist(entity: object): this;
    flush(): Promise<void>;
    transactional<T>(run: (em: EntityManager) => Promise<T>): Promise<T>;
    nativeUpdate<T>(entity: new () => T, where: object, data: object): Promise<number>;
  }
}
