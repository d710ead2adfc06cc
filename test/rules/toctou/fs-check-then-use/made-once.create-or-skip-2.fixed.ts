// Idiom of github.com/keystonejs/keystone: a file that is generated when it is not there yet.
import { access, writeFile } from 'node:fs/promises';

const SCHEMA = 'generated/schema.json';

// Made once, with what anybody would put there.
export async function generate(schema: unknown): Promise<void> {
  const exists = await access(SCHEMA).then(
    () => true,
    () => false,
  );
  if (!exists) await writeFile(SCHEMA, JSON.stringify(schema));
  //                 ^^^^^^^^^ toctou/fs-check-then-use low
}

export async function generateAnew(schema: unknown): Promise<void> {
  await writeFile(SCHEMA, JSON.stringify(schema)); // ok toctou/fs-check-then-use: nothing is asked
}

export async function generateOnce(schema: unknown): Promise<void> {
  await writeFile(SCHEMA, JSON.stringify(schema), { flag: 'wx' }); // ok toctou/fs-check-then-use: fails where it is there
}

// Two who send a file of one name.
export async function upload(name: string, content: Buffer): Promise<void> {
  try {
    await writeFile(name, content, { flag: 'wx' });
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
  }
  //                 ^^^^^^^^^ toctou/fs-check-then-use
}
