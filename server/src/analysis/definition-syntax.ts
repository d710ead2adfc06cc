/** How definitions of tables and models are read from their syntax: options, lists, names, chains of calls. */
import type {
  CallExpression,
  ClassNode,
  Decorator,
  Expression,
  FunctionNode,
  SourceFile,
} from '../typescript/syntax.ts';

export function calledName({ callee }: CallExpression): string {
  return callee.kind === 'member' || callee.kind === 'identifier' ? callee.name : '';
}

export function variableOf(file: SourceFile, call: CallExpression): string | undefined {
  return file.variables.find(({ initializer }) => initializer?.kind === 'call' && initializer.call === call.call)?.name;
}

export function classAround(file: SourceFile, { start, end }: CallExpression): string | undefined {
  return file.classes.findLast((node) => node.start <= start && end <= node.end)?.name;
}

function getterOf(file: SourceFile, node: ClassNode, name: string): Expression | undefined {
  for (const index of node.methods) {
    const method: FunctionNode | undefined = file.functions[index];
    if (method?.name === name && method.static) return returnedBy(method);
  }
  return undefined;
}

/** A static member of a class: a property, also as a function that the library calls, or a getter; a constant by its value. */
export function staticOf(file: SourceFile, node: ClassNode, name: string): Expression | undefined {
  const own = node.properties.find((property) => property.static && property.name === name)?.initializer;
  const given = resolved(file, own) ?? getterOf(file, node, name);
  const constant =
    given?.kind === 'identifier' && given.variable !== undefined ? file.variables[given.variable] : undefined;
  return constant?.initializer ?? given;
}

/** A definition that may be written as a function, which the library calls. */
export function resolved(file: SourceFile, expression: Expression | undefined): Expression | undefined {
  if (expression?.kind !== 'function') return expression;
  const fn = file.functions[expression.fn];
  return fn === undefined ? undefined : returnedBy(fn);
}

/** What a function gives whose last statement says so; others before it may require what it names. */
export function returnedBy({ body }: FunctionNode): Expression | undefined {
  const last = body.at(-1);
  return last?.kind === 'return' ? last.value : undefined;
}

/** The calls of `a.b(…).c(…)`, last first. */
export function chainOf(expression: Expression): { name: string; args: readonly Expression[] }[] {
  const links: { name: string; args: readonly Expression[] }[] = [];
  let at: Expression = expression;
  while (at.kind === 'call') {
    const callee: Expression = at.callee;
    const name = callee.kind === 'member' || callee.kind === 'identifier' ? callee.name : '';
    links.push({ name, args: at.args });
    if (callee.kind !== 'member') break;
    at = callee.object;
  }
  return links;
}

export function optionsOf(mark: Decorator | undefined): Expression | undefined {
  return mark?.args.find((arg) => arg.kind === 'object');
}

export function entries(expression: Expression | undefined): [string, Expression][] {
  if (expression?.kind !== 'object') return [];
  return expression.properties.flatMap((property) =>
    property.kind === 'property' && property.key !== undefined
      ? [[property.key, property.value] as [string, Expression]]
      : [],
  );
}

export function member(expression: Expression | undefined, name: string): Expression | undefined {
  return entries(expression).find(([key]) => key === name)?.[1];
}

export function elements(expression: Expression | undefined): readonly Expression[] {
  return expression?.kind === 'array' ? expression.elements : [];
}

/** `true`, or `[true, 'already taken']`. */
export function isTrue(expression: Expression | undefined): boolean {
  if (expression?.kind === 'object') return entries(expression).length > 0;
  const value = expression?.kind === 'array' ? expression.elements[0] : expression;
  return value?.kind === 'literal' && value.value === true;
}

export function isNull(expression: Expression): boolean {
  return expression.kind === 'literal' && expression.value === null;
}

export function stringsIn(expression: Expression | undefined): string[] {
  if (expression?.kind === 'literal') return typeof expression.value === 'string' ? [expression.value] : [];
  return expression?.kind === 'array' ? expression.elements.flatMap(stringsIn) : [];
}

export function textAt(expression: Expression | undefined, name: string): string | undefined {
  return stringsIn(member(expression, name))[0];
}

/** `email` of `t.email`. */
export function lastName(expression: Expression | undefined): string[] {
  if (expression?.kind === 'member' || expression?.kind === 'identifier') return [expression.name];
  return expression?.kind === 'call'
    ? chainOf(expression)
        .flatMap(({ args }) => args.flatMap(lastName))
        .slice(0, 1)
    : [];
}
