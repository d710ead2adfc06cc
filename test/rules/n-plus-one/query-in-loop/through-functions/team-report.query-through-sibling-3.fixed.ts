// Idiom of github.com/hoppscotch/hoppscotch
import { countPosts, countPostsForAll, type UserStore } from './user-store.ts';

interface Member {
  userId: number;
  role: string;
}

export async function knownMembers(store: UserStore, members: Member[]) {
  return Promise.all(
    members.map(async (member) => {
      const user = await store.findUserById(member.userId);
//                             ^^^^^^^^^^^^ n-plus-one/query-in-loop medium "'findUserById' (through 'findOneBy') queries 'User' once per element"
      return user === null ? null : { ...member, name: user.name };
    }),
  );
}

export async function labels(store: UserStore, members: Member[], withBlocked: boolean) {
  const found: string[] = [];
  for (const member of members) {
    const user = await store.getUser(member.userId, withBlocked);
//                           ^^^^^^^ n-plus-one/query-in-loop medium "'getUser' (through 'findOneBy') queries 'User' once per element of"
    found.push(user.label);
  }
  return found;
}

export async function labelsOfMembers(store: UserStore, members: Member[]) {
  const found: string[] = [];
  for (const member of members) {
    // Guests may be gone: asking for all would throw for them, so that no fix is offered.
    if (member.role === 'guest') continue;
    const user = await store.getUser(member.userId);
//                           ^^^^^^^ n-plus-one/query-in-loop medium "'getUser' (through 'findOneBy') queries 'User' once per element of"
    found.push(user.label);
  }
  return found;
}

export async function lengths(store: UserStore, members: Member[]) {
  const found = new Map<number, number>();
  const userIds = members.map((member) => member.userId);
  const usersByUserId = await countPostsForAll(store, userIds);
  for (const member of members) {
    found.set(member.userId, usersByUserId.get(member.userId)!);
//                                 ^^^^^^^^^^ n-plus-one/query-in-loop medium "'countPosts' (through 'findOneBy') queries 'User' once per element of"
  }
  return found;
}

export async function lengthOfFirst(store: UserStore, members: Member[]) {
  const [first] = members;
  return first === undefined ? 0 : countPosts(store, first.userId); // ok n-plus-one/query-in-loop: one member, one query
}
