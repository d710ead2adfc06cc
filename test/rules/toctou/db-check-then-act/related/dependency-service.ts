// Idiom of github.com/Unleash/unleash: a service asks a store through its interface how features depend on each other.
import type { DependencyStore } from './dependency-store.ts';

export class DependencyService {
  constructor(private readonly store: DependencyStore) {}

  async add(child: string, parent: string): Promise<void> {
    const [grandchildren, grandparents] = await Promise.all([
      this.store.childrenOf([child]),
      //         ^^^^^^^^^^ related "Checked here."
      this.store.parentsOf(parent),
    ]);
    if (grandchildren.length > 0 || grandparents.length > 0) throw new Error('Only one step is allowed.');
    await this.store.upsert({ parent, child }, 'added');
    //               ^^^^^^ toctou/db-check-then-act medium "must not be there together"
  }

  async addOnce(child: string, parent: string): Promise<void> {
    const parents = await this.store.parentsOf(child);
    if (parents.length > 0) return;
    await this.store.upsert({ parent, child }); // ok toctou/db-check-then-act: what was looked for is what the upsert looks for
  }

  async addLocked(child: string, parent: string): Promise<void> {
    await this.store.lockAll();
    const children = await this.store.childrenOf([child]);
    if (children.length > 0) throw new Error('Only one step is allowed.');
    await this.store.upsert({ parent, child }); // ok toctou/db-check-then-act: a lock is taken before the read
  }

  async addAndTell(child: string, parent: string): Promise<string[]> {
    const children = await this.store.childrenOf([child]);
    await this.store.upsert({ parent, child }); // ok toctou/db-check-then-act: it is stored whatever was found
    return children;
  }
}
