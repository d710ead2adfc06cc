/** Reads of an entity's relations from rows that a query returned. */
import type { Span } from '../typescript/syntax.ts';
import type { Operation } from './fact.ts';
import type { Interpreter } from './interpreter.ts';
import type { Value } from './value.ts';

/** Records a relation read when `value` is a row of an entity that has the relation `name`. */
export function relationRead(interpreter: Interpreter, value: Value, name: string, at: Span): void {
  const row = rowOf(value);
  if (row === undefined || row.effect.kind !== 'database' || row.effect.table === undefined) return;
  const relation = interpreter.surroundings.entity(row.effect.table)?.relations.get(name);
  if (relation === undefined) return;
  interpreter.activation.record({
    effect: {
      kind: 'relation',
      entity: row.effect.table,
      relation: name,
      lazy: relation.lazy,
      eager: relation.eager,
      row: value,
      read: row,
      loaded: relation.eager || row.effect.relations.some((loaded) => loaded === name || loaded.startsWith(`${name}.`)),
    },
    at: interpreter.at(at),
    span: interpreter.at(at),
    name,
    model: `relation:${name}`,
    basis: 'type',
    fn: interpreter.frame.fn,
  });
}

/** The query whose row the value is: the result itself, or an element of it. */
export function rowOf(value: Value): Operation | undefined {
  if (value.kind === 'result' && value.operation.effect.kind === 'database') {
    const { effect } = value.operation;
    if (effect.returns === 'row' && value.path.length === 0) return value.operation;
    if (effect.returns === 'rows' && value.path.length === 1 && /^(\d+|\[\])$/.test(value.path[0] ?? ''))
      return value.operation;
    return undefined;
  }
  if (value.kind === 'element' && value.path.length === 0) {
    const of = value.of;
    if (of.kind === 'result' && of.operation.effect.kind === 'database' && of.operation.effect.returns === 'rows') {
      return of.path.length === 0 || (of.path.length === 1 && of.path[0] === '0') ? of.operation : undefined;
    }
  }
  if (value.kind === 'union') {
    for (const alternative of value.alternatives) {
      const found = rowOf(alternative);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}
