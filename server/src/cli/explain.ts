/** `--explain RULE`: the rule's page, as written beside the rule and copied beside the bundle by the build. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AnyRule, ITEMS, itemOf } from '../rule.ts';

export function explain(rule: AnyRule, bundleDirectory: string): string {
  const question = ITEMS.find(({ id }) => id === itemOf(rule.id))?.question ?? '';
  const facts = [
    `${rule.id}: ${rule.summary}`,
    `Question: ${question}`,
    `Severity: ${rule.severity}${rule.status === 'preview' ? ' (preview: off by default)' : ''}`,
    `CWE: ${rule.cwe.map((id) => `CWE-${id}`).join(', ') || 'none'}`,
  ];
  const page = join(bundleDirectory, 'rules', `${rule.id}.md`);
  return `${facts.join('\n')}\n${existsSync(page) ? `\n${readFileSync(page, 'utf8').trimEnd()}\n` : ''}`;
}
