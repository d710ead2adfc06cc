/**
 * Fixes as edits of the protocol: with the version of every open document where the client takes them, with the
 * difference in behaviour to be confirmed where the client can ask. A fix whose file has another text than the one it
 * was computed for gives no edit.
 */
import type {
  AnnotatedTextEdit,
  ChangeAnnotation,
  TextDocumentEdit,
  TextEdit,
  WorkspaceEdit,
} from 'vscode-languageserver';

import { editsByPath, hashText } from '../driver/apply-edits.ts';
import type { VerifiedFix } from '../driver/service.ts';
import type { Edit } from '../rule.ts';
import type { ClientFeatures } from './client-features.ts';
import type { FileTexts } from './file-texts.ts';
import { normalPath } from './file-uris.ts';
import { toRange } from './position-encoding.ts';

interface FileEdits {
  readonly uri: string;
  /** Null for a file that is not open. */
  readonly version: number | null;
  readonly edits: readonly TextEdit[];
}

const ANNOTATION = 'changes-behaviour';

export class WorkspaceEdits {
  readonly #texts: FileTexts;
  readonly #features: ClientFeatures;

  constructor(texts: FileTexts, features: ClientFeatures) {
    this.#texts = texts;
    this.#features = features;
  }

  /** Undefined when a file has changed since. */
  async ofFix(fix: VerifiedFix): Promise<WorkspaceEdit | undefined> {
    const hashes = new Map(fix.texts.map(({ path, hash }) => [normalPath(path), hash]));
    const files: FileEdits[] = [];
    for (const [path, edits] of editsByPath(fix.edits)) {
      const file = await this.#inFile(normalPath(path), edits, hashes.get(normalPath(path)));
      if (file === undefined) return undefined;
      files.push(file);
    }
    return this.#assemble(files, fix.applicability === 'changes-behaviour' ? annotationOf(fix) : undefined);
  }

  /** Edits of one open document; they may touch but not overlap. Undefined when the document is closed. */
  async inDocument(path: string, edits: readonly Edit[]): Promise<WorkspaceEdit | undefined> {
    const file = await this.#inFile(path, edits, undefined);
    return file && this.#assemble([file], undefined);
  }

  async #inFile(path: string, edits: readonly Edit[], hash: string | undefined): Promise<FileEdits | undefined> {
    const open = this.#texts.open(path);
    const content = open?.content ?? (await this.#texts.read(path));
    if (content === undefined) return undefined;
    if (hash !== undefined && (open?.hash() ?? hashText(content.getText())) !== hash) return undefined;
    const { encoding } = this.#features;
    return {
      uri: this.#texts.uriOf(path),
      version: open?.version ?? null,
      edits: edits.map(({ start, end, text }) => ({ range: toRange(content, start, end, encoding), newText: text })),
    };
  }

  #assemble(files: readonly FileEdits[], annotation: ChangeAnnotation | undefined): WorkspaceEdit {
    if (!this.#features.documentChanges) {
      return { changes: Object.fromEntries(files.map(({ uri, edits }) => [uri, [...edits]])) };
    }
    const isAnnotated = annotation !== undefined && this.#features.changeAnnotations;
    const documentChanges = files.map(
      ({ uri, version, edits }): TextDocumentEdit => ({
        textDocument: { uri, version },
        edits: isAnnotated ? edits.map(annotated) : [...edits],
      }),
    );
    return isAnnotated ? { documentChanges, changeAnnotations: { [ANNOTATION]: annotation } } : { documentChanges };
  }
}

function annotated(edit: TextEdit): AnnotatedTextEdit {
  return { ...edit, annotationId: ANNOTATION };
}

function annotationOf({ title, difference }: VerifiedFix): ChangeAnnotation {
  return { label: title, needsConfirmation: true, ...(difference === undefined ? {} : { description: difference }) };
}
