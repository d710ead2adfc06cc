/**
 * The lightbulb: fixes that were verified on the text as it is, and the comments that silence a finding. A request
 * takes what is known and waits a short while for the rest of its range; it never waits for the whole file unless it
 * asks for "fix all", and never longer than the user would.
 */
import {
  type CancellationToken,
  type CodeAction,
  CodeActionKind,
  type CodeActionParams,
  type Diagnostic,
  LSPErrorCodes,
  ResponseError,
} from 'vscode-languageserver';

import type { LocatedFinding, VerifiedFix } from '../driver/service.ts';
import type { Edit } from '../rule.ts';
import type { AnalysisSession, Snapshot } from './analysis-session.ts';
import { isCancelled, orAbort, requestCancelled, signalOf, within } from './cancellation.ts';
import { type ClientFeatures, FIX_ALL } from './client-features.ts';
import { type DiagnosticContext, fingerprintOf, toDiagnostics } from './diagnostics.ts';
import { normalPath } from './file-uris.ts';
import type { OpenDocument, OpenDocuments } from './open-documents.ts';
import { toUtf16 } from './position-encoding.ts';
import { suppressionActions } from './suppression-actions.ts';
import type { VerifiedFixes } from './verified-fixes.ts';
import type { WorkspaceEdits } from './workspace-edits.ts';

export interface CodeActionHost {
  readonly session: AnalysisSession;
  readonly documents: OpenDocuments;
  readonly fixes: VerifiedFixes;
  readonly edits: WorkspaceEdits;
  readonly features: ClientFeatures;
  readonly context: DiagnosticContext;
}

/** A document that is a source file, at the version the request is about. */
interface Subject extends OpenDocument {
  readonly path: string;
}

/** One offered fix, before it becomes an action. */
interface Offer {
  readonly located: LocatedFinding;
  readonly fix: VerifiedFix;
  readonly isPreferred: boolean;
}

/** What an action needs to find its edit again. */
interface ActionData {
  readonly uri: string;
  readonly version: number;
  readonly fingerprint: string;
  readonly fix: string;
}

/** Milliseconds a request may wait for analysis and verification together. */
const PATIENCE = 1500;
const ORDER: readonly VerifiedFix['applicability'][] = ['safe', 'changes-behaviour', 'sketch'];

export class CodeActions {
  readonly #host: CodeActionHost;

  constructor(host: CodeActionHost) {
    this.#host = host;
  }

  async list(params: CodeActionParams, token: CancellationToken): Promise<CodeAction[] | ResponseError<void>> {
    const subject = this.#subject(params.textDocument.uri);
    const wanted = { fixes: isWanted(params, CodeActionKind.QuickFix), all: isAskedFor(params, FIX_ALL) };
    if (subject === undefined || !(wanted.fixes || wanted.all)) return [];
    const { documents, session, fixes } = this.#host;
    const [from, to] = this.#offsets(subject, params);
    fixes.seenAt(subject.path, from);
    const until = performance.now() + PATIENCE;
    const signal = signalOf(token);
    try {
      const snapshot = await orAbort(within(PATIENCE, session.settled(signal)), signal);
      if (snapshot === undefined || snapshot.versions.get(subject.path) !== subject.version) return [];
      const findings = snapshot.files.get(subject.path)?.findings ?? [];
      const asked = new Set(params.context.diagnostics.map(fingerprintOf));
      const inRange = findings.filter(
        ({ at, finding }) => (at.start <= to && at.end >= from) || asked.has(finding.fingerprint),
      );
      const concerned = wanted.all ? findings : inRange;
      await orAbort(this.#verify(subject, concerned, until), signal);
      // Whatever was computed meanwhile, it is for a text that is gone.
      if (documents.get(subject.uri)?.version !== subject.version) return [];
      const actions = wanted.fixes ? await this.#quickFixes(subject, inRange, params, snapshot) : [];
      return wanted.all ? [...actions, ...(await this.#fixAll(subject, findings))] : actions;
    } catch (error) {
      if (isCancelled(error)) return requestCancelled();
      throw error;
    }
  }

  async resolve(action: CodeAction): Promise<CodeAction | ResponseError<void>> {
    if (action.edit !== undefined || action.data === undefined) return action;
    const data = readData(action.data);
    if (data === undefined) return new ResponseError(LSPErrorCodes.RequestFailed, 'The action is not one of ours.');
    const subject = this.#subject(data.uri);
    const fix =
      subject?.version === data.version
        ? this.#host.fixes
            .known(subject.path, data.fingerprint)
            ?.find(({ id, title }) => nameOf(id, title) === data.fix)
        : undefined;
    const edit = fix && (await this.#host.edits.ofFix(fix));
    if (edit !== undefined && this.#host.documents.get(data.uri)?.version === data.version) return { ...action, edit };
    return new ResponseError(LSPErrorCodes.ContentModified, 'The document changed since the fix was verified.');
  }

  #subject(uri: string): Subject | undefined {
    const document = this.#host.documents.get(uri);
    return document?.path === undefined ? undefined : { ...document, path: document.path };
  }

  #offsets({ content }: Subject, { range }: CodeActionParams): readonly [number, number] {
    const { encoding } = this.#host.features;
    const start = content.offsetAt(toUtf16(content, range.start, encoding));
    const end = content.offsetAt(toUtf16(content, range.end, encoding));
    return [Math.min(start, end), Math.max(start, end)];
  }

  /** Comes back when everything is known or the time is over. */
  async #verify({ path }: Subject, findings: readonly LocatedFinding[], until: number): Promise<void> {
    const verified = findings.map(({ finding }) => this.#host.fixes.verify(path, finding.fingerprint));
    await within(until - performance.now(), Promise.all(verified));
  }

  async #quickFixes(
    subject: Subject,
    findings: readonly LocatedFinding[],
    params: CodeActionParams,
    snapshot: Snapshot,
  ): Promise<CodeAction[]> {
    const offers = this.#offers(subject, findings);
    const fixes = await Promise.all(offers.map((offer) => this.#fixAction(subject, offer, params, snapshot)));
    const comments = await Promise.all(
      findings.map((located) => this.#suppressions(subject, located, params, snapshot)),
    );
    return [...fixes.filter((one) => one !== undefined), ...uniqueByTitle(comments.flat())];
  }

  /** Safe ones of all findings before those that change behaviour before sketches; otherwise in the rules' order. */
  #offers({ path }: Subject, findings: readonly LocatedFinding[]): Offer[] {
    const offers = findings.flatMap((located) => {
      const fixes = this.#host.fixes.known(path, located.finding.fingerprint) ?? [];
      const best = fixes.find(({ applicability }) => applicability === 'safe');
      return fixes.map((fix) => ({ located, fix, isPreferred: fix === best }));
    });
    return offers.sort((a, b) => ORDER.indexOf(a.fix.applicability) - ORDER.indexOf(b.fix.applicability));
  }

  async #fixAction(
    subject: Subject,
    { located, fix, isPreferred }: Offer,
    params: CodeActionParams,
    snapshot: Snapshot,
  ): Promise<CodeAction | undefined> {
    const { features, edits } = this.#host;
    const fingerprint = located.finding.fingerprint;
    const data: ActionData = {
      uri: subject.uri,
      version: subject.version,
      fingerprint,
      fix: nameOf(fix.id, fix.title),
    };
    const edit = features.resolveEdit ? undefined : await edits.ofFix(fix);
    if (!features.resolveEdit && edit === undefined) return undefined;
    return {
      title: titleOf(fix, features.changeAnnotations),
      kind: CodeActionKind.QuickFix,
      diagnostics: await this.#diagnosticsOf(located, params, snapshot, subject),
      ...(isPreferred && features.preferredActions ? { isPreferred } : {}),
      ...(edit === undefined ? { data } : { edit }),
    };
  }

  async #suppressions(
    subject: Subject,
    located: LocatedFinding,
    params: CodeActionParams,
    snapshot: Snapshot,
  ): Promise<CodeAction[]> {
    const { finding, at } = located;
    if (finding.item === 'suppression') return [];
    const diagnostics = await this.#diagnosticsOf(located, params, snapshot, subject);
    const actions = suppressionActions(subject.path, subject.content.getText(), at.start, finding.rule);
    const made = actions.map(async ({ title, edit }): Promise<CodeAction[]> => {
      const change = await this.#host.edits.inDocument(subject.path, [edit]);
      return change === undefined ? [] : [{ title, kind: CodeActionKind.QuickFix, diagnostics, edit: change }];
    });
    return (await Promise.all(made)).flat();
  }

  /** The client's own object where it sent one: it compares by identity of all fields. */
  async #diagnosticsOf(
    located: LocatedFinding,
    params: CodeActionParams,
    snapshot: Snapshot,
    { path }: Subject,
  ): Promise<Diagnostic[]> {
    const known = params.context.diagnostics.filter((one) => fingerprintOf(one) === located.finding.fingerprint);
    if (known.length > 0) return known;
    return toDiagnostics([located], snapshot.versions.get(path), this.#host.context);
  }

  /** The best safe fix of every finding, as far as they do not touch each other and stay in this file. */
  async #fixAll(subject: Subject, findings: readonly LocatedFinding[]): Promise<CodeAction[]> {
    const chosen: Edit[] = [];
    for (const { finding } of findings) {
      const fixes = this.#host.fixes.known(subject.path, finding.fingerprint) ?? [];
      const safe = fixes.find(
        ({ applicability, edits }) =>
          applicability === 'safe' && edits.every(({ path }) => normalPath(path) === subject.path),
      );
      const added = safe?.edits.filter((edit) => !chosen.some((other) => isSame(edit, other))) ?? [];
      if (added.some((edit) => chosen.some((other) => touches(edit, other)))) continue;
      chosen.push(...added);
    }
    if (chosen.length === 0) return [];
    const edit = await this.#host.edits.inDocument(subject.path, chosen);
    return edit === undefined ? [] : [{ title: 'Fix all safely fixable concurrency findings', kind: FIX_ALL, edit }];
  }
}

function titleOf({ title, applicability, difference }: VerifiedFix, canAnnotate: boolean): string {
  if (applicability === 'sketch') return `${title} (to be finished by hand)`;
  // Where the editor cannot show the difference, the title must.
  if (applicability === 'changes-behaviour' && !canAnnotate)
    return `${title} (changes behaviour: ${difference ?? 'see the edit'})`;
  return title;
}

/** Forms of one fix may share the id. */
function nameOf(id: string, title: string): string {
  return `${id}: ${title}`;
}

function readData(data: unknown): ActionData | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { uri, version, fingerprint, fix } = data as Record<string, unknown>;
  if (typeof uri !== 'string' || typeof version !== 'number') return undefined;
  if (typeof fingerprint !== 'string' || typeof fix !== 'string') return undefined;
  return { uri, version, fingerprint, fix };
}

/** Without a list everything but source actions is wanted. */
function isWanted({ context }: CodeActionParams, kind: string): boolean {
  return context.only === undefined || isAskedFor({ context }, kind);
}

function isAskedFor({ context }: Pick<CodeActionParams, 'context'>, kind: string): boolean {
  return context.only?.some((one) => one === '' || kind === one || kind.startsWith(`${one}.`)) === true;
}

function uniqueByTitle(actions: readonly CodeAction[]): CodeAction[] {
  const edits = new Set<string>();
  return actions.filter(({ title, edit }) => {
    const key = `${title} ${JSON.stringify(edit)}`;
    return !edits.has(key) && edits.add(key);
  });
}

function isSame(a: Edit, b: Edit): boolean {
  return a.start === b.start && a.end === b.end && a.text === b.text;
}

function touches(a: Edit, b: Edit): boolean {
  return a.start <= b.end && b.start <= a.end;
}
