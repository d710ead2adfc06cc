// Idiom of github.com/documenso/documenso: a mail's settings are looked up while the team's transaction is open.
interface Delegate {
  findFirst(query: { where: Record<string, unknown> }): Promise<{ id: string; language: string } | null>;
  count(query: { where: Record<string, unknown> }): Promise<number>;
  create(query: { data: Record<string, unknown> }): Promise<{ id: string }>;
  update(query: { where: Record<string, unknown>; data: Record<string, unknown> }): Promise<{ id: string }>;
}
interface TransactionClient {
  team: Delegate;
  seat: Delegate;
  settings: Delegate;
}
interface PrismaClient extends TransactionClient {
  $transaction<T>(work: (tx: TransactionClient) => Promise<T>): Promise<T>;
}
declare const prisma: PrismaClient;
declare function send(language: string): Promise<void>;

async function languageOf(teamId: string): Promise<string> {
  const settings = await prisma.settings.findFirst({ where: { teamId } });
  return settings?.language ?? 'en';
}

async function seatsOf(teamId: string): Promise<number> {
  return prisma.seat.count({ where: { teamId } });
}

async function nameOf(teamId: string): Promise<string> {
  const settings = await prisma.settings.findFirst({ where: { teamId } });
  return settings?.id ?? '';
}

async function membersOf(teamId: string): Promise<number> {
  return prisma.seat.count({ where: { teamId, kind: 'member' } });
}

// One look at rows that the transaction leaves alone.
export async function rename(id: string, name: string): Promise<void> {
  await prisma.$transaction(async (tx) => {
    await tx.team.update({ where: { id }, data: { name } });
    const language = await languageOf(id);
    //                     ^^^^^^^^^^ deadlock/transaction-escape low "'languageOf' (through 'findFirst') goes to 'settings' through 'prisma'"
    await tx.team.update({ where: { id }, data: { language } });
  });
}

// The count misses the seat that was just stored.
export async function seat(id: string, userId: string): Promise<void> {
  await prisma.$transaction(async (tx) => {
    await tx.seat.create({ data: { teamId: id, userId } });
    const seats = await seatsOf(id);
    //                  ^^^^^^^ deadlock/transaction-escape medium "'seatsOf' (through 'count') goes to 'seat' through 'prisma'"
    await tx.team.update({ where: { id }, data: { seats } });
  });
}

// Two looks, and each waits for a connection.
export async function close(id: string): Promise<void> {
  await prisma.$transaction(async (tx) => {
    const seats = await membersOf(id);
    //                  ^^^^^^^^^ deadlock/transaction-escape medium "'membersOf' (through 'count') and another query go through 'prisma'"
    const language = await nameOf(id);
    //                     ^^^^^^ related "This is outside as well."
    await tx.team.update({ where: { id }, data: { closed: true, seats, language } });
  });
}

// Whoever has the transaction in hand wanted it.
export async function open(id: string): Promise<void> {
  await prisma.$transaction(async (tx) => {
    const settings = await prisma.settings.findFirst({ where: { teamId: id } });
    //                                     ^^^^^^^^^ deadlock/transaction-escape high "'findFirst' goes to 'settings' through 'prisma'"
    await tx.team.update({ where: { id }, data: { closed: false, language: settings?.language } });
  });
}

export async function tell(id: string): Promise<void> {
  await send(await nameOf(id)); // ok deadlock/transaction-escape: in no transaction
}
