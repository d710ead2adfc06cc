/**
 * The folders the client has open, the settings that hold there, and how a file of theirs is spelled as a URI. Where
 * no folder is open, the folder of the project that an opened file belongs to stands in.
 */
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, posix } from 'node:path';

import { CONFIDENCES, type Confidence } from '../rule.ts';
import { encode, normalPath, pathToUri, relativeTo, uriToPath } from './file-uris.ts';

interface Folder {
  readonly uri: string;
  readonly path: string;
}

const PROJECT_FILES = ['tsconfig.json', 'jsconfig.json', 'package.json'];
/** The editor shows what the command line hides by default: it is a hint there, not a failed build. */
const DEFAULT_CONFIDENCE: Confidence = 'low';

export class WorkspaceFolders {
  #folders: readonly Folder[] = [];
  readonly #standIns = new Set<string>();
  #confidences: readonly Confidence[] = [];

  set(uris: readonly string[]): void {
    const folders = uris.flatMap((uri) => {
      const path = uriToPath(uri);
      return path === undefined ? [] : [{ uri, path }];
    });
    this.#folders = folders.filter(({ path }, at) => folders.findIndex((one) => one.path === path) === at);
  }

  change(added: readonly string[], removed: readonly string[]): void {
    const gone = new Set(removed.map((uri) => uriToPath(uri)));
    this.set([...this.#folders.filter(({ path }) => !gone.has(path)).map(({ uri }) => uri), ...added]);
  }

  /** A file was opened: without a workspace its project becomes the root. */
  opened(path: string): void {
    if (this.#folders.length > 0) return;
    const root = projectFolder(path);
    if (root !== undefined) this.#standIns.add(root);
  }

  get uris(): readonly string[] {
    return this.#folders.map(({ uri }) => uri);
  }

  /** Outermost only: a folder inside another one is analysed with it. */
  get roots(): readonly string[] {
    const paths = this.#folders.length > 0 ? this.#folders.map(({ path }) => path) : [...this.#standIns];
    return paths
      .filter((path) => !paths.some((other) => other !== path && relativeTo(other, path) !== undefined))
      .sort();
  }

  /** One per folder; anything that is no confidence counts as not set. */
  setConfidences(settings: readonly unknown[]): void {
    this.#confidences = settings.map((one) => CONFIDENCES.find((known) => known === one) ?? DEFAULT_CONFIDENCE);
  }

  /** The engine has one value for all roots: the most open one, so that no folder lacks what it asked for. */
  get minConfidence(): Confidence {
    return CONFIDENCES.findLast((one) => this.#confidences.includes(one)) ?? DEFAULT_CONFIDENCE;
  }

  /** Begins with the folder's URI as the client spelled it, so that it is the same document to the client. */
  uriOf(path: string): string {
    const normal = normalPath(path);
    for (const folder of this.#folders) {
      const relative = relativeTo(folder.path, normal);
      if (relative !== undefined && relative !== '') return `${folder.uri.replace(/\/$/, '')}/${encode(relative)}`;
    }
    return pathToUri(normal);
  }

  /** Relative to the innermost folder that has it. */
  displayPath(path: string): string {
    const normal = normalPath(path);
    const inside = [...this.#folders.map((folder) => folder.path), ...this.#standIns]
      .map((folder) => relativeTo(folder, normal))
      .filter((relative) => relative !== undefined);
    return inside.sort((a, b) => a.length - b.length)[0] ?? normal;
  }
}

/** Undefined where only the home directory or the whole disk could be analysed. */
function projectFolder(path: string): string | undefined {
  const home = normalPath(homedir());
  const own = posix.dirname(path);
  for (let folder = own; isFolder(folder, home); folder = dirname(folder)) {
    if (PROJECT_FILES.some((name) => existsSync(`${folder}/${name}`))) return folder;
  }
  return isFolder(own, home) ? own : undefined;
}

function isFolder(path: string, home: string): boolean {
  return path !== home && dirname(path) !== path && relativeTo(path, home) === undefined;
}
