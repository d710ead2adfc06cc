import type { UnorderedLocks } from '../../../analysis/row-locks.ts';
import type { Fix, RuleContext } from '../../../rule.ts';

export function fixUnorderedLocks(_locks: UnorderedLocks, _ctx: RuleContext): Fix[] {
  return [];
}
