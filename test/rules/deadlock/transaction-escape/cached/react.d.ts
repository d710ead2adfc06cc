declare module 'react' {
  export function cache<Fn extends (...args: never[]) => unknown>(fn: Fn): Fn;
}
