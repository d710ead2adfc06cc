/** The fixtures on disk: `test/rules/<item>/<rule>/<case>.ts`, or a directory for a case of several files. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Fixture {
  /** `item/rule/case`. */
  readonly name: string;
  /** Paths of findings are relative to it. */
  readonly root: string;
  readonly files: readonly string[];
  /** The case brings its own tsconfig, so it is opened as a project of its own. */
  readonly ownProject: boolean;
}

const SOURCE = /(?<!\.d)\.(?:[cm]?[jt]s|[jt]sx)$/;
const GOLDEN = /\.[\w-]+\.fixed\.(?:[cm]?[jt]s|[jt]sx)$/;

export function findFixtures(folder: string): Fixture[] {
  const fixtures: Fixture[] = [];
  for (const item of folders(folder)) {
    for (const rule of folders(join(folder, item))) {
      const root = join(folder, item, rule);
      for (const entry of readdirSync(root).sort()) {
        const path = join(root, entry);
        const name = `${item}/${rule}/${entry.replace(SOURCE, '')}`;
        if (statSync(path).isDirectory()) {
          const ownProject = existsSync(join(path, 'tsconfig.json'));
          fixtures.push({ name, root: path, files: sources(path), ownProject });
        } else if (isCase(entry)) fixtures.push({ name, root, files: [path], ownProject: false });
      }
    }
  }
  return fixtures;
}

/** A fixture that says so in its first line holds code that does not compile. */
export function isBroken(file: string): boolean {
  return readFileSync(file, 'utf8').startsWith('// broken');
}

/** Golden files that belong to a fixture's source file. */
export function goldensOf(file: string): string[] {
  const [folder, stem, extension] = split(file);
  return readdirSync(folder)
    .filter((entry) => GOLDEN.test(entry) && entry.startsWith(`${stem}.`) && entry.endsWith(extension))
    .filter((entry) => !entry.slice(stem.length + 1, -`.fixed${extension}`.length).includes('.'))
    .map((entry) => join(folder, entry));
}

/** The golden of the nth finding (from 1) that the same fix form mends in a file. */
export function goldenPath(file: string, fix: string, nth: number): string {
  const [folder, stem, extension] = split(file);
  return join(folder, `${stem}.${fix}${nth === 1 ? '' : `-${nth}`}.fixed${extension}`);
}

function split(file: string): [folder: string, stem: string, extension: string] {
  const slash = file.lastIndexOf('/');
  const name = file.slice(slash + 1);
  const extension = SOURCE.exec(name)?.[0] ?? '';
  return [file.slice(0, slash), name.slice(0, name.length - extension.length), extension];
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }))
    .filter(
      ({ entry, path }) =>
        entry.isFile() && !path.slice(folder.length).includes('/node_modules/') && isCase(entry.name),
    )
    .map(({ path }) => path)
    .sort();
}

function isCase(name: string): boolean {
  return SOURCE.test(name) && !GOLDEN.test(name);
}

function folders(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}
