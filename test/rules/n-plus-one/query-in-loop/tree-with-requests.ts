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
    const children = await this.prisma.collection.findMany({
      where: { parentId: collectionId },
      orderBy: { id: 'asc' },
    });
    const folders: Folder[] = [];
    for (const child of children) {
      folders.push(await this.exportFolder(child.id, title));
//                            ^^^^^^^^^^^^ n-plus-one/query-in-loop medium "'exportFolder' calls itself for each element of 'children', and each"
    }
    const requests = await this.prisma.request.findMany({ where: { collectionId } });
    return { title, folders, requests };
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
