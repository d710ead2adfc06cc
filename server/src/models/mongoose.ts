/** Mongoose models, documents and queries, and the MongoDB driver beneath. Single-document updates are atomic. */

import { members, NEUTRAL } from './entries.ts';
import { type CallModel, type DatabaseModel, defineModels } from './model.ts';

const table = 'This.Entity';
const where = 'Argument[0]';
const session = (argument: number): string => `Argument[${argument}].Member[session]`;

const read = (rest: Partial<DatabaseModel> & Pick<DatabaseModel, 'returns'>): CallModel => ({
  effect: { kind: 'database', action: 'read', table, ...rest },
  executor: session(2),
  instance: 'Query',
});
const update = (rest: Partial<DatabaseModel>): CallModel => ({
  effect: { kind: 'database', action: 'update', table, where, data: 'Argument[1]', returns: 'row', ...rest },
  executor: session(2),
  instance: 'Query',
});
const remove = (rest: Partial<DatabaseModel>): CallModel => ({
  effect: { kind: 'database', action: 'delete', table, where, returns: 'row', ...rest },
  executor: session(1),
  instance: 'Query',
});
const MODIFIED = { returns: 'affected', affected: 'Member[modifiedCount]' } as const;
const DELETED = { returns: 'affected', affected: 'Member[deletedCount]' } as const;

/** A query runs when awaited, `.then`ed or `.exec()`d; the effect is put where it was begun. */
const QUERY_CHAIN: CallModel = { neutral: true, returns: 'This' };

const WITH_TRANSACTION: CallModel = {
  callbacks: [
    {
      argument: 'Argument[0]',
      runs: 'once',
      parameters: ['This'],
      // Of two that write one document the second fails; the driver runs it again.
      transaction: { executor: 'This', isolation: 'Constant[snapshot]' },
      returns: 'value',
    },
  ],
};

export const mongoose = defineModels({
  package: 'mongoose',
  aliases: ['@nestjs/mongoose'],
  source: 'https://mongoosejs.com/docs/api/model.html',
  default: 'Mongoose',
  // A document with its model's type: an alias where the package's types are known.
  extends: { Connection: 'node:events#EventEmitter', HydratedDocument: 'Document' },
  rows: 'Document',
  calls: {
    'Model#find': read({ where, limit: 'Argument[2].Member[limit]', returns: 'rows' }),
    'Model#findOne': read({ where, returns: 'row' }),
    'Model#findById': read({ primaryKey: where, returns: 'row' }),
    ...members(['Model#'], 'countDocuments estimatedDocumentCount', read({ where, returns: 'count' })),
    'Model#exists': read({ where, returns: 'exists' }),
    'Model#distinct': read({ where: 'Argument[1]', returns: 'rows' }),
    'Model#aggregate': read({ returns: 'rows' }),
    ...members(['Model#'], 'create', {
      effect: { kind: 'database', action: 'insert', table, data: 'Argument[0]', returns: 'row' },
      executor: session(1),
    }),
    ...members(['Model#'], 'insertMany insertOne', {
      effect: { kind: 'database', action: 'insert', table, data: 'Argument[0]', returns: 'rows' },
      executor: session(1),
    }),
    ...members(['Model#'], 'updateOne updateMany', update(MODIFIED)),
    'Model#findOneAndUpdate': update({}),
    'Model#findByIdAndUpdate': {
      effect: {
        kind: 'database',
        action: 'update',
        table,
        primaryKey: 'Argument[0]',
        data: 'Argument[1]',
        returns: 'row',
      },
      executor: session(2),
      instance: 'Query',
    },
    ...members(['Model#'], 'replaceOne', update({ action: 'save', ...MODIFIED })),
    'Model#findOneAndReplace': update({ action: 'save' }),
    ...members(['Model#'], 'deleteOne deleteMany', remove(DELETED)),
    'Model#findOneAndDelete': remove({}),
    'Model#findByIdAndDelete': {
      effect: { kind: 'database', action: 'delete', table, primaryKey: 'Argument[0]', returns: 'row' },
      executor: session(1),
      instance: 'Query',
    },
    ...members(['Model#'], 'bulkWrite bulkSave', {
      effect: { kind: 'database', action: 'update', table, returns: 'unknown' },
      executor: session(1),
    }),
    // One query for all documents given.
    'Model#populate': read({ returns: 'rows' }),
    'Model#hydrate': { neutral: true, returns: 'Argument[0]' },
    ...members(['Model#', 'SessionStarter#', 'Connection#', 'Mongoose#', ''], 'startSession', {
      neutral: true,
      fresh: true,
      instance: 'ClientSession',
    }),

    'Document#save': {
      effect: { kind: 'database', action: 'save', table, data: 'This', returns: 'row' },
      executor: session(0),
      returns: 'This',
    },
    'Document#updateOne': {
      effect: { kind: 'database', action: 'update', table, primaryKey: 'This', data: 'Argument[0]', ...MODIFIED },
      executor: session(1),
    },
    'Document#replaceOne': {
      effect: { kind: 'database', action: 'save', table, primaryKey: 'This', data: 'Argument[0]', ...MODIFIED },
      executor: session(1),
    },
    'Document#deleteOne': {
      effect: { kind: 'database', action: 'delete', table, primaryKey: 'This', ...DELETED },
      executor: session(0),
    },
    // One query per document.
    'Document#populate': {
      effect: { kind: 'database', action: 'read', table: 'Argument[0]', returns: 'row' },
      returns: 'This',
    },
    ...members(['Document#'], 'set $set overwrite', {
      effect: { kind: 'memory', action: 'add', target: 'This', key: 'Argument[0]', value: 'Argument[-1]' },
      returns: 'This',
    }),
    // Sent as `$inc` with the next save: atomic on the server.
    ...members(['Document#'], '$inc', NEUTRAL),
    ...members(['Document#'], 'toObject toJSON get', { neutral: true, returns: 'This' }),
    ...members(['Document#'], 'increment isModified markModified validate equals depopulate populated', NEUTRAL),

    'Query#exec': { neutral: true, returns: 'This' },
    'Query#populate': { builds: { relations: 'Argument[0]' }, returns: 'This' },
    'Query#limit': { builds: { limit: 'Argument[0]' }, returns: 'This' },
    'Query#sort': { builds: { orderBy: 'Argument[0]' }, returns: 'This' },
    'Query#session': { builds: { executor: 'Argument[0]' }, returns: 'This' },
    ...members(['Query#'], 'where equals in gt gte lt lte ne nin and or nor', {
      builds: { where: 'unknown' },
      returns: 'This',
    }),
    ...members(
      ['Query#'],
      'lean select skip hint read orFail setOptions collation batchSize cursor clone comment maxTimeMS',
      QUERY_CHAIN,
    ),

    ...members(['Cursor#'], 'eachAsync', {
      callbacks: [
        {
          argument: 'Argument[0]',
          runs: 'each',
          over: 'This',
          concurrency: 'sequential',
          limitedIf: 'Argument[1].Member[parallel]',
          parameters: ['This.Element'],
          returns: 'nothing',
        },
      ],
    }),
    ...members(['Cursor#'], 'next map', QUERY_CHAIN),
    'Connection#transaction': {
      callbacks: [
        {
          argument: 'Argument[0]',
          runs: 'once',
          transaction: { executor: 'Parameter[0]', isolation: 'Constant[snapshot]' },
          returns: 'value',
        },
      ],
    },
    ...members(['Connection#', 'Mongoose#', ''], 'model', { neutral: true, boundTo: 'Argument[0]', instance: 'Model' }),
    ...members(['Mongoose#', ''], 'connect createConnection disconnect', NEUTRAL),
    'Connection#close': NEUTRAL,
    ...members(['new '], 'Schema Document', { neutral: true, fresh: true }),
  },
});

const COLLECTION = {
  read: (rest: Partial<DatabaseModel> & Pick<DatabaseModel, 'returns'>): CallModel => ({
    effect: { kind: 'database', action: 'read', table, where, ...rest },
    executor: session(1),
  }),
};

export const mongodb = defineModels({
  package: 'mongodb',
  source: 'https://www.mongodb.com/docs/drivers/node/current/fundamentals/crud/',
  calls: {
    'Db#collection': { neutral: true, boundTo: 'Argument[0]', instance: 'Collection' },
    'MongoClient#db': { neutral: true, returns: 'This', instance: 'Db' },
    'new MongoClient': { neutral: true, fresh: true },
    ...members(['MongoClient#'], 'connect close', NEUTRAL),
    'Collection#find': { ...COLLECTION.read({ returns: 'rows' }), instance: 'FindCursor' },
    'Collection#findOne': COLLECTION.read({ returns: 'row' }),
    ...members(['Collection#'], 'countDocuments count', COLLECTION.read({ returns: 'count' })),
    'Collection#estimatedDocumentCount': { effect: { kind: 'database', action: 'read', table, returns: 'count' } },
    'Collection#distinct': COLLECTION.read({ where: 'Argument[1]', returns: 'rows' }),
    'Collection#aggregate': {
      effect: { kind: 'database', action: 'read', table, returns: 'rows' },
      executor: session(1),
      instance: 'FindCursor',
    },
    ...members(['Collection#'], 'insertOne insertMany', {
      effect: { kind: 'database', action: 'insert', table, data: 'Argument[0]', returns: 'unknown' },
      executor: session(1),
    }),
    ...members(['Collection#'], 'updateOne updateMany', {
      effect: { kind: 'database', action: 'update', table, where, data: 'Argument[1]', ...MODIFIED },
      executor: session(2),
    }),
    'Collection#replaceOne': {
      effect: { kind: 'database', action: 'save', table, where, data: 'Argument[1]', ...MODIFIED },
      executor: session(2),
    },
    'Collection#findOneAndUpdate': {
      effect: { kind: 'database', action: 'update', table, where, data: 'Argument[1]', returns: 'row' },
      executor: session(2),
    },
    'Collection#findOneAndReplace': {
      effect: { kind: 'database', action: 'save', table, where, data: 'Argument[1]', returns: 'row' },
      executor: session(2),
    },
    ...members(['Collection#'], 'deleteOne deleteMany', {
      effect: { kind: 'database', action: 'delete', table, where, ...DELETED },
      executor: session(1),
    }),
    'Collection#findOneAndDelete': {
      effect: { kind: 'database', action: 'delete', table, where, returns: 'row' },
      executor: session(1),
    },
    'Collection#bulkWrite': {
      effect: { kind: 'database', action: 'update', table, returns: 'unknown' },
      executor: session(1),
    },
    ...members(['Collection#'], 'createIndex createIndexes dropIndex listIndexes indexes', NEUTRAL),
    // The cursor's reads belong to the query that gave it.
    ...members(['AbstractCursor#', 'FindCursor#'], 'toArray next tryNext hasNext', { neutral: true, returns: 'This' }),
    'AbstractCursor#forEach': {
      callbacks: [
        {
          argument: 'Argument[0]',
          runs: 'each',
          over: 'This',
          concurrency: 'sequential',
          parameters: ['This.Element'],
          returns: 'nothing',
        },
      ],
    },
    'AbstractCursor#close': NEUTRAL,
    'AbstractCursor#batchSize': { neutral: true, returns: 'This' },
    'FindCursor#limit': { builds: { limit: 'Argument[0]' }, returns: 'This' },
    'FindCursor#sort': { builds: { orderBy: 'Argument[0]' }, returns: 'This' },
    ...members(['FindCursor#'], 'project skip hint map filter', { neutral: true, returns: 'This' }),
    ...members(['MongoClient#'], 'startSession', { neutral: true, fresh: true, instance: 'ClientSession' }),
    'MongoClient#withSession': {
      callbacks: [{ argument: 'Argument[-1]', runs: 'once', returns: 'value' }],
    },
    'ClientSession#withTransaction': WITH_TRANSACTION,
    'ClientSession#startTransaction': {
      effect: { kind: 'transaction', action: 'begin', isolation: 'Constant[snapshot]' },
    },
    'ClientSession#commitTransaction': { effect: { kind: 'transaction', action: 'commit' } },
    'ClientSession#abortTransaction': { effect: { kind: 'transaction', action: 'rollback' } },
    ...members(['ClientSession#'], 'endSession inTransaction', NEUTRAL),
  },
});
