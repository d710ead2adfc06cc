/**
 * What this client can do, read once from `initialize`, and what the server offers in return. Everything a client does
 * not announce is done without.
 */
import {
  type ClientCapabilities,
  CodeActionKind,
  type ServerCapabilities,
  TextDocumentSyncKind,
} from 'vscode-languageserver';

import { chooseEncoding, type Encoding } from './position-encoding.ts';

export const FIX_ALL = 'source.fixAll.concurrencyChecklist';

export interface ClientFeatures {
  readonly encoding: Encoding;
  /** The client asks for diagnostics; they are pushed where not. */
  readonly pull: boolean;
  readonly diagnosticRefresh: boolean;
  readonly relatedInformation: boolean;
  readonly codeDescription: boolean;
  readonly diagnosticData: boolean;
  readonly diagnosticVersion: boolean;
  readonly codeActionLiterals: boolean;
  /** The edit of an action may come with `codeAction/resolve`. */
  readonly resolveEdit: boolean;
  readonly preferredActions: boolean;
  readonly documentChanges: boolean;
  readonly changeAnnotations: boolean;
  readonly configuration: boolean;
  readonly dynamicConfiguration: boolean;
  readonly watchedFiles: boolean;
  readonly workspaceFolders: boolean;
  readonly workDoneProgress: boolean;
}

export function readClientFeatures(capabilities: ClientCapabilities): ClientFeatures {
  const { textDocument, workspace, window, general } = capabilities;
  const pulled = textDocument?.diagnostic;
  const pushed = textDocument?.publishDiagnostics;
  const action = textDocument?.codeAction;
  const edit = workspace?.workspaceEdit;
  return {
    encoding: chooseEncoding(general?.positionEncodings),
    pull: pulled !== undefined,
    diagnosticRefresh: workspace?.diagnostics?.refreshSupport === true,
    // Clients that pull announced these three under publishDiagnostics until protocol 3.18.
    relatedInformation: (pulled?.relatedInformation ?? pushed?.relatedInformation) === true,
    codeDescription: (pulled?.codeDescriptionSupport ?? pushed?.codeDescriptionSupport) === true,
    diagnosticData: (pulled?.dataSupport ?? pushed?.dataSupport) === true,
    diagnosticVersion: pushed?.versionSupport === true,
    codeActionLiterals: action?.codeActionLiteralSupport !== undefined,
    resolveEdit: action?.dataSupport === true && action.resolveSupport?.properties?.includes('edit') === true,
    preferredActions: action?.isPreferredSupport === true,
    documentChanges: edit?.documentChanges === true,
    changeAnnotations: edit?.documentChanges === true && edit.changeAnnotationSupport !== undefined,
    configuration: workspace?.configuration === true,
    dynamicConfiguration: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    watchedFiles: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    workspaceFolders: workspace?.workspaceFolders === true,
    workDoneProgress: window?.workDoneProgress === true,
  };
}

export function serverCapabilities(features: ClientFeatures): ServerCapabilities {
  return {
    positionEncoding: features.encoding,
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: { includeText: false } },
    ...(features.codeActionLiterals
      ? {
          codeActionProvider: {
            codeActionKinds: [CodeActionKind.QuickFix, FIX_ALL],
            resolveProvider: features.resolveEdit,
          },
        }
      : {}),
    ...(features.pull
      ? {
          diagnosticProvider: {
            identifier: 'concurrency',
            interFileDependencies: true,
            workspaceDiagnostics: true,
          },
        }
      : {}),
    ...(features.workspaceFolders
      ? { workspace: { workspaceFolders: { supported: true, changeNotifications: true } } }
      : {}),
  };
}
