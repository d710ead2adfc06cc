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

  /** Throws where there is none. */
  async getUser(id: number, withBlocked = false): Promise<{ id: number; label: string }> {
    const user = await this.users.findOneBy({ id });
    if (user === null) throw new Error('no such user');
    if (user.blocked && !withBlocked) return { id, label: 'blocked' };
    return { id, label: user.name.trim() };
  }

  /** Like `getUser`, for many at once. */
  async getUsers(ids: number[], withBlocked = false) {
    const users = await this.users.findBy({ id: In(ids) });
    const usersById = new Map(users.map((userRow) => [userRow.id, userRow]));
    return new Map<number, { id: number; label: string }>(ids.map((id) => {
      const user = usersById.get(id) ?? null;
      if (user === null) throw new Error('no such user');
      if (user.blocked && !withBlocked) return [id, { id, label: 'blocked' }];
      return [id, { id, label: user.name.trim() }];
    }));
  }

  async rename(id: number, name: string): Promise<void> {
    await this.users.update({ id }, { name });
  }
}

export const countPosts = async (store: UserStore, userId: number) => {
  const user = await store.findUserById(userId);
  return user === null ? 0 : user.name.length;
};
