/**
 * Closes the gap: the state is taken before the wait (swap), read again after it, marked before it, or what makes it
 * is shared while it runs. A mutex is used where the file has one; none is brought in.
 */

import { isMemory, isPlace, readsOf } from '../../../analysis/shared-state.ts';
import { usesOf } from '../../../rewrite/column-change.ts';
import {
  callAt,
  childExpressions,
  edit,
  enclosingStatements,
  expressionsAround,
  freshName,
  functionAround,
  indentationAt,
  indentUnit,
  insert,
  insertBefore,
  linesOf,
  newlineOf,
  semicolonOf,
  statementAround,
  textOf,
} from '../../../rewrite/source-edit.ts';
import type { Edit, Fix, RuleContext } from '../../../rule.ts';
import type {
  AssignExpression,
  AwaitExpression,
  CallExpression,
  Expression,
  FunctionNode,
  SourceFile,
  Span,
  Statement,
} from '../../../typescript/syntax.ts';
import type { StaleWrite } from './evidence.ts';

export function fixStaleWrite(stale: StaleWrite, _ctx: RuleContext): readonly Fix[] {
  if (stale.operation.chain.length > 0) return exclusive(stale);
  switch (stale.form) {
    case 'clear':
      return [...swapped(stale), ...exclusive(stale)];
    case 'value':
      return [...awaitedFirst(stale), ...readAgain(stale), ...exclusive(stale)];
    case 'check':
      return [...markedFirst(stale), ...sharedPromise(stale), ...exclusive(stale)];
    case 'index':
      return exclusive(stale);
  }
}

function assignmentOf({ file, write }: StaleWrite): AssignExpression | undefined {
  return expressionsAround(file, write).find((part): part is AssignExpression => part.kind === 'assign');
}

// ---------------------------------------------------------------- taken before the wait

/** `const taken = new Map(this.items); this.items.clear();` before the first use, and no clear after the wait. */
function swapped({ file, write, node, place, wait }: StaleWrite): Fix[] {
  const end = statementAround(file, write);
  if (end === undefined || end.statement.kind !== 'expression') return [];
  const { siblings, index, statement } = end;
  const uses = readsOf(place, node, file).filter((read) => read.end <= statement.start);
  const isUsed = (part: Statement): boolean => uses.some((read) => part.start <= read.start && read.end <= part.end);
  const first = siblings.slice(0, index).find((part) => isUsed(part) && !isEarlyExit(part, wait));
  const own = first === undefined ? [] : uses.filter((read) => read.start >= first.start);
  if (first === undefined || first.start > wait.start) return [];
  const name = freshName(file, takenName(place.name));
  const take = takeText(file, place.label, name, initializerOf(file, node, place.label));
  if (take === undefined) return [];
  return [
    {
      id: 'swap-first',
      title: `Take what is in '${place.label}' before the await`,
      applicability: 'changes-behaviour',
      difference: `What was taken is not in '${place.label}' any more when the awaited work fails.`,
      edits: [
        insertBefore(file, first, take),
        ...own.map((read) => edit(file, read, name)),
        edit(file, linesOf(file, statement), ''),
      ],
    },
  ];
}

function takenName(name: string): string {
  return `taken${name.charAt(0).toUpperCase()}${name.slice(1)}`.replace(/^taken_+/, 'taken');
}

/** `if (queue.length === 0) return;` */
function isEarlyExit(statement: Statement, wait: Span): boolean {
  if (statement.kind !== 'if' || statement.elseSpan !== undefined) return false;
  const last = statement.then.at(-1);
  return (
    (last?.kind === 'return' || last?.kind === 'throw') && (wait.end <= statement.start || wait.start >= statement.end)
  );
}

function takeText(
  file: SourceFile,
  place: string,
  name: string,
  initial: Expression | undefined,
): string[] | undefined {
  const end = semicolonOf(file);
  if (initial?.kind === 'array') return [`const ${name} = ${place}.splice(0)${end}`];
  if (initial?.kind !== 'call' || !initial.isNew || initial.callee.kind !== 'identifier') return undefined;
  const kind = initial.callee.name;
  if (kind !== 'Map' && kind !== 'Set') return undefined;
  return [`const ${name} = new ${kind}(${place})${end}`, `${place}.clear()${end}`];
}

/** What the property or variable holds from the start. */
function initializerOf(file: SourceFile, node: FunctionNode, label: string): Expression | undefined {
  if (!label.startsWith('this.')) return file.variables.find(({ name, fn }) => fn === 0 && name === label)?.initializer;
  return propertyOf(file, node, label)?.initializer ?? assignedInConstructor(file, node, label);
}

function propertyOf(file: SourceFile, node: FunctionNode, label: string) {
  const owner = ownerOf(file, node);
  return owner === undefined ? undefined : file.classes[owner]?.properties.find(({ name }) => `this.${name}` === label);
}

function ownerOf(file: SourceFile, node: FunctionNode): number | undefined {
  for (
    let fn: FunctionNode | undefined = node;
    fn !== undefined;
    fn = fn.parent === undefined ? undefined : file.functions[fn.parent]
  )
    if (fn.class !== undefined) return fn.class;
  return undefined;
}

function assignedInConstructor(file: SourceFile, node: FunctionNode, label: string): Expression | undefined {
  const owner = ownerOf(file, node);
  const made = file.functions.find((fn) => fn.kind === 'constructor' && fn.class === owner);
  for (const statement of made?.body ?? []) {
    if (statement.kind !== 'expression' || statement.expression.kind !== 'assign') continue;
    const { target, value } = statement.expression;
    if (target.kind === 'member' && textOf(file, target) === label) return value;
  }
  return undefined;
}

// ---------------------------------------------------------------- waited for first, read again

/** `total += await load()` reads `total` first: what is awaited gets a name before it. */
function awaitedFirst(stale: StaleWrite): Fix[] {
  const { file, place, read } = stale;
  const assignment = assignmentOf(stale);
  const statement = statementAround(file, stale.write)?.statement;
  if (assignment?.value === undefined || statement?.kind !== 'expression' || statement.expression !== assignment)
    return [];
  if (read.start < assignment.start) return [];
  const waits = awaitsOf(assignment.value);
  const [wait] = waits;
  // Only what the wait itself is given may have been read before it.
  if (wait === undefined || waits.length > 1 || (wait.start <= read.start && read.end <= wait.end)) return [];
  const name = freshName(file, 'awaited');
  return [
    {
      id: 'await-first',
      title: `Await first, then read '${place.label}'`,
      applicability: 'safe',
      edits: [
        insertBefore(file, statement, [`const ${name} = ${textOf(file, wait)}${semicolonOf(file)}`]),
        edit(file, wait, name),
      ],
    },
  ];
}

function awaitsOf(expression: Expression): AwaitExpression[] {
  if (expression.kind === 'await') return [expression];
  return childExpressions(expression).flatMap(awaitsOf);
}

/** `const before = this.n; await …; this.n = before + 1` reads `this.n` where it writes it. */
function readAgain(stale: StaleWrite): Fix[] {
  const { file, place, wait } = stale;
  const assignment = assignmentOf(stale);
  if (assignment?.value === undefined) return [];
  const edits: Edit[] = [];
  const locals = new Set<number>();
  const visit = (expression: Expression): void => {
    if (expression.kind === 'identifier' && expression.variable !== undefined) {
      const variable = file.variables[expression.variable];
      const initial = variable?.initializer;
      if (initial !== undefined && initial.end <= wait.start && isPlace(initial, place, file)) {
        edits.push(edit(file, expression, place.label));
        locals.add(expression.variable);
      }
    }
    childExpressions(expression).forEach(visit);
  };
  visit(assignment.value);
  if (edits.length === 0) return [];
  for (const index of locals) {
    const at = file.variables[index]?.at;
    const declared = at === undefined ? undefined : statementAround(file, at)?.statement;
    if (declared?.kind === 'variable' && declared.declarations.length === 1 && usesOf(file, index) === edits.length)
      edits.push(edit(file, linesOf(file, declared), ''));
  }
  return [
    {
      id: 'read-again',
      title: `Read '${place.label}' again after the await`,
      applicability: 'changes-behaviour',
      difference: `What is written is computed from what '${place.label}' holds by then.`,
      edits,
    },
  ];
}

// ---------------------------------------------------------------- marked before the wait

/** The mark of a key is set right behind the check; it stays when what follows fails. */
function markedFirst(stale: StaleWrite): Fix[] {
  const { file, write, read, wait, place, node } = stale;
  if (stale.operation.effect.key === undefined) return [];
  const mark = statementAround(file, write)?.statement;
  const guard = enclosingStatements(file, read).find(({ statement }) => statement.kind === 'if');
  if (mark?.kind !== 'expression' || guard?.statement.kind !== 'if' || functionAround(file, mark) !== node) return [];
  const { statement, siblings, index } = guard;
  const isInside = statement.start <= mark.start && mark.end <= statement.end;
  const holds = (list: readonly Statement[]): boolean => list.includes(mark);
  const branch = holds(statement.then) ? statement.then : holds(statement.else) ? statement.else : undefined;
  const target = isInside ? branch?.[0] : siblings.includes(mark) ? siblings[index + 1] : undefined;
  if (target === undefined || target.start > wait.start || !isKnownAt(file, mark.expression, target)) return [];
  // A comment behind it goes along.
  const comment = /^[ \t]*\/\/[^\r\n]*/.exec(file.text.slice(mark.end))?.[0].length ?? 0;
  const moved = { start: mark.start, end: mark.end + comment };
  return [
    {
      id: 'mark-first',
      title: `Set '${place.label}' before the await`,
      applicability: 'changes-behaviour',
      difference: 'It stays set when what follows fails.',
      edits: [insertBefore(file, target, [textOf(file, moved)]), edit(file, linesOf(file, moved), '')],
    },
  ];
}

/** Everything the expression mentions is declared before the statement. */
function isKnownAt(file: SourceFile, expression: Expression, statement: Span): boolean {
  if (expression.kind === 'await') return false;
  if (expression.kind === 'identifier' && expression.variable !== undefined) {
    const variable = file.variables[expression.variable];
    if (variable !== undefined && variable.fn !== 0 && (variable.reassigned || variable.at.start >= statement.start))
      return false;
  }
  const parts =
    expression.kind === 'assign' && expression.target.kind === 'index'
      ? [expression.target.object, expression.target.index]
      : [];
  return [...parts, ...childExpressions(expression)].every((child) => isKnownAt(file, child, statement));
}

// ---------------------------------------------------------------- one computation for all

/** `this.pending ??= make().finally(…); this.x = await this.pending`. */
function sharedPromise(stale: StaleWrite): Fix[] {
  const { file } = stale;
  const assignment = assignmentOf(stale);
  const value = assignment?.operator === '=' ? assignment.value : undefined;
  const statement = statementAround(file, stale.write)?.statement;
  if (value?.kind !== 'await' || value.operand.kind !== 'call' || statement?.kind !== 'expression') return [];
  // What this run has awaited before and hands over would be another run's.
  if (stale.wait.end !== value.end || stale.operation.effect.action !== 'write') return [];
  const pending = pendingField(stale, awaitedType(file, value.operand));
  if (pending === undefined) return [];
  const end = semicolonOf(file);
  return [
    {
      id: 'share-promise',
      title: 'Let one caller make it and the others wait for it',
      applicability: 'changes-behaviour',
      difference: 'Callers that come while it is made share one result, and its failure.',
      edits: [
        ...pending.edits,
        insertBefore(file, statement, [
          `${pending.name} ??= ${textOf(file, value.operand)}.finally(() => {`,
          `  ${pending.name} = undefined${end}`,
          `})${end}`,
        ]),
        edit(file, value.operand, pending.name),
      ],
    },
  ];
}

/** What a function of the same file says that its promise gives. */
function awaitedType(file: SourceFile, { callee }: CallExpression): string | undefined {
  const name = callee.kind === 'member' && callee.object.kind === 'this' ? callee.name : textOf(file, callee);
  const made = file.functions.find((fn) => fn.name === name && fn.hasBody && fn.parent === undefined);
  const last = made?.parameters.at(-1)?.end ?? made?.nameAt?.end;
  if (made === undefined || last === undefined) return undefined;
  return /\)\s*:\s*Promise<([^<>]+)>\s*(?:=>)?\s*$/.exec(file.text.slice(last, made.bodySpan.start))?.[1];
}

/** Declares the promise beside the state; undefined when its type cannot be written down. */
function pendingField(
  { file, place, node }: StaleWrite,
  given: string | undefined,
): { name: string; edits: Edit[] } | undefined {
  const end = semicolonOf(file);
  const isTyped = file.language === 'typescript';
  const bare = freshName(
    file,
    `pending${place.name.replace(/^_+/, '').replace(/^./, (letter) => letter.toUpperCase())}`,
  );
  if (place.label.startsWith('this.')) {
    const property = propertyOf(file, node, place.label);
    if (property === undefined || node.static) return undefined;
    const type = isTyped ? (given ?? presentType(property.type)) : '';
    if (type === undefined) return undefined;
    const line = isTyped ? `private ${bare}: Promise<${type}> | undefined${end}` : `${bare} = undefined${end}`;
    const isPrivateName = place.name.startsWith('#');
    return isPrivateName
      ? undefined
      : {
          name: `this.${bare}`,
          edits: [
            insert(
              file,
              lineEnd(file, property.end),
              `${newlineOf(file)}${indentationAt(file, property.start)}${line}`,
            ),
          ],
        };
  }
  const variable = file.variables.find(({ name, fn }) => fn === 0 && name === place.label);
  const declared = variable === undefined ? undefined : statementAround(file, variable.at)?.statement;
  if (variable === undefined || declared?.kind !== 'variable' || declared.declarations.length !== 1) return undefined;
  const annotation = /^\s*:\s*([^=;\n]+)/.exec(file.text.slice(variable.at.end, declared.end))?.[1];
  const type = isTyped ? (given ?? presentType(annotation?.trim())) : '';
  if (type === undefined) return undefined;
  const line = isTyped ? `let ${bare}: Promise<${type}> | undefined${end}` : `let ${bare}${end}`;
  return { name: bare, edits: [insert(file, declared.end, `${newlineOf(file)}${line}`)] };
}

function lineEnd(file: SourceFile, offset: number): number {
  return file.text[offset] === ';' ? offset + 1 : offset;
}

/** `Browser` of `Browser | null`. */
function presentType(annotation: string | undefined): string | undefined {
  const parts = annotation
    ?.split('|')
    .map((part) => part.trim())
    .filter((part) => !/^(null|undefined|)$/.test(part));
  return parts === undefined || parts.length === 0 || (/[<(]/.test(annotation ?? '') && parts.length > 1)
    ? undefined
    : parts.join(' | ');
}

// ---------------------------------------------------------------- under the mutex that is there

/** The whole function under a mutex of `async-mutex` that its class or module has already. */
function exclusive({ file, node, fn }: StaleWrite): Fix[] {
  if (!file.imports.some(({ module }) => module === 'async-mutex') || !node.async || node.generator) return [];
  if (file.text[node.bodySpan.start] !== '{' || fn.operations.some((operation) => operation.effect.kind === 'lock'))
    return [];
  const mutex = mutexOf(file, node);
  const first = node.body[0];
  const last = node.body.at(-1);
  if (
    mutex === undefined ||
    first === undefined ||
    last === undefined ||
    fn.operations.some((part) => isMemory(part) && part.locks.length > 0)
  )
    return [];
  const outer = indentationAt(file, first.start);
  const unit = indentUnit(file);
  const body = textOf(file, { start: first.start, end: last.end });
  if (body.includes('`') && /`[^`]*\n[^`]*`/.test(body)) return [];
  const inner = body
    .split('\n')
    .map((line, index) => (index === 0 || line.trim() === '' ? line : unit + line))
    .join('\n');
  const newline = newlineOf(file);
  return [
    {
      id: 'run-exclusive',
      title: `Run it under '${mutex}'`,
      applicability: 'changes-behaviour',
      difference: 'Callers wait for each other.',
      edits: [
        edit(
          file,
          { start: first.start, end: last.end },
          `return ${mutex}.runExclusive(async () => {${newline}${outer}${unit}${inner}${newline}${outer}})${semicolonOf(file)}`,
        ),
      ],
    },
  ];
}

function mutexOf(file: SourceFile, node: FunctionNode): string | undefined {
  const isMutex = (expression: Expression | undefined): boolean =>
    expression?.kind === 'call' &&
    expression.isNew &&
    callAt(file, expression) !== undefined &&
    expression.callee.kind === 'identifier' &&
    expression.callee.name === 'Mutex';
  const owner = ownerOf(file, node);
  const property =
    owner === undefined || node.static
      ? undefined
      : file.classes[owner]?.properties.find(({ initializer }) => isMutex(initializer));
  if (property !== undefined) return `this.${property.name}`;
  return file.variables.find(({ fn, initializer }) => fn === 0 && isMutex(initializer))?.name;
}
