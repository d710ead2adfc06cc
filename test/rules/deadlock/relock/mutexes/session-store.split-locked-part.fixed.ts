// Idiom of github.com/DirtyHairy/async-mutex: a mutex per store, taken by every public method.
import { Mutex } from 'async-mutex';
import AsyncLock from 'async-lock';

export class SessionStore {
  private readonly mutex = new Mutex();
  private readonly writes = new Mutex();
  private readonly lock = new AsyncLock();
  private readonly other = new AsyncLock();
  private readonly sessions = new Map<string, number>();

  async replace(id: string, user: number): Promise<void> {
    await this.mutex.runExclusive(async () => {
      await this.removeWithLock(id);
//               ^^^^^^ deadlock/relock high "'remove' (through 'runExclusive') asks for 'this.mutex' while"
      this.sessions.set(id, user);
    });
  }

  async remove(id: string): Promise<void> {
    await this.mutex.runExclusive(() => this.removeWithLock(id));
  }

  private async removeWithLock(id: string): Promise<void> {
    await this.flush();
    this.sessions.delete(id);
  }

  async clear(id: string): Promise<void> {
    const release = await this.mutex.acquire();
    try {
      this.sessions.delete(id);
    } finally {
      release();
    }
    await this.remove(id); // ok deadlock/relock: released before
  }

  async renew(id: string, user: number): Promise<void> {
    const release = await this.mutex.acquire();
    try {
      await this.put(id, user);
//               ^^^ deadlock/relock high "'put' (through 'acquire') asks for 'this.mutex' while this code"
    } finally {
      release();
    }
  }

  private async flush(): Promise<void> {
    await this.writes.runExclusive(async () => this.sessions.size); // ok deadlock/relock: another mutex
  }

  private async put(id: string, user: number): Promise<void> {
    const release = await this.mutex.acquire();
    this.sessions.set(id, user);
    release();
  }

  async later(id: string): Promise<void> {
    await this.mutex.runExclusive(async () => {
      void this.remove(id); // ok deadlock/relock: nobody waits for it
    });
  }

  async unless(id: string): Promise<void> {
    await this.mutex.runExclusive(async () => {
      if (!this.mutex.isLocked()) await this.remove(id); // ok deadlock/relock: it asks first
    });
  }

  async named(id: string): Promise<void> {
    await this.lock.acquire('sessions', async () => {
      await this.lock.acquire('sessions', async () => {
//                    ^^^^^^^ deadlock/relock high "'acquire' asks for 'sessions' while this code already holds it,"
        this.sessions.delete(id);
      });
      await this.other.acquire('sessions', async () => this.sessions.size); // ok deadlock/relock: names of another object
      await this.lock.acquire(`session:${id}`, async () => this.sessions.size); // ok deadlock/relock: another name
    });
  }
}
