/** The request behind "Run concurrency checklist": checks everything, with progress, and answers the seven questions. */
import {
  type CancellationToken,
  type Connection,
  LSPErrorCodes,
  ResponseError,
  WorkDoneProgress,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
  type WorkDoneProgressServerReporter,
} from 'vscode-languageserver';

import type { Progress } from '../driver/service.ts';
import type { ChecklistFinding, ChecklistResult } from '../protocol.ts';
import { type AnalysisSession, reasonOf, type Snapshot } from './analysis-session.ts';
import { isCancelled, requestCancelled, signalOf, within } from './cancellation.ts';
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
  readonly report: (percentage: number, message: string) => void;
  readonly end: () => void;
  /** The bar's own cancel button. */
  readonly cancelled: AbortSignal | undefined;
}

const TITLE = 'Concurrency checklist';
/** Milliseconds. */
const REPORT_INTERVAL = 100;
const PHASE_SHARE = 0.45;
/** A client that never answers the request for a bar must not keep the user waiting. */
const BAR_TIME = 1000;

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
    file.findings.map(
      ({ finding, at }): ChecklistFinding => ({
        item: finding.item,
        rule: finding.rule,
        severity: finding.severity,
        confidence: finding.confidence,
        uri: texts.uriOf(at.path),
        path: folders.displayPath(at.path),
        line: finding.line,
        column: finding.column,
        message: finding.message,
      }),
    ),
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

/** How many phases will come is not known: each takes its share of what is left, and the bar only moves forward. */
function createReporter(bar: Bar): (progress: Progress) => void {
  let reached = 0;
  let phaseStart = 0;
  let reportedAt = 0;
  let lastPhase = '';
  return ({ phase, done, total }) => {
    const now = performance.now();
    if (phase === lastPhase && now - reportedAt < REPORT_INTERVAL) return;
    if (phase !== lastPhase) phaseStart = reached;
    lastPhase = phase;
    reportedAt = now;
    const share = total > 0 ? Math.min(1, done / total) : 0;
    reached = Math.max(reached, phaseStart + (100 - phaseStart) * PHASE_SHARE * share);
    bar.report(Math.floor(reached), total > 0 ? `${phase}: ${done} of ${total}` : phase);
  };
}

async function createBar(token: string | number | undefined, host: ChecklistHost): Promise<Bar> {
  if (token !== undefined) return clientBar(token, host.connection);
  if (host.canCreateProgress) {
    try {
      const progress = await within(BAR_TIME, host.connection.window.createWorkDoneProgress());
      if (progress !== undefined) return serverBar(progress);
    } catch {
      // A client that refuses the bar still gets the result.
    }
  }
  return { report: () => undefined, end: () => undefined, cancelled: undefined };
}

function clientBar(token: string | number, connection: Connection): Bar {
  const send = (value: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd): void => {
    connection.sendProgress(WorkDoneProgress.type, token, value).catch(() => undefined);
  };
  send({ kind: 'begin', title: TITLE, cancellable: true, percentage: 0 });
  return {
    report: (percentage, message) => send({ kind: 'report', message, percentage }),
    end: () => send({ kind: 'end' }),
    cancelled: undefined,
  };
}

function serverBar(progress: WorkDoneProgressServerReporter): Bar {
  progress.begin(TITLE, 0, undefined, true);
  return {
    report: (percentage, message) => progress.report(percentage, message),
    end: () => progress.done(),
    cancelled: signalOf(progress.token),
  };
}

function tokenOf(params: unknown): string | number | undefined {
  if (typeof params !== 'object' || params === null || !('workDoneToken' in params)) return undefined;
  const { workDoneToken } = params;
  return typeof workDoneToken === 'string' || typeof workDoneToken === 'number' ? workDoneToken : undefined;
}
