/** Names the handler and takes it off again, or lets it run once. */
import type { Fix, RuleContext } from '../../../rule.ts';
import {
  callAt,
  edit,
  freshName,
  indentationAt,
  insert,
  insertBefore,
  layout,
  newlineOf,
  semicolonOf,
  statementAround,
  textOf,
} from '../../../rewrite/source-edit.ts';
import type { CallExpression, FunctionNode, SourceFile } from '../../../typescript/syntax.ts';
import type { ListenerLeakEvidence } from './rule.ts';

export function fixListenerLeak({ add }: ListenerLeakEvidence, ctx: RuleContext): readonly Fix[] {
  const file = ctx.program.file(add.at.path);
  const call = file === undefined ? undefined : callAt(file, add.at);
  if (file === undefined || call === undefined || call.callee.kind !== 'member' || call.args.length < 2) return [];
  const place = statementAround(file, call);
  if (place === undefined) return [];
  const effectCleanup = isReactEffect(file, place.fn) ? cleanupOfEffect(file, call, place.fn) : [];
  return [...effectCleanup, ...selfRemoving(file, call), ...once(file, call)];
}

const REMOVALS: Readonly<Record<string, string>> = {
  on: 'off',
  addListener: 'removeListener',
  prependListener: 'off',
  addEventListener: 'removeEventListener',
};

function isReactEffect(file: SourceFile, fn: FunctionNode): boolean {
  return file.calls.some(
    (call) =>
      call.callee.kind === 'identifier' && /^use(Layout)?Effect$/.test(call.callee.name) && call.args[0]?.kind === 'function' && call.args[0].fn === fn.index,
  );
}

/** The effect returns what undoes it. */
function cleanupOfEffect(file: SourceFile, call: CallExpression, fn: FunctionNode): readonly Fix[] {
  if (call.callee.kind !== 'member' || fn.body.some((statement) => statement.kind === 'return')) return [];
  const removal = REMOVALS[call.callee.name];
  const [event, handler] = call.args;
  const last = fn.body.at(-1);
  const place = statementAround(file, call);
  if (removal === undefined || event === undefined || handler === undefined || last === undefined || place === undefined) return [];
  const end = semicolonOf(file);
  const target = textOf(file, call.callee.object);
  const named = handler.kind === 'identifier' || handler.kind === 'member';
  const name = named ? textOf(file, handler) : freshName(file, 'handler');
  const indent = indentationAt(file, last.start);
  const cleanup = `${newlineOf(file)}${layout(file, indent, [`return () => {`, `  ${target}.${removal}(${textOf(file, event)}, ${name})${end}`, `}${end}`])}`;
  return [
    {
      id: 'effect-cleanup',
      title: 'Return a cleanup that removes the listener',
      applicability: 'safe',
      edits: [
        ...(named ? [] : [insertBefore(file, place.statement, [`const ${name} = ${textOf(file, handler)}${end}`]), edit(file, handler, name)]),
        insert(file, last.end, cleanup),
      ],
    },
  ];
}

/** The handler takes itself off at its first statement's end: for handlers that wait for one thing. */
function selfRemoving(file: SourceFile, call: CallExpression): readonly Fix[] {
  if (call.callee.kind !== 'member') return [];
  const removal = REMOVALS[call.callee.name];
  const [event, handler] = call.args;
  const fn = handler?.kind === 'function' ? file.functions[handler.fn] : undefined;
  const place = statementAround(file, call);
  const only = fn?.body[0];
  if (removal === undefined || event === undefined || fn === undefined || place === undefined || only === undefined) return [];
  // Only a handler that is a single `if` says when it is done: inside it.
  if (fn.body.length !== 1 || only.kind !== 'if' || only.else.length > 0 || !/^\{/.test(file.text.slice(only.thenSpan.start))) return [];
  const name = freshName(file, 'handler');
  const end = semicolonOf(file);
  const target = textOf(file, call.callee.object);
  const inner = `${indentationAt(file, only.start)}${'  '}`;
  const handlerText = textOf(file, fn);
  const offset = only.thenSpan.start + 1 - fn.start;
  const withRemoval = `${handlerText.slice(0, offset)}${newlineOf(file)}${layout(file, inner, [`${target}.${removal}(${textOf(file, event)}, ${name})${end}`])}${handlerText.slice(offset)}`;
  return [
    {
      id: 'self-removing',
      title: 'Name the handler and remove it when it is done',
      applicability: 'changes-behaviour',
      difference: 'The listener handles its event once and is gone.',
      edits: [insertBefore(file, place.statement, [`const ${name} = ${withRemoval}${end}`].flatMap((text) => [text])), edit(file, fn, name)],
    },
  ];
}

function once(file: SourceFile, call: CallExpression): readonly Fix[] {
  if (call.callee.kind !== 'member') return [];
  const described = {
    id: 'once',
    title: 'Listen for the first event only',
    applicability: 'changes-behaviour',
    difference: 'Later events are not handled.',
  } as const;
  if (call.callee.name === 'on' || call.callee.name === 'addListener') {
    return [{ ...described, edits: [edit(file, call.callee.nameAt, 'once')] }];
  }
  if (call.callee.name !== 'addEventListener') return [];
  const handler = call.args[1];
  if (handler === undefined || call.args.length > 2) return [];
  return [{ ...described, edits: [insert(file, handler.end, ', { once: true }')] }];
}
