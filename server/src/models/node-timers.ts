/** `node:timers` as a module, and its promise form, where a timer is a wait. */

import { TIMERS } from './dom.ts';
import { underEach } from './entries.ts';
import { defineModels } from './model.ts';

export const nodeTimers = defineModels({
  package: 'node:timers',
  source: 'https://nodejs.org/api/timers.html',
  calls: {
    ...underEach([''], TIMERS),
    'Timeout#unref': { neutral: true, returns: 'This' },
    'Timeout#ref': { neutral: true, returns: 'This' },
    'Timeout#refresh': { neutral: true, returns: 'This' },
    'Timeout#close': { effect: { kind: 'timer', action: 'clear', handle: 'This' } },
  },
});

export const nodeTimersPromises = defineModels({
  package: 'node:timers/promises',
  source: 'https://nodejs.org/api/timers.html#timers-promises-api',
  calls: {
    setTimeout: { effect: { kind: 'wait', for: 'time', duration: 'Argument[0]' } },
    setImmediate: { neutral: true },
    setInterval: { neutral: true },
    'Scheduler#wait': { effect: { kind: 'wait', for: 'time', duration: 'Argument[0]' } },
    'Scheduler#yield': { neutral: true },
  },
});
