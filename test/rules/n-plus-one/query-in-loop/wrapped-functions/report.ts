// Idiom of github.com/formbricks/formbricks: readers behind React's cache and the project's own wrappers.
import findTeam, { countOrders, enqueue, getUser, handle, readers, touch } from './readers.ts';

interface Row {
  id: string;
  userId: string;
}

export async function authors(posts: Row[]) {
  const found = [];
  for (const post of posts) found.push(await getUser(post.userId));
//                                           ^^^^^^^ n-plus-one/query-in-loop medium "queries 'users'"
  return found;
}

export async function teams(ids: string[]) {
  return Promise.all(ids.map((id) => findTeam(id)));
//                                   ^^^^^^^^ n-plus-one/query-in-loop medium "queries 'teams'"
}

export async function orders(posts: Row[]) {
  const counts: number[] = [];
  for (const post of posts) {
    counts.push(await countOrders(post.userId));
//                    ^^^^^^^^^^^ n-plus-one/query-in-loop medium "queries 'orders'"
  }
  return counts;
}

export async function byName(ids: string[]) {
  return Promise.all(ids.map(getUser));
//                       ^^^ n-plus-one/query-in-loop medium "queries 'users'"
}

export async function invoices(ids: string[]) {
  for (const id of ids) await readers.invoice(id);
//                                    ^^^^^^^ n-plus-one/query-in-loop medium "queries 'invoices'"
}

export async function events(ids: string[]) {
  for (const id of ids) await handle(id);
//                            ^^^^^^ n-plus-one/query-in-loop medium "queries 'events'"
}

export async function sameForAll(posts: Row[], viewer: string) {
  for (const post of posts) {
    const user = await getUser(viewer); // ok n-plus-one/query-in-loop: answered once, then from the cache
    console.info(post.id, user);
  }
}

export async function touchAll(ids: string[]) {
  for (const id of ids) await touch(id); // ok n-plus-one/query-in-loop: only the last of them runs
}

export async function enqueueAll(ids: string[]) {
  for (const id of ids) await enqueue(id); // ok n-plus-one/query-in-loop: the worker runs on its own
}
