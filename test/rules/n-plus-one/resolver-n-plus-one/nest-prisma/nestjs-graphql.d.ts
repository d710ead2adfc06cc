declare module '@nestjs/graphql' {
  type Given = string | ((of?: unknown) => unknown);
  export function Resolver(type: Given): ClassDecorator;
  export function Query(type: Given, options?: object): MethodDecorator;
  export function ResolveField(type?: Given, options?: object): MethodDecorator;
  export function Parent(): ParameterDecorator;
  export function Context(): ParameterDecorator;
  export function Args(name?: string): ParameterDecorator;
}

declare module 'graphql' {
  export class GraphQLError extends Error {}
}
