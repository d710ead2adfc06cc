// Idiom of github.com/UlianaSavi/node-nodejs-basics and github.com/louislam/uptime-kuma: `access` made a boolean, folders that may exist.
import { existsSync, mkdirSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import { unlink } from 'node:fs/promises';

export async function saveUpload(filename: string, content: Buffer): Promise<void> {
  const exists = await fs
    .access(filename)
    .then(() => true)
    .catch(() => false);
  if (!exists) {
    await fs.writeFile(filename, content);
  //         ^^^^^^^^^ toctou/fs-check-then-use high "'filename' is looked for with 'access' and then written by 'writeFile'"
  }
}

export async function reserve(path: string): Promise<void> {
  if (existsSync(path)) throw new Error('There is a file of this name.');
  await fs.writeFile(path, '', 'utf8');
  //       ^^^^^^^^^ toctou/fs-check-then-use medium "a file that appears in between is overwritten"
}

export async function folderOf(userId: string): Promise<string> {
  const folder = `/srv/uploads/${userId}`;
  if (!existsSync(folder)) await fs.mkdir(folder);
  //                                ^^^^^ toctou/fs-check-then-use medium "it can exist by then, and the call fails"
  return folder;
}

export async function discard(path: string): Promise<void> {
  if (existsSync(path)) {
    await unlink(path);
  //      ^^^^^^ toctou/fs-check-then-use medium "it can be gone by then"
  }
}

export async function publish(draft: string, target: string): Promise<boolean> {
  try {
    await fs.access(target);
    return false;
  } catch {
    await fs.copyFile(draft, target);
  //         ^^^^^^^^ toctou/fs-check-then-use high "'target' is looked for with 'access' and then copied by 'copyFile'"
    return true;
  }
}

export async function draft(path: string, text: string): Promise<void> {
  let exists = true;
  try {
    await fs.access(path);
  } catch {
    exists = false;
  }
  if (!exists) {
    await fs.writeFile(path, text, { flag: 'wx' });
  //         ^^^^^^^^^ toctou/fs-check-then-use high "'path'"
    await fs.writeFile(path, `${text} again`); // ok toctou/fs-check-then-use: the first write made it
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await fs.access(path);
    return true;
  } catch {
    return false;
  }
}

export async function createInvoice(path: string, text: string): Promise<void> {
  if (await isThere(path)) return;
  await fs.writeFile(path, text);
  //       ^^^^^^^^^ toctou/fs-check-then-use high "'path' is looked for with 'isThere' (through 'access')"
}

export async function createOnce(path: string, text: string): Promise<void> {
  if (await isThere(path)) return;
  await fs.writeFile(path, text, { flag: 'wx' }); // ok toctou/fs-check-then-use: created exclusively
}

export async function makeFolder(path: string): Promise<void> {
  if (await isThere(path)) return;
  try {
    await fs.mkdir(path); // ok toctou/fs-check-then-use: somebody else's folder is as good
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
  }
}

export async function ensureFolder(path: string): Promise<void> {
  if (!(await isThere(path))) await fs.mkdir(path, { recursive: true }); // ok toctou/fs-check-then-use: no harm if it is there
}

export async function drop(path: string): Promise<void> {
  if (await isThere(path)) await fs.rm(path, { force: true }); // ok toctou/fs-check-then-use: no harm if it is gone
}

export async function readIfThere(path: string): Promise<string | undefined> {
  return (await isThere(path)) ? fs.readFile(path, 'utf8') : undefined; // ok toctou/fs-check-then-use: reading says itself that there is nothing
}

export async function rewrite(path: string, text: string): Promise<void> {
  await fs.access('/srv/uploads');
  await fs.writeFile(path, text); // ok toctou/fs-check-then-use: another path
}

export function prepareSync(folder: string): void {
  if (!existsSync(folder)) {
    mkdirSync(folder);
  //^^^^^^^^^ toctou/fs-check-then-use low "'folder'"
  }
}
