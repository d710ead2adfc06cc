/**
 * Which package declares something, by the path of the declaring file and the module it is declared in.
 */
import { builtinModules } from 'node:module';
import { basename, dirname, posix } from 'node:path';

/**
 * Package of a declaration; undefined for the project's own files.
 *
 * @param path declaring file
 * @param moduleName name of the outermost module symbol: the path of a module file without its extension, the name of
 *   a `declare module 'x'`, or undefined for globals
 * @param libFolder folder of the compiler's own `lib.*.d.ts`
 */
export function declaringPackage(path: string, moduleName: string | undefined, libFolder: string): string | undefined {
  if (dirname(path) === libFolder && basename(path).startsWith('lib.')) return 'lib';
  const ownPackage = packageOfPath(path);
  if (moduleName === undefined) return ownPackage;
  if (isPath(moduleName)) {
    // An augmentation of another package's module belongs to that package; one in the project's files to the project.
    return ownPackage === undefined ? undefined : (packageOfPath(moduleName) ?? ownPackage);
  }
  // `declare module '../index'` adds to its own package.
  return moduleName.includes('*') || moduleName.startsWith('.') ? ownPackage : packageOfModule(moduleName);
}

/** Package part of an import: `node:fs/promises`, `@acme/x` of `@acme/x/deep`. */
export function packageOfModule(name: string): string {
  const bare = name.replace(/^node:/, '');
  if (name.startsWith('node:') || isBuiltin(bare)) return `node:${bare}`;
  const [first = '', second = ''] = name.split('/');
  return name.startsWith('@') ? `${first}/${second}` : first;
}

/** Folder layout alone: the package after the last `node_modules/`, which also fits pnpm. */
function packageOfPath(path: string): string | undefined {
  const start = path.lastIndexOf('/node_modules/');
  if (start < 0) return undefined;
  const inside = path.slice(start + '/node_modules/'.length);
  const [first = '', second = ''] = inside.split('/');
  if (first !== '@types') return first.startsWith('@') ? `${first}/${second}` : first;
  if (second === 'node') return nodeModule(inside.slice('@types/node/'.length));
  return second.includes('__') ? `@${second.replace('__', '/')}` : second;
}

/** `timers.d.ts` declares globals of `node:timers`; files named after no module are `node:globals`. */
function nodeModule(file: string): string {
  const stem = file.replace(/^ts\d[\d.]*\//, '').replace(/(\.buffer)?\.d\.[mc]?ts$/, '');
  return isBuiltin(stem) ? `node:${stem}` : 'node:globals';
}

function isBuiltin(name: string): boolean {
  return builtinModules.includes(name) || name === 'test' || name === 'sqlite' || name === 'sea';
}

function isPath(moduleName: string): boolean {
  return posix.isAbsolute(moduleName) || /^[a-z]:\//i.test(moduleName);
}
