/** Runs the text of a program: bundled, with the real client libraries of this repository. */
import * as files from 'node:fs/promises';
import { compileFunction } from 'node:vm';
import { build } from 'esbuild';
import type { Commands } from './commands.ts';
import { requireFromRoot, root } from './repository-root.ts';

/** The rest is bundled: some of it has no CommonJS form. */
const CLIENTS = ['pg', 'typeorm', 'ioredis', 'redis', 'axios'];

export interface Surroundings {
  /** In place of the program's globals: its clock, its `fetch`. */
  readonly globals?: Readonly<Record<string, unknown>> | undefined;
  /** In place of packages. */
  readonly modules?: Readonly<Record<string, unknown>> | undefined;
}

export async function runProgram(
  text: string,
  commands: Commands,
  { globals = {}, modules = {} }: Surroundings = {},
): Promise<unknown> {
  const { outputFiles } = await build({
    stdin: { contents: text, resolveDir: root, loader: 'ts', sourcefile: 'program.ts' },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: [...CLIENTS, ...Object.keys(modules)],
    logLevel: 'silent',
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true, useDefineForClassFields: false } },
  });
  const code = outputFiles[0]?.text ?? '';
  const module = { exports: {} as unknown };
  const names = Object.keys(globals);
  const parameters = ['module', 'exports', 'require', ...names];
  const run = compileFunction(code, parameters, { filename: 'program.cjs' }) as (...values: unknown[]) => void;
  const require = (name: string): unknown =>
    modules[name] ?? (name === 'node:fs/promises' ? watchedFiles(commands) : requireFromRoot(name));
  run(module, module.exports, require, ...names.map((name) => globals[name]));
  return module.exports;
}

/** The real functions; the schedule holds back what they answer, as it does for the clients. */
function watchedFiles(commands: Commands): unknown {
  return Object.fromEntries(
    Object.entries(files).map(([name, value]) => {
      if (typeof value !== 'function') return [name, value];
      const call = value as (...args: unknown[]) => Promise<unknown>;
      const watched = async (...args: unknown[]): Promise<unknown> => {
        // A file that is not there is an answer too.
        const send = (): Promise<() => unknown> =>
          call(...args).then(
            (result) => () => result,
            (error: Error) => () => {
              throw error;
            },
          );
        return (await commands.pass(name, send))();
      };
      return [name, watched];
    }),
  );
}
