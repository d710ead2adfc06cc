/** Fixes of `unthrottled-api-calls`. */
import type { Fix, RuleContext } from '../../../rule.ts';
import type { UnthrottledCall } from './rule.ts';

export function fixUnthrottled(_evidence: UnthrottledCall, _ctx: RuleContext): readonly Fix[] {
  return [];
}
