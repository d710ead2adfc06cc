/**
 * A workspace in a temporary folder, and questions to the compiler in the terms a test reads well: names instead of
 * offsets. Folders are removed when the test process ends.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type {
  Compiler,
  CompilerOptions,
  Project,
  ResolvedSymbol,
  ResolvedType,
  Snapshot,
} from '../../server/src/typescript/compiler.ts';
import { createCompiler } from '../../server/src/typescript/native-compiler.ts';
import { findWorkspaceFiles } from '../../server/src/typescript/workspace-files.ts';

const folders: string[] = [];
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

type Content = string | Uint8Array | object;

export class TemporaryWorkspace {
  readonly root: string;
  readonly #compilers: Compiler[] = [];

  constructor(files: Readonly<Record<string, Content>>) {
    this.root = realpathSync(mkdtempSync(join(tmpdir(), 'concurrency-checklist-'))).replaceAll('\\', '/');
    for (const [path, content] of Object.entries(files)) this.write(path, content);
    folders.push(this.root);
  }

  path(name: string): string {
    return `${this.root}/${name}`;
  }

  write(name: string, content: Content): void {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    const isText = typeof content === 'string' || content instanceof Uint8Array;
    writeFileSync(path, isText ? content : JSON.stringify(content));
  }

  delete(name: string): void {
    rmSync(this.path(name));
  }

  /** Makes a package of this repository's node_modules visible to the workspace. */
  install(...names: string[]): this {
    for (const name of names) {
      const to = this.path(`node_modules/${name}`);
      mkdirSync(dirname(to), { recursive: true });
      symlinkSync(resolve('node_modules', name), to, 'junction');
    }
    return this;
  }

  start(options: CompilerOptions = {}): Compiler {
    const compiler = createCompiler(options);
    this.#compilers.push(compiler);
    return compiler;
  }

  open(compiler = this.start()): Snapshot {
    return compiler.open(findWorkspaceFiles([this.root]));
  }

  close(): void {
    for (const compiler of this.#compilers) compiler.close();
  }

  projectOf(snapshot: Snapshot, name: string): Project {
    const owners = snapshot.projects.filter((project) => project.files.includes(this.path(name)));
    const [owner] = owners;
    if (!owner || owners.length > 1) throw new Error(`${name} belongs to ${owners.length} projects`);
    return owner;
  }

  /** Files of all projects, relative, by project. */
  filesByProject(snapshot: Snapshot): Record<string, string[]> {
    const relative = (path: string): string => path.replace(`${this.root}/`, '');
    return Object.fromEntries(snapshot.projects.map(({ id, files }) => [relative(id), files.map(relative)]));
  }

  /** Symbols of all called names of a file, in order, as `Container#member [package]`. */
  calls(snapshot: Snapshot, name: string): string[] {
    const project = this.projectOf(snapshot, name);
    const path = this.path(name);
    const calls = snapshot.syntax(project, path)?.calls ?? [];
    const symbols = snapshot.symbols(
      project,
      path,
      calls.map((call) => call.nameAt?.start ?? 0),
    );
    return symbols.map((symbol) => this.#print(symbol));
  }

  /** Types of the objects of all method calls of a file, in order. */
  receivers(snapshot: Snapshot, name: string): (ResolvedType | undefined)[] {
    const project = this.projectOf(snapshot, name);
    const path = this.path(name);
    const callees = (snapshot.syntax(project, path)?.calls ?? []).flatMap(({ callee }) =>
      callee.kind === 'member' ? [callee.object] : [],
    );
    return snapshot.types(project, path, callees);
  }

  #print(symbol: ResolvedSymbol | undefined): string {
    if (!symbol) return 'unresolved';
    const { container, member, name, declarations } = symbol;
    const places = declarations.map((it) => it.package ?? it.path.replace(`${this.root}/`, ''));
    const qualified = container === undefined ? name : `${container}${member ? '#' : '.'}${name}`;
    return `${qualified} [${[...new Set(places)].join(', ')}]`;
  }
}
