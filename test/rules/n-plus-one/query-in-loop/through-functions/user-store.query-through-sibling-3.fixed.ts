// Idiom of github.com/hoppscotch/hoppscotch
import { Column, Entity, PrimaryGeneratedColumn, type Repository, In } from 'typeorm';

@Entity()
export class User {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  name: string;

  @Column()
  blocked: boolean;
}

export class UserStore {
  constructor(private readonly users: Repository<User>) {}

  async findUserById(id: number): Promise<User | null> {
    return this.users.findOneBy({ id });
  }

  /** Like `findUserById`, for many at once. */
  async findUsersByIds(ids: number[]) {
    const users = await this.users.findBy({ id: In(ids) });
    const usersById = new Map(users.map((user) => [user.id, user]));
    return new Map<number, User | null>(ids.map((id) => [id, usersById.get(id) ?? null]));
  }

  /** Throws where there is none. */
  async getUser(id: number, withBlocked = false): Promise<{ id: number; label: string }> {
    const user = await this.users.findOneBy({ id });
    if (user === null) throw new Error('no such user');
    if (user.blocked && !withBlocked) return { id, label: 'blocked' };
    return { id, label: user.name.trim() };
  }

  async rename(id: number, name: string): Promise<void> {
    await this.users.update({ id }, { name });
  }
}

export const countPosts = async (store: UserStore, userId: number) => {
  const user = await store.findUserById(userId);
  return user === null ? 0 : user.name.length;
};

/** Like `countPosts`, for many at once. */
export const countPostsForAll = async (store: UserStore, userIds: number[]) => {
  const usersFound = await store.findUsersByIds(userIds);
  return new Map(userIds.map((userId) => {
    const user = usersFound.get(userId) ?? null;
    return [userId, user === null ? 0 : user.name.length];
  }));
};
