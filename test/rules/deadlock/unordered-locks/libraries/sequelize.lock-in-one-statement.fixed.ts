// Idiom of github.com/outline/outline: a transaction in the options, unmanaged or by callback.
import { Model, type Sequelize } from 'sequelize';

class Star extends Model {
  declare id: string;
  declare index: number;
}

export async function reindex(sequelize: Sequelize, stars: { id: string; index: number }[]) {
  const transaction = await sequelize.transaction();
  try {
    for (const { id, index } of stars) {
  //^^^ related "The order comes from here."
  //^^^ related "Repeated for each element of 'stars'."
      await Star.update({ index }, { where: { id }, transaction });
      //         ^^^^^^ deadlock/unordered-locks medium "in whatever order they come"
      //         ^^^^^^ n-plus-one/query-in-loop low "once per element"
    }
    await transaction.commit();
  } catch (error) {
    await transaction.rollback();
    throw error;
  }
}

export async function swap(sequelize: Sequelize, first: string, second: string) {
  await sequelize.transaction(async (transaction) => {
    await Star.findAll({ where: { id: [first, second] }, order: ['id'], lock: true, transaction });
    await Star.increment({ index: 1 }, { where: { id: first }, transaction });
    //         ^^^^^^^^^ related "The first row is locked here."
    await Star.increment({ index: -1 }, { where: { id: second }, transaction });
    //         ^^^^^^^^^ deadlock/unordered-locks high "'first' of 'Star'"
  });
}

export async function swapLocked(sequelize: Sequelize, first: string, second: string) {
  await sequelize.transaction(async (transaction) => {
    await Star.findAll({ where: { id: [first, second] }, order: [['id', 'ASC']], lock: transaction.LOCK.UPDATE, transaction });
    await Star.increment({ index: 1 }, { where: { id: first }, transaction });
    await Star.increment({ index: -1 }, { where: { id: second }, transaction }); // ok deadlock/unordered-locks: both are locked in one order before
  });
}

export async function reindexSorted(sequelize: Sequelize, stars: { id: string; index: number }[]) {
  await sequelize.transaction(async (transaction) => {
    for (const { id, index } of [...stars].sort((a, b) => a.id.localeCompare(b.id))) {
  //^^^ related "Repeated for each element of the list."
      await Star.update({ index }, { where: { id }, transaction }); // ok deadlock/unordered-locks: everyone goes up
      //         ^^^^^^ n-plus-one/query-in-loop low "once per element"
    }
  });
}

export async function close(sequelize: Sequelize, ids: string[]) {
  await sequelize.transaction(async (transaction) => {
    await Star.update({ index: 0 }, { where: { id: ids }, transaction }); // ok deadlock/unordered-locks: one statement
  });
}
