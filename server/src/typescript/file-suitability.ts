/**
 * Which source files are not worth reading: videos that end in `.ts`, bundles, generated code.
 */
import { closeSync, openSync, readSync, statSync } from 'node:fs';

/** Bytes; hand-written files of this size do not occur, generated ones do. */
export const MAX_FILE_SIZE = 1_000_000;
const MAX_LINE_LENGTH = 20_000;
const BINARY_PROBE = 8192;
const GENERATED_PROBE = 2048;

/** Judges by size and first bytes, and remembers while the file stays as it is. */
export class FileSuitability {
  readonly #overlay: (path: string) => string | undefined;
  readonly #known = new Map<string, { stamp: string; reason: string | undefined }>();

  constructor(overlay: (path: string) => string | undefined) {
    this.#overlay = overlay;
  }

  /** Why a file must not be read; undefined when it may. */
  reason(path: string): string | undefined {
    const unsaved = this.#overlay(path);
    if (unsaved !== undefined) return unsaved.length > MAX_FILE_SIZE ? tooLarge : undefined;
    try {
      const { size, mtimeMs, ctimeMs } = statSync(path);
      const stamp = `${size} ${mtimeMs} ${ctimeMs}`;
      const known = this.#known.get(path);
      if (known?.stamp === stamp) return known.reason;
      const reason = size > MAX_FILE_SIZE ? tooLarge : isBinary(path) ? 'a binary file' : undefined;
      this.#known.set(path, { stamp, reason });
      return reason;
    } catch (error) {
      return `cannot be read (${error instanceof Error && 'code' in error ? String(error.code) : String(error)})`;
    }
  }
}

const tooLarge = `larger than ${MAX_FILE_SIZE / 1_000_000} MB`;

/** Why a text is skipped; undefined when it is code that people write. */
export function unsuitableText(text: string): string | undefined {
  if (text.length > MAX_FILE_SIZE) return tooLarge;
  if (text.slice(0, GENERATED_PROBE).includes('@generated')) return 'marked as @generated';
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    if ((end < 0 ? text.length : end) - start > MAX_LINE_LENGTH)
      return `has a line of over ${MAX_LINE_LENGTH} characters`;
    if (end < 0) break;
    start = end + 1;
  }
  return undefined;
}

function isBinary(path: string): boolean {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(BINARY_PROBE);
    return bytes.subarray(0, readSync(file, bytes, 0, BINARY_PROBE, 0)).includes(0);
  } finally {
    closeSync(file);
  }
}
