/**
 * Whether the entries of a model say what the package's own types say: each key becomes a line of TypeScript that a
 * user could have written, the compiler resolves it, and the index must lead back to that very entry.
 */
import { createModelIndex } from '../../server/src/models/matcher.ts';
import type { CallModel, ModelFile } from '../../server/src/models/model.ts';
import type { ResolvedSymbol, ResolvedType } from '../../server/src/typescript/compiler.ts';
import type { CallExpression } from '../../server/src/typescript/syntax.ts';
import { TemporaryWorkspace } from '../typescript/temporary-workspace.ts';

export interface Probe {
  readonly file: ModelFile;
  /** How the module is imported; nothing for globals. */
  readonly module?: string;
  /** Packages of node_modules that the types need. */
  readonly install: readonly string[];
  /** Further lines at the top of the probe. */
  readonly head?: string;
  /** Type that has the members of a class, or one member, where that is not the module's export of this name. */
  readonly types?: Readonly<Record<string, string>>;
  /** Value that has the statics of a class, or that is the export, where it is not the module's of this name. */
  readonly values?: Readonly<Record<string, string>>;
  /** Keys that only other versions, or other packages of the same API, have: an exact key or a `Class#`. */
  readonly elsewhere?: readonly string[];
}

/** A class's name says nothing of its type parameters: each number is tried. */
const MOST_TYPE_PARAMETERS = 6;

/** Keys that do not lead back to their entry, each with what the compiler found, and exemptions that nothing needs. */
export function unresolvedEntries(probe: Probe, models: readonly ModelFile[]): string[] {
  const keys = Object.keys(probe.file.calls);
  const candidates = keys.map((key) => linesFor(key, probe));
  const lines = candidates.flat();
  const it = new TemporaryWorkspace({
    'tsconfig.json': { compilerOptions: compilerOptions(probe), files: ['main.ts'] },
    'package.json': { type: 'module' },
    'main.ts': `${head(probe)}\n${lines.join('\n')}\nexport {};\n`,
  });
  it.install(...probe.install);
  try {
    const snapshot = it.open();
    const project = it.projectOf(snapshot, 'main.ts');
    const path = it.path('main.ts');
    const file = snapshot.syntax(project, path);
    if (file === undefined) return ['the probe was not read'];
    const calls = outermostCalls(file.text, file.calls, lines.length);
    const symbols = snapshot.symbols(
      project,
      path,
      calls.map((call) => call?.nameAt?.start ?? call?.callee.start ?? 0),
    );
    const callees = calls.map((call) => ({ start: call?.callee.start ?? 0, end: call?.callee.end ?? 0 }));
    const types = snapshot.types(project, path, callees);
    const index = createModelIndex(models);
    const find = (line: number, key: string): CallModel | undefined =>
      key.endsWith('()')
        ? callModel(index, types[line])
        : symbolModel(index, symbols[line], calls[line]?.isNew === true);
    const problems: string[] = [];
    let line = 0;
    keys.forEach((key, position) => {
      const own = (candidates[position] ?? []).map((_, offset) => line + offset);
      line += own.length;
      const wanted = JSON.stringify(probe.file.calls[key]);
      const found = own.some((at) => JSON.stringify(find(at, key)) === wanted);
      const exempt = probe.elsewhere?.some((name) => name === key || (name.endsWith('#') && key.startsWith(name)));
      if (exempt === true && found) problems.push(`${key} resolves, its exemption is not needed`);
      if (exempt !== true && !found) {
        const at = own.find((candidate) => symbols[candidate] !== undefined) ?? own[0] ?? 0;
        problems.push(`${key}: ${lines[at] ?? ''} is ${print(symbols[at])}, a ${types[at]?.name ?? types[at]?.text}`);
      }
    });
    return problems;
  } finally {
    it.close();
  }
}

function compilerOptions(probe: Probe): object {
  return {
    strict: true,
    target: 'esnext',
    lib: ['esnext', 'dom', 'dom.iterable'],
    module: 'preserve',
    moduleResolution: 'bundler',
    types: probe.install.includes('@types/node') ? ['node'] : [],
    skipLibCheck: true,
  };
}

function head(probe: Probe): string {
  const imported = probe.module === undefined ? '' : `import * as m from '${probe.module}';`;
  const classes = new Set(Object.keys(probe.file.calls).flatMap((key) => classOf(key) ?? []));
  const declarations = [...classes].flatMap((name) =>
    receiverTypes(name, probe).map((type, index) => `declare const ${variable(name, index)}: ${type};`),
  );
  return [imported, probe.head ?? '', ...declarations].join(' ');
}

/** The class of a member or call key. */
function classOf(key: string): string | undefined {
  return /^(.+)(?:#.+|\(\))$/.exec(key)?.[1];
}

function receiverTypes(name: string, probe: Probe): string[] {
  const given = probe.types?.[name];
  if (given !== undefined) return [given];
  if (name === '*') return ['never'];
  const base = probe.module === undefined ? name : `m.${name}`;
  return Array.from({ length: MOST_TYPE_PARAMETERS + 1 }, (_, count) =>
    count === 0 ? base : `${base}<${Array.from({ length: count }, () => 'any').join()}>`,
  );
}

function variable(name: string, index: number): string {
  return `of_${name.replace(/\W/g, '_')}_${index}`;
}

function linesFor(key: string, probe: Probe): string[] {
  const args = '(...(null as any));';
  const built = /^new (.+)$/.exec(key)?.[1];
  if (built !== undefined) return [`new ${expressionOf(built, probe)}${args}`];
  const owner = classOf(key);
  if (owner !== undefined) {
    const member = key.endsWith('()') ? '' : `.${key.slice(owner.length + 1)}`;
    const given = probe.types?.[key];
    if (given !== undefined) return [`(null! as ${given})${member}${args}`];
    return receiverTypes(owner, probe).map((_, index) => `${variable(owner, index)}${member}${args}`);
  }
  const dot = key.lastIndexOf('.');
  if (dot > 0) return [`${expressionOf(key.slice(0, dot), probe)}.${key.slice(dot + 1)}${args}`];
  return [`${expressionOf(key, probe)}${args}`];
}

function expressionOf(name: string, probe: Probe): string {
  const given = probe.values?.[name];
  if (given !== undefined) return given;
  return probe.module === undefined ? name : `m.${name}`;
}

/** By line; the outermost call of a line begins first and ends last. */
function outermostCalls(text: string, calls: readonly CallExpression[], lines: number): (CallExpression | undefined)[] {
  const byLine: (CallExpression | undefined)[] = new Array<CallExpression | undefined>(lines).fill(undefined);
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  let line = 0;
  for (const call of [...calls].sort((a, b) => a.start - b.start || b.end - a.end)) {
    while ((starts[line + 1] ?? text.length + 1) <= call.start) line++;
    // The first line is the head.
    if (line > 0) byLine[line - 1] ??= call;
  }
  return byLine;
}

type Index = ReturnType<typeof createModelIndex>;

function symbolModel(index: Index, symbol: ResolvedSymbol | undefined, isNew: boolean): CallModel | undefined {
  for (const declaration of symbol?.declarations ?? []) {
    if (symbol === undefined || declaration.package === undefined) continue;
    const { container, name, member } = symbol;
    const found = index.lookup({ package: declaration.package, container, name, member, isNew });
    if (found !== undefined) return found.model;
  }
  return undefined;
}

function callModel(index: Index, type: ResolvedType | undefined): CallModel | undefined {
  const owner = type?.declaration?.package;
  return type?.name === undefined || owner === undefined
    ? undefined
    : index.callOf({ package: owner, name: type.name })?.model;
}

function print(symbol: ResolvedSymbol | undefined): string {
  if (symbol === undefined) return 'nothing';
  const packages = new Set(symbol.declarations.map((declaration) => declaration.package ?? 'the probe'));
  return `${symbol.container ?? ''}${symbol.member ? '#' : '.'}${symbol.name} of ${[...packages].join()}`;
}
