/**
 * One query before the loop and a lookup in it; for writes, one statement instead of the loop. Only for bodies where
 * that is certainly the same: the query is unconditional, its key is the element's, and nothing in the loop changes
 * the table it reads.
 */
import { isDatabaseOperation, isWrite, sameTable } from '../../../analysis/protection.ts';
import { loopSyntax } from '../../../analysis/repetition.ts';
import { edit, indentationAt, insert, layout, newlineOf, semicolonOf } from '../../../rewrite/source-edit.ts';
import type { Edit, Fix, RuleContext } from '../../../rule.ts';
import type { SourceFile } from '../../../typescript/syntax.ts';
import { type LoopForm, loopForm, outdented } from './loop-form.ts';
import { type BatchForm, batchForm } from './query-form.ts';
import type { QueryInLoop } from './rule.ts';
import { batchWrite } from './write-form.ts';

export function queryOnce(evidence: QueryInLoop, { program }: RuleContext): readonly Fix[] {
  const { query, loop, recursion, queries } = evidence;
  if (recursion !== undefined || queries.length !== 1 || query.chain.length > 0 || loop.concurrency === 'limited')
    return [];
  const form = loopForm(loopSyntax(loop, program), query.at);
  if (form === undefined) return [];
  if (query.effect.action !== 'read') return batchWrite(form, query);
  if (changesTable(evidence, program) || query.effect.rowLock !== 'none') return [];
  const entity = query.effect.table === undefined ? undefined : program.entity(query.effect.table);
  const declared = entity === undefined ? undefined : program.file(entity.path)?.text;
  const batch = batchForm(form, query, entity, /\b(bigint|int8|numeric|decimal)\b/i.test(declared ?? ''));
  return batch === undefined ? [] : [lookupFix(form, batch, query.effect.table ?? 'row', evidence)];
}

function changesTable({ fn, loop, query }: QueryInLoop, program: RuleContext['program']): boolean {
  return fn.operations.some(
    (other) =>
      isDatabaseOperation(other) &&
      isWrite(other) &&
      other.loops.some((around) => around.at.start === loop.at.start) &&
      (other.effect.table === undefined || sameTable(other.effect, query.effect, program)),
  );
}

function lookupFix(form: LoopForm, batch: BatchForm, table: string, evidence: QueryInLoop): Fix {
  const { file } = form;
  const end = semicolonOf(file);
  const names = namesFor(form, batch, table);
  const rows = `const ${names.rows} = await ${batch.batch(names.keys)}${end}`;
  const indent = indentationAt(file, form.statement.start);
  const newline = newlineOf(file);
  const before = layout(file, indent, keyLines(form, batch, names.keys, evidence)).slice(indent.length);
  const after = layout(file, indent, indexLines(file, batch, names));
  const edits: Edit[] = [
    ...batch.imports,
    insert(file, form.statement.start, [before, indent + outdented(form, rows), after, indent].join(newline)),
    batch.gives === 'result' ? replaceResult(form, names, batch) : edit(file, form.whole, lookup(form, batch, names)),
  ];
  return {
    id: 'query-once',
    title: `Query all ${plainName(table)} before the loop`,
    applicability: 'changes-behaviour',
    difference: 'All rows are read in one query before the first element is handled.',
    edits,
  };
}

interface Names {
  readonly keys: string;
  readonly rows: string;
  readonly row: string;
  readonly index: string;
}

function namesFor(form: LoopForm, batch: BatchForm, table: string): Names {
  const plural = plainName(table);
  const one = singular(plural);
  const column = camel(batch.column.replace(/^_/, ''));
  const taken = new Set(form.file.variables.map((variable) => variable.name));
  const free = (...candidates: string[]): string => {
    const name = candidates.find((candidate) => !taken.has(candidate)) ?? numbered(candidates[0] ?? 'value', taken);
    taken.add(name);
    return name;
  };
  const own = column === 'id' ? `${one}Ids` : `${column}${/s$/.test(column) ? 'Values' : 's'}`;
  const suffix = `By${column[0]?.toUpperCase() ?? ''}${column.slice(1)}`;
  const isCount = batch.gives === 'count';
  return {
    keys: free(own, `${one}Keys`),
    rows: free(
      isCount ? `${one}Counts` : plural,
      `${one}Rows`,
      `all${plural[0]?.toUpperCase() ?? ''}${plural.slice(1)}`,
    ),
    row: free(isCount ? 'group' : one, `${one}Row`, 'row'),
    index: free(isCount ? `${one}Count${suffix}` : `${plural}${suffix}`),
  };
}

function numbered(base: string, taken: ReadonlySet<string>): string {
  for (let serial = 2; ; serial += 1) if (!taken.has(`${base}${serial}`)) return `${base}${serial}`;
}

/** `orderLines` of `public.order_lines`, `OrderLine` or `orderLine`. */
export function plainName(table: string): string {
  const name = camel(table.slice(table.lastIndexOf('.') + 1).replaceAll(/["`]/g, '')) || 'rows';
  if (/(s|x|ch|sh)$/.test(name)) return /s$/.test(name) && !/ss$/.test(name) ? name : `${name}es`;
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`;
}

function singular(plural: string): string {
  if (/ies$/.test(plural)) return `${plural.slice(0, -3)}y`;
  if (/(ss|x|ch|sh)es$/.test(plural)) return plural.slice(0, -2);
  return plural.replace(/s$/, '');
}

function camel(name: string): string {
  const joined = name.replaceAll(/[_\s-]+(\w)/g, (_, letter: string) => letter.toUpperCase());
  return `${joined[0]?.toLowerCase() ?? ''}${joined.slice(1)}`;
}

// ---------------------------------------------------------------- code

/** The keys of all elements; spelled out for a list whose type nobody knows. */
function keyLines(form: LoopForm, batch: BatchForm, keys: string, { loop }: QueryInLoop): string[] {
  const end = semicolonOf(form.file);
  if (form.elementName !== undefined && form.elementName === batch.key) {
    return [`const ${keys} = [...${form.list}]${end}`];
  }
  const over = loop.over;
  const source = over?.kind === 'result' ? over.operation : undefined;
  if (form.kind === 'map' || (source !== undefined && source.basis === 'type')) {
    const parameter = form.kind === 'map' && /^[[{\w$]/.test(form.element) ? `(${form.element})` : `(${form.element})`;
    return [`const ${keys} = ${form.list}.map(${parameter} => ${batch.key})${end}`];
  }
  if (source !== undefined && form.file.language === 'typescript') {
    return [`const ${keys} = []${end}`, `for (const ${form.element} of ${form.list}) ${keys}.push(${batch.key})${end}`];
  }
  return [`const ${keys} = Array.from(${form.list}, (${form.element}) => ${batch.key})${end}`];
}

function indexLines(file: SourceFile, batch: BatchForm, names: Names): string[] {
  const end = semicolonOf(file);
  const { rows, row, index } = names;
  const source = batch.gives === 'result' ? `${rows}.rows` : rows;
  const key = batch.byText ? `String(${row}.${batch.column})` : `${row}.${batch.column}`;
  const typed = file.language === 'typescript';
  if (batch.gives === 'count') {
    return [`const ${index} = new Map(${rows}.map((${row}) => [${key}, ${row}._count._all]))${end}`];
  }
  if (batch.gives === 'one') {
    if (batch.typed || !typed) return [`const ${index} = new Map(${source}.map((${row}) => [${key}, ${row}]))${end}`];
    return [
      `const ${index} = new Map<unknown, (typeof ${rows})[number]>()${end}`,
      `for (const ${row} of ${source}) ${index}.set(${key}, ${row})${end}`,
    ];
  }
  const type = typed ? `<unknown, typeof ${source}>` : '';
  return [
    `const ${index} = new Map${type}()${end}`,
    `for (const ${row} of ${source}) {`,
    `  const same = ${index}.get(${key})${end}`,
    `  if (same === undefined) ${index}.set(${key}, [${row}])${end}`,
    `  else same.push(${row})${end}`,
    '}',
  ];
}

function foundIn(names: Names, batch: BatchForm): string {
  return `${names.index}.get(${batch.byText ? `String(${batch.key})` : batch.key})`;
}

function lookup(form: LoopForm, batch: BatchForm, names: Names): string {
  const found = foundIn(names, batch);
  switch (batch.gives) {
    case 'one':
      return inContext(form, `${found} ?? null`);
    case 'count':
      return inContext(form, `${found} ?? 0`);
    case 'many':
    case 'result':
      return inContext(form, `${found} ?? []`);
  }
}

/** `const { rows: [x] } = await …` takes the rows themselves; whatever else is done with the result gets one like it. */
function replaceResult(form: LoopForm, names: Names, batch: BatchForm): Edit {
  const { file, whole } = form;
  const rows = `${foundIn(names, batch)} ?? []`;
  const taken = /\{\s*rows(?:\s*:\s*([^{}]+?))?\s*,?\s*\}\s*=\s*$/.exec(file.text.slice(0, whole.start));
  if (taken === null) return edit(file, whole, inContext(form, `{ rows: ${rows} }`));
  return edit(file, { start: taken.index, end: whole.end }, `${taken[1] ?? 'rows'} = ${rows}`);
}

/** In brackets, unless the expression stands alone: assigned, returned, an argument, or in brackets already. */
function inContext(form: LoopForm, text: string): string {
  const before = form.file.text.slice(0, form.whole.start).trimEnd();
  const after = form.file.text.slice(form.whole.end).trimStart();
  const opens = /([=(,[:]|=>|\breturn)$/.test(before) && !/[=!<>]==?$/.test(before.replace(/(?<![=!<>])=$/, ''));
  return opens && /^([;,)\]}\n]|$|[a-z}])/i.test(after) ? text : `(${text})`;
}
