/** The request behind "Run concurrency checklist": checks everything, with progress, and answers the seven questions. */
import {
  type CancellationToken,
  type Connection,
  LSPErrorCodes,
  ResponseError,
  WorkDoneProgress,
  type WorkDoneProgressServerReporter,
} from 'vscode-languageserver';

import type { Progress } from '../driver/service.ts';
import type { ChecklistFinding, ChecklistResult } from '../protocol.ts';
import { type AnalysisSession, reasonOf, type Snapshot } from './analysis-session.ts';
import { isCancelled, requestCancelled, signalOf } from './cancellation.ts';
import type { FileTexts } from './file-texts.ts';
import type { WorkspaceFolders } from './workspace-folders.ts';

export interface ChecklistHost {
  readonly connection: Connection;
  readonly session: AnalysisSession;
  readonly texts: FileTexts;
  readonly folders: WorkspaceFolders;
  /** The client shows progress that the server starts. */
  readonly canCreateProgress: boolean;
}

interface Bar {
  readonly report: (percentage: number | undefined, message: string) => void;
  readonly end: () => void;
  /** The bar's own cancel button. */
  readonly cancelled: AbortSignal | undefined;
}

const TITLE = 'Concurrency checklist';

export async function runChecklist(
  params: unknown,
  token: CancellationToken,
  host: ChecklistHost,
): Promise<ChecklistResult | ResponseError<void>> {
  const bar = await createBar(tokenOf(params), host);
  const signal = bar.cancelled === undefined ? signalOf(token) : AbortSignal.any([signalOf(token), bar.cancelled]);
  try {
    const snapshot = await host.session.run(createReporter(bar), signal);
    return toResult(snapshot, host);
  } catch (error) {
    if (isCancelled(error)) return requestCancelled();
    return new ResponseError(LSPErrorCodes.RequestFailed, reasonOf(error));
  } finally {
    bar.end();
  }
}

function toResult({ result }: Snapshot, { texts, folders }: ChecklistHost): ChecklistResult {
  const findings = result.files.flatMap((file) =>
    file.findings.map(({ finding, at }): ChecklistFinding => ({
      item: finding.item,
      rule: finding.rule,
      severity: finding.severity,
      confidence: finding.confidence,
      uri: texts.uriOf(at.path),
      path: folders.displayPath(at.path),
      line: finding.line,
      column: finding.column,
      message: finding.message,
    })),
  );
  const { files, lines, milliseconds } = result.stats;
  return {
    checklist: result.checklist.map((entry) => ({ ...entry, reasons: [...entry.reasons] })),
    // Complaints about suppression comments answer none of the seven questions.
    findings: findings.filter(({ item }) => item !== 'suppression'),
    skipped: result.skipped.map(({ path, reason }) => ({ path, reason })),
    stats: { files, lines, milliseconds },
  };
}

/** Every phase counts from zero; the bar only moves forward, and says in words where it is. */
function createReporter(bar: Bar): (progress: Progress) => void {
  const MOST_PER_SECOND = 10;
  let reached = 0;
  let reportedAt = 0;
  let lastPhase = '';
  return ({ phase, done, total }) => {
    const now = performance.now();
    if (phase === lastPhase && now - reportedAt < 1000 / MOST_PER_SECOND) return;
    lastPhase = phase;
    reportedAt = now;
    const share = total > 0 ? Math.min(1, done / total) : 0;
    reached = Math.max(reached, Math.floor(share * 100));
    bar.report(reached, total > 0 ? `${phase}: ${done} of ${total}` : phase);
  };
}

async function createBar(token: string | number | undefined, host: ChecklistHost): Promise<Bar> {
  if (token !== undefined) return clientBar(token, host.connection);
  if (host.canCreateProgress) {
    try {
      return serverBar(await host.connection.window.createWorkDoneProgress());
    } catch {
      // A client that refuses the bar still gets the result.
    }
  }
  return { report: () => undefined, end: () => undefined, cancelled: undefined };
}

function clientBar(token: string | number, connection: Connection): Bar {
  const send = (value: Parameters<typeof connection.sendProgress<WorkDoneValue>>[2]): void => {
    connection.sendProgress(WorkDoneProgress.type, token, value).catch(() => undefined);
  };
  send({ kind: 'begin', title: TITLE, cancellable: true, percentage: 0 });
  return {
    report: (percentage, message) =>
      send({ kind: 'report', message, ...(percentage === undefined ? {} : { percentage }) }),
    end: () => send({ kind: 'end' }),
    cancelled: undefined,
  };
}

type WorkDoneValue = Parameters<NonNullable<typeof WorkDoneProgress.type._>[0]>[0];

function serverBar(progress: WorkDoneProgressServerReporter): Bar {
  progress.begin(TITLE, 0, undefined, true);
  return {
    report: (percentage, message) =>
      percentage === undefined ? progress.report(message) : progress.report(percentage, message),
    end: () => progress.done(),
    cancelled: signalOf(progress.token),
  };
}

function tokenOf(params: unknown): string | number | undefined {
  if (typeof params !== 'object' || params === null || !('workDoneToken' in params)) return undefined;
  const { workDoneToken } = params;
  return typeof workDoneToken === 'string' || typeof workDoneToken === 'number' ? workDoneToken : undefined;
}
