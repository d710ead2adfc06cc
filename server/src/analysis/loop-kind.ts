/**
 * What a loop repeats over: elements of a list of unknown size, a handful of literals, batches, pages, attempts; and
 * what belongs to a given loop. Errs towards `unknown`, which no rule flags on its own.
 */
import type { Expression, LoopStatement, SourceFile, Statement } from '../typescript/syntax.ts';
import type { Loop, Operation } from './fact.ts';
import { soundsLikeAttempt, soundsLikeChunking } from './naming.ts';
import { type ElementValue, hasPart, type Value } from './value.ts';

export function isInLoop(operation: Operation, loop: Loop): boolean {
  return operation.loops.some(({ id }) => id === loop.id);
}

/** The element of this very loop, or a part of it. */
export function isElementOf(value: Value, loop: Loop): value is ElementValue {
  return value.kind === 'element' && value.loop === loop.id;
}

/** The element of this loop takes part in the value. */
export function dependsOnElement(value: Value, loop: Loop): boolean {
  return hasPart(value, (part) => isElementOf(part, loop));
}

/** More literals than this are a list like any other. */
const FEW = 12;

/** `initializerOf` says what a module constant was initialised with. */
export function repeatsOver(
  value: Value,
  initializerOf: (place: Value) => Value | undefined,
  depth = 0,
): Loop['repeats'] {
  if (depth > 4) return 'elements';
  switch (value.kind) {
    case 'array':
      if (value.open) return 'elements';
      return value.elements.length <= FEW ? 'constant' : 'elements';
    case 'object':
      return value.others.length === 0 ? 'constant' : 'elements';
    case 'constant':
      return 'constant';
    case 'place': {
      if (value.root.kind === 'module') {
        const last = value.path.length === 0 ? initializerOf(value) : undefined;
        if (last !== undefined && last.kind !== 'unknown') {
          const repeats = repeatsOver(last, initializerOf, depth + 1);
          if (repeats === 'constant') return 'constant';
        }
        // An enum or a constant table by convention.
        if (/^[A-Z][A-Z0-9_]+$/.test(value.root.name)) return 'constant';
      }
      if (value.path.some(soundsLikeChunking)) return 'chunk';
      return 'elements';
    }
    case 'computed': {
      const name = value.operator.startsWith('call:') ? value.operator.slice(5) : '';
      const first = value.operands[0];
      if (value.operator.startsWith('generated:')) return value.operator.slice('generated:'.length) as Loop['repeats'];
      if (soundsLikeChunking(name)) return 'chunk';
      if (name === 'keys' || name === 'values' || name === 'entries') {
        const subject = value.operands[1] ?? first;
        if (subject === undefined) return 'elements';
        if (isEnumLike(subject)) return 'constant';
        return repeatsOver(subject, initializerOf, depth + 1);
      }
      if (name === 'slice' && isShortSlice(value.operands.slice(1))) return 'constant';
      if (
        ['filter', 'map', 'sort', 'slice', 'reverse', 'flat', 'flatMap', 'from', 'concat'].includes(name) ||
        name === 'new:Set'
      ) {
        const subject = name === 'from' ? (value.operands[1] ?? first) : first;
        return subject === undefined ? 'elements' : repeatsOver(subject, initializerOf, depth + 1);
      }
      if (name === 'matchAll' || name === 'split') return 'elements';
      return 'elements';
    }
    case 'union': {
      const kinds = value.alternatives.map((alternative) => repeatsOver(alternative, initializerOf, depth + 1));
      return kinds.find((kind) => kind === 'elements') ?? kinds[0] ?? 'elements';
    }
    default:
      return 'elements';
  }
}

/** Of the arguments of `ids.slice(0, 3)`. */
export function isShortSlice([from, to]: readonly Value[]): boolean {
  if (from?.kind !== 'constant' || to?.kind !== 'constant') return false;
  const count = Number(to.value) - Number(from.value);
  return count >= 0 && count <= FEW;
}

function isEnumLike(value: Value): boolean {
  return (
    value.kind === 'place' &&
    (value.root.kind === 'module' || value.root.kind === 'import') &&
    value.path.length === 0 &&
    /^[A-Z]/.test(value.root.name)
  );
}

/** For `for(;;)`, `while`, `do`: by the condition and what the body does with the counter. */
export function repeatsWhile(loop: LoopStatement, file: SourceFile): { repeats: Loop['repeats']; over?: Expression } {
  const test = loop.test;
  if (test === undefined || (test.kind === 'literal' && test.value === true)) return { repeats: 'forever' };
  if (test.kind === 'literal' && test.value === 1) return { repeats: 'forever' };
  const names = identifiersOf(test, file);
  if (names.some(soundsLikeAttempt)) return { repeats: 'attempts' };
  if (test.kind === 'binary' && (test.operator === '<' || test.operator === '<=' || test.operator === '>')) {
    const bound = test.operator === '>' ? test.left : test.right;
    if (bound.kind === 'member' && bound.name === 'length') {
      return stepsByMany(loop.update) ? { repeats: 'chunk' } : { repeats: 'elements', over: bound.object };
    }
    if (bound.kind === 'literal' && typeof bound.value === 'number' && bound.value <= FEW)
      return { repeats: 'constant' };
    if (stepsByMany(loop.update)) return { repeats: 'chunk' };
    return { repeats: 'unknown' };
  }
  if (test.kind === 'member' && test.name === 'length') return { repeats: 'elements', over: test.object };
  return { repeats: 'page' };
}

function stepsByMany(update: Expression | undefined): boolean {
  if (update?.kind !== 'assign' || update.value === undefined) return false;
  return !(update.value.kind === 'literal' && update.value.value === 1);
}

function identifiersOf(expression: Expression, file: SourceFile): string[] {
  switch (expression.kind) {
    case 'identifier':
      return [expression.name];
    case 'member':
      return [expression.name, ...identifiersOf(expression.object, file)];
    case 'binary':
    case 'logical':
      return [...identifiersOf(expression.left, file), ...identifiersOf(expression.right, file)];
    case 'unary':
      return identifiersOf(expression.operand, file);
    case 'assign':
      return expression.target.kind === 'identifier' ? [expression.target.name] : [];
    default:
      return [];
  }
}

/** What a catch handler does at its end. */
export function handlerOutcome(statements: readonly Statement[]): 'rethrows' | 'continues' | 'returns' | 'mixed' {
  const last = statements.at(-1);
  const someThrow = containsJump(statements, 'throw');
  if (last?.kind === 'throw') return 'rethrows';
  if (last?.kind === 'return' || last?.kind === 'break') return someThrow ? 'mixed' : 'returns';
  if (someThrow || containsJump(statements, 'return')) return 'mixed';
  return 'continues';
}

/** Codes and errors of databases and libraries for a row that is already there, and what projects call them. */
const CONFLICT =
  /\bP2002\b|\b23505\b|\bER_DUP_ENTRY\b|\b1062\b|\b11000\b|SQLITE_CONSTRAINT|unique_?(key|constraint|violation|error)|is_?unique|duplicate_?(key|entry|error|record)|is_?duplicate|violates unique/i;

/** Whether a handler's text tells a conflict with a unique constraint from other errors. */
export function conflictIn(text: string): { handlesConflict?: true } {
  return CONFLICT.test(text) ? { handlesConflict: true } : {};
}

function containsJump(statements: readonly Statement[], kind: 'throw' | 'return'): boolean {
  return statements.some((statement) => {
    if (statement.kind === kind) return true;
    if (statement.kind === 'if') return containsJump(statement.then, kind) || containsJump(statement.else, kind);
    if (statement.kind === 'block') return containsJump(statement.body, kind);
    if (statement.kind === 'try') return containsJump(statement.block, kind);
    if (statement.kind === 'switch') return statement.cases.some((part) => containsJump(part.body, kind));
    return false;
  });
}
