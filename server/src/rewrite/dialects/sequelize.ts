/** Sequelize: `increment`, a `where` and the affected count, `lock`, managed transactions. */
import type { Edit } from '../../rule.ts';
import type { CallExpression, Expression, ObjectExpression, SourceFile } from '../../typescript/syntax.ts';
import { receiverOf } from '../call-chain.ts';
import { type Change, signed } from '../column-change.ts';
import type { Requirement } from '../guard-text.ts';
import { addOption, addProperty, objectAt, optionObject, propertyValue, replaceValue } from '../object-edit.ts';
import { distinct, edit, ensureNamedImport, insert, quoteOf, scopedName, textOf } from '../source-edit.ts';
import { allOf, blockKind, type Dialect, type Isolation, type Site, type TransactionBlock } from './dialect.ts';

export const sequelizeDialect: Dialect = {
  speaks: ({ model }) => model.startsWith('sequelize#'),
  data: ({ call, operation }) => (operation.name === 'update' ? objectAt(call, 0) : undefined),
  relative({ file, call, operation }, column, change, _value, isChecked) {
    const data = objectAt(call, 0);
    // What `increment` gives differs between databases.
    if (isChecked) return undefined;
    if (operation.name !== 'update' || data?.properties.length !== 1 || call.nameAt === undefined) return undefined;
    const replaced = replaceValue(file, data, column, change.amount);
    return replaced === undefined ? undefined : [edit(file, call.nameAt, methodOf(change)), replaced];
  },
  lockRows({ file, call }, column, keys) {
    const model = receiverOf(call);
    const given = call.args.map((_, index) => propertyValue(objectAt(call, index), 'transaction')).find(Boolean);
    if (model?.kind !== 'identifier' || !/^[A-Z]/.test(model.name) || given === undefined) return undefined;
    const text = textOf(file, given);
    const transaction = text === 'transaction' ? text : `transaction: ${text}`;
    const quote = quoteOf(file);
    const options = `where: { ${column}: [${keys.join(', ')}] }, order: [${quote}${column}${quote}], lock: true, ${transaction}`;
    return { line: `await ${model.name}.findAll({ ${options} })`, edits: [] };
  },
  relativeDifference: 'Hooks and validations of the row do not run.',
  incrementRow({ file, call }, row, _read, changes, requirement) {
    // An instance takes no condition.
    if (requirement !== undefined) return undefined;
    const amounts = changes.map(({ column, change }) => `${column}: ${signed(change)}`);
    const options = call.args[0] === undefined ? '' : `, ${textOf(file, call.args[0])}`;
    return { calls: [`${row}.increment({ ${amounts.join(', ')} }${options})`], edits: [] };
  },
  condition({ file, call, operation }, requirements) {
    const where = whereOf(call, operation.name);
    const written = allOf(requirements.map((requirement) => operatorText(file, requirement)));
    if (written === undefined || where === undefined) return undefined;
    if (requirements.some(({ column }) => propertyValue(where, column) !== undefined)) return undefined;
    return [
      ...requirements.map(({ column }, index) => addProperty(file, where, `${column}: ${written[index]?.text}`)),
      ...distinct(written.flatMap(({ edits }) => edits)),
    ];
  },
  outcome({ call, operation }) {
    if (whereOf(call, operation.name) === undefined) return undefined;
    if (operation.name === 'update') return { isNothing: (name) => `${name}[0] === 0`, edits: [] };
    return operation.name === 'destroy' ? { isNothing: (name) => `${name} === 0`, edits: [] } : undefined;
  },
  lock,
  isolate(file, opening) {
    const [first] = opening.args;
    if (opening.args.length !== 1 || first?.kind !== 'function') return undefined;
    const level = isolationLevel(file);
    return [insert(file, first.start, `{ isolationLevel: ${level.text} }, `), ...level.edits];
  },
  transaction: block,
};

function methodOf({ operator }: Change): string {
  return operator === '-' ? 'decrement' : 'increment';
}

/** Of the static members: an instance's `update` and `destroy` take no condition. */
function whereOf(call: CallExpression, name: string): ObjectExpression | undefined {
  return optionObject(call, name === 'update' || name === 'increment' || name === 'decrement' ? 1 : 0, 'where');
}

const OPERATORS: Readonly<Record<string, string>> = { '>=': 'gte', '>': 'gt', '<=': 'lte', '<': 'lt', '!=': 'ne' };

function operatorText(
  file: SourceFile,
  { operator, other }: Requirement,
): { text: string; edits: readonly Edit[] } | undefined {
  if (operator === '=') return { text: other, edits: [] };
  if (operator === 'null' || operator === 'true' || operator === 'false') return { text: operator, edits: [] };
  const name = operator === 'not null' ? 'ne' : OPERATORS[operator];
  if (name === undefined) return undefined;
  const imported = ensureNamedImport(file, 'sequelize', 'Op');
  const text = `{ [${imported.name}.${name}]: ${operator === 'not null' ? 'null' : other} }`;
  return { text, edits: imported.edits };
}

// ---------------------------------------------------------------- locks and transactions

/** Sequelize's options stand after the key, or are the only argument. */
function optionsArgument(name: string): number {
  return /^(findByPk|create|bulkCreate|update|upsert|increment|decrement)$/.test(name) ? 1 : 0;
}

/** With `of`, because finders of a scope may join other tables, whose rows PostgreSQL cannot lock in an outer join. */
function lock({ file, call, operation }: Site): Edit[] | undefined {
  if (!/^find(One|ByPk|All)$/.test(operation.name)) return undefined;
  const options = objectAt(call, optionsArgument(operation.name));
  const model = receiverOf(call);
  if (options === undefined || model?.kind !== 'identifier' || propertyValue(options, 'lock') !== undefined)
    return undefined;
  const transaction = propertyValue(options, 'transaction');
  if (transaction?.kind !== 'identifier' && transaction?.kind !== 'member') return undefined;
  const mode = `${textOf(file, transaction)}.LOCK.UPDATE`;
  return [addProperty(file, options, `lock: { level: ${mode}, of: ${model.name} }`)];
}

function isolationLevel(file: SourceFile): { text: string; edits: readonly Edit[] } {
  const { name, edits } = ensureNamedImport(file, 'sequelize', 'Transaction');
  return { text: `${name}.ISOLATION_LEVELS.SERIALIZABLE`, edits };
}

/** The instance that opens transactions elsewhere in the file, or a variable of that name. */
function connectionOf(file: SourceFile): string | undefined {
  const opening = file.calls.find(
    ({ callee }) =>
      callee.kind === 'member' && callee.name === 'transaction' && /sequelize$/i.test(nameOf(callee.object)),
  );
  const receiver = receiverOf(opening);
  if (receiver !== undefined) return textOf(file, receiver);
  return file.variables.find(({ name, fn, kind }) => fn === 0 && kind !== 'class' && /^sequelize$/.test(name))?.name;
}

function nameOf(expression: Expression): string {
  return expression.kind === 'identifier' || expression.kind === 'member' ? expression.name : '';
}

function block(read: Site, _write: Site, isolation: Isolation): TransactionBlock | undefined {
  const { file } = read;
  const connection = connectionOf(file);
  const model = receiverOf(read.call);
  if (connection === undefined || model?.kind !== 'identifier') return undefined;
  const name = scopedName(file, read.call, ['transaction', 't', 'trx']);
  const given = name === 'transaction' ? 'transaction' : `transaction: ${name}`;
  const level = isolation === 'serializable' ? isolationLevel(file) : undefined;
  const options = level === undefined ? '' : `{ isolationLevel: ${level.text} }, `;
  return {
    kind: blockKind(isolation),
    client: connection,
    name,
    open: `${connection}.transaction(${options}async (${name}) => {`,
    close: '})',
    first: [],
    send({ operation, call }) {
      if (operation.transactions.length > 0 || !operation.model.startsWith('sequelize#')) return undefined;
      const isRead = operation === read.operation && isolation === 'row-lock';
      const text = isRead ? `${given}, lock: ${name}.LOCK.UPDATE` : given;
      const argument =
        operation.model === 'sequelize#Model.save' || call.args.length === 0 ? 0 : optionsArgument(operation.name);
      if (call.args.length === 0 && call.argsSpan !== undefined)
        return [insert(file, call.argsSpan.start, `{ ${text} }`)];
      const option = addOption(file, call, argument, text);
      return option === undefined ? undefined : [option];
    },
    imports: level?.edits ?? [],
  };
}
