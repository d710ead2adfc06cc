/**
 * What each call stands for: functions of the project, an entry of the models, or unknown. Asked of the compiler in
 * one batch a file; where the compiler has no answer, the import's module name and then the call's shape decide, at
 * a weaker basis.
 */

import type { ModelIndex } from '../models/matcher.ts';
import type { CallModel } from '../models/model.ts';
import type { ResolvedSymbol, ResolvedType } from '../typescript/compiler.ts';
import type { CallExpression, ClassNode, Expression, SourceFile, Span } from '../typescript/syntax.ts';
import type { Basis } from './fact.ts';
import { classKey, type Hierarchy } from './hierarchy.ts';
import { tableOfClass } from './table-name.ts';
import type { FunctionKey, Root } from './value.ts';
import type { WrappedFunction } from './wrapped-function.ts';

export interface CallTarget {
  /** Project functions with a body that the call may run. */
  readonly functions: readonly FunctionKey[];
  readonly model?: { readonly id: string; readonly model: CallModel; readonly basis: Basis };
  /** The symbol had a declaration somewhere (known, even if uninteresting). */
  readonly resolved: boolean;
  /** Declared in the project without a body: an interface nobody implements, an ambient declaration. */
  readonly bodiless: boolean;
  readonly package: string | undefined;
  /** Class or interface that declares the member called. */
  readonly container: string | undefined;
  /** A function that is called by the name of what wraps it. */
  readonly wrapped?: WrappedFunction;
  /** First type argument of the receiver's type, where a model asks for it. */
  readonly entity?: string;
}

export interface FileResolution {
  /** By `CallExpression.call`. */
  readonly targets: readonly CallTarget[];
  /** What import variables stand for, by variable index. */
  readonly imports: ImportTargets;
}

export interface ImportTargets {
  readonly get: (variable: number) => ImportTarget | undefined;
}

export interface ImportTarget {
  readonly root: Root;
  readonly fn?: FunctionKey;
  readonly wrapped?: WrappedFunction;
}

const UNRESOLVED: CallTarget = {
  functions: [],
  resolved: false,
  bodiless: false,
  package: undefined,
  container: undefined,
};

/** Beyond this many possible functions a call says nothing. */
export const MAX_TARGETS = 8;

/** The names of one file that the compiler is asked about, in one batch. */
export interface Names {
  /** Of the clauses of `extends` and `implements`, then of the calls, then of the imports. */
  readonly positions: readonly number[];
  /** Indexes of the calls that are asked about. */
  readonly calls: readonly number[];
  /** Variables of the imports. */
  readonly imports: readonly number[];
}

export interface FileSymbols {
  readonly file: SourceFile;
  /** By clause of `extends` and `implements`, in the order of the classes. */
  readonly heritage: readonly (ResolvedSymbol | undefined)[];
  /** By call index. */
  readonly calls: readonly (ResolvedSymbol | undefined)[];
  /** Of imports that are used as values, by variable index. */
  readonly imports: ReadonlyMap<number, ResolvedSymbol | undefined>;
}

export function namesOf(file: SourceFile): Names {
  const calls: number[] = [];
  const called = new Set<number>();
  const positions = clausesOf(file).map(({ clause }) => clause.at.start);
  file.calls.forEach((call, index) => {
    if (call.nameAt === undefined || isPlainBuiltin(call)) return;
    calls.push(index);
    positions.push(call.nameAt.start);
    if (call.callee.kind === 'identifier' && call.callee.variable !== undefined) called.add(call.callee.variable);
  });
  const imports = importsUsedAsValues(file, called);
  for (const variable of imports) positions.push(file.variables[variable]?.at.start ?? 0);
  return { positions, calls, imports };
}

/** The answers to the questions of `namesOf`. */
export function symbolsOf(
  file: SourceFile,
  names: Names,
  answers: readonly (ResolvedSymbol | undefined)[],
): FileSymbols {
  const first = names.positions.length - names.calls.length - names.imports.length;
  const calls = file.calls.map((): ResolvedSymbol | undefined => undefined);
  names.calls.forEach((call, index) => {
    calls[call] = answers[first + index];
  });
  const imports = names.imports.map(
    (variable, index) => [variable, answers[first + names.calls.length + index]] as const,
  );
  return { file, heritage: answers.slice(0, first), calls, imports: new Map(imports) };
}

/** For overrides, before any call is resolved. */
export function addHeritage({ file, heritage }: FileSymbols, hierarchy: Hierarchy): void {
  clausesOf(file).forEach(({ node, clause }, index) => {
    const info = hierarchy.classes.get(classKey(file.path, node));
    if (info !== undefined && info.node === node) hierarchy.addHeritage(info, clause.name, heritage[index]);
  });
}

function clausesOf(file: SourceFile): { node: ClassNode; clause: ClassNode['heritage'][number] }[] {
  return file.classes.flatMap((node) => node.heritage.map((clause) => ({ node, clause })));
}

/** Imports that expressions name: what the interpreter will ask for. A call of one has the same symbol. */
function importsUsedAsValues(file: SourceFile, called: ReadonlySet<number>): number[] {
  return [...file.variables.keys()].filter((index) => {
    const variable = file.variables[index];
    return variable?.kind === 'import' && variable.referenced && !called.has(index);
  });
}

/** Calls whose spelling alone decides that nothing of interest resolves: skipped to save questions. */
function isPlainBuiltin(call: CallExpression): boolean {
  const callee = call.callee;
  if (callee.kind === 'this') return true;
  return (
    callee.kind === 'member' &&
    callee.object.kind === 'identifier' &&
    callee.object.variable === undefined &&
    (callee.object.name === 'console' || callee.object.name === 'Math')
  );
}

/** A file whose calls have their targets, but for what types have to say. */
export interface UnfinishedFile {
  /** Ranges of the expressions whose types are asked for. */
  readonly spans: readonly Span[];
  /** With the types of `spans`. */
  readonly finish: (types: readonly (ResolvedType | undefined)[]) => FileResolution;
}

export function resolveFile(symbols: FileSymbols, hierarchy: Hierarchy, models: ModelIndex): UnfinishedFile {
  const { file } = symbols;
  const targets: CallTarget[] = [];
  const asked: { index: number; span: Span; of: 'value' | 'receiver' }[] = [];
  file.calls.forEach((call, index) => {
    const target = targetOf(call, symbols.calls[index], file, hierarchy, models);
    targets.push(target);
    const { callee } = call;
    if (
      callee.kind === 'member' &&
      target.model !== undefined &&
      target.entity === undefined &&
      asksForEntity(target.model.model)
    )
      asked.push({ index, span: { start: callee.object.start, end: callee.object.end }, of: 'receiver' });
    if (isValueCall(call, target, file))
      asked.push({ index, span: { start: callee.start, end: callee.end }, of: 'value' });
  });
  return {
    spans: asked.map(({ span }) => span),
    finish: (types) => {
      asked.forEach(({ index, of }, position) => {
        const type = types[position];
        const target = targets[index];
        if (target === undefined) return;
        if (of === 'receiver') {
          const entity = entityOfType(type, hierarchy);
          if (entity !== undefined) targets[index] = { ...target, entity };
          return;
        }
        const name = type?.declaration?.package;
        const found =
          type?.name === undefined || name === undefined
            ? undefined
            : models.callOf({ package: name, name: type.name });
        if (found !== undefined) targets[index] = { ...target, model: { ...found, basis: 'type' } };
      });
      return { targets, imports: importTargets(symbols, hierarchy) };
    },
  };
}

function targetOf(
  call: CallExpression,
  symbol: ResolvedSymbol | undefined,
  file: SourceFile,
  hierarchy: Hierarchy,
  models: ModelIndex,
): CallTarget {
  if (symbol === undefined || symbol.declarations.length === 0) {
    const registered =
      file.language === 'javascript' ? hierarchy.registry.functionOf(call, file, hierarchy) : undefined;
    if (registered !== undefined) return { ...UNRESOLVED, resolved: true, functions: [registered] };
    const model = modelByImport(call, file, models);
    return model === undefined ? byDeclaredType(call, file, models) : { ...UNRESOLVED, model };
  }
  const outside = symbol.declarations.find((declaration) => declaration.package !== undefined);
  const base = { resolved: true, bodiless: false, package: outside?.package, container: symbol.container };
  const functions = hierarchy.targetsOf(symbol);
  if (functions.length > 0) return { ...base, functions };
  if (call.isNew) {
    const owner = hierarchy.classOf(symbol);
    const made = owner === undefined ? undefined : hierarchy.methodOf(owner.key, 'constructor');
    if (made !== undefined) return { ...base, functions: [made] };
  }
  const wrapped = symbol.declarations.map((declaration) => hierarchy.wrappedAt(declaration)).find(Boolean);
  if (wrapped !== undefined && !call.isNew) return { ...base, functions, wrapped };
  for (const declaration of symbol.declarations) {
    if (declaration.package === undefined) continue;
    const found = models.lookup({
      package: declaration.package,
      container: symbol.container,
      name: symbol.name,
      member: symbol.member,
      isNew: call.isNew,
    });
    if (found !== undefined) return { ...base, functions: [], model: { ...found, basis: 'type' } };
  }
  const mixin = outside === undefined ? associationMember(call, symbol, hierarchy, models) : undefined;
  if (mixin !== undefined) return { ...base, functions: [], ...mixin };
  // fp-ts has `map` in every module: its models go by module.
  const isListed = outside?.package !== undefined && models.knows(outside.package);
  const model = isListed ? undefined : modelByImport(call, file, models);
  return {
    ...base,
    functions: [],
    bodiless: outside === undefined,
    ...(model === undefined ? {} : { model }),
  };
}

/** `declare getPosts: HasManyGetAssociationsMixin<Post>`: a member that the library adds to the model. */
function associationMember(
  call: CallExpression,
  symbol: ResolvedSymbol,
  hierarchy: Hierarchy,
  models: ModelIndex,
): Pick<CallTarget, 'model' | 'entity'> | undefined {
  if (!/^(get|set|add|remove|has|count|create)[A-Z]/.test(symbol.name) || call.callee.kind !== 'member')
    return undefined;
  const property = symbol.declarations.map((declaration) => hierarchy.propertyAt(declaration)).find(Boolean);
  if (property?.node.typeName?.endsWith('Mixin') !== true) return undefined;
  const type = importedType(property.file, property.node.typeName, property.node.typeArguments);
  const found = type === undefined ? undefined : models.callOf({ package: type.module, name: type.imported });
  const entity = type?.typeArguments[0];
  return found === undefined
    ? undefined
    : { model: { ...found, basis: 'module' }, ...(entity === undefined ? {} : { entity }) };
}

/** Clients that are called, wherever they are kept: `ctx.db('users')`, `deps.knex('users')`. */
const CLIENT_NAME = /^_?(db|knex|trx|tx|transaction|conn|connection|database|limit|limiter)$|(Db|DB|Knex|Trx)$/;

/** `limit(fn)` where `limit = pLimit(3)`: a value that is called, made by something outside. */
function isValueCall(call: CallExpression, target: CallTarget, file: SourceFile): boolean {
  if (call.isNew || target.model !== undefined || target.functions.length > 0 || target.package !== undefined)
    return false;
  const { callee } = call;
  // `(trx || this.db)('users')`
  if (callee.kind === 'logical' || callee.kind === 'conditional') return true;
  if (callee.kind === 'member') return callee.object.kind === 'this' || CLIENT_NAME.test(callee.name);
  const variable =
    callee.kind === 'identifier' && callee.variable !== undefined ? file.variables[callee.variable] : undefined;
  if (variable === undefined || variable.kind === 'import' || variable.kind === 'function') return false;
  return variable.names === undefined && variable.initializer?.kind !== 'function';
}

/** `axios.get(…)` where `axios` is imported from `axios`: the module's name stands in for the type. */
function modelByImport(call: CallExpression, file: SourceFile, models: ModelIndex): CallTarget['model'] {
  const names: string[] = [];
  let callee: Expression = call.callee;
  for (;;) {
    if (callee.kind === 'member') {
      names.unshift(callee.name);
      callee = callee.object;
    } else if (callee.kind === 'identifier') break;
    else return undefined;
  }
  const variable = callee.variable === undefined ? undefined : file.variables[callee.variable];
  if (variable === undefined) return undefined;
  if (variable.import !== undefined) {
    const found = models.byImport(variable.import.module, [variable.import.imported, ...names], call.isNew);
    return found === undefined ? undefined : { ...found, basis: 'module' };
  }
  const init = variable.initializer;
  if (init?.kind === 'call' && init.isNew && init.callee.kind === 'identifier') {
    const constructed = init.callee.variable === undefined ? undefined : file.variables[init.callee.variable];
    if (constructed?.import === undefined) return undefined;
    const found = models.byImport(constructed.import.module, [`new ${constructed.import.imported}`, ...names], false);
    // `stripe.refunds.create(…)`: an SDK's resources are members of its client; what else lies deeper is not known.
    if (names.length > 1 && found?.model.effect?.kind !== 'request') return undefined;
    return found === undefined ? undefined : { ...found, basis: 'module' };
  }
  return undefined;
}

/** Name, type arguments and module of a declared type that the file imports. */
interface DeclaredType {
  readonly module: string;
  readonly imported: string;
  readonly typeArguments: readonly string[];
}

/** `orders.find()` where `orders: Repository<Order>` and `Repository` comes from `typeorm`, whose types are not installed. */
function byDeclaredType(call: CallExpression, file: SourceFile, models: ModelIndex): CallTarget {
  const { callee } = call;
  if (callee.kind !== 'member') return UNRESOLVED;
  const type = declaredType(callee.object, file, call);
  if (type === undefined) return UNRESOLVED;
  const found = models.byImport(type.module, [`new ${type.imported}`, callee.name], false);
  if (found === undefined) return UNRESOLVED;
  const entity = type.typeArguments[0];
  return {
    ...UNRESOLVED,
    package: type.module,
    container: type.imported,
    model: { ...found, basis: 'module' },
    ...(entity === undefined || entity === '' ? {} : { entity }),
  };
}

function declaredType(object: Expression, file: SourceFile, at: CallExpression): DeclaredType | undefined {
  if (object.kind === 'identifier') {
    const variable = object.variable === undefined ? undefined : file.variables[object.variable];
    return variable?.typeName === undefined ? undefined : importedType(file, variable.typeName, variable.typeArguments);
  }
  const owner = file.classes.filter((node) => node.start <= at.start && at.end <= node.end).at(-1);
  if (owner === undefined) return undefined;
  if (object.kind === 'this') {
    const base = owner.heritage.find((clause) => clause.clause === 'extends');
    return base === undefined ? undefined : importedType(file, base.name, undefined);
  }
  if (object.kind !== 'member' || object.object.kind !== 'this') return undefined;
  const property = owner.properties.find((candidate) => candidate.name === object.name);
  if (property?.typeName !== undefined) return importedType(file, property.typeName, property.typeArguments);
  for (const index of owner.methods) {
    const method = file.functions[index];
    if (method?.kind !== 'constructor') continue;
    for (const parameter of method.parameters) {
      if (!parameter.property || parameter.pattern.kind !== 'variable' || parameter.typeName === undefined) continue;
      if (file.variables[parameter.pattern.variable]?.name !== object.name) continue;
      return importedType(file, parameter.typeName, parameter.typeArguments);
    }
  }
  return undefined;
}

function importedType(
  file: SourceFile,
  name: string,
  typeArguments: readonly string[] | undefined,
): DeclaredType | undefined {
  for (const node of file.imports) {
    const type = node.types.find((candidate) => candidate.local === name);
    const binding = node.bindings.find((candidate) => file.variables[candidate.variable]?.name === name);
    const imported = type?.imported ?? binding?.imported;
    if (imported !== undefined) return { module: node.module, imported, typeArguments: typeArguments ?? [] };
  }
  return undefined;
}

function asksForEntity(model: CallModel): boolean {
  const table = model.effect?.kind === 'database' ? model.effect.table : model.builds?.table;
  return table?.startsWith('This') === true && table.includes('Entity');
}

function entityOfType(type: ResolvedType | undefined, hierarchy: Hierarchy): string | undefined {
  if (type === undefined || type.isAny) return undefined;
  // A row: `user: User`.
  const own = type.declaration === undefined ? undefined : hierarchy.classAt(type.declaration);
  if (own !== undefined && type.typeArguments.length === 0 && type.text.startsWith(own.node.name))
    return own.node.kind === 'class' ? tableOfClass(own) : undefined;
  const first = type.name === 'Promise' ? type.typeArguments[0]?.typeArguments[0] : type.typeArguments[0];
  const name = first?.name ?? first?.text;
  if (first === undefined || name === undefined || name === 'any' || /[{&|<]/.test(name) || /^[A-Z]$/.test(name))
    return undefined;
  // `Collection` alone holds whatever there is: `Record<string, any>`, or the driver's `Document`.
  if (name === 'Record' || (name === 'Document' && /[\\/]node_modules[\\/]/.test(first.declaration?.path ?? '')))
    return undefined;
  // A type parameter has the name of its constraint: `T extends BaseEntity` is any table.
  if (first.name !== undefined && !first.text.startsWith(first.name)) return undefined;
  const declared = first.declaration === undefined ? undefined : hierarchy.classAt(first.declaration);
  return declared === undefined || declared.derived.length === 0 ? name : tableOfClass(declared);
}

function importTargets({ file, calls, imports }: FileSymbols, hierarchy: Hierarchy): ImportTargets {
  const symbols = new Map(imports);
  // A call of the import has the same symbol.
  file.calls.forEach(({ callee }, index) => {
    const symbol = calls[index];
    if (callee.kind === 'identifier' && callee.variable !== undefined && symbol !== undefined)
      symbols.set(callee.variable, symbol);
  });
  const known = new Map<number, ImportTarget | undefined>();
  return {
    get: (variable) => {
      if (!known.has(variable)) known.set(variable, importTarget(file, variable, symbols.get(variable), hierarchy));
      return known.get(variable);
    },
  };
}

function importTarget(
  file: SourceFile,
  variable: number,
  symbol: ResolvedSymbol | undefined,
  hierarchy: Hierarchy,
): ImportTarget | undefined {
  const node = file.variables[variable];
  if (node?.kind !== 'import' || node.import === undefined) return undefined;
  const declaration = symbol?.declarations[0];
  if (symbol === undefined || declaration === undefined || declaration.package !== undefined) {
    return { root: { kind: 'import', module: node.import.module, name: node.import.imported } };
  }
  const fn = hierarchy.functionAt(declaration.path, declaration.nodeIndex);
  const wrapped = hierarchy.wrappedAt(declaration);
  return {
    root: { kind: 'module', path: declaration.path, name: symbol.name },
    ...(fn === undefined ? {} : { fn }),
    ...(wrapped === undefined ? {} : { wrapped }),
  };
}
