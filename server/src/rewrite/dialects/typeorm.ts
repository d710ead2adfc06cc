/** TypeORM: repositories and entity managers; `increment`, criteria with operators, `affected`, pessimistic locks. */
import type { Edit } from '../../rule.ts';
import type { CallExpression, Expression, ObjectExpression, SourceFile } from '../../typescript/syntax.ts';
import { linkNamed, linksOf, receiverOf } from '../call-chain.ts';
import type { Change } from '../column-change.ts';
import type { Requirement } from '../guard-text.ts';
import { addProperty, objectAt, propertyValue } from '../object-edit.ts';
import {
  distinct,
  edit,
  ensureImport,
  ensureNamedImport,
  insert,
  linkBefore,
  quoteOf,
  scopedName,
  textOf,
} from '../source-edit.ts';
import {
  allOf,
  blockKind,
  type ColumnChange,
  type Dialect,
  type Isolation,
  type Site,
  type TransactionBlock,
} from './dialect.ts';

export const typeormDialect: Dialect = {
  speaks: ({ model }) => model.startsWith('typeorm#'),
  data: dataOf,
  relative(site, column, change, value) {
    const { file, call } = site;
    const data = dataOf(site);
    const which = call.args[entityArguments(site)];
    // `increment` changes one column.
    if (site.operation.name !== 'update' || data?.properties.length !== 1 || which === undefined) return undefined;
    if (propertyValue(data, column) !== value || call.nameAt === undefined) return undefined;
    const quote = quoteOf(file);
    const key = textOf(file, which);
    const criteria = which.kind === 'object' ? [] : [edit(file, which, key === 'id' ? '{ id }' : `{ id: ${key} }`)];
    return [
      edit(file, call.nameAt, methodOf(change)),
      ...criteria,
      edit(file, data, `${quote}${column}${quote}, ${change.amount}`),
    ];
  },
  relativeDifference: 'Entity listeners and subscribers of the row do not run.',
  // One column for each call.
  incrementRow({ file, operation, call }, row, _read, [first, ...others], requirement) {
    const repository = receiverOf(call);
    if (!operation.model.startsWith('typeorm#Repository') || repository === undefined || first === undefined)
      return undefined;
    const condition = requirement === undefined ? undefined : operatorText(file, requirement);
    if (requirement !== undefined && (condition === undefined || others.length > 0)) return undefined;
    const quote = quoteOf(file);
    const criteria = condition === undefined ? '' : `, ${first.column}: ${condition.text}`;
    const callFor = ({ column, change }: ColumnChange): string =>
      `${textOf(file, repository)}.${methodOf(change)}({ id: ${row}.id${criteria} }, ${quote}${column}${quote}, ${change.amount})`;
    return {
      calls: [callFor(first), ...others.map(callFor)],
      edits: condition?.edits ?? [],
      isNothing: (name) => `!${name}.affected`,
    };
  },
  lockRows({ file, call, operation }, column, keys) {
    const table = operation.effect.kind === 'database' ? operation.effect.table : undefined;
    if (call.callee.kind !== 'member' || table === undefined) return undefined;
    const isManager = operation.model.startsWith('typeorm#EntityManager.');
    if (isManager && !file.variables.some(({ fn, name }) => fn === 0 && name === table)) return undefined;
    const quote = quoteOf(file);
    const among = ensureImport(file, 'typeorm', 'In', 'In');
    const options = `{ where: { ${column}: ${among.name}([${keys.join(', ')}]) }, order: { ${column}: ${quote}ASC${quote} }, lock: { mode: ${quote}pessimistic_write${quote} } }`;
    return {
      line: `await ${textOf(file, call.callee.object)}.find(${isManager ? `${table}, ` : ''}${options})`,
      edits: among.edits,
    };
  },
  condition(site, requirements) {
    const { file, call, operation } = site;
    if (!/^(update|increment|decrement|delete|softDelete)$/.test(operation.name)) return undefined;
    const which = call.args[entityArguments(site)];
    const written = allOf(requirements.map((requirement) => operatorText(file, requirement)));
    if (which === undefined || written === undefined || linksOf(call).at(-1)?.name !== operation.name) return undefined;
    if (requirements.some(({ column }) => which.kind === 'object' && propertyValue(which, column) !== undefined))
      return undefined;
    const text = requirements.map(({ column }, index) => `${column}: ${written[index]?.text}`).join(', ');
    const key = textOf(file, which);
    const criteria =
      which.kind === 'object'
        ? addProperty(file, which, text)
        : edit(file, which, key === 'id' ? `{ id, ${text} }` : `{ id: ${key}, ${text} }`);
    return [criteria, ...distinct(written.flatMap(({ edits }) => edits))];
  },
  outcome: ({ operation }) =>
    /^(update|increment|decrement|delete|softDelete)$/.test(operation.name)
      ? { isNothing: (name) => `!${name}.affected`, edits: [] }
      : undefined,
  lock,
  isolate(file, opening) {
    const [first] = opening.args;
    if (opening.args.length !== 1 || first?.kind !== 'function') return undefined;
    return [insert(file, first.start, `${quoteOf(file)}SERIALIZABLE${quoteOf(file)}, `)];
  },
  transaction: block,
};

/** `manager.update(Entity, criteria, data)` begins with the entity, `repository.update(criteria, data)` does not. */
function entityArguments({ operation }: Site): number {
  return /^typeorm#(Mongo)?EntityManager\./.test(operation.model) ? 1 : 0;
}

function dataOf(site: Site): ObjectExpression | undefined {
  if (site.operation.name === 'update') return objectAt(site.call, entityArguments(site) + 1);
  return objectAt(linkNamed(site.call, 'set'), 0);
}

function methodOf({ operator }: Change): string {
  return operator === '-' ? 'decrement' : 'increment';
}

const OPERATORS: Readonly<Record<string, string>> = {
  '>=': 'MoreThanOrEqual',
  '>': 'MoreThan',
  '<=': 'LessThanOrEqual',
  '<': 'LessThan',
  '!=': 'Not',
};

function operatorText(
  file: SourceFile,
  { operator, other }: Requirement,
): { text: string; edits: readonly Edit[] } | undefined {
  if (operator === '=') return { text: other, edits: [] };
  if (operator === 'true' || operator === 'false') return { text: operator, edits: [] };
  if (operator === 'null') {
    const imported = ensureNamedImport(file, 'typeorm', 'IsNull');
    return { text: `${imported.name}()`, edits: imported.edits };
  }
  const name = OPERATORS[operator];
  if (name === undefined) return undefined;
  const imported = ensureNamedImport(file, 'typeorm', name);
  return { text: `${imported.name}(${other})`, edits: imported.edits };
}

// ---------------------------------------------------------------- locks and transactions

function lock({ file, operation, call }: Site): Edit[] | undefined {
  const mode = `lock: { mode: ${quoteOf(file)}pessimistic_write${quoteOf(file)} }`;
  if (/^get(One|OneOrFail|Many)$/.test(operation.name)) return lockBuilder(file, call);
  const options = call.args.at(-1);
  if (options === undefined || call.nameAt === undefined) return undefined;
  if (/^findOneBy(OrFail)?$/.test(operation.name) || operation.name === 'findBy') {
    const name = operation.name.replace('By', '');
    return [edit(file, call.nameAt, name), edit(file, options, `{ where: ${textOf(file, options)}, ${mode} }`)];
  }
  if (!/^(findOne(OrFail)?|find)$/.test(operation.name) || options.kind !== 'object') return undefined;
  // PostgreSQL locks no row of the side of an outer join that may be missing.
  if (['lock', 'relations'].some((name) => propertyValue(options, name) !== undefined)) return undefined;
  return [addProperty(file, options, mode)];
}

function lockBuilder(file: SourceFile, call: CallExpression): Edit[] | undefined {
  const links = linksOf(call);
  if (links.some(({ name }) => /^(left|setLock)/.test(name)) || call.nameAt === undefined) return undefined;
  return [linkBefore(file, call, `.setLock(${quoteOf(file)}pessimistic_write${quoteOf(file)})`)];
}

/** `this.orders`, a repository, brings its manager along. */
function repositoryOf({ file, operation, call }: Site): { text: string; at: Expression } | undefined {
  const repository = receiverOf(call);
  if (!operation.model.startsWith('typeorm#Repository.') || operation.transactions.length > 0) return undefined;
  return repository?.kind === 'identifier' || repository?.kind === 'member'
    ? { text: textOf(file, repository), at: repository }
    : undefined;
}

function block(read: Site, write: Site, isolation: Isolation): TransactionBlock | undefined {
  const { file } = read;
  const repository = repositoryOf(read);
  if (repository === undefined || repositoryOf(write)?.text !== repository.text) return undefined;
  const manager = scopedName(file, read.call, ['manager', 'entityManager', 'transactionManager']);
  const quote = quoteOf(file);
  const level = isolation === 'serializable' ? `${quote}SERIALIZABLE${quote}, ` : '';
  return {
    kind: blockKind(isolation),
    client: repository.text,
    name: manager,
    open: `${repository.text}.manager.transaction(${level}async (${manager}) => {`,
    close: '})',
    first: [],
    send(site) {
      const own = repositoryOf(site);
      const locked = site.operation === read.operation && isolation === 'row-lock' ? lock(site) : [];
      if (own === undefined || locked === undefined) return undefined;
      return [edit(file, own.at, `${manager}.withRepository(${own.text})`), ...locked];
    },
    imports: [],
  };
}
