// Idiom of github.com/requarks/wiki: one NodeCache of the process, read and set without waiting.
import NodeCache from 'node-cache';

declare function sizeOf(file: string): Promise<number>;

const cache = new NodeCache({ stdTTL: 300 });

export async function addUpload(userId: string, file: string) {
  //                 ^^^ related "Read here."
  const size = await sizeOf(file);
  const used = cache.get<number>(`used:${userId}`) ?? 0;
  cache.set(`used:${userId}`, used + size);
  //    ^^^ race-condition/lost-update high "a change made in between is lost"
}

export async function tag(page: string, find: (page: string) => Promise<string[]>) {
  const tags = cache.get<string[]>(`tags:${page}`) ?? [];
  //                 ^^^ related "Read here."
  cache.set(`tags:${page}`, [...tags, ...(await find(page))]);
  //    ^^^ race-condition/lost-update high "a change made in between is lost"
}

// Read where it is first asked about.
export async function reserve(userId: string, file: string, most: number) {
  const used = cache.get<number>(`used:${userId}`) ?? 0;
  //                 ^^^ related "Read here."
  const size = await sizeOf(file);
  if (used + size > most) throw new Error('No room left.');
  cache.set(`used:${userId}`, used + size);
  //    ^^^ race-condition/lost-update high "a change made in between is lost"
}

// No fix: what is waited for depends on what was read.
export async function compress(page: string, shorten: (text: string) => Promise<string>) {
  const text = cache.get<string>(`text:${page}`) ?? '';
  //                 ^^^ related "Read here."
  cache.set(`text:${page}`, text + (await shorten(text)));
  //    ^^^ race-condition/lost-update high "a change made in between is lost"
}

// No fix: it is asked about before the wait and used behind it.
export async function addSmall(userId: string, file: string) {
  const used = cache.get<number>(`used:${userId}`) ?? 0;
  //                 ^^^ related "Read here."
  if (used > 1000) return;
  const size = await sizeOf(file);
  cache.set(`used:${userId}`, used + size);
  //    ^^^ race-condition/lost-update high "a change made in between is lost"
}

// No fix: only one of the ways waits.
export async function addKnown(userId: string, file: string, known: number | undefined) {
  const used = cache.get<number>(`used:${userId}`) ?? 0;
  //                 ^^^ related "Read here."
  cache.set(`used:${userId}`, used + (known ?? (await sizeOf(file))));
  //    ^^^ race-condition/lost-update high "a change made in between is lost"
}

export async function addUploadAtOnce(userId: string, file: string) {
  const size = await sizeOf(file);
  const used = cache.get<number>(`used:${userId}`) ?? 0;
  cache.set(`used:${userId}`, used + size); // ok race-condition/lost-update: nothing runs between the two
}

export function countView(page: string) {
  const views = cache.get<number>(`views:${page}`) ?? 0;
  cache.set(`views:${page}`, views + 1); // ok race-condition/lost-update: nothing runs between the two
  return views + 1;
}

export async function visit(page: string) {
  const shown = cache.get<{ pages: string[] }>('shown') ?? { pages: [] };
  shown.pages.push(page);
  await sizeOf(page);
  cache.set('shown', shown); // ok race-condition/lost-update: the list may be the one that is stored
}

export async function keepSize(file: string) {
  const known = cache.get<number>(`size:${file}`);
  const size = known ?? (await sizeOf(file));
  cache.set(`size:${file}`, size); // ok race-condition/lost-update: the value or a fresh one, nothing computed from it
  return size;
}
