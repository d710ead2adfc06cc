// Idiom of github.com/vendure-ecommerce/vendure: an index beside the tables, written after them.
import { Client } from '@elastic/elasticsearch';
import { Column, Entity, PrimaryGeneratedColumn, type Repository } from 'typeorm';

@Entity()
export class Product {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() name!: string;
  @Column() indexed!: boolean;
}

const client = new Client({ node: 'http://search:9200' });

export class ProductService {
  constructor(private readonly products: Repository<Product>) {}

  async create(name: string) {
    const product = await this.products.save({ name, indexed: false });
    //                                  ^^^^ related "Written to 'Product' here."
    await client.index({ index: 'products', id: product.id, document: { name } });
    //           ^^^^^ double-write/dual-write medium "if it fails the caller gets an error"
    return product;
  }

  async remove(id: string) {
    await this.products.delete({ id });
    //                  ^^^^^^ related "Written to 'Product' here."
    client.delete({ index: 'products', id }).catch(console.error);
    //     ^^^^^^ double-write/dual-write high "if it fails nobody learns of it"
  }

  async rename(id: string, name: string) {
    await this.products.update({ id }, { name, indexed: false });
    await client.update({ index: 'products', id, doc: { name } }); // ok double-write/dual-write: the row says that it is pending until the next line
    await this.products.update({ id }, { indexed: true });
  }

  async createOrUndo(name: string) {
    const product = await this.products.save({ name, indexed: true });
    try {
      await client.index({ index: 'products', id: product.id, document: { name } }); // ok double-write/dual-write: the catch takes the row away again
    } catch (error) {
      await this.products.delete({ id: product.id });
      throw error;
    }
  }

  async touch(id: string) {
    await this.products.update({ id }, { indexed: true });
    return client.search({ index: 'products', query: { term: { id } } }); // ok double-write/dual-write: it only asks
  }
}
