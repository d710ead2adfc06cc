// Idiom of github.com/Automattic/mongoose: `connection.transaction` runs its callback again after a write conflict.
import type { Connection, Model } from 'mongoose';

interface Order {
  status: string;
}
interface Stock {
  left: number;
}

export async function ship(connection: Connection, orders: Model<Order>, stocks: Model<Stock>, id: string) {
  // ok deadlock/no-victim-retry: the driver repeats it
  await connection.transaction(async (session) => {
    await orders.updateOne({ _id: id }, { $set: { status: 'shipped' } }, { session });
    await stocks.updateMany({ orderId: id }, { $inc: { left: -1 } }, { session });
  });
}

export async function look(connection: Connection, orders: Model<Order>, id: string) {
  // ok deadlock/no-victim-retry: it only reads
  return connection.transaction(async (session) => orders.findById(id).session(session));
}

export async function cancel(orders: Model<Order>, stocks: Model<Stock>, id: string) {
  await orders.updateOne({ _id: id }, { $set: { status: 'cancelled' } }); // ok deadlock/no-victim-retry: no transaction
  await stocks.updateMany({ orderId: id }, { $inc: { left: 1 } });
}
