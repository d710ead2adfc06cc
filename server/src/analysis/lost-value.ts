/**
 * Whether a write stores an absolute value that was computed from what an earlier statement read of the same row: a
 * write that comes between the two is lost. Knows the forms the value takes, not how to protect it.
 */
import type { Confidence } from '../rule.ts';
import type { DatabaseEffect, FunctionFacts, Operation } from './fact.ts';
import { isOneValue, isSeldomLost, isSetting } from './lost-chance.ts';
import type { ProgramFacts } from './program.ts';
import {
  columnOf,
  columnSchemaOf,
  type DatabaseOperation,
  equalitiesOf,
  isConditional,
  isDatabaseOperation,
  isPrecious,
  isRowOf,
  isUserKey,
  lower,
  partsRead,
  pathFromRow,
  plainColumn,
  sameRow,
  schemaOf,
} from './protection.ts';
import type { Judged } from './reliance.ts';
import { sourcesOf, type Value } from './value.ts';

/**
 * `sequence`: the next number after the highest. `position`: rows are moved up or down from where one was read to be.
 * `entity`: a whole row saved for the sake of other columns.
 */
export type LostForm = 'arithmetic' | 'collection' | 'call' | 'toggle' | 'sequence' | 'position' | 'entity' | 'key';

export interface WrittenColumn {
  readonly column: string;
  readonly value: Value;
}

const SURENESS: Readonly<Record<Exclude<LostForm, 'entity'>, Confidence>> = {
  arithmetic: 'high',
  collection: 'medium',
  key: 'high',
  call: 'medium',
  sequence: 'medium',
  position: 'medium',
  toggle: 'low',
};

export function lostUpdateOf(
  fn: FunctionFacts,
  read: Operation,
  write: Operation,
  program: ProgramFacts,
): Judged | undefined {
  if (write.effect.kind === 'cache') return lostKey(fn, read, write);
  if (!isDatabaseOperation(read) || !isDatabaseOperation(write) || write.effect.action === 'delete') return undefined;
  const sequence = nextInSequence(read, write, program) ?? shifted(fn, read, write);
  if (sequence !== undefined) return sequence;
  if (write.effect.action === 'insert' || read.effect.aggregate !== undefined) return undefined;
  const row = sameRow(read, write);
  // Rows that cannot be told apart are one row only where a WHERE could not be read.
  if (row === 'different' || (row === 'unknown' && read.effect.where !== undefined && write.effect.where !== undefined))
    return undefined;
  let best: Judged | undefined;
  for (const { column, value } of writtenColumns(fn, read, write)) {
    if (write.effect.relative.includes(column) || isKeptElsewhere(write, column, program)) continue;
    const kind = columnSchemaOf(write.effect, column, program)?.kind;
    const isPart = kind === 'json' && isSelfCopy(value, read, column) && isChangedInside(fn, read, write, column);
    const isCopy = isPart || (isSelfCopy(value, read, column) && !isAssigned(fn, read, write, column));
    const form =
      ownUse(value, read, column) ??
      (isCopy || isChangedList(fn, read, write, value, column) ? 'collection' : undefined);
    if (form === undefined || (form === 'collection' && isVersionedList(write))) continue;
    if (isConditional(read, write, [column])) return undefined;
    // A relation is compared with what is stored when it is saved: one of two that are added at once is seldom lost.
    const isRelation = schemaOf(write.effect, program)?.relations.has(column) === true;
    const isLow =
      isRelation ||
      (isCopy && !isPart && !isPrecious(column) && isOneValue(column, kind)) ||
      (form !== 'arithmetic' &&
        (isSetting(column) || isSeldomLost(fn, read, write, { column, value, isPart }, program)));
    const confidence = isLow ? 'low' : evidenceOf(SURENESS[form], read, write, column);
    // Of several columns the first that matters.
    if (best !== undefined && isLow) continue;
    best = { form, columns: [column], confidence: row === 'same' ? confidence : lower(confidence) };
    if (!isLow) break;
  }
  if (best !== undefined) return best;
  return row === 'same' ? wholeEntity(fn, read, write, program) : undefined;
}

/** Rows of another table: Sequelize saves them by themselves, whatever is assigned to the list. */
function isKeptElsewhere({ model, effect }: DatabaseOperation, column: string, program: ProgramFacts): boolean {
  return (
    /^sequelize/.test(model) && effect.table !== undefined && program.relationKind(effect.table, column) !== undefined
  );
}

/** Mongoose sends `push` as `$push`, and a list as a whole only while the document's version is the one that was read. */
function isVersionedList({ model }: Operation): boolean {
  return model === 'mongoose#Document.save';
}

/** A shape alone leaves open what the call is, unless it was SQL; words for money and limits make up for one doubt. */
export function evidenceOf(
  base: Confidence,
  read: DatabaseOperation,
  write: DatabaseOperation,
  ...names: (string | undefined)[]
): Confidence {
  const isShape = [read, write].some((operation) => operation.basis === 'shape' && operation.effect.sql === undefined);
  const confidence = isShape && base === 'high' ? 'medium' : base;
  return confidence === 'medium' && isPrecious(...names) ? 'high' : confidence;
}

/** Columns the write gives values, those assigned to the row that was read included. */
export function writtenColumns(fn: FunctionFacts, read: Operation, write: DatabaseOperation): WrittenColumn[] {
  const { data, entity, mutations } = write.effect;
  const found: WrittenColumn[] = [...(data ?? [])].map(([column, value]) => ({ column, value }));
  const row = entity ?? write.executor;
  if (row === undefined || !isRowOf(row, read)) return found;
  for (const { path, value } of mutations) {
    const column = columnOf(path);
    if (column !== undefined) found.push({ column, value });
  }
  for (const { effect, order } of fn.operations) {
    if (order <= read.order || order >= write.order || effect.kind !== 'memory') continue;
    const { target } = effect;
    if ((target.kind !== 'result' && target.kind !== 'element') || !sourcesOf(target).has(read)) continue;
    const column = columnOf(target.kind === 'element' ? pathFromRow(target) : target.path);
    if (column === undefined) continue;
    if (effect.action === 'write' && effect.value !== undefined) found.push({ column, value: effect.value });
    // `row.tags.push(tag)` changes the list that was read.
    if (effect.action === 'add' || effect.action === 'delete')
      found.push({ column, value: { kind: 'array', elements: [target], open: true } });
  }
  return found;
}

/** How the value is computed from the same column of the row that was read; a copy or a default is no computation. */
function ownUse(
  value: Value,
  read: Operation,
  column: string,
): Exclude<LostForm, 'entity' | 'sequence' | 'position' | 'key'> | undefined {
  switch (value.kind) {
    case 'union':
      for (const part of value.alternatives) {
        const form = ownUse(part, read, column);
        if (form !== undefined) return form;
      }
      return undefined;
    case 'array':
    case 'object':
      return holds(value, read, column) ? 'collection' : undefined;
    case 'computed': {
      if (!mentions(value, read, column)) return undefined;
      const { operator } = value;
      if (/^[-+*/%|&^]$|^\*\*$|^(<<|>>)$/.test(operator)) return 'arithmetic';
      if (operator === '!') return 'toggle';
      if (operator === '&&') return ownUse(value.operands.at(-1) ?? value, read, column);
      if (operator === 'template') return value.operands.some((part) => holds(part, read, column)) ? 'call' : undefined;
      const name = operator.replace(/^(call|new|member):/, '');
      if (
        /^(filter|concat|map|push|slice|splice|join|replace|replaceAll|sort|toSorted|reverse|union|uniq|without|difference|omit|merge|assign|toSpliced|with|add|sub|plus|minus|times|mul|increment|decrement|max|min)$/.test(
          name,
        )
      ) {
        return isArithmetic(name) || value.operands.some((part) => holds(part, read, column))
          ? 'collection'
          : undefined;
      }
      if (/^(member|call):/.test(operator) && isPatched(value)) return 'call';
      return /^call:(parse|stringify|Number|String|BigInt|Math|round|floor|ceil)/.test(operator) &&
        !isPlainConversion(value)
        ? 'call'
        : undefined;
    }
    default:
      return undefined;
  }
}

/** `row.balance.plus(amount)`: a number, however it was made. */
function isArithmetic(name: string): boolean {
  return /^(add|sub|plus|minus|times|mul|increment|decrement|max|min)$/.test(name);
}

/** Calls that give on what they are given; what any other call gives is its own business. */
const PASSING =
  /^(call|new|member):(filter|concat|map|flatMap|flat|push|slice|splice|reverse|sort|sortBy|reduce|union|uniq\w*|without|difference|omit\w*|pick\w*|merge\w*|assign|parse|safeParse|stringify|from|of|Set|Map|fromEntries|entries|keys|values|clone\w*|structuredClone|find|at|with|toSpliced|toSorted|split|join|replace|trim|String|Number|max|min|data|output)$|^member:|^(\?\?|\|\||&&|template|[-+*/])$/;

/** A list or an object with something of the column in it: a spread, an entry, not what a service made of it. */
function holds(value: Value, read: Operation, column: string): boolean {
  switch (value.kind) {
    case 'array':
      return value.elements.some((part) => holds(part, read, column));
    case 'object':
      return [...value.properties.values(), ...value.others].some((part) => holds(part, read, column));
    case 'union':
      return value.alternatives.some((part) => holds(part, read, column));
    case 'computed':
      return PASSING.test(value.operator) && value.operands.some((part) => holds(part, read, column));
    default:
      return mentions(value, read, column);
  }
}

/** `Number(row.n)` alone writes back what was there. */
function isPlainConversion(value: Value): boolean {
  if (value.kind !== 'computed')
    return value.kind === 'result' || value.kind === 'element' || value.kind === 'place' || value.kind === 'constant';
  // Who parses a document to write it back as text has changed it in between.
  if (value.operator === 'call:stringify' && isCallOf(value.operands.at(-1), 'parse')) return false;
  return value.operator.startsWith('call:') && value.operands.every(isPlainConversion);
}

function isCallOf(value: Value | undefined, name: string): boolean {
  return value?.kind === 'computed' && value.operator === `call:${name}`;
}

/** `applyPatch(row.document, operations).newDocument`, `produce(row.state, change)`. */
function isPatched(value: Value): boolean {
  if (value.kind !== 'computed') return false;
  if (value.operator.startsWith('member:')) return value.operands.some(isPatched);
  return /^call:(apply\w*|\w*[pP]atch\w*|deepmerge|merge\w+|produce|append\w*|extend|defaults\w*)$/.test(
    value.operator,
  );
}

/** `tags: row.tags.filter(…)`: the list less some; of anything else the value that was read, stored again. */
function isSelfCopy(value: Value, read: Operation, column: string): boolean {
  return (
    value.kind === 'result' &&
    value.operation === read &&
    plainColumn(columnOf(value.path) ?? '') === plainColumn(column) &&
    plainColumn(value.path.at(-1) ?? '') === plainColumn(column)
  );
}

/** `row.title = title` before `update({ title: row.title })`: it is the new one. */
function isAssigned(fn: FunctionFacts, read: Operation, write: DatabaseOperation, column: string): boolean {
  return assignedPaths(fn, read, write, column).length > 0;
}

/** `row.flow.region = region` before `update({ flow: row.flow })`: the document that was read, one part of it new. */
function isChangedInside(fn: FunctionFacts, read: Operation, write: DatabaseOperation, column: string): boolean {
  const paths = assignedPaths(fn, read, write, column);
  return paths.length > 0 && paths.every((path) => plainColumn(path.at(-1) ?? '') !== plainColumn(column));
}

function assignedPaths(
  fn: FunctionFacts,
  read: Operation,
  write: DatabaseOperation,
  column: string,
): (readonly string[])[] {
  return fn.operations.flatMap(({ effect, order }) => {
    if (effect.kind !== 'memory' || effect.action !== 'write' || order <= read.order || order >= write.order) return [];
    const { target } = effect;
    if (target.kind !== 'result' || target.operation !== read) return [];
    return plainColumn(columnOf(target.path) ?? '') === plainColumn(column) ? [target.path] : [];
  });
}

/** `const tags = row.tags; tags.push(tag); update({ tags })`: the list that was read, changed in place. */
function isChangedList(fn: FunctionFacts, read: Operation, write: Operation, value: Value, column: string): boolean {
  const isList = (part: Value): boolean =>
    part.kind === 'union'
      ? part.alternatives.some(isList)
      : part.kind === 'result' &&
        part.operation === read &&
        plainColumn(columnOf(part.path) ?? '') === plainColumn(column);
  return (
    isList(value) &&
    fn.operations.some(
      ({ effect, order }) =>
        effect.kind === 'memory' &&
        (effect.action === 'add' || effect.action === 'delete') &&
        order > read.order &&
        order < write.order &&
        isList(effect.target),
    )
  );
}

function mentions(value: Value, read: Operation, column: string): boolean {
  const wanted = plainColumn(column);
  return partsRead(value, read).some((path) => plainColumn(columnOf(path) ?? '') === wanted);
}

/** `position: max + 1`, `number: last.number + 1`: two at once get the same. */
function nextInSequence(read: DatabaseOperation, write: DatabaseOperation, program: ProgramFacts): Judged | undefined {
  const { aggregate, returns, limited, orderedBy } = read.effect;
  const isMove = write.effect.action === 'update' && (aggregate === 'max' || aggregate === 'count');
  if (
    (!isMove && !['insert', 'save', 'upsert'].includes(write.effect.action)) ||
    (write.effect.entity !== undefined && isRowOf(write.effect.entity, read))
  )
    return undefined;
  for (const [column, value] of write.effect.data ?? []) {
    const sum = sumIn(value, read);
    if (sum === undefined) continue;
    const isLast = (returns === 'row' || limited || orderedBy.length > 0) && mentions(sum, read, column);
    if ((aggregate !== 'max' && aggregate !== 'count' && !isLast) || (isMove && !isPosition(column))) continue;
    const unique =
      write.effect.table !== undefined &&
      program.uniqueOf(write.effect.table).some((columns) => columns.includes(column));
    // A unique number ends in an error rather than a duplicate.
    return {
      form: 'sequence',
      columns: [column],
      confidence: unique || write.effect.conflictHandled ? 'low' : 'medium',
    };
  }
  return undefined;
}

function isPosition(column: string): boolean {
  return /order|position|index|rank|sort|sequence|ordinal/i.test(column);
}

/** `where: { orderIndex: { gt: row.orderIndex } }, data: { orderIndex: { decrement: 1 } }`: another move in between, and the wrong rows are shifted. */
function shifted(fn: FunctionFacts, read: DatabaseOperation, write: DatabaseOperation): Judged | undefined {
  if (write.effect.action !== 'update' || read.effect.aggregate !== undefined) return undefined;
  const column = write.effect.relative.find(
    (name) =>
      isPosition(name) &&
      (write.effect.where ?? []).some(
        (condition) =>
          plainColumn(condition.column) === plainColumn(name) &&
          /^(\$?(gt|gte|lt|lte)|[<>]=?|(more|less)than(orequal)?)$/i.test(condition.operator) &&
          mentions(condition.value, read, name),
      ),
  );
  if (column === undefined) return undefined;
  // The order of one user's own rows may be wrong by one, unless somebody took a lock to keep it right.
  const isLocked = fn.operations.some(
    ({ effect, locks }) =>
      locks.length > 0 || (effect.kind === 'database' && (effect.action === 'lock' || effect.rowLock === 'update')),
  );
  const isLow = !isLocked && equalitiesOf(write.effect).some((condition) => isUserKey(condition.column));
  return { form: 'position', columns: [column], confidence: isLow ? 'low' : 'medium' };
}

/** `max + 1`, `(max ?? 0) + 1`. */
function sumIn(value: Value, read: Operation): Value | undefined {
  if (value.kind === 'union')
    return value.alternatives.map((part) => sumIn(part, read)).find((part) => part !== undefined);
  if (value.kind !== 'computed' || value.operator !== '+' || !sourcesOf(value).has(read)) return undefined;
  return value.operands.some((operand) => operand.kind === 'constant' && typeof operand.value === 'number')
    ? value
    : undefined;
}

/** TypeORM's `save` writes every column that differs from the stored row, so a counter changed meanwhile is set back. */
function wholeEntity(
  fn: FunctionFacts,
  read: DatabaseOperation,
  write: DatabaseOperation,
  program: ProgramFacts,
): Judged | undefined {
  if (!write.model.startsWith('typeorm#') || write.effect.action !== 'save' || write.effect.entity === undefined)
    return undefined;
  if (!isRowOf(write.effect.entity, read)) return undefined;
  const written = writtenColumns(fn, read, write).map(({ column }) => plainColumn(column));
  const counters = [...(schemaOf(write.effect, program)?.columns.keys() ?? [])].filter(
    (column) =>
      /^(\w*balance|\w*stock(OnHand|Allocated|Level)?|credits?|quota|quantity|points|\w*Count|available(Quantity|Stock|Seats|Balance)?|used(Count)?|seats)$/i.test(
        column,
      ) && !written.includes(plainColumn(column)),
  );
  const [counter] = counters;
  return counter === undefined || written.length === 0
    ? undefined
    : { form: 'entity', columns: [counter], confidence: 'low' };
}

/** `const n = Number(await redis.get(k)); await redis.set(k, n + 1)`. */
function lostKey(fn: FunctionFacts, read: Operation, write: Operation): Judged | undefined {
  const { effect } = write;
  if (effect.kind !== 'cache' || effect.action !== 'set' || effect.value === undefined) return undefined;
  if (isChanged(effect.value, read)) return { form: 'key', columns: [], confidence: 'high' };
  // A store of this process may hand out the object itself: then the change is in it at once.
  if (effect.inProcess || !sourcesOf(effect.value).has(read)) return undefined;
  const changes = fn.operations.filter((other) => isChangeOfFound(other, read, write));
  if (changes.length === 0) return undefined;
  // A field set to something else is lost only when another one is changed at the same time.
  const isRelative = changes.some(
    (change) =>
      change.effect.kind === 'memory' &&
      (change.effect.action !== 'write' || (change.effect.value !== undefined && isChanged(change.effect.value, read))),
  );
  return { form: 'key', columns: [], confidence: isRelative ? 'high' : 'low' };
}

/** `cart.items.push(item)`, `cart.total += price` on what was read, before it is stored again. */
function isChangeOfFound({ effect, order }: Operation, read: Operation, write: Operation): boolean {
  return (
    effect.kind === 'memory' &&
    (effect.action === 'add' || effect.action === 'delete' || effect.action === 'write') &&
    order > read.order &&
    order < write.order &&
    sourcesOf(effect.target).has(read)
  );
}

/** Computed from what was read; the value itself, or a default beside it, is a copy. */
function isChanged(value: Value, read: Operation): boolean {
  if (!sourcesOf(value).has(read)) return false;
  switch (value.kind) {
    case 'union':
      return value.alternatives.some((part) => isChanged(part, read));
    case 'array':
      return value.elements.length > 1 && value.open ? true : value.elements.some((part) => isChanged(part, read));
    case 'object':
      return true;
    case 'computed':
      if (/^call:(String|Number|parseInt|toString|parse)$/.test(value.operator))
        return value.operands.some((part) => isChanged(part, read));
      return true;
    default:
      return false;
  }
}

/** What a save of a new object and an insert have in common: the row was not there before. */
export function isNewRow(effect: DatabaseEffect, reads: readonly Operation[]): boolean {
  if (effect.action === 'insert' || effect.action === 'upsert') return true;
  const { entity } = effect;
  return effect.action === 'save' && entity !== undefined && !reads.some((read) => isRowOf(entity, read));
}
