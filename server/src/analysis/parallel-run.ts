/**
 * `Promise.all` in the source: what runs under it, so that the operations that start together can be told from those
 * that follow each other. Reads `Promise.all([a(), b()])`, `Promise.all(list.map(…))`, and a list that was filled
 * before; a list from anywhere else is not followed (errs towards silence).
 */
import type { Location } from '../rule.ts';
import type { CallExpression, Expression, SourceFile, Span } from '../typescript/syntax.ts';

export interface ParallelRun {
  readonly file: SourceFile;
  readonly call: CallExpression;
  /** One for each promise that is written down; the callback's call for a list. */
  readonly branches: readonly Span[];
  /** Some branch runs once per element. */
  readonly isList: boolean;
}

const known = new WeakMap<SourceFile, readonly ParallelRun[]>();
const NONE: readonly ParallelRun[] = [];

/** Every `Promise.all` of the file that runs something we can see, outermost first. */
export function parallelRunsOf(file: SourceFile): readonly ParallelRun[] {
  const cached = known.get(file);
  if (cached !== undefined) return cached;
  const found = file.text.includes('Promise.all(') ? file.calls.flatMap((call) => runOf(call, file) ?? []) : NONE;
  known.set(file, found);
  return found;
}

export function branchAround(run: ParallelRun, at: Location): Span | undefined {
  if (run.file.path !== at.path) return undefined;
  return run.branches.find((branch) => branch.start <= at.start && at.end <= branch.end);
}

function runOf(call: CallExpression, file: SourceFile): ParallelRun | undefined {
  const { callee } = call;
  if (callee.kind !== 'member' || callee.name !== 'all') return undefined;
  if (callee.object.kind !== 'identifier' || callee.object.name !== 'Promise') return undefined;
  const [argument] = call.args;
  const branches = argument === undefined ? [] : branchesOf(argument, file);
  return branches.length === 0
    ? undefined
    : { file, call, branches: branches.map(({ span }) => span), isList: branches.some(({ isList }) => isList) };
}

interface Branch {
  readonly span: Span;
  readonly isList: boolean;
}

function branchesOf(argument: Expression, file: SourceFile): Branch[] {
  switch (argument.kind) {
    case 'array':
      return argument.elements.flatMap((element) =>
        element.kind === 'spread-expression' ? branchesOf(element.operand, file) : [{ span: element, isList: false }],
      );
    case 'call':
      return listBranch(argument);
    case 'identifier':
      return argument.variable === undefined ? [] : filledBefore(argument.variable, file);
    default:
      return [];
  }
}

/** `list.map(callback)`, also behind `.filter(…)` and `.flat()`. */
function listBranch(call: CallExpression): Branch[] {
  const { callee } = call;
  if (callee.kind !== 'member') return [];
  if (/^(map|flatMap)$/.test(callee.name)) return [{ span: call, isList: true }];
  return /^(filter|flat|concat)$/.test(callee.name) && callee.object.kind === 'call' ? listBranch(callee.object) : [];
}

/** `const work = list.map(…)`, `work.push(save(a))`. */
function filledBefore(index: number, file: SourceFile): Branch[] {
  const variable = file.variables[index];
  if (variable === undefined || variable.reassigned || variable.kind === 'parameter') return [];
  const initial = variable.initializer;
  const found: Branch[] = initial === undefined || initial.kind === 'identifier' ? [] : branchesOf(initial, file);
  for (const { callee, args } of file.calls) {
    if (callee.kind !== 'member' || callee.name !== 'push' || callee.object.kind !== 'identifier') continue;
    if (callee.object.variable !== index) continue;
    for (const arg of args) found.push({ span: arg, isList: false });
  }
  return found;
}
