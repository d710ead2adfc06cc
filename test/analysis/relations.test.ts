/** Relations that are declared without entity classes, in each library's way. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { ProgramFacts } from '../../server/src/analysis/program.ts';
import { analyse } from './facts-of.ts';

const FILES = {
  'sequelize/associations.js': `
module.exports = (models) => {
  models.Author.hasMany(models.Book, { as: 'books', foreignKey: 'authorId' });
  models.Book.belongsTo(models.Author, { as: 'author' });
  models.Author.hasOne(models.Portrait, { as: 'portrait' });
  models.Book.belongsToMany(models.Genre, { through: 'book_genres' });
};
`,
  'sequelize/club.ts': `
import { BelongsTo, HasMany, Model, Table } from 'sequelize-typescript';
@Table
export class Club extends Model {
  @HasMany(() => Player) players!: Player[];
  @BelongsTo(() => League) league!: League;
}
`,
  'sequelize/museum.ts': `
import { Model } from 'sequelize';
export class Museum extends Model {
  static associate({ Painting }: { Painting: typeof Model }) {
    this.hasMany(Painting, { as: { singular: 'painting', plural: 'paintings' } });
  }
}
`,
  'objection/person.ts': `
import { Model } from 'objection';
export class Person extends Model {
  static tableName = 'people';
  static relationMappings = () => ({
    pets: { relation: Model.HasManyRelation, modelClass: Pet, join: { from: 'people.id', to: 'pets.ownerId' } },
    home: { relation: Model.BelongsToOneRelation, modelClass: Home, join: {} },
  });
}
export class Pet extends Model {
  static get relationMappings() {
    const joined = 'pets_toys';
    return { toys: { relation: Model.ManyToManyRelation, modelClass: 'toy', join: {} } };
  }
}
`,
  'drizzle/schema.ts': `
import { relations, defineRelations } from 'drizzle-orm';
import { pgTable, integer } from 'drizzle-orm/pg-core';
export const posts = pgTable('posts', { id: integer() });
export const postsRelations = relations(posts, ({ one, many }) => ({
  comments: many(comments),
  writer: one(users, { fields: [posts.writerId], references: [users.id] }),
}));
export const second = defineRelations({ groups, users }, (r) => ({
  groups: { members: r.many.users({ from: r.groups.id, to: r.users.groupId }), owner: r.one.users() },
}));
`,
  'mongoose/story.ts': `
import mongoose, { Schema } from 'mongoose';
const storySchema = new Schema({
  author: { type: Schema.Types.ObjectId, ref: 'Person' },
  fans: [{ type: Schema.Types.ObjectId, ref: 'Person' }],
  tags: [String],
});
storySchema.virtual('chapters', { ref: 'Chapter', localField: '_id', foreignField: 'story' });
storySchema.virtual('cover', { ref: 'Image', localField: '_id', foreignField: 'story', justOne: true });
export const Story = mongoose.model('Story', storySchema);
`,
  'mongoose/cat.ts': `
import { Prop, Schema } from '@nestjs/mongoose';
@Schema()
export class Cat {
  @Prop({ type: [{ type: mongoose.Schema.Types.ObjectId, ref: 'Kitten' }] }) kittens: Kitten[];
  @Prop({ type: mongoose.Schema.Types.ObjectId, ref: 'Owner' }) owner: Owner;
  @Prop() name: string;
}
`,
  'schemas/typeorm.ts': `
import { EntitySchema } from 'typeorm';
export const Invoice = new EntitySchema({
  name: 'Invoice',
  columns: { id: { type: Number, primary: true } },
  relations: { lines: { type: 'one-to-many', target: 'InvoiceLine' }, payer: { type: 'many-to-one', target: 'Payer' } },
});
`,
  'schemas/mikro-orm.ts': `
import { EntitySchema, ReferenceKind } from '@mikro-orm/core';
export const Garden = new EntitySchema({
  name: 'Garden',
  properties: { plants: { kind: '1:m', entity: 'Plant' }, keeper: { kind: ReferenceKind.MANY_TO_ONE, entity: 'Keeper' } },
});
`,
};

let program: ProgramFacts;
before(() => {
  program = analyse({ files: FILES });
});

function kinds(table: string, ...properties: readonly string[]): (string | undefined)[] {
  return properties.map((property) => program.relationKind(table, property));
}

test('Sequelize: associations of models at hand, decorators, a model of itself', () => {
  assert.deepEqual(kinds('Author', 'books', 'portrait', 'name'), ['one-to-many', 'one-to-one', undefined]);
  assert.deepEqual(kinds('book', 'author', 'Genres'), ['many-to-one', 'many-to-many']);
  assert.deepEqual(kinds('Club', 'players', 'league'), ['one-to-many', 'many-to-one']);
  assert.deepEqual(kinds('museum', 'paintings'), ['one-to-many']);
});

test('Objection: mappings as a function and as a getter', () => {
  assert.deepEqual(kinds('people', 'pets', 'home'), ['one-to-many', 'many-to-one']);
  assert.deepEqual(kinds('Pet', 'toys'), ['many-to-many']);
});

test('Drizzle: both forms', () => {
  assert.deepEqual(kinds('post', 'comments', 'writer'), ['one-to-many', 'many-to-one']);
  assert.deepEqual(kinds('groups', 'members', 'owner'), ['one-to-many', 'many-to-one']);
});

test('Mongoose: references, virtuals, Nest', () => {
  assert.deepEqual(kinds('Story', 'fans', 'author', 'tags'), ['one-to-many', 'many-to-one', undefined]);
  assert.deepEqual(kinds('story', 'chapters', 'cover'), ['one-to-many', 'one-to-one']);
  assert.deepEqual(kinds('Cat', 'kittens', 'owner', 'name'), ['one-to-many', 'many-to-one', undefined]);
});

test('EntitySchema of TypeORM and MikroORM', () => {
  assert.deepEqual(kinds('Invoice', 'lines', 'payer'), ['one-to-many', 'many-to-one']);
  assert.deepEqual(kinds('Garden', 'plants', 'keeper'), ['one-to-many', 'many-to-one']);
});
