declare module 'fp-ts/Array' {
  export function map<A, B>(f: (a: A) => B): (as: A[]) => B[];
}
declare module 'fp-ts/Task' {
  export type Task<A> = () => Promise<A>;
  export function sequenceArray<A>(tasks: Task<A>[]): Task<A[]>;
  export function map<A, B>(f: (a: A) => B): (task: Task<A>) => Task<B>;
  export function chainFirst<A, B>(f: (a: A) => Task<B>): (task: Task<A>) => Task<A>;
}
declare module 'fp-ts/function' {
  export function pipe<A, B>(a: A, ab: (a: A) => B): B;
  export function pipe<A, B, C>(a: A, ab: (a: A) => B, bc: (b: B) => C): C;
  export function pipe<A, B, C, D>(a: A, ab: (a: A) => B, bc: (b: B) => C, cd: (c: C) => D): D;
  export function flow<A, B, C>(ab: (a: A) => B, bc: (b: B) => C): (a: A) => C;
}
declare module 'rxjs' {
  export class Observable<T> {
    readonly last: T;
    pipe<R>(operator: (source: Observable<T>) => Observable<R>): Observable<R>;
  }
  export function from<T>(list: readonly T[]): Observable<T>;
  export function mergeMap<T, R>(f: (value: T) => Promise<R>): (source: Observable<T>) => Observable<R>;
  export function lastValueFrom<T>(source: Observable<T>): Promise<T>;
}
