// Idiom of github.com/outline/outline: helpers over models.
import { Model, type Sequelize } from 'sequelize';

export class Star extends Model {
  declare documentId: string;
  declare userId: string;
}
declare const sequelize: Sequelize;

async function starOf(documentId: string, userId: string) {
  return Star.findOne({ where: { documentId, userId } });
}

async function addStar(documentId: string, userId: string) {
  return Star.create({ documentId, userId });
}

export async function star(documentId: string, userId: string) {
  const known = await starOf(documentId, userId);
  //                  ^^^^^^ related "Checked here."
  if (known) throw new Error('It has a star.');
  const made = await addStar(documentId, userId);
  //                 ^^^^^^^ toctou/db-check-then-act medium "no row of 'Star' with this"
  return made;
}

export async function close() {
  await sequelize.close();
}
