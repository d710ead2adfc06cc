// Idiom of github.com/mongodb-developer/nodejs-quickstart: where the client of the collections is known, and where not.
import { type Collection, MongoClient, type ObjectId } from 'mongodb';

interface Cart {
  userId: string;
}
interface CartItem {
  cartId: ObjectId;
  sku: string;
}

const client = new MongoClient('mongodb://localhost');
const carts: Collection<Cart> = client.db().collection<Cart>('carts');
const items: Collection<CartItem> = client.db().collection<CartItem>('cart_items');

export async function fill(cartId: ObjectId, skus: string[]) {
  await client.withSession((session) => session.withTransaction(async () => {
    await items.deleteMany({ cartId }, { session });
    await items.insertMany(skus.map((sku) => ({ cartId, sku })), { ordered: false, session });
  }));
  //          ^^^^^^^^^^ race-condition/related-writes-without-transaction
}

// What the callback gives is lost before version 6 of the driver: no fix.
export async function create(userId: string, sku: string) {
  const { insertedId } = await carts.insertOne({ userId });
  await items.insertOne({ cartId: insertedId, sku });
  //          ^^^^^^^^^ race-condition/related-writes-without-transaction
  return insertedId;
}

// Something that waits and is no query comes between: no fix.
export async function refill(cartId: ObjectId, listUrl: string) {
  await items.deleteMany({ cartId });
  const skus: string[] = await (await fetch(listUrl)).json();
  await items.insertMany(skus.map((sku) => ({ cartId, sku })));
  //          ^^^^^^^^^^ race-condition/related-writes-without-transaction
}

// Two clients: whose the collection is cannot be told, so no fix.
export class Mirror {
  constructor(
    private readonly source: MongoClient,
    private readonly target: MongoClient,
    private readonly lines: Collection<CartItem>,
  ) {}

  async copy(cartId: ObjectId, skus: string[]) {
    await this.lines.deleteMany({ cartId });
    await this.lines.insertMany(skus.map((sku) => ({ cartId, sku })));
    //               ^^^^^^^^^^ race-condition/related-writes-without-transaction
  }

  async close() {
    await Promise.all([this.source, this.target].map((one) => one.db().collection('carts').countDocuments()));
  }
}
