/**
 * Which table, collection or entity a call is about: from the type, the value, or the constant the value was made
 * from. A name that is only a variable's (`this.tableName`, a parameter) is none: errs towards `undefined`.
 */
import { parsePath } from '../models/path.ts';
import type { ClassNode } from '../typescript/syntax.ts';
import { type CallView, followSteps } from './effect.ts';
import type { ClassInfo } from './hierarchy.ts';
import type { Surroundings as Engine, Interpreter } from './interpreter.ts';
import { memberOf, type PlaceValue, type Value } from './value.ts';

type Surroundings = Pick<Engine, 'hierarchy' | 'propertyOf'>;

/** The name of the table or entity a path leads to. */
export function tableName(path: string, call: CallView): string | undefined {
  const steps = parsePath(path);
  if (steps === undefined) return undefined;
  const last = steps.at(-1);
  if (last?.kind === 'typeArgument') return call.typeArguments[last.index];
  if (last?.kind === 'name') {
    const name = call.receiverNames.at(-1);
    return name === undefined || name === 'this' ? undefined : name;
  }
  if (last?.kind === 'entity') {
    const value = followSteps(steps.slice(0, -1), call);
    // A model made for a name: two may have one type.
    const handle = value === undefined ? undefined : made(value, call.interpreter);
    if (handle?.kind === 'computed' && handle.operator === 'bound') return entityName(handle);
    if (call.entity !== undefined && steps[0]?.kind === 'this') return call.entity;
    if (value === undefined) return undefined;
    if (value.kind === 'place' && value.root.kind === 'this' && /^(constructor)?$/.test(value.path.join('.')))
      return ownModel(value, call);
    const name = entityName(made(value, call.interpreter));
    // A connection that several entities go through is none of them.
    return name === undefined || /(connection|data_?source|manager)$|^(db|em|orm)$/i.test(name) ? undefined : name;
  }
  const value = followSteps(steps, call);
  return value === undefined ? undefined : tableOf(value, call.interpreter);
}

/** `this.tableName` of a base class, which each derived class sets to its own. */
export function pendingTable(path: string, call: CallView): Value | undefined {
  const steps = parsePath(path);
  const last = steps?.at(-1);
  if (steps === undefined || last?.kind === 'typeArgument' || last?.kind === 'name' || last?.kind === 'entity')
    return undefined;
  const value = followSteps(steps, call);
  return value?.kind === 'place' && value.root.kind === 'this' && value.path.length === 1 ? value : undefined;
}

/** What it names once the object is known: `this.tableName` in a derived class, `this.users.tableName` in its user. */
export function lateTable(value: Value, { hierarchy, propertyOf }: Surroundings): string | undefined {
  if (value.kind === 'constant') return typeof value.value === 'string' ? withoutAlias(value.value) : undefined;
  if (value.kind !== 'place' || value.root.kind !== 'this' || value.root.class === undefined) return undefined;
  const [first, second] = value.path;
  if (first === undefined || value.path.length > 2) return undefined;
  const owner = second === undefined ? value.root.class : hierarchy.classOfProperty(value.root.class, first);
  const given = owner === undefined ? undefined : propertyOf(owner, second ?? first);
  return given === undefined || given.kind === 'place' ? undefined : lateTable(given, { hierarchy, propertyOf });
}

/** `this.findOne(…)`, `this.save()` in a model's own class; a class that others extend is no table of its own. */
function ownModel({ root }: PlaceValue, { interpreter }: CallView): string | undefined {
  const key = root.kind === 'this' ? root.class : undefined;
  const owner = key === undefined ? undefined : interpreter.surroundings.hierarchy.classes.get(key);
  return owner === undefined ? undefined : tableOfClass(owner);
}

/** The class as a table; one that others extend, or that only works with rows, is none. */
export function tableOfClass({ node, derived }: ClassInfo): string | undefined {
  if (derived.length > 0 && !isTable(node)) return undefined;
  return /[a-z](Repository|Repo|Service|Dao|DAO|Manager|Controller|Resolver)$/.test(node.name) ? undefined : node.name;
}

/** Decorated as a table, whoever extends it. */
function isTable(node: ClassNode): boolean {
  return node.decorators.some(({ name }) => /^(Entity|ChildEntity|Table|TableInheritance|Schema)$/.test(name));
}

/** The table that a value given for one names. */
function tableOf(value: Value, interpreter: Interpreter): string | undefined {
  const known = made(value, interpreter);
  const text = textOf(known, interpreter);
  if (text !== undefined) return withoutAlias(text);
  // `this.tableName`, `options.table`: the variable's name is not the table's.
  if (known.kind === 'place' && (known.root.kind === 'this' || known.root.kind === 'parameter')) {
    const name = entityName(known);
    return name !== undefined && /^[A-Z]/.test(name) ? name : undefined;
  }
  return entityName(known);
}

/** What a place was initialised with, where that says which table it stands for; otherwise the value itself. */
function made(value: Value, interpreter: Interpreter): Value {
  if (value.kind === 'union') return made(value.alternatives[0] ?? value, interpreter);
  if (value.kind !== 'place') return value;
  const initial = initialOf(value, interpreter);
  if (initial === undefined) return value;
  const isName =
    (initial.kind === 'constant' && typeof initial.value === 'string') ||
    (initial.kind === 'computed' && (initial.operator === 'bound' || initial.operator === 'template'));
  if (isName) return initial;
  return initial.kind === 'place' && initial.root.kind !== 'this' ? made(initial, interpreter) : value;
}

function initialOf(place: PlaceValue, interpreter: Interpreter): Value | undefined {
  const { root, path } = place;
  const { initializerOf, propertyOf } = interpreter.surroundings;
  if (root.kind === 'module') {
    const whole = initializerOf({ kind: 'place', root, path: [] });
    return whole === undefined ? undefined : path.reduce(memberOf, whole);
  }
  const [name, ...rest] = path;
  if (root.kind !== 'this' || root.class === undefined || name === undefined) return undefined;
  const property = propertyOf(root.class, name);
  return property === undefined ? undefined : rest.reduce(memberOf, property);
}

/** Text that is the same whenever the call is made. */
export function constantText(value: Value, call: CallView): string | undefined {
  return textOf(made(value, call.interpreter), call.interpreter);
}

/** Text put together from constants: `` `${TABLE} as f` ``. */
function textOf(value: Value, interpreter: Interpreter): string | undefined {
  if (value.kind === 'constant') return typeof value.value === 'string' ? value.value : undefined;
  if (value.kind !== 'computed' || value.operator !== 'template') return undefined;
  let text = '';
  for (const operand of value.operands) {
    const part = textOf(made(operand, interpreter), interpreter);
    if (part === undefined) return undefined;
    text += part;
  }
  return text;
}

/** `features as f`, `features f`; undefined for what is no plain name (a subquery). */
function withoutAlias(text: string): string | undefined {
  const name = /^\s*([\w.$"`[\]-]+)(?:\s+(?:as\s+)?["`]?\w+["`]?)?\s*$/i.exec(text)?.[1];
  return name?.replaceAll(/["`[\]]/g, '');
}

/** Name of the entity a class value, table name, repository or row stands for. */
export function entityName(value: Value): string | undefined {
  switch (value.kind) {
    case 'constant':
      return typeof value.value === 'string' ? value.value : undefined;
    case 'place':
      // `this.constructor` is the class itself; an element by an unknown key has no name.
      if (value.root.kind === 'this' && value.path.join('.') === 'constructor')
        return value.root.class?.split('#').at(-1);
      if (value.path.length > 0) return value.path.at(-1) === '[]' ? undefined : value.path.at(-1);
      return value.root.kind === 'module' || value.root.kind === 'import' ? value.root.name : undefined;
    case 'computed':
      if (value.operator === 'bound' || value.operator.startsWith('new:')) {
        const first = value.operands[0];
        if (value.operator.startsWith('new:')) return value.operator.slice(4);
        return first === undefined ? undefined : entityName(first);
      }
      return undefined;
    case 'result':
      return value.operation.effect.kind === 'database' ? value.operation.effect.table : undefined;
    case 'element':
      return entityName(value.of);
    case 'union':
      for (const alternative of value.alternatives) {
        const name = entityName(alternative);
        if (name !== undefined) return name;
      }
      return undefined;
    case 'array': {
      const first = value.elements[0];
      return first === undefined ? undefined : entityName(first);
    }
    default:
      return undefined;
  }
}
