declare module 'async-mutex' {
  export class Mutex {
    runExclusive<T>(callback: () => Promise<T> | T): Promise<T>;
  }
}
