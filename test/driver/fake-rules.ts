/** Rules that look at names only, so that the driver is tested without the engine's judgement. */
import { type Confidence, defineRule, type Fix, type RuleId, type Severity } from '../../server/src/rule.ts';

interface Call {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly name: string;
}

const CONFIDENCES: Readonly<Record<string, Confidence>> = { bad: 'high', badMedium: 'medium', badLow: 'low' };

export interface FakeRule {
  readonly id?: RuleId;
  readonly severity?: Severity;
  readonly status?: 'stable' | 'preview';
  readonly names?: Readonly<Record<string, Confidence>>;
  readonly fixes?: (call: Call) => readonly Fix[];
}

/** Complains about each call of a function by one of the names. */
export function fakeRule({
  id = 'race-condition/bad-call',
  severity = 'warning',
  status = 'stable',
  names = CONFIDENCES,
  fixes,
}: FakeRule = {}) {
  return defineRule<Call>({
    id,
    summary: 'A function with a bad name is called.',
    severity,
    status,
    cwe: [],
    detect: ({ fn }) =>
      fn.node.kind !== 'module'
        ? []
        : fn.file.calls.flatMap(({ nameAt }) => {
            const name = nameAt === undefined ? '' : fn.file.text.slice(nameAt.start, nameAt.end);
            return nameAt === undefined || names[name] === undefined ? [] : [{ path: fn.path, ...nameAt, name }];
          }),
    report: (call) => ({
      at: call,
      message: `'${call.name}' is called.`,
      related: [{ at: { path: call.path, start: 0, end: 1 }, message: 'The file begins here.' }],
      confidence: names[call.name] ?? 'low',
      resource: call.name,
    }),
    ...(fixes === undefined ? {} : { fixes }),
  });
}

export function replacement(id: string, text: string): (call: Call) => Fix[] {
  return ({ path, start, end }) => [
    { id, title: `Call ${text}`, applicability: 'safe', edits: [{ path, start, end, text }] },
  ];
}

export const crashingRule = defineRule<never>({
  id: 'toctou/crash',
  summary: 'Crashes on functions called crash.',
  severity: 'warning',
  status: 'stable',
  cwe: [],
  detect: ({ fn }) => {
    if (fn.node.name === 'crash') throw new Error('no');
    return [];
  },
  report: (evidence) => evidence,
});
