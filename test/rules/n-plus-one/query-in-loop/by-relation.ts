// Idiom of github.com/vendure-ecommerce/vendure: rows by the relation that they belong to.
import { Column, Entity, ManyToOne, PrimaryGeneratedColumn, type Repository } from 'typeorm';

@Entity()
export class Asset {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  name: string;
}

@Entity()
export class Product {
  @PrimaryGeneratedColumn()
  id: number;

  @ManyToOne(() => Asset)
  picture: Asset;

  @Column()
  pictureId: number;
}

@Entity()
export class Album {
  @PrimaryGeneratedColumn()
  id: number;

  @ManyToOne(() => Asset)
  cover: Asset;

  @Column()
  title: string;
}

export class AssetService {
  constructor(
    private readonly products: Repository<Product>,
    private readonly albums: Repository<Album>,
  ) {}

  async usages(assets: Asset[]) {
    let used = 0;
    for (const asset of assets) {
      const { products, albums } = await this.findUsages(asset);
      //                                      ^^^^^^^^^^ n-plus-one/query-in-loop medium "'findUsages' (through 'find') queries"
      used += products.length + albums.length;
    }
    return used;
  }

  private async findUsages(asset: Asset): Promise<{ products: Product[]; albums: Album[] }> {
    const products = await this.products.find({ where: { picture: { id: asset.id } } });
    const albums = await this.albums.find({
      where: { cover: { id: asset.id } },
      order: { title: 'ASC' },
    });
    return { products, albums };
  }

  async titles(assets: Asset[]) {
    const titles: string[] = [];
    for (const asset of assets) {
      const albums = await this.albums.find({ where: { cover: { name: asset.name } } });
      //                               ^^^^ n-plus-one/query-in-loop medium "'find' queries 'Album'"
      titles.push(...albums.map(({ title }) => title));
    }
    return titles;
  }
}
