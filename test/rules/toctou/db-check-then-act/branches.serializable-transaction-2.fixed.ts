// Idiom of github.com/misskey-dev/misskey: rows asked for by `findOneBy`, and inserted when there is none.
import { Column, Entity, PrimaryGeneratedColumn, type Repository } from 'typeorm';

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

@Entity()
export class Label {
  @PrimaryGeneratedColumn() id!: number;
  @Column() boardId!: number;
  @Column() color!: string;
  @Column({ type: 'text', nullable: true }) text!: string | null;
}

@Entity()
export class Watcher {
  @PrimaryGeneratedColumn() id!: number;
  @Column() boardId!: number;
  @Column() userId!: number;
  @Column() kind!: string;
}

@Entity()
export class Viewer {
  @PrimaryGeneratedColumn() id!: number;
  @Column() boardId!: number;
  @Column() userId!: number;
}

/** The same look-up on both ways: one mistake, told of the last. */
export async function labelOf(labels: Repository<Label>, boardId: number, color: string, text?: string): Promise<Label> {
  if (text !== undefined) {
    const known = await labels.findOneBy({ boardId, color });
    //                         ^^^^^^^^^ related "Checked here."
    if (known) return known;
    return labels.save({ boardId, color, text });
    //            ^^^^ toctou/db-check-then-act low "two runs at once both store theirs"
    //            ^^^^ related "Stored here as well, after the same check."
  }
  return retryOnConflict(() => labels.manager.transaction('SERIALIZABLE', async (manager) => {
    const known = await manager.withRepository(labels).findOneBy({ boardId, color });
    //                         ^^^^^^^^^ related "Checked here."
    if (known) return known;
    return manager.withRepository(labels).save({ boardId, color, text: null });
  }));
  //            ^^^^ toctou/db-check-then-act high "two runs at once both store theirs"
}

/** What the program asks for differs: rows of two kinds. */
export async function watch(watchers: Repository<Watcher>, boardId: number, userId: number): Promise<void> {
  const mail = await watchers.findOneBy({ boardId, userId, kind: 'mail' });
  //                          ^^^^^^^^^ related "Checked here."
  if (!mail) await watchers.insert({ boardId, userId, kind: 'mail' });
  //                        ^^^^^^ toctou/db-check-then-act high "two runs at once both store theirs"
  const push = await watchers.findOneBy({ boardId, userId, kind: 'push' });
  //                          ^^^^^^^^^ related "Checked here."
  if (!push) await watchers.insert({ boardId, userId, kind: 'push' });
  //                        ^^^^^^ toctou/db-check-then-act high "two runs at once both store theirs"
}

/** Rows of two tables. */
export async function open(
  watchers: Repository<Watcher>,
  viewers: Repository<Viewer>,
  boardId: number,
  userId: number,
): Promise<void> {
  const watcher = await watchers.findOneBy({ boardId, userId });
  //                             ^^^^^^^^^ related "Checked here."
  if (!watcher) await watchers.insert({ boardId, userId, kind: 'mail' });
  //                           ^^^^^^ toctou/db-check-then-act high "two runs at once both store theirs"
  const viewer = await viewers.findOneBy({ boardId, userId });
  //                           ^^^^^^^^^ related "Checked here."
  if (!viewer) await viewers.insert({ boardId, userId });
  //                         ^^^^^^ toctou/db-check-then-act high "two runs at once both store theirs"
}

/** Other columns are asked for. */
export async function replace(labels: Repository<Label>, boardId: number, color: string, text: string): Promise<void> {
  const byColor = await labels.findOneBy({ boardId, color });
  //                           ^^^^^^^^^ related "Checked here."
  if (!byColor) await labels.insert({ boardId, color, text });
  //                         ^^^^^^ toctou/db-check-then-act high "with this 'boardId' and 'color'"
  const byText = await labels.findOneBy({ boardId, text });
  //                          ^^^^^^^^^ related "Checked here."
  if (!byText) await labels.insert({ boardId, color, text });
  //                        ^^^^^^ toctou/db-check-then-act high "with this 'boardId' and 'text'"
}
