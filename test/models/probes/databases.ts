/** Databases and what is built over them. */
import { drizzle } from '../../../server/src/models/drizzle.ts';
import { knex } from '../../../server/src/models/knex.ts';
import { kysely } from '../../../server/src/models/kysely.ts';
import { mikroOrm } from '../../../server/src/models/mikro-orm.ts';
import { mongodb, mongoose } from '../../../server/src/models/mongoose.ts';
import { objection } from '../../../server/src/models/objection.ts';
import { prisma } from '../../../server/src/models/prisma.ts';
import { firebase } from '../../../server/src/models/sdks.ts';
import { sequelize } from '../../../server/src/models/sequelize.ts';
import {
  betterSqlite3,
  mysql2,
  postgresJs,
  slonik,
  sqlite3,
  supabase,
} from '../../../server/src/models/sql-drivers.ts';
import { nestClsTransactional, typeormTransactional } from '../../../server/src/models/transactional.ts';
import { type Probe, typesIn } from '../entry-probe.ts';

const KNEX = typesIn(
  'm.Knex',
  'QueryInterface',
  'QueryBuilder',
  'ChainableInterface',
  'OnConflictQueryBuilder',
  'FunctionHelper',
  'Transaction',
);

const DRIZZLE_DIALECTS = { pg: 'Pg', mysql: 'MySql', sqlite: 'SQLite' };
const DRIZZLE_BUILDERS = [
  'SelectBuilder',
  'SelectBase',
  'UpdateBuilder',
  'UpdateBase',
  'InsertBuilder',
  'InsertBase',
  'DeleteBase',
];

/** Its classes are named after it: `PgSelectBuilder`. */
function drizzleDialect([dialect, prefix]: readonly [string, string]): Probe {
  const query = `import('drizzle-orm/${dialect}-core/query-builders/query')`;
  const builders = typesIn('m', ...DRIZZLE_BUILDERS.map((name) => prefix + name));
  return {
    file: drizzle,
    module: `drizzle-orm/${dialect}-core`,
    types: {
      '*': Object.values(builders).flat(),
      RelationalQueryBuilder: Object.values(typesIn(query, 'RelationalQueryBuilder')).flat(),
    },
  };
}

export const DATABASES: readonly Probe[] = [
  {
    file: postgresJs,
    module: 'postgres',
    types: typesIn('d', 'Sql', 'ISql', 'TransactionSql', 'ReservedSql'),
  },
  { file: slonik, module: 'slonik', types: { '*': ['m.DatabasePool', 'typeof m.sql'] } },
  { file: mysql2, module: 'mysql2/promise', types: { '*': 'm.Pool' } },
  { file: mysql2, module: 'mysql2' },
  {
    file: betterSqlite3,
    module: 'better-sqlite3',
    types: { Database: 'd.Database', Statement: 'd.Statement' },
  },
  {
    file: betterSqlite3,
    module: 'node:sqlite',
    types: { Database: 'm.DatabaseSync', Statement: 'm.StatementSync' },
    values: { Database: '' },
  },
  { file: sqlite3, module: 'sqlite3' },
  { file: sqlite3, module: 'sqlite' },
  {
    file: supabase,
    module: '@supabase/supabase-js',
    types: typesIn("import('@supabase/postgrest-js')", 'PostgrestClient'),
  },
  // Static and instance members of the base class that the package does not export.
  { file: sequelize, module: 'sequelize', types: { Hooks: 'm.Sequelize' }, values: { Hooks: 'm.Model' } },
  { file: sequelize, module: 'sequelize-typescript' },
  {
    file: knex,
    module: 'knex',
    types: {
      ...KNEX,
      // A builder has them all; for code without types it does not matter which of its interfaces declares one.
      QueryInterface: [...(KNEX['QueryInterface'] ?? []), ...(KNEX['QueryBuilder'] ?? [])],
    },
  },
  {
    file: objection,
    module: 'objection',
    head: "import objection from 'objection';",
    values: { Objection: 'objection' },
  },
  { file: mongoose, module: 'mongoose' },
  { file: mongodb, module: 'mongodb' },
  { file: kysely, module: 'kysely' },
  { file: drizzle, module: 'drizzle-orm' },
  { file: drizzle, module: 'drizzle-orm/node-postgres' },
  ...Object.entries(DRIZZLE_DIALECTS).map(drizzleDialect),
  { file: mikroOrm, module: '@mikro-orm/core', types: typesIn("import('@mikro-orm/sql')", 'SqlEntityManager') },
  { file: firebase, module: '@google-cloud/firestore' },
  { file: firebase, module: 'firebase-admin/messaging' },
  { file: firebase, module: 'firebase-admin/auth' },
  { file: typeormTransactional, module: 'typeorm-transactional' },
  { file: nestClsTransactional, module: '@nestjs-cls/transactional' },
];

/** What the namespace has, under the names of the runtime that it is from. */
const PRISMA_RUNTIME = {
  sqltag: 'm.Prisma.sql',
  sql: 'm.Prisma.sql',
  join: 'm.Prisma.join',
  raw: 'm.Prisma.raw',
  empty: 'm.Prisma.empty',
  validator: 'm.Prisma.validator',
};

/** The client that is generated of the schema beside the manifest. */
export const PRISMA: readonly Probe[] = [
  {
    file: prisma,
    module: '@prisma/client',
    types: { '*': ['m.Prisma.ShelfDelegate', 'm.PrismaClient'] },
    values: PRISMA_RUNTIME,
    // Middleware, before 6.14.
    elsewhere: ['*#$use'],
  },
];
