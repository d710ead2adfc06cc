import {
  callAt,
  edit,
  freshName,
  indentationAt,
  insert,
  newlineOf,
  statementAround,
  textOf,
} from '../../../rewrite/source-edit.ts';
import type { Edit, Fix, RuleContext } from '../../../rule.ts';
import type { CallExpression, FunctionNode, SourceFile, Statement } from '../../../typescript/syntax.ts';
import type { Relock } from './rule.ts';

export function fixRelock(evidence: Relock, { program }: RuleContext): Fix[] {
  const { taken } = evidence;
  const file = program.file(taken.at.path);
  const call = file === undefined ? undefined : callAt(file, taken.span);
  if (file === undefined || call === undefined) return [];
  const work = workOf(file, call);
  if (work === undefined) return [];
  if (taken.chain.length === 0) return runDirectly(file, call, work);
  return taken.chain.length === 1
    ? splitOut(file, call, work, evidence, program.file(taken.chain[0]?.at.path ?? ''))
    : [];
}

/** The function that runs under the lock, when it takes nothing of the lock's. */
function workOf(file: SourceFile, call: CallExpression): FunctionNode | undefined {
  const last = call.args.at(-1);
  const node = last?.kind === 'function' ? file.functions[last.fn] : undefined;
  return node?.kind === 'arrow' && node.parameters.length === 0 ? node : undefined;
}

/** The lock is held by the code around: what it was to protect runs as it is. */
function runDirectly(file: SourceFile, call: CallExpression, work: FunctionNode): Fix[] {
  return [
    {
      id: 'run-directly',
      title: 'Run it under the lock that is held already',
      applicability: 'changes-behaviour',
      difference: 'It runs under the outer lock instead of waiting for it.',
      edits: [edit(file, call, `(${textOf(file, work)})()`)],
    },
  ];
}

/**
 * The function that locks and works becomes two: one that works, for callers who hold the lock, and one that takes the
 * lock and calls it.
 */
function splitOut(
  file: SourceFile,
  call: CallExpression,
  work: FunctionNode,
  { taken }: Relock,
  callerFile: SourceFile | undefined,
): Fix[] {
  const [site] = taken.chain;
  const place = statementAround(file, call);
  const outer = place?.fn;
  if (site === undefined || outer === undefined || callerFile !== file || !isAllItDoes(outer, place?.statement, call))
    return [];
  const name = freshName(file, `${outer.name}WithLock`);
  const args = argumentsOf(file, outer);
  const caller = callAt(file, site.at);
  if (args === undefined || outer.nameAt === undefined || caller?.nameAt === undefined) return [];
  const isMethod = outer.kind === 'method';
  if (!isMethod && outer.kind !== 'function') return [];
  if (isMethod && caller.callee.kind === 'member' && caller.callee.object.kind !== 'this') return [];
  const signature = file.text.slice(outer.nameAt.end, outer.bodySpan.start).trimEnd();
  const head = isMethod
    ? `private ${outer.static ? 'static ' : ''}${work.async ? 'async ' : ''}${name}`
    : `${work.async ? 'async ' : ''}function ${name}`;
  const visible = file.language === 'javascript' ? head.replace('private ', '') : head;
  const edits: Edit[] = [
    edit(file, caller.nameAt, name),
    edit(file, work, `() => ${isMethod ? 'this.' : ''}${name}(${args})`),
    insert(file, outer.end, afterwards(file, outer, `${visible}${signature} ${bodyOf(file, work)}`)),
  ];
  return [
    {
      id: 'split-locked-part',
      title: `Move what '${outer.name}' does under the lock to '${name}' and call that`,
      applicability: 'changes-behaviour',
      difference: 'It runs under the lock that the caller holds instead of waiting for it.',
      edits,
    },
  ];
}

/** Nothing but `return lock.runExclusive(…)`, with or without `await`. */
function isAllItDoes(outer: FunctionNode, statement: Statement | undefined, call: CallExpression): boolean {
  if (statement === undefined || outer.body.length !== 1 || outer.body[0] !== statement) return false;
  const value =
    statement.kind === 'return' ? statement.value : statement.kind === 'expression' ? statement.expression : undefined;
  const run = value?.kind === 'await' ? value.operand : value;
  return run !== undefined && run.start === call.start && run.end === call.end;
}

/** The parameters handed on; undefined when one has no name. */
function argumentsOf(file: SourceFile, outer: FunctionNode): string | undefined {
  const names = outer.parameters.map(({ pattern, rest }) =>
    pattern.kind === 'variable' ? `${rest ? '...' : ''}${file.variables[pattern.variable]?.name ?? ''}` : undefined,
  );
  return names.includes(undefined) ? undefined : names.join(', ');
}

function bodyOf(file: SourceFile, work: FunctionNode): string {
  const text = textOf(file, work.bodySpan);
  if (text.startsWith('{')) return outdented(file, work, text);
  return `{ return ${text}; }`;
}

/** The block one level further out, as its new function stands. */
function outdented(file: SourceFile, work: FunctionNode, text: string): string {
  const from = indentationAt(file, work.bodySpan.end - 1);
  const to = indentationAt(file, functionStart(file, work));
  return text.includes('`')
    ? text
    : text
        .split('\n')
        .map((line, index) => (index > 0 && line.startsWith(from) ? to + line.slice(from.length) : line))
        .join('\n');
}

function functionStart(file: SourceFile, work: FunctionNode): number {
  const parent = work.parent === undefined ? undefined : file.functions[work.parent];
  return parent?.start ?? work.start;
}

function afterwards(file: SourceFile, outer: FunctionNode, text: string): string {
  const newline = newlineOf(file);
  return `${newline}${newline}${indentationAt(file, outer.start)}${text}`;
}
