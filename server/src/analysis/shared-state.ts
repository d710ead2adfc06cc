/**
 * State in memory that more than one run of the code sees: variables of modules, properties of objects that live as
 * long as the process. What is made for one request, one component or one call is nobody else's.
 */
import { childExpressions, partsOf } from '../rewrite/source-edit.ts';
import type { Confidence } from '../rule.ts';
import type { Expression, FunctionNode, SourceFile, Statement } from '../typescript/syntax.ts';
import type { FunctionFacts, FunctionInfo, MemoryEffect, Operation } from './fact.ts';
import { runsInBrowser } from './pacing.ts';
import type { ProgramFacts } from './program.ts';
import { keyOf, type PlaceValue, type Value } from './value.ts';

export interface MemoryOperation extends Operation {
  readonly effect: MemoryEffect;
}

/** A variable of a module, or a property of the object a method runs on. */
export interface SharedPlace {
  readonly key: string;
  readonly value: PlaceValue;
  /** `this.queue`, `queue`. */
  readonly label: string;
  /** The property or variable alone. */
  readonly name: string;
}

export function isMemory(operation: Operation): operation is MemoryOperation {
  return operation.effect.kind === 'memory';
}

/** The variable or property that the value is, or that holds the element it is. */
export function sharedPlaceOf(target: Value): SharedPlace | undefined {
  if (target.kind !== 'place') return undefined;
  const { root } = target;
  const end = target.path.findIndex((name) => name === '[]' || name === 'length' || name === 'size');
  const path = end < 0 ? target.path : target.path.slice(0, end);
  const value = path.length === target.path.length ? target : { ...target, path };
  if (root.kind === 'module')
    return { key: keyOf(value), value, label: [root.name, ...path].join('.'), name: path.at(-1) ?? root.name };
  const name = path.at(-1);
  // `APP.sync.busy`: an object that a project keeps in a global. The platform's own do as they like.
  if (root.kind === 'global' && name !== undefined && /^[A-Z]/.test(root.name))
    return { key: keyOf(value), value, label: [root.name, ...path].join('.'), name };
  if (root.kind !== 'this' || root.class === undefined || name === undefined) return undefined;
  return { key: keyOf(value), value, label: ['this', ...path].join('.'), name };
}

// ---------------------------------------------------------------- who sees it

const PROVIDER =
  /^(Injectable|Service|Singleton|singleton|Controller|RestController|JsonController|Resolver|Processor|WebSocketGateway|provide)$/;
const LONG_LIVED =
  /(Service|Store|Manager|Repository|Client|Cache|Pool|Queue|Scheduler|Registry|Controller|Provider|Server|Gateway|Monitor|Adapter|Resolver|Tracker|Collector|Buffer|Dispatcher|Publisher|Broker|Router|Api|Engine|Delta|Syncer|Poller|Watcher)$/;
const FACTORY =
  /^(<module>|constructor|create|make|build|get|init|setup|start|boot|main|register|new|connect|configure)/i;

/** How sure it is that several runs meet there; undefined when it is one run's own. */
export function sharing(place: SharedPlace, fn: FunctionFacts, program: ProgramFacts): Confidence | undefined {
  const { root } = place.value;
  const browser = runsInBrowser(fn.fn.file);
  if (root.kind === 'module' || root.kind === 'global') return browser ? 'low' : 'high';
  if (root.kind !== 'this' || root.class === undefined) return undefined;
  const life = lifeOf(root.class, program);
  return life !== undefined && browser ? 'low' : life;
}

const lives = new WeakMap<ProgramFacts, Map<string, Confidence | 'none'>>();

/** How sure it is that an object of the class outlives a call. */
function lifeOf(classKey: string, program: ProgramFacts): Confidence | undefined {
  let known = lives.get(program);
  if (known === undefined) {
    known = new Map();
    lives.set(program, known);
  }
  const cached = known.get(classKey) ?? judgeLife(classKey, program) ?? 'none';
  known.set(classKey, cached);
  return cached === 'none' ? undefined : cached;
}

function judgeLife(classKey: string, program: ProgramFacts): Confidence | undefined {
  const split = classKey.lastIndexOf('#');
  const name = classKey.slice(split + 1);
  const node = program.file(classKey.slice(0, split))?.classes.find((candidate) => candidate.name === name);
  if (node === undefined) return undefined;
  const ancestors = program.ancestorsOf(classKey);
  if (
    ancestors.some((ancestor) =>
      /^(Component|PureComponent|LitElement|HTMLElement|Model|BaseEntity|Document)$/.test(ancestor),
    )
  )
    return undefined;
  if (
    node.decorators.some((mark) =>
      /^(Entity|Component|Directive|customElement|Table|ObjectType|InputType|Schema)$/.test(mark.name),
    )
  )
    return undefined;
  const provider = node.decorators.find((mark) => PROVIDER.test(mark.name));
  if (provider !== undefined) {
    const file = program.file(classKey.slice(0, split));
    return provider.args.some((arg) =>
      /REQUEST|TRANSIENT|Transient|Request/.test(file?.text.slice(arg.start, arg.end) ?? ''),
    )
      ? undefined
      : 'high';
  }
  const sites = constructionsOf(program).get(name) ?? [];
  if (sites.some((site) => site === '<module>')) return 'high';
  const isFactory = sites.every((site) => FACTORY.test(site.slice(site.lastIndexOf('.') + 1)));
  if (sites.length > 0 && !isFactory) return undefined;
  return LONG_LIVED.test(name) || ancestors.some((ancestor) => LONG_LIVED.test(ancestor)) ? 'medium' : 'low';
}

const constructions = new WeakMap<ProgramFacts, ReadonlyMap<string, readonly string[]>>();

/** The functions that make an object of a class, by the class's name; `<module>` for the module itself. */
function constructionsOf(program: ProgramFacts): ReadonlyMap<string, readonly string[]> {
  const known = constructions.get(program);
  if (known !== undefined) return known;
  const found = new Map<string, string[]>();
  for (const { fn } of program.functions) {
    if (fn.node.kind !== 'module' || program.roleOf(fn.path) === 'test') continue;
    for (const call of fn.file.calls) {
      if (!call.isNew || call.callee.kind !== 'identifier') continue;
      const around = program.enclosing({ path: fn.path, start: call.start, end: call.end });
      const site = around === undefined || isTopLevel(around) ? '<module>' : around.qualifiedName;
      const list = found.get(call.callee.name);
      if (list === undefined) found.set(call.callee.name, [site]);
      else list.push(site);
    }
  }
  constructions.set(program, found);
  return found;
}

function isTopLevel(info: FunctionInfo): boolean {
  return info.node.kind === 'module' || info.node.kind === 'constructor' || info.node.kind === 'static-block';
}

// ---------------------------------------------------------------- reads in the source

/** Where the function itself reads the place, in source order; what it assigns to is no read. */
export function readsOf(place: SharedPlace, fn: FunctionNode, file: SourceFile): Expression[] {
  const found: Expression[] = [];
  const visit = (expression: Expression): void => {
    if (isPlace(expression, place, file)) {
      found.push(expression);
      return;
    }
    if (expression.kind === 'assign' && expression.operator === '=') {
      const { target, value } = expression;
      if (target.kind === 'index' && !isPlace(target.object, place, file)) visit(target.object);
      if (target.kind === 'index') visit(target.index);
      if (value !== undefined) visit(value);
      return;
    }
    childExpressions(expression).forEach(visit);
  };
  const walk = (list: readonly Statement[]): void => {
    for (const statement of list) {
      const { expressions, lists } = partsOf(statement);
      expressions.forEach(visit);
      lists.forEach(walk);
    }
  };
  walk(fn.body);
  return found;
}

/** Reads of the place inside one expression. */
export function readsIn(expression: Expression, place: SharedPlace, file: SourceFile): Expression[] {
  if (isPlace(expression, place, file)) return [expression];
  return childExpressions(expression).flatMap((child) => readsIn(child, place, file));
}

export function isPlace(expression: Expression, place: SharedPlace, file: SourceFile): boolean {
  if (expression.kind === 'member')
    return expression.name === place.name && file.text.slice(expression.start, expression.end) === place.label;
  if (expression.kind !== 'identifier' || expression.name !== place.label || expression.variable === undefined)
    return false;
  return file.variables[expression.variable]?.fn === 0;
}
