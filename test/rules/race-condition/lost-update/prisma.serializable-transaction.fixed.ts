// Idiom of github.com/documenso/documenso: Prisma's delegates, interactive transactions.
/** Codes of a transaction that the database ended in favour of another: PostgreSQL, Prisma, MySQL. */
const CONFLICTS = new Set<unknown>(['40001', '40P01', 'P2034', 'ER_LOCK_DEADLOCK']);

function isConflict(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, cause, parent, driverError } = error as Record<string, unknown>;
  return CONFLICTS.has(code) || [cause, parent, driverError].some(isConflict);
}

async function retryOnConflict<T>(run: () => Promise<T>, attempts = 5): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === attempts || !isConflict(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** attempt));
    }
  }
}

interface Delegate<Row> {
  findUnique(args: { where: object; select?: object }): Promise<Row | null>;
  findUniqueOrThrow(args: { where: object; select?: object }): Promise<Row>;
  findFirst(args: { where?: object; orderBy?: object }): Promise<Row | null>;
  count(args: { where?: object }): Promise<number>;
  create(args: { data: Partial<Row> }): Promise<Row>;
  update(args: { where: object; data: object }): Promise<Row>;
  updateMany(args: { where: object; data: object }): Promise<{ count: number }>;
  delete(args: { where: object }): Promise<Row>;
}
interface Client {
  $queryRaw(sql: TemplateStringsArray, ...values: unknown[]): Promise<unknown>;
  team: Delegate<{ id: string; seats: number; tags: string[]; name: string; settings: Record<string, unknown> }>;
  task: Delegate<{ id: string; teamId: string; position: number }>;
}
declare const prisma: Client & {
  $transaction<T>(run: (tx: Client) => Promise<T>, options?: { isolationLevel?: 'Serializable' }): Promise<T>;
};
declare function remind(teamId: string): Promise<void>;

export async function takeSeat(teamId: string): Promise<void> {
  const team = await prisma.team.findUnique({ where: { id: teamId } });
//                               ^^^^^^^^^^ related "Read here."
  if (!team || team.seats < 1) throw new Error('no seat left');
  await prisma.team.update({ where: { id: teamId }, data: { seats: team.seats - 1 } });
//                  ^^^^^^ race-condition/lost-update high "a change made in between is lost"
}

export async function takeSeatAndShow(teamId: string) {
  const team = await prisma.team.findUnique({ where: { id: teamId } });
//                               ^^^^^^^^^^ related "Read here."
  if (!team || team.seats < 1) throw new Error('no seat left');
  return prisma.team.update({ where: { id: teamId }, data: { seats: team.seats - 1 } });
//                   ^^^^^^ race-condition/lost-update high "a change made in between is lost"
}

export async function addSeats(teamId: string, seats: number): Promise<number> {
  const team = await prisma.team.findUnique({ where: { id: teamId } });
//                               ^^^^^^^^^^ related "Read here."
  if (!team) return 0;
  const { id } = team;
  const next = team.seats + seats;
  await prisma.team.update({ where: { id }, data: { seats: next } });
//                  ^^^^^^ race-condition/lost-update high "a change made in between is lost"
  return team.seats;
}

export async function tag(teamId: string, name: string): Promise<void> {
  await retryOnConflict(() => prisma.$transaction(async (tx) => {
    const team = await tx.team.findUnique({ where: { id: teamId } });
  //                               ^^^^^^^^^^ related "Read here."
    if (!team) return;
    await tx.team.update({ where: { id: team.id }, data: { tags: [...team.tags, name] } });
  }, { isolationLevel: "Serializable" }));
//                  ^^^^^^ race-condition/lost-update medium "a change made in between is lost"
}

export async function tagInPlace(teamId: string, name: string): Promise<void> {
  const team = await prisma.team.findUnique({ where: { id: teamId } });
//                               ^^^^^^^^^^ related "Read here."
  const tags = team?.tags ?? [];
  tags.push(name);
  await prisma.team.update({ where: { id: teamId }, data: { tags } });
//                  ^^^^^^ race-condition/lost-update medium "a change made in between is lost"
}

export async function configure(teamId: string, theme: string): Promise<void> {
  const team = await prisma.team.findUnique({ where: { id: teamId } });
//                               ^^^^^^^^^^ related "Read here."
  if (!team) throw new Error('no such team');
  await remind(teamId);
  const settings = { ...team.settings, theme };
  await prisma.team.update({
//                  ^^^^^^ race-condition/lost-update low "a change made in between is lost"
    where: { id: teamId },
    data: { settings },
  });
}

export async function addTask(teamId: string): Promise<void> {
  const last = await prisma.task.findFirst({ where: { teamId }, orderBy: { position: 'desc' } });
//                               ^^^^^^^^^ related "Read here."
  await prisma.task.create({ data: { teamId, position: (last?.position ?? 0) + 1 } });
//                  ^^^^^^ race-condition/lost-update medium "two runs at once store the same number"
}

export async function moveToEnd(taskId: string, teamId: string): Promise<void> {
  const count = await prisma.task.count({ where: { teamId } });
//                                ^^^^^ related "Read here."
  await prisma.task.update({ where: { id: taskId }, data: { position: count + 1 } });
//                  ^^^^^^ race-condition/lost-update medium "two runs at once store the same number"
}

export async function removeTask(taskId: string): Promise<void> {
  const task = await prisma.task.findUnique({ where: { id: taskId } });
//                               ^^^^^^^^^^ related "Read here."
  if (!task) return;
  await prisma.$transaction(async (tx) => {
    await tx.task.delete({ where: { id: taskId } });
    await tx.task.updateMany({
//                ^^^^^^^^^^ race-condition/lost-update medium "it shifts the wrong ones"
      where: { teamId: task.teamId, position: { gt: task.position } },
      data: { position: { decrement: 1 } },
    });
  });
}

export async function removeTaskAtOnce(teamId: string, taskId: string): Promise<void> {
  await prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM "Team" WHERE id = ${teamId} FOR UPDATE`;
    const task = await tx.task.findUniqueOrThrow({ where: { id: taskId } });
    await tx.task.delete({ where: { id: taskId } });
    // ok race-condition/lost-update: the position was read under the lock that moves take
    await tx.task.updateMany({
      where: { teamId: task.teamId, position: { gt: task.position } },
      data: { position: { decrement: 1 } },
    });
  });
}

export async function closeGap(teamId: string, position: number): Promise<void> {
  const count = await prisma.task.count({ where: { teamId } });
  if (count === 0) return;
  // ok race-condition/lost-update: the position is the caller's
  await prisma.task.updateMany({ where: { teamId, position: { gt: position } }, data: { position: { decrement: 1 } } });
}

export async function freeSeat(teamId: string): Promise<void> {
  const team = await prisma.team.findUnique({ where: { id: teamId } });
  if (!team) return;
  await prisma.team.update({ where: { id: teamId }, data: { seats: { increment: 1 } } }); // ok race-condition/lost-update: the database adds
}

export async function rename(teamId: string, name: string): Promise<void> {
  const team = await prisma.team.findUnique({ where: { id: teamId } });
  if (!team || team.name === name) return;
  await prisma.team.update({ where: { id: teamId }, data: { name } }); // ok race-condition/lost-update: nothing of the old value is in the new one
}

export async function pushTag(teamId: string, name: string): Promise<void> {
  const team = await prisma.team.findUnique({ where: { id: teamId } });
  if (!team) return;
  await prisma.team.update({ where: { id: teamId }, data: { tags: { push: name } } }); // ok race-condition/lost-update: the database appends
}

declare function analysed(tags: string[]): Promise<{ theme: string }>;

export async function guessTheme(teamId: string): Promise<void> {
  const team = await prisma.team.findUnique({ where: { id: teamId } });
  if (!team) return;
  const settings = await analysed(team.tags);
  await prisma.team.update({ where: { id: teamId }, data: { settings } }); // ok race-condition/lost-update: computed from another column
}
