// Idiom of github.com/vendure-ecommerce/vendure
import { Pool } from 'pg';

const pool = new Pool();

async function stockOf(variantId: string): Promise<number> {
  const { rows } = await pool.query('SELECT on_hand FROM stock WHERE variant_id = $1', [variantId]);
  return rows[0]?.on_hand ?? 0;
}

// The lines of one purchase are few.
export async function missingOf(orderId: string): Promise<string[]> {
  const { rows: lines } = await pool.query('SELECT * FROM order_lines WHERE order_id = $1', [orderId]);
  const missing: string[] = [];
  for (const line of lines) {
    const onHand = await stockOf(line.variant_id);
    //                   ^^^^^^^ n-plus-one/query-in-loop low "once per element of 'lines'"
    if (onHand < line.quantity) missing.push(line.variant_id);
  }
  return missing;
}

export async function dropShipping(orderId: string): Promise<void> {
  const { rows: shippingLines } = await pool.query('SELECT id FROM shipping_lines WHERE order_id = $1', [orderId]);
  await pool.query('DELETE FROM shipping_taxes WHERE line_id = ANY($1)', [Array.from(shippingLines, (line) => line.id)]);
}

// Those of many purchases are not.
export async function outOfStock(orderIds: string[]): Promise<string[]> {
  const missing: string[] = [];
  for (const id of orderIds) {
    const { rows: lines } = await pool.query('SELECT * FROM order_lines WHERE order_id = $1', [id]);
    //                                 ^^^^^ n-plus-one/query-in-loop medium "once per element of 'orderIds'"
    for (const line of lines) {
      const { rows } = await pool.query('SELECT on_hand FROM stock WHERE variant_id = $1', [line.variant_id]);
      //                          ^^^^^ n-plus-one/query-in-loop high "once per element of 'lines'"
      if ((rows[0]?.on_hand ?? 0) < line.quantity) missing.push(line.variant_id);
    }
  }
  return missing;
}

// One row that is the same for all of them is asked for once too often with the second.
export async function allocate(orderId: string): Promise<number> {
  const { rows: lines } = await pool.query('SELECT * FROM order_lines WHERE order_id = $1', [orderId]);
  let allocated = 0;
  for (const line of lines) {
    const { rows } = await pool.query('SELECT track_inventory FROM settings WHERE id = 1');
    //                          ^^^^^ n-plus-one/query-in-loop high "'settings'"
    if (rows[0].track_inventory) allocated += line.quantity;
  }
  return allocated;
}

// Three statements a line add up.
export async function history(orderId: string): Promise<unknown[]> {
  const { rows: lines } = await pool.query('SELECT * FROM order_lines WHERE order_id = $1', [orderId]);
  const seen: unknown[] = [];
  for (const line of lines) {
    const sales = await pool.query('SELECT * FROM sales WHERE variant_id = $1', [line.variant_id]);
    //                       ^^^^^ n-plus-one/query-in-loop high "once per element of 'lines'"
    const returned = await pool.query('SELECT * FROM returns WHERE variant_id = $1', [line.variant_id]);
    const prices = await pool.query('SELECT * FROM prices WHERE variant_id = $1', [line.variant_id]);
    seen.push(sales.rows, returned.rows, prices.rows);
  }
  return seen;
}
