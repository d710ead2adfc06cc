/** The libraries that fixes can speak. */
import type { Operation } from '../../analysis/fact.ts';
import type { Dialect } from './dialect.ts';
import { drizzleDialect } from './drizzle.ts';
import { knexDialect } from './knex.ts';
import { kyselyDialect } from './kysely.ts';
import { mikroOrmDialect } from './mikro-orm.ts';
import { mongooseDialect } from './mongoose.ts';
import { prismaDialect } from './prisma.ts';
import { sequelizeDialect } from './sequelize.ts';
import { supabaseDialect } from './supabase.ts';
import { typeormDialect } from './typeorm.ts';

const DIALECTS: readonly Dialect[] = [
  prismaDialect,
  typeormDialect,
  sequelizeDialect,
  knexDialect,
  drizzleDialect,
  kyselyDialect,
  mongooseDialect,
  mikroOrmDialect,
  supabaseDialect,
];

export function dialectOf(operation: Operation): Dialect | undefined {
  return DIALECTS.find(({ speaks }) => speaks(operation));
}
