import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';

/** toctou/fs-check-then-use: two uploads with one name both find it free. */
export async function storeUpload(path: string, content: Buffer): Promise<void> {
  if (existsSync(path)) throw new Error('There is a file of this name.');
  await writeFile(path, content);
}
