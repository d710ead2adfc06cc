/**
 * The text of a function's sibling for many keys: its name and header after the original's, and the original's
 * statements as the body of what is done per key.
 */
import type { FunctionInfo } from '../analysis/fact.ts';
import type { FunctionNode, SourceFile, Span, Statement } from '../typescript/syntax.ts';
import type { KeyParameter } from './key-parameter.ts';
import { freeName, namesIn, pluralOf } from './row-index.ts';
import { enclosingStatements, indentationAt, indentUnit, partsOf, semicolonOf, textOf } from './source-edit.ts';

export interface SiblingParts {
  readonly name: string;
  readonly parameter: KeyParameter;
  /** What it is declared to give, where it calls itself. */
  readonly gives?: string;
  /** What its comment adds. */
  readonly note?: string;
  readonly pre: readonly Statement[];
  readonly lines: readonly string[];
  readonly given: readonly string[];
}

export function siblingText({ file, node }: FunctionInfo, parts: SiblingParts): string[] | undefined {
  const parameters = node.parameters.map((parameter, index) =>
    index === parts.parameter.index ? parts.parameter.text : textOf(file, parameter),
  );
  const generics =
    node.nameAt === undefined ? '' : (/^\s*(<[^()]*>)\s*\(/.exec(file.text.slice(node.nameAt.end))?.[1] ?? '');
  const gives = parts.gives === undefined ? '' : `: ${parts.gives}`;
  const list = `${node.kind === 'arrow' ? '' : generics}(${parameters.join(', ')})${gives}`;
  const pre = parts.pre.flatMap((statement) => {
    const base = indentationAt(file, statement.start);
    return textOf(file, statement)
      .split(/\r?\n/)
      .map((line, index) => (index === 0 ? line : relative(file, line, base)));
  });
  const body = [...pre, ...parts.lines, ...parts.given].map((line) => (line === '' ? '' : `  ${line}`));
  const end = semicolonOf(file);
  const comment = siblingComment(node.name, parts.note);
  if (node.kind === 'arrow') {
    const { declaration } = placeOfFunction(node, file);
    const head = /^(export\s+)?const\s/.exec(file.text.slice(declaration.start))?.[0];
    return head === undefined ? undefined : [comment, `${head}${parts.name} = async ${list} => {`, ...body, `}${end}`];
  }
  if (node.kind === 'function') {
    const exported = /^export\s+(?!default)/.test(file.text.slice(placeOfFunction(node, file).declaration.start))
      ? 'export '
      : '';
    return [comment, `${exported}async function ${parts.name}${list} {`, ...body, '}'];
  }
  const modifiers = modifiersOf(node, file);
  return modifiers === undefined ? undefined : [comment, `${modifiers}async ${parts.name}${list} {`, ...body, '}'];
}

export function siblingComment(name: string, note = ''): string {
  return `/** Like \`${name}\`, for many at once${note}. */`;
}

/** `private static ` of a method; undefined for a method of an object literal, which nothing else could call so. */
function modifiersOf(node: FunctionNode, file: SourceFile): string | undefined {
  if (node.class === undefined || node.nameAt === undefined) return undefined;
  const start = node.decorators.reduce((end, decorator) => Math.max(end, decorator.end), node.start);
  const words = file.text
    .slice(start, node.nameAt.start)
    .replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ' ')
    .trim();
  const kept = words.split(/\s+/).filter((word) => /^(private|protected|public|static)$/.test(word));
  return kept.map((word) => `${word} `).join('');
}

/** The statement that declares the function: for an arrow function the whole `const`. */
export function placeOfFunction(node: FunctionNode, file: SourceFile): { declaration: Span } {
  if (node.kind === 'method') return { declaration: node };
  const own = declarationOf(node, file.functions[node.parent ?? 0]?.body ?? []);
  if (own !== undefined) return { declaration: own };
  const around = enclosingStatements(file, { start: node.start, end: node.start + 1 }).at(-1)?.statement;
  const top = file.functions[0]?.body.find((statement) => statement.start <= node.start && node.end <= statement.end);
  return { declaration: top ?? around ?? node };
}

/** `const findUser = …` in whatever function it stands. */
function declarationOf(node: FunctionNode, body: readonly Statement[]): Statement | undefined {
  for (const statement of body) {
    if (statement.start > node.start || statement.end < node.end) continue;
    const names =
      statement.kind === 'variable' &&
      statement.declarations.some(({ initializer }) => initializer?.start === node.start);
    if (names) return statement;
    for (const list of partsOf(statement).lists) {
      const inner = declarationOf(node, list);
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}

/** `findUsersByIds` of `findUserById`; `findUserForAll` where no word is the key's. */
export function siblingName(name: string, file: SourceFile, { keys, shape }: KeyParameter): string {
  const taken = new Set([...namesIn(file), ...file.functions.map((fn) => fn.name)]);
  if (shape !== undefined) {
    // Nothing in its name says what it is given: `users` and `findUsers` are taken, or would be taken for something else.
    const [, start = '', last = ''] = /^(.*?)([A-Z][a-z]+|[a-z]+)$/.exec(name) ?? [];
    const plural = last === '' ? name : `${start}${pluralOf(last)}`;
    const given = `${keys[0]?.toUpperCase() ?? ''}${keys.slice(1)}`;
    return freeName([`${plural}By${given}`, `${plural}For${given}`], taken);
  }
  if (/(By|For|Of|In|With)$/.test(name)) return freeName([`${name}All`], taken);
  const by = /^(.*?)([A-Z][a-z]+|[a-z]+)?(By|For|Of|In|With)([A-Z]\w*)$/.exec(name);
  const [, head = '', noun = '', word = '', key = ''] = by ?? [];
  const many =
    by === null && /[a-z][A-Z]\w*$/.test(name) && pluralOf(name) !== name
      ? pluralOf(name)
      : by === null
        ? `${name}ForAll`
        : `${head}${/^[A-Z]/.test(noun) ? pluralOf(noun) : noun}${word}${pluralOf(key)}`;
  const wanted = many === name ? `${name}ForAll` : many;
  return freeName([wanted, `${name}ForAll`], taken);
}

/** `<string, User | null>` where the function says what it gives: what is done per key may give several types. */
export function mapTypes(node: FunctionNode, file: SourceFile, key: string | undefined): string {
  const last = node.parameters.at(-1);
  if (file.language === 'javascript' || last === undefined) return '';
  const declared = /^[\s,]*\)\s*:\s*Promise<([\s\S]+)>\s*(=>)?\s*$/.exec(
    file.text.slice(last.end, node.bodySpan.start),
  )?.[1];
  const original = node.class === undefined ? node.name : `this.${node.name}`;
  const given =
    declared?.trim().replaceAll(/\s+/g, ' ') ??
    (returnsOf(node.body) > 1 ? `Awaited<ReturnType<typeof ${original}>>` : undefined);
  return given === undefined || key === undefined ? '' : `<${key}, ${given}>`;
}

function returnsOf(body: readonly Statement[]): number {
  return body.reduce(
    (sum, statement) =>
      sum +
      (statement.kind === 'return' ? 1 : 0) +
      partsOf(statement).lists.reduce((inner, list) => inner + returnsOf(list), 0),
    0,
  );
}

/** The text of a parameter's type. */
export function keyType(file: SourceFile, parameter: Span): string | undefined {
  return /^[\w$]+\s*\??\s*:\s*([\s\S]+?)(\s*=[^>][\s\S]*)?$/.exec(textOf(file, parameter))?.[1];
}

/** A part of the original, and what stands in its place. */
export interface Replacement {
  readonly whole: Span;
  readonly text: string;
}

/** The statements as lines, each `return x` as `return [key, x]`, and parts replaced. */
export function pairLines(
  file: SourceFile,
  statements: readonly Statement[],
  key: string,
  parts: readonly Replacement[] = [],
): string[] {
  const first = statements[0];
  const last = statements.at(-1);
  if (first === undefined || last === undefined) return [];
  const isInside = (inner: Span, outer: Span): boolean =>
    inner !== outer && outer.start <= inner.start && inner.end <= outer.end;
  const changes: { start: number; end: number; text: string }[] = parts
    .filter(({ whole }) => isInside(whole, { start: first.start, end: last.end }))
    .filter(({ whole }) => !parts.some((other) => isInside(whole, other.whole)))
    .map(({ whole, text }) => ({ start: whole.start, end: whole.end, text }));
  const visit = (statement: Statement): void => {
    if (statement.kind === 'return') {
      if (statement.value === undefined)
        changes.push({
          start: statement.start,
          end: statement.end,
          text: `return [${key}, undefined]${semicolonOf(file)}`,
        });
      else {
        changes.push({ start: statement.value.start, end: statement.value.start, text: `[${key}, ` });
        changes.push({ start: statement.value.end, end: statement.value.end, text: ']' });
      }
    }
    for (const list of partsOf(statement).lists) list.forEach(visit);
  };
  statements.forEach(visit);
  let text = textOf(file, { start: first.start, end: last.end });
  const ordered = changes
    .map((change, index) => ({ ...change, index }))
    .sort((a, b) => b.start - a.start || b.end - a.end || a.index - b.index);
  for (const { start, end, text: by } of ordered)
    text = text.slice(0, start - first.start) + by + text.slice(end - first.start);
  const base = indentationAt(file, first.start);
  return text.split(/\r?\n/).map((line, index) => (index === 0 ? line : relative(file, line, base)));
}

/** A further line of code as written, in units of two spaces against its first line: what `layout` takes. */
export function relative(file: SourceFile, line: string, base: string): string {
  const own = /^[ \t]*/.exec(line)?.[0] ?? '';
  const more = own.startsWith(base) ? own.slice(base.length) : '';
  return ' '.repeat(Math.round(more.length / indentUnit(file).length) * 2) + line.slice(own.length);
}
