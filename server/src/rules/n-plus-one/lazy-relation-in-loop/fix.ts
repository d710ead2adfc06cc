import type { Fix, RuleContext } from '../../../rule.ts';
import type { LazyRelation } from './rule.ts';

export function loadRelation(_evidence: LazyRelation, _ctx: RuleContext): readonly Fix[] {
  return [];
}
