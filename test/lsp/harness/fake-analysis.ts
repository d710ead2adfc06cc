/**
 * An analysis service for tests of the protocol: one rule that any reader can follow, and comments in the checked files
 * that make it slow, dead or hanging. The server's bundle gets it in place of the real one.
 *
 * The rule: an `UPDATE accounts SET balance = $1` after a `SELECT balance` is a lost update, unless some file says
 * `// fake: guarded`.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { hashText } from '../../../server/src/driver/apply-edits.ts';
import { createLineIndex } from '../../../server/src/driver/line-index.ts';
import {
  type AnalysisService,
  Cancelled,
  type ChecklistEntry,
  type CheckResult,
  ConfigurationError,
  type FileFindings,
  type LocatedFinding,
  type ServiceOptions,
  type VerifiedFix,
} from '../../../server/src/driver/service.ts';
import { ITEMS } from '../../../server/src/rule.ts';

const READ = "'SELECT balance FROM accounts WHERE id = $1'";
const WRITE = "'UPDATE accounts SET balance = $1 WHERE id = $2'";
const RULE = 'race-condition/lost-update';

export function startService(options: ServiceOptions): AnalysisService {
  return new FakeService(options);
}

class FakeService implements AnalysisService {
  readonly #options: ServiceOptions;
  readonly #overlays = new Map<string, string>();

  constructor(options: ServiceOptions) {
    this.#options = options;
    const [root = ''] = options.roots;
    if (existsSync(join(root, 'log-options'))) writeFileSync(join(root, 'options.json'), JSON.stringify(options));
  }

  async update({ overlays = [] }: Parameters<AnalysisService['update']>[0]): Promise<void> {
    for (const [path, text] of overlays) {
      if (text === null) this.#overlays.delete(path);
      else this.#overlays.set(path, text);
    }
  }

  async check({ signal, progress }: Parameters<AnalysisService['check']>[0] = {}): Promise<CheckResult> {
    const texts = this.#texts();
    const directives = [...texts.values()].join('\n');
    if (/fake: crash/.test(directives)) throw new Error('the worker died');
    if (/fake: misconfigured/.test(directives)) throw new ConfigurationError('concurrency-checklist.json:1:1: no');
    if (/fake: hang/.test(directives)) await new Promise(() => undefined);
    for (const [, milliseconds] of directives.matchAll(/fake: slow (\d+)/g)) {
      for (let done = 0; done < 10; done++) {
        progress?.({ phase: 'Reading', done, total: 10 });
        await pause(Number(milliseconds) / 10, signal);
      }
    }
    const isGuarded = /fake: guarded/.test(directives);
    const files = [...texts].map(([path, text]) => this.#findingsIn(path, text, isGuarded));
    return resultOf(files);
  }

  async fixes(
    path: string,
    fingerprint: string,
    { signal }: Parameters<AnalysisService['fixes']>[2] = {},
  ): Promise<readonly VerifiedFix[]> {
    const text = this.#texts().get(path) ?? '';
    const [, slow] = /fake: fixes take (\d+)/.exec(text) ?? [];
    await pause(Number(slow ?? 0), signal);
    const ordinal = Number(fingerprint.split('#')[1]);
    const pair = pairs(text)[ordinal];
    if (pair === undefined) return [];
    const texts = [{ path, hash: hashText(text) }];
    const replace = (start: number, old: string, by: string) => [{ path, start, end: start + old.length, text: by }];
    return [
      {
        id: 'row-lock',
        title: 'Lock the row while it is changed',
        applicability: 'changes-behaviour',
        difference: 'Concurrent calls wait for each other.',
        edits: replace(pair.read, READ, READ.replace(/'$/, " FOR UPDATE'")),
        texts,
      },
      {
        id: 'atomic-update',
        title: 'Compute the new balance in the database',
        applicability: 'safe',
        edits: replace(pair.write, WRITE, WRITE.replace('= $1', '= balance - $1')),
        texts,
      },
    ];
  }

  async dispose(): Promise<void> {
    if ([...this.#texts().values()].some((text) => text.includes('fake: hang'))) await new Promise(() => undefined);
  }

  #texts(): Map<string, string> {
    const texts = new Map<string, string>();
    for (const root of this.#options.roots)
      for (const path of sourcesIn(root)) texts.set(path, readFileSync(path, 'utf8'));
    for (const [path, text] of this.#overlays) {
      if (this.#options.roots.some((root) => path.startsWith(`${root}/`))) texts.set(path, text);
    }
    return texts;
  }

  #findingsIn(path: string, text: string, isGuarded: boolean): FileFindings {
    const lines = createLineIndex(text);
    const findings = isGuarded
      ? []
      : pairs(text).map(({ read, write }, ordinal): LocatedFinding => {
          const start = lines.position(write);
          const end = lines.position(write + WRITE.length);
          const related = { ...lines.position(read), path: basename(path), message: 'Read here.' };
          return {
            finding: {
              rule: RULE,
              item: 'race-condition',
              severity: 'warning',
              confidence: 'high',
              path: basename(path),
              ...start,
              endLine: end.line,
              endColumn: end.column,
              message: "'balance' is read at 'query' and written back at 'query'; a concurrent call's write is lost.",
              related: [related],
              fixes: [],
              fingerprint: `lost-update#${ordinal}`,
            },
            at: { path, start: write, end: write + WRITE.length },
            related: [{ at: { path, start: read, end: read + READ.length }, message: 'Read here.' }],
          };
        });
    return { path, resultId: hashText(JSON.stringify(findings)), findings };
  }
}

function pairs(text: string): { read: number; write: number }[] {
  const found: { read: number; write: number }[] = [];
  for (let read = text.indexOf(READ); read >= 0; read = text.indexOf(READ, read + 1)) {
    const write = text.indexOf(WRITE, read);
    const next = text.indexOf(READ, read + 1);
    if (write >= 0 && (next < 0 || write < next)) found.push({ read, write });
  }
  return found;
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return sourcesIn(path);
    return /\.[cm]?[jt]sx?$/.test(entry.name) ? [path] : [];
  });
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  await sleep(milliseconds);
  if (signal?.aborted === true) throw new Cancelled();
}

function resultOf(files: readonly FileFindings[]): CheckResult {
  const count = files.reduce((sum, { findings }) => sum + findings.length, 0);
  const checklist = ITEMS.map(({ id, question }): ChecklistEntry => {
    if (id !== 'race-condition') return { item: id, question, verdict: 'not-checked', count: 0, reasons: ['A fake.'] };
    return { item: id, question, verdict: count > 0 ? 'findings' : 'clear', count, reasons: [] };
  });
  return {
    files,
    checklist,
    skipped: [],
    failures: [],
    stats: {
      files: files.length,
      lines: 0,
      projects: 1,
      calls: 0,
      callsResolved: 0,
      imports: 0,
      unresolvedImports: 0,
      milliseconds: 1,
      peakMemoryMB: 1,
    },
  };
}
