/** An outbox row beside the write; or, for a row that is of no use without the effect, taking it away again. */
import { placeOf } from '../../../analysis/trace.ts';
import { outboxBeside } from '../../../rewrite/outbox.ts';
import {
  callAt,
  edit,
  enclosingStatements,
  freshName,
  indentationAt,
  indentUnit,
  newlineOf,
  semicolonOf,
  textOf,
} from '../../../rewrite/source-edit.ts';
import type { Fix, RuleContext } from '../../../rule.ts';
import type { SourceFile } from '../../../typescript/syntax.ts';
import type { DualWrite } from './rule.ts';

export function fixDualWrite(evidence: DualWrite, { program }: RuleContext): readonly Fix[] {
  const { write, effect } = evidence;
  const at = placeOf(effect);
  const file = program.file(at.path);
  if (file === undefined) return [];
  const outbox = outboxBeside(file, write, effect);
  const compensated = removeAgain(file, evidence);
  return [outbox, compensated].filter((fix) => fix !== undefined);
}

/** `catch (error) { await row.destroy(); throw error; }` around the effect. */
function removeAgain(file: SourceFile, { write, effect, others }: DualWrite): Fix | undefined {
  if (write.effect.action !== 'insert' && write.effect.action !== 'save') return undefined;
  if (write.chain.length > 0 || others.length > 0 || write.transactions.length > 0 || write.loops.length > 0)
    return undefined;
  const [place] = enclosingStatements(file, placeOf(effect));
  const [written] = enclosingStatements(file, write.at);
  if (place === undefined || written === undefined || place.siblings !== written.siblings || !place.fn.async)
    return undefined;
  const { statement } = place;
  if (statement.kind !== 'expression' || statement.expression.kind !== 'await') return undefined;
  const removal = removalOf(file, { write });
  if (removal === undefined) return undefined;
  const newline = newlineOf(file);
  const indent = indentationAt(file, statement.start);
  const inner = indent + indentUnit(file);
  const end = semicolonOf(file);
  const error = /\berror\b/.test(textOf(file, statement)) ? freshName(file, 'failure') : 'error';
  const body = textOf(file, statement).replaceAll(newline, newline + indentUnit(file));
  const text = [
    'try {',
    `${inner}${body}`,
    `${indent}} catch (${error}) {`,
    `${inner}await ${removal}${end}`,
    `${inner}throw ${error}${end}`,
    `${indent}}`,
  ].join(newline);
  return {
    id: 'remove-again',
    title: 'Take the row away again when it fails',
    applicability: 'changes-behaviour',
    difference: 'The row is deleted when the effect fails; a process that dies in between still leaves it.',
    edits: [edit(file, statement, text)],
    ...untypedIn(file, { write }),
  };
}

/** The table of a client that was never generated is no member that types know. */
function untypedIn(file: SourceFile, { write }: Pick<DualWrite, 'write'>): { untyped: readonly string[] } | undefined {
  const call = write.basis === 'shape' ? callAt(file, write.span) : undefined;
  const owner = call?.callee.kind === 'member' ? call.callee.object : undefined;
  return owner?.kind === 'member' ? { untyped: [owner.name] } : undefined;
}

/** `em.create(Order, …)`: no row yet. */
function isMadeHere({ effect }: DualWrite['write']): boolean {
  return effect.entity?.kind === 'computed' && effect.entity.operator === 'bound';
}

/** What deletes the new row, in the library's way; only where the statement gave it a name. */
function removalOf(file: SourceFile, { write }: Pick<DualWrite, 'write'>): string | undefined {
  const [place] = enclosingStatements(file, write.at);
  const declaration = place?.statement.kind === 'variable' ? place.statement.declarations[0] : undefined;
  const call = callAt(file, write.span);
  const [given] = call?.args ?? [];
  if (/^@mikro-orm/.test(write.model) && write.name === 'persistAndFlush' && isMadeHere(write))
    return call?.callee.kind === 'member' && given?.kind === 'identifier'
      ? `${textOf(file, call.callee.object)}.removeAndFlush(${given.name})`
      : undefined;
  if (declaration === undefined || call?.callee.kind !== 'member') return undefined;
  if (declaration.initializer?.kind !== 'await' || declaration.initializer.operand !== call) return undefined;
  const owner = textOf(file, call.callee.object);
  const pattern = textOf(file, declaration.pattern);
  if (/^mongodb#/.test(write.model) && write.name === 'insertOne' && /^\{ ?insertedId ?\}$/.test(pattern))
    return `${owner}.deleteOne({ _id: insertedId })`;
  if (declaration.pattern.kind !== 'variable') return undefined;
  const row = file.variables[declaration.pattern.variable]?.name;
  const { name } = call.callee;
  const { model, effect } = write;
  if (row === undefined) return undefined;
  // A row that was there before is not the fix's to delete.
  if (/prisma/i.test(model) || (/^shape:create$/.test(model) && /prisma/i.test(owner)))
    return name === 'create' ? `${owner}.delete({ where: { id: ${row}.id } })` : undefined;
  if (/^objection#/.test(model) && name === 'insert' && /^\w+\.query\(\)$/.test(owner))
    return `${owner}.deleteById(${row}.id)`;
  if (/^sequelize/.test(model) && name === 'create') return `${row}.destroy()`;
  if (/^mongoose#/.test(model) && name === 'create') return `${row}.deleteOne()`;
  if (/^mongodb#/.test(model) && name === 'insertOne') return `${owner}.deleteOne({ _id: ${row}.insertedId })`;
  if (
    /^typeorm#Repository/.test(model) &&
    name === 'save' &&
    effect.entity?.kind === 'object' &&
    !effect.entity.properties.has('id')
  )
    return `${owner}.remove(${row})`;
  return undefined;
}
