/** The findings of one file as a report with an identity: what both ways of pulling, and pushing, hand to the client. */
import type { Diagnostic } from 'vscode-languageserver';

import type { Snapshot } from './analysis-session.ts';
import { type DiagnosticContext, toDiagnostics } from './diagnostics.ts';

/** A file that the analysis says nothing about; the same for all services, since it always means no diagnostics. */
const NOTHING = 'none';

export interface Reports {
  /** Equal ids mean equal diagnostics. */
  readonly resultId: (snapshot: Snapshot | undefined, path: string) => string;
  readonly diagnostics: (snapshot: Snapshot | undefined, path: string) => Promise<Diagnostic[]>;
  readonly isEmpty: (snapshot: Snapshot | undefined, path: string) => boolean;
}

export function createReports(context: DiagnosticContext): Reports {
  const findings = (snapshot: Snapshot | undefined, path: string) => snapshot?.files.get(path)?.findings ?? [];
  return {
    resultId(snapshot, path) {
      const file = snapshot?.files.get(path);
      if (snapshot === undefined || file === undefined || file.findings.length === 0) return NOTHING;
      return `${snapshot.generation}.${file.resultId}`;
    },
    diagnostics: (snapshot, path) => toDiagnostics(findings(snapshot, path), snapshot?.versions.get(path), context),
    isEmpty: (snapshot, path) => findings(snapshot, path).length === 0,
  };
}
