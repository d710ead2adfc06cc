// Idiom of github.com/vendure-ecommerce/vendure
declare function Injectable(): ClassDecorator;
declare function Post(path: string): MethodDecorator;
declare function fetchAsset(url: string): Promise<{ id: number }>;

@Injectable()
export class AssetImporter {
  private readonly assets = new Map<string, { id: number }>();

  /** Somebody starts an import now and then; what is kept are the assets there are. */
  @Post('/import')
  async asset(url: string): Promise<{ id: number }> {
    const known = this.assets.get(url);
    if (known !== undefined) return known;
    const asset = await fetchAsset(url);
    this.assets.set(url, asset);
    //          ^^^ memory-leak/unbounded-cache low
    //          ^^^ race-condition/stale-write-after-await low
    return asset;
  }
}

@Injectable()
export class Previews {
  private readonly known = new Map<string, { id: number }>();

  @Post('/preview')
  async preview(url: string): Promise<{ id: number }> {
    const known = this.known.get(url);
    if (known !== undefined) return known;
    const asset = await fetchAsset(url);
    this.known.set(url, asset);
    //         ^^^ memory-leak/unbounded-cache high
    //         ^^^ race-condition/stale-write-after-await low
    return asset;
  }
}
