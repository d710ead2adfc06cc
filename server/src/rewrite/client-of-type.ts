/** The client of a type that code at a place can name, where what it works with does not lead back to it: collections, models. */
import type { SourceFile, Span, Variable } from '../typescript/syntax.ts';
import { functionAround } from './source-edit.ts';

/** Undefined where there is none, or one of several. */
export function clientOfType(file: SourceFile, at: Span, type: string): string | undefined {
  const names = [...variablesAt(file, at, type), ...propertiesAt(file, at, type)];
  return names.length === 1 ? names[0] : undefined;
}

/** Parameters and constants of the functions around, and of the module. */
function variablesAt(file: SourceFile, at: Span, type: string): string[] {
  const around = new Set<number>([0]);
  for (let node = functionAround(file, at); node !== undefined; ) {
    around.add(node.index);
    node = node.parent === undefined ? undefined : file.functions[node.parent];
  }
  return file.variables
    .filter((variable) => around.has(variable.fn) && variable.at.start < at.start && isClient(file, variable, type))
    .map(({ name }) => name);
}

function isClient(file: SourceFile, { typeName, initializer, reassigned, fn, name }: Variable, type: string): boolean {
  if (reassigned) return false;
  // A property that a constructor's parameter declares is named through `this` elsewhere.
  const isProperty = file.functions[fn]?.parameters.some(
    ({ property, pattern }) =>
      property && pattern.kind === 'variable' && file.variables[pattern.variable]?.name === name,
  );
  if (isProperty === true) return false;
  const made = initializer?.kind === 'await' ? initializer.operand : initializer;
  if (made?.kind !== 'call') return typeName === type;
  const { callee } = made;
  const isMade = made.isNew && callee.kind === 'identifier' && callee.name === type;
  const isConnected =
    callee.kind === 'member' &&
    callee.name === 'connect' &&
    callee.object.kind === 'identifier' &&
    callee.object.name === type;
  return typeName === type || isMade || isConnected;
}

/** `this.client` of the class around. */
function propertiesAt(file: SourceFile, at: Span, type: string): string[] {
  const own = file.classes.find(({ start, end }) => start <= at.start && at.end <= end);
  if (own === undefined || isStatic(file, at)) return [];
  const declared = own.properties.filter(({ typeName, static: isOfClass }) => typeName === type && !isOfClass);
  const given = file.functions
    .filter((node) => node.kind === 'constructor' && node.class === own.index)
    .flatMap(({ parameters }) => parameters)
    .filter(({ property, typeName }) => property && typeName === type)
    .map(({ pattern }) => (pattern.kind === 'variable' ? (file.variables[pattern.variable]?.name ?? '') : ''));
  return [...declared.map(({ name }) => name), ...given].map((name) => `this.${name}`);
}

function isStatic(file: SourceFile, at: Span): boolean {
  let node = functionAround(file, at);
  while (node?.parent !== undefined && node.class === undefined) node = file.functions[node.parent];
  return node?.static ?? false;
}
