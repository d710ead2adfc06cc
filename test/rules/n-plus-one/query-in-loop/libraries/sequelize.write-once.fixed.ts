// Idiom of github.com/outline/outline
import { Model } from 'sequelize';

export class Membership extends Model {
  id: string;
  documentId: string;
  groupId: string;
  sourceId: string | null;

  static async copyTo(documentId: string, memberships: Membership[], transaction: object) {
    await this.bulkCreate(memberships.map((membership) => ({
      documentId,
      groupId: membership.groupId,
    })), { validate: true, transaction, hooks: false });
  }

  static async roots(memberships: Membership[], transaction: object) {
    return Promise.all(
      memberships.map((membership) =>
        membership.sourceId ? this.findByPk(membership.sourceId, { transaction }) : Promise.resolve(membership),
//                                 ^^^^^^^^ n-plus-one/query-in-loop medium "'findByPk' queries 'Membership' once per element of"
      ),
    );
  }

  static async removeAll(memberships: Membership[], transaction: object) {
    for (const membership of memberships) {
      await membership.destroy({ transaction });
//                     ^^^^^^^ n-plus-one/query-in-loop low "'destroy' writes to 'Membership' once per element of"
    }
  }
}
