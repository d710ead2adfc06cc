/**
 * Abstract interpretation of one function: walks its statements once, in order, and records what it does.
 *
 * Loops are walked once, branches are joined, closures that are certainly run here are walked in place. It errs
 * towards knowing less: a value it cannot follow is `unknown`, and rules stay silent about unknown values.
 */

import type { ModelIndex } from '../models/matcher.ts';
import type { Location } from '../rule.ts';
import type {
  AssignExpression,
  Expression,
  FunctionNode,
  LoopStatement,
  Pattern,
  SourceFile,
  Span,
  Statement,
  SwitchStatement,
  TryStatement,
  Variable,
} from '../typescript/syntax.ts';
import { Activation, type Frame, locate, Variables } from './activation.ts';
import { settle } from './builder.ts';
import { evaluateCall } from './call.ts';
import type { FunctionFacts, FunctionInfo, Guard, Loop, MemoryEffect, TransactionContext } from './fact.ts';
import { functionKey, type Hierarchy } from './hierarchy.ts';
import { isFiltered } from './list-change.ts';
import { conflictIn, handlerOutcome, repeatsOver, repeatsWhile } from './loop-kind.ts';
import { relationRead } from './relation.ts';
import type { FileResolution } from './resolution.ts';
import type { EntitySchema } from './schema.ts';
import { declaredTransaction, joinTransactions, sharedHost } from './transaction.ts';
import {
  type ClosureValue,
  computed,
  constant,
  type FunctionKey,
  hasSource,
  memberOf,
  type PlaceValue,
  sourcesOf,
  UNDEFINED,
  UNKNOWN,
  union,
  type Value,
} from './value.ts';

/** What the interpreter asks of the rest of the engine. */
export interface Surroundings {
  readonly hierarchy: Hierarchy;
  readonly models: ModelIndex;
  readonly resolution: (path: string) => FileResolution | undefined;
  /** Facts of a function that is finished; undefined while it is being computed. */
  readonly factsOf: (key: FunctionKey) => FunctionFacts | undefined;
  /** Whether the two are in one cycle of the call graph. */
  readonly sameCycle: (a: FunctionKey, b: FunctionKey) => boolean;
  readonly entity: (name: string) => EntitySchema | undefined;
  /** What a module-level constant was initialised with, evaluated without recording. */
  readonly initializerOf: (place: Value) => Value | undefined;
  /** Whether any source contains the text: a library's mode that is switched on once for the whole process. */
  readonly mentions: (text: string) => boolean;
  /** What a property of a class is set to where it is declared, in the constructor or by its getter; the class is `<path>#<name>`. */
  readonly propertyOf: (owner: string, name: string) => Value | undefined;
}

/** How a statement list ends. */
type Completion = 'normal' | 'exit' | 'jump';

export class Interpreter {
  readonly surroundings: Surroundings;
  readonly activation: Activation;
  frame: Frame;
  /** Values returned by the function being walked. */
  returned: Value[] = [];
  /** What a generator yields, and how often the loop around repeats. */
  readonly #yielded: Value[] = [];
  #yields: Loop['repeats'] = 'constant';
  /** The guards in force at each way out of the function itself. */
  readonly #leftUnder: (readonly Guard[])[] = [];
  /** Transactions still open at some way out, by id. */
  readonly #leftOpen = new Map<string, TransactionContext>();
  /** How many guards stood around the function being walked before its first statement. */
  #outerGuards = 0;

  constructor(surroundings: Surroundings, info: FunctionInfo, outer?: Frame) {
    this.surroundings = surroundings;
    this.activation = new Activation(info);
    this.frame = {
      file: info.file,
      fn: info.key,
      variables: outer?.variables ?? new Variables(),
      thisValue: thisOf(info, outer),
    };
  }

  get file(): SourceFile {
    return this.frame.file;
  }

  at(span: Span): Location {
    return locate(this.file, span);
  }

  /** Walks the whole function and returns its facts. */
  run(): FunctionFacts {
    const { info } = this.activation;
    this.bindParameters();
    const declared = declaredTransaction(info);
    if (declared !== undefined) {
      const { position } = this.activation;
      this.activation.position = { ...position, transactions: [...position.transactions, declared] };
    }
    const around = this.activation.position.transactions;
    if (this.block(info.node.body) === 'normal') this.#leave();
    const opens = [...this.#leftOpen.values()].filter((one) => !around.includes(one));
    return {
      fn: info,
      operations: this.activation.operations,
      returns: info.node.generator
        ? computed(`generated:${this.#yields}`, this.#yielded)
        : this.returned.length === 0
          ? UNDEFINED
          : union(this.returned),
      establishes: this.#established(),
      ...(opens.length === 0 ? {} : { opens }),
      segments: this.activation.segment,
      parameterNames: info.node.parameters.map((parameter) =>
        parameter.pattern.kind === 'variable' ? (this.file.variables[parameter.pattern.variable]?.name ?? '') : '',
      ),
      entries: [],
      calls: this.activation.calls,
      callsResolved: this.activation.callsResolved,
      coarse: this.activation.coarse,
    };
  }

  /** Parameters are places of their own until a call says what they are. */
  bindParameters(): void {
    const { info } = this.activation;
    info.node.parameters.forEach((parameter, index) => {
      const name =
        parameter.pattern.kind === 'variable' ? (this.file.variables[parameter.pattern.variable]?.name ?? '') : '';
      const place: PlaceValue = { kind: 'place', root: { kind: 'parameter', fn: info.key, index, name }, path: [] };
      // A default is one of two things the parameter may be; the caller's argument replaces the place alone.
      this.bind(
        parameter.pattern,
        parameter.default === undefined ? place : union([place, this.evaluate(parameter.default)]),
      );
    });
  }

  /** A way out of the function itself. What a `finally` or handler around it still does is not known here. */
  #leave(): void {
    const { guards, transactions, tries } = this.activation.position;
    this.#leftUnder.push(guards);
    if (tries.length === 0) for (const one of transactions) this.#leftOpen.set(one.id, one);
  }

  #established(): readonly Guard[] {
    const [first = [], ...others] = this.#leftUnder;
    return first.filter((guard) => others.every((guards) => guards.includes(guard)) && hasSource(guard.test));
  }

  /** `if (row) return true; return false` says as much as the test: a constant carries the conditions it is returned under. */
  #underGuards(value: Value): Value {
    if (value.kind !== 'constant' || typeof value.value !== 'boolean') return value;
    const outcome = this.#outcomeOfCheck(value);
    if (outcome !== undefined) return outcome;
    const tests = this.activation.position.guards
      .slice(this.#outerGuards)
      .filter((guard) => hasSource(guard.test))
      .map((guard) => (guard.holds ? guard.test : computed('!', [guard.test])));
    return tests.length === 0 ? value : computed('when', [value, ...tests]);
  }

  /** `try { await access(path); return true } catch { return false }`: which of the two is the check's answer. */
  #outcomeOfCheck(value: Value): Value | undefined {
    const around = this.activation.position.tries.at(-1);
    if (around === undefined || around.in === 'finalizer') return undefined;
    const checks = this.activation.operations.filter(
      ({ effect, tries }) =>
        effect.kind === 'file' &&
        effect.action === 'check' &&
        tries.some((part) => part.id === around.id && part.in === 'block'),
    );
    if (checks.length === 0) return undefined;
    return computed(around.in === 'handler' ? 'rejected' : 'fulfilled', [
      value,
      ...checks.map((operation): Value => ({ kind: 'result', operation, path: [] })),
    ]);
  }

  // ------------------------------------------------------------------ statements

  block(statements: readonly Statement[]): Completion {
    let completion: Completion = 'normal';
    for (const statement of statements) {
      const ended = this.statement(statement);
      if (ended !== 'normal' && completion === 'normal') completion = ended;
      // What follows an unconditional exit is dead; function declarations in it are hoisted and harmless.
      if (completion !== 'normal') break;
    }
    return completion;
  }

  statement(statement: Statement): Completion {
    switch (statement.kind) {
      case 'expression':
        this.discard(statement.expression);
        return 'normal';
      case 'variable':
        for (const { pattern, initializer } of statement.declarations) {
          this.bind(pattern, initializer === undefined ? UNDEFINED : this.evaluate(initializer));
        }
        return 'normal';
      case 'return':
        if (statement.value !== undefined) {
          const start = this.activation.operations.length;
          const made = this.evaluate(statement.value, true);
          const value = this.#underGuards(this.isAsyncHere() ? settle(this, made) : made);
          this.returned.push(value);
          this.markAwaited(start, value);
          for (const operation of this.activation.operations.slice(start)) {
            // `return db.transaction(async (tx) => { await tx.update(…); })` gives nothing of the update.
            if (operation.chain.length === 0 && operation.result !== 'unused') operation.result = 'returned';
          }
        }
        if (this.activation.inlining.length === 0) this.#leave();
        return 'exit';
      case 'throw': {
        const value = this.evaluate(statement.value);
        this.activation.record({
          effect: { kind: 'throw', value },
          at: this.at(statement),
          span: this.at(statement),
          name: 'throw',
          model: 'throw',
          basis: 'type',
          fn: this.frame.fn,
        });
        return 'exit';
      }
      case 'if':
        return this.if(statement.test, statement.then, statement.else);
      case 'loop':
        return this.loop(statement);
      case 'try':
        return this.try(statement);
      case 'switch':
        return this.switch(statement);
      case 'block':
        return this.block(statement.body);
      case 'break':
      case 'continue':
        return 'jump';
      case 'function':
      case 'class':
        return 'normal';
    }
  }

  /** An expression whose value nobody uses. */
  discard(expression: Expression): void {
    const start = this.activation.operations.length;
    this.evaluate(expression);
    const call = expression.kind === 'await' ? expression.operand : expression;
    for (const operation of this.activation.operations.slice(start)) {
      if (operation.span.start === call.start && operation.span.end === call.end) operation.result = 'unused';
    }
  }

  private if(test: Expression, then: readonly Statement[], otherwise: readonly Statement[]): Completion {
    const value = this.evaluate(test);
    const { activation, frame } = this;
    const before = activation.position;
    const guard = (holds: boolean, earlyExit: boolean): Guard => ({ test: value, holds, at: this.at(test), earlyExit });
    const { variables } = frame;

    const afterThen = new Variables(variables);
    frame.variables = afterThen;
    activation.position = { ...before, guards: [...before.guards, guard(true, false)] };
    const thenEnds = this.block(then);
    const openAfterThen = activation.position.transactions;
    const guardsInside = activation.position.guards.slice(before.guards.length + 1);

    const afterElse = new Variables(variables);
    frame.variables = afterElse;
    activation.position = { ...before, guards: [...before.guards, guard(false, false)] };
    const elseEnds = this.block(otherwise);
    const openAfterElse = activation.position.transactions;

    const transactions =
      thenEnds !== 'normal'
        ? openAfterElse
        : elseEnds !== 'normal'
          ? openAfterThen
          : joinTransactions(before.transactions, openAfterThen, openAfterElse);
    frame.variables = variables;
    activation.position = transactions === before.transactions ? before : { ...before, transactions };
    if (thenEnds !== 'normal' && elseEnds !== 'normal') {
      variables.adopt(afterElse);
      return thenEnds === 'exit' && elseEnds === 'exit' ? 'exit' : 'jump';
    }
    if (thenEnds !== 'normal') {
      variables.adopt(afterElse);
      activation.position = { ...before, transactions, guards: [...before.guards, guard(false, true)] };
    } else if (elseEnds !== 'normal') {
      variables.adopt(afterThen);
      activation.position = { ...before, transactions, guards: [...before.guards, guard(true, true)] };
    } else {
      variables.join(afterThen, afterElse);
      const passed =
        otherwise.length > 0 ? [] : guardsInside.filter(isCheckOfRows).map((inner) => passedIf(value, inner));
      if (passed.length > 0) activation.position = { ...activation.position, guards: [...before.guards, ...passed] };
    }
    return 'normal';
  }

  private loop(statement: LoopStatement): Completion {
    if (statement.init !== undefined) this.statement(statement.init);
    const isOver = statement.form === 'for-of' || statement.form === 'for-in' || statement.form === 'for-await';
    const header: Span = { start: statement.start, end: Math.max(statement.start, statement.bodySpan.start) };
    const base = {
      id: this.activation.nextId(),
      at: this.at(header),
      fn: this.frame.fn,
      concurrency: 'sequential' as const,
    };
    let loop: Loop;
    let element: Value | undefined;
    if (isOver && statement.iterable !== undefined) {
      const over = this.evaluate(statement.iterable, statement.form === 'for-await');
      const form = statement.form === 'for-await' ? 'for-await' : statement.form === 'for-in' ? 'for-in' : 'for-of';
      const source = statement.form === 'for-in' ? computed('call:keys', [over]) : over;
      loop = { ...base, form, over, repeats: repeatsOver(source, this.surroundings.initializerOf) };
      element = { kind: 'element', of: over, loop: loop.id, path: [] };
      if (statement.form === 'for-await') this.activation.segment += 1;
    } else {
      const kind = repeatsWhile(statement, this.file);
      const test = statement.test === undefined ? undefined : this.evaluate(statement.test);
      const over = kind.over === undefined ? undefined : this.evaluate(kind.over);
      const repeats =
        over !== undefined && kind.repeats === 'elements'
          ? repeatsOver(over, this.surroundings.initializerOf)
          : kind.repeats;
      loop = {
        ...base,
        form: statement.form === 'for' ? 'for' : 'while',
        repeats,
        ...(test === undefined ? {} : { test }),
        ...(over === undefined ? {} : { over }),
      };
    }
    const { variables } = this.frame;
    const afterBody = new Variables(variables);
    this.frame.variables = afterBody;
    const transactions = this.inLoop(loop, () => {
      if (statement.pattern !== undefined && element !== undefined) this.bind(statement.pattern, element);
      this.block(statement.body);
      if (statement.update !== undefined) this.evaluate(statement.update);
      return this.activation.position.transactions;
    });
    if (transactions !== this.activation.position.transactions)
      this.activation.position = { ...this.activation.position, transactions };
    this.frame.variables = variables;
    variables.join(variables, afterBody);
    return 'normal';
  }

  /** Walks one iteration; what admission a limiter gave in it ends with it. */
  inLoop<T>(loop: Loop, work: () => T): T {
    const { activation } = this;
    return activation.within({ loops: [...activation.position.loops, loop] }, work);
  }

  private try(statement: TryStatement): Completion {
    const { activation } = this;
    const before = activation.position;
    const id = activation.nextId();
    const { handlerSpan } = statement;
    const conflict =
      handlerSpan === undefined ? {} : conflictIn(this.file.text.slice(handlerSpan.start, handlerSpan.end));
    const context = (part: 'block' | 'handler' | 'finalizer') => ({
      id,
      at: this.at(statement),
      in: part,
      handler: statement.handler === undefined ? ('none' as const) : handlerOutcome(statement.handler),
      hasFinalizer: statement.finalizer !== undefined,
      ...conflict,
    });
    const { variables } = this.frame;
    const afterBlock = new Variables(variables);
    this.frame.variables = afterBlock;
    activation.position = { ...before, tries: [...before.tries, context('block')] };
    let ends = this.block(statement.block);
    const guards = activation.position.guards;
    const held = { transactions: activation.position.transactions, locks: activation.position.locks };

    let handlerEnds: Completion | undefined;
    const afterHandler = new Variables(variables);
    if (statement.handler !== undefined) {
      afterHandler.join(variables, afterBlock);
      this.frame.variables = afterHandler;
      if (statement.parameter !== undefined) this.bind(statement.parameter, computed('caught', []));
      activation.position = { ...before, ...held, tries: [...before.tries, context('handler')] };
      handlerEnds = this.block(statement.handler);
    }
    const survives = handlerEnds === 'normal';
    this.frame.variables = variables;
    if (survives) variables.join(afterBlock, afterHandler);
    else variables.adopt(afterBlock);
    activation.position = { ...before, ...held, guards: survives ? before.guards : guards };
    if (statement.finalizer !== undefined) {
      const outer = activation.position;
      activation.position = { ...outer, tries: [...before.tries, context('finalizer')] };
      const finalizerEnds = this.block(statement.finalizer);
      const { transactions, locks } = activation.position;
      activation.position = { ...outer, transactions, locks };
      if (finalizerEnds !== 'normal') ends = finalizerEnds;
    }
    if (ends === 'normal') return 'normal';
    return survives ? 'normal' : ends;
  }

  private switch(statement: SwitchStatement): Completion {
    const subject = this.evaluate(statement.subject);
    const { variables } = this.frame;
    const { activation } = this;
    const before = activation.position;
    let joined: Variables | undefined;
    let allExit = statement.cases.length > 0;
    let hasDefault = false;
    for (const part of statement.cases) {
      if (part.test === undefined) hasDefault = true;
      const test = part.test === undefined ? undefined : computed('===', [subject, this.evaluate(part.test)]);
      const afterCase = new Variables(variables);
      this.frame.variables = afterCase;
      activation.position =
        test === undefined
          ? before
          : {
              ...before,
              guards: [...before.guards, { test, holds: true, at: this.at(statement.subject), earlyExit: false }],
            };
      const ends = this.block(part.body);
      if (ends !== 'exit') {
        allExit = allExit && part.body.length === 0;
        if (joined === undefined) joined = afterCase;
        else joined.join(joined, afterCase);
      }
      activation.position = before;
    }
    this.frame.variables = variables;
    if (joined !== undefined) variables.join(variables, joined);
    return allExit && hasDefault ? 'exit' : 'normal';
  }

  // ------------------------------------------------------------------ patterns

  /** Gives the names of a pattern their values. */
  bind(pattern: Pattern, value: Value): void {
    switch (pattern.kind) {
      case 'variable': {
        const variable = this.file.variables[pattern.variable];
        if (variable?.fn === 0 && this.activation.info.node.kind === 'module') return;
        this.frame.variables.set(pattern.variable, value);
        return;
      }
      case 'object-pattern':
        for (const property of pattern.properties) {
          if (property.rest) {
            this.bind(property.value, value);
            continue;
          }
          const member = property.key === undefined ? UNKNOWN : this.member(value, property.key, pattern);
          this.bind(
            property.value,
            property.default === undefined ? member : union([member, this.evaluate(property.default)]),
          );
        }
        return;
      case 'array-pattern':
        pattern.elements.forEach((element, index) => {
          if (element === undefined) return;
          if (element.rest) {
            this.bind(element.value, value);
            return;
          }
          const member =
            value.kind === 'array' && !value.open
              ? (value.elements[index] ?? UNDEFINED)
              : memberOf(value, String(index));
          this.bind(
            element.value,
            element.default === undefined ? member : union([member, this.evaluate(element.default)]),
          );
        });
        return;
      case 'expression-target':
        this.assign(pattern.target, value, pattern);
    }
  }

  // ------------------------------------------------------------------ expressions

  /** `awaited`: the value is awaited or returned right away, so work it starts is waited for. */
  evaluate(expression: Expression, awaited = false): Value {
    switch (expression.kind) {
      case 'literal':
        return constant(expression.value);
      case 'template': {
        const [first] = expression.parts;
        if (expression.holes.length === 0) return constant(first ?? '');
        const operands: Value[] = [];
        expression.parts.forEach((part, index) => {
          operands.push(constant(part));
          const hole = expression.holes[index];
          if (hole !== undefined) operands.push(this.evaluate(hole));
        });
        return computed('template', operands);
      }
      case 'identifier':
        return this.identifier(expression.name, expression.variable);
      case 'this':
        return this.frame.thisValue;
      case 'super':
        return this.frame.thisValue;
      case 'member': {
        const object = this.evaluate(expression.object);
        // What is left of the rows is not how many there are, though each of them is one of the rows.
        if (expression.name === 'length' && object.kind === 'result' && isFiltered(expression.object, this.file))
          return computed('member:length', [computed('call:filter', [object])]);
        return this.member(object, expression.name, expression.nameAt);
      }
      case 'index': {
        const object = this.evaluate(expression.object);
        const index = this.evaluate(expression.index);
        return this.indexed(object, index);
      }
      case 'call':
        return evaluateCall(this, expression, awaited);
      case 'function':
        return this.closure(expression.fn);
      case 'class-expression':
        return UNKNOWN;
      case 'object': {
        const properties = new Map<string, Value>();
        const others: Value[] = [];
        for (const property of expression.properties) {
          const value = this.evaluate(property.value);
          if (property.kind === 'spread') {
            if (value.kind === 'object') {
              for (const [name, part] of value.properties) properties.set(name, part);
              others.push(...value.others);
            } else others.push(value);
          } else if (property.key === undefined) {
            if (property.computed !== undefined) this.evaluate(property.computed);
            others.push(value);
          } else properties.set(property.key, value);
        }
        return { kind: 'object', properties, others };
      }
      case 'array': {
        const elements: Value[] = [];
        let open = false;
        for (const element of expression.elements) {
          const value = this.evaluate(element, awaited);
          if (element.kind === 'spread-expression') {
            if (value.kind === 'array') {
              elements.push(...value.elements);
              open ||= value.open;
              continue;
            }
            open = true;
          }
          elements.push(value);
        }
        return { kind: 'array', elements, open };
      }
      case 'binary': {
        const left = this.evaluate(expression.left);
        const right = this.evaluate(expression.right);
        if (
          expression.operator === '+' &&
          left.kind === 'constant' &&
          right.kind === 'constant' &&
          typeof left.value === 'string'
        ) {
          return constant(left.value + String(right.value));
        }
        return computed(expression.operator, [left, right]);
      }
      case 'logical': {
        const left = this.evaluate(expression.left, awaited);
        const { activation } = this;
        const test = expression.operator === '??' ? computed('==', [left, constant(null)]) : left;
        const guard: Guard = {
          test,
          holds: expression.operator !== '||',
          at: this.at(expression.left),
          earlyExit: false,
        };
        const right = activation.within({ guards: [...activation.position.guards, guard] }, () =>
          this.evaluate(expression.right, awaited),
        );
        return expression.operator === '&&' ? computed('&&', [left, right]) : union([left, right]);
      }
      case 'unary': {
        const operand = this.evaluate(expression.operand);
        if (expression.operator === 'delete') this.recordDelete(expression.operand, expression);
        if (expression.operator === '-' && operand.kind === 'constant' && typeof operand.value === 'number') {
          return constant(-operand.value);
        }
        return computed(expression.operator, [operand]);
      }
      case 'conditional': {
        const test = this.evaluate(expression.test);
        const { activation } = this;
        const branch = (holds: boolean, part: Expression): Value =>
          activation.within(
            {
              guards: [...activation.position.guards, { test, holds, at: this.at(expression.test), earlyExit: false }],
            },
            () => this.evaluate(part, awaited),
          );
        return union([branch(true, expression.then), branch(false, expression.else)]);
      }
      case 'assign':
        return this.assignment(expression);
      case 'await':
      case 'yield':
      case 'yield*': {
        const start = this.activation.operations.length;
        const value = settle(this, this.evaluate(expression.operand, true));
        this.markAwaited(start, value);
        this.activation.segment += 1;
        if (expression.kind !== 'await') this.#yield(value, expression.kind);
        return value;
      }
      case 'sequence': {
        let last: Value = UNDEFINED;
        for (const part of expression.expressions) last = this.evaluate(part);
        return last;
      }
      case 'spread-expression':
        return this.evaluate(expression.operand, awaited);
      case 'other': {
        const operands = expression.children.map((child) => this.evaluate(child));
        return computed(expression.form, operands);
      }
    }
  }

  #yield(value: Value, form: 'yield' | 'yield*'): void {
    const { loops } = this.activation.position;
    const around = form === 'yield*' ? repeatsOver(value, this.surroundings.initializerOf) : loops.at(-1)?.repeats;
    if (around !== undefined && this.#yields === 'constant') this.#yields = around;
    if (this.#yielded.length < 6) this.#yielded.push(value);
  }

  private isAsyncHere(): boolean {
    return this.surroundings.hierarchy.functions.get(this.frame.fn)?.node.async === true;
  }

  /** Everything recorded since `start`, and whatever the value is made of, is waited for here. */
  markAwaited(start: number, value: Value): void {
    const { operations } = this.activation;
    for (let index = start; index < operations.length; index += 1) {
      const operation = operations[index];
      if (operation !== undefined && !operation.deferred) operation.awaited = true;
    }
    for (const source of sourcesOf(value)) {
      const operation = operations[source.order];
      if (operation !== undefined && operation === source) operation.awaited = true;
    }
  }

  private identifier(name: string, index: number | undefined): Value {
    if (index === undefined) {
      return name === 'undefined' ? UNDEFINED : { kind: 'place', root: { kind: 'global', name }, path: [] };
    }
    const variable = this.file.variables[index];
    if (variable === undefined) return UNKNOWN;
    const local = this.frame.variables.get(index);
    if (local !== undefined) return local;
    if (variable.kind === 'import') return this.imported(index, variable);
    if (variable.names !== undefined && (variable.kind === 'function' || variable.kind === 'const')) {
      return this.closure(variable.names);
    }
    if (variable.fn === 0) return this.moduleVariable(variable);
    return {
      kind: 'place',
      root: { kind: 'captured', fn: functionKey(this.file.path, variable.fn), name: variable.name },
      path: [],
    };
  }

  private imported(index: number, variable: Variable): Value {
    const target = this.surroundings.resolution(this.file.path)?.imports.get(index);
    if (target?.fn !== undefined) return { kind: 'closure', fn: target.fn, environment: undefined };
    if (target !== undefined) return { kind: 'place', root: target.root, path: [] };
    const module = variable.import;
    if (module === undefined) return UNKNOWN;
    return { kind: 'place', root: { kind: 'import', module: module.module, name: module.imported }, path: [] };
  }

  private moduleVariable(variable: Variable): Value {
    const init = variable.kind === 'const' ? variable.initializer : undefined;
    if (init?.kind === 'literal') return constant(init.value);
    if (init?.kind === 'template' && init.holes.length === 0) return constant(init.parts[0] ?? '');
    const place: PlaceValue = {
      kind: 'place',
      root: { kind: 'module', path: this.file.path, name: variable.name },
      path: [],
    };
    if (variable.reassigned) this.memory({ kind: 'memory', action: 'read', target: place }, variable.at, variable.name);
    return place;
  }

  /** A function expression or named function as a value. */
  closure(index: number): Value {
    const key = functionKey(this.file.path, index);
    const node = this.file.functions[index];
    if (node === undefined) return UNKNOWN;
    if (!isUnit(node)) {
      if (!this.activation.closures.has(key)) this.activation.closures.set(key, this.frame);
      return { kind: 'closure', fn: key, environment: this.frame };
    }
    return { kind: 'closure', fn: key, environment: undefined };
  }

  /** `value.name`, with the facts that reading it has: a relation of a row, a method of `this`, shared state. */
  member(value: Value, name: string, at: Span): Value {
    if (
      value.kind === 'place' &&
      value.path.length === 0 &&
      value.root.kind === 'this' &&
      value.root.class !== undefined
    ) {
      const method = this.surroundings.hierarchy.methodOf(value.root.class, name);
      const info = method === undefined ? undefined : this.surroundings.hierarchy.functions.get(method);
      if (method !== undefined && info !== undefined && info.node.kind !== 'getter' && info.node.kind !== 'setter') {
        return { kind: 'closure', fn: method, environment: undefined };
      }
      const given = info?.node.kind === 'getter' ? this.surroundings.propertyOf(value.root.class, name) : undefined;
      if (given !== undefined && standsForPlaces(given)) return given;
      const host = sharedHost(this.surroundings.hierarchy, value.root.class, name);
      if (host !== undefined) return host;
    }
    relationRead(this, value, name, at);
    return memberOf(value, name);
  }

  indexed(object: Value, index: Value): Value {
    if (index.kind === 'constant') return memberOf(object, String(index.value));
    switch (object.kind) {
      case 'place':
      case 'result':
      case 'element':
        return { ...object, path: [...object.path, '[]'].slice(0, 8) };
      case 'array':
        return union(object.elements.slice(0, 4));
      default:
        return computed('index', [object, index]);
    }
  }

  private assignment(expression: AssignExpression): Value {
    const { target, operator } = expression;
    if (operator === '=' && expression.value !== undefined) {
      const value = this.evaluate(expression.value);
      if (isPattern(target)) this.bindOrAssign(target, value, expression);
      else this.assign(target, value, expression);
      return value;
    }
    if (isPattern(target) && target.kind !== 'variable') return UNKNOWN;
    const old = isPattern(target) ? this.identifier('', target.variable) : this.evaluate(target);
    if (operator === '??=' || operator === '||=' || operator === '&&=') {
      const test = operator === '??=' ? computed('==', [old, constant(null)]) : old;
      const guard: Guard = { test, holds: operator !== '||=', at: this.at(target), earlyExit: false };
      const { activation } = this;
      return activation.within({ guards: [...activation.position.guards, guard] }, () => {
        const value = expression.value === undefined ? UNKNOWN : this.evaluate(expression.value);
        this.assignTo(target, value, expression);
        return union([old, value]);
      });
    }
    const right = expression.value === undefined ? constant(1) : this.evaluate(expression.value);
    const value = computed(operator === '++' ? '+' : operator === '--' ? '-' : operator.slice(0, -1), [old, right]);
    this.assignTo(target, value, expression);
    return value;
  }

  private assignTo(target: Pattern | Expression, value: Value, at: Span): void {
    if (isPattern(target)) this.bindOrAssign(target, value, at);
    else this.assign(target, value, at);
  }

  private bindOrAssign(pattern: Pattern, value: Value, at: Span): void {
    if (pattern.kind !== 'variable') {
      this.bind(pattern, value);
      return;
    }
    this.assignVariable(pattern.variable, value, at);
  }

  private assignVariable(index: number, value: Value, at: Span): void {
    const variable = this.file.variables[index];
    if (variable === undefined) return;
    if (variable.fn === 0) {
      this.memory(
        {
          kind: 'memory',
          action: 'write',
          target: { kind: 'place', root: { kind: 'module', path: this.file.path, name: variable.name }, path: [] },
          value,
        },
        at,
        variable.name,
      );
      return;
    }
    const isAnswer = value.kind === 'constant' && typeof value.value === 'boolean';
    this.frame.variables.set(index, (isAnswer ? this.#outcomeOfCheck(value) : undefined) ?? value);
  }

  private assign(target: Expression, value: Value, at: Span): void {
    if (target.kind === 'identifier') {
      if (target.variable !== undefined) this.assignVariable(target.variable, value, at);
      return;
    }
    if (target.kind === 'member') {
      const object = this.evaluate(target.object);
      if (object.kind === 'object' && target.object.kind === 'identifier' && target.object.variable !== undefined) {
        const properties = new Map(object.properties).set(target.name, value);
        this.frame.variables.set(target.object.variable, { ...object, properties });
        return;
      }
      const stored = storageIn(object);
      if (stored !== undefined) {
        this.memory({ kind: 'memory', action: 'write', target: memberOf(stored, target.name), value }, at, target.name);
      }
      return;
    }
    if (target.kind === 'index') {
      const object = this.evaluate(target.object);
      const key = this.evaluate(target.index);
      if (object.kind === 'object' && target.object.kind === 'identifier' && target.object.variable !== undefined) {
        this.frame.variables.set(target.object.variable, { ...object, others: [...object.others.slice(0, 5), value] });
        return;
      }
      if (isStorage(object)) {
        const name =
          target.object.kind === 'member'
            ? target.object.name
            : target.object.kind === 'identifier'
              ? target.object.name
              : 'index';
        this.memory({ kind: 'memory', action: 'add', target: object, key, value }, at, name);
      }
    }
  }

  private recordDelete(operand: Expression, at: Span): void {
    if (operand.kind !== 'member' && operand.kind !== 'index') return;
    const target = this.evaluate(operand.object);
    const key = operand.kind === 'member' ? constant(operand.name) : this.evaluate(operand.index);
    if (isStorage(target)) this.memory({ kind: 'memory', action: 'delete', target, key }, at, 'delete');
  }

  memory(effect: MemoryEffect, at: Span, name: string): void {
    this.activation.record({
      effect,
      at: this.at(at),
      span: this.at(at),
      name,
      model: `memory:${effect.action}`,
      basis: 'type',
      fn: this.frame.fn,
    });
  }

  // ------------------------------------------------------------------ closures

  /** Walks a closure's body here, with these arguments. Undefined when it cannot be (recursion, too deep). */
  inline(closure: ClosureValue, args: readonly Value[], awaited: boolean): Value | undefined {
    const { activation } = this;
    const info = this.surroundings.hierarchy.functions.get(closure.fn);
    const environment = closure.environment as Frame | undefined;
    if (info === undefined || environment === undefined) return undefined;
    if (activation.inlining.includes(closure.fn) || activation.inlining.length >= 12) return undefined;
    activation.inlined.add(closure.fn);
    activation.inlining.push(closure.fn);
    const outerFrame = this.frame;
    const outerReturned = this.returned;
    const outerGuards = this.#outerGuards;
    const position = activation.position;
    this.returned = [];
    this.#outerGuards = position.guards.length;
    const frame: Frame = {
      file: info.file,
      fn: closure.fn,
      variables: environment.variables,
      thisValue: environment.thisValue,
    };
    this.frame = frame;
    info.node.parameters.forEach((parameter, index) => {
      const given = parameter.rest
        ? { kind: 'array' as const, elements: args.slice(index), open: false }
        : (args[index] ?? UNKNOWN);
      this.bind(
        parameter.pattern,
        parameter.default === undefined ? given : args[index] === undefined ? this.evaluate(parameter.default) : given,
      );
    });
    const start = activation.operations.length;
    this.block(info.node.body);
    const value = this.returned.length === 0 ? UNDEFINED : union(this.returned);
    environment.variables = frame.variables;
    this.frame = outerFrame;
    this.returned = outerReturned;
    this.#outerGuards = outerGuards;
    const { transactions } = activation.position;
    activation.position = transactions === position.transactions ? position : { ...position, transactions };
    activation.inlining.pop();
    if (!awaited && info.node.async) {
      // Nobody waits for the async closure itself, whatever it awaits inside.
      for (const operation of activation.operations.slice(start)) operation.awaited = false;
    }
    return value;
  }
}

/** A function with facts of its own whatever happens around it: everything but closures inside functions. */
export function isUnit(node: FunctionNode): boolean {
  return node.parent === undefined || node.parent === 0 || node.class !== undefined;
}

function thisOf(info: FunctionInfo, outer: Frame | undefined): Value {
  if (info.class !== undefined) return { kind: 'place', root: { kind: 'this', class: info.class }, path: [] };
  if (info.node.kind === 'arrow' && outer !== undefined) return outer.thisValue;
  return { kind: 'place', root: { kind: 'this', class: undefined }, path: [] };
}

/** A value whose parts outlive the expression: writing to them can be seen elsewhere. */
export function isStorage(value: Value): boolean {
  return value.kind === 'place' || value.kind === 'result' || value.kind === 'element';
}

/** What is stored, also where a default may stand for it: `found ?? {}`. */
function storageIn(value: Value): Value | undefined {
  if (value.kind !== 'union') return isStorage(value) ? value : undefined;
  const [one, another] = value.alternatives.filter(({ kind }) => kind !== 'constant' && kind !== 'object');
  return another === undefined && one !== undefined && isStorage(one) ? one : undefined;
}

/** What a getter hands out rather than makes: `get db() { return this.tx ?? this.pool }`, a bound repository. */
function standsForPlaces(value: Value): boolean {
  if (value.kind === 'union') return value.alternatives.every(standsForPlaces);
  return value.kind === 'place' || (value.kind === 'computed' && value.operator === 'bound');
}

/** An early exit because of rows that were read. */
function isCheckOfRows({ earlyExit, test }: Guard): boolean {
  return earlyExit && [...sourcesOf(test)].some(({ effect }) => effect.kind === 'database' || effect.kind === 'cache');
}

/** Behind `if (test) { if (found) return; }`: either it was not asked, or nothing was found. */
function passedIf(test: Value, inner: Guard): Guard {
  const passed = inner.holds ? inner.test : computed('!', [inner.test]);
  return { ...inner, test: computed('||', [computed('!', [test]), passed]), holds: true };
}

function isPattern(target: Pattern | Expression): target is Pattern {
  return (
    target.kind === 'variable' ||
    target.kind === 'object-pattern' ||
    target.kind === 'array-pattern' ||
    target.kind === 'expression-target'
  );
}
