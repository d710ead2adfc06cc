import type { Reliance } from '../../../analysis/reliance.ts';
import type { Fix, RuleContext } from '../../../rule.ts';

export function fixDbCheckThenAct(_reliance: Reliance, _ctx: RuleContext): Fix[] {
  return [];
}
