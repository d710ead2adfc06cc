/**
 * A listener is added to something that outlives the registrant, or again on every call, and no matching removal
 * exists. Errs towards silence: any removal of the same event from the same kind of target in the file counts.
 */
import { labelOf, resourceKey } from '../../../analysis/trace.ts';
import type { FunctionFacts, ListenerEffect, Operation } from '../../../analysis/fact.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { keyOf, type Value } from '../../../analysis/value.ts';
import { type Confidence, defineRule } from '../../../rule.ts';
import { fixListenerLeak } from './fix.ts';

export interface ListenerLeakEvidence {
  readonly add: Operation;
  readonly effect: ListenerEffect;
  /** Why the target outlives the registrant. */
  readonly lifetime: 'process' | 'object' | 'module';
  readonly confidence: Confidence;
}

export const listenerLeak = defineRule<ListenerLeakEvidence>({
  id: 'memory-leak/listener-leak',
  summary: 'A listener is added and never removed.',
  severity: 'warning',
  status: 'stable',
  cwe: [401],
  detect: (fn, { program }) => detect(fn, program),
  report: ({ add, effect, lifetime, confidence }, { program }) => ({
    at: add.at,
    message: `${eventName(effect)} gets a new listener on ${targetName(effect.target)} at '${add.name}' each time ${callerName(add, program)} runs, and nothing removes it; ${LIFETIMES[lifetime]}.`,
    related: [],
    confidence,
    resource: `listener ${resourceKey(effect.target)} ${resourceKey(effect.event)}`,
  }),
  fixes: fixListenerLeak,
});

const LIFETIMES = {
  process: 'the target lives as long as the process or page',
  module: 'the target is shared by the whole module',
  object: 'the object outlives the call',
} as const;

function eventName(effect: ListenerEffect): string {
  const label = labelOf(effect.event);
  return label === undefined ? 'The event' : `'${label}'`;
}

function targetName(target: Value): string {
  const label = labelOf(target);
  return label === undefined ? 'its target' : `'${label}'`;
}

function callerName(add: Operation, program: ProgramFacts): string {
  const name = program.info(add.fn)?.node.name ?? '';
  return name === '' || name.startsWith('<') ? 'the function' : `'${name}'`;
}

function detect(fn: FunctionFacts, program: ProgramFacts): readonly ListenerLeakEvidence[] {
  const found: ListenerLeakEvidence[] = [];
  for (const add of fn.operations) {
    const { effect } = add;
    if (effect.kind !== 'listener' || effect.action !== 'add' || add.chain.length > 0) continue;
    if (effect.once || effect.signal !== undefined || add.result !== 'unused') continue;
    const lifetime = lifetimeOf(effect.target);
    if (lifetime === undefined || runsOnce(fn, add, effect, program)) continue;
    if (isRemoved(add, effect, program)) continue;
    found.push({ add, effect, lifetime, confidence: confidenceOf(fn, add, effect) });
  }
  return found;
}

/** Undefined when the target may die with the registrant. */
function lifetimeOf(target: Value): ListenerLeakEvidence['lifetime'] | undefined {
  if (target.kind !== 'place') return undefined;
  switch (target.root.kind) {
    case 'global':
      return /^(window|document|process|globalThis|self|navigator|screen|visualViewport)$/.test(target.root.name) ? 'process' : undefined;
    case 'module':
    case 'import':
      return 'module';
    case 'this':
      // The emitter itself, or one it was given; a part it made dies with it.
      return target.path.length === 0 ? 'object' : undefined;
    default:
      return undefined;
  }
}

const STARTS = /^(constructor|<module>|onModuleInit|onApplicationBootstrap|bootstrap|main|init\w*|start\w*|setup\w*|register\w*|attach\w*|install\w*|configure\w*|connect|listen\w*|boot\w*|create\w*|bind\w*|enable\w*|mount\w*|run|load\w*|add\w*Listeners?|subscribe\w*|on[A-Z]\w*|watch\w*|use\w*|handle\w*Shutdown|shutdown\w*|default)$/;

/** Once per process or per object that nobody makes many of. */
function runsOnce(fn: FunctionFacts, add: Operation, effect: ListenerEffect, program: ProgramFacts): boolean {
  const info = program.info(add.fn) ?? fn.fn;
  if (info.node.kind === 'module') return true;
  if (isLifecycle(fn, program)) return false;
  let at = info;
  for (;;) {
    if (at.node.name !== '' || at.node.parent === undefined) break;
    const parent = program.info(`${at.path}#${at.node.parent}`);
    if (parent === undefined || parent.node.kind === 'module') break;
    at = parent;
  }
  if (at.node.kind === 'module' || STARTS.test(at.node.name)) return true;
  // A handler that takes itself out again when it is done.
  return effect.handler.kind === 'closure' && removesItself(effect.handler.fn, effect, program);
}

function removesItself(handler: string, effect: ListenerEffect, program: ProgramFacts): boolean {
  return (program.factsOf(handler)?.operations ?? []).some(
    ({ effect: other }) => other.kind === 'listener' && other.action !== 'add' && keyOf(other.event) === keyOf(effect.event),
  );
}

/** A React effect or a component's mount hook: runs again for every mount. */
function isLifecycle(fn: FunctionFacts, program: ProgramFacts): boolean {
  const file = program.file(fn.fn.path);
  const { start, end } = fn.fn.node;
  return (
    file?.calls.some(
      (call) =>
        /^(useEffect|useLayoutEffect|onMounted|onMount)$/.test(call.callee.kind === 'identifier' ? call.callee.name : call.callee.kind === 'member' ? call.callee.name : '') &&
        call.args[0]?.start === start &&
        call.args[0].end === end,
    ) === true || /^(componentDidMount|connectedCallback|ngOnInit|ngAfterViewInit)$/.test(fn.fn.node.name)
  );
}

/** A removal in the same file of the same event from a target of the same name: identity is `cleanup-mismatch`'s business. */
function isRemoved(add: Operation, effect: ListenerEffect, program: ProgramFacts): boolean {
  for (const other of program.ownOperations('listener')) {
    if (other.effect.kind !== 'listener' || other.effect.action === 'add' || other.at.path !== add.at.path) continue;
    const sameTarget = keyOf(other.effect.target) === keyOf(effect.target) || labelOf(other.effect.target) === labelOf(effect.target);
    if (!sameTarget) continue;
    if (other.effect.action === 'remove-all' || keyOf(other.effect.event) === keyOf(effect.event)) return true;
  }
  return false;
}

function confidenceOf(fn: FunctionFacts, add: Operation, effect: ListenerEffect): Confidence {
  if (add.basis === 'shape' || labelOf(effect.event) === undefined) return 'low';
  return fn.fn.node.kind === 'arrow' && fn.entries.length === 0 && effect.target.kind === 'place' && effect.target.root.kind === 'module' ? 'medium' : 'high';
}
