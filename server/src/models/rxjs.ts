/** RxJS: a subscription is a listener until it is unsubscribed or its source completes. */

import { members, NEUTRAL } from './entries.ts';
import { type CallModel, defineModels } from './model.ts';

const SUBSCRIBE: CallModel = {
  effect: {
    kind: 'listener',
    action: 'add',
    event: 'Constant[subscribe]',
    handler: 'Argument[0]',
    disposer: 'ReturnValue',
  },
  callbacks: [{ argument: 'Argument[0]', runs: 'later', parameters: ['This.Element'], returns: 'nothing' }],
  instance: 'Subscription',
};

/** One inner run per element of the source. */
const INNER = (concurrency: 'sequential' | 'parallel' | 'limited'): CallModel => ({
  wraps: { argument: 'Argument[0]', runs: 'each', concurrency, returns: 'list' },
});

export const rxjs = defineModels({
  package: 'rxjs',
  aliases: ['rxjs/operators'],
  source: 'https://rxjs.dev/api/index/class/Observable',
  extends: {
    Subject: 'Observable',
    BehaviorSubject: 'Subject',
    ReplaySubject: 'Subject',
    AsyncSubject: 'Subject',
    ConnectableObservable: 'Observable',
  },
  calls: {
    'Observable#subscribe': SUBSCRIBE,
    'Observable#forEach': {
      callbacks: [
        {
          argument: 'Argument[0]',
          runs: 'each',
          over: 'This',
          concurrency: 'parallel',
          parameters: ['This.Element'],
          returns: 'nothing',
        },
      ],
    },
    // What runs per element counts where the elements are those of a list: `from(ids).pipe(mergeMap(load))`.
    'Observable#pipe': {
      pipes: { source: 'This', steps: 'Arguments[0..]', lists: ['from'] },
      neutral: true,
      returns: 'This',
    },
    'Subject#asObservable': { neutral: true, returns: 'This' },
    'Observable#toPromise': NEUTRAL,
    'Subscription#unsubscribe': {
      effect: { kind: 'listener', action: 'remove', event: 'Constant[subscribe]', handler: 'This' },
    },
    // Whatever is added is undone with it.
    'Subscription#add': NEUTRAL,
    'Subscription#remove': NEUTRAL,
    ...members(['Subject#'], 'next error complete unsubscribe', NEUTRAL),
    'BehaviorSubject#getValue': NEUTRAL,
    // They unsubscribe themselves.
    ...members([''], 'firstValueFrom lastValueFrom', { neutral: true, returns: 'Argument[0]' }),
    fromEvent: { neutral: true, fresh: true, instance: 'Observable' },
    ...members(
      [''],
      'of from interval timer merge combineLatest forkJoin concat race zip defer EMPTY NEVER throwError iif range',
      {
        neutral: true,
        fresh: true,
        instance: 'Observable',
      },
    ),
    concatMap: INNER('sequential'),
    switchMap: INNER('parallel'),
    exhaustMap: INNER('sequential'),
    mergeMap: {
      wraps: {
        argument: 'Argument[0]',
        runs: 'each',
        concurrency: 'parallel',
        limitedIf: 'Argument[1]',
        returns: 'list',
      },
    },
    ...members([''], 'map tap filter scan reduce catchError finalize', {
      wraps: { argument: 'Argument[0]', runs: 'each', concurrency: 'sequential', returns: 'list' },
    }),
    // Attempts follow each other at once unless `delay` is set.
    ...members([''], 'retry', { neutral: true }),
    ...members(
      [''],
      'take takeUntil takeWhile first last debounceTime throttleTime distinctUntilChanged shareReplay share startWith delay timeout withLatestFrom bufferTime bufferCount auditTime sampleTime skip',
      NEUTRAL,
    ),
    ...members(['new '], 'Subject BehaviorSubject ReplaySubject AsyncSubject Subscription Observable', {
      neutral: true,
      fresh: true,
    }),
  },
});
