// Idiom of github.com/porsager/postgres: the client pipelines what is sent at once; a transaction still has one connection.
import postgres from 'postgres';

const sql = postgres();

export async function book(from: string, to: string, amount: number) {
  await sql.begin(async (tx) => {
  //        ^^^^^ related "The transaction begins here."
    await tx`insert into entries (account_id, amount) values (${from}, ${-amount})`;
    await tx`insert into entries (account_id, amount) values (${to}, ${amount})`;
  });
}

export async function bookAtOnce(from: string, to: string, amount: number) {
  const rows = [
    { account_id: from, amount: -amount },
    { account_id: to, amount },
  ];
  await sql.begin(async (tx) => {
    await tx`insert into entries ${tx(rows)}`; // ok race-condition/promise-all-in-transaction: one statement
  });
}

export async function bookApart(from: string, to: string, amount: number) {
  // ok race-condition/promise-all-in-transaction: no transaction
  await Promise.all([
    sql`insert into entries (account_id, amount) values (${from}, ${-amount})`,
    sql`insert into entries (account_id, amount) values (${to}, ${amount})`,
  ]);
}

export async function bookEach(amounts: Record<string, number>) {
  // ok race-condition/promise-all-in-transaction: a transaction of its own for each
  await Promise.all(
    Object.entries(amounts).map(([id, amount]) =>
    //                      ^^^ related "Repeated for each element of 'Object.entries(amoun"
      sql.begin((tx) => tx`insert into entries (account_id, amount) values (${id}, ${amount})`),
      //                ^^ n-plus-one/query-in-loop low "once per element"
    ),
  );
}
