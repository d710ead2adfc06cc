import type { Proof } from './harness/proof.ts';
import { lostUpdateProofs } from './race-condition-lost-update.ts';

export const PROOFS: readonly Proof[] = [...lostUpdateProofs];

/** Fix forms that no service here can prove, by rule and fix, with the reason. */
export const UNPROVED: Readonly<Record<string, string>> = {};
