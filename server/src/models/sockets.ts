/** WebSocket libraries: emitters under their own names. */

import { members, NEUTRAL, underEach } from './entries.ts';
import { defineModels } from './model.ts';
import { EMITTER } from './node-events.ts';

export const ws = defineModels({
  package: 'ws',
  aliases: ['isomorphic-ws'],
  source: 'https://github.com/websockets/ws/blob/master/doc/ws.md',
  default: 'WebSocket',
  calls: {
    ...underEach(['*#'], EMITTER),
    'new WebSocket': {
      effect: { kind: 'resource', action: 'acquire', resource: 'socket', in: 'ReturnValue' },
      fresh: true,
    },
    ...members(['WebSocket#'], 'close terminate', {
      effect: { kind: 'resource', action: 'release', resource: 'socket', in: 'This' },
    }),
    ...members(['WebSocket#'], 'send ping pong', NEUTRAL),
    ...members(['new '], 'WebSocketServer', { neutral: true, fresh: true }),
    'WebSocket#addEventListener': {
      effect: { kind: 'listener', action: 'add', event: 'Argument[0]', handler: 'Argument[1]', options: 'Argument[2]' },
    },
    'WebSocket#removeEventListener': {
      effect: { kind: 'listener', action: 'remove', event: 'Argument[0]', handler: 'Argument[1]' },
    },
  },
});

export const socketIo = defineModels({
  package: 'socket.io',
  aliases: ['socket.io-client', '@socket.io/component-emitter'],
  source: 'https://socket.io/docs/v4/server-api/',
  default: 'io',
  calls: {
    ...underEach(['*#'], EMITTER),
    // `io(url)`; the declared name is `lookup`.
    ...members([''], 'io lookup', { neutral: true, fresh: true, instance: 'Socket' }),
    'new Server': { neutral: true, fresh: true },
    ...members(['*#'], 'to in except of', { neutral: true, returns: 'This' }),
    ...members(['Socket#'], 'join leave disconnect send', NEUTRAL),
    ...members(['Server#'], 'use close', NEUTRAL),
  },
});
