/**
 * The documents the client has open, with their text as the client sees it. Nothing here trusts the order or the shape
 * of what arrives: a change to an unknown document, a second open, a close too many are answered by doing less.
 */
import type {
  DidChangeTextDocumentParams,
  DidOpenTextDocumentParams,
  Position,
  TextDocumentContentChangeEvent,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';

import { hashText } from '../driver/apply-edits.ts';
import { uriToPath } from './file-uris.ts';
import { type Encoding, toUtf16 } from './position-encoding.ts';

export interface OpenDocument {
  /** As the client spells it. */
  readonly uri: string;
  /** Undefined for documents that are no files: nothing is ever found in them. */
  readonly path: string | undefined;
  readonly version: number;
  readonly content: TextDocument;
  /** The driver's hash of the text. */
  readonly hash: () => string;
}

const SOURCE = /\.(?:ts|tsx|mts|cts|js|jsx|mjs|cjs)$/i;

/** Whether the engine reads the file as TypeScript or JavaScript. */
export function isSource(path: string): boolean {
  return SOURCE.test(path);
}

export class OpenDocuments {
  encoding: Encoding = 'utf-16';
  readonly #documents = new Map<string, OpenDocument>();

  open({ textDocument: { uri, languageId, version, text } }: DidOpenTextDocumentParams): OpenDocument {
    return this.#set(TextDocument.create(uri, languageId, version, text));
  }

  /** Undefined when the document is not open. Gives also the place of the last edit. */
  change(params: DidChangeTextDocumentParams): { document: OpenDocument; editedAt: number | undefined } | undefined {
    const { uri, version } = params.textDocument;
    const known = this.get(uri);
    if (known === undefined) return undefined;
    let content = known.content;
    let editedAt: number | undefined;
    for (const change of params.contentChanges) {
      const plain = this.#toUtf16(content, change);
      content = TextDocument.update(content, [plain], version ?? known.version);
      if ('range' in plain) editedAt = content.offsetAt(plain.range.start);
    }
    return { document: this.#set(content), editedAt };
  }

  close(uri: string): OpenDocument | undefined {
    const known = this.get(uri);
    this.#documents.delete(keyOf(uri));
    return known;
  }

  get(uri: string): OpenDocument | undefined {
    return this.#documents.get(keyOf(uri));
  }

  at(path: string): OpenDocument | undefined {
    return this.#documents.get(path);
  }

  all(): IterableIterator<OpenDocument> {
    return this.#documents.values();
  }

  /** Those that the engine analyses. */
  *sources(): IterableIterator<OpenDocument & { readonly path: string }> {
    for (const document of this.all()) {
      const { path } = document;
      if (path !== undefined && isSource(path)) yield { ...document, path };
    }
  }

  #set(content: TextDocument): OpenDocument {
    let hash: string | undefined;
    const document: OpenDocument = {
      uri: content.uri,
      path: uriToPath(content.uri),
      version: content.version,
      content,
      hash: () => (hash ??= hashText(content.getText())),
    };
    this.#documents.set(keyOf(content.uri), document);
    return document;
  }

  #toUtf16(content: TextDocument, change: TextDocumentContentChangeEvent): TextDocumentContentChangeEvent {
    if (!('range' in change) || this.encoding === 'utf-16') return change;
    const convert = (position: Position): Position => toUtf16(content, position, this.encoding);
    return { range: { start: convert(change.range.start), end: convert(change.range.end) }, text: change.text };
  }
}

/** A file is the same document however its URI is spelled. */
function keyOf(uri: string): string {
  return uriToPath(uri) ?? uri;
}
