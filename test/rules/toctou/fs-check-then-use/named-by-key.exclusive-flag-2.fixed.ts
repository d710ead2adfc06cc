// Idiom of github.com/outline/outline: files that are stored under a key which was made up for them.
import { access, writeFile } from 'node:fs/promises';

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

export class Uploads {
  async store(key: string, content: Buffer): Promise<void> {
    const path = `/srv/uploads/${key}`;
    if (await isThere(path)) throw new Error('It is stored already.');
    //        ^^^^^^^ related "Looked for here."
    await writeFile(path, content);
    //    ^^^^^^^^^ toctou/fs-check-then-use low "a file that appears in between is overwritten"
  }

  async storeAs(folderKey: string, filename: string, content: Buffer): Promise<void> {
    const path = `/srv/uploads/${folderKey}/${filename}`;
    if (await isThere(path)) throw new Error('There is a file of this name.');
    //        ^^^^^^^ related "Looked for here."
    await writeFile(path, content, { flag: 'wx' });
    //    ^^^^^^^^^ toctou/fs-check-then-use high "a file that appears in between is overwritten"
  }
}
