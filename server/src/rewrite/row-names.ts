/** Which names of a function hold the row that was read, here or by the caller that hands it over. */
import type { Operation } from '../analysis/fact.ts';
import { placeOf } from '../analysis/trace.ts';
import type { Expression, Pattern, SourceFile, Span, Statement } from '../typescript/syntax.ts';
import type { Pair } from './in-transaction.ts';
import { callAt, functionAround, partsOf, statementAround } from './source-edit.ts';

export interface RowNames {
  /** Variables that are the row. */
  readonly rows: ReadonlySet<number>;
  /** Variables that are one of its columns, `const { settings } = row`. */
  readonly columns: ReadonlyMap<number, string>;
}

/** In the function that the write stands in; undefined when it cannot be told. */
export function rowNamesFor(pair: Pair, home: SourceFile): RowNames | undefined {
  const names = namesOfRead(pair.file, pair.read);
  if (names === undefined || pair.write.chain.length === 0)
    return names && withParts(pair.file, names, pair.write.span);
  const handed = handedOver(pair, home, names);
  return handed && withParts(home, handed, pair.write.span);
}

function namesOfRead(file: SourceFile, read: Operation): RowNames | undefined {
  const at = placeOf(read);
  if (at.path !== file.path) return undefined;
  const statement = statementAround(file, at)?.statement;
  if (statement?.kind !== 'variable' || statement.declarations.length !== 1) return undefined;
  const [declaration] = statement.declarations;
  return declaration === undefined ? undefined : namesIn(declaration.pattern);
}

function namesIn(pattern: Pattern): RowNames | undefined {
  if (pattern.kind === 'variable') return { rows: new Set([pattern.variable]), columns: new Map() };
  if (pattern.kind !== 'object-pattern') return undefined;
  const columns = pattern.properties.flatMap(({ key, value }): [number, string][] =>
    key !== undefined && value.kind === 'variable' ? [[value.variable, key]] : [],
  );
  return { rows: new Set(), columns: new Map(columns) };
}

/** `save(row, …)`: the parameter of the called function. */
function handedOver({ file, write, program }: Pair, home: SourceFile, { rows }: RowNames): RowNames | undefined {
  const [site, ...others] = write.chain;
  const call = site === undefined ? undefined : callAt(file, site.at);
  const callee = program.info(write.fn)?.node;
  if (call === undefined || callee === undefined || others.length > 0) return undefined;
  const given = call.args.flatMap((arg, index) => {
    const pattern = callee.parameters[index]?.pattern;
    const isRow = arg.kind === 'identifier' && arg.variable !== undefined && rows.has(arg.variable);
    return isRow && pattern?.kind === 'variable' ? [pattern.variable] : [];
  });
  return given.length === 0 || home.functions[callee.index] !== callee
    ? undefined
    : { rows: new Set(given), columns: new Map() };
}

/** What is taken out of the row before the write. */
function withParts(file: SourceFile, names: RowNames, write: Span): RowNames {
  const columns = new Map(names.columns);
  const visit = (list: readonly Statement[]): void => {
    for (const statement of list) {
      if (statement.kind === 'variable') {
        for (const { pattern, initializer } of statement.declarations) {
          if (initializer === undefined || !isRow(initializer, names)) continue;
          for (const [variable, column] of namesIn(pattern)?.columns ?? []) columns.set(variable, column);
        }
      }
      for (const inner of partsOf(statement).lists) visit(inner);
    }
  };
  visit(functionAround(file, write)?.body ?? []);
  return { rows: names.rows, columns };
}

function isRow(expression: Expression, { rows }: RowNames): boolean {
  return expression.kind === 'identifier' && expression.variable !== undefined && rows.has(expression.variable);
}

/** `row.settings`, `settings` of `const { settings } = row`. */
export function isColumnOf(names: RowNames, expression: Expression, column: string): boolean {
  if (expression.kind === 'identifier')
    return expression.variable !== undefined && names.columns.get(expression.variable) === column;
  return expression.kind === 'member' && expression.name === column && isRow(expression.object, names);
}

/**
 * Variables that hold what was read or a part of it: the one of the read's statement, and what is taken out of it.
 * Undefined when the read stands elsewhere, where names alone have to do.
 */
export function variablesOfRead(file: SourceFile, read: Operation): ReadonlySet<number> | undefined {
  const at = placeOf(read);
  const statement = at.path === file.path ? statementAround(file, at)?.statement : undefined;
  if (statement?.kind !== 'variable' && statement?.kind !== 'expression') return undefined;
  const found = new Set<number>();
  if (statement.kind === 'variable') {
    for (const { pattern } of statement.declarations) for (const variable of variablesIn(pattern)) found.add(variable);
  } else if (statement.expression.kind === 'assign' && statement.expression.target.kind === 'identifier') {
    // `let row; row = await …`
    const { variable } = statement.expression.target;
    if (variable !== undefined) found.add(variable);
  }
  if (found.size === 0) return undefined;
  const visit = (list: readonly Statement[]): void => {
    for (const inner of list) {
      if (inner.kind === 'variable') {
        for (const { pattern, initializer } of inner.declarations)
          if (initializer !== undefined && isFrom(initializer, found)) addAll(found, pattern);
      } else if (inner.kind === 'loop' && inner.pattern !== undefined && inner.iterable !== undefined) {
        if (isFrom(inner.iterable, found)) addAll(found, inner.pattern);
      }
      for (const part of partsOf(inner).lists) visit(part);
    }
  };
  visit(functionAround(file, at)?.body ?? []);
  return found;
}

function addAll(found: Set<number>, pattern: Pattern): void {
  for (const variable of variablesIn(pattern)) found.add(variable);
}

function variablesIn(pattern: Pattern): number[] {
  switch (pattern.kind) {
    case 'variable':
      return [pattern.variable];
    case 'object-pattern':
      return pattern.properties.flatMap(({ value }) => variablesIn(value));
    case 'array-pattern':
      return pattern.elements.flatMap((element) => (element === undefined ? [] : variablesIn(element.value)));
    default:
      return [];
  }
}

/** `rows[0].balance` is from `rows`. */
export function isFrom(expression: Expression, variables: ReadonlySet<number>): boolean {
  switch (expression.kind) {
    case 'identifier':
      return expression.variable !== undefined && variables.has(expression.variable);
    case 'member':
    case 'index':
      return isFrom(expression.object, variables);
    case 'logical':
      return isFrom(expression.left, variables);
    case 'call':
      // `rows.find(…)`, `rows.at(0)`.
      return expression.callee.kind === 'member' && isFrom(expression.callee.object, variables);
    default:
      return false;
  }
}
