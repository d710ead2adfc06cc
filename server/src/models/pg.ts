/** node-postgres: `pg`, and `pg-pool`, whose pool it is. */

import { members, NEUTRAL } from './entries.ts';
import { type CallModel, defineModels } from './model.ts';

/** Text, or `{ text, values }`; with a callback as last argument the result goes there. */
const QUERY: CallModel = {
  effect: {
    kind: 'sql',
    text: 'Argument[0]',
    parameters: 'Argument[1]',
    dialect: 'postgresql',
    rows: 'Member[rows]',
    affected: 'Member[rowCount]',
  },
  callbacks: [{ argument: 'Argument[-1]', runs: 'answered', parameters: ['This'], returns: 'nothing' }],
};

export const pg = defineModels({
  package: 'pg',
  aliases: ['pg-pool', '@vercel/postgres', '@neondatabase/serverless'],
  source: 'https://node-postgres.com/apis/pool',
  default: 'pg',
  extends: {
    PoolClient: 'ClientBase',
    Client: 'ClientBase',
    NeonPool: 'Pool',
    VercelPool: 'Pool',
    VercelPoolClient: 'PoolClient',
    Pool: 'node:events#EventEmitter',
    ClientBase: 'node:events#EventEmitter',
  },
  calls: {
    'Pool#query': QUERY,
    'ClientBase#query': QUERY,
    'Pool#connect': {
      effect: { kind: 'resource', action: 'acquire', resource: 'connection', in: 'ReturnValue.Awaited' },
      instance: 'PoolClient',
    },
    'PoolClient#release': { effect: { kind: 'resource', action: 'release', resource: 'connection', in: 'This' } },
    'Client#connect': { effect: { kind: 'resource', action: 'acquire', resource: 'connection', in: 'This' } },
    'Client#end': { effect: { kind: 'resource', action: 'release', resource: 'connection', in: 'This' } },
    // A pool is made once and lives as long as the process; ending it matters to shutdown only.
    'Pool#end': NEUTRAL,
    'new Pool': { neutral: true, fresh: true },
    'new Client': { neutral: true, fresh: true },
    ...members(['ClientBase#'], 'escapeIdentifier escapeLiteral setTypeParser getTypeParser', NEUTRAL),
    ...members([''], 'escapeIdentifier escapeLiteral', NEUTRAL),
  },
});
