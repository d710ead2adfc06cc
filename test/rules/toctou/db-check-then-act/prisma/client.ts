interface Delegate<Row> {
  findUnique(args: { where: object }): Promise<Row | null>;
  findUniqueOrThrow(args: { where: object; include?: object }): Promise<Row>;
  findFirst(args: { where?: object }): Promise<Row | null>;
  findMany(args: { where?: object }): Promise<Row[]>;
  count(args: { where?: object }): Promise<number>;
  create(args: { data: object }): Promise<Row>;
  upsert(args: { where: object; create: object; update: object }): Promise<Row>;
  update(args: { where: object; data: object; include?: object }): Promise<Row>;
  updateMany(args: { where: object; data: object }): Promise<{ count: number }>;
  delete(args: { where: object }): Promise<Row>;
  deleteMany(args: { where: object }): Promise<{ count: number }>;
}
export interface Transaction {
  member: Delegate<{ teamId: string; userId: string; role: string }>;
  feed: Delegate<{ id: number; url: string; teamId: string }>;
  tag: Delegate<{ id: number; name: string }>;
  document: Delegate<{ id: string; status: string; cancelledAt: Date | null }>;
  coupon: Delegate<{ id: string; code: string; redeemedAt: Date | null }>;
  resetToken: Delegate<{ token: string; userId: string }>;
  firm: Delegate<{ id: string; kind: string; state: string; paidUntil: Date }>;
  customer: Delegate<{ id: string; email: string }>;
  auditLog: Delegate<{ id: number; documentId: string }>;
  user: Delegate<{ id: string; name: string; isAdmin: boolean }>;
  $queryRaw(sql: TemplateStringsArray, ...values: unknown[]): Promise<unknown>;
}
export interface Client extends Transaction {
  $transaction<T>(run: (tx: Transaction) => Promise<T>, options?: { isolationLevel?: 'Serializable' }): Promise<T>;
}
export declare const prisma: Client;
