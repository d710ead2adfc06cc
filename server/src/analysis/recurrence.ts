/**
 * How often the body of a function runs, read from where the function stands: the effect of a component, a mount
 * hook, the body of a component, a constructor, the start of the program, an ordinary call. Knows the words of the
 * component frameworks; says nothing of what the function does.
 */
import { callTaking } from '../rewrite/file-index.ts';
import type { CallExpression, FunctionNode, SourceFile } from '../typescript/syntax.ts';
import type { FunctionInfo } from './fact.ts';
import type { ProgramFacts } from './program.ts';

export interface Recurrence {
  /**
   * `effect`: a hook's callback, which returns its clean-up. `mount`: once for every mounted instance. `render`: the
   * body of a component or hook. `handler`: a closure in one. `construct`: once for every object. `once`: at the start
   * of the program, as far as names tell. `call`: on every call.
   */
  readonly kind: 'effect' | 'mount' | 'render' | 'handler' | 'construct' | 'once' | 'call';
  /** The function that recurs: the effect's callback, the method, the outermost function of a plain call. */
  readonly fn: FunctionInfo;
  /** The effect's or hook's call. */
  readonly call?: CallExpression;
}

const EFFECT =
  /^use(Layout|Insertion|IsomorphicLayout|BrowserLayout|Async|Update|Deep\w*)?Effect(Once)?$|^useMount$|^useOnMount$/;
const MOUNT_CALL = /^(onMounted|onMount|onBeforeMount|onActivated|afterNextRender|ngAfterViewInit)$/;
const MOUNT_METHOD =
  /^(componentDidMount|componentWillMount|UNSAFE_componentWillMount|connectedCallback|ngOnInit|ngAfterViewInit|ngAfterContentInit|firstUpdated)$/;
/** Methods of Vue's option objects. */
const OPTION_METHOD = /^(mounted|created|beforeMount|activated)$/;
const RUNS_NOW =
  /^(then|catch|finally|forEach|map|Promise|setTimeout|nextTick|requestAnimationFrame|queueMicrotask|requestIdleCallback|afterRender|batch|untrack|runInAction|runOutsideAngular)$/;
const HAPPENS_ONCE =
  /^(ready|load|DOMContentLoaded|open|connect|listening|online|install|activate|will-ready|whenReady)$/;
const START =
  /^(bootstrap|main|init|initialize|initialise|start|setup|register|attach|install|configure|connect|listen|boot|create|bind|enable|mount|run|load|subscribe|watch|handle|shutdown|serve|launch|hook|build|make|apply|patch|polyfill|inject|open|activate|prepare|ensure)([A-Z_$0-9].*)?$|^(onModuleInit|onApplicationBootstrap|onApplicationShutdown|constructor|<module>|default|plugin|ready|server|app|worker|add\w*Listeners?|add\w*Handlers?)$/;
const COMPONENT_FILE = /\.[jt]sx$/;
const COMPONENT_LIBRARY = /^(react|preact|vue|solid-js|svelte|@vue\/.*|react\/.*|preact\/.*)$/;

export function recurrenceOf(info: FunctionInfo, program: ProgramFacts): Recurrence {
  const { file } = info;
  let inside = false;
  let outermost = info;
  for (let at: FunctionInfo | undefined = info; at !== undefined; ) {
    if (at.node.kind === 'module') return { kind: outermost === at ? 'once' : 'call', fn: outermost };
    outermost = at;
    const found = ofFunction(at, inside, file, program);
    if (found !== undefined) return found;
    const parent: FunctionInfo | undefined = program.parentOf(at);
    if (parent === undefined || parent.node.kind === 'module') {
      const call = callTaking(file, at.node.index);
      if (call !== undefined && (isOnceEvent(call) || RUNS_NOW.test(nameOf(call)))) return { kind: 'once', fn: at };
      // `(function () { … })()` is the module itself.
      if (
        at.node.name === '' &&
        file.calls.some(({ callee }) => callee.kind === 'function' && callee.fn === at?.node.index)
      )
        return { kind: 'once', fn: at };
      return { kind: START.test(at.node.name) ? 'once' : 'call', fn: at };
    }
    const call = callTaking(file, at.node.index);
    if (call === undefined || !(RUNS_NOW.test(nameOf(call)) || isOnceEvent(call))) inside = true;
    at = parent;
  }
  return { kind: 'call', fn: outermost };
}

/** What the function itself says; undefined when the one around it has to be asked. */
function ofFunction(
  info: FunctionInfo,
  inside: boolean,
  file: SourceFile,
  program: ProgramFacts,
): Recurrence | undefined {
  const { node } = info;
  const call = callTaking(file, node.index);
  const name = call === undefined ? '' : nameOf(call);
  if (call !== undefined && EFFECT.test(name)) return { kind: 'effect', fn: info, call };
  if (call !== undefined && MOUNT_CALL.test(name)) return { kind: 'mount', fn: info, call };
  if (node.kind === 'constructor')
    return { kind: inside ? 'call' : isComponentClass(info, program) ? 'mount' : 'construct', fn: info };
  if (info.class !== undefined && MOUNT_METHOD.test(node.name)) return { kind: 'mount', fn: info };
  if (node.class === undefined && node.kind === 'method' && OPTION_METHOD.test(node.name))
    return { kind: 'mount', fn: info };
  if (info.class !== undefined)
    return { kind: START.test(node.name) && !isComponentClass(info, program) ? 'once' : 'call', fn: info };
  if (isComponent(node, file)) return { kind: inside ? 'handler' : 'render', fn: info };
  // A constructor of before there were classes.
  if (node.kind === 'function' && /^[A-Z]/.test(node.name)) return { kind: inside ? 'call' : 'construct', fn: info };
  return undefined;
}

function isComponent(node: FunctionNode, file: SourceFile): boolean {
  if (!/^(use)?[A-Z]/.test(node.name) || node.class !== undefined) return false;
  return (
    COMPONENT_FILE.test(file.path) ||
    file.imports.some(({ module, typeOnly }) => !typeOnly && COMPONENT_LIBRARY.test(module))
  );
}

export function isComponentClass(info: FunctionInfo, program: ProgramFacts): boolean {
  if (info.class === undefined) return false;
  if (
    program
      .ancestorsOf(info.class)
      .some((name) => /^((React\.)?(Pure)?Component|HTML\w*Element|LitElement|ReactiveElement|Vue)$/.test(name))
  )
    return true;
  const name = info.class.slice(info.class.lastIndexOf('#') + 1);
  return info.file.classes.some(
    (part) =>
      part.name === name &&
      part.decorators.some((decorator) => /^(Component|Directive|customElement)$/.test(decorator.name)),
  );
}

function nameOf(call: CallExpression): string {
  return call.callee.kind === 'identifier' ? call.callee.name : call.callee.kind === 'member' ? call.callee.name : '';
}

function isOnceEvent(call: CallExpression): boolean {
  if (/^(whenReady|ready)$/.test(nameOf(call))) return true;
  const first = call.args[0];
  return (
    /^(on|once|addListener|addEventListener)$/.test(nameOf(call)) &&
    first?.kind === 'literal' &&
    typeof first.value === 'string' &&
    HAPPENS_ONCE.test(first.value)
  );
}

/** Whether everything that calls the function, as far as is known, runs once. */
export function isCalledOnce(info: FunctionInfo, program: ProgramFacts, depth = 0): boolean {
  const callers = program.callersOf(info.key).filter((key) => key !== info.key);
  if (callers.length === 0 || depth > 3) return false;
  return callers.every((key) => {
    const caller = program.info(key);
    if (caller === undefined) return false;
    const { kind, fn } = recurrenceOf(caller, program);
    return kind === 'once' || kind === 'construct' || (kind === 'call' && isCalledOnce(fn, program, depth + 1));
  });
}
