/**
 * Whether a relation that the query left out may be there all the same: the rows were handed to something between the
 * query and the read, or the code expects it to be missing. Errs towards "may be there".
 */
import type { Operation } from '../../../analysis/fact.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { elementNames, listSpan, loopSyntax } from '../../../analysis/repetition.ts';
import { placeOf } from '../../../analysis/trace.ts';
import { expressionsAround } from '../../../rewrite/source-edit.ts';
import type { Expression } from '../../../typescript/syntax.ts';
import type { LazyRelation } from './rule.ts';

/** The rows, or one of them, were an argument of some call before the relation is read: a hydrator, a loader. */
export function isFilledElsewhere({ read, access, loop }: LazyRelation, program: ProgramFacts): boolean {
  const file = program.file(access.at.path);
  const syntax = loopSyntax(loop, program);
  if (file === undefined || syntax === undefined) return true;
  const list = listSpan(syntax);
  const listName = list === undefined ? undefined : /^[\w$]+/.exec(file.text.slice(list.start, list.end))?.[0];
  const names = new Set([...elementNames(syntax), ...(listName === undefined ? [] : [listName])]);
  const from = placeOf(read);
  const start = from.path === access.at.path ? from.end : 0;
  return file.calls.some(
    (call) =>
      call.start > start &&
      call.end < access.at.start &&
      !/^(log|debug|info|warn|error|isArray|String)$/.test(
        file.text.slice(call.nameAt?.start ?? 0, call.nameAt?.end ?? 0),
      ) &&
      call.args.some((arg) => mentions(arg, names)),
  );
}

function mentions(arg: Expression, names: ReadonlySet<string>): boolean {
  if (arg.kind === 'identifier') return names.has(arg.name);
  if (arg.kind === 'array') return arg.elements.some((part) => mentions(part, names));
  if (arg.kind === 'spread-expression') return mentions(arg.operand, names);
  return false;
}

/** `order.customer?.name`, `if (order.customer)`, `order.customer ?? …`: written for a relation that may be missing. */
export function toleratesAbsence(access: Operation, program: ProgramFacts): boolean {
  const file = program.file(access.at.path);
  if (file === undefined) return true;
  const around = expressionsAround(file, access.at);
  const index = around.findIndex(
    (expression) => expression.kind === 'member' && expression.nameAt.start === access.at.start,
  );
  const outer = around[index + 1];
  if (outer === undefined) return true;
  if (outer.kind === 'member' || outer.kind === 'index' || outer.kind === 'call') return outer.optional;
  // Anything but reading a part of it: a test, a default, handing it on.
  return true;
}
