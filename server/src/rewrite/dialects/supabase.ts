/** PostgREST through Supabase: filters after the verb; whether a row was written, only the rows that `select` gives say. */
import type { SourceFile } from '../../typescript/syntax.ts';
import { linkNamed, linksOf } from '../call-chain.ts';
import type { Requirement } from '../guard-text.ts';
import { objectAt } from '../object-edit.ts';
import { insert, quoteOf } from '../source-edit.ts';
import { allOf, type Dialect } from './dialect.ts';

export const supabaseDialect: Dialect = {
  speaks: ({ model }) => model.startsWith('@supabase/'),
  data: ({ call }) => objectAt(linkNamed(call, 'update'), 0),
  condition({ file, call }, requirements) {
    const verb = linkNamed(call, 'update', 'delete');
    const texts = allOf(requirements.map((requirement) => filterText(file, requirement)));
    return verb === undefined || texts === undefined ? undefined : [insert(file, verb.end, texts.join(''))];
  },
  unchanged({ file, call }, column, value) {
    const verb = linkNamed(call, 'update');
    return verb && [insert(file, verb.end, `.eq(${quoteOf(file)}${column}${quoteOf(file)}, ${value})`)];
  },
  outcome({ file, call }) {
    const last = linksOf(call).at(-1)?.name ?? '';
    if (/^(single|maybeSingle|throwOnError|csv)$/.test(last)) return undefined;
    return {
      isNothing: (name) => `!${name}.data?.length`,
      edits: linkNamed(call, 'select') === undefined ? [insert(file, call.end, '.select()')] : [],
    };
  },
};

function filterText(file: SourceFile, { column, operator, other }: Requirement): string | undefined {
  const name = `${quoteOf(file)}${column}${quoteOf(file)}`;
  switch (operator) {
    case 'null':
      return `.is(${name}, null)`;
    case 'not null':
      return `.not(${name}, ${quoteOf(file)}is${quoteOf(file)}, null)`;
    case 'true':
    case 'false':
      return `.is(${name}, ${operator})`;
    default: {
      const filter = FILTERS[operator];
      return filter === undefined ? undefined : `.${filter}(${name}, ${other})`;
    }
  }
}

const FILTERS: Readonly<Record<string, string>> = {
  '=': 'eq',
  '!=': 'neq',
  '>': 'gt',
  '>=': 'gte',
  '<': 'lt',
  '<=': 'lte',
};
