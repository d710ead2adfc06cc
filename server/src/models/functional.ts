/** Data-last functions and pipes: fp-ts, Ramda, lodash/fp, Remeda. fp-ts is told by module: `map` of lists, of tasks. */

import { type Calls, members, NEUTRAL, underEach } from './entries.ts';
import { type CallbackModel, type CallModel, defineModels } from './model.ts';

const FP_TS = 'https://gcanti.github.io/fp-ts/modules/';

const each = (concurrency: CallbackModel['concurrency'], rest: Partial<CallbackModel> = {}): CallModel => ({
  wraps: {
    argument: 'Argument[0]',
    runs: 'each',
    ...(concurrency === undefined ? {} : { concurrency }),
    returns: 'list',
    ...rest,
  },
});
/** `TE.map(f)`: `f` runs once, with what the task gave. */
const once = (argument = 'Argument[0]'): CallModel => ({
  wraps: { argument, runs: 'once', parameters: ['Argument[0]'], returns: 'value' },
});
const SAME: CallModel = { neutral: true, returns: 'Argument[0]' };

function fpTs(module: string, others: string): { package: string; aliases: string[] } {
  const names = [module, ...others.split(' ')];
  return {
    package: `fp-ts/${module}`,
    aliases: [
      ...names.slice(1).map((name) => `fp-ts/${name}`),
      ...names.flatMap((name) => [`fp-ts/lib/${name}`, `fp-ts/es6/${name}`]),
    ],
  };
}

export const fpTsList = defineModels({
  ...fpTs('Array', 'ReadonlyArray NonEmptyArray ReadonlyNonEmptyArray'),
  source: `${FP_TS}Array.ts.html`,
  calls: {
    ...members([''], 'map chain flatMap filterMap', each('parallel')),
    ...members(
      [''],
      'mapWithIndex chainWithIndex filterMapWithIndex',
      each('parallel', { parameters: ['unknown', 'Element'] }),
    ),
    ...members([''], 'filter', each('sequential', { returns: 'nothing' })),
    ...members([''], 'traverse wilt wither', each('parallel', { argument: 'Parameter[0]' })),
    ...members(
      [''],
      'traverseWithIndex',
      each('parallel', { argument: 'Parameter[0]', parameters: ['unknown', 'Element'] }),
    ),
  },
});

export const fpTsTask = defineModels({
  ...fpTs(
    'TaskEither',
    'Task TaskOption TaskThese ReaderTaskEither ReaderTask StateReaderTaskEither IO IOEither Either Option Reader ReaderEither Identity',
  ),
  source: `${FP_TS}TaskEither.ts.html`,
  calls: {
    ...members(
      [''],
      'map chain chainW flatMap chainFirst chainFirstW tap chainTaskK chainFirstTaskK chainEitherK chainIOK orElse orElseW getOrElse getOrElseW mapLeft alt altW',
      once(),
    ),
    ...members([''], 'match matchW matchE matchEW fold foldW', once('Argument[-1]')),
    ...members(
      [''],
      'traverseArray traverseReadonlyArrayWithIndex traverseReadonlyNonEmptyArrayWithIndex',
      each('parallel'),
    ),
    ...members([''], 'traverseArrayWithIndex', each('parallel', { parameters: ['unknown', 'Element'] })),
    traverseSeqArray: each('sequential'),
    traverseSeqArrayWithIndex: each('sequential', { parameters: ['unknown', 'Element'] }),
    ...members([''], 'sequenceArray sequenceSeqArray', SAME),
    tryCatch: {
      callbacks: [
        { argument: 'Argument[0]', runs: 'once', returns: 'value' },
        { argument: 'Argument[1]', runs: 'once', returns: 'nothing' },
      ],
    },
  },
});

const PIPE: CallModel = { pipes: { source: 'Argument[0]', steps: 'Arguments[1..]' } };
const FLOW: CallModel = { pipes: { steps: 'Arguments[0..]' } };

export const fpTsFunction = defineModels({
  ...fpTs('function', 'pipeable'),
  source: `${FP_TS}function.ts.html`,
  calls: { pipe: PIPE, flow: FLOW, ...members([''], 'identity constVoid constant', NEUTRAL) },
});

/** `map(f, list)`, or `map(f)` for a list that comes later. */
const dataLast = (returns: CallbackModel['returns']): CallModel => ({
  ...each('parallel', { ...(returns === undefined ? {} : { returns }) }),
  forms: [
    {
      arguments: ['value', 'value'],
      model: {
        callbacks: [
          {
            argument: 'Argument[0]',
            runs: 'each',
            over: 'Argument[1]',
            concurrency: 'parallel',
            parameters: ['Argument[1].Element'],
            ...(returns === undefined ? {} : { returns }),
          },
        ],
      },
    },
  ],
});
/** `map(list, f)`, or `map(f)` in a pipe. */
const dataFirst = (returns: CallbackModel['returns']): CallModel => ({
  ...each('parallel', { ...(returns === undefined ? {} : { returns }) }),
  forms: [
    {
      arguments: ['value', 'value'],
      model: {
        callbacks: [
          {
            argument: 'Argument[1]',
            runs: 'each',
            over: 'Argument[0]',
            concurrency: 'parallel',
            parameters: ['Argument[0].Element'],
            ...(returns === undefined ? {} : { returns }),
          },
        ],
      },
    },
  ],
});

export const ramda = defineModels({
  package: 'ramda',
  // `types-ramda` declares what `@types/ramda` passes on.
  aliases: ['rambda', 'types-ramda'],
  source: 'https://ramdajs.com/docs/#map',
  default: 'R',
  calls: {
    ...members([''], 'map chain', dataLast('list')),
    ...members([''], 'forEach filter reject', dataLast('nothing')),
    ...members([''], 'pipe pipeWith flow', FLOW),
    traverse: each('parallel', { argument: 'Parameter[0]' }),
  },
});

const LODASH_FP: Calls = {
  ...members([''], 'map flatMap', dataLast('list')),
  ...members([''], 'forEach each filter reject', dataLast('nothing')),
  ...members([''], 'flow pipe', FLOW),
};

export const lodashFp = defineModels({
  package: 'lodash/fp',
  source: 'https://github.com/lodash/lodash/wiki/FP-Guide',
  default: 'fp',
  calls: underEach(['', 'fp.'], LODASH_FP),
});

/** Its types are a part of `@types/lodash`. */
export const lodashFpTypes = defineModels({
  package: 'lodash',
  source: 'https://github.com/lodash/lodash/wiki/FP-Guide',
  calls: underEach(['LoDashFp#'], LODASH_FP),
});

export const remeda = defineModels({
  package: 'remeda',
  source: 'https://remedajs.com/docs',
  calls: {
    ...members([''], 'map flatMap', dataFirst('list')),
    ...members([''], 'forEach filter', dataFirst('nothing')),
    pipe: PIPE,
  },
});
