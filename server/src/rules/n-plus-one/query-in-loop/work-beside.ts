/**
 * What a round of the loop does for its element besides the query: further statements that belong to one job, requests,
 * files, other programs. Where that takes longer than the query, one query for all elements changes little. Programs
 * are known by the names they are started under alone (fixture: slower-work.ts).
 */

import type { FunctionFacts, Loop, Operation } from '../../../analysis/fact.ts';
import { isInLoop } from '../../../analysis/loop-kind.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import { type DatabaseOperation, isDatabaseOperation, isWrite } from '../../../analysis/protection.ts';
import { loopSyntax } from '../../../analysis/repetition.ts';
import { countStatements, sameCall } from '../../../analysis/trace.ts';
import type { CallExpression } from '../../../typescript/syntax.ts';
import type { QueriesOfCall } from './confidence.ts';

/** The call does a whole job for the element: it writes after other statements, or works outside the database. */
export function isUseCase({ fn, loop, query, queries }: QueriesOfCall): boolean {
  const [first] = query.chain;
  if (first === undefined) return false;
  if (queries.length > 1 && queries.some(isWrite)) return true;
  // A route's handler is called for each: a request within the process.
  if (/^(GET|POST|PUT|PATCH|DELETE)$/.test(first.name)) return true;
  // Writes in loops of its own are its own findings, and still part of what it does.
  if (
    isWrite(query)
      ? false
      : fn.operations.some((other) => isWrite(other) && isInLoop(other, loop) && sameCall(other, query))
  )
    return true;
  return worksOnEach(fn, loop).some((other) => sameCall(other, query));
}

/** Another call of the same round does a whole job, of which reading and writing for the element is a part. */
export function hasJobBeside({ fn, loop, query }: QueriesOfCall): boolean {
  const calls = new Map<number, Operation[]>();
  for (const operation of fn.operations) {
    const first = operation.chain[0];
    if (operation.effect.kind !== 'database' || first === undefined || !isInLoop(operation, loop)) continue;
    calls.set(first.at.start, [...(calls.get(first.at.start) ?? []), operation]);
  }
  return [...calls.values()].some(
    (part) => part.length > 1 && part.some(isWrite) && !part.some((operation) => sameCall(operation, query)),
  );
}

/** The round reads for the element and then writes in several places: one query less changes little. */
export function isJobItself({ fn, loop, query }: QueriesOfCall): boolean {
  if (isWrite(query) ? true : loop.repeats !== 'elements') return false;
  return countStatements(statementsIn(fn, loop).filter(isWrite)) > 1;
}

/** So many statements that one of them is not what counts. */
const MANY_STATEMENTS = 10;

export function isBigJob(fn: FunctionFacts, loop: Loop): boolean {
  return countStatements(statementsIn(fn, loop)) >= MANY_STATEMENTS;
}

export function statementsIn({ operations }: FunctionFacts, loop: Loop): DatabaseOperation[] {
  return operations.filter(isDatabaseOperation).filter((operation) => isInLoop(operation, loop));
}

export function callsItself(fn: FunctionFacts, loop: Loop): boolean {
  return fn.operations.some((operation) => operation.effect.kind === 'recursion' && isInLoop(operation, loop));
}

/** Each element is a job: a request, a file, a mail. */
export function worksOnEach(fn: FunctionFacts, loop: Loop): Operation[] {
  return fn.operations.filter(
    (operation) => /^(request|file|publish)$/.test(operation.effect.kind) && isInLoop(operation, loop),
  );
}

/** `removeFiles(link.id)`, also where the helper lies outside the folder that is checked. */
const FILE_WORK =
  /^(remove|delete|unlink|write|save|store|upload|download|move|copy)\w*(File|Folder|Director(y|ie)|Image|Thumbnail|Archive|Attachment)s?$/;

export function handlesFiles(loop: Loop, program: ProgramFacts): boolean {
  return callsIn(loop, program).some(({ callee }) => callee.kind === 'identifier' && FILE_WORK.test(callee.name));
}

function callsIn(loop: Loop, program: ProgramFacts): readonly CallExpression[] {
  const syntax = loopSyntax(loop, program);
  if (syntax === undefined) return [];
  const { start, end } = syntax.kind === 'statement' ? syntax.loop.bodySpan : syntax.call;
  return syntax.file.calls.filter((call) => start < call.start && call.end <= end);
}

/** A request or a program of its own for each element takes many times as long as a query by a key. */
export function worksLongOnEach(fn: FunctionFacts, loop: Loop, program: ProgramFacts): boolean {
  if (worksOnEach(fn, loop).some(({ effect }) => effect.kind === 'request')) return true;
  return callsIn(loop, program).some(startsProgram);
}

/** `exec(command)`, `this.git.add(path)`. */
function startsProgram({ callee }: CallExpression): boolean {
  if (callee.kind === 'identifier') return /^p?(exec|execFile|execa|spawn|fork)(Async|Promise)?$/i.test(callee.name);
  if (callee.kind !== 'member') return false;
  const { object } = callee;
  return (object.kind === 'identifier' || object.kind === 'member') && /^(simple_?git|git|docker)$/i.test(object.name);
}

export function waitsInside(fn: FunctionFacts, loop: Loop): boolean {
  return fn.operations.some(
    (operation) => operation.effect.kind === 'wait' && operation.effect.for === 'time' && isInLoop(operation, loop),
  );
}

export function writesIn(fn: FunctionFacts, loop: Loop): boolean {
  return fn.operations.some((operation) => isWrite(operation) && isInLoop(operation, loop));
}
