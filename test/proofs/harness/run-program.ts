/** Runs the text of a program: bundled, with the real client libraries of this repository. */
import { compileFunction } from 'node:vm';
import { build } from 'esbuild';
import { requireFromRoot, root } from './repository-root.ts';

/** The rest is bundled: some of it has no CommonJS form. */
const CLIENTS = ['pg', 'typeorm', 'ioredis', 'redis', 'axios'];

/** `globals` stand in place of the program's own: its clock, its `fetch`. */
export async function runProgram(text: string, globals: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
  const { outputFiles } = await build({
    stdin: { contents: text, resolveDir: root, loader: 'ts', sourcefile: 'program.ts' },
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    external: CLIENTS,
    logLevel: 'silent',
    tsconfigRaw: { compilerOptions: { experimentalDecorators: true, useDefineForClassFields: false } },
  });
  const code = outputFiles[0]?.text ?? '';
  const module = { exports: {} as unknown };
  const names = Object.keys(globals);
  const run = compileFunction(code, ['module', 'exports', 'require', ...names], { filename: 'program.cjs' });
  run(module, module.exports, requireFromRoot, ...names.map((name) => globals[name]));
  return module.exports;
}
