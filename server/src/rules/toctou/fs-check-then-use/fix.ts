/** Lets the acting call itself decide: `wx` for creating, `recursive` for directories, `force` for removing. */

import { countMentions } from '../../../rewrite/mention.ts';
import {
  callAt,
  edit,
  enclosingStatements,
  ensureImport,
  indentationAt,
  indentUnit,
  insert,
  linesOf,
  newlineOf,
  quoteOf,
  semicolonOf,
  statementAround,
  textOf,
} from '../../../rewrite/source-edit.ts';
import type { Edit, Fix, RuleContext } from '../../../rule.ts';
import type { CallExpression, Expression, SourceFile, Statement } from '../../../typescript/syntax.ts';
import type { FsCheckEvidence } from './rule.ts';

export function fixFsCheck({ check, use, effect, presence, made }: FsCheckEvidence, ctx: RuleContext): readonly Fix[] {
  // What another function does is not changed for one of its callers.
  if (use.chain.length > 0) return [];
  const file = ctx.program.file(use.at.path);
  const call = file === undefined ? undefined : callAt(file, use.at);
  if (file === undefined || call === undefined) return [];
  switch (effect.action) {
    case 'write':
    case 'append':
    case 'open': {
      if (presence !== 'missing' || made) return [];
      const exclusive = exclusiveEdits(file, call, effect.action);
      if (exclusive === undefined) return [];
      const wrapped = check.chain.length > 0 || exclusive.stream ? [] : createOrSkip(file, call, exclusive.edits);
      return [...wrapped, { ...EXCLUSIVE, edits: exclusive.edits }];
    }
    case 'mkdir': {
      const edits = optionEdits(file, call, 1, 'recursive', 'true');
      return edits === undefined ? [] : [{ ...RECURSIVE, edits }];
    }
    case 'remove':
      return removeForced(file, call, use.model);
    case 'copy':
      return presence === 'missing' ? exclusiveCopy(file, call) : [];
    default:
      return [];
  }
}

const EXCLUSIVE = {
  id: 'exclusive-flag',
  title: "Create the file exclusively with flag 'wx'",
  applicability: 'changes-behaviour',
  difference: 'A file that appeared after the check is no longer overwritten: the call fails with EEXIST.',
} as const;

const RECURSIVE = {
  id: 'recursive-mkdir',
  title: 'Create the directory whether or not it exists',
  applicability: 'changes-behaviour',
  difference: 'A directory that exists already is no error, and missing parents are created.',
} as const;

/** The flag of each way to create a file. */
function exclusiveEdits(
  file: SourceFile,
  call: CallExpression,
  action: 'write' | 'append' | 'open',
): { edits: readonly Edit[]; stream: boolean } | undefined {
  const name = call.callee.kind === 'member' || call.callee.kind === 'identifier' ? call.callee.name : '';
  const quote = quoteOf(file);
  const flag = `${quote}${action === 'append' ? 'ax' : 'wx'}${quote}`;
  if (/^open(Sync)?$/.test(name)) {
    const given = call.args[1];
    if (given?.kind !== 'literal' || typeof given.value !== 'string' || !/^[wa]\+?$/.test(given.value))
      return undefined;
    return {
      edits: [edit(file, given, `${quote}${given.value[0] ?? 'w'}x${given.value.slice(1)}${quote}`)],
      stream: false,
    };
  }
  const stream = name === 'createWriteStream';
  if (!stream && !/^(write|append|output)(File|Json|JSON)(Sync)?$/.test(name)) return undefined;
  const edits = stream ? optionEdits(file, call, 1, 'flags', flag) : optionEdits(file, call, 2, 'flag', flag);
  return edits === undefined ? undefined : { edits, stream };
}

/** Sets one property of the options argument at `index`. */
function optionEdits(
  file: SourceFile,
  call: CallExpression,
  index: number,
  name: string,
  value: string,
): readonly Edit[] | undefined {
  const given = call.args[index];
  const last = call.args[index - 1];
  if (last === undefined) return undefined;
  if (given === undefined || isCallback(file, given)) return [insert(file, last.end, `, { ${name}: ${value} }`)];
  if (given.kind === 'object') {
    const existing = given.properties.find((property) => property.kind === 'property' && property.key === name);
    if (existing !== undefined) return [edit(file, existing.span, `${name}: ${value}`)];
    const first = given.properties[0];
    return first === undefined
      ? [edit(file, given, `{ ${name}: ${value} }`)]
      : [insert(file, first.span.start, `${name}: ${value}, `)];
  }
  // An encoding string is the short form of `{ encoding }`.
  if (given.kind === 'literal' && typeof given.value === 'string' && /^flags?$/.test(name)) {
    return [edit(file, given, `{ encoding: ${textOf(file, given)}, ${name}: ${value} }`)];
  }
  return undefined;
}

function isCallback(file: SourceFile, given: Expression): boolean {
  if (given.kind === 'function') return true;
  return given.kind === 'identifier' && /^(cb|callback|done|next)$/.test(textOf(file, given));
}

/** `if (!exists) await writeFile(…)`: the check goes, and a file that is there is what it always was: no reason to write. */
function createOrSkip(file: SourceFile, call: CallExpression, flagEdits: readonly Edit[]): readonly Fix[] {
  const [place, outer] = enclosingStatements(file, call);
  const around = outer?.statement;
  if (
    place === undefined ||
    outer === undefined ||
    around?.kind !== 'if' ||
    around.else.length > 0 ||
    around.then.length !== 1
  )
    return [];
  if (place.statement.kind !== 'expression' || !isDirect(place.statement.expression, call)) return [];
  const declared = checkBefore(file, around, outer.siblings, outer.index);
  if (declared === undefined) return [];
  const indent = indentationAt(file, around.start);
  const inner = `${indent}${indentUnit(file)}`;
  const newline = newlineOf(file);
  const end = semicolonOf(file);
  const error = file.language === 'typescript' ? '(error as { code?: string }).code' : 'error.code';
  const quote = quoteOf(file);
  const after = `${newline}${indent}} catch (error) {${newline}${inner}if (${error} !== ${quote}EEXIST${quote}) throw error${end}${newline}${indent}}`;
  return [
    {
      id: 'create-or-skip',
      title: 'Create the file exclusively and pass over one that exists',
      applicability: 'changes-behaviour',
      difference:
        'The file is looked for and created in one step; errors of the check itself become errors of the write.',
      edits: [
        ...(declared === 'inline' ? [] : [edit(file, linesOf(file, declared), '')]),
        edit(file, { start: around.start, end: place.statement.start }, `try {${newline}${inner}`),
        ...flagEdits,
        edit(file, { start: place.statement.end, end: around.end }, after),
      ],
    },
  ];
}

function isDirect(expression: Expression, call: CallExpression): boolean {
  return expression === call || (expression.kind === 'await' && expression.operand === call);
}

/** The declaration that holds the check's answer for this `if` alone, or `inline` when the test is the check. */
function checkBefore(
  file: SourceFile,
  around: Extract<Statement, { kind: 'if' }>,
  siblings: readonly Statement[],
  index: number,
): Statement | 'inline' | undefined {
  const { test } = around;
  if (test.kind !== 'unary' || test.operator !== '!') return undefined;
  const asked = test.operand.kind === 'await' ? test.operand.operand : test.operand;
  if (asked.kind === 'call') return asked.args.length === 1 ? 'inline' : undefined;
  if (asked.kind !== 'identifier') return undefined;
  const before = siblings[index - 1];
  if (
    before?.kind !== 'variable' ||
    before.declarations.length !== 1 ||
    before.declarations[0]?.pattern.kind !== 'variable'
  )
    return undefined;
  const variable = file.variables[before.declarations[0].pattern.variable];
  if (variable?.name !== asked.name || asked.variable !== before.declarations[0].pattern.variable) return undefined;
  const unit = file.functions[variable.fn];
  const text = unit === undefined || unit.index === 0 ? file.text : textOf(file, unit);
  return countMentions(text, variable.name) === 2 ? before : undefined;
}

/** `fs.unlink(p)` → `fs.rm(p, { force: true })`; of Node's modules only. */
function removeForced(file: SourceFile, call: CallExpression, model: string): readonly Fix[] {
  const names: Readonly<Record<string, string>> = { unlink: 'rm', unlinkSync: 'rmSync', rm: 'rm', rmSync: 'rmSync' };
  if (!model.startsWith('node:fs')) return [];
  const { callee } = call;
  const options = optionEdits(file, call, 1, 'force', 'true');
  if (options === undefined || statementAround(file, call) === undefined) return [];
  const described = {
    id: 'forced-removal',
    title: 'Remove the file whether or not it exists',
    applicability: 'changes-behaviour',
    difference: 'A file that is gone already is no error.',
  } as const;
  if (callee.kind === 'member') {
    const name = names[callee.name];
    return name === undefined
      ? []
      : [{ ...described, edits: [...(callee.name === name ? [] : [edit(file, callee.nameAt, name)]), ...options] }];
  }
  if (callee.kind !== 'identifier' || callee.variable === undefined) return [];
  const origin = file.variables[callee.variable]?.import;
  const name = origin === undefined ? undefined : names[origin.imported];
  if (origin === undefined || name === undefined) return [];
  if (name === origin.imported) return [{ ...described, edits: options }];
  const { name: local, edits } = ensureImport(file, origin.module, name, name);
  return [{ ...described, edits: [...edits, edit(file, callee, local), ...options] }];
}

/** `COPYFILE_EXCL` of the module that the call is a member of. */
function exclusiveCopy(file: SourceFile, call: CallExpression): readonly Fix[] {
  const { callee } = call;
  const last = call.args[1];
  if (
    callee.kind !== 'member' ||
    !/^copyFile(Sync)?$/.test(callee.name) ||
    callee.object.kind !== 'identifier' ||
    last === undefined
  )
    return [];
  if (call.args[2] !== undefined && !isCallback(file, call.args[2])) return [];
  return [
    {
      id: 'exclusive-copy',
      title: 'Copy only where there is no file yet',
      applicability: 'changes-behaviour',
      difference: 'A file that appeared after the check is no longer overwritten: the copy fails with EEXIST.',
      edits: [insert(file, last.end, `, ${callee.object.name}.constants.COPYFILE_EXCL`)],
    },
  ];
}
