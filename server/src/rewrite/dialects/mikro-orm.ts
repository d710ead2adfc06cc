/** MikroORM: locks of the identity map's rows, transactions of the entity manager. */
import type { SourceFile } from '../../typescript/syntax.ts';
import { receiverOf } from '../call-chain.ts';
import { addOption, objectAt, propertyValue } from '../object-edit.ts';
import { ensureNamedImport, insert, scopedName, textOf } from '../source-edit.ts';
import { clientBlock, type Dialect, type Isolation, type Site, type TransactionBlock } from './dialect.ts';

export const mikroOrmDialect: Dialect = {
  speaks: ({ model }) => /^@mikro-orm\//.test(model),
  lock({ file, call, operation }) {
    if (!/^findOne(OrFail)?$/.test(operation.name)) return undefined;
    // `em.findOne(Entity, where, options)`, `repository.findOne(where, options)`.
    const argument = operation.model.includes('Repository.') ? 1 : 2;
    if (propertyValue(objectAt(call, argument), 'lockMode') !== undefined) return undefined;
    const mode = ensureNamedImport(file, moduleOf(file), 'LockMode');
    const option = addOption(file, call, argument, `lockMode: ${mode.name}.PESSIMISTIC_WRITE`);
    return option === undefined ? undefined : [option, ...mode.edits];
  },
  isolate(file, opening) {
    const [first] = opening.args;
    if (opening.args.length !== 1 || first?.kind !== 'function') return undefined;
    const level = ensureNamedImport(file, moduleOf(file), 'IsolationLevel');
    return [insert(file, first.end, `, { isolationLevel: ${level.name}.SERIALIZABLE }`), ...level.edits];
  },
  transaction: block,
};

/** The entity manager's: what is changed inside is flushed at the end. */
function block(read: Site, _write: Site, isolation: Isolation): TransactionBlock | undefined {
  const { file, operation, call } = read;
  const manager = receiverOf(call);
  if (manager === undefined || !/EntityManager\./.test(operation.model) || operation.transactions.length > 0)
    return undefined;
  if (manager.kind !== 'member' && manager.kind !== 'identifier') return undefined;
  const name = scopedName(file, call, ['em', 'tx', 'transactional']);
  const level = isolation === 'serializable' ? ensureNamedImport(file, moduleOf(file), 'IsolationLevel') : undefined;
  return clientBlock(read, isolation, receiverOf, {
    client: manager,
    name,
    open: `${textOf(file, manager)}.transactional(async (${name}) => {`,
    close: level === undefined ? '})' : `}, { isolationLevel: ${level.name}.SERIALIZABLE })`,
    imports: level?.edits ?? [],
    lock: mikroOrmDialect.lock,
  });
}

/** The driver's package exports what the core does. */
function moduleOf(file: SourceFile): string {
  return file.imports.find(({ module }) => module.startsWith('@mikro-orm/'))?.module ?? '@mikro-orm/core';
}
