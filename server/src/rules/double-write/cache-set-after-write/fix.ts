import type { Fix, RuleContext } from '../../../rule.ts';
import type { CacheSet } from './rule.ts';

export function deleteInstead(_evidence: CacheSet, _ctx: RuleContext): readonly Fix[] {
  return [];
}
