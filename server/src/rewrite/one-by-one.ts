/**
 * `await Promise.all(list.map(async (item) => { … }))` as a loop, for what comes to share one connection: there the
 * queries would wait for each other anyhow, and the first that fails would leave the rest running. Only where nobody
 * uses the results; the callback's body stays where it is, so that edits inside it still fit.
 */
import type { Edit } from '../rule.ts';
import type { CallExpression, FunctionNode, SourceFile, Span, Statement } from '../typescript/syntax.ts';
import { edit, partsOf, textOf } from './source-edit.ts';

interface Sequence {
  readonly edits: readonly Edit[];
  /** Lines that begin in these stand where they are to stand one level deeper. */
  readonly placed: readonly Span[];
}

export function oneByOne(file: SourceFile, statement: Statement): Sequence {
  const map = mapOf(file, statement);
  const run = map === undefined ? undefined : callbackOf(file, map);
  const [parameter] = run?.parameters ?? [];
  if (map?.callee.kind !== 'member' || run === undefined || parameter === undefined) return { edits: [], placed: [] };
  const head = { start: statement.start, end: run.bodySpan.start };
  const tail = { start: run.bodySpan.end, end: statement.end };
  const text = `for (const ${textOf(file, parameter.pattern)} of ${textOf(file, map.callee.object)}) `;
  // A call whose argument has lines of its own has its callback one level deeper than a loop has its body.
  const isBroken = textOf(file, head).includes('\n');
  return { edits: [edit(file, head, text), edit(file, tail, '')], placed: isBroken ? [statement] : [head, tail] };
}

function mapOf(file: SourceFile, statement: Statement): CallExpression | undefined {
  if (statement.kind !== 'expression' || statement.expression.kind !== 'await') return undefined;
  const { operand } = statement.expression;
  if (operand.kind !== 'call' || textOf(file, operand.callee) !== 'Promise.all' || operand.args.length !== 1)
    return undefined;
  const [list] = operand.args;
  const isMap = list?.kind === 'call' && list.callee.kind === 'member' && list.callee.name === 'map';
  return isMap && list.args.length === 1 ? list : undefined;
}

/** Waits itself, takes the element only, and gives nothing. */
function callbackOf(file: SourceFile, { args }: CallExpression): FunctionNode | undefined {
  const [callback] = args;
  const node = callback?.kind === 'function' ? file.functions[callback.fn] : undefined;
  if (node === undefined || !node.async || node.parameters.length !== 1) return undefined;
  const [parameter] = node.parameters;
  const isPlain =
    parameter?.rest === false && parameter.default === undefined && file.text.charAt(node.bodySpan.start) === '{';
  return isPlain && !node.body.some(returns) ? node : undefined;
}

function returns(statement: Statement): boolean {
  return statement.kind === 'return' || partsOf(statement).lists.some((list) => list.some(returns));
}
