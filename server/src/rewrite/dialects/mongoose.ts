/** Mongoose and MongoDB's driver: `$inc`, conditions in the filter, the modified count. A document is updated at once. */
import type { Operation } from '../../analysis/fact.ts';
import type { CallExpression, ObjectExpression } from '../../typescript/syntax.ts';
import { receiverOf } from '../call-chain.ts';
import { signed } from '../column-change.ts';
import type { Requirement } from '../guard-text.ts';
import { addProperty, objectAt, propertyValue } from '../object-edit.ts';
import { callAt, edit, textOf } from '../source-edit.ts';
import { allOf, type Dialect } from './dialect.ts';

const FILTERED = /^(updateOne|updateMany|findOneAndUpdate|deleteOne|deleteMany|findOneAndDelete)$/;

export const mongooseDialect: Dialect = {
  speaks: ({ model }) => /^(mongoose|mongodb)#/.test(model),
  data: ({ call, operation }) => dataOf(call, operation),
  relative({ file, call, operation }, column, change, value) {
    const data = dataOf(call, operation);
    const all = objectAt(call, 1);
    if (data === undefined || all === undefined || propertyValue(data, column) !== value) return undefined;
    if (propertyValue(all, '$inc') !== undefined) return undefined;
    const increment = `$inc: { ${column}: ${signed(change)} }`;
    const property = data.properties.find((part) => part.kind === 'property' && part.key === column);
    if (property === undefined) return undefined;
    if (data === all) return [edit(file, property.span, increment)];
    const set = all.properties.find((part) => part.kind === 'property' && part.value === data);
    return data.properties.length === 1 && set !== undefined ? [edit(file, set.span, increment)] : undefined;
  },
  incrementRow({ file, call }, row, read, changes, requirement) {
    const model = receiverOf(callAt(file, read.span));
    const condition = requirement === undefined ? undefined : conditionText(requirement);
    if (model === undefined || read.chain.length > 0 || (requirement !== undefined && condition === undefined))
      return undefined;
    const amounts = changes.map(({ column, change }) => `${column}: ${signed(change)}`);
    const options = call.args[0] === undefined ? '' : `, ${textOf(file, call.args[0])}`;
    const filter = `_id: ${row}._id${condition === undefined ? '' : `, ${requirement?.column}: ${condition}`}`;
    return {
      calls: [`${textOf(file, model)}.updateOne({ ${filter} }, { $inc: { ${amounts.join(', ')} } }${options})`],
      edits: [],
      isNothing: (name) => `${name}.matchedCount === 0`,
    };
  },
  relativeDifference: 'Middleware and validation of saved documents do not run.',
  condition({ file, call, operation }, requirements) {
    const texts = allOf(requirements.map(conditionText));
    if (texts === undefined || call.nameAt === undefined) return undefined;
    const conditions = requirements.map(({ column }, index) => `${column}: ${texts[index]}`);
    const [id] = call.args;
    const filtered = { findByIdAndUpdate: 'findOneAndUpdate', findByIdAndDelete: 'findOneAndDelete' }[operation.name];
    if (filtered !== undefined && id !== undefined) {
      const filter = `{ _id: ${textOf(file, id)}, ${conditions.join(', ')} }`;
      return [edit(file, call.nameAt, filtered), edit(file, id, filter)];
    }
    const filter = objectAt(call, 0);
    if (!FILTERED.test(operation.name) || filter === undefined) return undefined;
    if (requirements.some(({ column }) => propertyValue(filter, column) !== undefined)) return undefined;
    return conditions.map((condition) => addProperty(file, filter, condition));
  },
  outcome({ operation }) {
    if (/^update(One|Many)$/.test(operation.name))
      return { isNothing: (name) => `${name}.matchedCount === 0`, edits: [] };
    if (/^delete(One|Many)$/.test(operation.name))
      return { isNothing: (name) => `${name}.deletedCount === 0`, edits: [] };
    return /^find(One|ById)And(Update|Delete)$/.test(operation.name)
      ? { isNothing: (name) => `!${name}`, edits: [] }
      : undefined;
  },
};

/** `{ n }` and `{ $set: { n } }`. */
function dataOf(call: CallExpression, { name }: Operation): ObjectExpression | undefined {
  const data =
    /^(update|findOneAndUpdate|findByIdAndUpdate)/.test(name) || name.startsWith('find')
      ? objectAt(call, 1)
      : undefined;
  const set = propertyValue(data, '$set');
  return set?.kind === 'object' ? set : data;
}

const OPERATORS: Readonly<Record<string, string>> = { '>=': '$gte', '>': '$gt', '<=': '$lte', '<': '$lt', '!=': '$ne' };

function conditionText({ operator, other }: Requirement): string | undefined {
  if (operator === '=') return other;
  if (operator === 'null' || operator === 'true' || operator === 'false') return operator;
  if (operator === 'not null') return '{ $ne: null }';
  const name = OPERATORS[operator];
  return name === undefined ? undefined : `{ ${name}: ${other} }`;
}
