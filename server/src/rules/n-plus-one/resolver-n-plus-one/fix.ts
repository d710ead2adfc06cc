/**
 * A loader between the resolver and its query: the keys that the parents of one list ask for in one tick are looked up
 * together. With `dataloader` in the project it is one loader per request, kept by the GraphQL context; without, a
 * small function that batches and keeps nothing, as a sketch of what the package would do.
 */
import type { ProgramFacts } from '../../../analysis/program.ts';
import { callPlaceOf } from '../../../analysis/trace.ts';
import { batchForm } from '../../../rewrite/batch-query.ts';
import { foundOr, siblingCall } from '../../../rewrite/batched-sibling.ts';
import { foundCall } from '../../../rewrite/found-sibling.ts';
import { typeAt } from '../../../rewrite/key-parameter.ts';
import { type KeyScope, mentions } from '../../../rewrite/key-scope.ts';
import { freeName, indexLines, indexNames, lookupOf, namesIn } from '../../../rewrite/row-index.ts';
import {
  callAt,
  edit,
  ensureImport,
  ensureNamedImport,
  expressionsAround,
  freshName,
  functionAround,
  indentationAt,
  insert,
  insertTopLevel,
  layout,
  newlineOf,
  semicolonOf,
  statementAround,
  textOf,
} from '../../../rewrite/source-edit.ts';
import type { Edit, Fix, RuleContext } from '../../../rule.ts';
import type { CallExpression, Parameter, SourceFile, Span } from '../../../typescript/syntax.ts';
import type { FieldResolver } from './field-resolvers.ts';
import { parentNames, type ResolverQuery } from './rule.ts';

export function resolveByLoader(evidence: ResolverQuery, { program }: RuleContext): readonly Fix[] {
  const hasPackage = program.files.some(({ imports }) => imports.some(({ module }) => module === 'dataloader'));
  const context = hasPackage ? contextOf(evidence.resolver) : undefined;
  return [
    ...(context === undefined ? [] : fixWith(evidence, program, context)),
    ...fixWith(evidence, program, undefined),
  ];
}

function fixWith(evidence: ResolverQuery, program: ProgramFacts, context: Context | undefined): Fix[] {
  const { resolver, query } = evidence;
  const scope = scopeOf(evidence, context?.name);
  const key = scope === undefined ? undefined : keyType(scope.file, resolver, program);
  if (scope === undefined || key === undefined) return [];
  const loads =
    query.chain.length === 0 ? directly(scope, evidence, program) : throughSibling(scope, evidence, program);
  const type = loads === undefined ? undefined : key(loads.key);
  if (loads === undefined || type === undefined) return [];
  const made =
    context === undefined ? batching(evidence, scope, loads, type) : perRequest(evidence, scope, loads, type, context);
  return made === undefined ? [] : [made];
}

/** What the loader's function does with its keys. */
interface Loads {
  /** The key as the resolver has it. */
  readonly key: string;
  readonly lines: readonly string[];
  /** What it gives for one key. */
  readonly value: string;
  readonly edits: readonly Edit[];
  readonly untyped: readonly string[];
}

const KEYS = 'keys';
const KEY = 'key';

// ---------------------------------------------------------------- the query

/** `context`: a parameter that the loader has as well. */
function scopeOf({ resolver, query }: ResolverQuery, context: string | undefined): KeyScope | undefined {
  const { file, node } = resolver;
  const call = callAt(file, callPlaceOf(query));
  const parent = node.parameters[resolver.parent]?.pattern;
  if (call === undefined || parent === undefined || functionAround(file, call)?.index !== node.index) return undefined;
  const whole = replaced(file, call);
  if (whole === undefined) return undefined;
  const place = statementAround(file, call);
  const names = parentNames(parent, file.variables);
  const declared = file.variables
    .filter(
      ({ fn, at, kind }) =>
        fn === node.index && kind !== 'parameter' && place !== undefined && at.start < place.statement.end,
    )
    .map(({ name }) => name);
  const others = node.parameters
    .filter((_, index) => index !== resolver.parent)
    .flatMap(({ pattern }) => parentNames(pattern, file.variables))
    .filter((name) => name !== context);
  return { file, keyNames: names, localNames: [...declared, ...others], call, whole, end: node.end };
}

/** The awaited call, or a call that is returned. */
function replaced(file: SourceFile, call: CallExpression): Span | undefined {
  const around = expressionsAround(file, call);
  const outer = around.slice(around.findIndex(({ start, end }) => start === call.start && end === call.end) + 1);
  if (outer[0]?.kind === 'await') return outer[0];
  return outer.length === 0 && statementAround(file, call)?.statement.kind === 'return' ? call : undefined;
}

function directly(scope: KeyScope, { query }: ResolverQuery, program: ProgramFacts): Loads | undefined {
  const table = query.effect.table;
  const batch = batchForm(scope, query, program);
  // A builder takes its parameters by name.
  if (batch === undefined || batch.inData || (batch.needsKeys === true && query.model.startsWith('typeorm#')))
    return undefined;
  const taken = namesIn(scope.file);
  const names = indexNames({ ...batch, key: KEY }, table ?? 'row', taken, KEYS);
  const base = indentationAt(scope.file, scope.call.start);
  const text = batch.batch(`[...${KEYS}]`).replaceAll(`\n${base}`, '\n');
  const form = { ...batch, key: KEY, needsKeys: false };
  const value = lookupOf(names, form);
  return {
    key: batch.key,
    lines: indexLines(scope.file, form, names, text).flatMap((line) => line.split(/\r?\n/)),
    value: batch.gives === 'result' || batch.gives === 'tuple' ? `(${value})` : value,
    edits: batch.imports,
    untyped: [table ?? '', names.row],
  };
}

function throughSibling(scope: KeyScope, { query }: ResolverQuery, program: ProgramFacts): Loads | undefined {
  const made = siblingCall(scope, query, 1, program);
  // What the sibling throws for one key would fail all of them.
  const throws = made?.edits.some(({ text }) => /\bthrow\b/.test(text)) === true;
  const left = throws ? foundCall(scope, query, program) : undefined;
  const called = throws ? left?.call : made;
  if (called === undefined) return undefined;
  const { sibling } = called;
  const index = freeName([sibling.values], namesIn(scope.file, { start: 0, end: 0 }));
  const found = `${index}.get(${KEY})`;
  return {
    key: called.key,
    lines: [`const ${index} = await ${called.call(`[...${KEYS}]`)}${semicolonOf(scope.file)}`],
    value: left === undefined ? foundOr(found, sibling.fallback, scope.file) : `${found} ?? ${left.error(KEY)}`,
    edits: called.edits,
    untyped: sibling.untyped,
  };
}

// ---------------------------------------------------------------- types and places

/** `User['id']` for `user.id`; nothing in JavaScript. Undefined where the parent's type has no name here. */
function keyType(
  file: SourceFile,
  { node, parent }: FieldResolver,
  program: ProgramFacts,
): ((key: string) => string | undefined) | undefined {
  if (file.language === 'javascript') return () => '';
  const parameter = node.parameters[parent];
  const name = parameter === undefined ? undefined : typeText(file, parameter);
  return (key) => {
    const [root, ...path] = key.split('.');
    if (name === undefined || root === undefined || path.length === 0 || /[?!]/.test(key)) return undefined;
    return `: readonly ${typeAt(program, name, path, file)}[]`;
  };
}

function typeText(file: SourceFile, parameter: Parameter): string | undefined {
  return /:\s*([\w$.]+)\s*$/.exec(textOf(file, parameter))?.[1];
}

interface Home {
  /** How the resolver reaches what is declared there. */
  readonly prefix: string;
  readonly keyword: string;
  readonly insert: (lines: readonly string[]) => Edit;
}

/** A member of the resolver's class, or a constant above a resolver map. */
function homeOf({ file, node }: FieldResolver): Home | undefined {
  if (node.class !== undefined) {
    const at = file.text.lastIndexOf('\n', Math.min(node.start, ...node.decorators.map(({ start }) => start))) + 1;
    const indent = indentationAt(file, node.start);
    return {
      prefix: 'this.',
      keyword: file.language === 'typescript' ? 'private readonly ' : '',
      insert: (lines) => insert(file, at, `${layout(file, indent, lines)}${newlineOf(file)}${newlineOf(file)}`),
    };
  }
  const top = file.functions[0]?.body.find(({ start, end }) => start <= node.start && node.end <= end);
  if (top === undefined || node.parent !== 0) return undefined;
  return {
    prefix: '',
    keyword: 'const ',
    insert: (lines) => insert(file, top.start, `${layout(file, '', lines)}${newlineOf(file)}${newlineOf(file)}`),
  };
}

function loaderName({ file, field }: FieldResolver): string {
  const taken = new Set([
    ...namesIn(file),
    ...file.classes.flatMap(({ properties }) => properties.map(({ name }) => name)),
  ]);
  return freeName([`${field}Loader`], taken);
}

/** `(async (keys) => { … })`: what both kinds of loader are made with. */
function batchFunction(loads: Loads, keys: string, end: string): string[] {
  return [
    `async (${KEYS}${keys}) => {`,
    ...loads.lines.map((line) => (line === '' ? '' : `  ${line}`)),
    `  return ${KEYS}.map((${KEY}) => ${loads.value})${end}`,
    '}',
  ];
}

function joined(opening: string, inner: readonly string[], closing: string): string[] {
  return [`${opening}${inner[0] ?? ''}`, ...inner.slice(1, -1), `${inner.at(-1) ?? ''}${closing}`];
}

// ---------------------------------------------------------------- with the package

function perRequest(
  evidence: ResolverQuery,
  scope: KeyScope,
  loads: Loads,
  keys: string,
  context: Context,
): Fix | undefined {
  const { resolver } = evidence;
  const { file } = resolver;
  const home = homeOf(resolver);
  if (home === undefined) return undefined;
  const taken = mentions([...loads.lines, loads.value].join('\n'), [context.name]) ? context.parameter : '';
  const end = semicolonOf(file);
  const loader = ensureImport(file, 'dataloader', 'default', 'DataLoader');
  const name = loaderName(resolver);
  const helper = helperFor(file, 'perRequest', PER_REQUEST);
  return {
    id: 'load-by-loader',
    title: `Load '${resolver.type}.${resolver.field}' through a DataLoader`,
    applicability: 'changes-behaviour',
    difference: 'The keys of one tick are looked up together, once per request; a failure fails all of them.',
    untyped: loads.untyped,
    edits: merged(file, [
      ...loads.edits,
      ...loader.edits,
      ...helper.edits,
      ...context.edits,
      home.insert(
        joined(
          `${home.keyword}${name} = ${helper.name}((${taken}) => new ${loader.name}(`,
          batchFunction(loads, keys, end),
          `))${end}`,
        ),
      ),
      edit(file, scope.whole, `${awaited(scope)}${home.prefix}${name}(${context.name}).load(${loads.key})`),
    ]),
  };
}

function awaited({ whole, call }: KeyScope): string {
  return whole.start === call.start ? '' : 'await ';
}

interface Context {
  readonly name: string;
  /** As a parameter declares it: `ctx: RequestContext`. */
  readonly parameter: string;
  readonly edits: readonly Edit[];
}

/** The parameter that takes the GraphQL context, added where there is none. */
function contextOf({ file, node }: FieldResolver): Context | undefined {
  const known = node.parameters.find(({ decorators }) =>
    decorators.some(({ name }) => /^(Ctx|Context|GqlContext)$/.test(name)),
  );
  const last = node.parameters.at(-1);
  if (last === undefined) return undefined;
  if (node.class !== undefined && node.decorators.length > 0) {
    if (known !== undefined) {
      const name = known.pattern.kind === 'variable' ? file.variables[known.pattern.variable]?.name : undefined;
      const parameter = textOf(file, known).replace(/^(@\w+\([^)]*\)\s*)+/, '');
      return name === undefined ? undefined : { name, parameter, edits: [] };
    }
    const library = file.imports.find(({ module }) => /^(@nestjs\/graphql|type-graphql)$/.test(module));
    if (library === undefined) return undefined;
    const decorator =
      library.module === 'type-graphql'
        ? ensureImport(file, library.module, 'Ctx', 'Context')
        : ensureNamedImport(file, library.module, 'Context');
    const name = freshName(file, 'context');
    const parameter = `${name}: object`;
    return {
      name,
      parameter,
      edits: [...decorator.edits, insert(file, last.end, `, @${decorator.name}() ${parameter}`)],
    };
  }
  const third = node.parameters[2];
  if (third !== undefined) {
    const name = third.pattern.kind === 'variable' ? file.variables[third.pattern.variable]?.name : undefined;
    return name === undefined ? undefined : { name, parameter: textOf(file, third), edits: [] };
  }
  const name = freshName(file, 'context');
  const typed =
    file.language === 'typescript' && /:/.test(textOf(file, last))
      ? { args: ': unknown', context: ': object' }
      : { args: '', context: '' };
  const missing =
    node.parameters.length === 1 ? `, _args${typed.args}, ${name}${typed.context}` : `, ${name}${typed.context}`;
  if (!/\)\s*$/.test(file.text.slice(last.end, last.end + 1))) return undefined;
  return { name, parameter: `${name}${typed.context}`, edits: [insert(file, last.end, missing)] };
}

const PER_REQUEST = {
  typescript: [
    '/** One value per request, made when it is first asked for and gone with the request. */',
    'function perRequest<C extends object, T>(create: (context: C) => T): (context: C) => T {',
    '  const made = new WeakMap<C, T>();',
    '  return (context) => {',
    '    const known = made.get(context);',
    '    if (known !== undefined) return known;',
    '    const value = create(context);',
    '    made.set(context, value);',
    '    return value;',
    '  };',
    '}',
  ],
  javascript: [
    '/** One value per request, made when it is first asked for and gone with the request. */',
    'function perRequest(create) {',
    '  const made = new WeakMap();',
    '  return (context) => {',
    '    if (!made.has(context)) made.set(context, create(context));',
    '    return made.get(context);',
    '  };',
    '}',
  ],
};

// ---------------------------------------------------------------- without it

function batching(evidence: ResolverQuery, scope: KeyScope, loads: Loads, keys: string): Fix | undefined {
  const { resolver } = evidence;
  const { file } = resolver;
  const home = homeOf(resolver);
  if (home === undefined) return undefined;
  const end = semicolonOf(file);
  const name = loaderName(resolver);
  const helper = helperFor(file, 'createLoader', CREATE_LOADER);
  return {
    id: 'load-in-batches',
    title: `Load '${resolver.type}.${resolver.field}' for all parents of a tick together`,
    applicability: 'sketch',
    difference: 'The package dataloader would also keep what it loaded for the length of a request.',
    untyped: loads.untyped,
    edits: merged(file, [
      ...loads.edits,
      ...helper.edits,
      home.insert(joined(`${home.keyword}${name} = ${helper.name}(`, batchFunction(loads, keys, end), `)${end}`)),
      edit(file, scope.whole, `${awaited(scope)}${home.prefix}${name}(${loads.key})`),
    ]),
  };
}

const CREATE_LOADER = {
  typescript: [
    '/** Collects the keys asked for in one tick and loads them together; the package dataloader does this and more. */',
    'function createLoader<K, V>(load: (keys: readonly K[]) => Promise<readonly (V | Error)[]>): (key: K) => Promise<V> {',
    '  let batch: { keys: K[]; values: Promise<readonly (V | Error)[]> } | undefined;',
    '  return async (key) => {',
    '    const keys = batch?.keys ?? [];',
    '    const position = keys.push(key) - 1;',
    '    batch ??= {',
    '      keys,',
    '      values: new Promise((resolve) => {',
    '        setImmediate(() => {',
    '          batch = undefined;',
    '          resolve(load(keys));',
    '        });',
    '      }),',
    '    };',
    '    const value = (await batch.values)[position];',
    '    if (value instanceof Error) throw value;',
    '    return value as V;',
    '  };',
    '}',
  ],
  javascript: [
    '/** Collects the keys asked for in one tick and loads them together; the package dataloader does this and more. */',
    'function createLoader(load) {',
    '  let batch;',
    '  return async (key) => {',
    '    const keys = batch?.keys ?? [];',
    '    const position = keys.push(key) - 1;',
    '    batch ??= {',
    '      keys,',
    '      values: new Promise((resolve) => {',
    '        setImmediate(() => {',
    '          batch = undefined;',
    '          resolve(load(keys));',
    '        });',
    '      }),',
    '    };',
    '    const value = (await batch.values)[position];',
    '    if (value instanceof Error) throw value;',
    '    return value;',
    '  };',
    '}',
  ],
};

/** A function of the file, added after the imports unless an earlier fix has put it there. */
function helperFor(
  file: SourceFile,
  name: string,
  text: Readonly<Record<SourceFile['language'], readonly string[]>>,
): { name: string; edits: readonly Edit[] } {
  const wanted = text[file.language];
  if (file.text.includes(wanted[1] ?? '')) return { name, edits: [] };
  const free = freshName(file, name);
  return {
    name: free,
    edits: [
      insertTopLevel(
        file,
        wanted.map((line) => line.replaceAll(name, free)),
      ),
    ],
  };
}

/** Imports and helpers go to one place: there, imports first. */
function merged(file: SourceFile, edits: readonly Edit[]): readonly Edit[] {
  const isImport = ({ text }: Edit): boolean => /^\s*(import\b|const [\w{} ,:]+ = require\()/.test(text);
  const first = edits.filter((one) => one.path === file.path && one.start === one.end && isImport(one));
  return [...first, ...edits.filter((one) => !first.includes(one))];
}
