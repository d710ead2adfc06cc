// Idiom of github.com/documenso/documenso: delegates of a Prisma client.
interface Post {
  id: string;
  authorId: string;
}
interface Delegate<Row> {
  findUnique(options: { where: { id: string } }): Promise<Row | null>;
  findUniqueOrThrow(options: { where: { id: string } }): Promise<Row>;
  findFirst(options: { where: object }): Promise<Row | null>;
  findMany(options: { where: object; orderBy?: object }): Promise<Row[]>;
  count(options: { where: object }): Promise<number>;
  groupBy(options: { by: string[]; where: object; _count: object }): Promise<(Row & { _count: { _all: number } })[]>;
  createMany(options: { data: object[] }): Promise<{ count: number }>;
  create(options: { data: object }): Promise<Row>;
}
declare const prisma: {
  user: Delegate<{ id: string; name: string }>;
  comment: Delegate<{ id: string; postId: string }>;
  view: Delegate<{ id: string; postId: string }>;
};

export async function authors(posts: Post[]) {
  return Promise.all(posts.map((post) => prisma.user.findUnique({ where: { id: post.authorId } }))); // ok n-plus-one/query-in-loop: Prisma merges them, they start in one tick
}

export async function authorsOneByOne(posts: Post[]) {
  const found = [];
  for (const post of posts) {
    found.push(await prisma.user.findUnique({ where: { id: post.authorId } }));
    //                           ^^^^^^^^^^ n-plus-one/query-in-loop medium "'findUnique' queries 'user' once per element of 'posts'"
  }
  return found;
}

export async function existingAuthors(posts: Post[]) {
  return Promise.all(posts.map((post) => prisma.user.findUniqueOrThrow({ where: { id: post.authorId } }))); // ok n-plus-one/query-in-loop: merged like findUnique
}

export async function withCounts(posts: Post[]) {
  return Promise.all(
    posts.map(async (post) => ({
      ...post,
      comments: await prisma.comment.count({ where: { postId: post.id } }),
      //                             ^^^^^ n-plus-one/query-in-loop medium "'count' queries 'comment' once per element of 'posts'"
    })),
  );
}

export async function withComments(posts: Post[]) {
  const result: { post: Post; comments: { id: string }[] }[] = [];
  const postIds = posts.map((post) => post.id);
  const commentRows = await prisma.comment.findMany({
    //                                  ^^^^^^^^ n-plus-one/query-in-loop medium "'findMany' queries 'comment'"
    where: { postId: { in: postIds } },
    orderBy: { id: 'asc' },
  });
  const commentsByPostId = new Map<unknown, typeof commentRows>();
  for (const comment of commentRows) {
    const same = commentsByPostId.get(comment.postId);
    if (same === undefined) commentsByPostId.set(comment.postId, [comment]);
    else same.push(comment);
  }
  for (const post of posts) {
    const comments = commentsByPostId.get(post.id) ?? [];
    result.push({ post, comments });
  }
  return result;
}

export async function commentsOfAll(posts: Post[]) {
  return prisma.comment.findMany({ where: { postId: { in: posts.map((post) => post.id) } } }); // ok n-plus-one/query-in-loop: one query for all
}

export async function recordViews(posts: Post[]) {
  await Promise.all(posts.map((post) => prisma.view.create({ data: { postId: post.id } })));
  //                                                ^^^^^^ n-plus-one/query-in-loop low "'create' writes to 'view' once per element of 'posts'"
}
