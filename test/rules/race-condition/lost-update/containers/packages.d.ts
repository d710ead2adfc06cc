declare module 'inversify' {
  export function injectable(): ClassDecorator;
  export function inject(id: symbol): ParameterDecorator & PropertyDecorator;
}
declare module 'tsyringe' {
  export function injectable(): ClassDecorator;
  export function inject(id: string): ParameterDecorator;
  export const container: { resolve<T>(type: new (...args: never[]) => T): T };
}
declare module 'awilix' {
  export function createContainer<Cradle extends object>(): { register(what: object): void; readonly cradle: Cradle };
  export function asClass<T>(type: new (...args: never[]) => T): object;
}
