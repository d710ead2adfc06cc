/**
 * The value is computed from what the row holds now, read beside the write and locked, instead of from what was read
 * earlier or somewhere else. For clients with interactive transactions whose write names its row.
 */
import type { Operation } from '../analysis/fact.ts';
import type { Edit, Fix } from '../rule.ts';
import type { Expression, SourceFile } from '../typescript/syntax.ts';
import { applyWithin } from './apply-within.ts';
import { receiverOf } from './call-chain.ts';
import { localConstant, usesOf } from './column-change.ts';
import { BLOCK_DIFFERENCES, siteOf } from './dialects/dialect.ts';
import { isPrisma, prismaDialect } from './dialects/prisma.ts';
import { isSpan } from './guard-text.ts';
import { type Pair, retried } from './in-transaction.ts';
import { optionObject, propertyValue } from './object-edit.ts';
import { isColumnOf, type RowNames, rowNamesFor } from './row-names.ts';
import {
  childExpressions,
  edit,
  indentationAt,
  layout,
  linesWithGap,
  reindented,
  scopedName,
  semicolonOf,
  statementAround,
  textOf,
} from './source-edit.ts';

/** Prisma: `const current = await tx.account.findUniqueOrThrow({ where, select })`, and the value computed from it. */
export function freshRead(pair: Pair, column: string): Fix[] {
  const { program, write } = pair;
  const file = program.file(write.at.path);
  // In the function the write stands in, wherever the row was read.
  const own = ownOperation(pair);
  const site = file === undefined || own === undefined ? undefined : siteOf(file, own, program);
  if (file === undefined || own === undefined || site === undefined || !isPrisma(own) || own.name !== 'update')
    return [];
  if (own.transactions.length > 0 || isMember(pair, column)) return [];
  const where = optionObject(site.call, 0, 'where');
  const data = optionObject(site.call, 0, 'data');
  const value = propertyValue(data, column);
  const statement = statementAround(file, own.span)?.statement;
  if (where === undefined || value === undefined || statement === undefined) return [];
  const opened = prismaDialect.transaction?.(site, site, 'row-lock');
  const block = opened?.kind === 'serializable-transaction' ? retried(file, opened) : opened;
  const sent = block?.send(site);
  const name = scopedName(file, own.span, ['current', 'latest', 'stored']);
  const written = new Set<number>();
  const names = rowNamesFor(pair, file);
  const computed = names && recomputed({ file, names, column, fresh: `${name}.${column}`, written }, value);
  const use = useOf(file, statement, own);
  if (block === undefined || sent === undefined || computed === undefined || use === undefined) return [];
  const delegate = receiverOf(site.call);
  const tx = sent[0]?.text ?? 'tx';
  const model = delegate?.kind === 'member' ? delegate.name : '';
  const property = data?.properties.find((part) => part.kind === 'property' && part.key === column);
  const replaced =
    property?.kind === 'property' && property.shorthand
      ? edit(file, property.span, `${column}: ${computed}`)
      : edit(file, value, computed);
  const end = semicolonOf(file);
  const update = reindented(file, site.call, applyWithin(file, site.call, [...sent, replaced]).text);
  const lines = [
    `${use.before}${block.open}`,
    ...block.first.map((line) => `  ${line}`),
    `  const ${name} = await ${tx}.${model}.findUniqueOrThrow({`,
    ...reindented(file, where, `where: ${textOf(file, where)},`).map((line) => `    ${line}`),
    `    select: { ${column}: true },`,
    `  })${end}`,
    ...update.map(
      (line, index) => `  ${index === 0 ? use.inside : ''}${line}${index === update.length - 1 ? end : ''}`,
    ),
    `${block.close}${end}`,
  ];
  const indent = indentationAt(file, statement.start);
  return [
    {
      id: 'fresh-read',
      title: `Compute '${column}' from what the row holds when it is written`,
      applicability: 'changes-behaviour',
      difference: `${BLOCK_DIFFERENCES[block.kind]} What was checked before is not checked again.`,
      edits: [
        ...needless(file, written),
        edit(file, statement, layout(file, indent, lines).slice(indent.length)),
        ...block.imports,
      ],
      ...(block.untyped === undefined ? {} : { untyped: block.untyped }),
    },
  ];
}

/** Locals that nobody else reads go. */
function needless(file: SourceFile, written: ReadonlySet<number>): Edit[] {
  return [...written].flatMap((index) => {
    const local = localConstant(file, index);
    return local === undefined || usesOf(file, index) > 1 ? [] : [edit(file, linesWithGap(file, local.statement), '')];
  });
}

function ownOperation({ write, program }: Pair): Operation | undefined {
  if (write.chain.length === 0) return write;
  return program
    .factsOf(write.fn)
    ?.operations.find(({ chain, span }) => chain.length === 0 && isSpan(span, write.span));
}

/** `if (tags.includes(tag)) return` asks for what must not come twice. */
function isMember({ write, read }: Pair, column: string): boolean {
  return write.guards.some(({ test }) => {
    const text = JSON.stringify(describe(test, 0));
    return /call:(includes|some|find|has|indexOf)/.test(text) && text.includes(column) && read !== write;
  });
}

/** Operators and names of a value, for a look at what it is about. */
function describe(value: Pair['write']['guards'][number]['test'], depth: number): unknown {
  if (depth > 6) return '';
  switch (value.kind) {
    case 'computed':
      return [value.operator, ...value.operands.map((operand) => describe(operand, depth + 1))];
    case 'union':
      return value.alternatives.map((part) => describe(part, depth + 1));
    case 'result':
    case 'element':
    case 'place':
      return value.path;
    default:
      return '';
  }
}

// ---------------------------------------------------------------- the value

interface Recomputation {
  readonly file: SourceFile;
  readonly names: RowNames;
  readonly column: string;
  readonly fresh: string;
  /** Locals that were written out. */
  readonly written: Set<number>;
}

/** The expression's text with the column taken from the fresh row; locals computed from the old one are written out. */
function recomputed(how: Recomputation, value: Expression): string | undefined {
  const { file, names, column, fresh, written } = how;
  const replacements: { start: number; end: number; text: string }[] = [];
  const visit = (expression: Expression): boolean => {
    if (isColumnOf(names, expression, column)) {
      replacements.push({ start: expression.start, end: expression.end, text: fresh });
      return true;
    }
    if (expression.kind === 'identifier' && expression.variable !== undefined) {
      // Another column of the old row, or the row itself: not all of the value would be fresh.
      if (names.rows.has(expression.variable) || names.columns.has(expression.variable)) return false;
      const local = localConstant(file, expression.variable);
      if (local === undefined || !mentions(file, names, local.initializer, column)) return true;
      const inner = recomputed(how, local.initializer);
      if (inner === undefined) return false;
      written.add(expression.variable);
      const lines = reindented(file, local.initializer, inner);
      const moved = layout(file, indentationAt(file, expression.start), lines).trimStart();
      const text = /^[\w$.]+$/.test(moved) || moved.startsWith('{') ? moved : `(${moved})`;
      replacements.push({ start: expression.start, end: expression.end, text });
      return true;
    }
    return childExpressions(expression).every(visit);
  };
  if (!visit(value) || replacements.length === 0) return undefined;
  let text = file.text.slice(value.start, value.end);
  for (const { start, end, text: by } of replacements.sort((a, b) => b.start - a.start)) {
    // `{ tags }` in an object would lose its name.
    if (isShorthand(file, value, start)) return undefined;
    text = text.slice(0, start - value.start) + by + text.slice(end - value.start);
  }
  return text;
}

function isShorthand(file: SourceFile, value: Expression, at: number): boolean {
  if (
    value.kind === 'object' &&
    value.properties.some((part) => part.kind === 'property' && part.shorthand && part.span.start === at)
  )
    return true;
  return childExpressions(value).some((child) => child.start <= at && at < child.end && isShorthand(file, child, at));
}

function mentions(file: SourceFile, names: RowNames, expression: Expression, column: string, depth = 0): boolean {
  if (isColumnOf(names, expression, column)) return true;
  if (expression.kind === 'identifier' && expression.variable !== undefined && depth < 3) {
    const local = localConstant(file, expression.variable);
    return local !== undefined && mentions(file, names, local.initializer, column, depth + 1);
  }
  return childExpressions(expression).some((child) => mentions(file, names, child, column, depth));
}

// ---------------------------------------------------------------- the statement

function useOf(
  file: SourceFile,
  statement: NonNullable<ReturnType<typeof statementAround>>['statement'],
  write: Operation,
): { before: string; inside: string } | undefined {
  if (statement.kind === 'expression') {
    const { expression } = statement;
    return expression.kind === 'await' && isSpan(expression.operand, write.span)
      ? { before: 'await ', inside: 'await ' }
      : undefined;
  }
  const value =
    statement.kind === 'return'
      ? statement.value
      : statement.kind === 'variable' && statement.declarations.length === 1
        ? statement.declarations[0]?.initializer
        : undefined;
  const operand = value?.kind === 'await' ? value.operand : value;
  if (operand === undefined || !isSpan(operand, write.span)) return undefined;
  if (statement.kind === 'return' && !file.text.startsWith('return', statement.start)) return undefined;
  return { before: file.text.slice(statement.start, operand.start), inside: 'return ' };
}
