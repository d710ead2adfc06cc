// Idiom of github.com/Unleash/unleash
declare function fetchPoints(userId: string): Promise<number>;
declare function fetchRevision(since: number): Promise<number>;
declare function save(state: object): Promise<void>;

let balance = 0;
let limits: Record<string, number> = {};

export async function earn(userId: string): Promise<void> {
  const awaited = await fetchPoints(userId);
  balance += awaited;
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ race-condition/stale-write-after-await "what others write to it meanwhile is lost"
}

export async function earnLater(userId: string): Promise<void> {
  const points = await fetchPoints(userId);
  balance += points; // ok race-condition/stale-write-after-await: read and write share a segment
}

export async function raise(userId: string): Promise<void> {
  const before = limits;
  //             ^^^^^^ related "Read here."
  const points = await fetchPoints(userId);
  limits = { ...before, [userId]: points };
  //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ race-condition/stale-write-after-await "'limits' is read before an await"
}

export async function raiseFresh(userId: string): Promise<void> {
  const before = limits;
  await save(before);
  limits = { ...limits, [userId]: 1 }; // ok race-condition/stale-write-after-await: read again after the await
}

export class RevisionService {
  private revision = 0;
  private readonly versions: { name: string; revision: number }[] = [];

  async update(): Promise<number> {
    const next = await fetchRevision(this.revision);
    //                               ^^^^^^^^^^^^^ related "Read here."
    await save({ next });
    this.revision = next;
    //^^^^^^^^^^^^^^^^^^ race-condition/stale-write-after-await medium "'this.revision' is read before an await"
    return next;
  }

  async updateOnce(): Promise<void> {
    const before = this.revision;
    const next = await fetchRevision(before);
    if (this.revision === before) this.revision = next; // ok race-condition/stale-write-after-await: compared again after the await
  }

  async add(name: string): Promise<void> {
    this.versions.push({ name, revision: 0 });
    const last = this.versions.length - 1;
    //           ^^^^^^^^^^^^^ related "Read here."
    const revision = await fetchRevision(0);
    this.versions[last] = { name, revision };
    //^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ race-condition/stale-write-after-await medium "it may hold something else by then"
  }

  async rename(name: string, request: { revision: number }): Promise<void> {
    const before = request.revision;
    await save({ name });
    request.revision = before + 1; // ok race-condition/stale-write-after-await: the caller's own object
  }
}
