declare module 'mongodb' {
  export class ObjectId {
    constructor(id?: string);
  }
  type WithId<T> = T & { _id: ObjectId };
  type Filter<T> = { [K in keyof WithId<T>]?: unknown } & Record<string, unknown>;
  interface Options {
    session?: ClientSession;
    upsert?: boolean;
    returnDocument?: 'before' | 'after';
    sort?: object;
    projection?: object;
    ordered?: boolean;
  }
  export interface UpdateResult {
    matchedCount: number;
    modifiedCount: number;
    upsertedCount: number;
  }
  export abstract class AbstractCursor<T> {
    toArray(): Promise<T[]>;
    [Symbol.asyncIterator](): AsyncIterator<T>;
  }
  export class FindCursor<T> extends AbstractCursor<T> {
    limit(count: number): this;
    sort(order: object): this;
  }
  export class Collection<T extends object = Record<string, any>> {
    find(filter?: Filter<T>, options?: Options): FindCursor<WithId<T>>;
    findOne(filter: Filter<T>, options?: Options): Promise<WithId<T> | null>;
    countDocuments(filter?: Filter<T>, options?: Options): Promise<number>;
    insertOne(document: T, options?: Options): Promise<{ insertedId: ObjectId }>;
    insertMany(documents: readonly T[], options?: Options): Promise<{ insertedCount: number }>;
    updateOne(filter: Filter<T>, update: object, options?: Options): Promise<UpdateResult>;
    updateMany(filter: Filter<T>, update: object, options?: Options): Promise<UpdateResult>;
    replaceOne(filter: Filter<T>, document: T, options?: Options): Promise<UpdateResult>;
    findOneAndUpdate(filter: Filter<T>, update: object, options?: Options): Promise<WithId<T> | null>;
    deleteOne(filter: Filter<T>, options?: Options): Promise<{ deletedCount: number }>;
    deleteMany(filter: Filter<T>, options?: Options): Promise<{ deletedCount: number }>;
    bulkWrite(operations: readonly object[], options?: Options): Promise<UpdateResult>;
  }
  export class Db {
    collection<T extends object = Record<string, any>>(name: string): Collection<T>;
  }
  export class ClientSession {
    withTransaction<R>(run: (session: ClientSession) => Promise<R>, options?: object): Promise<R>;
    startTransaction(): void;
    commitTransaction(): Promise<void>;
    abortTransaction(): Promise<void>;
    endSession(): Promise<void>;
  }
  export class MongoClient {
    constructor(uri: string);
    db(name?: string): Db;
    startSession(): ClientSession;
    withSession<T>(run: (session: ClientSession) => Promise<T>): Promise<T>;
  }
}
