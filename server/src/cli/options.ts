/**
 * The command line's options: what is accepted, what it means, and what is said when something is wrong. An option of
 * the contract that is not built yet is an error too: ignoring `--baseline` would report what it should hide.
 */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { CONFIDENCES, type Confidence, ITEMS, type Item, SEVERITIES, type Severity } from '../rule.ts';

export const FORMATS = ['stylish', 'json'] as const;
export type Format = (typeof FORMATS)[number];
const LATER_FORMATS = ['sarif', 'github', 'gitlab', 'junit', 'markdown', 'agent'];
const LATER_OPTIONS = ['since', 'baseline', 'write-baseline', 'jobs', 'write-summaries', 'summaries'] as const;

export interface Options {
  /** As given; the current directory when empty. */
  readonly paths: readonly string[];
  readonly format: Format;
  readonly config: string | undefined;
  readonly items: readonly Item[] | undefined;
  readonly rules: readonly string[] | undefined;
  readonly minConfidence: Confidence | undefined;
  readonly withFixes: boolean;
  readonly failOn: Severity | 'never';
  readonly fix: 'no' | 'write' | 'dry-run';
  readonly stats: boolean;
  readonly init: boolean;
  readonly explain: string | undefined;
  readonly help: boolean;
  readonly version: boolean;
}

/** Something the user must do differently; the message says what. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const HELP = `Usage: concurrency-checklist [paths…] [options]

Finds seven kinds of concurrency bug in TypeScript and JavaScript and answers the checklist.
Paths are folders or files; without any, the current directory.

  --format FORMAT          ${FORMATS.join(' or ')} (default: stylish)
  --config FILE            use this configuration instead of the concurrency-checklist.json files found
  --item ITEM              only this item; repeatable: ${ITEMS.map((item) => item.id).join(', ')}
  --rule RULE              only this rule; repeatable
  --min-confidence LEVEL   low, medium or high (default: medium)
  --fail-on SEVERITY       error, warning, information, hint or never (default: warning)
  --with-fixes             list verified fixes with each finding
  --fix                    apply safe fixes
  --fix-dry-run            show what --fix would change, change nothing
  --stats                  say how much was analysed (on standard error)
  --init                   write a concurrency-checklist.json
  --explain RULE           what a rule finds, why it matters, how to fix it
  --help, --version

Exit code: 0 nothing at or above --fail-on, 1 findings, 2 could not analyse.
`;

const ARGUMENTS = {
  format: { type: 'string' },
  config: { type: 'string' },
  item: { type: 'string', multiple: true },
  rule: { type: 'string', multiple: true },
  'min-confidence': { type: 'string' },
  'with-fixes': { type: 'boolean' },
  'fail-on': { type: 'string' },
  fix: { type: 'boolean' },
  'fix-dry-run': { type: 'boolean' },
  stats: { type: 'boolean' },
  init: { type: 'boolean' },
  explain: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  since: { type: 'string' },
  baseline: { type: 'string' },
  'write-baseline': { type: 'string' },
  jobs: { type: 'string' },
  'write-summaries': { type: 'string' },
  summaries: { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

/** Throws `UsageError`. */
export function parseOptions(args: readonly string[], ruleIds: readonly string[]): Options {
  const { values, positionals } = parse(args);
  for (const name of LATER_OPTIONS) {
    if (values[name] !== undefined) throw new UsageError(`--${name} is not available yet.`);
  }
  const items = list(values.item);
  const rules = list(values.rule);
  return {
    paths: positionals,
    format: formatOf(values.format),
    config: values.config,
    items: items?.map((id) =>
      oneOf(
        '--item',
        id,
        ITEMS.map((item) => item.id),
      ),
    ),
    rules: rules?.map((id) => oneOf('--rule', id, ruleIds)),
    minConfidence:
      values['min-confidence'] === undefined
        ? undefined
        : oneOf('--min-confidence', values['min-confidence'], CONFIDENCES),
    withFixes: values['with-fixes'] === true,
    failOn: oneOf('--fail-on', values['fail-on'] ?? 'warning', [...SEVERITIES, 'never']),
    fix: fixMode(values.fix === true, values['fix-dry-run'] === true),
    stats: values.stats === true,
    init: values.init === true,
    explain: values.explain === undefined ? undefined : oneOf('--explain', values.explain, ruleIds),
    help: values.help === true,
    version: values.version === true,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: ARGUMENTS, allowPositionals: true, strict: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Node explains how to pass a file whose name starts with a dash, which is rarely what was meant.
    const [first = message] = message.split(/(?<=\.) To specify a positional/u);
    throw new UsageError(first.endsWith('.') ? first : `${first}.`);
  }
}

function fixMode(write: boolean, dryRun: boolean): Options['fix'] {
  if (write && dryRun) throw new UsageError('--fix and --fix-dry-run exclude each other; give one of them.');
  if (write) return 'write';
  return dryRun ? 'dry-run' : 'no';
}

function formatOf(format = 'stylish'): Format {
  if (LATER_FORMATS.includes(format)) {
    throw new UsageError(`--format ${format} is not available yet; available are ${FORMATS.join(', ')}.`);
  }
  return oneOf('--format', format, FORMATS);
}

/** Repeated and comma-separated values alike. */
function list(values: readonly string[] | undefined): string[] | undefined {
  return values?.flatMap((value) => value.split(',')).map((value) => value.trim());
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  const known = allowed.length === 0 ? 'there are none yet' : `use one of ${allowed.join(', ')}`;
  throw new UsageError(`${option} does not know '${value}'; ${known}.`);
}
