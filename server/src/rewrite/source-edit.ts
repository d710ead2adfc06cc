/**
 * Building blocks of fixes: finding the code at a place and writing edits that keep a file's quotes, indentation,
 * semicolons and line endings. Knows syntax, nothing of rules. Everything returns undefined rather than guess.
 */
import type { Edit, Location } from '../rule.ts';
import type {
  CallExpression,
  Expression,
  FunctionNode,
  ImportNode,
  Pattern,
  SourceFile,
  Span,
  Statement,
} from '../typescript/syntax.ts';
import { functionAround } from './file-index.ts';

export { callAt, callTaking, functionAround } from './file-index.ts';

/** A statement with the list it stands in. */
export interface StatementPlace {
  readonly statement: Statement;
  readonly siblings: readonly Statement[];
  readonly index: number;
  readonly fn: FunctionNode;
}

export function textOf(file: SourceFile, span: Span): string {
  return file.text.slice(span.start, span.end);
}

export function edit(file: SourceFile, span: Span, text: string): Edit {
  return { path: file.path, start: span.start, end: span.end, text };
}

export function insert(file: SourceFile, offset: number, text: string): Edit {
  return { path: file.path, start: offset, end: offset, text };
}

/** Each edit once: two queries may need one import, one function may be called in several places. */
export function distinct(edits: readonly Edit[]): Edit[] {
  return [...new Map(edits.map((made) => [`${made.path}:${made.start}:${made.end}:${made.text}`, made])).values()];
}

/** `\r\n` when the file's first line ends so. */
export function newlineOf(file: SourceFile): string {
  const end = file.text.indexOf('\n');
  return end > 0 && file.text[end - 1] === '\r' ? '\r\n' : '\n';
}

/** White space before the first token of the line that holds the offset. */
export function indentationAt(file: SourceFile, offset: number): string {
  const start = file.text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(file.text.slice(start))?.[0] ?? '';
}

/** One level of the file's indentation: a tab, or the fewest spaces any line begins with (2 when unknown). */
export function indentUnit(file: SourceFile): string {
  if (/^\t/m.test(file.text)) return '\t';
  let least = Number.POSITIVE_INFINITY;
  for (const match of file.text.matchAll(/^( +)[^\s*]/gm)) {
    const width = match[1]?.length ?? 0;
    if (width > 1) least = Math.min(least, width);
  }
  return ' '.repeat(least === Number.POSITIVE_INFINITY ? 2 : Math.min(least, 8));
}

/** The quote most imports of the file use. */
export function quoteOf(file: SourceFile): '"' | "'" {
  const double = file.text.match(/(from|require\()\s*"/g)?.length ?? 0;
  const single = file.text.match(/(from|require\()\s*'/g)?.length ?? 0;
  if (double === single) return (file.text.match(/"/g)?.length ?? 0) > (file.text.match(/'/g)?.length ?? 0) ? '"' : "'";
  return double > single ? '"' : "'";
}

/** `;` unless the file's statements mostly end without. */
export function semicolonOf(file: SourceFile): ';' | '' {
  const statements = file.functions[0]?.body ?? [];
  const ended = statements.filter((statement) => file.text[statement.end - 1] === ';').length;
  const open = statements.filter(
    (statement) => /^(expression|variable)$/.test(statement.kind) && file.text[statement.end - 1] !== ';',
  ).length;
  return open > ended ? '' : ';';
}

/** Re-indents lines written with two-space indentation relative to `indent`, in the file's own unit. */
export function layout(file: SourceFile, indent: string, lines: readonly string[]): string {
  const unit = indentUnit(file);
  return lines
    .map((line) => {
      if (line.trim() === '') return '';
      const depth = (/^ */.exec(line)?.[0].length ?? 0) / 2;
      return indent + unit.repeat(Math.floor(depth)) + line.trimStart();
    })
    .join(newlineOf(file));
}

/** The lines of a piece of code as `layout` takes them: without the indentation of the first, two spaces a level. */
export function dedented(file: SourceFile, span: Span): string[] {
  return reindented(file, span, textOf(file, span));
}

/** The same for the changed text of a piece of code. */
export function reindented(file: SourceFile, span: Span, text: string): string[] {
  const indent = indentationAt(file, span.start);
  const unit = indentUnit(file);
  return text.split(/\r?\n/).map((line, index) => {
    if (index === 0) return line;
    const white = /^[ \t]*/.exec(line)?.[0] ?? '';
    const own = white.startsWith(indent) ? white.slice(indent.length) : '';
    return '  '.repeat(Math.floor(own.length / unit.length)) + line.trimStart();
  });
}

// ---------------------------------------------------------------- finding code

export function isWithin(inner: Span, outer: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

/** Visits every expression directly inside the given one, not those of nested functions. */
export function childExpressions(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'template':
      return expression.holes;
    case 'member':
      return [expression.object];
    case 'index':
      return [expression.object, expression.index];
    case 'call':
      return [expression.callee, ...expression.args];
    case 'object':
      return expression.properties.flatMap((property) =>
        property.kind === 'property' && property.computed !== undefined
          ? [property.computed, property.value]
          : [property.value],
      );
    case 'array':
      return expression.elements;
    case 'binary':
    case 'logical':
      return [expression.left, expression.right];
    case 'unary':
    case 'await':
    case 'yield':
    case 'yield*':
    case 'spread-expression':
      return [expression.operand];
    case 'conditional':
      return [expression.test, expression.then, expression.else];
    case 'assign':
      return [
        ...(isExpression(expression.target) ? [expression.target] : []),
        ...(expression.value === undefined ? [] : [expression.value]),
      ];
    case 'sequence':
      return expression.expressions;
    case 'other':
      return expression.children;
    default:
      return [];
  }
}

function isExpression(target: Pattern | Expression): target is Expression {
  return !['variable', 'object-pattern', 'array-pattern', 'expression-target'].includes(target.kind);
}

/** Expressions and nested statement lists of a statement. */
export function partsOf(statement: Statement): {
  expressions: readonly Expression[];
  lists: readonly (readonly Statement[])[];
} {
  switch (statement.kind) {
    case 'expression':
      return { expressions: [statement.expression], lists: [] };
    case 'variable':
      return {
        expressions: statement.declarations.flatMap((part) =>
          part.initializer === undefined ? [] : [part.initializer],
        ),
        lists: [],
      };
    case 'return':
      return { expressions: statement.value === undefined ? [] : [statement.value], lists: [] };
    case 'throw':
      return { expressions: [statement.value], lists: [] };
    case 'if':
      return { expressions: [statement.test], lists: [statement.then, statement.else] };
    case 'loop': {
      const init = statement.init === undefined ? [] : [[statement.init]];
      const expressions = [statement.test, statement.update, statement.iterable].filter((part) => part !== undefined);
      return { expressions, lists: [...init, statement.body] };
    }
    case 'try':
      return {
        expressions: [],
        lists: [
          statement.block,
          ...(statement.handler === undefined ? [] : [statement.handler]),
          ...(statement.finalizer === undefined ? [] : [statement.finalizer]),
        ],
      };
    case 'switch':
      return {
        expressions: [
          statement.subject,
          ...statement.cases.flatMap((part) => (part.test === undefined ? [] : [part.test])),
        ],
        lists: statement.cases.map((part) => part.body),
      };
    case 'block':
      return { expressions: [], lists: [statement.body] };
    default:
      return { expressions: [], lists: [] };
  }
}

/** The innermost statement that contains the place, within its own function. */
export function statementAround(file: SourceFile, at: Span): StatementPlace | undefined {
  const fn = functionAround(file, at);
  if (fn === undefined) return undefined;
  let found: StatementPlace | undefined;
  const search = (list: readonly Statement[]): void => {
    list.forEach((statement, index) => {
      if (statement.start > at.start || statement.end < at.end) return;
      found = { statement, siblings: list, index, fn };
      for (const inner of partsOf(statement).lists) search(inner);
    });
  };
  search(fn.body);
  return found;
}

/** The statement and everything around it up to the function's body, innermost first. */
export function enclosingStatements(file: SourceFile, at: Span): StatementPlace[] {
  const fn = functionAround(file, at);
  const found: StatementPlace[] = [];
  const search = (list: readonly Statement[]): void => {
    list.forEach((statement, index) => {
      if (fn === undefined || statement.start > at.start || statement.end < at.end) return;
      found.unshift({ statement, siblings: list, index, fn });
      for (const inner of partsOf(statement).lists) search(inner);
    });
  };
  if (fn !== undefined) search(fn.body);
  return found;
}

/** Every expression that contains the place, innermost first, within its own statement. */
export function expressionsAround(file: SourceFile, at: Span): Expression[] {
  const place = statementAround(file, at);
  if (place === undefined) return [];
  const found: Expression[] = [];
  const search = (expression: Expression): void => {
    if (expression.start > at.start || expression.end < at.end) return;
    found.unshift(expression);
    for (const child of childExpressions(expression)) search(child);
  };
  for (const expression of partsOf(place.statement).expressions) search(expression);
  return found;
}

// ---------------------------------------------------------------- names and imports

/** `base`, or `base2`, `base3`, …: not used as a name anywhere in the file. */
export function freshName(file: SourceFile, base: string): string {
  const taken = (name: string): boolean =>
    file.variables.some((variable) => variable.name === name) || new RegExp(`\\b${name}\\b`).test(file.text);
  if (!taken(base)) return base;
  for (let serial = 2; ; serial += 1) if (!taken(`${base}${serial}`)) return `${base}${serial}`;
}

/** The first of some names that means nothing yet where the code stands. */
export function scopedName(file: SourceFile, at: Span, names: readonly [string, ...string[]]): string {
  const around = new Set(
    file.functions
      .filter(({ start, end, index }) => index === 0 || (start <= at.start && at.end <= end))
      .map(({ index }) => index),
  );
  const isTaken = (name: string): boolean =>
    file.variables.some((variable) => variable.name === name && around.has(variable.fn));
  return names.find((name) => !isTaken(name)) ?? freshName(file, names[0]);
}

/** Whether the file takes its modules with `require`. */
export function usesRequire(file: SourceFile): boolean {
  return file.language === 'javascript' && !/^\s*(import|export)\s/m.test(file.text) && /\brequire\(/.test(file.text);
}

/** Where a new top-level statement goes: after the last import, else after the directives and comments at the top. */
export function afterImports(file: SourceFile): number {
  const last = file.imports.reduce((end, node) => Math.max(end, topLevelEnd(file, node)), 0);
  if (last > 0) return last;
  const head =
    /^(#![^\n]*\n)?((\s*\/\/[^\n]*\n)|(\s*\/\*[\s\S]*?\*\/[ \t]*\n)|(\s*(['"])use [a-z]+\6;?[ \t]*\n))*/.exec(
      file.text,
    );
  return head?.[0].length ?? 0;
}

function topLevelEnd(file: SourceFile, node: ImportNode): number {
  const around = file.functions[0]?.body.find(
    (statement) => statement.start <= node.start && node.end <= statement.end,
  );
  return around?.end ?? node.end;
}

/** The local name of an import the file already has. */
export function importedName(file: SourceFile, module: string, imported: string): string | undefined {
  for (const node of file.imports) {
    if (node.module !== module || node.typeOnly) continue;
    const binding = node.bindings.find((candidate) => candidate.imported === imported);
    if (binding !== undefined) return file.variables[binding.variable]?.name;
  }
  return undefined;
}

/** Makes `imported` of `module` available: the local name, and the edits that import it (none when it is there). */
export function ensureImport(
  file: SourceFile,
  module: string,
  imported: string,
  local: string,
): { name: string; edits: readonly Edit[] } {
  const known = importedName(file, module, imported);
  if (known !== undefined) return { name: known, edits: [] };
  const name = file.variables.some((variable) => variable.fn === 0 && variable.name === local)
    ? freshName(file, local)
    : local;
  const quote = quoteOf(file);
  const end = semicolonOf(file);
  const binding =
    imported === 'default'
      ? name
      : imported === '*'
        ? `* as ${name}`
        : name === imported
          ? `{ ${name} }`
          : `{ ${imported} as ${name} }`;
  const required =
    imported === 'default' || imported === '*' ? name : name === imported ? `{ ${name} }` : `{ ${imported}: ${name} }`;
  const line = usesRequire(file)
    ? `const ${required} = require(${quote}${module}${quote})${end}`
    : `import ${binding} from ${quote}${module}${quote}${end}`;
  const offset = afterImports(file);
  const newline = newlineOf(file);
  const atLineStart = offset === 0 || file.text[offset - 1] === '\n';
  return { name, edits: [insert(file, offset, atLineStart ? `${line}${newline}` : `${newline}${line}`)] };
}

/** The same for a name, put among those that the file imports of the module already. */
export function ensureNamedImport(
  file: SourceFile,
  module: string,
  name: string,
): { name: string; edits: readonly Edit[] } {
  const fresh = ensureImport(file, module, name, name);
  if (fresh.edits.length === 0) return fresh;
  const specifier = fresh.name === name ? name : `${name} as ${fresh.name}`;
  const node = file.imports.find(
    (one) => one.module === module && !one.typeOnly && textOf(file, one).startsWith('import'),
  );
  const added = node === undefined ? undefined : intoBraces(file, node, specifier);
  return added === undefined ? fresh : { name: fresh.name, edits: [added] };
}

/** The same for a type, which a file may import as nothing but that. */
export function ensureTypeImport(
  file: SourceFile,
  module: string,
  name: string,
): { name: string; edits: readonly Edit[] } | undefined {
  const own = file.imports.filter((node) => node.module === module);
  const known = own.flatMap((node) => importedNames(file, node)).find(({ imported }) => imported === name);
  if (known !== undefined) return { name: known.local, edits: [] };
  if (file.variables.some((variable) => variable.fn === 0 && variable.name === name)) return undefined;
  for (const node of own) {
    if (!textOf(file, node).startsWith('import')) continue;
    const added = intoBraces(file, node, node.typeOnly ? name : `type ${name}`);
    if (added !== undefined) return { name, edits: [added] };
  }
  const offset = afterImports(file);
  const line = `import type { ${name} } from ${quoteOf(file)}${module}${quoteOf(file)}${semicolonOf(file)}`;
  const atLineStart = offset === 0 || file.text[offset - 1] === '\n';
  return {
    name,
    edits: [insert(file, offset, atLineStart ? `${line}${newlineOf(file)}` : `${newlineOf(file)}${line}`)],
  };
}

/** What an import brings, values and types. */
export function importedNames(file: SourceFile, node: ImportNode): { imported: string; local: string }[] {
  const values = node.bindings.map(({ imported, variable }) => ({
    imported,
    local: file.variables[variable]?.name ?? imported,
  }));
  return [...values, ...node.types];
}

function intoBraces(file: SourceFile, node: ImportNode, specifier: string): Edit | undefined {
  const braces = /\{([^}]*?)(,?)(\s*)\}/.exec(textOf(file, node));
  if (braces === null || (braces[1] ?? '').trim() === '') return undefined;
  const [, names = '', comma = ''] = braces;
  const end = node.start + braces.index + 1 + names.length + comma.length;
  const line = /\r?\n[ \t]*(?=[^\r\n]*$)/.exec(names)?.[0];
  return insert(file, end, `${comma === '' ? ',' : ''}${line ?? ' '}${specifier}${comma}`);
}

/** Adds top-level code after the imports, set off by blank lines. */
export function insertTopLevel(file: SourceFile, lines: readonly string[]): Edit {
  const newline = newlineOf(file);
  const offset = afterImports(file);
  const text = layout(file, '', lines);
  const atLineStart = offset === 0 || file.text[offset - 1] === '\n';
  return insert(file, offset, atLineStart ? `${text}${newline}${newline}` : `${newline}${newline}${text}`);
}

/** Puts `.member(…)` before a member of a chain, on a line of its own where that has one. */
export function linkBefore(file: SourceFile, link: CallExpression, text: string): Edit {
  const name = link.nameAt?.start ?? link.end;
  const dot = file.text.lastIndexOf('.', name);
  const white = /\r?\n[ \t]*$/.exec(file.text.slice(0, dot))?.[0] ?? '';
  return insert(file, dot - white.length, white + text);
}

/** Adds lines before the statement at its own indentation. */
export function insertBefore(file: SourceFile, statement: Span, lines: readonly string[]): Edit {
  const indent = indentationAt(file, statement.start);
  const text = layout(file, indent, lines).slice(indent.length);
  return insert(file, statement.start, `${text}${newlineOf(file)}${indent}`);
}

/** Adds lines after the statement at its own indentation. */
export function insertAfter(file: SourceFile, statement: Span, lines: readonly string[]): Edit {
  const indent = indentationAt(file, statement.start);
  return insert(file, statement.end, `${newlineOf(file)}${layout(file, indent, lines)}`);
}

/** The statement's whole lines, for removing it. */
export function linesOf(file: SourceFile, statement: Span): Span {
  const start = file.text.lastIndexOf('\n', statement.start - 1) + 1;
  const newline = file.text.indexOf('\n', statement.end);
  const alone =
    file.text.slice(start, statement.start).trim() === '' &&
    file.text.slice(statement.end, newline < 0 ? undefined : newline).trim() === '';
  return alone
    ? { start, end: newline < 0 ? file.text.length : newline + 1 }
    : { start: statement.start, end: statement.end };
}

/** The same with the empty line before it, or the one after it where it is the first of its block. */
export function linesWithGap(file: SourceFile, statement: Span): Span {
  const lines = linesOf(file, statement);
  const before = /\r?\n[ \t]*(\r?\n)$/.exec(file.text.slice(0, lines.start));
  if (before !== null) return { start: lines.start - (before[1]?.length ?? 0), end: lines.end };
  const after = /^[ \t]*\r?\n/.exec(file.text.slice(lines.end));
  const isFirst = /[{[(]\s*$/.test(file.text.slice(0, lines.start));
  return after === null || !isFirst ? lines : { start: lines.start, end: lines.end + after[0].length };
}

/** Comments right above a statement belong to it, those at the end of a line of code to that. */
export function startWithComments(file: SourceFile, { start }: Span): number {
  let first = start;
  for (const comment of file.comments.toReversed()) {
    if (comment.end > first) continue;
    const isAlone = /(^|\n)[ \t]*$/.test(file.text.slice(0, comment.start));
    if (!isAlone || !/^[ \t]*\r?\n?[ \t]*$/.test(file.text.slice(comment.end, first))) break;
    first = comment.start;
  }
  return first;
}

export function locationIn(file: SourceFile, span: Span): Location {
  return { path: file.path, start: span.start, end: span.end };
}
