/** Every rule, once: the order of the checklist's items, then by id. */
import type { AnyRule } from '../rule.ts';

export const RULES: readonly AnyRule[] = [];
