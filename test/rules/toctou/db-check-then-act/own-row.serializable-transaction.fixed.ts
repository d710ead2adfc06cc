// Idiom of github.com/misskey-dev/misskey and github.com/brocoders/nestjs-boilerplate: rows of who is in a room, the user from the request.
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
export class Room {
  @PrimaryGeneratedColumn() id!: number;
  @Column() visibility!: string;
}

@Entity()
export class Occupant {
  @PrimaryGeneratedColumn() id!: number;
  @Column() roomId!: number;
  @Column() userId!: number;
}

interface RoomRequest {
  readonly user: { readonly id: number };
  readonly body: { readonly roomId: number; readonly visibility: string; readonly userId: number };
}

export declare const app: { post(path: string, handler: (request: RoomRequest) => Promise<void>): void };
export declare const rooms: Repository<Room>;
export declare const occupants: Repository<Occupant>;

/** Whoever hides a room that was open stays in it: stored on the way. */
app.post('/rooms/update', async (request) => {
  const room = await rooms.findOneByOrFail({ id: request.body.roomId });
  if (room.visibility === 'open') {
    await retryOnConflict(() => occupants.manager.transaction('SERIALIZABLE', async (manager) => {
      const own = await manager.withRepository(occupants).findOneBy({ roomId: room.id, userId: request.user.id });
      //                          ^^^^^^^^^ related "Checked here."
      if (!own) await manager.withRepository(occupants).insert({ roomId: room.id, userId: request.user.id });
    }));
    //                        ^^^^^^ toctou/db-check-then-act low "two runs at once both store theirs"
  }
  await rooms.update({ id: room.id }, { visibility: request.body.visibility });
});

/** Somebody else's row: two may add the same one. */
app.post('/rooms/lock', async (request) => {
  const room = await rooms.findOneByOrFail({ id: request.body.roomId });
  if (room.visibility === 'open') {
    const other = await occupants.findOneBy({ roomId: room.id, userId: request.body.userId });
    //                            ^^^^^^^^^ related "Checked here."
    if (!other) await occupants.insert({ roomId: room.id, userId: request.body.userId });
    //                          ^^^^^^ toctou/db-check-then-act high "two runs at once both store theirs"
  }
  await rooms.update({ id: room.id }, { visibility: 'locked' });
});

/** What the request is for. */
app.post('/rooms/enter', async (request) => {
  const room = await rooms.findOneByOrFail({ id: request.body.roomId });
  if (room.visibility !== 'open') throw new Error('locked');
  const own = await occupants.findOneBy({ roomId: room.id, userId: request.user.id });
  //                          ^^^^^^^^^ related "Checked here."
  if (!own) await occupants.insert({ roomId: room.id, userId: request.user.id });
  //                        ^^^^^^ toctou/db-check-then-act high "two runs at once both store theirs"
});

/** Whatever state the room is in. */
app.post('/rooms/visit', async (request) => {
  const own = await occupants.findOneBy({ roomId: request.body.roomId, userId: request.user.id });
  //                          ^^^^^^^^^ related "Checked here."
  if (!own) await occupants.insert({ roomId: request.body.roomId, userId: request.user.id });
  //                        ^^^^^^ toctou/db-check-then-act high "two runs at once both store theirs"
  await rooms.update({ id: request.body.roomId }, { visibility: 'seen' });
});
