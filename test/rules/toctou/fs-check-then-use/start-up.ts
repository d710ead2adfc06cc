// Idiom of github.com/louislam/uptime-kuma: the database file is copied before it is changed, and put back when that fails.
import fs from 'node:fs';

declare function patch(file: string): Promise<void>;

function backUp(file: string, copy: string): void {
  if (fs.existsSync(file)) fs.copyFileSync(file, copy);
  //                          ^^^^^^^^^^^^ toctou/fs-check-then-use low "'file'"
}

// What fails is the change, not the look at the file.
export async function upgrade(file: string, copy: string): Promise<void> {
  try {
    backUp(file, copy);
    await patch(file);
  } catch {
    fs.unlinkSync(file); // ok toctou/fs-check-then-use: `existsSync` throws nothing
    fs.copyFileSync(copy, file);
  }
}

// `access` does throw when there is no file.
export async function create(file: string, text: string): Promise<void> {
  try {
    await fs.promises.access(file);
  } catch {
    await fs.promises.writeFile(file, text);
    //                ^^^^^^^^^ toctou/fs-check-then-use high "'file' is looked for with 'access' and then written"
  }
}

async function clean(folder: string): Promise<void> {
  if (!fs.existsSync(folder)) return;
  await patch(folder);
  fs.rmdirSync(folder);
  // ^^^^^^^^^ toctou/fs-check-then-use low "'folder'"
}

// Nobody else is there yet when the process starts.
export async function initDatabase(folder: string): Promise<void> {
  await clean(folder);
}
