// Idiom of github.com/alibaba/hooks: maps of a module that answers and promises are put into by key.
const thumbnails = new Map<string, Buffer>();

export function thumbnail(imageId: string, render: (id: string) => Buffer): Buffer {
  const known = thumbnails.get(imageId);
  if (known !== undefined) return known;
  const image = render(imageId);
  thumbnails.set(imageId, image);
  //         ^^^ memory-leak/unbounded-cache medium "'thumbnails' lives as long as the process and gets an entry at 'set' for every new key"
  return image;
}

const profiles: Map<string, { name: string }> = new Map();

export function remember(user: { id: string; name: string }): void {
  profiles.set(user.id, { name: user.name });
  //       ^^^ memory-leak/unbounded-cache medium "'profiles'"
}

/** Iterated as well: not everything a Map can do, an LRU cache can. */
export function names(): string[] {
  return [...profiles.values()].map(({ name }) => name);
}

const pending = new Map<string, Promise<string>>();

export function fetchOnce(url: string, fetchText: (url: string) => Promise<string>): Promise<string> {
  const known = pending.get(url);
  if (known !== undefined) return known;
  const promise = fetchText(url);
  pending.set(url, promise);
  //      ^^^ memory-leak/unbounded-cache medium "'pending'"
  return promise;
}

function Injectable(): ClassDecorator {
  return () => undefined;
}

@Injectable()
export class RateService {
  private readonly attempts = new Map<string, number>();
  private readonly sessions = new Map<string, number>();

  count(ipAddress: string): number {
    const count = (this.attempts.get(ipAddress) ?? 0) + 1;
    this.attempts.set(ipAddress, count);
    if (this.attempts.size > 1000) {
      const oldest = this.attempts.keys().next().value;
      if (oldest !== undefined) this.attempts.delete(oldest);
    }
  //              ^^^ memory-leak/unbounded-cache medium "'attempts'"
    return count;
  }

  begin(sessionId: string): void {
    this.sessions.set(sessionId, Date.now()); // ok memory-leak/unbounded-cache: end deletes it
  }

  end(sessionId: string): void {
    this.sessions.delete(sessionId);
  }
}
