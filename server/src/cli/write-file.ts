/** Reading a file for a fix and writing it back: never over a text that is not the one the fix was computed for. */
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { hashText } from '../driver/apply-edits.ts';

const BYTE_ORDER_MARK = '\uFEFF';

/** A file that changed, or is not the text it seems to be. */
export class FileChanged extends Error {
  override readonly name = 'FileChanged';
}

export interface EditableFile {
  readonly text: string;
  /** What stands before the text on disk. */
  readonly prefix: string;
}

/** Throws `FileChanged` when the text on disk has another hash. */
export function readForFix(path: string, hash: string): EditableFile {
  const bytes = readFileSync(path);
  const content = bytes.toString('utf8');
  if (!Buffer.from(content, 'utf8').equals(bytes))
    throw new FileChanged(`${path} is not valid UTF-8; it was left alone.`);
  if (hashText(content) === hash) return { text: content, prefix: '' };
  if (content.startsWith(BYTE_ORDER_MARK) && hashText(content.slice(1)) === hash) {
    return { text: content.slice(1), prefix: BYTE_ORDER_MARK };
  }
  throw new FileChanged(`${path} changed since it was analysed; it was left alone.`);
}

/** All of the new text or all of the old one is on disk at any moment; mode and symbolic links are kept. */
export function writeAtomically(path: string, content: string): void {
  const target = realpathSync(path);
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.tmp`);
  try {
    const file = openSync(temporary, 'wx', statSync(target).mode);
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
