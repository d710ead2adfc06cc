/**
 * Fixes of `unthrottled-api-calls`: a limiter the file has, `p-limit` where the project imports it, else a small
 * limiter put into the file. What bounds concurrency alone is of no use where one request follows another.
 */
import type { FunctionFacts } from '../../../analysis/fact.ts';
import type { ProgramFacts } from '../../../analysis/program.ts';
import {
  callAt,
  childExpressions,
  ensureImport,
  expressionsAround,
  freshName,
  functionAround,
  importedName,
  insert,
  insertBefore,
  insertTopLevel,
  semicolonOf,
  statementAround,
  textOf,
} from '../../../rewrite/source-edit.ts';
import type { Edit, Fix, RuleContext } from '../../../rule.ts';
import type { CallExpression, Expression, SourceFile, Span, Statement } from '../../../typescript/syntax.ts';
import type { UnthrottledCall } from './rule.ts';

/** What admits the call: something to wait for before it, or something to hand it to. */
type Limiter = { readonly kind: 'acquire'; readonly text: string } | { readonly kind: 'run'; readonly text: string };

export function fixUnthrottled({ place, loop, parallel }: UnthrottledCall, { program }: RuleContext): readonly Fix[] {
  if (place === loop.at) return [];
  const file = program.file(place.path);
  const call = file === undefined ? undefined : callAt(file, place);
  if (file === undefined || call === undefined || call.isNew || call.isTag || yields(call)) return [];
  const known = limiterOf(file, parallel, program);
  if (known !== undefined) {
    const edits = admit(file, call, known);
    const name = /^[\w$.]*/.exec(known.text)?.[0] ?? known.text;
    return edits === undefined
      ? []
      : [
          {
            id: 'use-limiter',
            title: `Call it through '${name.split('.')[0] ?? name}'`,
            applicability: 'changes-behaviour',
            difference: 'Calls wait their turn.',
            edits,
          },
        ];
  }
  const fixes = [insertedLimiter(file, call)];
  if (parallel && isImportedNearby(program, file, 'p-limit')) fixes.unshift(limitedConcurrency(file, call));
  return fixes.filter((fix) => fix !== undefined);
}

function limitedConcurrency(file: SourceFile, call: CallExpression): Fix | undefined {
  const { name, edits } = ensureImport(file, 'p-limit', 'default', 'pLimit');
  const limit = freshName(file, 'limit');
  const declared = `const ${limit} = ${name}(5)${semicolonOf(file)}`;
  const admitted = admit(file, call, { kind: 'run', text: limit });
  if (admitted === undefined) return undefined;
  return {
    id: 'limit-concurrency',
    title: 'Run at most 5 of these calls at once with p-limit',
    applicability: 'changes-behaviour',
    difference: 'At most 5 calls run at a time; adjust the number to what the service allows.',
    edits: [...joined(edits, insertTopLevel(file, [declared])), ...admitted],
  };
}

/** The import and the declaration go to the same place: one edit, in this order. */
function joined(imports: readonly Edit[], declaration: Edit): Edit[] {
  const [first] = imports;
  if (first === undefined || first.start !== declaration.start) return [...imports, declaration];
  return [{ ...first, text: first.text + declaration.text }];
}

function insertedLimiter(file: SourceFile, call: CallExpression): Fix | undefined {
  const limiter = freshName(file, 'limiter');
  const create = freshName(file, 'createLimiter');
  const edits = admit(file, call, { kind: 'acquire', text: `${limiter}.acquire()` });
  if (edits === undefined) return undefined;
  return {
    id: 'insert-limiter',
    title: 'Limit it to 10 calls a second',
    applicability: 'changes-behaviour',
    difference: 'Calls are spaced out to 10 a second; adjust the rate to what the service allows.',
    edits: [insertTopLevel(file, limiterSource(file, create, limiter)), ...edits],
  };
}

function limiterSource(file: SourceFile, create: string, limiter: string): string[] {
  const end = semicolonOf(file);
  const typed = (annotation: string): string => (file.language === 'typescript' ? annotation : '');
  return [
    `/** Admits one call every \`1000 / perSecond\` milliseconds, in the order they ask. */`,
    `function ${create}(perSecond${typed(': number')}) {`,
    `  let next = 0${end}`,
    '  return {',
    `    async acquire()${typed(': Promise<void>')} {`,
    `      const now = Date.now()${end}`,
    `      const turn = Math.max(now, next)${end}`,
    `      next = turn + 1000 / perSecond${end}`,
    `      if (turn > now) await new Promise((resolve) => setTimeout(resolve, turn - now))${end}`,
    '    },',
    `  }${end}`,
    '}',
    '',
    `const ${limiter} = ${create}(10)${end}`,
  ];
}

// ---------------------------------------------------------------- putting the call behind it

function admit(file: SourceFile, call: CallExpression, limiter: Limiter): Edit[] | undefined {
  const arrow = containsAwait(call) ? 'async () => ' : '() => ';
  const whole = awaitedAround(file, call);
  if (limiter.kind === 'run') return around(file, whole, `${limiter.text}(${arrow}`);
  const place = statementAround(file, call);
  const fn = functionAround(file, call);
  if (
    place !== undefined &&
    (fn?.async === true || fn?.kind === 'module') &&
    isOnItsOwn(file, place.statement, place.index, call)
  ) {
    return [insertBefore(file, place.statement, [`await ${limiter.text}${semicolonOf(file)}`])];
  }
  return around(file, whole, `${limiter.text}.then(${arrow}`);
}

function around(file: SourceFile, span: Span, before: string): Edit[] {
  return [insert(file, span.start, before), insert(file, span.end, ')')];
}

/**
 * What is waited for: the operand of the `await`, what a function returns, an element of a list of promises. The
 * request itself may be something else until then: an Observable that `firstValueFrom` makes a promise of.
 */
function awaitedAround(file: SourceFile, call: CallExpression): Span {
  let found: Span = call;
  for (const expression of expressionsAround(file, call)) {
    if (expression.kind === 'await') return expression.operand;
    if (expression.kind === 'array') return found;
    if (expression.kind === 'call' && expression !== call) {
      const name = expression.nameAt === undefined ? '' : textOf(file, expression.nameAt);
      if (
        !/^(firstValueFrom|lastValueFrom|withTimeout|timeout|then|catch|finally|toPromise|pipe|json|text)$/.test(name)
      )
        break;
      found = expression;
    }
  }
  return found;
}

/** A statement may stand before this one, and runs as often. */
function isOnItsOwn(file: SourceFile, statement: Statement, index: number, call: Span): boolean {
  if (statement.kind === 'loop' || statement.kind === 'switch') return false;
  if (file.text[statement.start - 1] === undefined) return true;
  const before = file.text.slice(0, statement.start).replace(/(\s|\/\*[^*]*\*\/|\/\/[^\n]*\n)+$/, '');
  if (index === 0 && !/[{:]$/.test(before)) return false;
  return !isConditional(file, statement, call);
}

/** Behind `&&`, `?` or in a later part of a chain: not every run of the statement makes the call. */
function isConditional(file: SourceFile, statement: Statement, call: Span): boolean {
  const text = file.text.slice(statement.start, call.start);
  return /(&&|\|\||\?\?|[^?]\?[^.?])[^;]*$/.test(text) && statement.kind !== 'if';
}

function containsAwait(expression: Expression): boolean {
  return expression.kind === 'await' || childExpressions(expression).some(containsAwait);
}

function yields(expression: Expression): boolean {
  return expression.kind === 'yield' || expression.kind === 'yield*' || childExpressions(expression).some(yields);
}

// ---------------------------------------------------------------- what the project has

/** A limiter at the file's top level. One that bounds concurrency only serves calls that overlap. */
function limiterOf(file: SourceFile, parallel: boolean, program: ProgramFacts): Limiter | undefined {
  for (const variable of file.variables) {
    const init = variable.initializer;
    if (variable.fn !== 0 || init?.kind !== 'call' || init.callee.kind !== 'identifier') continue;
    const made = init.callee.name;
    const isFrom = (module: string, imported: string): boolean => importedName(file, module, imported) === made;
    if (init.isNew && isFrom('bottleneck', 'default')) return { kind: 'run', text: `${variable.name}.schedule` };
    if (init.isNew && isFrom('p-queue', 'default') && /interval(Cap)?\s*:/.test(textOf(file, init)))
      return { kind: 'run', text: `${variable.name}.add` };
    if (parallel && !init.isNew && isFrom('p-limit', 'default')) return { kind: 'run', text: variable.name };
    if (/limiter|bucket|throttle/i.test(variable.name) && acquires(program.functionsOfFile(file.path), program, made)) {
      return { kind: 'acquire', text: `${variable.name}.acquire()` };
    }
  }
  return undefined;
}

/** `acquire` of the class `made`, or of what the function `made` returns, taking nothing. */
function acquires(own: readonly FunctionFacts[], program: ProgramFacts, made: string): boolean {
  const fits = ({ fn }: FunctionFacts): boolean =>
    fn.node.name === 'acquire' && fn.node.parameters.length === 0 && fn.qualifiedName.split('.').includes(made);
  if (own.some(fits) || program.functions.some(fits)) return true;
  // A closure that `made` returns has no facts of its own.
  return own.some(({ fn }) =>
    fn.file.functions.some(
      (node) => node.name === 'acquire' && node.parameters.length === 0 && node.qualifiedName.startsWith(`${made}.`),
    ),
  );
}

/** The package is imported by a file of the same package, as far as paths tell. */
function isImportedNearby(program: ProgramFacts, file: SourceFile, module: string): boolean {
  const root = packageRoot(file.path);
  const seen = new Set<SourceFile>();
  return program.functions.some(({ fn }) => {
    if (seen.has(fn.file) || !fn.file.path.startsWith(root)) return false;
    seen.add(fn.file);
    return fn.file.imports.some((node) => node.module === module);
  });
}

function packageRoot(path: string): string {
  const source = /^(.*?)\/(src|lib|server|app)\//.exec(path)?.[1];
  return source === undefined ? path.slice(0, path.lastIndexOf('/') + 1) : `${source}/`;
}
