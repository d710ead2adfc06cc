/**
 * Prisma: the generated client. Its delegates (`UserDelegate#findMany`) are generated with the schema's names, so
 * members match any class of the generated package. A client generated into the project, or not at all, is
 * recognised by shape (shape.ts).
 */

import { members, NEUTRAL } from './entries.ts';
import { type CallModel, defineModels } from './model.ts';
import { PRISMA_DELEGATE } from './shape.ts';

const RAW: CallModel = { effect: { kind: 'sql', text: 'Argument[0]', parameters: 'Arguments[1..]' } };

function delegates(): Record<string, CallModel> {
  const calls: Record<string, CallModel> = {};
  for (const [name, effect] of Object.entries(PRISMA_DELEGATE)) {
    calls[`*#${name}`] = { effect: { kind: 'database', table: 'This.Name', ...effect }, executor: 'This.Owner' };
  }
  return calls;
}

/** Interactive: the callback's client. An array: the statements run in one transaction, in order. */
const TRANSACTION: CallModel = {
  callbacks: [
    {
      argument: 'Argument[0]',
      runs: 'once',
      parameters: ['This'],
      transaction: { executor: 'Parameter[0]', isolation: 'Argument[1].Member[isolationLevel]' },
      returns: 'value',
    },
  ],
  forms: [{ arguments: ['array', '...'], model: { batches: 'Argument[0]', returns: 'Argument[0]' } }],
};

export const prisma = defineModels({
  package: '@prisma/client',
  aliases: [
    '.prisma/client',
    '.prisma',
    '@prisma/client/runtime/client',
    '@prisma/client/runtime/library',
    '@prisma/client-runtime-utils',
    '@prisma/client/edge',
  ],
  source: 'https://www.prisma.io/docs/orm/reference/prisma-client-reference',
  calls: {
    ...delegates(),
    '*#$transaction': TRANSACTION,
    ...members(['*#'], '$queryRaw $executeRaw $queryRawUnsafe $executeRawUnsafe $queryRawTyped', RAW),
    '*#$extends': { neutral: true, returns: 'This' },
    ...members(['*#'], '$connect $disconnect $use', NEUTRAL),
    '*#$on': { effect: { kind: 'listener', action: 'add', event: 'Argument[0]', handler: 'Argument[1]' } },
    'new PrismaClient': { neutral: true, fresh: true },
    // By the namespace in code without types; with them by the runtime's names.
    ...members(['Prisma.', ''], 'sql join raw empty validator', NEUTRAL),
    sqltag: NEUTRAL,
  },
});
