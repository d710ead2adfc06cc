/** Deletes the key instead of setting it: the next read loads what the database holds by then. */
import type { ProgramFacts } from '../../../analysis/program.ts';
import { callAt, edit, functionAround, insert, statementAround, textOf } from '../../../rewrite/source-edit.ts';
import type { Edit, Fix, RuleContext } from '../../../rule.ts';
import type { CallExpression, Expression, SourceFile } from '../../../typescript/syntax.ts';
import type { CacheSet } from './rule.ts';

export function deleteInstead({ set, store, concurrent }: CacheSet, { program }: RuleContext): readonly Fix[] {
  const file = program.file(set.at.path);
  // Beside the write, a deletion could still come before it; in another function, others use it too.
  if (file === undefined || concurrent || set.chain.length > 0) return [];
  const call = callAt(file, set.at);
  const key = call?.args[0];
  const method = call === undefined ? undefined : (deletionOf(set.model, call) ?? deletionSeen(file, call, program));
  if (
    call?.nameAt === undefined ||
    key === undefined ||
    method === undefined ||
    key.kind === 'object' ||
    key.kind === 'spread-expression'
  )
    return [];
  const last = /^h/i.test(method) ? call.args[1] : key;
  if (last === undefined) return [];
  const rest = { start: last.end, end: call.args.at(-1)?.end ?? last.end };
  const edits: Edit[] = [edit(file, call.nameAt, method), edit(file, rest, '')];
  const wait = missingWait(file, call);
  if (!set.awaited && store.kind === 'shared' && wait !== undefined) edits.push(wait);
  return [
    {
      id: 'delete-key',
      title: `Delete the key ${textOf(file, key).length <= 40 ? `${textOf(file, key)} ` : ''}instead of setting it`,
      applicability: 'changes-behaviour',
      difference: 'The next read misses the cache and loads the value from the database.',
      edits,
    },
  ];
}

/** A deletion that nobody waits for can be overtaken by the answer to the caller. */
function missingWait(file: SourceFile, call: CallExpression): Edit | undefined {
  const statement = statementAround(file, call)?.statement;
  if (statement?.kind !== 'expression' || functionAround(file, call)?.async !== true) return undefined;
  const { expression } = statement;
  if (expression === call) return insert(file, call.start, 'await ');
  const isVoid = expression.kind === 'unary' && expression.operator === 'void' && expression.operand === call;
  return isVoid ? edit(file, { start: expression.start, end: call.start }, 'await ') : undefined;
}

/** What deletes a key in the library at hand; undefined when that is not known. */
function deletionOf(model: string, call: CallExpression): string | undefined {
  const [library = ''] = model.split('#');
  const setter = call.callee.kind === 'member' ? call.callee.name : '';
  // One field of a hash; the other fields are other rows' data. What sets several keys is not undone by deleting one.
  if (/^hset$/i.test(setter)) {
    return call.args.length === 3 && /redis/.test(library) ? (setter === 'hSet' ? 'hDel' : 'hdel') : undefined;
  }
  if (!/^p?set(ex)?$/i.test(setter)) return undefined;
  if (
    /^(ioredis|redis|@redis\/client|@upstash\/redis|cache-manager|node-cache|memcached|@nestjs\/cache-manager)$/.test(
      library,
    )
  )
    return 'del';
  if (/^(keyv|lru-cache|quick-lru|memjs)$/.test(library) || /^lib#(Map|WeakMap)\.set$/.test(model)) return 'delete';
  return /redis/i.test(lastName(call.callee.kind === 'member' ? call.callee.object : undefined)) ? 'del' : undefined;
}

/** A cache of the project's own: what deletes from it elsewhere deletes here. */
function deletionSeen(file: SourceFile, call: CallExpression, program: ProgramFacts): string | undefined {
  const { callee } = call;
  if (callee.kind !== 'member' || callee.name !== 'set') return undefined;
  const receiver = textOf(file, callee.object);
  if (!/^[\w$.]+$/.test(receiver)) return undefined;
  const paths = new Set([file.path, ...program.functions.map(({ fn }) => fn.path)]);
  for (const path of paths) {
    const text = program.file(path)?.text ?? '';
    const found = ['del', 'delete'].find((name) => text.includes(`${receiver}.${name}(`));
    if (found !== undefined) return found;
  }
  return undefined;
}

function lastName(expression: Expression | undefined): string {
  if (expression?.kind === 'member') return expression.name;
  return expression?.kind === 'identifier' ? expression.name : '';
}
