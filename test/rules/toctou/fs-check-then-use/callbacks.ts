// Idiom of github.com/Irina-Belyavskaya/nodejs-basics: `access` with a callback that writes the file.
import fs from 'node:fs';

export function reserve(path: string, done: (error?: Error | null) => void): void {
  fs.access(path, (missing) => {
    if (!missing) {
      done(new Error('There is a file of this name.'));
      return;
    }
    fs.writeFile(path, '', done);
  //   ^^^^^^^^^ toctou/fs-check-then-use high "'path' is looked for with 'access' and then written by 'writeFile'"
  });
}

export function removeOld(path: string, done: (error?: Error | null) => void): void {
  fs.access(path, (missing) => {
    if (missing) return done();
    fs.unlink(path, done);
  //   ^^^^^^ toctou/fs-check-then-use medium "it can be gone by then"
  });
}

function isThere(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    fs.access(path, (error) => resolve(!error));
  });
}

export async function log(path: string, text: string): Promise<void> {
  if (await isThere(path)) fs.appendFileSync(path, text);
  //                          ^^^^^^^^^^^^^^ toctou/fs-check-then-use low "'path'"
}

export function copyNew(from: string, to: string, done: (error?: Error | null) => void): void {
  fs.access(to, (missing) => {
    if (missing) fs.copyFile(from, to, fs.constants.COPYFILE_EXCL, done); // ok toctou/fs-check-then-use: copies only where nothing is
  });
}

export function makeFolder(path: string, done: (error?: Error | null) => void): void {
  fs.stat(path, (missing) => {
    if (missing) fs.mkdir(path, { recursive: true }, (error) => done(error)); // ok toctou/fs-check-then-use: recursive
  });
}

export function open(path: string, done: (error: Error | null, handle?: number) => void): void {
  fs.open(path, 'wx', done); // ok toctou/fs-check-then-use: no check at all
}
