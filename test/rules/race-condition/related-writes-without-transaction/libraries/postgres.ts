// Idiom of github.com/porsager/postgres: statements on the client, or on the transaction's tag.
import postgres from 'postgres';

const sql = postgres();

export async function transfer(from: string, to: string, amount: number) {
  await sql`update accounts set balance = balance - ${amount} where id = ${from}`;
  //    ^^^ related "Written before."
  await sql`update accounts set balance = balance + ${amount} where id = ${to}`;
  //    ^^^ race-condition/related-writes-without-transaction high "without a transaction; when it fails"
}

export async function setTags(postId: string, tags: { post_id: string; name: string }[]) {
  await sql`delete from post_tags where post_id = ${postId}`;
  await sql`insert into post_tags ${sql(tags, 'post_id', 'name')}`;
  //    ^^^ race-condition/related-writes-without-transaction medium "'sql' writes anew what 'sql' has deleted from 'post_tags', without a"
}

export async function transferAtOnce(from: string, to: string, amount: number) {
  await sql.begin(async (tx) => {
    await tx`update accounts set balance = balance - ${amount} where id = ${from}`;
    //    ^^ related "The first row is locked here."
    await tx`update accounts set balance = balance + ${amount} where id = ${to}`; // ok race-condition/related-writes-without-transaction: both or none
    //    ^^ deadlock/unordered-locks high "'from' of 'accounts'"
  });
}

export async function rename(id: string, name: string, note: string) {
  await sql`update accounts set name = ${name} where id = ${id}`;
  await sql`insert into audit_log (account_id, note) values (${id}, ${note})`; // ok race-condition/related-writes-without-transaction: a log that nobody misses
}

export async function move(from: string, to: string, amount: number) {
  // ok race-condition/related-writes-without-transaction: one statement
  await sql`
    update accounts set balance = balance + case id when ${from} then ${-amount} else ${amount} end
    where id in ${sql([from, to])}
  `;
}
