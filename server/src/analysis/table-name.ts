/**
 * Which table, collection or entity a call is about: from the type, the value, or the constant the value was made
 * from. A name that is only a variable's (`this.tableName`, a parameter) is none: errs towards `undefined`.
 */
import { parsePath } from '../models/path.ts';
import type { ClassNode } from '../typescript/syntax.ts';
import { type CallView, followSteps } from './effect.ts';
import type { ClassInfo, ClassKey, Hierarchy } from './hierarchy.ts';
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
    const entity = entityOfHolder(value, call.interpreter.surroundings.hierarchy);
    if (entity !== undefined) return entity;
    const name = entityName(made(value, call.interpreter));
    // A connection that several entities go through is none of them.
    return name === undefined || /(connection|data_?source|manager)$|^(db|em|orm)$/i.test(name) ? undefined : name;
  }
  const value = followSteps(steps, call);
  return value === undefined ? undefined : tableOf(value, call.interpreter);
}

/** A table that the caller knows: `this.tableName` of a base class, a parameter, a property of one. */
export function pendingTable(path: string, call: CallView): Value | undefined {
  const steps = parsePath(path);
  const last = steps?.at(-1);
  if (steps === undefined || last?.kind === 'typeArgument' || last?.kind === 'name' || last?.kind === 'entity')
    return undefined;
  return asPendingTable(followSteps(steps, call));
}

export function asPendingTable(value: Value | undefined): Value | undefined {
  if (value?.kind !== 'place' || value.path.length > 1) return undefined;
  const { kind } = value.root;
  return (kind === 'this' && value.path.length === 1) || kind === 'parameter' ? value : undefined;
}

/**
 * What it names once the object is known: `this.tableName` in a derived class, `this.users.tableName` in its user,
 * `users.tableName` of a parameter that is declared to be one.
 */
export function lateTable(value: Value, { hierarchy, propertyOf }: Surroundings): string | undefined {
  if (value.kind === 'constant') return typeof value.value === 'string' ? withoutAlias(value.value) : undefined;
  const name = value.kind === 'place' ? value.path.at(-1) : undefined;
  if (value.kind !== 'place' || name === undefined) return undefined;
  // What the last step is a property of.
  const owner = classOf({ ...value, path: value.path.slice(0, -1) }, hierarchy);
  const given = owner === undefined ? undefined : propertyOf(owner, name);
  return given === undefined || given.kind === 'place' ? undefined : lateTable(given, { hierarchy, propertyOf });
}

/** `this.findOne(…)`, `this.save()` in a model's own class; a class that others extend is no table of its own. */
function ownModel({ root }: PlaceValue, { interpreter }: CallView): string | undefined {
  const { hierarchy } = interpreter.surroundings;
  const key = root.kind === 'this' ? root.class : undefined;
  const owner = key === undefined ? undefined : hierarchy.classes.get(key);
  if (owner === undefined) return undefined;
  return entityOfBase(owner, hierarchy) ?? tableOfClass(owner);
}

/** `this.users.createQueryBuilder()` where `users: UserRepository`, a class of the project. */
function entityOfHolder(value: Value, hierarchy: Hierarchy): string | undefined {
  const key = value.kind === 'place' ? classOf(value, hierarchy) : undefined;
  const info = key === undefined ? undefined : hierarchy.classes.get(key);
  return info === undefined ? undefined : entityOfBase(info, hierarchy);
}

/** By the declared type of a property of the class or of a parameter. */
function classOf({ root, path }: PlaceValue, hierarchy: Hierarchy): ClassKey | undefined {
  const [name] = path;
  if (root.kind === 'parameter') return path.length === 0 ? hierarchy.classOfParameter(root.fn, root.index) : undefined;
  if (root.kind !== 'this' || root.class === undefined || path.length > 1) return undefined;
  return name === undefined ? root.class : hierarchy.classOfProperty(root.class, name);
}

/** `class UserRepository extends Repository<User>` */
function entityOfBase({ node }: ClassInfo, hierarchy: Hierarchy): string | undefined {
  const base = node.heritage.find(({ clause }) => clause === 'extends');
  const name = base?.typeArguments?.[0];
  const entity = name === undefined ? undefined : hierarchy.classNamed(name);
  return entity !== undefined && isTable(entity.node) ? name : undefined;
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

/** What a module's constant, or a property of the class, was set to, or a part of it. */
export function initialOf(place: PlaceValue, interpreter: Interpreter): Value | undefined {
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
