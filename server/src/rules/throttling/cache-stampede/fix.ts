/**
 * The fix of `cache-stampede`: one computation per key at a time. A map holds the promise of each computation under
 * way; what follows the miss up to the end of its block moves into an async arrow whose promise is put there before
 * anything is awaited, and taken out when it settles.
 */
import { callPlaceOf, placeOf } from '../../../analysis/trace.ts';
import {
  callAt,
  childExpressions,
  edit,
  expressionsAround,
  freshName,
  functionAround,
  indentationAt,
  indentUnit,
  insert,
  insertTopLevel,
  newlineOf,
  partsOf,
  semicolonOf,
  textOf,
} from '../../../rewrite/source-edit.ts';
import type { Edit, Fix, RuleContext } from '../../../rule.ts';
import type { Expression, FunctionNode, SourceFile, Span, Statement } from '../../../typescript/syntax.ts';
import type { Stampede } from './rule.ts';

export function fixStampede(stampede: Stampede, { program }: RuleContext): readonly Fix[] {
  const place = placeOf(stampede.set);
  const file = program.file(place.path);
  const fn = file === undefined ? undefined : functionAround(file, place);
  if (file === undefined || fn === undefined || !fn.async || fn.generator || file.text[fn.bodySpan.start] !== '{')
    return [];
  const tail = tailOf(stampede, file, fn);
  const key = keyText(stampede, file, place);
  if (tail === undefined || key === undefined || !isKnownBefore(key, tail.statements, file, fn)) return [];
  const type = promiseType(file, fn, tail.statements, stampede);
  if (type === undefined) return [];
  const { edits, map } = mapOf(file, fn, key.isText ? 'string' : 'unknown', type.stored);
  return [
    {
      id: 'single-flight',
      title: 'Let one caller compute it and the others wait for it',
      applicability: 'changes-behaviour',
      difference: 'Callers that miss at the same time share one computation, and its failure.',
      edits: [...edits, wrap(file, tail.span, { map, key: key.text, cast: type.cast })],
    },
  ];
}

// ---------------------------------------------------------------- what moves

interface Tail {
  readonly statements: readonly Statement[];
  readonly span: Span;
}

/** From behind the miss to the end of the block, which returns. */
function tailOf(stampede: Stampede, file: SourceFile, fn: FunctionNode): Tail | undefined {
  const set = placeOf(stampede.set);
  const first = stampede.compute === undefined ? set : placeOf(stampede.compute);
  const list = listAround(fn.body, [first, set]);
  if (list === undefined) return undefined;
  const isIn = (statement: Statement, at: Span): boolean => statement.start <= at.start && at.end <= statement.end;
  const lookedUp = stampede.get === undefined ? stampede.guard?.at : placeOf(stampede.get);
  const from = list.findIndex((statement) => isIn(statement, first));
  if (lookedUp !== undefined && list.slice(from).some((statement) => isIn(statement, lookedUp))) return undefined;
  const statements = list.slice(from);
  const last = statements.at(-1);
  const head = statements[0];
  if (head === undefined || last?.kind !== 'return' || last.value === undefined) return undefined;
  const span = { start: head.start, end: last.end };
  // A template over several lines would change with its indentation.
  const isLong = textOf(file, span)
    .split('`')
    .some((part, index) => index % 2 === 1 && part.includes('\n'));
  if (isLong || !onlyReturnsValues(statements) || writesOuter(statements, span, file)) return undefined;
  return { statements, span };
}

/** The innermost list one of whose statements, or two of them, contain both places. */
function listAround(list: readonly Statement[], places: readonly Span[]): readonly Statement[] | undefined {
  const inside = (statement: Statement): boolean =>
    places.every((at) => statement.start <= at.start && at.end <= statement.end);
  for (const statement of list) {
    if (!inside(statement)) continue;
    // A promise shared by several callers must not depend on one caller's `try` or loop.
    if (statement.kind !== 'if' && statement.kind !== 'block') return undefined;
    for (const inner of partsOf(statement).lists) {
      const found = listAround(inner, places);
      if (found !== undefined) return found;
    }
  }
  const holds = places.every((at) => list.some((statement) => statement.start <= at.start && at.end <= statement.end));
  return holds ? list : undefined;
}

function onlyReturnsValues(statements: readonly Statement[]): boolean {
  return statements.every((statement) => {
    if (statement.kind === 'break' || statement.kind === 'continue') return false;
    if (statement.kind === 'return' && statement.value === undefined) return false;
    if (statement.kind === 'loop' || statement.kind === 'switch') return true;
    return partsOf(statement).lists.every(onlyReturnsValues);
  });
}

/** Assigns to a variable of the function from outside what moves: callers that wait would not see it. */
function writesOuter(statements: readonly Statement[], span: Span, file: SourceFile): boolean {
  const assigns = (expression: Expression): boolean => {
    if (expression.kind === 'yield' || expression.kind === 'yield*') return true;
    if (expression.kind === 'assign') {
      const { target } = expression;
      const index =
        target.kind === 'variable' ? target.variable : target.kind === 'identifier' ? target.variable : undefined;
      const variable = index === undefined ? undefined : file.variables[index];
      if (
        variable !== undefined &&
        variable.fn !== 0 &&
        (variable.at.start < span.start || variable.at.start > span.end)
      )
        return true;
    }
    return childExpressions(expression).some(assigns);
  };
  return statements.some((statement) => {
    const { expressions, lists } = partsOf(statement);
    return expressions.some(assigns) || lists.some((list) => writesOuter(list, span, file));
  });
}

// ---------------------------------------------------------------- the key

interface KeyText {
  readonly text: string;
  readonly expression: Expression;
  /** Certainly a string. */
  readonly isText: boolean;
}

function keyText(stampede: Stampede, file: SourceFile, place: Span): KeyText | undefined {
  const isCache = stampede.set.effect.kind === 'cache';
  const call = callAt(file, place);
  const expression = call === undefined ? indexedBy(file, place) : call.args[0];
  if (expression === undefined || (call !== undefined && !isKeyArgument(stampede, file, expression))) return undefined;
  if (expression.kind === 'call' || expression.kind === 'await') return undefined;
  const isText =
    expression.kind === 'template' || (expression.kind === 'literal' && typeof expression.value === 'string');
  const named =
    expression.kind === 'identifier' &&
    file.functions.some((node) =>
      node.parameters.some(
        ({ pattern, typeName }) =>
          typeName === 'string' && pattern.kind === 'variable' && pattern.variable === expression.variable,
      ),
    );
  return {
    text: textOf(file, expression),
    expression,
    isText: isText || named || (isCache && stampede.set.chain.length === 0),
  };
}

/** `cache[key] = value`. */
function indexedBy(file: SourceFile, place: Span): Expression | undefined {
  for (const expression of expressionsAround(file, place)) {
    if (expression.kind === 'assign' && expression.target.kind === 'index') return expression.target.index;
  }
  return undefined;
}

/** Through a helper of the project: the argument that the lookup's helper is given as well. */
function isKeyArgument(stampede: Stampede, file: SourceFile, expression: Expression): boolean {
  if (stampede.set.chain.length === 0) return true;
  const lookup = stampede.get === undefined ? undefined : callAt(file, placeOf(stampede.get));
  const first = lookup?.args[0];
  return first !== undefined && textOf(file, first) === textOf(file, expression);
}

/** Everything the key is made of is there before what moves. */
function isKnownBefore(key: KeyText, statements: readonly Statement[], file: SourceFile, fn: FunctionNode): boolean {
  const start = statements[0]?.start ?? 0;
  const fits = (expression: Expression): boolean => {
    if (expression.kind === 'identifier' && expression.variable !== undefined) {
      const variable = file.variables[expression.variable];
      if (variable !== undefined && variable.fn === fn.index && variable.at.start >= start) return false;
    }
    return childExpressions(expression).every(fits);
  };
  return fits(key.expression);
}

// ---------------------------------------------------------------- types

/** What the map holds, and what the function makes of it; undefined when that cannot be written down. */
function promiseType(
  file: SourceFile,
  fn: FunctionNode,
  statements: readonly Statement[],
  stampede: Stampede,
): { stored: string; cast?: string } | undefined {
  if (file.language === 'javascript') return { stored: '' };
  const between = file.text.slice(fn.parameters.at(-1)?.end ?? fn.nameAt?.end ?? fn.start, fn.bodySpan.start);
  const annotation = /\)\s*:\s*(Promise<[\s\S]+>)\s*(=>)?\s*$/.exec(between)?.[1];
  if (annotation !== undefined) {
    return usesTypeParameter(annotation, file, fn)
      ? { stored: 'Promise<unknown>', cast: annotation }
      : { stored: annotation };
  }
  return inferred(file, fn, statements, stampede);
}

/** Type parameters of the function or its class are not known where the map is declared. */
function usesTypeParameter(annotation: string, file: SourceFile, fn: FunctionNode): boolean {
  const node = fn.class === undefined ? undefined : file.classes[fn.class];
  const head = `${file.text.slice(fn.start, fn.parameters[0]?.start ?? fn.bodySpan.start)} ${node === undefined ? '' : file.text.slice(node.start, file.text.indexOf('{', node.start))}`;
  const names = [...head.matchAll(/<([^()]*)>/g)].flatMap((match) =>
    (match[1] ?? '').split(',').map((part) => part.trim().split(/\s/)[0] ?? ''),
  );
  return names.some((name) => name !== '' && new RegExp(`\\b${name}\\b`).test(annotation));
}

/** No annotation: what is returned is what the computation gave, and that has a type with a name. */
function inferred(
  file: SourceFile,
  fn: FunctionNode,
  statements: readonly Statement[],
  stampede: Stampede,
): { stored: string } | undefined {
  const last = statements.at(-1);
  const returned = last?.kind === 'return' && last.value?.kind === 'identifier' ? last.value.variable : undefined;
  const call = stampede.compute === undefined ? undefined : callAt(file, callPlaceOf(stampede.compute));
  const made = call?.callee.kind === 'identifier' ? call.callee.variable : undefined;
  if (returned === undefined || call === undefined || made === undefined) return undefined;
  const initializer = statements
    .flatMap((statement) => (statement.kind === 'variable' ? statement.declarations : []))
    .find(({ pattern }) => pattern.kind === 'variable' && pattern.variable === returned)?.initializer;
  if (initializer?.kind !== 'await' || initializer.operand !== call) return undefined;
  const callee = file.variables[made];
  if (callee === undefined) return undefined;
  if (callee.fn === 0 && /^(function|const|import)$/.test(callee.kind))
    return { stored: `ReturnType<typeof ${callee.name}>` };
  const parameter = fn.parameters.find(({ pattern }) => pattern.kind === 'variable' && pattern.variable === made);
  if (callee.kind !== 'parameter' || parameter === undefined) return undefined;
  const type = /^[\w$]+\s*:\s*\([^()]*\)\s*=>\s*(Promise<[^()]+>)$/.exec(textOf(file, parameter))?.[1];
  return type === undefined || usesTypeParameter(type, file, fn) ? undefined : { stored: type };
}

// ---------------------------------------------------------------- writing it

function mapOf(file: SourceFile, fn: FunctionNode, key: string, type: string): { edits: Edit[]; map: string } {
  const name = freshName(file, 'inFlight');
  const types = type === '' ? '' : `<${key}, ${type}>`;
  const end = semicolonOf(file);
  const at = fn.static || fn.class === undefined ? undefined : classStart(file, fn.class);
  if (at !== undefined) {
    const isTyped = file.language === 'typescript';
    const line = `${isTyped ? 'private readonly ' : ''}${name} = new Map${types}()${end}`;
    return {
      edits: [
        insert(
          file,
          at,
          `${newlineOf(file)}${indentationAt(file, at - 1)}${indentUnit(file)}${line}${newlineOf(file)}`,
        ),
      ],
      map: `this.${name}`,
    };
  }
  return { edits: [insertTopLevel(file, [`const ${name} = new Map${types}()${end}`])], map: name };
}

/** Behind the brace that opens the class. */
function classStart(file: SourceFile, index: number): number | undefined {
  const node = file.classes[index];
  if (node === undefined) return undefined;
  const named = node.name === '' ? node.start : file.text.indexOf(`class ${node.name}`, node.start);
  const from = Math.max(named, ...node.heritage.map(({ at }) => at.end));
  const open = file.text.indexOf('{', from);
  return open < 0 ? undefined : open + 1;
}

function wrap(
  file: SourceFile,
  span: Span,
  { map, key, cast }: { map: string; key: string; cast?: string | undefined },
): Edit {
  const indent = indentationAt(file, span.start);
  const unit = indentUnit(file);
  const end = semicolonOf(file);
  const running = freshName(file, 'running');
  const promise = freshName(file, 'computation');
  const body = textOf(file, span)
    .split('\n')
    .map((line, number) => (number === 0 || line.trim() === '' ? line : unit + line))
    .join('\n');
  const as = cast === undefined ? '' : ` as ${cast}`;
  const lines = [
    `const ${running} = ${map}.get(${key})${end}`,
    `if (${running} !== undefined) return ${running}${as}${end}`,
    `const ${promise} = (async () => {`,
    `${unit}${body}`,
    `})().finally(() => ${map}.delete(${key}))${end}`,
    `${map}.set(${key}, ${promise})${end}`,
    `return ${promise}${end}`,
  ];
  return edit(file, span, lines.join(`${newlineOf(file)}${indent}`));
}
