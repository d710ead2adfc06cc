import type { OfferStore, ProductStore } from './store.ts';

export class StockService {
  constructor(
    private readonly products: ProductStore,
    private readonly offers: OfferStore,
  ) {}

  async take(id: string) {
    const product = await this.products.findById(id);
    //                                  ^^^^^^^^ related "Read here."
    await this.products.setStock(id, product.stock - 1);
    //                  ^^^^^^^^ race-condition/lost-update high "'stock' of 'products' is read by 'findById' (through 'query')"
  }

  async offer(id: string) {
    const product = await this.products.findById(id);
    // ok race-condition/lost-update: another table
    await this.offers.setStock(id, product.stock - 1);
  }
}

export async function takeOffer(offers: OfferStore, id: string) {
  const offer = await offers.findById(id);
  //                         ^^^^^^^^ related "Read here."
  await offers.setStock(id, offer.stock - 1);
  //           ^^^^^^^^ race-condition/lost-update high "'stock' of 'offers'"
}

export async function show(products: ProductStore, ids: string[]) {
  const shown = [];
  for (const id of ids.slice(0, 3)) {
    // ok n-plus-one/query-in-loop: at most three
    shown.push(await products.findById(id));
  }
  return shown;
}
