/** Names what the write gives and throws when no row was changed, in the words of each library. */

import type { ProgramFacts } from '../../../analysis/program.ts';
import type { DatabaseOperation } from '../../../analysis/protection.ts';
import { placeOf } from '../../../analysis/trace.ts';
import {
  callAt,
  freshName,
  indentationAt,
  insert,
  insertAfter,
  newlineOf,
  quoteOf,
  semicolonOf,
  statementAround,
} from '../../../rewrite/source-edit.ts';
import type { Edit, Fix, RuleContext } from '../../../rule.ts';
import type { CallExpression, SourceFile } from '../../../typescript/syntax.ts';
import type { UncheckedWrite } from './evidence.ts';

/** How a library says how many rows were changed. */
interface Count {
  /** What the result is put into. */
  readonly pattern: (name: string) => string;
  /** Holds when no row was changed. */
  readonly isNone: (name: string) => string;
  /** Makes the call report it. */
  readonly before?: readonly Edit[];
}

export function fixUncheckedWrite({ write }: UncheckedWrite, { program }: RuleContext): readonly Fix[] {
  const at = placeOf(write);
  const file = program.file(at.path);
  const statement = file === undefined ? undefined : statementAround(file, at)?.statement;
  if (file === undefined || statement?.kind !== 'expression') return [];
  const { expression } = statement;
  const call = callAt(file, write.chain.length === 0 ? write.span : at);
  // What a synchronous driver gives is there without waiting.
  const made = expression.kind === 'await' ? expression.operand : isSynchronous(write) ? expression : undefined;
  if (call === undefined || made !== call) return [];
  const count = write.chain.length === 0 ? countOf(file, write, call) : countOfHelper(file, write, call, program);
  if (count === undefined) return [];
  const name = freshName(file, write.effect.action === 'delete' ? 'deleted' : 'updated');
  const quote = quoteOf(file);
  const end = semicolonOf(file);
  return [
    {
      id: 'check-count',
      title: 'Fail when no row was changed',
      applicability: 'changes-behaviour',
      difference: 'When another run came first, an error is thrown and the code after it is not reached.',
      edits: [
        insert(file, statement.start, `const ${count.pattern(name)} = `),
        ...(count.before ?? []),
        insertAfter(file, statement, [
          `if (${count.isNone(name)}) throw new Error(${quote}The row has changed in the meantime${quote})${end}`,
        ]),
      ],
    },
  ];
}

function isSynchronous({ model }: DatabaseOperation): boolean {
  return /^better-sqlite3\W/.test(model);
}

function countOf(file: SourceFile, write: DatabaseOperation, call: CallExpression): Count | undefined {
  const { model, name } = write;
  const field = (property: string): Count => ({ pattern: same, isNone: (value) => `${value}.${property} === 0` });
  const number: Count = { pattern: same, isNone: (value) => `${value} === 0` };
  if (/^(sequelize|@sequelize\/core)\W/.test(model))
    return write.effect.action === 'delete'
      ? number
      : { pattern: (value) => `[${value}]`, isNone: (value) => `${value} === 0` };
  if (/^typeorm\W/.test(model)) return field('affected');
  if (/^(knex|objection)\W/.test(model)) return /returning/i.test(name) ? field('length') : number;
  if (/^(mongoose|mongodb)\W/.test(model)) return mongo(write);
  if (/^kysely\W/.test(model)) return kysely(write, call);
  if (/^drizzle/.test(model)) return drizzle(file, call);
  if (/^(@mikro-orm\/\w+|mikro-orm)\W/.test(model)) return /^native/.test(name) ? number : undefined;
  if (/^postgres\W/.test(model)) return field('count');
  if (/^slonik\W/.test(model)) return field('rowCount');
  if (/^mysql2\W/.test(model))
    return { pattern: (value) => `[${value}]`, isNone: (value) => `${value}.affectedRows === 0` };
  if (isSynchronous(write)) return field('changes');
  if (model.startsWith('@supabase/') && !write.effect.reportsAffected)
    return {
      pattern: same,
      isNone: (value) => `!${value}.data?.length`,
      before: [insert(file, call.end, '.select()')],
    };
  if (/^pg(-pool)?\W/.test(model)) return field('rowCount');
  if (/prisma/i.test(model) || /^(updateMany|deleteMany)$/.test(name))
    return write.effect.sql === undefined ? field('count') : number;
  // SQL text through something that looks like a `pg` client.
  if (write.effect.sql !== undefined && name === 'query' && /\$\d/.test(write.effect.sql.text))
    return field('rowCount');
  return undefined;
}

/** A helper that hands on what the library gives, or the number itself. */
function countOfHelper(
  file: SourceFile,
  write: DatabaseOperation,
  call: CallExpression,
  program: ProgramFacts,
): Count | undefined {
  const returns = program.factsOf(write.fn)?.returns;
  if (returns?.kind !== 'result' || returns.operation.at.start !== write.at.start) return undefined;
  const [property, more] = returns.path;
  if (property === undefined) return /^(kysely|drizzle)/.test(write.model) ? undefined : countOf(file, write, call);
  return more === undefined &&
    /^(rowCount|affected|count|length|modifiedCount|matchedCount|deletedCount)$/.test(property)
    ? { pattern: same, isNone: (value) => `${value} === 0` }
    : undefined;
}

function same(name: string): string {
  return name;
}

function mongo({ name }: DatabaseOperation): Count | undefined {
  if (/^(findOneAnd|findByIdAnd)/.test(name)) return { pattern: same, isNone: (value) => `${value} === null` };
  if (/^delete/.test(name)) return { pattern: same, isNone: (value) => `${value}.deletedCount === 0` };
  return /^(update|replace)/.test(name)
    ? { pattern: same, isNone: (value) => `${value}.matchedCount === 0` }
    : undefined;
}

function kysely({ name, effect }: DatabaseOperation, call: CallExpression): Count | undefined {
  if (call.nameAt === undefined) return undefined;
  const property = effect.action === 'delete' ? 'numDeletedRows' : 'numUpdatedRows';
  if (name === 'executeTakeFirst') return { pattern: same, isNone: (value) => `${value}.${property} === 0n` };
  return name === 'execute'
    ? { pattern: (value) => `[${value}]`, isNone: (value) => `${value}?.${property} === 0n` }
    : undefined;
}

/** `.returning()` gives the rows whatever the driver. */
function drizzle(file: SourceFile, call: CallExpression): Count | undefined {
  const isGiven = /\.returning\(/.test(file.text.slice(call.start, call.end));
  const isBroken = file.text.slice(call.start, call.end).includes('\n');
  const text = isBroken ? `${newlineOf(file)}${indentationAt(file, call.end)}.returning()` : '.returning()';
  return {
    pattern: same,
    isNone: (value) => `${value}.length === 0`,
    ...(isGiven ? {} : { before: [insert(file, call.end, text)] }),
  };
}
