// Idiom of github.com/vendure-ecommerce/vendure: lines of orders, moved entities by the resource that they go to.
import { Column, Entity, In, PrimaryGeneratedColumn, type Repository } from 'typeorm';

@Entity()
class Product {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  name: string;

  @Column()
  listed: boolean;
}

interface Line {
  productId: number;
  quantity: number;
}
interface Order {
  id: number;
  lines: Line[];
}

export class PickList {
  constructor(private readonly products: Repository<Product>) {}

  async names(orders: Order[]) {
    const names: string[] = [];
    const productIds = orders.flatMap((order) => order.lines).map((line) => line.productId);
    const productRows = await this.products.findBy({ id: In(productIds) });
    const productsById = new Map(productRows.map((productRow) => [productRow.id, productRow]));
    for (const order of orders) {
      for (const line of order.lines) {
        const product = productsById.get(line.productId) ?? null;
        //                                  ^^^^^^^^^ n-plus-one/query-in-loop medium "queries 'Product' once per element of 'order.lines'"
        names.push(`${order.id}: ${line.quantity} x ${product?.name}`);
      }
    }
    return names;
  }

  async unlisted(linesByRegion: Record<string, Line[]>) {
    const unlisted = new Map<string, number>();
    for (const [region, lines] of Object.entries(linesByRegion)) {
      if (lines.length === 0) continue;
      for (const line of lines) {
        const product = await this.products.findOneBy({ id: line.productId });
        //                                  ^^^^^^^^^ n-plus-one/query-in-loop low "queries 'Product' once per element of 'lines'"
        if (product?.listed === false) unlisted.set(region, line.quantity);
      }
    }
    return unlisted;
  }

  async byPages(ids: number[]) {
    const found: Product[] = [];
    for (let from = 0; from < ids.length; from += 100) {
      found.push(...(await this.products.findBy({ id: In(ids.slice(from, from + 100)) }))); // ok n-plus-one/query-in-loop: a hundred at a time
    }
    return found;
  }
}
