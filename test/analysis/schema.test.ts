/**
 * Which columns no two rows share, read from each way of defining tables, and after all migrations have run: what a
 * later one drops is gone, what one does to undo itself never happens, a partial index counts with its predicate.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { ProgramFacts } from '../../server/src/analysis/program.ts';
import { readUniqueSets } from '../../server/src/analysis/read-migration.ts';
import { analyse } from './facts-of.ts';

/** `users(email)`, `users(email) where deleted_at IS NULL` after these migrations. */
function after(...texts: string[]): string[] {
  return readUniqueSets(texts).map(
    ({ table, columns, where }) => `${table}(${columns.join(', ')})${where === undefined ? '' : ` where ${where}`}`,
  );
}

test('SQL: tables, indexes, constraints', () => {
  assert.deepEqual(
    after('CREATE TABLE users (id serial PRIMARY KEY, email text UNIQUE, name text, UNIQUE (name, email))'),
    ['users(id)', 'users(email)', 'users(name, email)'],
  );
  assert.deepEqual(
    after('CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS u ON public.users USING btree (lower(email))'),
    ['users(email)'],
  );
  assert.deepEqual(
    after('ALTER TABLE ONLY "users" ADD CONSTRAINT "u" UNIQUE ("email", "team_id"), ADD COLUMN code text UNIQUE'),
    ['users(email, team_id)', 'users(code)'],
  );
  assert.deepEqual(after('CREATE INDEX i ON users (email); CREATE TABLE t (unique_name text)'), []);
});

test('SQL: what is dropped no longer counts', () => {
  const created =
    'CREATE TABLE users (id int PRIMARY KEY, email text); CREATE UNIQUE INDEX users_email ON users (email);';
  assert.deepEqual(after(created, 'DROP INDEX IF EXISTS public.users_email;'), ['users(id)']);
  assert.deepEqual(after(created, 'DROP INDEX other;'), ['users(id)', 'users(email)']);
  assert.deepEqual(after(created, 'ALTER TABLE users DROP COLUMN email'), ['users(id)']);
  assert.deepEqual(after(created, 'DROP TABLE users'), []);
  assert.deepEqual(
    after(created, 'DROP INDEX users_email;', 'CREATE UNIQUE INDEX users_email ON users (email, team)'),
    ['users(id)', 'users(email, team)'],
  );
  assert.deepEqual(after('CREATE TABLE t (a int UNIQUE)', 'ALTER TABLE t DROP CONSTRAINT t_a_key'), []);
  assert.deepEqual(
    after(
      'CREATE TABLE "new_User" ("id" int PRIMARY KEY)',
      'DROP TABLE "User"; ALTER TABLE "new_User" RENAME TO "User"',
    ),
    ['User(id)'],
  );
});

test('SQL: partial indexes', () => {
  assert.deepEqual(after('CREATE UNIQUE INDEX u ON users (email) WHERE deleted_at IS NULL;'), [
    'users(email) where deleted_at IS NULL',
  ]);
});

test('TypeORM migrations: SQL in template strings, tables as objects, and no undoing', () => {
  const migration = `export class M1 implements MigrationInterface {
    public async up(queryRunner: QueryRunner): Promise<any> {
      await queryRunner.query(\`CREATE UNIQUE INDEX "IDX_1" ON "user" ("email") \`, undefined);
      await queryRunner.createTable(new Table({ name: 'team', columns: [{ name: 'id', isPrimary: true }], uniques: [{ columnNames: ['name', 'org'] }] }));
    }
    public async down(queryRunner: QueryRunner): Promise<any> {
      await queryRunner.query(\`DROP INDEX "IDX_1"\`, undefined);
      await queryRunner.dropTable('team');
    }
  }`;
  assert.deepEqual(after(migration), ['user(email)', 'team(id)', 'team(name, org)']);
});

test('Knex migrations', () => {
  const created = `exports.up = (knex) => knex.schema.createTable('users', (table) => {
    table.increments('id').primary(); table.string('email').notNullable().unique(); table.string('name');
    table.unique(['name', 'team'], { indexName: 'by_name', predicate: knex.whereNull('deleted_at') });
  }); exports.down = (knex) => knex.schema.dropTable('users');`;
  assert.deepEqual(after(created), ['users(name, team) where deleted_at IS NULL', 'users(id)', 'users(email)']);
  assert.deepEqual(
    after(
      created,
      `export async function up(knex) { await knex.schema.alterTable('users', (t) => { t.dropUnique(['email']); t.dropColumn('name'); }); }`,
    ),
    ['users(id)'],
  );
  assert.deepEqual(after(created, `exports.up = (knex) => knex.schema.dropTableIfExists('users')`), []);
});

test('Sequelize migrations', () => {
  const created = `module.exports = { up: async (queryInterface, Sequelize) => {
      await queryInterface.createTable('users', { id: { type: Sequelize.UUID, primaryKey: true }, email: { type: Sequelize.STRING, unique: true } });
      await queryInterface.addIndex('users', ['teamId', 'name'], { name: 'team_name', unique: true, where: { deletedAt: null } });
      await queryInterface.addConstraint('users', { fields: ['slug'], type: 'unique', name: 'slug_key' });
      await queryInterface.addConstraint('members', { fields: ['userId', 'teamId'], type: 'primary key', name: 'members_pkey' });
      await queryInterface.addIndex('users', ['createdAt']);
    }, down: async (queryInterface) => { await queryInterface.removeIndex('users', 'team_name'); } };`;
  assert.deepEqual(after(created), [
    'users(id)',
    'users(email)',
    'users(teamId, name) where deletedAt IS NULL',
    'users(slug)',
    'members(userId, teamId)',
  ]);
  const dropped = `module.exports = { async up(queryInterface) {
    await queryInterface.removeIndex('users', 'team_name'); await queryInterface.removeConstraint('users', 'slug_key');
    await queryInterface.removeIndex('users', ['email']); await queryInterface.removeConstraint('members', 'members_pkey');
  } };`;
  assert.deepEqual(after(created, dropped), ['users(id)']);
});

test('db-migrate migrations', () => {
  const created = `exports.up = function (db, cb) { async.series([
    db.createTable.bind(db, 'projects', { id: { type: 'string', length: 255, primaryKey: true }, name: { type: 'string' } }),
    db.runSql.bind(db, \`CREATE UNIQUE INDEX by_name ON projects (name)\`),
  ], cb); };`;
  assert.deepEqual(after(created), ['projects(id)', 'projects(name)']);
});

test('Kysely migrations', () => {
  const created = `export async function up(db) {
    await db.schema.createTable('users').addColumn('id', 'uuid', (c) => c.primaryKey()).addColumn('name', 'text').addUniqueConstraint('n', ['name', 'team']).execute();
    await db.schema.createIndex('by_email').unique().on('users').columns(['email']).execute();
  }`;
  assert.deepEqual(after(created), ['users(name, team)', 'users(id)', 'users(email)']);
  assert.deepEqual(
    after(created, `export async function up(db) { await db.schema.dropIndex('by_email').execute(); }`),
    ['users(name, team)', 'users(id)'],
  );
});

// ---------------------------------------------------------------- definitions in code

const FILES = {
  'typeorm.ts': `
    import { Column, Entity, EntitySchema, Index, JoinColumn, ManyToOne, OneToOne, PrimaryColumn, Unique } from 'typeorm';
    @Entity({ name: 'memberships' }) @Unique('by_team', ['team', 'role'])
    @Index(['code', 'year'], { unique: true, where: '"deletedAt" IS NULL AND kind = 1' })
    export class Membership {
      @PrimaryColumn() teamId!: string;
      @PrimaryColumn() userId!: string;
      @ManyToOne(() => Team) team!: Team;
      @OneToOne(() => Profile) @JoinColumn() profile!: Profile;
      @OneToOne(() => Avatar) avatar!: Avatar;
      @Column({ unique: true }) token!: string;
      @Column() role!: string;
    }
    class Team {} class Profile {} class Avatar {}
    export const Invitation = new EntitySchema({ name: 'Invitation', columns: { id: { primary: true }, token: { unique: true } }, uniques: [{ columns: ['email', 'team'] }], indices: [{ columns: ['a'] }] });`,
  'mikro-orm.ts': `
    import { Entity, OneToOne, PrimaryKey, Property, Unique } from '@mikro-orm/core';
    @Entity({ tableName: 'wallets' }) @Unique({ properties: ['owner', 'currency'] })
    export class Wallet { @PrimaryKey() id!: string; @Property({ unique: true }) iban!: string; @Property({ version: true }) version!: number; }`,
  'sequelize.ts': `
    import { DataTypes, Model, Sequelize } from 'sequelize';
    import { Column, PrimaryKey, Table, Unique } from 'sequelize-typescript';
    declare const sequelize: Sequelize;
    export class Coupon extends Model {}
    Coupon.init({ id: { type: DataTypes.UUID, primaryKey: true }, code: { type: DataTypes.STRING, unique: true }, a: { unique: 'ab' }, b: { unique: 'ab' } },
      { sequelize, tableName: 'vouchers', version: true, indexes: [{ unique: true, fields: ['shop', { name: 'day' }], where: { active: true } }, { fields: ['day'] }] });
    export const Ticket = sequelize.define('ticket', { number: { type: DataTypes.INTEGER, unique: true } });
    @Table({ tableName: 'badges', indexes: [{ unique: true, fields: ['owner', 'kind'] }] })
    export class Badge extends Model { @PrimaryKey @Column id!: string; @Unique @Column serial!: string; @Column({ unique: 'pair' }) x!: string; @Column({ unique: 'pair' }) y!: string; }`,
  'mongoose.ts': `
    import mongoose, { Schema, model } from 'mongoose';
    import { Prop, SchemaFactory, Schema as NestSchema } from '@nestjs/mongoose';
    const voteSchema = new Schema({ slug: { type: String, unique: true }, poll: String, user: String }, { optimisticConcurrency: true });
    voteSchema.index({ poll: 1, user: 1 }, { unique: true, partialFilterExpression: { active: true } });
    voteSchema.index({ poll: 1 });
    export const Vote = mongoose.model('Vote', voteSchema);
    @Schema() export class Session { @Prop({ unique: true }) hash!: string; }
    export const SessionSchema = SchemaFactory.createForClass(Session);
    SessionSchema.index({ user: 1, device: 1 }, { unique: true });`,
  'drizzle.ts': `
    import { integer, pgTable, primaryKey, text, unique, uniqueIndex } from 'drizzle-orm/pg-core';
    import { sql } from 'drizzle-orm';
    export const seats = pgTable('event_seats', { id: text('id').primaryKey(), label: text('label').unique(), row: integer('row'), event: text('event'), deletedAt: text('deleted_at') },
      (t) => [uniqueIndex('by_row').on(t.event, t.row).where(sql\`\${t.deletedAt} IS NULL\`), unique().on(t.event, t.label)]);
    export const guests = pgTable('guests', { event: text('event'), user: text('user') }, (table) => ({ pk: primaryKey({ columns: [table.event, table.user] }) }));`,
  'objection.ts': `
    import { Model } from 'objection';
    export class Grant extends Model { static tableName = 'grants'; static idColumn = ['role', 'user']; }
    export class Page extends Model { static get tableName() { return 'pages'; } static get idColumn() { return 'path'; } }
    const schema = { type: 'object', required: ['email', 'settings', 'rank'], properties: {
      email: { type: 'string' }, points: { type: ['integer', 'null'] }, visits: { type: 'integer', default: 0 }, level: { type: 'integer' },
      settings: { type: 'object' }, tags: { type: ['array', null] }, seenAt: { type: 'string', format: 'date-time' }, active: { type: 'boolean' },
      rank: { anyOf: [{ type: 'number' }, { type: 'null' }] }, code: { type: ['string', 'integer'] }, pets: { type: 'array' } } };
    export class Person extends Model {
      static get tableName() { return 'people'; } static jsonSchema = schema; static get jsonAttributes() { return ['extra']; }
      static relationMappings = () => ({ pets: { relation: Model.HasManyRelation, modelClass: Page } });
    }
    export class Visit extends Model { static get jsonSchema() { return { properties: { visit_count: { type: ['integer', 'null'] } } }; } }`,
};

const PRISMA = {
  'prisma/schema/base.prisma': 'datasource db {\n  provider = "postgresql"\n}\n',
  'prisma/schema/team.prisma': `model Team {\n  id String @id\n  slug String @unique\n  members Member[]\n}\n`,
  'prisma/schema/member.prisma': `model Member {\n  teamId String @map("team_id")\n  userId String\n  team Team @relation(fields: [teamId], references: [id])\n  @@id([teamId, userId])\n  @@unique(fields: [teamId, userId(sort: Desc)], name: "x")\n  @@map("team_members")\n}\n`,
};

let program: ProgramFacts;
before(() => {
  program = analyse({ files: FILES, install: ['typeorm'], schemas: PRISMA });
});

function unique(table: string): string[] {
  return program.uniqueOf(table).map((columns) => columns.join(', '));
}

test('TypeORM: keys of several columns, relations, partial indexes, EntitySchema', () => {
  assert.deepEqual(unique('Membership'), [
    'profileId',
    'profile',
    'token',
    'teamId, userId',
    'team, role',
    'teamId, role',
    'code, year, kind',
  ]);
  assert.deepEqual(unique('memberships'), unique('Membership'));
  assert.deepEqual(unique('Invitation'), ['id', 'token', 'email, team']);
});

test('MikroORM: decorators, and the version that it checks', () => {
  assert.deepEqual(unique('Wallet'), ['iban', 'id', 'owner, currency']);
  assert.equal(program.isVersioned('Wallet'), true);
  assert.equal(program.isVersioned('Membership'), false);
});

test('Sequelize: init, define, decorators', () => {
  assert.deepEqual(unique('Coupon'), ['id', 'code', 'a, b', 'shop, day, active']);
  assert.deepEqual(unique('vouchers'), unique('Coupon'));
  assert.equal(program.isVersioned('Coupon'), true);
  assert.deepEqual(unique('Ticket'), ['number']);
  assert.deepEqual(unique('Badge'), ['id', 'serial', 'x, y', 'owner, kind']);
});

test('Mongoose: schemas, indexes, optimistic concurrency', () => {
  assert.deepEqual(unique('Vote'), ['slug', 'poll, user, active']);
  assert.equal(program.isVersioned('Vote'), true);
  assert.deepEqual(unique('Session'), ['hash', 'user, device']);
  assert.equal(program.isVersioned('Session'), false);
});

test('Drizzle: columns, indexes, keys', () => {
  assert.deepEqual(unique('seats'), ['id', 'label', 'event, row', 'event, label']);
  assert.deepEqual(unique('event_seats'), unique('seats'));
  assert.deepEqual(unique('guests'), ['event, user']);
});

test('Objection: the key', () => {
  assert.deepEqual(unique('Grant'), ['role, user']);
  assert.deepEqual(unique('Page'), ['path']);
});

/** `number`, `text?` for one that may be NULL, `json!` for one that may not. */
function held(table: string, ...columns: string[]): string[] {
  return columns.map((column) => {
    const { kind, nullable } = program.column(table, column) ?? {};
    return `${kind ?? '-'}${nullable === undefined ? '' : nullable ? '?' : '!'}`;
  });
}

test('Objection: what the JSON schema says of columns', () => {
  assert.deepEqual(held('Person', 'email', 'points', 'visits', 'level'), ['text!', 'number?', 'number!', 'number']);
  assert.deepEqual(held('people', 'settings', 'tags', 'seenAt', 'active'), ['json!', 'json?', 'date', 'boolean']);
  assert.deepEqual(held('Person', 'rank', 'code', 'extra', 'pets', 'unknown'), ['number?', '-', 'json', '-', '-']);
  assert.deepEqual(held('Visit', 'visitCount', 'visit_count'), ['number?', 'number?']);
});

test('Columns of the others, in the same words', () => {
  assert.deepEqual(held('Membership', 'token', 'teamId'), ['text!', 'text!']);
  assert.deepEqual(held('Wallet', 'iban', 'version'), ['text', 'number']);
  assert.deepEqual(held('Coupon', 'id', 'code'), ['text!', 'text']);
  assert.deepEqual(held('Badge', 'serial'), ['text']);
  assert.deepEqual(held('seats', 'id', 'row', 'deletedAt'), ['text!', 'number?', 'text?']);
  assert.deepEqual(held('member', 'teamId', 'userId'), ['text!', 'text!']);
});

test('Prisma: a schema of several files, by model, member and table', () => {
  assert.deepEqual(unique('Team'), ['id', 'slug']);
  assert.deepEqual(unique('member'), ['teamId, userId', 'teamId, userId']);
  assert.deepEqual(unique('team_members'), unique('member'));
  assert.deepEqual([...(program.entity('Team')?.relations.keys() ?? [])], ['members']);
  assert.deepEqual([...(program.entity('Member')?.columns.keys() ?? [])], ['teamId', 'userId']);
});
