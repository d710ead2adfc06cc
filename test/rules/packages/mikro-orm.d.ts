declare module '@mikro-orm/core' {
  export enum LockMode {
    PESSIMISTIC_WRITE = 4,
    PESSIMISTIC_WRITE_OR_FAIL = 5,
  }
  export enum IsolationLevel {
    SERIALIZABLE = 'serializable',
  }
  interface FindOptions {
    populate?: readonly string[];
    orderBy?: object;
    lockMode?: LockMode;
    limit?: number;
  }
  export function Transactional(): (target: object, key: string, method: PropertyDescriptor) => void;
  interface ForkOptions {
    clear?: boolean;
    useContext?: boolean;
    keepTransactionContext?: boolean;
  }
  export class EntityRepository<T extends object> {
    findOne(where: object | string, options?: FindOptions): Promise<T | null>;
    nativeUpdate(where: object, data: object): Promise<number>;
  }
  export interface Collection<T> extends Iterable<T> {
    init(): Promise<this>;
    loadCount(): Promise<number>;
    getItems(): T[];
  }
  export abstract class Connection {
    execute(query: string, params?: unknown[], method?: 'all' | 'get' | 'run', transaction?: unknown): Promise<unknown>;
  }
  export class EntityManager {
    find<T extends object>(entity: new () => T, where: object, options?: FindOptions): Promise<T[]>;
    findOne<T extends object>(entity: new () => T, where: object | string, options?: FindOptions): Promise<T | null>;
    findOneOrFail<T extends object>(entity: new () => T, where: object | string, options?: FindOptions): Promise<T>;
    count<T extends object>(entity: new () => T, where: object): Promise<number>;
    create<T extends object>(entity: new () => T, data: Partial<T>): T;
    insert<T extends object>(entity: new () => T, data: object): Promise<string>;
    upsert<T extends object>(entity: new () => T, data: object): Promise<T>;
    nativeUpdate<T extends object>(entity: new () => T, where: object, data: object): Promise<number>;
    nativeDelete<T extends object>(entity: new () => T, where: object): Promise<number>;
    persist(entity: object): this;
    remove(entity: object): this;
    flush(): Promise<void>;
    persistAndFlush(entity: object): Promise<void>;
    removeAndFlush(entity: object): Promise<void>;
    populate<T extends object>(entities: T[], relations: readonly string[]): Promise<T[]>;
    transactional<R>(run: (em: EntityManager) => Promise<R>, options?: { isolationLevel?: IsolationLevel }): Promise<R>;
    fork(options?: ForkOptions): EntityManager;
    getConnection(): Connection;
    getTransactionContext(): unknown;
    begin(): Promise<void>;
    commit(): Promise<void>;
    rollback(): Promise<void>;
    getRepository<T extends object>(entity: new () => T): EntityRepository<T>;
  }
}
