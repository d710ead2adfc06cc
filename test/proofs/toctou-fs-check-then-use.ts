import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Proof, program, proof } from './harness/proof.ts';
import type { Scene } from './harness/scene.ts';

const rule = 'toctou/fs-check-then-use';

const SAVE = program`
  import * as fs from 'node:fs/promises';

  export async function save(path: string, text: string): Promise<void> {
    const exists = await fs
      .access(path)
      .then(() => true)
      .catch(() => false);
    if (!exists) {
      await fs.writeFile(path, text);
    }
  }
`;

interface Save {
  readonly save: (path: string, text: string) => Promise<void>;
}

/** Somebody else's file is there by the time that the program writes. */
function overtaken({ save }: Save, scene: Scene): Promise<unknown> {
  return inFolder(async (folder) => {
    const path = join(folder, 'upload');
    const theirs = (): void => writeFileSync(path, 'theirs');
    const outcome = await scene.justBefore(/^writeFile/, theirs, () => save(path, 'ours'));
    return { outcome, stored: readFileSync(path, 'utf8') };
  });
}

export const fsCheckThenUseProofs: readonly Proof[] = [
  proof<Save>({
    rule,
    fix: 'exclusive-flag',
    form: 'writeFile',
    program: SAVE,
    observe: overtaken,
    before: { outcome: 'done', stored: 'ours' },
    after: { outcome: 'EEXIST', stored: 'theirs' },
  }),
  proof<Save>({
    rule,
    fix: 'create-or-skip',
    form: 'writeFile',
    program: SAVE,
    observe: overtaken,
    before: { outcome: 'done', stored: 'ours' },
    after: { outcome: 'done', stored: 'theirs' },
  }),
  proof<{ folderOf: (path: string) => Promise<void> }>({
    rule,
    fix: 'recursive-mkdir',
    form: 'mkdir',
    program: program`
      import { existsSync } from 'node:fs';
      import { mkdir } from 'node:fs/promises';

      export async function folderOf(path: string): Promise<void> {
        if (!existsSync(path)) await mkdir(path);
      }
    `,
    observe: ({ folderOf }, scene) =>
      inFolder(async (folder) => {
        const path = join(folder, 'user');
        const outcome = await scene.justBefore(
          /^mkdir$/,
          () => mkdirSync(path),
          () => folderOf(path),
        );
        return { outcome, folders: readdirSync(folder) };
      }),
    before: { outcome: 'EEXIST', folders: ['user'] },
    after: { outcome: 'done', folders: ['user'] },
  }),
  proof<{ discard: (path: string) => Promise<void> }>({
    rule,
    fix: 'forced-removal',
    form: 'unlink, imported by name',
    program: program`
      import { existsSync } from 'node:fs';
      import { unlink } from 'node:fs/promises';

      export async function discard(path: string): Promise<void> {
        if (existsSync(path)) {
          await unlink(path);
        }
      }
    `,
    observe: ({ discard }, scene) =>
      inFolder(async (folder) => {
        const path = join(folder, 'draft');
        writeFileSync(path, '');
        const outcome = await scene.justBefore(
          /^(unlink|rm)$/,
          () => rmSync(path),
          () => discard(path),
        );
        return { outcome, files: readdirSync(folder) };
      }),
    before: { outcome: 'ENOENT', files: [] },
    after: { outcome: 'done', files: [] },
  }),
  proof<{ publish: (draft: string, target: string) => Promise<boolean> }>({
    rule,
    fix: 'exclusive-copy',
    form: 'copyFile',
    program: program`
      import * as fs from 'node:fs/promises';

      export async function publish(draft: string, target: string): Promise<boolean> {
        try {
          await fs.access(target);
          return false;
        } catch {
          await fs.copyFile(draft, target);
          return true;
        }
      }
    `,
    observe: ({ publish }, scene) =>
      inFolder(async (folder) => {
        const drafts = ['one', 'two'].map((text) => {
          writeFileSync(join(folder, text), text);
          return join(folder, text);
        });
        const target = join(folder, 'published');
        return scene.atOnce(
          /^access/,
          drafts.map((draft) => () => publish(draft, target)),
        );
      }),
    before: [true, true],
    after: ['EEXIST', true],
  }),
];

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'checklist-files-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
