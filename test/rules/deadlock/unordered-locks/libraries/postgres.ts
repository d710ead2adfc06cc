// Idiom of github.com/porsager/postgres: a transaction by callback, one statement after another.
import postgres from 'postgres';

const sql = postgres();

export async function transfer(from: string, to: string, amount: number) {
  await sql.begin(async (tx) => {
    await tx`update accounts set balance = balance - ${amount} where id = ${from}`;
    //    ^^ related "The first row is locked here."
    await tx`update accounts set balance = balance + ${amount} where id = ${to}`;
    //    ^^ deadlock/unordered-locks high "'from' of 'accounts'"
  });
}

export async function reorder(ids: string[]) {
  await sql.begin(async (tx) => {
    for (const [position, id] of ids.entries()) {
  //^^^ related "The order comes from here."
  //^^^ related "Repeated for each element of 'ids.entries()'."
      await tx`update tasks set position = ${position} where id = ${id}`;
      //    ^^ deadlock/unordered-locks medium "in whatever order they come"
      //    ^^ n-plus-one/query-in-loop low "once per element"
    }
  });
}

export async function transferLocked(from: string, to: string, amount: number) {
  await sql.begin(async (tx) => {
    await tx`select id from accounts where id in ${tx([from, to])} order by id for update`;
    await tx`update accounts set balance = balance - ${amount} where id = ${from}`;
    await tx`update accounts set balance = balance + ${amount} where id = ${to}`; // ok deadlock/unordered-locks: both are locked in one order before
  });
}

export async function reorderSorted(tasks: { id: string; position: number }[]) {
  await sql.begin(async (tx) => {
    for (const { id, position } of tasks.toSorted((a, b) => a.id.localeCompare(b.id))) {
  //^^^ related "Repeated for each element of the list."
      await tx`update tasks set position = ${position} where id = ${id}`; // ok deadlock/unordered-locks: everyone goes up
      //    ^^ n-plus-one/query-in-loop low "once per element"
    }
  });
}

export async function touch(ids: string[]) {
  await Promise.all(ids.map((id) => sql`update tasks set touched = true where id = ${id}`)); // ok deadlock/unordered-locks: no transaction
  //                                ^^^ n-plus-one/query-in-loop low "once per element"
  //                    ^^^ related "Repeated for each element of 'ids'."
}
