/** Transactions that follow the call chain instead of being passed on, and their hooks for what comes after the commit. */

import { members, NEUTRAL } from './entries.ts';
import { type CallbackModel, type CallModel, defineModels } from './model.ts';

const LATER: CallModel = { callbacks: [{ argument: 'Argument[0]', runs: 'later', returns: 'nothing' }] };
/** Every repository and manager of the data source joins. */
const AMBIENT: CallbackModel = {
  argument: 'Argument[0]',
  runs: 'once',
  transaction: { executor: 'ambient', isolation: 'Argument[1].Member[isolationLevel]' },
  returns: 'value',
};
/** `withTransaction(run)`, `(options, run)`, `(propagation, run)`, `(propagation, options, run)`: what goes through the host is inside. */
const hosted = (isolation: string): CallModel => ({
  callbacks: [
    { argument: 'Argument[-1]', runs: 'once', transaction: { executor: 'This', isolation }, returns: 'value' },
  ],
});

export const typeormTransactional = defineModels({
  package: 'typeorm-transactional',
  aliases: ['typeorm-transactional-cls-hooked'],
  source: 'https://github.com/Aliheym/typeorm-transactional#hooks',
  calls: {
    ...members([''], 'runOnTransactionCommit runOnTransactionRollback runOnTransactionComplete', LATER),
    runInTransaction: { callbacks: [AMBIENT] },
    wrapInTransaction: { wraps: AMBIENT },
  },
});

export const nestClsTransactional = defineModels({
  package: '@nestjs-cls/transactional',
  source: 'https://papooch.github.io/nestjs-cls/plugins/available-plugins/transactional',
  calls: {
    'TransactionHost#withTransaction': {
      ...hosted('Argument[0].Member[isolationLevel]'),
      forms: [{ arguments: ['value', 'value', 'function'], model: hosted('Argument[1].Member[isolationLevel]') }],
    },
    'TransactionHost#withoutTransaction': {
      callbacks: [{ argument: 'Argument[0]', runs: 'once', returns: 'value' }],
    },
    'TransactionHost#isTransactionActive': NEUTRAL,
  },
});

/** Where wrappers of one's own keep the transaction. */
export const nodeAsyncHooks = defineModels({
  package: 'node:async_hooks',
  source: 'https://nodejs.org/api/async_context.html',
  calls: {
    'new AsyncLocalStorage': { neutral: true, fresh: true },
    'AsyncLocalStorage#run': {
      callbacks: [{ argument: 'Argument[1]', runs: 'once', stores: 'Argument[0]', returns: 'value' }],
    },
    'AsyncLocalStorage#exit': { callbacks: [{ argument: 'Argument[0]', runs: 'once', returns: 'value' }] },
    ...members(['AsyncLocalStorage#'], 'getStore disable enterWith', NEUTRAL),
  },
});
