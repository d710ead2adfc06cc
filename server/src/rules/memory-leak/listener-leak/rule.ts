/**
 * A listener is added to something that outlives the registrant, or again on every call, and nothing removes it.
 * Errs towards silence: a removal of the same event counts whatever function it names (identity is the business of
 * `cleanup-mismatch`), and what has the name of a start-up function is taken for one.
 */
import type { FunctionFacts, FunctionInfo, ListenerEffect, Operation } from '../../../analysis/fact.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { isCalledOnce, isComponentClass, type Recurrence, recurrenceOf } from '../../../analysis/recurrence.ts';
import { labelOf, resourceKey } from '../../../analysis/trace.ts';
import { keyOf, rootsOf, type Value } from '../../../analysis/value.ts';
import { callAt, textOf } from '../../../rewrite/source-edit.ts';
import { type Confidence, defineRule, type Location } from '../../../rule.ts';
import type { CallExpression, FunctionNode, SourceFile } from '../../../typescript/syntax.ts';
import { fixListenerLeak } from './fix.ts';
import { isRemoved } from './removal.ts';

export interface ListenerLeakEvidence {
  readonly add: Operation;
  readonly effect: ListenerEffect;
  readonly call: CallExpression;
  readonly file: SourceFile;
  readonly recurrence: Recurrence;
  readonly lifetime: Lifetime;
  readonly confidence: Confidence;
}

/** Why the target outlives the registrant: the page or process, a shared object, the object whose method this is, a signal, something handed in. */
export type Lifetime = 'process' | 'module' | 'object' | 'signal' | 'given';

export const listenerLeak = defineRule<ListenerLeakEvidence>({
  id: 'memory-leak/listener-leak',
  summary: 'A listener is added and never removed.',
  severity: 'warning',
  status: 'stable',
  cwe: [401],
  detect: (fn, { program }) => detect(fn, program),
  report: (evidence) => ({
    at: evidence.add.at,
    message: messageOf(evidence),
    related: relatedOf(evidence),
    confidence: evidence.confidence,
    resource: `listener ${resourceKey(evidence.effect.target)} ${resourceKey(evidence.effect.event)}`,
  }),
  fixes: fixListenerLeak,
});

const LIFETIMES: Readonly<Record<Lifetime, string>> = {
  process: 'which lives as long as the page or process',
  module: 'which the whole program shares',
  object: 'which outlives the call',
  signal: 'which may outlive the call',
  given: 'which may outlive the component',
};

function messageOf({ effect, call, file, recurrence, lifetime }: ListenerLeakEvidence): string {
  const event = labelOf(effect.event);
  const target = call.callee.kind === 'member' ? shortText(textOf(file, call.callee.object)) : undefined;
  const listener = event === undefined ? 'a listener' : `a listener for '${event}'`;
  return `${occasion(recurrence)} adds ${listener} to ${target === undefined ? 'its target' : `'${target}'`}, ${LIFETIMES[lifetime]}, and nothing removes it.`;
}

function shortText(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
}

function occasion({ kind, fn, call }: Recurrence): string {
  const name = fn.node.name;
  switch (kind) {
    case 'effect':
      return `Every run of this '${call === undefined ? 'effect' : calleeName(call)}'`;
    case 'mount':
      return `Every instance that is mounted`;
    case 'render':
      return `Every run of '${name}'`;
    case 'construct':
      return `Every new instance`;
    default:
      return name === '' ? 'Every call' : `Every call of '${name}'`;
  }
}

function calleeName(call: CallExpression): string {
  return call.callee.kind === 'identifier' || call.callee.kind === 'member' ? call.callee.name : 'effect';
}

function relatedOf({
  recurrence: { kind, call, fn },
  file,
}: ListenerLeakEvidence): { at: Location; message: string }[] {
  if (kind !== 'effect' || call?.nameAt === undefined) return [];
  const returns = fn.node.body.some((statement) => statement.kind === 'return' && statement.value !== undefined);
  const message = returns ? 'The clean-up this effect returns does not remove it.' : 'This effect returns no clean-up.';
  return [{ at: { path: file.path, start: call.nameAt.start, end: call.nameAt.end }, message }];
}

// ---------------------------------------------------------------- detection

function detect(fn: FunctionFacts, program: ProgramFacts): readonly ListenerLeakEvidence[] {
  const found: ListenerLeakEvidence[] = [];
  for (const add of fn.operations) {
    const { effect } = add;
    if (effect.kind !== 'listener' || effect.action !== 'add' || add.chain.length > 0) continue;
    if (
      effect.once ||
      effect.signal !== undefined ||
      happensOnce(effect) ||
      add.model.startsWith('rxjs') ||
      !standsIn(add, fn, program)
    )
      continue;
    const info = program.info(add.fn) ?? fn.fn;
    const file = program.file(add.at.path);
    const call = file === undefined ? undefined : callAt(file, add.at);
    if (file === undefined || call === undefined || !isDropped(add, call)) continue;
    const recurrence = recurrenceOf(info, program);
    const lifetime = recurrence.kind === 'once' ? undefined : lifetimeOf(add, effect, recurrence, fn, program);
    if (lifetime === undefined) continue;
    const confidence = confidenceOf({ add, effect, call, file, recurrence, lifetime, fn, info, program });
    if (
      confidence === undefined ||
      isLatched(add, program) ||
      isRemoved({ add, effect, call, file, recurrence, lifetime, program })
    )
      continue;
    found.push({ add, effect, call, file, recurrence, lifetime, confidence });
  }
  return found;
}

/** A closure that was walked in place has no facts of its own: then it is reported by the function it stands in. */
function standsIn(add: Operation, fn: FunctionFacts, program: ProgramFacts): boolean {
  if (add.fn === fn.fn.key) return true;
  if (program.factsOf(add.fn) !== undefined) return false;
  for (let at = program.info(add.fn); at !== undefined; at = program.parentOf(at)) {
    if (at.key === fn.fn.key) return true;
    if (at.key !== add.fn && program.factsOf(at.key) !== undefined) return false;
  }
  return false;
}

/** The page loads once: after that the listener is small and never called. */
function happensOnce({ event }: ListenerEffect): boolean {
  return event.kind === 'constant' && /^(DOMContentLoaded|load|readystatechange)$/.test(String(event.value));
}

/** Nobody keeps a disposer. DOM targets give none. */
function isDropped(add: Operation, call: CallExpression): boolean {
  if (add.model === 'lib#addEventListener') {
    // Options that cannot be read may hold `once` or `signal`.
    const options = call.args[2];
    return options === undefined || options.kind === 'literal' || options.kind === 'object';
  }
  return add.result === 'unused';
}

const PAGE = /^(window|document|process|globalThis|self|navigator|screen|visualViewport|matchMedia)$/;
const EMITTER_MODEL = /^(node:events|eventemitter|mitt|socket\.io|ws|lib#addEventListener)/;

/** Undefined when the target may die with the registrant. */
function lifetimeOf(
  add: Operation,
  effect: ListenerEffect,
  recurrence: Recurrence,
  fn: FunctionFacts,
  program: ProgramFacts,
): Lifetime | undefined {
  const { target } = effect;
  // A media query with listeners is kept by the page.
  if (target.kind === 'computed' && target.operator === 'call:matchMedia') return 'process';
  if (target.kind !== 'place') return undefined;
  const { root, path } = target;
  switch (root.kind) {
    case 'global':
      if (path.includes('[]')) return undefined;
      return PAGE.test(root.name) ? 'process' : recurrence.kind === 'construct' ? undefined : 'module';
    case 'module':
    case 'import':
      return isReplaced(target, program) || path.includes('[]') ? undefined : 'module';
    case 'this':
      if (path.length === 0) return recurrence.kind === 'call' && root.class !== undefined ? 'object' : undefined;
      return isGivenMember(target, fn.fn, recurrence, program) ? 'object' : undefined;
    case 'parameter':
    case 'captured':
      if (isAbort(effect) && recurrence.kind === 'call') return 'signal';
      if (
        recurrence.kind === 'effect' &&
        EMITTER_MODEL.test(add.model) &&
        add.model !== 'lib#addEventListener' &&
        path.at(-1) !== 'current'
      )
        return 'given';
      return undefined;
  }
}

function isAbort({ event, target }: ListenerEffect): boolean {
  const name = target.kind === 'place' ? (target.path.at(-1) ?? ('name' in target.root ? target.root.name : '')) : '';
  return event.kind === 'constant' && event.value === 'abort' && /signal$/i.test(name);
}

/** A variable or member that is given a new object now and then: each takes its listeners with it. */
function isReplaced(target: Value, program: ProgramFacts): boolean {
  if (target.kind !== 'place' || (target.root.kind !== 'module' && target.root.kind !== 'import')) return false;
  const { root, path } = target;
  if (root.kind === 'module') {
    const variable = program
      .file(root.path)
      ?.variables.find((candidate) => candidate.fn === 0 && candidate.name === root.name);
    if (variable !== undefined && (variable.reassigned || variable.kind === 'parameter')) return true;
  }
  if (path.length === 0) return false;
  const key = keyOf(target);
  return program
    .ownOperations('memory')
    .some(({ effect }) => effect.kind === 'memory' && effect.action === 'write' && keyOf(effect.target) === key);
}

/** `this.bus`, handed to the constructor: a part the object made itself dies with it. */
function isGivenMember(target: Value, info: FunctionInfo, recurrence: Recurrence, program: ProgramFacts): boolean {
  if (
    target.kind !== 'place' ||
    target.root.kind !== 'this' ||
    target.root.class === undefined ||
    target.path.includes('[]')
  )
    return false;
  const [member] = target.path;
  const owner = target.root.class;
  const className = owner.slice(owner.lastIndexOf('#') + 1);
  const file = program.file(owner.slice(0, owner.lastIndexOf('#')));
  const node = file?.classes.find((candidate) => candidate.name === className);
  const maker = node?.methods.map((index) => file?.functions[index]).find((method) => method?.kind === 'constructor');
  const handedIn = maker?.parameters.some(
    (parameter) =>
      parameter.property &&
      parameter.pattern.kind === 'variable' &&
      file?.variables[parameter.pattern.variable]?.name === member,
  );
  if (handedIn !== true) return false;
  // The parts of what was handed in may be made anew: `this.portal.socket`.
  const key = keyOf(target);
  if (
    target.path.length > 1 &&
    program
      .ownOperations('memory')
      .some(
        ({ effect }) =>
          effect.kind === 'memory' &&
          effect.action === 'write' &&
          keyOf(effect.target).endsWith(`.${target.path.at(-1)}`) &&
          keyOf(effect.target) !== key,
      )
  )
    return false;
  return recurrence.kind === 'call' || (recurrence.kind === 'mount' && isComponentClass(info, program));
}

/** `if (!installed) { installed = true; process.on(…) }`: something remembers that it is done. */
function isLatched(add: Operation, program: ProgramFacts): boolean {
  return add.guards.some((guard) => {
    const text = program.file(guard.at.path)?.text.slice(guard.at.start, guard.at.end) ?? '';
    if (
      /listenerCount|listeners\(|isInit|initiali[sz]ed|installed|registered|attached|bound|subscribed|hasListener|mounted|already|listening/i.test(
        text,
      )
    )
      return true;
    const roots = rootsOf(guard.test).map((root) => ('name' in root ? root.name : ''));
    const facts = program.factsOf(add.fn);
    return (facts?.operations ?? []).some(
      ({ effect }) =>
        effect.kind === 'memory' &&
        (effect.action === 'write' || effect.action === 'add') &&
        effect.target.kind === 'place' &&
        (('name' in effect.target.root && roots.includes(effect.target.root.name)) ||
          keyOf(guard.test).includes(keyOf(effect.target))),
    );
  });
}

// ---------------------------------------------------------------- confidence

interface Circumstance extends Omit<ListenerLeakEvidence, 'confidence'> {
  readonly fn: FunctionFacts;
  readonly info: FunctionInfo;
  readonly program: ProgramFacts;
}

/** Components that are mounted for as long as the page is. */
const ROOT_COMPONENT =
  /^(App|Root|Main|Layout|MyApp|_app|AppRoot|\w*(Root|App|Provider|Providers|Analytics|Layout|Bootstrap))$/;
const SHUTDOWN =
  /^(SIG[A-Z]+|exit|beforeExit|uncaughtException|unhandledRejection|warning|message|disconnect|rejectionHandled|multipleResolves|uncaughtExceptionMonitor)$/;

/** Undefined for what is not worth a word. */
function confidenceOf(circumstance: Circumstance): Confidence | undefined {
  const { add, effect, recurrence, lifetime, info, program } = circumstance;
  if (isIdempotent(add, effect, program)) return undefined;
  switch (recurrence.kind) {
    case 'effect':
    case 'mount':
    case 'render': {
      if (lifetime === 'given' || add.basis === 'shape') return 'medium';
      return ROOT_COMPONENT.test(componentAround(info, program)) ? 'medium' : 'high';
    }
    case 'handler':
      return lifetime === 'process' || lifetime === 'module'
        ? closesOverCall(circumstance)
          ? 'medium'
          : 'low'
        : undefined;
    case 'construct':
      return lifetime === 'process' &&
        !isShutdown(effect) &&
        (hasTeardown(info, program) || isMadeByComponent(info, program))
        ? 'medium'
        : undefined;
    case 'once':
      return undefined;
    case 'call':
      return ofCall(circumstance);
  }
}

function isShutdown({ event, target }: ListenerEffect): boolean {
  return keyOf(target).startsWith('global:process') && event.kind === 'constant' && SHUTDOWN.test(String(event.value));
}

function ofCall(circumstance: Circumstance): Confidence | undefined {
  const { add, effect, recurrence, lifetime, fn, program } = circumstance;
  if (isCalledOnce(recurrence.fn, program)) return undefined;
  const entries = (program.factsOf(recurrence.fn.key) ?? fn).entries;
  const repeated =
    entries.some(({ kind }) => kind !== 'exported' && kind !== 'listener') ||
    add.loops.some((loop) => loop.repeats === 'elements');
  const personal = closesOverCall(circumstance);
  if (isShutdown(effect)) return repeated ? 'medium' : undefined;
  if (lifetime === 'signal') return personal ? 'low' : undefined;
  if (add.basis === 'shape') return repeated && personal ? 'medium' : 'low';
  if (repeated && personal) return 'high';
  if (personal)
    return lifetime === 'object' &&
      keyOf(effect.target).startsWith('this:') &&
      effect.target.kind === 'place' &&
      effect.target.path.length === 0
      ? 'high'
      : 'medium';
  return repeated && lifetime !== 'object' ? 'medium' : 'low';
}

/** The DOM adds the same function once however often it is asked to. */
function isIdempotent(add: Operation, effect: ListenerEffect, program: ProgramFacts): boolean {
  if (add.model !== 'lib#addEventListener' || effect.handler.kind !== 'closure') return false;
  const handler = program.info(effect.handler.fn);
  return handler !== undefined && handler.class === undefined && handler.node.parent === 0 && handler.node.name !== '';
}

/** The handler holds what belongs to this one call: parameters and locals of the functions around it. */
function closesOverCall({ effect, recurrence, program }: Circumstance): boolean {
  if (effect.handler.kind !== 'closure')
    return effect.handler.kind === 'place' && effect.handler.root.kind === 'parameter';
  const handler = program.info(effect.handler.fn);
  if (handler === undefined) return false;
  const { file } = handler;
  const text = file.text.slice(handler.node.start, handler.node.end);
  const around = functionsAround(handler.node, recurrence.fn.node, file);
  return file.variables.some(
    (variable) =>
      around.has(variable.fn) &&
      !(variable.at.start >= handler.node.start && variable.at.end <= handler.node.end) &&
      new RegExp(`(?<![.\\w$])${variable.name.replaceAll('$', '\\$')}(?![\\w$])(?!\\s*:[^:])`).test(text),
  );
}

function functionsAround(from: FunctionNode, to: FunctionNode, file: SourceFile): Set<number> {
  const around = new Set<number>();
  for (
    let at = from.parent === undefined ? undefined : file.functions[from.parent];
    at !== undefined && at.index !== 0;
    at = at.parent === undefined ? undefined : file.functions[at.parent]
  ) {
    around.add(at.index);
    if (at.index === to.index) break;
  }
  return around;
}

function componentAround(info: FunctionInfo, program: ProgramFacts): string {
  let at: FunctionInfo | undefined = info;
  while (at !== undefined && !/^[A-Z]|^use[A-Z]/.test(at.node.name)) {
    if (at.class !== undefined) return at.class.slice(at.class.lastIndexOf('#') + 1);
    at = program.parentOf(at);
  }
  return at?.node.name ?? '';
}

/** One for every mount of a component. */
function isMadeByComponent(info: FunctionInfo, program: ProgramFacts): boolean {
  return program.callersOf(info.key).some((key) => {
    const caller = program.info(key);
    return caller !== undefined && /^(effect|mount|render|handler)$/.test(recurrenceOf(caller, program).kind);
  });
}

const TEARDOWN =
  /^(destroy|dispose|teardown|tearDown|cleanup|unmount|disconnectedCallback|componentWillUnmount|ngOnDestroy|onDestroy)$/;

/** The class is made to be thrown away. */
function hasTeardown(info: FunctionInfo, program: ProgramFacts): boolean {
  return info.class !== undefined && program.functionsOfClass(info.class).some(({ fn }) => TEARDOWN.test(fn.node.name));
}
