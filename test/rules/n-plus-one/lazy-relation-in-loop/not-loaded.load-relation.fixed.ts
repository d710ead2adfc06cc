// Idiom of github.com/vendure-ecommerce/vendure: relations named where rows are found.
import {
  Column,
  Entity,
  type FindManyOptions,
  ManyToOne,
  PrimaryGeneratedColumn,
  type Relation,
  type Repository,
} from 'typeorm';

@Entity()
export class Buyer {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() name!: string;
}

@Entity()
export class Purchase {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() buyerId!: string;
  @ManyToOne(() => Buyer) buyer!: Relation<Buyer>;
}

export async function buyerNames(purchases: Repository<Purchase>) {
  const found = await purchases.find({ relations: { buyer: true } });
  const names: string[] = [];
  for (const purchase of found) {
    names.push(purchase.buyer.name);
    //                  ^^^^^ n-plus-one/lazy-relation-in-loop medium "'buyer' is not loaded: 'find' did not ask for that relation of 'Purchase'"
  }
  return names;
}

export async function loaded(purchases: Repository<Purchase>) {
  const found = await purchases.find({ relations: { buyer: true } });
  return found.map((purchase) => purchase.buyer.name); // ok n-plus-one/lazy-relation-in-loop: loaded by the query
}

export async function optional(purchases: Repository<Purchase>) {
  const found = await purchases.find();
  return found.map((purchase) => purchase.buyer?.name ?? 'unknown'); // ok n-plus-one/lazy-relation-in-loop: written for a buyer that may be missing
}

export async function filledIn(purchases: Repository<Purchase>, buyers: Map<string, Buyer>) {
  const found = await purchases.find();
  for (const purchase of found) {
    const buyer = buyers.get(purchase.buyerId);
    if (buyer === undefined) continue;
    purchase.buyer = buyer;
    console.log(purchase.buyer.name); // ok n-plus-one/lazy-relation-in-loop: set two lines above
  }
}

declare function hydrate(rows: Purchase[], relations: string[]): Promise<void>;

export async function hydrated(purchases: Repository<Purchase>) {
  const found = await purchases.find();
  await hydrate(found, ['buyer']);
  return found.map((purchase) => purchase.buyer.name); // ok n-plus-one/lazy-relation-in-loop: the rows were handed to a loader
}

export async function asAsked(purchases: Repository<Purchase>, options: FindManyOptions<Purchase>) {
  const found = await purchases.find(options);
  return found.map((purchase) => purchase.buyer.name); // ok n-plus-one/lazy-relation-in-loop: the caller says what to load
}
