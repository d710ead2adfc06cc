/** What the paths on the command line mean: where to look, what findings are limited to, what their paths are relative to. */
import { accessSync, constants, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError } from './options.ts';

export interface CheckedPaths {
  readonly roots: readonly string[];
  readonly paths: readonly string[];
  readonly base: string;
}

/** Throws `UsageError` for a path that does not exist or cannot be read. */
export function checkedPaths(given: readonly string[], currentDirectory: string): CheckedPaths {
  const paths = (given.length === 0 ? ['.'] : given).map((path) => absolute(path, currentDirectory));
  const directories = paths.map((path, index) => directoryOf(path, given[index] ?? '.'));
  return { roots: paths, paths, base: baseOf(paths, directories, slashed(currentDirectory)) };
}

/** One folder: that folder. Otherwise the current directory when everything lies in it, else what they have in common. */
function baseOf(paths: readonly string[], directories: readonly string[], currentDirectory: string): string {
  const [first = currentDirectory] = directories;
  if (paths.length === 1 && paths[0] === first) return first;
  let base = directories.every((directory) => isInside(directory, currentDirectory)) ? currentDirectory : first;
  while (!directories.every((directory) => isInside(directory, base))) base = dirname(base);
  return base;
}

function directoryOf(path: string, given: string): string {
  let isDirectory: boolean;
  try {
    isDirectory = statSync(path).isDirectory();
    accessSync(path, isDirectory ? constants.R_OK | constants.X_OK : constants.R_OK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UsageError(code === 'ENOENT' ? `'${given}' does not exist.` : `'${given}' cannot be read (${code}).`);
  }
  return isDirectory ? path : dirname(path);
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

function absolute(path: string, currentDirectory: string): string {
  return slashed(resolve(currentDirectory, path));
}

function slashed(path: string): string {
  return path.replaceAll('\\', '/');
}
