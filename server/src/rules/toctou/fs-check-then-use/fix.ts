/** Lets the acting call itself decide: `wx` for creating, `recursive` for directories, `force` for removing. */
import type { Edit, Fix, RuleContext } from '../../../rule.ts';
import { callAt, edit, expressionAt, insert, quoteOf, textOf } from '../../../rewrite/source-edit.ts';
import type { CallExpression, SourceFile } from '../../../typescript/syntax.ts';
import type { FsCheckEvidence } from './rule.ts';

export function fixFsCheck({ use, effect }: FsCheckEvidence, ctx: RuleContext): readonly Fix[] {
  const file = ctx.program.file(use.at.path);
  const call = file === undefined ? undefined : callAt(file, use.at);
  if (file === undefined || call === undefined) return [];
  switch (effect.action) {
    case 'write':
    case 'append':
      return option(file, call, 2, 'flag', `${quoteOf(file)}${effect.action === 'append' ? 'ax' : 'wx'}${quoteOf(file)}`, {
        id: 'exclusive-flag',
        title: "Create the file exclusively with flag 'wx'",
        applicability: 'changes-behaviour',
        difference: 'A file that appeared after the check is no longer overwritten: the write fails with EEXIST.',
      });
    case 'mkdir':
      return option(file, call, 1, 'recursive', 'true', {
        id: 'recursive-mkdir',
        title: 'Create the directory whether or not it exists',
        applicability: 'changes-behaviour',
        difference: 'A directory that exists already is no error, and missing parents are created.',
      });
    case 'remove':
      return removeForced(file, call);
    default:
      return [];
  }
}

type Described = Pick<Fix, 'id' | 'title' | 'applicability'> & { readonly difference: string };

/** Sets one property of the options argument at `index`. */
function option(file: SourceFile, call: CallExpression, index: number, name: string, value: string, described: Described): readonly Fix[] {
  const edits = optionEdits(file, call, index, name, value);
  return edits === undefined ? [] : [{ ...described, edits }];
}

function optionEdits(file: SourceFile, call: CallExpression, index: number, name: string, value: string): readonly Edit[] | undefined {
  const given = call.args[index];
  const last = call.args[index - 1];
  if (given === undefined) return last === undefined ? undefined : [insert(file, last.end, `, { ${name}: ${value} }`)];
  if (given.kind === 'function') return last === undefined ? undefined : [insert(file, last.end, `, { ${name}: ${value} }`)];
  if (given.kind === 'object') {
    const existing = given.properties.find((property) => property.kind === 'property' && property.key === name);
    if (existing !== undefined) return [edit(file, existing.span, `${name}: ${value}`)];
    const first = given.properties[0];
    return first === undefined
      ? [edit(file, given, `{ ${name}: ${value} }`)]
      : [insert(file, first.span.start, `${name}: ${value}, `)];
  }
  // An encoding string is the short form of `{ encoding }`.
  if (given.kind === 'literal' && typeof given.value === 'string' && name === 'flag') {
    return [edit(file, given, `{ encoding: ${textOf(file, given)}, ${name}: ${value} }`)];
  }
  return undefined;
}

/** `fs.unlink(p)` → `fs.rm(p, { force: true })`, where the module is used as a namespace. */
function removeForced(file: SourceFile, call: CallExpression): readonly Fix[] {
  const names: Readonly<Record<string, string>> = { unlink: 'rm', unlinkSync: 'rmSync', rm: 'rm', rmSync: 'rmSync' };
  const callee = call.callee;
  if (callee.kind !== 'member' || callee.object.kind !== 'identifier') return [];
  const name = names[callee.name];
  const path = call.args[0];
  if (name === undefined || path === undefined || expressionAt(file, call) === undefined) return [];
  const options = optionEdits(file, call, 1, 'force', 'true');
  if (options === undefined) return [];
  return [
    {
      id: 'forced-removal',
      title: 'Remove the file whether or not it exists',
      applicability: 'changes-behaviour',
      difference: 'A file that is gone already is no error.',
      edits: [...(callee.name === name ? [] : [edit(file, callee.nameAt, name)]), ...options],
    },
  ];
}
