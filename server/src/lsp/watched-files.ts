/** Which files on disk matter to the analysis, and what the client's news about them mean. */
import { type DidChangeWatchedFilesParams, FileChangeType, type FileSystemWatcher } from 'vscode-languageserver';

import type { Changes } from '../driver/service.ts';
import { uriToPath } from './file-uris.ts';
import { isSource } from './open-documents.ts';

export const WATCHERS: FileSystemWatcher[] = [
  '**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}',
  '**/{tsconfig,jsconfig}*.json',
  '**/package.json',
  '**/{package-lock.json,npm-shrinkwrap.json,yarn.lock,pnpm-lock.yaml,pnpm-workspace.yaml,bun.lock,bun.lockb}',
  '**/.gitignore',
  '**/concurrency-checklist.json',
  '**/*.prisma',
].map((globPattern) => ({ globPattern }));

/** Undefined when nothing of it matters. Installing packages is told by the lockfile, not by ten thousand files. */
export function changesOf({ changes }: DidChangeWatchedFilesParams): Changes | undefined {
  const lists = { changed: [] as string[], created: [] as string[], deleted: [] as string[] };
  for (const { uri, type } of changes) {
    const path = uriToPath(uri);
    if (path === undefined || /\/\.git\//.test(path) || (/\/node_modules\//.test(path) && isSource(path))) continue;
    if (type === FileChangeType.Created) lists.created.push(path);
    else if (type === FileChangeType.Deleted) lists.deleted.push(path);
    else lists.changed.push(path);
  }
  const count = lists.changed.length + lists.created.length + lists.deleted.length;
  return count === 0 ? undefined : lists;
}
