/** Names the handler and takes it off again: in the clean-up of the effect or class, in the handler itself; or lets it run once. */

import { isMentioned } from '../../../rewrite/mention.ts';
import {
  edit,
  ensureImport,
  freshName,
  indentationAt,
  indentUnit,
  insert,
  insertAfter,
  insertBefore,
  layout,
  newlineOf,
  quoteOf,
  semicolonOf,
  statementAround,
  textOf,
} from '../../../rewrite/source-edit.ts';
import type { Edit, Fix, RuleContext } from '../../../rule.ts';
import type { CallExpression, Expression, FunctionNode, SourceFile } from '../../../typescript/syntax.ts';
import type { ListenerLeakEvidence } from './rule.ts';

const REMOVALS: Readonly<Record<string, string>> = {
  on: 'off',
  addListener: 'removeListener',
  prependListener: 'removeListener',
  addEventListener: 'removeEventListener',
};

/** A listener as the fixes see it; only calls on a target that can be named again. */
interface Listener {
  readonly file: SourceFile;
  readonly call: CallExpression;
  readonly target: string;
  readonly event: Expression;
  readonly handler: Expression;
  readonly removal: string;
}

export function fixListenerLeak(evidence: ListenerLeakEvidence, _ctx: RuleContext): readonly Fix[] {
  const { file, call, recurrence } = evidence;
  const [event, handler] = call.args;
  if (call.callee.kind !== 'member' || event === undefined || handler === undefined) return [];
  const removal = REMOVALS[call.callee.name];
  const target = textOf(file, call.callee.object);
  if (removal === undefined || !/^[\w$.?]+$/.test(target)) return [];
  const listener: Listener = { file, call, target: target.replaceAll('?', ''), event, handler, removal };
  switch (recurrence.kind) {
    case 'effect':
      return effectCleanup(listener, recurrence.fn.node);
    case 'mount':
      return recurrence.call !== undefined
        ? unmounted(listener, recurrence.fn.node, recurrence.call)
        : teardown(listener, recurrence.fn.node);
    case 'call':
    case 'handler':
      return [...selfRemoving(listener), ...once(listener)];
    default:
      return [];
  }
}

// ---------------------------------------------------------------- naming the handler

/** The handler under a name that can be given again, and the edits that give it one before the statement. */
function nameHandler(listener: Listener): { name: string; declaration?: string; edits: readonly Edit[] } | undefined {
  const { file, handler } = listener;
  if (handler.kind === 'identifier' || handler.kind === 'member') return { name: textOf(file, handler), edits: [] };
  const fn = handler.kind === 'function' ? file.functions[handler.fn] : undefined;
  // A `function` has its own `this`: under a name it is still called with the target as `this`, but not typed so.
  if (fn === undefined || fn.kind !== 'arrow') return undefined;
  const text = typedHandler(listener, fn);
  if (text === undefined) return undefined;
  const name = freshName(file, 'handler');
  return { name, declaration: `const ${name} = ${text}${semicolonOf(file)}`, edits: [edit(file, handler, name)] };
}

/** Away from the call its parameters are no longer typed by it. */
function typedHandler(listener: Listener, fn: FunctionNode): string | undefined {
  const { file } = listener;
  const text = textOf(file, fn);
  if (file.language !== 'typescript') return text;
  const [first, ...others] = fn.parameters;
  if (first === undefined) return text;
  const annotated = (parameter: (typeof fn.parameters)[number]): boolean =>
    /^\s*\??\s*:/.test(file.text.slice(parameter.pattern.end, parameter.pattern.end + 20)) ||
    parameter.default !== undefined;
  if (fn.parameters.every(annotated)) return text;
  if (others.some((parameter) => !annotated(parameter) && listener.removal === 'removeEventListener')) return undefined;
  let made = text;
  for (const parameter of [...fn.parameters].reverse()) {
    if (annotated(parameter)) continue;
    if (parameter.pattern.kind !== 'variable' || parameter.rest) return undefined;
    const at = parameter.pattern.end - fn.start;
    const type = listener.removal === 'removeEventListener' ? eventType(listener) : 'any';
    made = `${made.slice(0, at)}: ${type}${made.slice(at)}`;
  }
  // `event => …` needs parentheses around an annotation.
  if (!/^(async\s*)?\(/.test(text))
    made = made.replace(
      /^(async\s+)?([\w$]+: [^=]+?)\s*=>/,
      (_all, prefix: string | undefined, parameter: string) => `${prefix ?? ''}(${parameter}) =>`,
    );
  return made;
}

const MAPPED =
  /^(resize|scroll|keydown|keyup|keypress|click|dblclick|mousedown|mouseup|mousemove|mouseenter|mouseleave|mouseover|mouseout|pointerdown|pointerup|pointermove|touchstart|touchmove|touchend|wheel|focus|blur|focusin|focusout|input|change|submit|contextmenu|dragenter|dragleave|dragover|drop|error|load)$/;
const WINDOW_ONLY = /^(message|storage|hashchange|popstate|beforeunload|online|offline|unload|pageshow|pagehide)$/;
const DOCUMENT_ONLY = /^(visibilitychange|fullscreenchange|selectionchange|copy|cut|paste)$/;

function eventType({ file, event, target }: Listener): string {
  const quote = quoteOf(file);
  const name = event.kind === 'literal' && typeof event.value === 'string' ? event.value : '';
  if (target === 'window' && (MAPPED.test(name) || WINDOW_ONLY.test(name)))
    return `WindowEventMap[${quote}${name}${quote}]`;
  if (target === 'document' && (MAPPED.test(name) || DOCUMENT_ONLY.test(name)))
    return `DocumentEventMap[${quote}${name}${quote}]`;
  return 'Event';
}

/** Removal heeds `capture` alone among the options. */
function removalCall({ file, call, target, event, removal }: Listener, name: string): string {
  const options = call.args[2];
  const captures =
    (options?.kind === 'literal' && options.value === true) ||
    (options?.kind === 'object' &&
      options.properties.some((part) => part.kind === 'property' && part.key === 'capture'));
  return `${target}.${removal}(${textOf(file, event)}, ${name}${captures && options !== undefined ? `, ${textOf(file, options)}` : ''})`;
}

// ---------------------------------------------------------------- clean-ups

/** The effect returns what undoes it, or its clean-up does that too. */
function effectCleanup(listener: Listener, effect: FunctionNode): readonly Fix[] {
  const { file, call } = listener;
  const place = statementAround(file, call);
  const named = nameHandler(listener);
  const last = effect.body.at(-1);
  if (
    place === undefined ||
    named === undefined ||
    last === undefined ||
    place.siblings !== effect.body ||
    effect.async
  )
    return [];
  if (place.statement.kind !== 'expression') return [];
  const end = semicolonOf(file);
  const naming = named.declaration === undefined ? [] : [insertBefore(file, place.statement, [named.declaration])];
  const line = `${removalCall(listener, named.name)}${end}`;
  const described = {
    id: 'effect-cleanup',
    title: 'Remove the listener in the clean-up',
    applicability: 'safe',
  } as const;
  if (last.kind === 'return') {
    const cleanup = last.value?.kind === 'function' ? file.functions[last.value.fn] : undefined;
    const statement = cleanup?.body[0];
    if (cleanup === undefined || statement === undefined || file.text[cleanup.bodySpan.start] !== '{') return [];
    return [{ ...described, edits: [...naming, ...named.edits, insertBefore(file, statement, [line])] }];
  }
  if (effect.body.some((statement) => statement.kind === 'return' && statement.value !== undefined)) return [];
  const indent = indentationAt(file, last.start);
  const cleanup = `${newlineOf(file)}${layout(file, indent, ['return () => {', `  ${line}`, `}${end}`])}`;
  return [{ ...described, edits: [...naming, ...named.edits, insert(file, last.end, cleanup)] }];
}

const UNMOUNTS: Readonly<Record<string, { hook: string; module: RegExp }>> = {
  onMounted: { hook: 'onUnmounted', module: /^(vue|@vue\/.*)$/ },
  onBeforeMount: { hook: 'onUnmounted', module: /^(vue|@vue\/.*)$/ },
  onActivated: { hook: 'onDeactivated', module: /^(vue|@vue\/.*)$/ },
  onMount: { hook: 'onCleanup', module: /^solid-js$/ },
};

/** Vue, Solid: the counterpart of the hook, after it. The handler moves out of the hook's callback. */
function unmounted(listener: Listener, callback: FunctionNode, hook: CallExpression): readonly Fix[] {
  const { file, call } = listener;
  const place = statementAround(file, hook);
  const named = nameHandler(listener);
  const name = hook.callee.kind === 'identifier' ? hook.callee.name : '';
  const counterpart = UNMOUNTS[name];
  const module = file.imports.find((node) => node.bindings.some((binding) => binding.imported === name))?.module;
  if (
    place === undefined ||
    named === undefined ||
    counterpart === undefined ||
    module === undefined ||
    !counterpart.module.test(module)
  )
    return [];
  if (place.statement.kind !== 'expression' || place.statement.expression !== hook) return [];
  const moved = `${named.declaration ?? named.name} ${listener.target} ${textOf(file, listener.event)}`;
  const isLocal = file.variables.some(
    (variable) => variable.fn === callback.index && isMentioned(moved, variable.name),
  );
  if (isLocal || call.start < callback.start) return [];
  const { name: local, edits } = ensureImport(file, module, counterpart.hook, counterpart.hook);
  const end = semicolonOf(file);
  return [
    {
      id: 'unmount-hook',
      title: `Remove the listener in '${counterpart.hook}'`,
      applicability: 'safe',
      edits: [
        ...edits,
        ...(named.declaration === undefined ? [] : [insertBefore(file, place.statement, [named.declaration])]),
        ...named.edits,
        insertAfter(file, place.statement, [
          `${local}(() => {`,
          `  ${removalCall(listener, named.name)}${end}`,
          `})${end}`,
        ]),
      ],
    },
  ];
}

const TEARDOWNS: Readonly<Record<string, string>> = {
  componentDidMount: 'componentWillUnmount',
  connectedCallback: 'disconnectedCallback',
  ngOnInit: 'ngOnDestroy',
  ngAfterViewInit: 'ngOnDestroy',
};

/** A class: only a handler that is a member of it can be named in another method. */
function teardown(listener: Listener, mount: FunctionNode): readonly Fix[] {
  const { file, handler } = listener;
  const name = TEARDOWNS[mount.name];
  const owner = mount.class === undefined ? undefined : file.classes[mount.class];
  if (name === undefined || owner === undefined || handler.kind !== 'member' || handler.object.kind !== 'this')
    return [];
  const isStable =
    owner.properties.some((property) => property.name === handler.name) ||
    owner.methods.some((index) => file.functions[index]?.name === handler.name);
  if (!isStable) return [];
  const line = `${removalCall(listener, textOf(file, handler))}${semicolonOf(file)}`;
  const existing = owner.methods.map((index) => file.functions[index]).find((method) => method?.name === name);
  const described = { id: 'teardown', title: `Remove the listener in '${name}'`, applicability: 'safe' } as const;
  const first = existing?.body[0];
  if (first !== undefined) return [{ ...described, edits: [insertBefore(file, first, [line])] }];
  if (existing !== undefined) return [];
  const indent = indentationAt(file, mount.start);
  const visibility = /^\s*(public )/.exec(file.text.slice(mount.start, mount.start + 20))?.[1] ?? '';
  const text = layout(file, indent, [
    `${visibility}${name}()${file.language === 'typescript' ? ': void' : ''} {`,
    `  ${line}`,
    '}',
  ]);
  return [{ ...described, edits: [insert(file, mount.bodySpan.end, `${newlineOf(file)}${newlineOf(file)}${text}`)] }];
}

// ---------------------------------------------------------------- handlers that are done

/** The `if` that says when a handler that waits for one thing is done, when it is all of the handler. */
function doneWhen(listener: Listener): Extract<FunctionNode['body'][number], { kind: 'if' }> | undefined {
  const fn = listener.handler.kind === 'function' ? listener.file.functions[listener.handler.fn] : undefined;
  const only = fn?.body[0];
  return fn?.body.length === 1 && only?.kind === 'if' && only.else.length === 0 ? only : undefined;
}

function selfRemoving(listener: Listener): readonly Fix[] {
  const { file, call, handler } = listener;
  const fn = handler.kind === 'function' ? file.functions[handler.fn] : undefined;
  const place = statementAround(file, call);
  const done = doneWhen(listener);
  const named = nameHandler(listener);
  if (fn === undefined || place === undefined || done === undefined || named?.declaration === undefined) return [];
  const end = semicolonOf(file);
  const indent = indentationAt(file, done.start);
  const line = `${removalCall(listener, named.name)}${end}`;
  const { start, end: stop } = done.thenSpan;
  const then = file.text.slice(start, stop);
  const newline = newlineOf(file);
  const inner = `${newline}${indent}${indentUnit(file)}`;
  const block = then.startsWith('{')
    ? `{${inner}${line}${then.slice(1)}`
    : `{${inner}${line}${inner}${then}${newline}${indent}}`;
  // The declaration may have grown by annotations: the branch is found again by its text, from the end.
  const at = named.declaration.lastIndexOf(then);
  if (at < 0) return [];
  const declaration = `${named.declaration.slice(0, at)}${block}${named.declaration.slice(at + then.length)}`;
  return [
    {
      id: 'self-removing',
      title: 'Name the handler and remove it when it is done',
      applicability: 'changes-behaviour',
      difference: 'The handler is gone after the first event it acts on.',
      edits: [insertBefore(file, place.statement, [declaration]), ...named.edits],
    },
  ];
}

/** A handler that looks at what the event is about, or cannot be seen. */
function chooses({ file, handler }: Listener): boolean {
  const index =
    handler.kind === 'function'
      ? handler.fn
      : handler.kind === 'identifier' && handler.variable !== undefined
        ? file.variables[handler.variable]?.names
        : undefined;
  const fn = index === undefined ? undefined : file.functions[index];
  return fn === undefined || fn.body.some((statement) => statement.kind === 'if' || statement.kind === 'switch');
}

/** Not for a handler that waits for its own event among others: the first may be another's. */
function once(listener: Listener): readonly Fix[] {
  const { file, call } = listener;
  if (call.callee.kind !== 'member' || chooses(listener)) return [];
  const described = {
    id: 'once',
    title: 'Listen for the first event only',
    applicability: 'changes-behaviour',
    difference: 'Later events are not handled.',
  } as const;
  if (call.callee.name === 'on' || call.callee.name === 'addListener')
    return [{ ...described, edits: [edit(file, call.callee.nameAt, 'once')] }];
  if (call.callee.name !== 'addEventListener' || call.args.length > 2) return [];
  return [{ ...described, edits: [insert(file, listener.handler.end, ', { once: true }')] }];
}
