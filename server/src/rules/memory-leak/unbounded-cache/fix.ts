/** Replaces a module-level `Map` by an `LRUCache` with a size and an age. */
import type { Fix, RuleContext } from '../../../rule.ts';
import { edit, ensureImport, textOf } from '../../../rewrite/source-edit.ts';
import type { UnboundedCacheEvidence } from './rule.ts';

export function fixUnboundedCache({ variable, path }: UnboundedCacheEvidence, ctx: RuleContext): readonly Fix[] {
  const file = ctx.program.file(path);
  const init = variable.initializer;
  if (file === undefined || init?.kind !== 'call' || init.callee.kind !== 'identifier' || init.callee.name !== 'Map') return [];
  // A type annotation says Map; an LRUCache is none.
  const between = file.text.slice(variable.at.end, init.start);
  if (between.includes(':')) return [];
  const types = /^new Map\s*(<[\s\S]*>)\s*\(/.exec(textOf(file, init))?.[1] ?? '<string, any>';
  if (/\b(null|undefined)\b/.test(types)) return [];
  const { name, edits } = ensureImport(file, 'lru-cache', 'LRUCache', 'LRUCache');
  return [
    {
      id: 'lru-cache',
      title: "Bound it with 'lru-cache'",
      applicability: 'changes-behaviour',
      difference: 'The least recently used entries go at 1000 entries, all after ten minutes.',
      edits: [...edits, edit(file, init, `new ${name}${types}({ max: 1000, ttl: 10 * 60 * 1000 })`)],
    },
  ];
}
