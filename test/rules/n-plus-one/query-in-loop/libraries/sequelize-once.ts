// Idiom of github.com/outline/outline
import { Model } from 'sequelize';

declare function chunk<T>(list: readonly T[], size: number): T[][];

export class Revision extends Model {
  id: string;
  documentId: string;

  static async byDocument(documents: { id: string }[]) {
    const revisions = await this.findAll({ where: { documentId: documents.map(({ id }) => id) } });
    return documents.map((document) => ({
      // ok n-plus-one/query-in-loop: looked up among what one query gave
      revisions: revisions.filter((revision) => revision.documentId === document.id),
      document,
    }));
  }

  static async copyAll(documents: { id: string }[], transaction: object) {
    // ok n-plus-one/query-in-loop: one statement for all rows
    await this.bulkCreate(
      documents.map(({ id }) => ({ documentId: id })),
      { transaction },
    );
  }

  static async forget(documentIds: string[]) {
    for (const documentId of chunk(documentIds, 100)) {
      await this.destroy({ where: { documentId } }); // ok n-plus-one/query-in-loop: one statement for a hundred
    }
  }
}
