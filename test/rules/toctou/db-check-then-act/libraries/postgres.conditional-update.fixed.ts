// Idiom of github.com/porsager/postgres: rows taken apart where they arrive, inserts from objects.
import postgres from 'postgres';

const sql = postgres();

export async function redeem(code: string, userId: string) {
  const [voucher] = await sql`select id, status from vouchers where code = ${code}`;
  //                      ^^^ related "Checked here."
  if (voucher?.status !== 'open') throw new Error('The voucher is used up.');
  const updated = await sql`update vouchers set status = 'redeemed', redeemed_by = ${userId} where id = ${voucher.id} AND status = 'open' RETURNING status`;
  if (updated.length === 0) throw new Error('The voucher is used up.');
  //    ^^^ toctou/db-check-then-act medium "'status' of 'vouchers'"
}

export async function join(roomId: string, userId: string) {
  await sql.begin(async (tx) => {
    const [{ count }] = await tx`select count(*)::int as count from members where room_id = ${roomId}`;
    //                        ^^ related "Checked here."
    if (count >= 10) throw new Error('The room is full.');
    await tx`insert into members (room_id, user_id) values (${roomId}, ${userId})`;
    //    ^^ toctou/db-check-then-act medium "together exceed the limit"
  });
}

export async function joinOneByOne(roomId: string, userId: string) {
  await sql.begin(async (tx) => {
    await tx`select id from rooms where id = ${roomId} for update`;
    const [{ count }] = await tx`select count(*)::int as count from members where room_id = ${roomId}`;
    if (count >= 10) throw new Error('The room is full.');
    await tx`insert into members (room_id, user_id) values (${roomId}, ${userId})`; // ok toctou/db-check-then-act: the room's row is locked
  });
}

export async function redeemOnce(code: string, userId: string) {
  const [voucher] = await sql`
    update vouchers set status = 'redeemed', redeemed_by = ${userId} where code = ${code} and status = 'open' returning id
  `; // ok toctou/db-check-then-act: checked by the statement that writes
  if (!voucher) throw new Error('The voucher is used up.');
}

export async function subscribe(email: string) {
  const [known] = await sql`select 1 from subscribers where email = ${email}`;
  if (known) return;
  await sql`insert into subscribers (email) values (${email}) on conflict (email) do nothing`; // ok toctou/db-check-then-act: a second one does nothing
}
