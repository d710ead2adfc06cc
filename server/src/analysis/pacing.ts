/**
 * What keeps calls apart in time, and who is at the other end: waits and limiters in a round of a loop, whether a
 * request leaves the project's own systems. Errs towards "paced": a call whose name sounds like waiting is believed
 * to wait (fixtures: throttling/unthrottled-api-calls/paced.ts, throttling/retry-without-backoff/waits.ts).
 */
import { perFile } from '../rewrite/file-index.ts';
import { textOf } from '../rewrite/source-edit.ts';
import type { CallExpression, Expression, SourceFile, Span } from '../typescript/syntax.ts';
import type { FunctionFacts, Loop, Operation, RequestEffect } from './fact.ts';
import { isInLoop } from './loop-kind.ts';
import type { ProgramFacts } from './program.ts';
import { loopSyntax } from './repetition.ts';
import { keyOf, type Value } from './value.ts';

export interface RequestOperation extends Operation {
  readonly effect: RequestEffect;
}

export function isRequest(operation: Operation): operation is RequestOperation {
  return operation.effect.kind === 'request';
}

/** Waits that happen in each round of the loop, or in some rounds. */
export function waitsIn(fn: FunctionFacts, loop: Loop): Operation[] {
  return fn.operations.filter((operation) => operation.effect.kind === 'wait' && isInLoop(operation, loop));
}

const WAITING = /sleep|delay|backoff|^waitFor|^wait$|^wait(Ms|Seconds|Random|Exponential)|pause|throttle|rate_?limit/i;
const ADMITTING = /limit|throttle|bucket|quota|semaphore|sem$|bottleneck|queue$/i;

/** A call in the text that sounds like waiting or like a limiter's admission, where facts know nothing of the callee. */
export function soundsPaced(file: SourceFile, within: Span): boolean {
  return file.calls.some((call) => {
    if (call.start < within.start || call.end > within.end) return false;
    const names = calleeNames(call.callee);
    const last = names.at(-1) ?? '';
    if (WAITING.test(last)) return true;
    if (last === 'setTimeout' && awaitsTimer(file, call)) return true;
    return (
      names.length > 1 &&
      ADMITTING.test(names.at(-2) ?? '') &&
      /acquire|consume|take|wait|remove|schedule|add|run|enqueue|next|ready/i.test(last)
    );
  });
}

/** `await new Promise((resolve) => setTimeout(resolve, ms))` in whatever wording. */
function awaitsTimer(file: SourceFile, timer: CallExpression): boolean {
  return file.calls.some(
    (call) =>
      call.isNew && call.start < timer.start && call.end >= timer.end && textOf(file, call.callee) === 'Promise',
  );
}

export function calleeNames(callee: Expression): string[] {
  switch (callee.kind) {
    case 'identifier':
      return [callee.name];
    case 'this':
      return ['this'];
    case 'member':
      return [...calleeNames(callee.object), callee.name];
    case 'call':
      return calleeNames(callee.callee);
    default:
      return [];
  }
}

/** The range of one round: the loop's body or its callback. */
export function roundSpan(loop: Loop, program: ProgramFacts): { file: SourceFile; span: Span } | undefined {
  const syntax = loopSyntax(loop, program);
  if (syntax === undefined) return undefined;
  return {
    file: syntax.file,
    span: syntax.kind === 'statement' ? syntax.loop.bodySpan : (syntax.callback ?? syntax.call),
  };
}

// ---------------------------------------------------------------- who is called

/** `third-party`: certainly someone else's. `own`: the project's own server or process. */
export type Destination = 'third-party' | 'unknown' | 'own';

export function destinationOf(operation: RequestOperation, fn: FunctionFacts, program: ProgramFacts): Destination {
  const { effect } = operation;
  const isBrowser = [operation.at.path, fn.fn.path].some((path) => runsInBrowser(program.file(path)));
  // Outside a page a path alone is completed by the client's base address, which is anyone's.
  if (effect.local && (isBrowser || !isPathOnly(effect.url))) return 'own';
  if (effect.service !== undefined) return 'third-party';
  const host = effect.url === undefined ? undefined : hostOf(effect.url);
  if (host !== undefined) return isOwnHost(host) ? 'own' : 'third-party';
  // `${INTERNAL_WEBAPP_URL}/api/jobs`: the configuration's name for the project's own address.
  if (effect.url !== undefined && OWN_ADDRESS.test(keyOf(effect.url))) return 'own';
  if (!isBrowser) return 'unknown';
  // A page talks to the server it came from unless it says otherwise.
  return 'own';
}

const OWN_ADDRESS =
  /(?<![a-z])(INTERNAL|WEB_?APP|APP|SITE|SELF|NEXTAUTH|OWN|LOCAL)_(\w+_)?(URL|URI|HOST|ORIGIN)(?![a-z])/i;

function isOwnHost(host: string): boolean {
  return (
    /^(localhost|127\.|0\.0\.0\.0|\[::1\]|host\.docker\.internal)|\.(local|internal|localhost|svc)(:|$)/.test(host) ||
    !/[.:]/.test(host)
  );
}

function isPathOnly(url: Value | undefined): boolean {
  if (url === undefined) return false;
  const first = url.kind === 'computed' ? url.operands[0] : url;
  return first?.kind === 'constant' && typeof first.value === 'string' && /^\/(?!\/)/.test(first.value);
}

/** The host a URL names in so many words. */
export function hostOf(url: Value): string | undefined {
  switch (url.kind) {
    case 'constant':
      return typeof url.value === 'string' ? /^https?:\/\/([^/?#]+)/.exec(url.value)?.[1] : undefined;
    case 'computed': {
      if (
        url.operator !== 'template' &&
        url.operator !== '+' &&
        !/^(new:URL|call:(toString|join|concat))$/.test(url.operator)
      )
        return undefined;
      // `new URL(path, base)`: the base names the host.
      for (const operand of url.operands) {
        if (operand.kind === 'constant' && operand.value === '') continue;
        const host = hostOf(operand);
        if (host !== undefined) return host;
        if (!url.operator.startsWith('new:')) return undefined;
      }
      return undefined;
    }
    case 'object':
      return ['url', 'uri', 'href', 'baseURL']
        .map((name) => url.properties.get(name))
        .flatMap((part) => (part === undefined ? [] : (hostOf(part) ?? [])))[0];
    case 'union':
      return url.alternatives.flatMap((part) => hostOf(part) ?? [])[0];
    default:
      return undefined;
  }
}

const BROWSER_PACKAGES =
  /^(react|react-dom|vue|svelte|solid-js|preact|@angular\/|next\/(navigation|router|link)|swr|@tanstack\/|vue-router|vuex|pinia|mobx|@vueuse\/|react-router|react-query|react-admin|redux|@reduxjs\/)/;

/** Whether the file's code runs in a page: by its extension, its imports, the folder it is in. */
export function runsInBrowser(file: SourceFile | undefined): boolean {
  return file !== undefined && isBrowserFile(file);
}

const isBrowserFile = perFile((file): boolean => {
  if (/\.(tsx|jsx|vue|svelte)$/.test(file.path)) return true;
  if (/\/(frontend|components|hooks|composables|stores?|ui|browser|webapp|admin-ui|dashboard)\//.test(file.path))
    return true;
  if (file.imports.some((node) => !node.typeOnly && BROWSER_PACKAGES.test(node.module))) return true;
  // A robot that drives a browser sends such code there.
  return (
    /\bwindow\.(location|addEventListener|localStorage|history)\b/.test(file.text) &&
    !file.imports.some(({ module }) => /puppeteer|playwright|webdriver|selenium/.test(module))
  );
});
