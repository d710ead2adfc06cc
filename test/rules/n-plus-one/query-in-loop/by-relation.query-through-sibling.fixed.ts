// Idiom of github.com/vendure-ecommerce/vendure: rows by the relation that they belong to.
import { Column, Entity, ManyToOne, PrimaryGeneratedColumn, type Repository, In } from 'typeorm';

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
    const resultsByAsset = await this.findUsagesForAll(assets);
    for (const asset of assets) {
      const { products, albums } = resultsByAsset.get(asset)!;
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

  /** Like `findUsages`, for many at once. */
  private async findUsagesForAll(assets: Asset[]): Promise<Map<Asset, { products: Product[]; albums: Album[] }>> {
    const pictureIds = assets.map((asset) => asset.id);
    const productRows = await this.products.find({ where: { pictureId: In(pictureIds) } });
    const productsByPictureId = new Map<(typeof productRows)[number]['pictureId'], typeof productRows>();
    for (const product of productRows) {
      const same = productsByPictureId.get(product.pictureId);
      if (same === undefined) productsByPictureId.set(product.pictureId, [product]);
      else same.push(product);
    }
    const albumRows = await this.albums.find({
      where: { cover: { id: In(pictureIds) } },
      order: { title: 'ASC' },
      relations: { cover: true },
    });
    const albumsByCoverId = new Map<(typeof albumRows)[number]['cover']['id'], typeof albumRows>();
    for (const album of albumRows) {
      const same = albumsByCoverId.get(album.cover.id);
      if (same === undefined) albumsByCoverId.set(album.cover.id, [album]);
      else same.push(album);
    }
    return new Map<Asset, { products: Product[]; albums: Album[] }>(assets.map((asset) => {
      const products = productsByPictureId.get(asset.id) ?? [];
      const albums = albumsByCoverId.get(asset.id) ?? [];
      return [asset, { products, albums }];
    }));
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
