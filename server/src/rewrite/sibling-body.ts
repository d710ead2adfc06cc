/** The body of a function that looks one key up, taken apart around its query: what is before, what it gives, what is left. */
import type {
  CallExpression,
  FunctionNode,
  Parameter,
  SourceFile,
  Span,
  Statement,
  TryStatement,
} from '../typescript/syntax.ts';
import { mentions } from './key-scope.ts';
import { enclosingStatements, expressionsAround, partsOf, textOf } from './source-edit.ts';

export interface Body {
  /** Before the query, done once. */
  readonly pre: readonly Statement[];
  /** The statement with the query. */
  readonly statement: Statement;
  readonly rest: readonly Statement[];
  /** The awaited call, or the returned one. */
  readonly whole: Span;
  readonly handler?: TryStatement;
  /** The statement returns something made of the query's result, rather than the result. */
  readonly prefix?: true;
}

export function bodyOf(node: FunctionNode, call: CallExpression, file: SourceFile, key: string): Body | undefined {
  const path = enclosingStatements(file, call);
  const inner = path[0];
  if (inner === undefined || !['return', 'variable', 'expression'].includes(inner.statement.kind)) return undefined;
  let list: readonly Statement[] = node.body;
  let handler: TryStatement | undefined;
  if (inner.siblings !== node.body) {
    const around = path[1]?.statement;
    if (around?.kind !== 'try' || path.length !== 2 || node.body.at(-1) !== around || around.finalizer !== undefined)
      return undefined;
    if (inner.siblings !== around.block || around.handler === undefined || around.block[0] !== inner.statement)
      return undefined;
    handler = around;
    list = around.block;
  }
  const pre = handler === undefined ? list.slice(0, list.indexOf(inner.statement)) : node.body.slice(0, -1);
  const rest = list.slice(list.indexOf(inner.statement) + 1);
  if (pre.some((statement) => mentions(textOf(file, statement), [key]) || leaves(statement))) return undefined;
  if (rest.some((statement) => /\b(await|yield)\b/.test(textOf(file, statement)))) return undefined;
  // A handler that looks at the error may tell a failed query from a missing row.
  if (handler !== undefined && handler.parameter !== undefined && usesParameter(file, handler)) return undefined;
  const around = expressionsAround(file, call);
  const outer = around.slice(around.findIndex(({ start, end }) => start === call.start && end === call.end) + 1);
  const wait = outer[0]?.kind === 'await' ? outer[0] : undefined;
  const isReturned = inner.statement.kind === 'return' && outer.length === (wait === undefined ? 0 : 1);
  if (wait === undefined && !isReturned) return undefined;
  if (
    outer.some(
      (expression) =>
        expression.kind === 'logical' ||
        expression.kind === 'conditional' ||
        (expression.kind === 'await' && expression !== wait),
    )
  )
    return undefined;
  return {
    pre,
    statement: inner.statement,
    rest,
    whole: wait ?? call,
    ...(handler === undefined ? {} : { handler }),
    ...(inner.statement.kind === 'return' && !isReturned ? { prefix: true as const } : {}),
  };
}

function usesParameter(file: SourceFile, { parameter, handler = [] }: TryStatement): boolean {
  if (parameter?.kind !== 'variable') return true;
  const name = file.variables[parameter.variable]?.name ?? '';
  return handler.some((statement) => mentions(textOf(file, statement), [name]));
}

export function leaves(statement: Statement): boolean {
  return ['return', 'throw'].includes(statement.kind) || partsOf(statement).lists.some((list) => list.some(leaves));
}

export function isPlainFunction(node: FunctionNode): boolean {
  return /^(function|arrow|method)$/.test(node.kind) && !node.generator && node.name !== '' && node.hasBody;
}

/** Undefined where it is taken apart. */
export function parameterName(parameter: Parameter | undefined, file: SourceFile): string | undefined {
  if (parameter === undefined || parameter.rest || parameter.pattern.kind !== 'variable') return undefined;
  return file.variables[parameter.pattern.variable]?.name;
}
