// Idiom of github.com/porsager/postgres: statements as template literals, rows as the result itself.
import postgres from 'postgres';

const sql = postgres();

export async function restock(productId: string, received: number) {
  const [product] = await sql`select stock from products where id = ${productId}`;
  //                      ^^^ related "Read here."
  if (product === undefined) throw new Error('There is no such product.');
  await sql`update products set stock = ${product.stock + received} where id = ${productId}`;
  //    ^^^ race-condition/lost-update high "'stock' of 'products'"
}

export async function reserve(productId: string, quantity: number) {
  const [product] = await sql<{ stock: number }[]>`select stock from products where id = ${productId}`;
  //                      ^^^ related "Read here."
  if (product === undefined || product.stock < quantity) throw new Error('Not enough in stock.');
  await sql`update products set stock = ${product.stock - quantity} where id = ${productId}`;
  //    ^^^ race-condition/lost-update high "'stock' of 'products'"
}

export async function reprice(productId: string, factor: number) {
  await sql.begin(async (tx) => {
    const [product] = await tx`select price from products where id = ${productId} FOR UPDATE`;
    //                      ^^ related "Read here."
    if (product === undefined) return;
    await tx`update products set price = ${Math.round(product.price * factor)} where id = ${productId}`;
    //    ^^ race-condition/lost-update medium "'price' of 'products'"
  });
}

export async function repriceLocked(productId: string, factor: number) {
  await sql.begin(async (tx) => {
    const [product] = await tx`select price from products where id = ${productId} for update`;
    if (product === undefined) return;
    // ok race-condition/lost-update: the row is locked by its read
    await tx`update products set price = ${Math.round(product.price * factor)} where id = ${productId}`;
  });
}

export async function repriceIsolated(productId: string, factor: number) {
  await sql.begin('isolation level serializable', async (tx) => {
  //        ^^^^^ deadlock/no-victim-retry high "The transaction is SERIALIZABLE, where the database aborts one"
    const [product] = await tx`select price from products where id = ${productId}`;
    if (product === undefined) return;
    // ok race-condition/lost-update: one of two such transactions fails
    await tx`update products set price = ${Math.round(product.price * factor)} where id = ${productId}`;
    //    ^^ related "This is lost."
  });
}

export async function restockAtOnce(productId: string, received: number) {
  // ok race-condition/lost-update: the database adds
  const [product] = await sql`update products set stock = stock + ${received} where id = ${productId} returning stock`;
  return product?.stock;
}

export async function repriceUnchanged(productId: string, factor: number) {
  const [product] = await sql`select price from products where id = ${productId}`;
  if (product === undefined) return;
  // ok race-condition/lost-update: written only while the price is the one that was read
  const changed = await sql`
    update products set price = ${Math.round(product.price * factor)} where id = ${productId} and price = ${product.price}
  `;
  if (changed.count === 0) throw new Error('The price has changed meanwhile.');
}
