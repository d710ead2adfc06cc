// Idiom of github.com/redis/ioredis: keys written beside the rows that they repeat.
import type { Redis } from 'ioredis';
import { Column, Entity, PrimaryGeneratedColumn, type Repository } from 'typeorm';

@Entity()
export class Profile {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() name!: string;
  @Column() views!: number;
}

export class ProfileService {
  constructor(
    private readonly profiles: Repository<Profile>,
    private readonly redis: Redis,
  ) {}

  async update(profile: Profile) {
    const saved = await this.profiles.save(profile);
    //                                ^^^^ related "Written to 'Profile' here"
    await this.redis.del(`profile:${saved.id}`);
    //               ^^^ double-write/cache-set-after-write high "'set' puts into the cache what 'save' wrote to 'Profile'"
    return saved;
  }

  async rename(id: string, name: string) {
    await this.profiles.update({ id }, { name });
    void this.redis.setex(`profile-name:${id}`, 3600, name);
    //              ^^^^^ double-write/cache-set-after-write high "'setex' puts into the cache what 'update' wrote"
  }

  async renameBoth(id: string, name: string) {
    await Promise.all([this.profiles.update({ id }, { name }), this.redis.set(`profile-name:${id}`, name)]);
    //                                                                    ^^^ double-write/cache-set-after-write high "while 'update' writes it"
  }

  async add(name: string) {
    const created = await this.profiles.save({ name, views: 0 });
    await this.redis.del(`profile:${created.id}`); // ok double-write/cache-set-after-write: the key is deleted
    return created;
  }

  async insert(name: string) {
    await this.profiles.insert({ name, views: 0 });
    await this.redis.set(`profile-by-name:${name}`, name);
    //               ^^^ double-write/cache-set-after-write low "what 'insert' wrote"
  }

  async warm() {
    const profiles = await this.profiles.find({ take: 100 });
    await Promise.all(profiles.map((profile) => this.redis.setex(`profile:${profile.id}`, 60, JSON.stringify(profile)))); // ok double-write/cache-set-after-write: filled from a read, nothing written
  }

  async touch(id: string) {
    await this.profiles.update({ id }, { views: 0 });
    await this.redis.set(`profile:last-seen:${id}`, Date.now()); // ok double-write/cache-set-after-write: lives in the cache alone
  }

  async login(id: string, token: string) {
    await this.profiles.update({ id }, { name: token });
    await this.redis.set(`session:${id}`, token); // ok double-write/cache-set-after-write: a session, no copy of a row
  }

  async refresh(id: string, name: string) {
    await this.profiles.update({ id }, { name });
    const fresh = await this.profiles.findOneByOrFail({ id });
    await this.redis.set(`profile:${id}`, JSON.stringify(fresh)); // ok double-write/cache-set-after-write: read again after the write
  }

  async rename2(id: string, name: string, words: string[]) {
    await this.profiles.update({ id }, { name });
    await this.redis.set(`words:${id}`, words.join(' ')); // ok double-write/cache-set-after-write: something else than what was written
  }
}
