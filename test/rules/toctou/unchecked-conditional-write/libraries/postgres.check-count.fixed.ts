// Idiom of github.com/porsager/postgres: the result is the list of rows, with a count of its own.
import postgres, { type TransactionSql } from 'postgres';

const sql = postgres();

async function charge(tx: TransactionSql, accountId: string, amount: number) {
  const updated = await tx`update accounts set balance = balance - ${amount} where id = ${accountId} and balance >= ${amount}`;
  if (updated.count === 0) throw new Error('The row has changed in the meantime');
  //    ^^ toctou/unchecked-conditional-write high "nobody looks at whether it did"
  await tx`insert into charges (account_id, amount) values (${accountId}, ${amount})`;
  //    ^^ related "Happens whether the row was changed or not."
}

export async function pay(accountId: string, amount: number) {
  await sql.begin((tx) => charge(tx, accountId, amount));
}

export async function payCounted(accountId: string, amount: number) {
  await sql.begin(async (tx) => {
    // ok toctou/unchecked-conditional-write: the count is looked at
    const { count } = await tx`update accounts set balance = balance - ${amount} where id = ${accountId} and balance >= ${amount}`;
    if (count === 0) throw new Error('There is not enough.');
    await tx`insert into charges (account_id, amount) values (${accountId}, ${amount})`;
  });
}

export async function payReturned(accountId: string, amount: number) {
  await sql.begin(async (tx) => {
    // ok toctou/unchecked-conditional-write: the returned row is looked at
    const [account] = await tx`
      update accounts set balance = balance - ${amount} where id = ${accountId} and balance >= ${amount} returning id
    `;
    if (!account) throw new Error('There is not enough.');
    await tx`insert into charges (account_id, amount) values (${accountId}, ${amount})`;
  });
}

export async function expire(now: Date) {
  await sql`update vouchers set status = 'expired' where status = 'open' and valid_until < ${now}`; // ok toctou/unchecked-conditional-write: none may be due
}
