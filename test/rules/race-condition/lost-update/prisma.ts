interface Delegate<Row> {
  findUnique(args: { where: { id: string } }): Promise<Row | null>;
  findFirst(args: { where?: object; orderBy?: object }): Promise<Row | null>;
  create(args: { data: Partial<Row> }): Promise<Row>;
  update(args: { where: { id: string; [filter: string]: unknown }; data: object }): Promise<Row>;
}
declare const prisma: {
  team: Delegate<{ id: string; seats: number; tags: string[]; name: string }>;
  task: Delegate<{ id: string; teamId: string; position: number }>;
};

export async function takeSeat(teamId: string): Promise<void> {
  const team = await prisma.team.findUnique({ where: { id: teamId } });
//                               ^^^^^^^^^^ related "Read here."
  if (!team || team.seats < 1) throw new Error('no seat left');
  await prisma.team.update({ where: { id: teamId }, data: { seats: team.seats - 1 } });
//                  ^^^^^^ race-condition/lost-update high "a change made in between is lost"
}

export async function tag(teamId: string, name: string): Promise<void> {
  const team = await prisma.team.findUnique({ where: { id: teamId } });
//                               ^^^^^^^^^^ related "Read here."
  if (!team) return;
  await prisma.team.update({ where: { id: team.id }, data: { tags: [...team.tags, name] } });
//                  ^^^^^^ race-condition/lost-update medium "a change made in between is lost"
}

export async function addTask(teamId: string): Promise<void> {
  const last = await prisma.task.findFirst({ where: { teamId }, orderBy: { position: 'desc' } });
//                               ^^^^^^^^^ related "Read here."
  await prisma.task.create({ data: { teamId, position: (last?.position ?? 0) + 1 } });
//                  ^^^^^^ race-condition/lost-update medium "two runs at once store the same number"
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
