declare module 'mongodb' {
  export interface ClientSession {
    withTransaction<R>(run: (session: ClientSession) => Promise<R>): Promise<R>;
    startTransaction(): void;
    commitTransaction(): Promise<void>;
    abortTransaction(): Promise<void>;
    endSession(): Promise<void>;
  }
}
declare module 'mongoose' {
  import type { ClientSession } from 'mongodb';
  // The driver's own.
  export type { ClientSession };
  interface Options {
    session?: ClientSession;
    upsert?: boolean;
    new?: boolean;
    ordered?: boolean;
  }
  export interface Document {
    _id: string;
    readonly db: Connection;
    save(options?: Options): Promise<this>;
    populate(path: string): Promise<this>;
    deleteOne(): Promise<unknown>;
  }
  export type HydratedDocument<T> = T & Document;
  export interface Query<R> extends Promise<R> {
    session(session: ClientSession): Query<R>;
    populate(path: string): Query<R>;
    limit(count: number): Query<R>;
    sort(order: object): Query<R>;
    lean(): Query<R>;
    exec(): Promise<R>;
  }
  interface UpdateResult {
    matchedCount: number;
    modifiedCount: number;
  }
  export interface Model<T> {
    new (row?: Partial<T>): T & Document;
    readonly db: Connection;
    find(filter: object): Query<(T & Document)[]>;
    findById(id: string): Query<(T & Document) | null>;
    findOne(filter: object): Query<(T & Document) | null>;
    exists(filter: object): Query<{ _id: string } | null>;
    countDocuments(filter: object): Query<number>;
    create(row: Partial<T>): Promise<T & Document>;
    create(rows: Partial<T>[], options?: Options): Promise<(T & Document)[]>;
    insertMany(rows: Partial<T>[], options?: Options): Promise<(T & Document)[]>;
    updateOne(filter: object, update: object, options?: Options): Query<UpdateResult>;
    updateMany(filter: object, update: object, options?: Options): Query<UpdateResult>;
    findByIdAndUpdate(id: string, update: object, options?: Options): Query<(T & Document) | null>;
    findOneAndUpdate(filter: object, update: object, options?: Options): Query<(T & Document) | null>;
    deleteOne(filter: object, options?: Options): Query<{ deletedCount: number }>;
    deleteMany(filter: object, options?: Options): Query<{ deletedCount: number }>;
    bulkWrite(operations: readonly object[], options?: Options): Promise<UpdateResult>;
    startSession(): Promise<ClientSession>;
  }
  const mongoose: { readonly connection: Connection };
  export default mongoose;
  export class Connection {
    collection(name: string): { insertOne(document: object, options?: Options): Promise<unknown> };
    transaction<R>(run: (session: ClientSession) => Promise<R>): Promise<R>;
    startSession(): Promise<ClientSession>;
  }
}
