/** Bounds a `Map`: by `lru-cache`, by dropping the oldest entry, or, for work in flight, by forgetting what is done. */

import { escaped } from '../../../rewrite/mention.ts';
import {
  callAt,
  edit,
  enclosingStatements,
  ensureImport,
  freshName,
  insertAfter,
  insertBefore,
  semicolonOf,
  statementAround,
  textOf,
} from '../../../rewrite/source-edit.ts';
import type { Fix, RuleContext } from '../../../rule.ts';
import type { CallExpression, SourceFile } from '../../../typescript/syntax.ts';
import type { UnboundedCacheEvidence } from './rule.ts';

const MAX_ENTRIES = 1000;

export function fixUnboundedCache(evidence: UnboundedCacheEvidence, ctx: RuleContext): readonly Fix[] {
  const { collection, add } = evidence;
  const { initializer, file } = collection;
  if (
    initializer.kind !== 'call' ||
    !initializer.isNew ||
    initializer.callee.kind !== 'identifier' ||
    initializer.callee.name !== 'Map'
  )
    return [];
  const types = typesOf(evidence);
  const user = ctx.program.file(add.at.path);
  const call = user === undefined ? undefined : callAt(user, add.at);
  if (user === undefined || call === undefined) return [];
  const inFlight = types !== undefined && /,\s*Promise</.test(types.text) ? forgetDone(user, call) : [];
  if (inFlight.length > 0) return inFlight;
  return [...lruCache(evidence, file, initializer, types), ...dropOldest(user, call)];
}

interface Types {
  /** `<string, Item>` */
  readonly text: string;
  /** The annotation of the declaration, with its colon, to be taken out. */
  readonly annotation?: { readonly start: number; readonly end: number };
}

/** What the map holds; undefined when the declaration cannot be read. */
function typesOf({ collection: { file, at, initializer } }: UnboundedCacheEvidence): Types | undefined {
  const between = file.text.slice(at.end, initializer.start);
  const given = /^new Map\s*(<[\s\S]*>)\s*\(/.exec(textOf(file, initializer))?.[1];
  const annotated = /^\s*:\s*Map\s*(<[\s\S]*>)\s*=\s*$/.exec(between);
  if (annotated?.[1] !== undefined)
    return { text: annotated[1], annotation: { start: at.end, end: at.end + between.lastIndexOf('=') } };
  if (between.includes(':')) return undefined;
  return { text: given ?? (file.language === 'typescript' ? '<any, any>' : '') };
}

const SHARED_MEMBERS = /^(get|set|has|delete|clear|size)$/;

/** Only where nothing asks more of the map than both have. */
function lruCache(
  { collection: { name, at, file: home }, files }: UnboundedCacheEvidence,
  file: SourceFile,
  init: CallExpression,
  types: Types | undefined,
): readonly Fix[] {
  if (types === undefined || /\b(null|undefined|unknown)\b/.test(types.text)) return [];
  for (const seen of files) {
    for (const match of seen.text.matchAll(new RegExp(`(?<![\\w$'"\`])${escaped(name)}(?![\\w$])`, 'g'))) {
      if (seen.path === home.path && match.index === at.start) continue;
      const member = /^\s*[?!]?\.\s*(\w+)/.exec(
        seen.text.slice(match.index + name.length, match.index + name.length + 40),
      )?.[1];
      if (isComment(seen, match.index) || isImport(seen, match.index)) continue;
      if (member === undefined || !SHARED_MEMBERS.test(member)) return [];
    }
  }
  const { name: local, edits } = ensureImport(file, 'lru-cache', 'LRUCache', 'LRUCache');
  const annotation = types.annotation === undefined ? [] : [edit(file, types.annotation, ' ')];
  return [
    {
      id: 'lru-cache',
      title: "Bound it with 'lru-cache'",
      applicability: 'changes-behaviour',
      difference: `At ${MAX_ENTRIES} entries the least recently used one goes, and each goes after ten minutes; the package has to be installed.`,
      edits: [
        ...edits,
        ...annotation,
        edit(file, init, `new ${local}${types.text}({ max: ${MAX_ENTRIES}, ttl: 10 * 60 * 1000 })`),
      ],
    },
  ];
}

function isComment(file: SourceFile, offset: number): boolean {
  return file.comments.some((comment) => comment.start <= offset && offset < comment.end);
}

function isImport(file: SourceFile, offset: number): boolean {
  return file.imports.some((node) => node.start <= offset && offset < node.end);
}

/** A `Map` keeps the order of insertion: its first key is the oldest. */
function dropOldest(file: SourceFile, call: CallExpression): readonly Fix[] {
  const place = statementAround(file, call);
  if (
    place === undefined ||
    place.statement.kind !== 'expression' ||
    place.statement.expression !== call ||
    call.callee.kind !== 'member'
  )
    return [];
  const inBlock = enclosingStatements(file, call)[1];
  // `if (x) cache.set(…)` without braces has no room for a second statement.
  if (
    inBlock !== undefined &&
    place.siblings.length === 1 &&
    !/\{[\s\S]*$/.test(file.text.slice(inBlock.statement.start, place.statement.start))
  )
    return [];
  const map = textOf(file, call.callee.object);
  const end = semicolonOf(file);
  const oldest = freshName(file, 'oldest');
  return [
    {
      id: 'drop-oldest',
      title: `Drop the oldest entry beyond ${MAX_ENTRIES}`,
      applicability: 'changes-behaviour',
      difference: `At most ${MAX_ENTRIES} entries are kept; the first one added goes first.`,
      edits: [
        insertAfter(file, place.statement, [
          `if (${map}.size > ${MAX_ENTRIES}) {`,
          `  const ${oldest} = ${map}.keys().next().value${end}`,
          `  if (${oldest} !== undefined) ${map}.delete(${oldest})${end}`,
          '}',
        ]),
      ],
    },
  ];
}

/** `pending.set(key, promise)`: the entry goes when the promise is settled, either way. */
function forgetDone(file: SourceFile, call: CallExpression): readonly Fix[] {
  const [key, value] = call.args;
  const place = statementAround(file, call);
  if (key === undefined || value === undefined || place === undefined || call.callee.kind !== 'member') return [];
  if (
    place.statement.kind !== 'expression' ||
    place.statement.expression !== call ||
    !/^[\w$.]+$/.test(textOf(file, key))
  )
    return [];
  const map = textOf(file, call.callee.object);
  const end = semicolonOf(file);
  const forget = freshName(file, 'forget');
  const named = value.kind === 'identifier';
  const promise = named ? textOf(file, value) : freshName(file, 'promise');
  return [
    {
      id: 'forget-when-settled',
      title: 'Remove the entry when the promise is settled',
      applicability: 'changes-behaviour',
      difference: 'A later call with the same key does the work again.',
      edits: [
        ...(named
          ? []
          : [
              insertBefore(file, place.statement, [`const ${promise} = ${textOf(file, value)}${end}`]),
              edit(file, value, promise),
            ]),
        insertAfter(file, place.statement, [
          `const ${forget} = () => ${map}.delete(${textOf(file, key)})${end}`,
          `${promise}.then(${forget}, ${forget})${end}`,
        ]),
      ],
    },
  ];
}
