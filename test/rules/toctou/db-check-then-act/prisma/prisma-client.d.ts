declare module '@prisma/client' {
  interface Delegate<Row> {
    findFirst(args: { where?: object }): Promise<Row | null>;
    create(args: { data: object }): Promise<Row>;
  }
  export interface TransactionClient {
    readonly member: Delegate<{ teamId: string; userId: string }>;
    $queryRaw<T>(sql: TemplateStringsArray, ...values: unknown[]): Promise<T>;
    $executeRaw(sql: TemplateStringsArray, ...values: unknown[]): Promise<number>;
  }
  export class PrismaClient implements TransactionClient {
    readonly member: Delegate<{ teamId: string; userId: string }>;
    $queryRaw<T>(sql: TemplateStringsArray, ...values: unknown[]): Promise<T>;
    $executeRaw(sql: TemplateStringsArray, ...values: unknown[]): Promise<number>;
    $extends(extension: object): this;
    $transaction<T>(run: (tx: TransactionClient) => Promise<T>): Promise<T>;
  }
}
