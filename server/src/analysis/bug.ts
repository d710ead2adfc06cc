/** "Cannot happen": throws in tests, is logged once and survived in production. */

const reported = new Set<string>();

export function bug(reason: string): void {
  if (process.env['CONCURRENCY_CHECKLIST_STRICT'] === '1') throw new Error(`internal error: ${reason}`);
  if (reported.has(reason)) return;
  reported.add(reason);
  process.stderr.write(`concurrency-checklist: internal error: ${reason}\n`);
}
