/** The text of any file as the client sees it: the open document where there is one, else what is on disk. */
import { readFile, stat } from 'node:fs/promises';
import { TextDocument } from 'vscode-languageserver-textdocument';

import { normalPath } from './file-uris.ts';
import type { OpenDocument, OpenDocuments } from './open-documents.ts';
import type { WorkspaceFolders } from './workspace-folders.ts';

interface Entry {
  readonly stamp: string;
  readonly content: TextDocument;
}

const MOST_ENTRIES = 200;

export class FileTexts {
  readonly #documents: OpenDocuments;
  readonly #folders: WorkspaceFolders;
  readonly #read = new Map<string, Entry>();

  constructor(documents: OpenDocuments, folders: WorkspaceFolders) {
    this.#documents = documents;
    this.#folders = folders;
  }

  open(path: string): OpenDocument | undefined {
    return this.#documents.at(normalPath(path));
  }

  uriOf(path: string): string {
    return this.open(path)?.uri ?? this.#folders.uriOf(path);
  }

  /** Undefined when there is no such file. */
  async read(path: string): Promise<TextDocument | undefined> {
    const open = this.open(path);
    if (open !== undefined) return open.content;
    try {
      const { mtimeMs, size } = await stat(path);
      const stamp = `${mtimeMs} ${size}`;
      const known = this.#read.get(path);
      if (known?.stamp === stamp) return known.content;
      const content = TextDocument.create(this.uriOf(path), '', 0, await readFile(path, 'utf8'));
      this.#remember(path, { stamp, content });
      return content;
    } catch {
      return undefined;
    }
  }

  #remember(path: string, entry: Entry): void {
    this.#read.delete(path);
    this.#read.set(path, entry);
    for (const oldest of this.#read.keys()) {
      if (this.#read.size <= MOST_ENTRIES) break;
      this.#read.delete(oldest);
    }
  }
}
