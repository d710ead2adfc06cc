/**
 * A sibling for many keys that leaves out what is not there, where the original throws for it: for a caller in which
 * one key must not fail the others, as in a loader.
 */
import type { FunctionInfo } from '../analysis/fact.ts';
import type { ProgramFacts } from '../analysis/program.ts';
import type { DatabaseOperation } from '../analysis/protection.ts';
import type { Edit } from '../rule.ts';
import type { Expression, SourceFile } from '../typescript/syntax.ts';
import {
  besideOriginal,
  byQuery,
  callOf,
  mentionsArgument,
  type Sibling,
  type SiblingCall,
} from './batched-sibling.ts';
import { type KeyParameter, keyArgument, keyParameter, scopeOfFunction } from './key-parameter.ts';
import { type KeyScope, mentions } from './key-scope.ts';
import { namesIn } from './row-index.ts';
import { type Body, bodyOf, isPlainFunction } from './sibling-body.ts';
import { siblingName, siblingText } from './sibling-text.ts';
import { callAt, ensureNamedImport, functionAround, semicolonOf, textOf } from './source-edit.ts';

export interface FoundCall {
  readonly call: SiblingCall;
  /** What the original throws for a key without a row. */
  readonly error: (key: string) => string;
}

/**
 * For `const row = await find(id); if (!row) throw …; return row`, where one key must not fail the others: a sibling
 * without an entry for what is not there, and the error for the caller to give.
 */
export function foundCall(scope: KeyScope, query: DatabaseOperation, program: ProgramFacts): FoundCall | undefined {
  const { file, call } = scope;
  const argument = keyArgument(scope, call);
  const inner = program.info(query.fn);
  if (argument === undefined || inner === undefined || query.chain.length !== 1 || call.nameAt === undefined)
    return undefined;
  if (call.callee.kind !== 'member' || inner.node.name !== textOf(file, call.nameAt)) return undefined;
  if (mentions(file.text.slice(call.start, call.nameAt.start), [...scope.keyNames, ...scope.localNames]))
    return undefined;
  const parameter = keyParameter(inner, argument, { file, call, table: query.effect.table }, program);
  const made = parameter === undefined ? undefined : foundSibling(inner, parameter, query, program);
  if (parameter === undefined || made === undefined) return undefined;
  const errors = importsOf(inner.file, made.thrown, file);
  return errors === undefined
    ? undefined
    : {
        call: callOf(scope, argument, parameter, made.sibling, errors),
        error: (key) => errorText(inner.file, made.thrown, parameter, key),
      };
}

function foundSibling(
  info: FunctionInfo,
  parameter: KeyParameter,
  query: DatabaseOperation,
  program: ProgramFacts,
): { sibling: Sibling; thrown: Expression } | undefined {
  const { file, node } = info;
  const call = callAt(file, query.span);
  const body =
    call === undefined || functionAround(file, call)?.index !== node.index || !isPlainFunction(node)
      ? undefined
      : bodyOf(node, call, file, parameter.name);
  const thrown = body === undefined || body.handler !== undefined ? undefined : thrownForNone(body, file);
  if (call === undefined || body === undefined || thrown === undefined) return undefined;
  const taken = namesIn(file, node).add(parameter.key).add(parameter.keys);
  const scope = scopeOfFunction(info, parameter, { call, whole: body.whole });
  const batched = byQuery(scope, query, program, taken, parameter);
  const index = /^([\w$]+)\.get\(([\w$]+)\)$/.exec(batched?.found ?? '');
  if (batched === undefined || mentionsArgument(batched, parameter) || index?.[2] !== parameter.key) return undefined;
  if (batched.throws || batched.fallback === '[]' || batched.fallback === '0') return undefined;
  const name = siblingName(node.name, file, parameter);
  const given = [`return ${index[1]}${semicolonOf(file)}`];
  const note = '; what is not there has no entry';
  const text = siblingText(info, { name, parameter, note, pre: body.pre, lines: batched.lines, given });
  if (text === undefined) return undefined;
  return {
    sibling: {
      name,
      header: text[1] ?? '',
      file,
      edits: [...batched.edits, besideOriginal(info, text)],
      fallback: 'undefined',
      values: batched.values,
      keys: parameter.keys,
      untyped: batched.untyped,
    },
    thrown,
  };
}

/** `if (!row) throw …; return row;` and nothing else. */
function thrownForNone({ statement, rest, prefix }: Body, file: SourceFile): Expression | undefined {
  const [test, last] = rest;
  if (statement.kind !== 'variable' || prefix !== undefined || rest.length !== 2) return undefined;
  const [declaration] = statement.declarations;
  const row = declaration?.pattern.kind === 'variable' ? file.variables[declaration.pattern.variable]?.name : undefined;
  if (row === undefined || test?.kind !== 'if' || test.else.length > 0 || test.then.length !== 1) return undefined;
  const asked = textOf(file, test.test).replaceAll(/\s/g, '');
  if (![`!${row}`, `${row}===null`, `${row}==null`, `${row}===undefined`, `${row}==undefined`].includes(asked))
    return undefined;
  const [thrown] = test.then;
  if (thrown?.kind !== 'throw' || last?.kind !== 'return' || last.value?.kind !== 'identifier') return undefined;
  return last.value.name === row ? thrown.value : undefined;
}

/** What the error is made with, in the caller's file too. Undefined for what only the callee has. */
function importsOf(from: SourceFile, thrown: Expression, to: SourceFile): readonly Edit[] | undefined {
  const edits: Edit[] = [];
  const names = new Set(textOf(from, thrown).match(/(?<![\w$.])[A-Z][\w$]*/g));
  for (const name of names) {
    const node = from.imports.find(({ bindings }) =>
      bindings.some(({ variable }) => from.variables[variable]?.name === name),
    );
    if (node === undefined) {
      if (from.variables.some((variable) => variable.fn === 0 && variable.name === name)) return undefined;
    } else if (node.module.startsWith('.')) {
      if (!to.variables.some((variable) => variable.name === name && variable.kind === 'import')) return undefined;
    } else {
      const made = ensureNamedImport(to, node.module, name);
      if (made.name !== name) return undefined;
      edits.push(...made.edits);
    }
  }
  return edits;
}

/** The thrown expression with another name for the key. */
function errorText(file: SourceFile, thrown: Expression, { key: own, replaced }: KeyParameter, key: string): string {
  const parts = replaced.filter(({ whole }) => thrown.start <= whole.start && whole.end <= thrown.end);
  let text = textOf(file, thrown);
  for (const { whole, text: by } of [...parts].sort((a, b) => b.whole.start - a.whole.start)) {
    text = text.slice(0, whole.start - thrown.start) + by + text.slice(whole.end - thrown.start);
  }
  const name = own.replaceAll('$', '\\$');
  return text
    .replaceAll(new RegExp(`(?<=(?<!\\$)\\{\\s*|,\\s*)${name}(?=\\s*[,}])`, 'g'), `${own}: ${key}`)
    .replaceAll(new RegExp(`(?<![\\w$.'"])${name}(?![\\w$'":])`, 'g'), key);
}
