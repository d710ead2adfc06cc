// Idiom of github.com/vendure-ecommerce/vendure: a tree of categories read level by level.
import { Column, Entity, PrimaryGeneratedColumn, type Repository, In } from 'typeorm';

@Entity()
export class Folder {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column({ nullable: true }) parentId!: string;
  @Column() name!: string;
}

export interface FolderTree {
  name: string;
  children: FolderTree[];
}

export class FolderService {
  constructor(private readonly folders: Repository<Folder>) {}

  async tree(folder: Folder): Promise<FolderTree> {
    const found = await this.treeForAll([folder]);
    return found.get(folder)!;
  }

  /** Like `tree`, for many at once. */
  async treeForAll(folders: Folder[]): Promise<Map<Folder, FolderTree>> {
    if (folders.length === 0) return new Map<Folder, FolderTree>();
    const parentIds = folders.map((folder) => folder.id);
    const folderRows = await this.folders.findBy({ parentId: In(parentIds) });
    const foldersByParentId = new Map<(typeof folderRows)[number]['parentId'], typeof folderRows>();
    for (const folderRow of folderRows) {
      const same = foldersByParentId.get(folderRow.parentId);
      if (same === undefined) foldersByParentId.set(folderRow.parentId, [folderRow]);
      else same.push(folderRow);
    }
    const below = await this.treeForAll(folderRows.map((child) => child));
    return new Map<Folder, FolderTree>(folders.map((folder) => {
      const children = foldersByParentId.get(folder.id) ?? [];
      //                                  ^^^^^^ related "Each call runs this query"
      const trees: FolderTree[] = [];
      for (const child of children) {
        trees.push(below.get(child)!);
        //                    ^^^^ n-plus-one/query-in-loop medium "'tree' calls itself for each element of 'children'"
      }
      return [folder, { name: folder.name, children: trees }];
    }));
  }

  async path(folder: Folder): Promise<string> {
    if (!folder.parentId) return folder.name;
    const parent = await this.folders.findOneByOrFail({ id: folder.parentId });
    return `${await this.path(parent)}/${folder.name}`; // ok n-plus-one/query-in-loop: one parent each, as many as the tree is deep
  }

  async treeInOneQuery(root: Folder): Promise<FolderTree> {
    const all = await this.folders.find();
    const build = (folder: Folder): FolderTree => ({
      name: folder.name,
      children: all.filter((child) => child.parentId === folder.id).map(build), // ok n-plus-one/query-in-loop: recursion in memory
    });
    return build(root);
  }

  async levels(root: Folder): Promise<Folder[]> {
    const found: Folder[] = [];
    let level: Folder[] = [root];
    while (level.length > 0) {
      found.push(...level);
      level = await this.childrenOf(level); // ok n-plus-one/query-in-loop: one query per level
    }
    return found;
  }

  private childrenOf(level: Folder[]): Promise<Folder[]> {
    return this.folders
      .createQueryBuilder('folder')
      .where('folder.parentId IN (:...ids)', { ids: level.map(({ id }) => id) })
      .getMany();
  }
}
