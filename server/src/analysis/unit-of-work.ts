/**
 * Effects that wait: commands of a pipeline go out at `exec`, entities that were persisted or merely changed are
 * written at `flush`. A loop that only queues does no I/O per element.
 */

import { mutationsOf } from './effect.ts';
import type { DatabaseEffect, Effect, Loop, Operation } from './fact.ts';
import type { Interpreter } from './interpreter.ts';
import { detachedIn } from './transaction.ts';
import { computed, haveSameKey, keyOf, type Value } from './value.ts';

/** What `redis.pipeline()` gives. */
export function buffer(interpreter: Interpreter, client: Value | undefined, at: { start: number; end: number }): Value {
  const { activation } = interpreter;
  const made = computed('buffer', client === undefined ? [] : [client], interpreter.at(at));
  activation.buffers.set(keyOf(made), activation.position.loops);
  return made;
}

/** The loops that the pipeline was begun in; undefined for what is no pipeline. */
export function loopsOfBuffer(interpreter: Interpreter, value: Value | undefined): readonly Loop[] | undefined {
  return value?.kind === 'computed' && value.operator === 'buffer'
    ? interpreter.activation.buffers.get(keyOf(value))
    : undefined;
}

export interface PendingWrite {
  readonly effect: DatabaseEffect;
  /** The fork whose flush writes it: any other manager's otherwise. */
  readonly fork: Value | undefined;
}

/** Marks what `persist` was given; nothing is written yet. */
export function defer(
  { activation }: Interpreter,
  effects: Effect | readonly Effect[] | undefined,
  executor: Value | undefined,
): void {
  const fork = detachedIn(executor);
  for (const effect of effects === undefined ? [] : 'kind' in effects ? [effects] : effects)
    if (effect.kind === 'database') activation.pending.push({ effect, fork });
}

/** What a flush writes: everything marked since the last one, and the rows that were changed after they were read. */
export function flushed(
  interpreter: Interpreter,
  library: string,
  executor: Value | undefined,
): readonly DatabaseEffect[] {
  const { activation } = interpreter;
  const fork = detachedIn(executor);
  const isOwn = (other: Value | undefined): boolean =>
    fork === undefined || other === undefined ? fork === other : haveSameKey(fork, other);
  const marked = new Map<string, DatabaseEffect>();
  for (const waiting of activation.pending.splice(0)) {
    const key = `${waiting.effect.action} ${waiting.effect.table ?? ''}`;
    if (!isOwn(waiting.fork)) activation.pending.push(waiting);
    else if (!marked.has(key)) marked.set(key, waiting.effect);
  }
  const since = activation.flushedAt;
  activation.flushedAt = activation.operations.length;
  const changed = new Map<Operation, DatabaseEffect>();
  for (const { effect } of activation.operations.slice(since)) {
    if (effect.kind !== 'memory' || (effect.action !== 'write' && effect.action !== 'add')) continue;
    const row = rowOf(effect.target);
    if (row === undefined || changed.has(row.read) || row.read.effect.kind !== 'database') continue;
    if (!row.read.model.startsWith(`${library}#`)) continue;
    changed.set(row.read, saveOf(row.value, row.read.effect.table, interpreter));
  }
  for (const [read, effect] of changed) {
    const reader = detachedIn(read.executor);
    if (isOwn(reader)) continue;
    changed.delete(read);
    activation.pending.push({ effect, fork: reader });
  }
  return [...marked.values(), ...changed.values()];
}

function rowOf(target: Value): { value: Value; read: Operation } | undefined {
  if (target.kind === 'result') return { value: { ...target, path: [] }, read: target.operation };
  if (target.kind !== 'element') return undefined;
  return target.of.kind === 'result' ? { value: { ...target, path: [] }, read: target.of.operation } : undefined;
}

function saveOf(entity: Value, table: string | undefined, interpreter: Interpreter): DatabaseEffect {
  return {
    kind: 'database',
    action: 'save',
    table,
    where: [],
    data: undefined,
    relative: [],
    entity,
    mutations: mutationsOf(entity, interpreter),
    returns: 'nothing',
    rowLock: 'none',
    conflictHandled: false,
    reportsAffected: false,
    relations: [],
    batchesSameTick: false,
    limited: false,
    orderedBy: [],
    args: [],
  };
}
