/**
 * Whether the entries of a model say what the package's own types say: each key becomes a line of TypeScript that a
 * user could have written, the compiler resolves it, and the index must lead back to that very entry.
 */
import { symlinkSync } from 'node:fs';
import { createModelIndex, type FoundModel } from '../../server/src/models/matcher.ts';
import type { ModelFile } from '../../server/src/models/model.ts';
import type { ResolvedSymbol, ResolvedType, Snapshot } from '../../server/src/typescript/compiler.ts';
import type { CallExpression } from '../../server/src/typescript/syntax.ts';
import { TemporaryWorkspace } from '../typescript/temporary-workspace.ts';

/** What it says of code is said in the probe's terms: `m` is the module, `d` its default export. */
export interface Probe {
  readonly file: ModelFile;
  /** How the module is imported; nothing for globals. */
  readonly module?: string;
  /** Further lines at the top of the probe. */
  readonly head?: string;
  /**
   * Type that has the members of a class (`Pool`), or one member (`Pool#query`), where that is not the module's export
   * of the class's name. Several: each is tried.
   */
  readonly types?: Readonly<Record<string, string | readonly string[]>>;
  /**
   * Value that has the statics of a class, or that is the export, where it is not the module's of this name; for `*#*`
   * what is called. Empty for what this package has not.
   */
  readonly values?: Readonly<Record<string, string>>;
  /** Keys that do not lead back from here: each with its reason. */
  readonly elsewhere?: readonly string[];
}

/** A class's name says nothing of its type parameters: each number is tried. */
const MOST_TYPE_PARAMETERS = 6;

/** A key that does not lead back to its entry. */
export interface Unresolved {
  /** What the compiler found. */
  readonly text: string;
  /** Whether there is such a member at all, of another class or without an entry. */
  readonly exists: boolean;
}

/**
 * The keys of each probe that do not lead back to their entries. All probes are files of one program: starting a
 * compiler takes longer than most packages' types.
 *
 * @param modules folder of the packages, a `node_modules`
 */
export function unresolvedEntries(
  probes: readonly Probe[],
  models: readonly ModelFile[],
  modules: string,
): ReadonlyMap<string, Unresolved>[] {
  const files = probes.map((probe, index) => ({ probe, name: `probe-${index}.ts`, lines: linesOf(probe) }));
  const it = new TemporaryWorkspace({
    'tsconfig.json': { compilerOptions: COMPILER_OPTIONS, files: files.map(({ name }) => name) },
    'package.json': { type: 'module' },
    ...Object.fromEntries(files.map(({ probe, name, lines }) => [name, textOf(probe, lines)])),
  });
  symlinkSync(modules, it.path('node_modules'), 'junction');
  try {
    const snapshot = it.open();
    const index = createModelIndex(models);
    return files.map(({ probe, name, lines }) =>
      unresolvedIn(probe, lines, answersFor(it, snapshot, name, lines), index),
    );
  } finally {
    it.close();
  }
}

const COMPILER_OPTIONS = {
  strict: true,
  target: 'esnext',
  lib: ['esnext', 'dom', 'dom.iterable'],
  module: 'preserve',
  moduleResolution: 'bundler',
  types: ['node'],
  skipLibCheck: true,
};

/** One way to write what a key speaks of. */
interface Line {
  readonly key: string;
  readonly text: string;
}

interface Answer {
  readonly symbol: ResolvedSymbol | undefined;
  readonly type: ResolvedType | undefined;
  readonly isNew: boolean;
}

function linesOf(probe: Probe): Line[] {
  return Object.keys(probe.file.calls).flatMap((key) => textsFor(key, probe).map((text) => ({ key, text })));
}

function textOf(probe: Probe, lines: readonly Line[]): string {
  return `${head(probe)}\n${lines.map(({ text }) => text).join('\n')}\nexport {};\n`;
}

function answersFor(it: TemporaryWorkspace, snapshot: Snapshot, name: string, lines: readonly Line[]): Answer[] {
  const project = it.projectOf(snapshot, name);
  const path = it.path(name);
  const file = snapshot.syntax(project, path);
  if (file === undefined) throw new Error(`${name} was not read`);
  const calls = outermostCalls(file.text, file.calls, lines.length);
  const nameAt = (call: CallExpression | undefined): number => call?.nameAt?.start ?? call?.callee.start ?? 0;
  const symbols = snapshot.symbols(project, path, calls.map(nameAt));
  // Only a call of a value goes by its type.
  const isTypeKey = lines.map(({ key }) => key.endsWith('()'));
  const callees = calls.flatMap((call, line) => (isTypeKey[line] ? [call?.callee ?? { start: 0, end: 0 }] : []));
  const types = snapshot.types(project, path, callees);
  let typed = 0;
  return calls.map((call, line) => ({
    symbol: symbols[line],
    type: isTypeKey[line] ? types[typed++] : undefined,
    isNew: call?.isNew === true,
  }));
}

function unresolvedIn(
  probe: Probe,
  lines: readonly Line[],
  answers: readonly Answer[],
  index: Index,
): ReadonlyMap<string, Unresolved> {
  const { calls } = probe.file;
  const unresolved = new Map(Object.keys(calls).map((key) => [key, { text: 'no line leads to it', exists: false }]));
  const resolved = new Set<string>();
  lines.forEach(({ key, text }, line) => {
    const answer = answers[line];
    if (answer === undefined) return;
    const found = key.endsWith('()') ? callModel(index, answer.type) : symbolModel(index, probe, key, answer);
    // Another key may say the same: `basename` for code without types, `PlatformPath#basename` for code with them.
    if (found !== undefined && JSON.stringify(found.model) === JSON.stringify(calls[key])) resolved.add(key);
    else if (unresolved.get(key)?.exists !== true) {
      unresolved.set(key, {
        text: print(text, answer, found),
        exists: !key.endsWith('()') && answer.symbol !== undefined,
      });
    }
  });
  for (const key of resolved) unresolved.delete(key);
  return unresolved;
}

/** The first line of a probe, so that each further line is one of `lines`. */
function head(probe: Probe): string {
  const { file, module } = probe;
  const imports = module === undefined ? '' : `import * as m from '${module}';`;
  const ofDefault = module === undefined || file.default === undefined ? '' : `import d from '${module}';`;
  const classes = new Set(Object.keys(file.calls).flatMap((key) => classOf(key) ?? []));
  const declarations = [...classes].flatMap((name) =>
    receiverTypes(name, probe).map((type, index) => `declare const ${variable(name, index)}: ${type};`),
  );
  return [imports, ofDefault, probe.head ?? '', ...declarations].join(' ');
}

/** The class of a member or call key. */
function classOf(key: string): string | undefined {
  return /^(.+)(?:#.+|\(\))$/.exec(key)?.[1];
}

function receiverTypes(name: string, probe: Probe): readonly string[] {
  const given = probe.types?.[name];
  if (given !== undefined) return [given].flat();
  if (name === '*') return [];
  return exported(name, probe).flatMap(withTypeArguments);
}

function withTypeArguments(name: string): string[] {
  return Array.from({ length: MOST_TYPE_PARAMETERS + 1 }, (_, count) =>
    count === 0 ? name : `${name}<${Array.from({ length: count }, () => 'any').join()}>`,
  );
}

/** `types` of classes that a namespace, or another module, exports. */
export function typesIn(namespace: string, ...classes: readonly string[]): Record<string, readonly string[]> {
  return Object.fromEntries(classes.map((name) => [name, withTypeArguments(`${namespace}.${name}`)]));
}

function variable(name: string, index: number): string {
  return `of_${name.replace(/\W/g, '_')}_${index}`;
}

function textsFor(key: string, probe: Probe): readonly string[] {
  const args = '(...(null as any));';
  if (key === '*#*') return [`${probe.values?.[key] ?? 'undefined'}${args}`];
  const built = /^new (.+)$/.exec(key)?.[1];
  if (built !== undefined) return expressionsOf(built, probe).map((name) => `new ${name}${args}`);
  const owner = classOf(key);
  if (owner !== undefined) {
    const member = key.endsWith('()') ? '' : `.${key.slice(owner.length + 1)}`;
    const given = probe.types?.[key];
    if (given !== undefined) return [given].flat().map((type) => `(null! as ${type})${member}${args}`);
    return receiverTypes(owner, probe).map((_, index) => `${variable(owner, index)}${member}${args}`);
  }
  const dot = key.lastIndexOf('.');
  if (dot < 0) return expressionsOf(key, probe).map((name) => `${name}${args}`);
  return expressionsOf(key.slice(0, dot), probe).map((name) => `${name}.${key.slice(dot + 1)}${args}`);
}

function expressionsOf(name: string, probe: Probe): readonly string[] {
  const given = probe.values?.[name];
  if (given === '') return [];
  return given === undefined ? exported(name, probe) : [given];
}

/** What the module exports under a name, its default among it. */
function exported(name: string, { file, module }: Probe): readonly string[] {
  if (module === undefined) return [name];
  return name === file.default ? ['d', `m.${name}`] : [`m.${name}`];
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

/** As the engine looks a name up (`resolveCall` in server/src/analysis/resolution.ts). */
function symbolModel(index: Index, { module }: Probe, key: string, { symbol, isNew }: Answer): FoundModel | undefined {
  if (symbol === undefined) return undefined;
  const { container, name, member, declarations } = symbol;
  for (const { package: owner } of declarations) {
    const found = owner === undefined ? undefined : index.lookup({ package: owner, container, name, member, isNew });
    if (found !== undefined) return found;
  }
  if (module === undefined || declarations.some((it) => it.package !== undefined && index.knows(it.package))) {
    return undefined;
  }
  // The import stands in: members of mapped types are declared nowhere, and fp-ts has `map` in every module.
  if (declarations.length === 0) return index.byImport(module, ['default', name], isNew);
  return /[#.]/.test(key) ? undefined : index.byImport(module, [name], isNew);
}

function callModel(index: Index, type: ResolvedType | undefined): FoundModel | undefined {
  const owner = type?.declaration?.package;
  return type?.name === undefined || owner === undefined
    ? undefined
    : index.callOf({ package: owner, name: type.name });
}

function print(text: string, { symbol, type }: Answer, found: FoundModel | undefined): string {
  const entry = found === undefined ? 'without an entry' : `which is ${found.id}`;
  return `${text} is ${name(symbol)}${type === undefined ? '' : `, a ${type.name ?? type.text}`}, ${entry}`;
}

function name(symbol: ResolvedSymbol | undefined): string {
  if (symbol === undefined) return 'nothing';
  const packages = new Set(symbol.declarations.map((declaration) => declaration.package ?? 'the probe'));
  return `${symbol.container ?? ''}${symbol.member ? '#' : '.'}${symbol.name} of ${[...packages].join()}`;
}
