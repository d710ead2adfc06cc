// Idiom of github.com/porsager/postgres: lists as parameters, rows to insert as objects.
import postgres from 'postgres';

const sql = postgres();

interface Post {
  id: string;
  author_id: string;
}

export async function authorsOf(posts: Post[]) {
  const authors = [];
  const userIds = posts.map((post) => post.author_id);
  const users = userIds.length === 0 ? [] : await sql`select id, name from users where id in ${sql(userIds)}`;
  const usersById = new Map<string, (typeof users)[number][]>();
  for (const user of users) {
    const same = usersById.get(String(user.id));
    if (same === undefined) usersById.set(String(user.id), [user]);
    else same.push(user);
  }
  for (const post of posts) {
//^^^ related "Repeated for each element of 'posts'."
    const [author] = usersById.get(String(post.author_id)) ?? [];
    //                     ^^^ n-plus-one/query-in-loop medium "once per element"
    authors.push(author);
  }
  return authors;
}

export async function addTags(postId: string, tags: string[]) {
  await Promise.all(tags.map((tag) => sql`insert into tags (post_id, name) values (${postId}, ${tag})`));
  //                                  ^^^ n-plus-one/query-in-loop medium "once per element"
  //                     ^^^ related "Repeated for each element of 'tags'."
}

export async function authorsAtOnce(posts: Post[]) {
  const ids = posts.map((post) => post.author_id);
  return sql`select id, name from users where id in ${sql(ids)}`; // ok n-plus-one/query-in-loop: one query for all
}

export async function addTagsAtOnce(postId: string, tags: string[]) {
  const rows = tags.map((name) => ({ post_id: postId, name }));
  await sql`insert into tags ${sql(rows, 'post_id', 'name')}`; // ok n-plus-one/query-in-loop: one statement for all rows
}

export async function createIndexes() {
  for (const column of ['author_id', 'created_at'] as const) {
    await sql.unsafe(`create index on posts (${column})`); // ok n-plus-one/query-in-loop: two columns, whoever runs it
  }
}
