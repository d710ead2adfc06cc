/**
 * The functions that give one field of one GraphQL object: decorated methods, entries of resolver maps, Pothos'
 * `resolve`. Roots (`Query`, `Mutation`) have no parent worth the name and are left out.
 */
import type { ProgramFacts } from '../../../analysis/program.ts';
import type { FunctionKey } from '../../../analysis/value.ts';
import { childExpressions, partsOf } from '../../../rewrite/source-edit.ts';
import type { Expression, FunctionNode, SourceFile, Statement } from '../../../typescript/syntax.ts';
import { FIELD_RESOLVER, resolverType } from './listed-types.ts';

export interface FieldResolver {
  readonly key: FunctionKey;
  readonly file: SourceFile;
  readonly node: FunctionNode;
  /** The type it belongs to, and the field it gives. */
  readonly type: string;
  readonly field: string;
  /** Which parameter is the object that the field is asked of. */
  readonly parent: number;
}

const indexes = new WeakMap<ProgramFacts, ReadonlyMap<FunctionKey, FieldResolver>>();

export function fieldResolvers(program: ProgramFacts): ReadonlyMap<FunctionKey, FieldResolver> {
  let index = indexes.get(program);
  if (index === undefined) {
    const found = program.files.flatMap((file) => [...decorated(file), ...mapped(file), ...built(file)]);
    index = new Map(found.filter(({ type }) => !ROOT.test(type)).map((resolver) => [resolver.key, resolver] as const));
    indexes.set(program, index);
  }
  return index;
}

const ROOT = /^(Query|Mutation|Subscription)$/;

function decorated(file: SourceFile): FieldResolver[] {
  return file.functions.flatMap((node) => {
    const decorator = node.decorators.find(({ name }) => FIELD_RESOLVER.test(name));
    if (decorator === undefined || !node.hasBody) return [];
    const parent = node.parameters.findIndex(({ decorators }) =>
      decorators.some(({ name }) => /^(Parent|Root)$/.test(name)),
    );
    const type = resolverType(file, node) ?? node.parameters[parent]?.typeName;
    if (parent < 0 || type === undefined) return [];
    const [named] = decorator.args;
    const field = named?.kind === 'literal' && typeof named.value === 'string' ? named.value : node.name;
    return [resolver(file, node, type, field, parent)];
  });
}

function resolver(file: SourceFile, node: FunctionNode, type: string, field: string, parent: number): FieldResolver {
  return { key: `${file.path}#${node.index}`, file, node, type, field, parent };
}

// ---------------------------------------------------------------- resolver maps

/** `{ User: { posts: (user) => … } }`, and `const User: UserResolvers = { posts(user) { … } }`. */
function mapped(file: SourceFile): FieldResolver[] {
  const found: FieldResolver[] = [];
  if (!/Query|Mutation|[Rr]esolver/.test(file.text) || file.text.includes('@Resolver(')) return found;
  for (const variable of file.variables) {
    const type = /^([A-Z]\w*)Resolvers$/.exec(variable.typeName ?? '')?.[1];
    if (type !== undefined && variable.initializer?.kind === 'object')
      fieldsOf(file, type, variable.initializer, found);
  }
  const visit = (expression: Expression): void => {
    if (expression.kind === 'object') {
      for (const property of expression.properties) {
        if (property.kind !== 'property' || !/^[A-Z]/.test(property.key ?? '')) continue;
        fieldsOf(file, property.key ?? '', property.value, found);
      }
    }
    for (const child of childExpressions(expression)) visit(child);
  };
  const visitAll = (list: readonly Statement[]): void => {
    for (const statement of list) {
      const parts = partsOf(statement);
      parts.expressions.forEach(visit);
      parts.lists.forEach(visitAll);
    }
  };
  // Only where the file looks like a resolver map: `Query` or `Mutation` beside it, or the file's name.
  if (/\b(Query|Mutation)\s*[:,}]/.test(file.text) || /resolver/i.test(file.path)) {
    for (const node of file.functions) visitAll(node.body);
  }
  return found;
}

function fieldsOf(file: SourceFile, type: string, value: Expression, found: FieldResolver[]): void {
  if (value.kind !== 'object') return;
  for (const property of value.properties) {
    if (property.kind !== 'property' || property.key === undefined) continue;
    const node = functionOf(file, property.value);
    if (node !== undefined && node.parameters.length > 0 && node.hasBody)
      found.push(resolver(file, node, type, property.key, 0));
  }
}

/** The function itself, or the `resolve` of `{ resolve: (parent) => … }`. */
function functionOf(file: SourceFile, value: Expression): FunctionNode | undefined {
  if (value.kind === 'function') return file.functions[value.fn];
  if (value.kind === 'identifier' && value.variable !== undefined) {
    const names = file.variables[value.variable]?.names;
    return names === undefined ? undefined : file.functions[names];
  }
  if (value.kind !== 'object') return undefined;
  const resolve = value.properties.find((part) => part.kind === 'property' && part.key === 'resolve');
  return resolve?.value.kind === 'function' ? file.functions[resolve.value.fn] : undefined;
}

// ---------------------------------------------------------------- Pothos

/** `builder.prismaObject('User', { fields: (t) => ({ posts: t.field({ resolve: (user) => … }) }) })`. */
function built(file: SourceFile): FieldResolver[] {
  const found: FieldResolver[] = [];
  for (const call of file.calls) {
    if (call.callee.kind !== 'member' || !/^(\w*[oO]bject\w*|node|prismaNode|implement)$/.test(call.callee.name))
      continue;
    const type = typeName(call.args[0] ?? call.callee.object) ?? typeName(call.callee.object);
    const isField = /Fields?$/.test(call.callee.name);
    if (type === undefined) continue;
    for (const inner of file.calls) {
      if (inner.start <= call.start || inner.end > call.end || inner.callee.kind !== 'member') continue;
      const { object, name } = inner.callee;
      if (object.kind !== 'identifier' || object.name !== 't') continue;
      const options = inner.args.find((arg) => arg.kind === 'object');
      const node = options === undefined ? undefined : functionOf(file, options);
      // `prismaField` is handed the selection first, then the parent.
      const parent = /^prisma/.test(name) ? 1 : 0;
      if (node === undefined || node.parameters.length <= parent) continue;
      const field = isField ? nameGiven(call.args[1]) : keyBefore(file, inner.start);
      found.push(resolver(file, node, type, field ?? name, parent));
    }
  }
  return found;
}

function typeName(given: Expression): string | undefined {
  if (given.kind === 'identifier') return given.name.replace(/(Ref|Type)$/, '');
  if (given.kind === 'literal' && typeof given.value === 'string') return given.value;
  return given.kind === 'call' && given.args[0] !== undefined ? typeName(given.args[0]) : undefined;
}

function nameGiven(given: Expression | undefined): string | undefined {
  return given?.kind === 'literal' && typeof given.value === 'string' ? given.value : undefined;
}

/** `posts` of `posts: t.field(…)`. */
function keyBefore(file: SourceFile, start: number): string | undefined {
  return /([\w$]+)\s*:\s*$/.exec(file.text.slice(Math.max(0, start - 80), start))?.[1];
}
