import type { Operation } from '../../../analysis/fact.ts';
import { sharedTransactions } from '../../../analysis/protection.ts';
import type { Reliance } from '../../../analysis/reliance.ts';
import {
  addProperty,
  afterOutcome,
  atomicSql,
  changeOf,
  optionObject,
  propertyValue,
} from '../../../rewrite/conditional-write.ts';
import { isBounded, ownStatement, requirementOn } from '../../../rewrite/guard-text.ts';
import { lockInTransaction, lockRead } from '../../../rewrite/lock-read.ts';
import { isText } from '../../../rewrite/operand-type.ts';
import {
  callAt,
  edit,
  enclosingStatements,
  ensureImport,
  functionAround,
  indentationAt,
  insert,
  linesOf,
  newlineOf,
  quoteOf,
  semicolonOf,
  statementAround,
  textOf,
} from '../../../rewrite/source-edit.ts';
import type { Edit, Fix, RuleContext } from '../../../rule.ts';
import type { Expression, MemberExpression, SourceFile, Statement } from '../../../typescript/syntax.ts';

export function fixLostUpdate(reliance: Reliance, { program }: RuleContext): Fix[] {
  const { read, write, columns } = reliance;
  const file = program.file(write.at.path);
  const [column] = columns;
  if (file === undefined || write.chain.length > 0 || read.at.path !== write.at.path) return [];
  if (reliance.form === 'key') return atomicKey(file, read, write);
  if (column === undefined || reliance.form === 'entity' || reliance.form === 'sequence') return [];
  const fixes = [
    ...atomicSql(file, read, write, column),
    ...atomicPrisma(file, read, write, column),
    ...atomicRepository(file, read, write, column),
  ];
  const isShared = sharedTransactions(read, write).length > 0;
  return [...fixes, ...(isShared ? lockRead(file, read) : lockInTransaction(file, reliance.fn, read, write))];
}

// ---------------------------------------------------------------- Prisma

/** `data: { n: row.n - 1 }` becomes `data: { n: { decrement: 1 } }`, with the guard in the `where`. */
function atomicPrisma(file: SourceFile, read: Operation, write: Operation, column: string): Fix[] {
  if (!/prisma|^shape:/.test(write.model) || write.name !== 'update') return [];
  const value = propertyValue(optionObject(file, write, 'data'), column);
  const change = changeOf(file, value, column);
  if (value === undefined || change === undefined) return [];
  const edits: Edit[] = [
    edit(file, value, `{ ${change.operator === '-' ? 'decrement' : 'increment'}: ${change.amount} }`),
  ];
  const requirement = requirementOn(file, read, write, column);
  if (requirement === undefined)
    return [{ id: 'atomic-update', title: `Let the database compute '${column}'`, applicability: 'safe', edits }];
  const where = optionObject(file, write, 'where');
  const operator = { '>=': 'gte', '>': 'gt', '<=': 'lte', '<': 'lt', '=': 'equals', '!=': 'not' }[requirement.operator];
  if (where === undefined || operator === undefined || propertyValue(where, column) !== undefined) return [];
  return [
    {
      id: 'conditional-update',
      title: `Let the database compute '${column}' and repeat the check in the where`,
      applicability: 'changes-behaviour',
      difference: 'When another run came first, the update rejects because no row matches.',
      edits: [...edits, addProperty(file, where, `${column}: { ${operator}: ${requirement.other} }`)],
    },
  ];
}

// ---------------------------------------------------------------- TypeORM

/** `repository.update(id, { n: row.n + 1 })`, or a mutation and `save`, becomes `repository.increment({ id }, 'n', 1)`. */
function atomicRepository(file: SourceFile, read: Operation, write: Operation, column: string): Fix[] {
  if (!write.model.startsWith('typeorm#Repository')) return [];
  const call = callAt(file, write.span);
  if (call?.callee.kind !== 'member') return [];
  const repository = textOf(file, call.callee.object);
  const target = write.name === 'save' ? savedEntity(file, read, write, column) : updatedRow(file, call.args, column);
  if (target === undefined) return write.name === 'save' ? atomicColumns(file, read, write, repository) : [];
  const { condition, change, edits } = target;
  const requirement = requirementOn(file, read, write, column);
  const quote = quoteOf(file);
  const method = change.operator === '-' ? 'decrement' : 'increment';
  const operators: Readonly<Record<string, string>> = {
    '>=': 'MoreThanOrEqual',
    '>': 'MoreThan',
    '<=': 'LessThanOrEqual',
    '<': 'LessThan',
  };
  if (requirement === undefined) {
    const text = `${repository}.${method}({ ${condition} }, ${quote}${column}${quote}, ${change.amount})`;
    return [
      {
        id: 'atomic-update',
        title: `Let the database compute '${column}'`,
        applicability: 'changes-behaviour',
        difference: 'Entity listeners and subscribers of the row do not run.',
        edits: [edit(file, call, text), ...edits],
      },
    ];
  }
  const operator = operators[requirement.operator];
  const outcome = afterOutcome(file, write, requirement, (name) => `!${name}.affected`);
  if (operator === undefined || outcome === undefined) return [];
  const imported = ensureImport(file, 'typeorm', operator, operator);
  const text = `${repository}.${method}({ ${condition}, ${column}: ${imported.name}(${requirement.other}) }, ${quote}${column}${quote}, ${change.amount})`;
  return [
    {
      id: 'conditional-update',
      title: `Let the database compute '${column}', with the check, and look at the outcome`,
      applicability: 'changes-behaviour',
      difference:
        'When another run came first, nothing is written; entity listeners and subscribers of the row do not run.',
      edits: [edit(file, call, text), ...edits, ...outcome, ...imported.edits],
    },
  ];
}

/** `row.a += x; row.b += y; await repository.save(row);`: one `increment` for each. */
function atomicColumns(file: SourceFile, read: Operation, write: Operation, repository: string): Fix[] {
  const call = callAt(file, write.span);
  const [entity] = call?.args ?? [];
  const own = ownStatement(file, write);
  if (entity?.kind !== 'identifier' || call === undefined || call.args.length !== 1 || own === undefined) return [];
  const assigned = assignmentsTo(file, read, write, entity.name);
  if (!areOnlyChanges(file, entity.name, read, assigned, write)) return [];
  const calls = assigned.map((statement) => {
    const column = assignsTo(statement, entity.name)?.name ?? '';
    const change = changeBy(file, statement, column);
    if (change === undefined || isBounded(read, write, column)) return undefined;
    const quoted = quoteOf(file) + column + quoteOf(file);
    const method = change.operator === '-' ? 'decrement' : 'increment';
    return `${repository}.${method}({ id: ${entity.name}.id }, ${quoted}, ${change.amount})`;
  });
  const [first, ...others] = calls.filter((text) => text !== undefined);
  if (first === undefined || others.length !== calls.length - 1) return [];
  const before = newlineOf(file) + indentationAt(file, own.start);
  const after = others.map((text) => `${before}await ${text}${semicolonOf(file)}`).join('');
  return [
    {
      id: 'atomic-update',
      title: 'Let the database compute the columns',
      applicability: 'changes-behaviour',
      difference: 'Each column is a statement of its own; entity listeners and subscribers of the row do not run.',
      edits: [
        edit(file, call, first),
        insert(file, own.end, after),
        ...assigned.map((statement) => edit(file, linesOf(file, statement), '')),
      ],
    },
  ];
}

interface Target {
  readonly condition: string;
  readonly change: { readonly operator: '+' | '-'; readonly amount: string };
  readonly edits: readonly Edit[];
}

function updatedRow(file: SourceFile, args: readonly Expression[], column: string): Target | undefined {
  const [which, data] = args;
  if (which === undefined || data?.kind !== 'object' || data.properties.length !== 1) return undefined;
  const change = changeOf(file, propertyValue(data, column), column);
  if (change === undefined) return undefined;
  const condition =
    which.kind === 'object' ? textOf(file, which).replace(/^\{\s*|,?\s*\}$/g, '') : `id: ${textOf(file, which)}`;
  return { condition, change, edits: [] };
}

/** `row.n -= amount;` somewhere before `await repository.save(row);`, and nothing else assigned to the row. */
function savedEntity(file: SourceFile, read: Operation, write: Operation, column: string): Target | undefined {
  const call = callAt(file, write.span);
  const [entity] = call?.args ?? [];
  const place = statementAround(file, write.span);
  if (entity?.kind !== 'identifier' || call?.args.length !== 1 || place === undefined) return undefined;
  const assigned = assignmentsTo(file, read, write, entity.name);
  const [only] = assigned;
  const change = only === undefined ? undefined : changeBy(file, only, column);
  if (assigned.length !== 1 || only === undefined || change === undefined) return undefined;
  if (!areOnlyChanges(file, entity.name, read, assigned, write)) return undefined;
  return { condition: `id: ${entity.name}.id`, change, edits: [edit(file, linesOf(file, only), '')] };
}

/**
 * The save stores nothing else, and nobody looks at the values that the program computed: the entity is only read
 * before its changes, and is not mentioned between them and the save, nor after it.
 */
function areOnlyChanges(
  file: SourceFile,
  entity: string,
  read: Operation,
  changes: readonly Statement[],
  write: Operation,
): boolean {
  const inOrder = [...changes].sort((a, b) => a.start - b.start);
  const [change] = inOrder;
  if (change === undefined || ownStatement(file, write) === undefined) return false;
  const end = functionAround(file, write.span)?.bodySpan.end ?? file.text.length;
  const mention = new RegExp(`(?<![.\\w$])${entity.replaceAll('$', '\\$')}(?![\\w$])`);
  const gaps = inOrder.map((each, index) => file.text.slice(each.end, inOrder[index + 1]?.start ?? write.span.start));
  if (gaps.some((gap) => mention.test(gap))) return false;
  if (mention.test(file.text.slice(write.span.end, end))) return false;
  const before = file.text.slice(read.span.end, change.start);
  return [...before.matchAll(new RegExp(mention, 'g'))].every(({ index }) => {
    const next = before.slice(index + entity.length);
    // `wallet.owner` and no assignment or method of it; `!wallet`, `wallet === null`.
    if (/^\??(\.[\w$]+)+(?![\w$.])/.test(next))
      return !/^\??(\.[\w$]+)+\s*(=(?!=)|[-+*/%|&?]+=|\+\+|--|\(|\[)/.test(next);
    return /^\s*[=!]==?/.test(next) || /(!|\bif\s*\()$/.test(before.slice(0, index));
  });
}

/** Assignments to the row's columns between the read and the write. */
function assignmentsTo(file: SourceFile, read: Operation, write: Operation, name: string): Statement[] {
  const before = enclosingStatements(file, write.span).flatMap(({ siblings, index }) => siblings.slice(0, index));
  return before.filter((statement) => statement.start > read.span.end && assignsTo(statement, name) !== undefined);
}

function assignsTo(statement: Statement, name: string): MemberExpression | undefined {
  if (statement.kind !== 'expression' || statement.expression.kind !== 'assign') return undefined;
  const { target } = statement.expression;
  return target.kind === 'member' && target.object.kind === 'identifier' && target.object.name === name
    ? target
    : undefined;
}

function changeBy(file: SourceFile, statement: Statement, column: string): Target['change'] | undefined {
  if (statement.kind !== 'expression' || statement.expression.kind !== 'assign') return undefined;
  const { target, operator, value } = statement.expression;
  if (target.kind !== 'member' || target.name !== column) return undefined;
  if (operator === '++' || operator === '--') return { operator: operator === '++' ? '+' : '-', amount: '1' };
  if (value === undefined) return undefined;
  if (operator === '+=' && isText(file, value)) return undefined;
  if (operator === '+=' || operator === '-=')
    return { operator: operator === '+=' ? '+' : '-', amount: textOf(file, value) };
  return operator === '=' ? changeOf(file, value, column) : undefined;
}

// ---------------------------------------------------------------- keys

/** `redis.set(key, Number(n) + 1)` becomes `redis.incrby(key, 1)`; only where the key has no expiry to renew. */
function atomicKey(file: SourceFile, read: Operation, write: Operation): Fix[] {
  const call = callAt(file, write.span);
  const [key, value] = call?.args ?? [];
  if (
    call?.callee.kind !== 'member' ||
    call.args.length !== 2 ||
    key === undefined ||
    value === undefined ||
    write.name !== 'set'
  )
    return [];
  const sum = unwrapped(value);
  if (sum.kind !== 'binary' || (sum.operator !== '+' && sum.operator !== '-')) return [];
  const isLeft = isNumberRead(file, sum.left, read);
  if (!isLeft && (sum.operator === '-' || !isNumberRead(file, sum.right, read))) return [];
  const amount = isLeft ? sum.right : sum.left;
  if (isText(file, amount)) return [];
  const method = write.model.startsWith('ioredis')
    ? sum.operator === '+'
      ? 'incrby'
      : 'decrby'
    : sum.operator === '+'
      ? 'incrBy'
      : 'decrBy';
  if (!/^(ioredis|redis|@redis)/.test(write.model)) return [];
  const text = `${textOf(file, call.callee.object)}.${method}(${textOf(file, key)}, ${textOf(file, amount)})`;
  const fix = {
    id: 'atomic-increment',
    title: `Let Redis compute the value with '${method}'`,
    edits: [edit(file, call, text)],
  } as const;
  const isWhole = amount.kind === 'literal' && Number.isInteger(amount.value);
  return isWhole
    ? [{ ...fix, applicability: 'safe' }]
    : [{ ...fix, applicability: 'changes-behaviour', difference: 'What is added has to be a whole number.' }];
}

/** The number that was read and nothing computed from it: `Number(await redis.get(key))`, 0 for a key that is missing. */
function isNumberRead(file: SourceFile, value: Expression, read: Operation): boolean {
  switch (value.kind) {
    case 'call': {
      const [text] = value.args;
      const name = value.callee.kind === 'identifier' || value.callee.kind === 'member' ? value.callee.name : '';
      return /^(Number|parseInt)$/.test(name) && text !== undefined && isRead(file, text, read);
    }
    case 'unary':
      return value.operator === '+' && isRead(file, value.operand, read);
    case 'logical':
      return value.operator !== '&&' && isNumberRead(file, value.left, read) && isZero(value.right);
    case 'conditional':
      return (
        (isNumberRead(file, value.then, read) && isZero(value.else)) ||
        (isNumberRead(file, value.else, read) && isZero(value.then))
      );
    case 'identifier': {
      const initializer = constant(file, value.variable);
      return initializer !== undefined && isNumberRead(file, initializer, read);
    }
    default:
      return false;
  }
}

/** The text that was read, or 0. */
function isRead(file: SourceFile, value: Expression, read: Operation): boolean {
  if (value.kind === 'await') return value.operand.start === read.span.start && value.operand.end === read.span.end;
  if (value.kind === 'logical') return value.operator !== '&&' && isRead(file, value.left, read) && isZero(value.right);
  const initializer = value.kind === 'identifier' ? constant(file, value.variable) : undefined;
  return initializer !== undefined && isRead(file, initializer, read);
}

function isZero(value: Expression): boolean {
  return value.kind === 'literal' && (value.value === 0 || value.value === '0');
}

function constant(file: SourceFile, index: number | undefined): Expression | undefined {
  const variable = index === undefined ? undefined : file.variables[index];
  return variable === undefined || variable.reassigned ? undefined : variable.initializer;
}

/** `String(n + 1)`, `(n + 1).toString()`, `` `${n + 1}` ``. */
function unwrapped(value: Expression): Expression {
  if (value.kind === 'call' && value.callee.kind === 'identifier' && value.callee.name === 'String')
    return value.args[0] ?? value;
  if (value.kind === 'call' && value.callee.kind === 'member' && value.callee.name === 'toString')
    return value.callee.object;
  if (value.kind === 'template' && value.holes.length === 1 && value.parts.every((part) => part === ''))
    return value.holes[0] ?? value;
  return value;
}
