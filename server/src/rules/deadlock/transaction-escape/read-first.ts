/**
 * Reads all rows before the first is looked at, so that the connection is back when the queries for each row need one.
 * Only where the rows are read in one place that takes a list as well: a `for await`, the source of a pipeline.
 */
import type { StreamWait } from '../../../analysis/open-stream.ts';
import { libraryOf } from '../../../analysis/transaction-escape.ts';
import { callAt, edit, enclosingStatements, functionAround, insert } from '../../../rewrite/source-edit.ts';
import type { Edit, Fix, RuleContext } from '../../../rule.ts';
import type { CallExpression, SourceFile, Span } from '../../../typescript/syntax.ts';

/** What the query ends with instead of `.stream()`, by library. */
const ROWS: Readonly<Record<string, string>> = { knex: '', kysely: '.execute()' };

export function fixStreamWait({ stream }: StreamWait, { program }: RuleContext): Fix[] {
  const file = program.file(stream.at.path);
  const call = file === undefined ? undefined : callAt(file, stream.span);
  const rows = ROWS[libraryOf(stream.model)];
  if (file === undefined || call === undefined || rows === undefined) return [];
  const { callee } = call;
  // Options say how many rows to hold back, which a list has no use for.
  if (callee.kind !== 'member' || callee.name !== 'stream' || call.args.length > 0) return [];
  const awaited = asList(file, call);
  if (awaited === undefined) return [];
  return [
    {
      id: 'read-first',
      title: 'Read all rows first, so that the connection is free',
      applicability: 'changes-behaviour',
      difference: 'All rows are in memory at once, and the first is looked at after the last was read.',
      edits: [...awaited, edit(file, { start: callee.object.end, end: call.end }, rows)],
    },
  ];
}

function asList(file: SourceFile, call: CallExpression): readonly Edit[] | undefined {
  if (functionAround(file, call)?.async !== true) return undefined;
  const isIt = (other: Span | undefined): boolean => other?.start === call.start && other.end === call.end;
  const [around] = enclosingStatements(file, call);
  if (around?.statement.kind === 'loop' && isIt(around.statement.iterable)) {
    const { form, start } = around.statement;
    const head = /^for(\s+await)/.exec(file.text.slice(start, call.start));
    if (form !== 'for-await' || head?.[1] === undefined) return undefined;
    return [edit(file, { start: start + 3, end: start + 3 + head[1].length }, ''), insert(file, call.start, 'await ')];
  }
  const isSource = file.calls.some(
    ({ args, callee }) => callee.kind === 'identifier' && callee.name === 'pipeline' && isIt(args[0]),
  );
  return isSource ? [insert(file, call.start, 'await ')] : undefined;
}
