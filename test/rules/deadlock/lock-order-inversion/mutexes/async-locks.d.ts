declare module 'async-mutex' {
  export class Mutex {
    acquire(): Promise<() => void>;
    isLocked(): boolean;
    runExclusive<T>(work: () => Promise<T> | T): Promise<T>;
  }
}
declare module 'async-lock' {
  export default class AsyncLock {
    acquire<T>(key: string, work: () => Promise<T> | T): Promise<T>;
  }
}
