// Idiom of github.com/vendure-ecommerce/vendure: relations are loaded in one query each, so that no join multiplies rows.
import { type FindOptionsRelations, In, type Repository } from 'typeorm';

interface Product {
  id: string;
  variants?: object[];
  assets?: object[];
}

// The rows are the same each time: the element says only what is loaded along with them.
export async function withRelations(products: Repository<Product>, ids: string[], relations: FindOptionsRelations<Product>[]) {
  const parts = await Promise.all(
    relations.map((paths) => products.find({ where: { id: In(ids) }, relations: paths })),
    //                                ^^^^ n-plus-one/query-in-loop low "once per element of 'relations'"
  );
  return parts.flat();
}

export async function onePerId(products: Repository<Product>, ids: string[]) {
  return Promise.all(ids.map((id) => products.findOne({ where: { id }, relations: { variants: true, assets: true } })));
  //                                          ^^^^^^^ n-plus-one/query-in-loop medium "once per element of 'ids'"
}

export async function ownRelations(products: Repository<Product>, wanted: { id: string; relations: FindOptionsRelations<Product> }[]) {
  return Promise.all(wanted.map(({ id, relations }) => products.findOne({ where: { id }, relations })));
  //                                                            ^^^^^^^ n-plus-one/query-in-loop medium "once per element of 'wanted'"
}

export async function inPages(products: Repository<Product>, ids: string[]) {
  return products.find({ where: { id: In(ids) }, relations: { variants: true, assets: true } }); // ok n-plus-one/query-in-loop: one query for all
}
