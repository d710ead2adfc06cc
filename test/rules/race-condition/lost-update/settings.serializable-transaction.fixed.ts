// Idiom of github.com/formbricks/formbricks and github.com/amplication/amplication: JSON columns, a helper for several.
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

interface Row {
  id: string;
  branding: object;
  answers: object;
  grants: Record<string, string>;
  tokens: { access: string };
}
interface Client {
  board: {
    findUnique(args: { where: { id: string } }): Promise<Row | null>;
    findUniqueOrThrow(args: { where: { id: string }; select?: object }): Promise<Row>;
    update(args: { where: { id: string }; data: Partial<Row> }): Promise<Row>;
  };
  $transaction<T>(run: (tx: Client) => Promise<T>, options?: { isolationLevel?: 'Serializable' }): Promise<T>;
}
declare const prisma: Client;
declare const provider: { list(board: Row): Promise<string[]>; refreshed(): Promise<Row['grants']> };

// Two administrators who set logo and colour in the same moment.
export async function setLogo(id: string, logo: string): Promise<void> {
  await retryOnConflict(() => prisma.$transaction(async (tx) => {
    const board = await tx.board.findUnique({ where: { id } });
    //                               ^^^^^^^^^^ related "Read here."
    await tx.board.update({ where: { id }, data: { branding: { ...board?.branding, logo } } });
  }, { isolationLevel: 'Serializable' }));
  //                 ^^^^^^ race-condition/lost-update low "'branding' of 'board'"
}

// Every page of a form sends its answers, one after the other: two would have to meet between two neighbouring statements.
export async function answer(id: string, answers: object): Promise<void> {
  const board = await prisma.board.findUnique({ where: { id } });
  //                               ^^^^^^^^^^ related "Read here."
  await prisma.board.update({ where: { id }, data: { answers: { ...board?.answers, ...answers } } });
  //                 ^^^^^^ race-condition/lost-update low "'answers' of 'board'"
}

export async function replaceLogo(id: string, logo: string): Promise<void> {
  await prisma.board.findUnique({ where: { id } });
  await prisma.board.update({ where: { id }, data: { branding: { logo } } }); // ok race-condition/lost-update: nothing of what was read is written
}

// The helper changes the row for all that call it: told once.
async function keepGrants<T>(board: Row, work: () => Promise<T>): Promise<T> {
  const result = await work();
  const grants = await provider.refreshed();
  await prisma.board.update({ where: { id: board.id }, data: { grants: { ...board.grants, ...grants } } });
  return result;
}

export async function list(id: string): Promise<string[]> {
  const board = await prisma.board.findUniqueOrThrow({ where: { id } });
  //                               ^^^^^^^^^^^^^^^^^ related "Read here."
  return keepGrants(board, () => provider.list(board));
  //     ^^^^^^^^^^ race-condition/lost-update medium "'grants' of 'board'"
}

export async function listAgain(id: string): Promise<string[]> {
  const board = await prisma.board.findUniqueOrThrow({ where: { id } });
  //                               ^^^^^^^^^^^^^^^^^ related "Read here."
  return keepGrants(board, () => provider.list(board));
  //     ^^^^^^^^^^ race-condition/lost-update low "'grants' of 'board'"
}

async function store(id: string, grants: Row['grants']): Promise<void> {
  await prisma.board.update({ where: { id }, data: { grants } });
}

// A helper that stores what it is given: each caller makes its own mistake.
export async function grant(id: string, userId: string, role: string): Promise<void> {
  const board = await prisma.board.findUniqueOrThrow({ where: { id } });
  //                               ^^^^^^^^^^^^^^^^^ related "Read here."
  await store(id, { ...board.grants, [userId]: role });
  //    ^^^^^ race-condition/lost-update medium "'grants' of 'board'"
}

export async function grantAll(id: string, others: Row['grants']): Promise<void> {
  const board = await prisma.board.findUniqueOrThrow({ where: { id } });
  //                               ^^^^^^^^^^^^^^^^^ related "Read here."
  await store(id, { ...board.grants, ...others });
  //    ^^^^^ race-condition/lost-update medium "'grants' of 'board'"
}

// A time is added up at the end; until then it is what it was, or that with what has come.
export async function answerPage(id: string, answers: object | undefined, isLast: boolean): Promise<void> {
  const board = await prisma.board.findUniqueOrThrow({ where: { id } });
  //                               ^^^^^^^^^^^^^^^^^ related "Read here."
  const merged = answers ? { ...board.answers, ...answers } : board.answers;
  await prisma.board.update({ where: { id }, data: { answers: isLast ? Object.freeze(merged) : merged } });
  //                 ^^^^^^ race-condition/lost-update low "'answers' of 'board'"
}
