interface Delegate<Row> {
  findUniqueOrThrow(args: { where: object }): Promise<Row>;
  findFirst(args: { where?: object }): Promise<Row | null>;
  findMany(args: { where?: object; select?: object }): Promise<Row[]>;
  count(args: { where?: object }): Promise<number>;
  create(args: { data: object }): Promise<Row>;
  update(args: { where: object; data: object }): Promise<Row>;
  updateMany(args: { where: object; data: object }): Promise<{ count: number }>;
  delete(args: { where: object }): Promise<Row>;
  deleteMany(args: { where: object }): Promise<{ count: number }>;
}
export interface Transaction {
  team: Delegate<{ id: string }>;
  member: Delegate<{ id: string; teamId: string; userId: string; role: string }>;
  user: Delegate<{ id: string; name: string; isAdmin: boolean }>;
  collection: Delegate<{ id: number; name: string; ownerId: string; order: number }>;
  $queryRaw(sql: TemplateStringsArray, ...values: unknown[]): Promise<unknown>;
}
export interface Client extends Transaction {
  $transaction<T>(run: (tx: Transaction) => Promise<T>, options?: { isolationLevel?: 'Serializable' }): Promise<T>;
}
export declare const prisma: Client;
export class PrismaService {
  declare readonly team: Client['team'];
  declare readonly member: Client['member'];
  declare readonly user: Client['user'];
  declare readonly collection: Client['collection'];
  declare readonly $queryRaw: Client['$queryRaw'];
  declare readonly $transaction: Client['$transaction'];
}
