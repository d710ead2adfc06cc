// Idiom of github.com/requarks/wiki: static queries of models, relations by name.
import { Model } from 'objection';

class Tag extends Model {
  static override tableName = 'tags';
  id!: number;
  tag!: string;
}
class Page extends Model {
  static override tableName = 'pages';
  id!: number;
  authorId!: number;
}
class User extends Model {
  static override tableName = 'users';
  id!: number;
  name!: string;
}

export async function authors(pages: Page[]) {
  const names = [];
  const userIds = pages.map((page) => page.authorId);
  const users = await User.query().findByIds(userIds);
  const usersById = new Map(users.map((userRow) => [String(userRow.id), userRow]));
  for (const page of pages) {
//^^^ related "Repeated for each element of 'pages'."
    const user = usersById.get(String(page.authorId));
    //                              ^^^^^^^^ n-plus-one/query-in-loop medium "once per element"
    names.push(user?.name);
  }
  return names;
}

export async function associateTags(tags: string[]) {
  for (const tag of tags) {
//^^^ related "Repeated for each element of 'tags'."
    await Tag.query().insert({ tag });
    //                ^^^^^^ n-plus-one/query-in-loop low "once per element"
  }
}

export async function authorsAtOnce(pages: Page[]) {
  return User.query().whereIn('id', pages.map(({ authorId }) => authorId)); // ok n-plus-one/query-in-loop: one query for all
}

export async function associateAtOnce(tags: string[]) {
  await Tag.query().insert(tags.map((tag) => ({ tag }))); // ok n-plus-one/query-in-loop: one statement for all rows
}

export async function pagesWithTags() {
  return Page.query().withGraphFetched('tags'); // ok n-plus-one/query-in-loop: two queries, however many pages
}
