// Idiom of github.com/hoppscotch/hoppscotch
interface Collection {
  id: string;
  parentId: string;
  title: string;
}
interface Request {
  id: string;
  collectionId: string;
}
interface Folder {
  title: string;
  folders: Folder[];
  requests: Request[];
}
interface Client {
  collection: {
    findMany(options: { where: { parentId: string | null | { in: string[] } }; orderBy?: object }): Promise<Collection[]>;
    findFirst(options: { where: { id: string } }): Promise<Collection | null>;
  };
  request: { findMany(options: { where: { collectionId: string | { in: string[] } } }): Promise<Request[]> };
}

export class CollectionService {
  constructor(private readonly prisma: Client) {}

  async exportFolder(collectionId: string, title: string): Promise<Folder> {
    const found = await this.exportFolders([collectionId], title);
    return found.get(collectionId)!;
  }

  /** Like `exportFolder`, for many at once. */
  async exportFolders(collectionIds: string[], title: string): Promise<Map<string, Folder>> {
    if (collectionIds.length === 0) return new Map<string, Folder>();
    const collections = await this.prisma.collection.findMany({
      where: { parentId: { in: collectionIds } },
      orderBy: { id: 'asc' },
    });
    const collectionsByParentId = new Map<unknown, typeof collections>();
    for (const collection of collections) {
      const same = collectionsByParentId.get(collection.parentId);
      if (same === undefined) collectionsByParentId.set(collection.parentId, [collection]);
      else same.push(collection);
    }
    const below = await this.exportFolders(collections.map((child) => child.id), title);
    const requestRows = await this.prisma.request.findMany({ where: { collectionId: { in: collectionIds } } });
    const requestsByCollectionId = new Map<unknown, typeof requestRows>();
    for (const request of requestRows) {
      const same = requestsByCollectionId.get(request.collectionId);
      if (same === undefined) requestsByCollectionId.set(request.collectionId, [request]);
      else same.push(request);
    }
    return new Map<string, Folder>(collectionIds.map((collectionId) => {
      const children = collectionsByParentId.get(collectionId) ?? [];
      const folders: Folder[] = [];
      for (const child of children) {
        folders.push(below.get(child.id)!);
      //                            ^^^^^^^^^^^^ n-plus-one/query-in-loop medium "'exportFolder' calls itself for each element of 'children', and each"
      }
      const requests = requestsByCollectionId.get(collectionId) ?? [];
      return [collectionId, { title, folders, requests }];
    }));
  }

  /** The key may be missing, and rows without a parent are found by null and by no list. */
  async exportBelow(parentId: string | null): Promise<Folder[]> {
    const children = await this.prisma.collection.findMany({ where: { parentId: parentId ?? '' } });
    const folders: Folder[] = [];
    for (const child of children) {
      folders.push({ title: child.title, folders: await this.exportBelow(child.id), requests: [] });
//                                                           ^^^^^^^^^^^ n-plus-one/query-in-loop medium "'exportBelow' calls itself for each element of 'children', and each"
    }
    return folders;
  }

  /** The roots are asked for by null. */
  async treeBelow(parentId: string | null) {
    const children = await this.prisma.collection.findMany({ where: { parentId }, orderBy: { id: 'asc' } });
    const folders: Folder[] = [];
    for (const child of children) {
      folders.push({
        title: child.title,
        folders: await this.treeBelow(child.id),
        requests: await this.requestsOf(child.id),
//                           ^^^^^^^^^^ n-plus-one/query-in-loop high "'requestsOf' (through 'findMany') queries 'request' once per element of 'children'"
      });
    }
    return folders;
  }

  private async requestsOf(collectionId: string) {
    const requests = await this.prisma.request.findMany({ where: { collectionId } });
    return requests.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  }

  async climb(collectionId: string): Promise<string[]> {
    const found = await this.prisma.collection.findFirst({ where: { id: collectionId } });
    return found === null ? [] : [...(await this.climb(found.parentId)), found.title];
  }

  async paths(collections: Collection[]): Promise<string[][]> {
    const found: string[][] = [];
    for (const collection of collections) found.push(await this.climb(collection.parentId));
//                                                              ^^^^^ n-plus-one/query-in-loop medium "'climb' (through 'findFirst') queries 'collection' once per element"
    return found;
  }
}
