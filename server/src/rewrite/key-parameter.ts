/**
 * The parameter through which a function is given a key, and the one through which its sibling is given many: `id`
 * becomes `ids`, `{ id, teamId }` becomes `{ ids, teamId }`, and what the caller only writes out around the key
 * (`{ where: { id } }`) becomes the keys themselves.
 */
import type { FunctionInfo } from '../analysis/fact.ts';
import type { ProgramFacts } from '../analysis/program.ts';
import type { CallExpression, Expression, ObjectProperty, Parameter, SourceFile } from '../typescript/syntax.ts';
import { type ArgumentShape, onlyLeaf, usesByKey } from './argument-shape.ts';
import { isElementKey, type KeyScope, keyedProperty, onlyKeyed } from './key-scope.ts';
import { freeName, namesIn, pluralOf } from './row-index.ts';
import { parameterName } from './sibling-body.ts';
import { keyType, type Replacement } from './sibling-text.ts';
import { quoteOf, textOf } from './source-edit.ts';

/** The argument of a call that holds the key. */
export interface KeyArgument {
  readonly index: number;
  /** The key as the caller has it. */
  readonly key: Expression;
  /** From the argument to the key; empty where they are one. */
  readonly path: readonly string[];
  /** The property of the argument that the key is, where it has others. */
  readonly property?: Extract<ObjectProperty, { kind: 'property' }>;
}

/** The call that hands the argument over, and the table that is queried in the end. */
export interface KeyCall {
  readonly file: SourceFile;
  readonly call: CallExpression;
  readonly table: string | undefined;
}

export interface KeyParameter {
  readonly index: number;
  /** What the function's body calls it. */
  readonly name: string;
  /** What the sibling calls one key, and all of them. */
  readonly key: string;
  readonly keys: string;
  /** The type of one key; undefined in JavaScript. */
  readonly type: string | undefined;
  /** As the sibling declares it. */
  readonly text: string;
  /** What the caller hands over, given the keys. */
  readonly argument: (keys: string) => string;
  readonly shape?: ArgumentShape;
  /** What the body reads of the argument, by the key. */
  readonly replaced: readonly Replacement[];
  /** The function is also asked without a key, for the roots of a tree: its sibling is not. */
  readonly mayLack?: true;
}

/** The one argument that differs from element to element, and the key in it. */
export function keyArgument(scope: KeyScope, call: CallExpression): KeyArgument | undefined {
  const arg = onlyKeyed(scope, call.args, (one) => one);
  if (arg === undefined) return undefined;
  const index = call.args.indexOf(arg);
  if (arg.kind !== 'object') return isElementKey(scope, arg) ? { index, key: arg, path: [] } : undefined;
  const only = onlyLeaf(arg);
  if (only !== undefined)
    return isElementKey(scope, only.leaf) ? { index, key: only.leaf, path: only.path } : undefined;
  const property = keyedProperty(scope, arg);
  if (property === undefined || !isElementKey(scope, property.value)) return undefined;
  return { index, key: property.value, path: [property.key], property };
}

/** The round of a function that is given the key: its query, and what of it is replaced. */
export function scopeOfFunction(
  { file, node }: FunctionInfo,
  { name, shape }: KeyParameter,
  query: Pick<KeyScope, 'call' | 'whole' | 'mayThrow'>,
): KeyScope {
  return { file, keyNames: [name], localNames: [], end: node.end, ...query, ...(shape === undefined ? {} : { shape }) };
}

export function keyParameter(
  info: FunctionInfo,
  argument: KeyArgument,
  from: KeyCall,
  program: ProgramFacts,
): KeyParameter | undefined {
  const parameter = info.node.parameters[argument.index];
  if (parameter === undefined || parameter.rest) return undefined;
  if (parameter.pattern.kind === 'object-pattern') return ofPattern(info, parameter, argument, from, program);
  if (argument.path.length === 0) return plainKey(info, argument.index);
  return argument.property === undefined ? ofShape(info, parameter, argument, from, program) : undefined;
}

/** A parameter that is the key. */
export function plainKey({ file, node }: FunctionInfo, index: number): KeyParameter | undefined {
  const parameter = node.parameters[index];
  const name = parameterName(parameter, file);
  if (parameter === undefined || name === undefined) return undefined;
  const text = textOf(file, parameter);
  // Rows without a key are found by null, and by no list.
  if (/\?\s*:/.test(text) || mayLack(text)) return undefined;
  return listOf(keyType(file, parameter), { file, node }, name, index);
}

/** A parameter that is the key or nothing: `parentId: string | null`. */
export function nullableKey({ file, node }: FunctionInfo, index: number): KeyParameter | undefined {
  const parameter = node.parameters[index];
  const name = parameterName(parameter, file);
  const type = parameter === undefined ? undefined : keyType(file, parameter);
  if (name === undefined || type === undefined || !mayLack(type)) return undefined;
  const plain = type.replaceAll(/\s*\|\s*(null|undefined)\b|\b(null|undefined)\s*\|\s*/g, '');
  const made = mayLack(plain) ? undefined : listOf(plain, { file, node }, name, index);
  return made === undefined ? undefined : { ...made, mayLack: true };
}

function listOf(
  type: string | undefined,
  { file, node }: Pick<FunctionInfo, 'file' | 'node'>,
  name: string,
  index: number,
): KeyParameter | undefined {
  if (type === undefined && file.language === 'typescript') return undefined;
  const keys = freeName(listNames(name), namesIn(file, node));
  return { index, name, key: name, keys, type, text: declared(keys, type), argument: (list) => list, replaced: [] };
}

/** `args` of `find(args: FindArgs)`, where the caller writes `find({ where: { id } })`. */
function ofShape(
  { file, node }: FunctionInfo,
  parameter: Parameter,
  { index, path }: KeyArgument,
  from: KeyCall,
  program: ProgramFacts,
): KeyParameter | undefined {
  const name = parameterName(parameter, file);
  const variable = parameter.pattern.kind === 'variable' ? parameter.pattern.variable : undefined;
  const last = path.at(-1);
  if (name === undefined || variable === undefined || last === undefined) return undefined;
  const shape: ArgumentShape = { parameter: name, variable, path };
  const taken = namesIn(file, node);
  const key = freeName([last], taken);
  const replaced = usesByKey(file, node, shape, key);
  const whole = file.language === 'typescript' ? keyType(file, parameter) : undefined;
  const type =
    whole === undefined ? undefined : (columnType(program, whole, last, from) ?? typeAt(program, whole, path, file));
  if (replaced === undefined || (type === undefined && file.language === 'typescript')) return undefined;
  const keys = freeName(listNames(key), taken);
  return { index, name, key, keys, type, text: declared(keys, type), argument: (list) => list, shape, replaced };
}

/** `{ id, teamId }: { id: number; teamId: number }`. */
function ofPattern(
  { file, node }: FunctionInfo,
  parameter: Parameter,
  { index, path, property: given }: KeyArgument,
  from: KeyCall,
  program: ProgramFacts,
): KeyParameter | undefined {
  const { pattern } = parameter;
  const [name] = path;
  if (pattern.kind !== 'object-pattern' || name === undefined || path.length !== 1 || parameter.default !== undefined)
    return undefined;
  if (pattern.properties.some((one) => one.rest)) return undefined;
  const taken = pattern.properties.find((one) => one.key === name);
  if (taken?.value.kind !== 'variable' || taken.default !== undefined) return undefined;
  const key = file.variables[taken.value.variable]?.name ?? '';
  const keys = freeName(listNames(key), namesIn(file, node));
  const inner = pluralOf(name) === name ? `${name}List` : pluralOf(name);
  const entry = (value: string): string => (value === inner ? inner : `${inner}: ${value}`);
  const before = file.text.slice(parameter.start, taken.value.start).replace(/[\w$]+\s*:\s*$/, '');
  const taking = `${before}${entry(keys)}${file.text.slice(taken.value.end, pattern.end)}`;
  const types = file.text.slice(pattern.end, parameter.end);
  const typed =
    file.language === 'javascript' ? { text: '', type: undefined } : listType(types, name, inner, file, program);
  if (typed === undefined) return undefined;
  const arg = from.call.args[index];
  const span = given?.span ?? (arg?.kind === 'object' ? arg.properties[0]?.span : undefined);
  if (arg === undefined || span === undefined) return undefined;
  return {
    index,
    name: key,
    key,
    keys,
    type: typed.type,
    text: `${taking}${typed.text}`,
    argument: (list) =>
      `${from.file.text.slice(arg.start, span.start)}${entry(list)}${from.file.text.slice(span.end, arg.end)}`,
    replaced: [],
  };
}

/** The type of such a parameter with a list in the key's place. */
function listType(
  text: string,
  name: string,
  list: string,
  file: SourceFile,
  program: ProgramFacts,
): { text: string; type: string } | undefined {
  const whole = /^\s*:\s*([\s\S]+)$/.exec(text)?.[1]?.trim();
  if (whole === undefined) return undefined;
  if (/^[\w$.]+$/.test(whole)) {
    const type = typeAt(program, whole, [name], file);
    const quote = quoteOf(file);
    return type === undefined
      ? undefined
      : { text: `: Omit<${whole}, ${quote}${name}${quote}> & { ${declared(list, type)} }`, type };
  }
  const member = whole.startsWith('{') ? memberType(whole, name) : undefined;
  if (member === undefined || mayLack(member.type)) return undefined;
  return { text: `: ${whole.replace(member.entry, declared(list, member.type))}`, type: member.type };
}

function declared(name: string, type: string | undefined): string {
  if (type === undefined) return name;
  return `${name}: ${/^[\w$.<>[\]'"]+$/.test(type) ? type : `(${type})`}[]`;
}

function mayLack(type: string): boolean {
  return /\b(null|undefined)\b/.test(type);
}

function listNames(key: string): [string, ...string[]] {
  return [pluralOf(key), `${key}List`, `all${key[0]?.toUpperCase() ?? ''}${key.slice(1)}`];
}

/** What Prisma generates of the schema: `string` for the `id` of `Prisma.UserFindUniqueArgs`. */
function columnType(program: ProgramFacts, whole: string, column: string, { table }: KeyCall): string | undefined {
  if (!whole.startsWith('Prisma.') || table === undefined) return undefined;
  const type =
    program
      .entity(table)
      ?.storage?.columns.get(column)
      ?.type.replace(/[?\s].*$/, '') ?? '';
  return new Map([
    ['String', 'string'],
    ['Int', 'number'],
    ['BigInt', 'bigint'],
  ]).get(type);
}

/** The type that a type has at a place: its own text where that means the same everywhere, else by its name. */
export function typeAt(
  program: ProgramFacts,
  whole: string,
  path: readonly string[],
  file: SourceFile,
): string | undefined {
  const found = path.reduce<string | undefined>(
    (type, name) => (type === undefined ? undefined : propertyType(program, type, name)),
    whole,
  );
  if (found !== undefined && /^(string|number|bigint)$/.test(found)) return found;
  const quote = quoteOf(file);
  return /^[\w$.]+$/.test(whole)
    ? `NonNullable<${whole}${path.map((name) => `[${quote}${name}${quote}]`).join('')}>`
    : undefined;
}

/** Of a type that is written out, or of the classes and interfaces of that name, where they agree. */
function propertyType(program: ProgramFacts, type: string, name: string): string | undefined {
  if (type.startsWith('{')) return memberType(type, name)?.type;
  const types = new Set(
    program.files
      .flatMap(({ classes }) => classes.filter((node) => node.name === type))
      .flatMap(({ properties }) => properties.filter((property) => property.name === name))
      .map((property) => property.type?.replaceAll(/\s*\|\s*(null|undefined)\b/g, '')),
  );
  const [only] = types;
  return types.size === 1 ? only : undefined;
}

/** `id: string` of `{ id: string; team: { id: number } }`: of the type itself, not of one within. */
function memberType(type: string, name: string): { entry: string; type: string } | undefined {
  const start = new RegExp(`(?<=[{;,\\n]\\s*)${name.replaceAll('$', '\\$')}\\??\\s*:\\s*`, 'g');
  for (const match of type.matchAll(start)) {
    const before = type.slice(1, match.index);
    if (depthOf(before) !== 0) continue;
    const from = match.index + match[0].length;
    let end = from;
    while (end < type.length - 1 && (depthOf(type.slice(from, end)) > 0 || !/[;,}\n]/.test(type[end] ?? ''))) end += 1;
    return { entry: type.slice(match.index, end), type: type.slice(from, end).trim() };
  }
  return undefined;
}

function depthOf(text: string): number {
  return (text.match(/[{[(<]/g)?.length ?? 0) - (text.match(/[}\])>]/g)?.length ?? 0);
}
