/** Adds the relation to the query that gives the rows: to its options, or as a join of its builder. */
import { callAt, edit, insert, quoteOf, textOf } from '../../../rewrite/source-edit.ts';
import type { Edit, Fix, RuleContext } from '../../../rule.ts';
import type { CallExpression, Expression, SourceFile } from '../../../typescript/syntax.ts';
import type { LazyRelation } from './rule.ts';

export function loadRelation({ access, read }: LazyRelation, { program }: RuleContext): readonly Fix[] {
  const file = program.file(read.at.path);
  // A query that other callers share is theirs too.
  if (file === undefined || read.chain.length > 0) return [];
  const call = callAt(file, read.span);
  if (call === undefined) return [];
  const { relation, lazy } = access.effect;
  const edits = read.model.startsWith('typeorm#') ? editsFor(file, call, read.model, relation) : undefined;
  if (edits === undefined) return [];
  const fix = { id: 'load-relation', title: `Load '${relation}' with the query`, edits } as const;
  return lazy
    ? [{ ...fix, applicability: 'safe' }]
    : [
        {
          ...fix,
          applicability: 'changes-behaviour',
          difference: `The query joins '${relation}', which is then there instead of undefined.`,
        },
      ];
}

function editsFor(
  file: SourceFile,
  call: CallExpression,
  model: string,
  relation: string,
): readonly Edit[] | undefined {
  const name = call.nameAt === undefined ? '' : textOf(file, call.nameAt);
  const offset = model.includes('EntityManager') ? 1 : 0;
  const options = call.args[offset];
  switch (name) {
    case 'find':
    case 'findAndCount':
      return intoOptions(file, call, options, relation);
    case 'findBy':
    case 'findAndCountBy': {
      if (options === undefined || call.nameAt === undefined) return undefined;
      const where =
        options.kind === 'identifier' && options.name === 'where' ? 'where' : `where: ${textOf(file, options)}`;
      return [
        edit(file, call.nameAt, name.replace(/By$/, '')),
        edit(file, options, `{ ${where}, relations: { ${relation}: true } }`),
      ];
    }
    case 'getMany':
    case 'getManyAndCount':
      return intoBuilder(file, call, relation);
    default:
      return undefined;
  }
}

function intoOptions(
  file: SourceFile,
  call: CallExpression,
  options: Expression | undefined,
  relation: string,
): readonly Edit[] | undefined {
  const added = `relations: { ${relation}: true }`;
  if (options === undefined) {
    if (call.argsSpan === undefined) return undefined;
    const last = call.args.at(-1);
    return [insert(file, last?.end ?? call.argsSpan.start, last === undefined ? `{ ${added} }` : `, { ${added} }`)];
  }
  if (options.kind !== 'object') return undefined;
  const known = options.properties.find((property) => property.kind === 'property' && property.key === 'relations');
  if (known?.kind === 'property') {
    const { value } = known;
    if (value.kind === 'object') return [addTo(file, value, value.properties.at(-1)?.span.end, `${relation}: true`)];
    const quote = quoteOf(file);
    return value.kind === 'array'
      ? [addTo(file, value, value.elements.at(-1)?.end, `${quote}${relation}${quote}`)]
      : undefined;
  }
  return [addTo(file, options, options.properties.at(-1)?.span.end, added)];
}

/** After the last part of a list in brackets, on a line of its own where the others are. */
function addTo(file: SourceFile, list: { start: number; end: number }, last: number | undefined, text: string): Edit {
  if (last === undefined) {
    const inner = file.text[list.start] === '[' ? text : ` ${text} `;
    return edit(file, { start: list.start + 1, end: list.end - 1 }, inner);
  }
  const lineStart = file.text.lastIndexOf('\n', last - 1);
  const separator = lineStart > list.start ? `,\n${/^[ \t]*/.exec(file.text.slice(lineStart + 1))?.[0] ?? ''}` : ', ';
  return insert(file, last, `${separator}${text}`);
}

/** `.leftJoinAndSelect('order.customer', 'customer')` before the call that runs the query. */
function intoBuilder(file: SourceFile, call: CallExpression, relation: string): readonly Edit[] | undefined {
  if (call.callee.kind !== 'member') return undefined;
  let alias: string | undefined;
  for (
    let inner: Expression = call.callee.object;
    inner.kind === 'call' && inner.callee.kind === 'member';
    inner = inner.callee.object
  ) {
    const last = inner.args.at(-1);
    if (inner.callee.name === 'createQueryBuilder' && last?.kind === 'literal' && typeof last.value === 'string')
      alias = last.value;
  }
  if (alias === undefined) return undefined;
  const quote = quoteOf(file);
  const end = call.callee.object.end;
  const gap = /^\s*/.exec(file.text.slice(end))?.[0] ?? '';
  return [
    insert(file, end, `${gap}.leftJoinAndSelect(${quote}${alias}.${relation}${quote}, ${quote}${relation}${quote})`),
  ];
}
