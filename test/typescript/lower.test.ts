/** Lowering, on source texts that go through the real compiler. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { SourceFile as CompilerSourceFile, Node } from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/sync';
import { lower } from '../../server/src/typescript/lower.ts';
import { Tree } from '../../server/src/typescript/lower-tree.ts';
import type {
  Expression,
  FunctionNode,
  Pattern,
  SourceFile,
  Span,
  Statement,
  Variable,
} from '../../server/src/typescript/syntax.ts';

const require = createRequire(path.join(process.cwd(), 'package.json'));
const platform = path.dirname(
  require.resolve(`@typescript/typescript-${process.platform}-${process.arch}/package.json`),
);
const tsserverPath = path.join(platform, 'lib', process.platform === 'win32' ? 'tsc.exe' : 'tsc');

const OPTIONS = {
  allowJs: true,
  checkJs: true,
  noLib: true,
  noResolve: true,
  types: [],
  jsx: 'preserve',
  target: 'esnext',
  module: 'esnext',
};
const files = new Map<string, string>();
const api = new API({
  tsserverPath,
  cwd: '/v',
  fs: {
    readFile: (name) => files.get(name) ?? null,
    fileExists: (name) => files.has(name),
    directoryExists: (name) => name === '/' || [...files.keys()].some((file) => file.startsWith(`${name}/`)),
    getAccessibleEntries: () => ({ files: [], directories: [] }),
    realpath: (name) => name,
  },
});
after(() => api.close());

/** Each parse is a project of its own. */
function parseAll(texts: readonly string[], name: string) {
  const folder = `/v/${files.size}`;
  const names = texts.map((_, i) => `${folder}/${i}${name}`);
  for (const [i, text] of texts.entries()) files.set(names[i] ?? '', text);
  const config = `${folder}/tsconfig.json`;
  files.set(config, JSON.stringify({ compilerOptions: OPTIONS, files: names }));
  const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
  assert(project);
  return names.map((each) => {
    const tree = project.program.getSourceFile(each);
    assert(tree);
    return { name: each, tree, project };
  });
}
function parse(text: string, name: string) {
  const [only] = parseAll([text], name);
  assert(only);
  return only;
}
function lowered(text: string, name = 'a.ts'): SourceFile {
  const file = parse(text, name);
  const result = lower(file.tree, file.name);
  checkSpans(result);
  return result;
}

// ---------------------------------------------------------------- sketches: a tree in one line

function sketch(file: SourceFile, node: Expression | Pattern | undefined): string {
  if (node === undefined) return '-';
  const of = (each: Expression | Pattern | undefined) => sketch(file, each);
  const list = (each: readonly (Expression | Pattern)[]) => each.map(of).join(', ');
  switch (node.kind) {
    case 'identifier':
      return node.variable === undefined ? `global ${node.name}` : node.name;
    case 'literal':
      return node.isRegExp
        ? String(node.value)
        : typeof node.value === 'bigint'
          ? `${node.value}n`
          : (JSON.stringify(node.value) ?? 'undefined');
    case 'template':
      return `\`${node.parts.map((part, i) => part + (i < node.holes.length ? `\${${of(node.holes[i])}}` : '')).join('')}\``;
    case 'member':
      return `${of(node.object)}${node.optional ? '?.' : '.'}${node.name}`;
    case 'index':
      return `${of(node.object)}${node.optional ? '?.' : ''}[${of(node.index)}]`;
    case 'call':
      return `${node.isNew ? 'new ' : ''}${of(node.callee)}${node.optional ? '?.' : ''}${node.isTag ? 'tag' : ''}(${list(node.args)})`;
    case 'function':
      return `fn ${file.functions[node.fn]?.qualifiedName}`;
    case 'class-expression':
      return `class ${file.classes[node.class]?.name}`;
    case 'object':
      return `{ ${node.properties.map((each) => (each.kind === 'spread' ? `...${of(each.value)}` : `${each.key ?? `[${of(each.computed)}]`}: ${of(each.value)}`)).join(', ')} }`;
    case 'array':
      return `[${list(node.elements)}]`;
    case 'binary':
    case 'logical':
      return `(${of(node.left)} ${node.operator} ${of(node.right)})`;
    case 'unary':
      return `${node.operator} ${of(node.operand)}`;
    case 'conditional':
      return `(${of(node.test)} ? ${of(node.then)} : ${of(node.else)})`;
    case 'assign':
      return node.value === undefined
        ? `(${node.prefix ? node.operator : ''}${of(node.target)}${node.prefix ? '' : node.operator})`
        : `(${of(node.target)} ${node.operator} ${of(node.value)})`;
    case 'await':
    case 'yield':
    case 'yield*':
      return `${node.kind} ${of(node.operand)}`;
    case 'sequence':
      return `(${list(node.expressions)})`;
    case 'spread-expression':
      return `...${of(node.operand)}`;
    case 'other':
      return `<${node.form}${(node.attributes ?? []).map((each) => ` ${each.name}=${of(each.value)}`).join('')}${node.children.length > 0 ? ` (${list(node.children)})` : ''}>`;
    case 'variable':
      return `var ${file.variables[node.variable]?.name}`;
    case 'object-pattern':
      return `{ ${node.properties.map((each) => `${each.rest ? '...' : `${each.key}: `}${of(each.value)}${each.default ? ` = ${of(each.default)}` : ''}`).join(', ')} }`;
    case 'array-pattern':
      return `[${node.elements.map((each) => (each === undefined ? '' : `${each.rest ? '...' : ''}${of(each.value)}${each.default ? ` = ${of(each.default)}` : ''}`)).join(', ')}]`;
    case 'expression-target':
      return `to ${of(node.target)}`;
    default:
      return node.kind;
  }
}
/** The last expression statement of the module. */
function expression(text: string, name?: string): string {
  const file = lowered(text, name);
  const last = file.functions[0]?.body.findLast((each) => each.kind === 'expression');
  assert(last?.kind === 'expression');
  return sketch(file, last.expression);
}
function variable(file: SourceFile, name: string): Variable {
  const found = file.variables.find((each) => each.name === name);
  assert(found, `no variable ${name}`);
  return found;
}
function fn(file: SourceFile, qualifiedName: string): FunctionNode {
  const found = file.functions.find((each) => each.qualifiedName === qualifiedName);
  assert(found, `no function ${qualifiedName} among ${file.functions.map((each) => each.qualifiedName).join(' ')}`);
  return found;
}
function names(file: SourceFile): string[] {
  return file.functions.slice(1).map((each) => each.qualifiedName);
}
function slice(file: SourceFile, span: Span | undefined): string {
  return span === undefined ? '-' : file.text.slice(span.start, span.end);
}

// ---------------------------------------------------------------- invariants

/** Every node lies within the one that holds it, and every function's body within the function. */
function checkSpans(file: SourceFile): void {
  const within = (span: Span, outer: Span, what: string) => {
    // What is missing lies before the trivia that its parent starts after.
    const isMissing = span.start === span.end;
    const fits = (span.start >= outer.start || isMissing) && span.end <= outer.end && span.start <= span.end;
    if (!fits)
      assert.fail(
        `${file.path}: ${what} ${span.start}-${span.end} outside ${outer.start}-${outer.end}: ${slice(file, span).slice(0, 60)}`,
      );
  };
  const walk = (value: unknown, outer: Span): void => {
    if (Array.isArray(value)) for (const each of value) walk(each, outer);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    const node = value as Span & Record<string, unknown>;
    const isSpan = typeof node.start === 'number';
    if (isSpan) within(node, outer, typeof node['kind'] === 'string' ? node['kind'] : 'span');
    for (const each of Object.values(node)) walk(each, isSpan ? node : outer);
  };
  const whole = { start: 0, end: file.text.length };
  for (const each of file.functions) {
    within(each, whole, 'function');
    within(each.bodySpan, each, 'body');
    walk(each.parameters, each);
    walk(each.body, each.bodySpan);
  }
  for (const each of file.classes) walk([each.properties, each.decorators], each);
  for (const [i, call] of file.calls.entries()) assert.equal(call.call, i);
  for (const [i, member] of file.members.entries()) assert.equal(member.member, i);
  for (const [i, each] of file.functions.entries()) assert.equal(each.index, i);
  assert.equal(
    new Set(file.functions.map((each) => each.qualifiedName)).size,
    file.functions.length,
    `${file.path}: names repeat`,
  );
}

// ---------------------------------------------------------------- the encoded tree

test('children and positions read from the encoding are those of the API', () => {
  const text = `#!/usr/bin/env node
import a, { b as c, type D } from 'm'; /* ☃ */ export default class<T> extends a.b<T> implements D {
  @dec('x') async *m?<T>(@p() private readonly q?: T, ...r: T[]): void { for await (const { k: [v = 1, , ...w], ...s } of q!) {} }
  static { label: do { break label } while (!x) }
}
const é = <T,>(x: T) => x, s = \`\${é}\\n\${'\\u0041'}\`;`;
  const { tree: source } = parse(text, 'é.ts');
  const tree = new Tree(source);
  let nodes = 0;
  const visit = (node: Node): void => {
    const { index } = node as Node & { index: number };
    nodes++;
    assert.equal(tree.kind(index), node.kind);
    assert.equal(tree.pos(index), node.pos);
    assert.equal(tree.end(index), node.end);
    assert.equal(tree.flags(index), node.flags);
    assert.equal(tree.start(index), node.getStart());
    const children = childIndexes(node);
    const places = Array.from({ length: 8 }, (_, place) => tree.child(index, place)).filter((child) => child !== 0);
    if (children.length > 0 && node.kind !== source.kind) assert.deepEqual(places, children);
    node.forEachChild(visit);
  };
  visit(source);
  assert(nodes > 80);
});
function childIndexes(node: Node): number[] {
  const indexes: number[] = [];
  const add = (child: unknown) => {
    indexes.push((child as { index: number }).index);
    return undefined;
  };
  node.forEachChild(add, add);
  return indexes;
}

test('node indexes are those of the symbols declared', () => {
  const text = `exports.a = function () {}; const f = () => 1; class C { m() {} p = () => 2; static s = 1 }
    interface I { im(): void; ip: (x: number) => void; n: number }
    const o = { om() {}, op: () => 3 }; let i: I; exports.a(); f(); new C().m(); new C().p(); i.im(); i.ip(); o.om(); o.op(); C.s; i.n;`;
  for (const name of ['a.ts', 'a.js']) {
    const {
      tree,
      project,
      name: file,
    } = parse(name === 'a.js' ? text.replace(/interface.*\}/, '').replace('let i: I;', 'let i;') : text, name);
    const result = lower(tree, file);
    const positions = [
      ...result.calls.map((each) => each.nameAt),
      ...result.members.map((each) => each.nameAt),
    ].flatMap((at) => (at ? [at.start] : []));
    const symbols = project.checker.getSymbolAtPosition(file, positions);
    const resolved = symbols.flatMap(
      (symbol) =>
        symbol?.declarations.map(
          ({ index }) =>
            result.functions.find((each) => each.nodeIndexes.includes(index))?.qualifiedName ??
            result.classes.find((each) => each.nodeIndex === index)?.name ??
            result.classes.flatMap((each) => each.properties).find((each) => each.nodeIndex === index)?.name,
        ) ?? [],
    );
    const expected =
      name === 'a.ts'
        ? ['f', 'C', 'C.m', 'C', 'C.p', 'I.im', 'I.ip', 'o.om', 'o.op', 's', 'n']
        : ['a', 'f', 'C', 'C.m', 'C', 'C.p', 'o.om', 'o.op', 's'];
    assert.deepEqual(
      resolved.filter((each) => each !== undefined).filter((each, i, all) => i === all.indexOf(each) || each === 'C'),
      expected.filter((each) => each !== ''),
    );
  }
});

// ---------------------------------------------------------------- binding

test('names are bound lexically, whatever the order', () => {
  const file = lowered(`
    use(later, hoisted, inBlock, inner, arguments);
    const later = 1;
    function outer(later) { use(later); { let later = 2; use(later); } var hoisted; if (x) { var deep = later } return deep }
    { const inBlock = 1; function inner() {} }
    var hoisted;
    const closure = () => late; let late = 1;
  `);
  const [use] = file.calls;
  assert.equal(sketch(file, use), 'global use(later, hoisted, global inBlock, global inner, global arguments)');
  const bound = file.calls
    .slice(1)
    .map((call) =>
      call.args.map((arg) =>
        arg.kind === 'identifier' && arg.variable !== undefined ? file.variables[arg.variable]?.kind : undefined,
      ),
    );
  assert.deepEqual(bound, [['parameter'], ['let']]);
  assert.equal(file.variables.filter((each) => each.name === 'hoisted').length, 2);
  assert.equal(fn(file, 'closure').body[0]?.kind, 'return');
  assert.equal(variable(file, 'deep').fn, fn(file, 'outer').index);
});

test('parameters, catch, named functions and classes, enums', () => {
  const file = lowered(`
    enum Color { Red }
    const f = function self({ a, b: [c = a] }, ...rest) { return [self, a, c, rest, Color.Red] };
    const K = class Own { static me = Own };
    try {} catch ({ message }) { message } finally { message }
    self; Own;
  `);
  assert.deepEqual(
    file.variables.map((each) => `${each.kind} ${each.name}`),
    [
      'enum Color',
      'const f',
      'function self',
      'parameter a',
      'parameter c',
      'parameter rest',
      'const K',
      'class Own',
      'catch message',
    ],
  );
  const [returned] = fn(file, 'self').body;
  assert(returned?.kind === 'return');
  assert.equal(sketch(file, returned.value), '[self, a, c, rest, Color.Red]');
  assert.equal(sketch(file, file.classes[0]?.properties[0]?.initializer), 'Own');
  const rest = file.functions[0]?.body
    .filter((each) => each.kind === 'expression')
    .map((each) => sketch(file, each.expression));
  assert.deepEqual(rest, ['global self', 'global Own']);
  assert.equal(variable(file, 'f').names, variable(file, 'self').names);
  assert.equal(variable(file, 'f').names, fn(file, 'self').index);
});

test('types make no variables', () => {
  const file =
    lowered(`import type { A } from 'a'; import { type B, C } from 'b'; interface D {} type E = 1; declare module 'x' { var hidden: number }
    hidden; let v: A | B | D | E = C;`);
  assert.deepEqual(
    file.variables.filter((each) => each.name !== 'hidden').map((each) => each.name),
    ['C', 'v'],
  );
  const use = file.functions[0]?.body.find((each) => each.kind === 'expression');
  assert.equal(use?.kind === 'expression' ? sketch(file, use.expression) : '-', 'global hidden');
  assert.deepEqual(
    file.imports.map((each) => each.typeOnly),
    [true, false],
  );
});

test('reassignment', () => {
  const file = lowered(`let a = 1, b, c = 1, d = 1, e = 1, g = 1, h, never = 1; const k = 1;
    function f(p, q) { a = 2; b++; [c, { x: d }] = p; ({ e } = p); for (g of p) {} q ||= 1; { let never; never = 2 } }
    var twice = 1; var twice = 2; for (const each of []) {} h &&= 1`);
  assert.deepEqual(
    file.variables.filter((each) => each.reassigned && each.kind !== 'let').map((each) => each.name),
    ['q', 'twice'],
  );
  assert.deepEqual(
    ['a', 'b', 'c', 'd', 'e', 'g', 'h', 'never', 'k', 'each'].map((name) => variable(file, name).reassigned),
    [true, true, true, true, true, true, true, false, false, false],
  );
  assert.equal(sketch(file, variable(file, 'a').initializer), '1');
  assert.equal(variable(file, 'twice').initializer, undefined);
});

test('type names', () => {
  const file =
    lowered(`let a: Repository<User>, b: pg.Pool, c: User[], d: null | Foo, e: string, f: readonly X[], g: import('x').Y<Z>, h: () => void;
    class S { constructor(private readonly users: UserService, plain: Promise<void>, @Inject(TOKEN) private injected) {} }`);
  assert.deepEqual(
    'a b c d e f g h users'.split(' ').map((name) => variable(file, name).typeName),
    ['Repository', 'Pool', 'Array', 'Foo', 'string', 'Array', 'Y', undefined, 'UserService'],
  );
  const { parameters } = fn(file, 'S.constructor');
  assert.deepEqual(
    parameters.map((each) => each.property),
    [true, false, true],
  );
  assert.deepEqual(
    parameters[2]?.decorators.map((each) => [each.name, each.args.map((arg) => sketch(file, arg))]),
    [['Inject', ['global TOKEN']]],
  );
});

// ---------------------------------------------------------------- modules

test('imports of every form', () => {
  const file =
    lowered(`import d, * as n from 'm'; import { a as b, 'x-y' as c } from 'm'; import 'side'; import r = require('r');
    const whole = require('w'); const { p, q: { z }, ...others } = require('v'); const one = require('u').one; import('lazy');`);
  assert.deepEqual(
    file.imports.map(
      (each) =>
        `${each.module}: ${each.bindings.map((binding) => `${binding.imported} as ${file.variables[binding.variable]?.name}`).join(', ')}`,
    ),
    [
      'm: default as d, * as n',
      'm: a as b, x-y as c',
      'side: ',
      'r: * as r',
      'w: * as whole',
      'v: p as p, * as others',
      'u: one as one',
    ],
  );
  assert.deepEqual(variable(file, 'b').import, { module: 'm', imported: 'a' });
  assert.deepEqual(variable(file, 'whole').import, { module: 'w', imported: '*' });
  assert.equal(expression(`import('lazy')`), '<import ("lazy")>');
});

test('exports of every form', () => {
  const file =
    lowered(`export const { a, b: [c] } = x, f = () => 1; export function g(): void; export function g() {} export { h as i, type T }; const h = () => 2;
    export * from 'm'; export * as ns from 'n'; export { q as r } from 'o'; export default h; export class K {} export enum E {} export interface Gone {}
    namespace N { export const inside = 1 }`);
  assert.deepEqual(
    file.exports.map(
      (each) =>
        `${each.name}${each.from ? ` from ${each.from}` : ''}${each.variable === undefined ? '' : ` = ${file.variables[each.variable]?.name}`}`,
    ),
    ['a = a', 'c = c', 'f = f', 'g = g', 'i = h', '* from m', 'ns from n', 'r from o', 'default = h', 'K = K', 'E = E'],
  );
  assert.deepEqual(
    file.functions.filter((each) => each.exported).map((each) => each.name),
    ['f', 'g', 'h'],
  );
  assert.deepEqual(
    file.classes.map((each) => each.exported),
    [true, true],
  );
  const old = lowered(
    `exports.a = () => 1; module.exports.b = b; module.exports = { c: () => 1, d() {}, b }; function b() {}`,
    'a.js',
  );
  assert.deepEqual(
    old.exports.map((each) => each.name),
    ['a', 'b', 'export=', 'c', 'd', 'b'],
  );
  assert.deepEqual(
    old.functions.filter((each) => each.exported).map((each) => each.qualifiedName),
    ['a', 'c', 'd', 'b'],
  );
});

test('a default export without a name', () => {
  for (const text of [
    'export default function () {}',
    'export default async () => 1',
    'export default (function () {})',
  ]) {
    const file = lowered(text);
    assert.deepEqual(
      [file.functions[1]?.name, file.functions[1]?.exported, file.exports[0]?.name],
      ['default', true, 'default'],
      text,
    );
  }
  assert.equal(lowered('export default class { m() {} }').functions[1]?.qualifiedName, 'default.m');
});

// ---------------------------------------------------------------- functions and classes

test('what names a function', () => {
  const file = lowered(`
    function declared() { function nested() {} return { made() {}, arrow: () => 1, deep: { er: () => 2 } } }
    const arrow = () => 1, wrapped = useCallback(() => 2), handler = asyncHandler(async () => 3), cast = (() => 4) as Fn;
    Foo.prototype.bar = function () {}; Foo.baz = () => 5; exports.out = function () {};
    class C { constructor() { this.late = () => 6; } early = async () => 7; }
    const repo = { find() {}, get size() { return 1 }, async *gen() {}, ['lit']() {}, [computed]: () => 8 };
  `);
  assert.deepEqual(names(file), [
    'declared',
    'declared.nested',
    'declared.made',
    'declared.arrow',
    'declared.deep.er',
    'arrow',
    'wrapped',
    'handler',
    'cast',
    'Foo.bar',
    'Foo.baz',
    'out',
    'C.constructor',
    'C.late',
    'C.early',
    'repo.find',
    'repo.size',
    'repo.gen',
    'repo.lit',
    'repo.[computed]',
  ]);
  assert.equal(variable(file, 'wrapped').names, undefined);
  assert.equal(variable(file, 'cast').names, fn(file, 'cast').index);
  assert.deepEqual(fn(file, 'arrow').nodeIndexes.length, 2);
  assert.deepEqual(fn(file, 'wrapped').nodeIndexes.length, 1);
  assert.equal(slice(file, fn(file, 'C.early').nameAt), 'early');
  assert.equal(fn(file, 'C.early').class, 0);
  assert.deepEqual([fn(file, 'repo.gen').async, fn(file, 'repo.gen').generator], [true, true]);
  assert.deepEqual(
    [fn(file, 'repo.size').kind, fn(file, 'arrow').kind, fn(file, 'C.late').kind],
    ['getter', 'arrow', 'arrow'],
  );
});

test('overloads, abstract and ambient functions have no body, and the implementation keeps the name', () => {
  const file = lowered(`function f(a: string): void; function f(a: number): void; function f(a: any) { return a }
    abstract class A { abstract m(): void; n(x: 1): void; n(x: any) {} } declare function g(): void; interface I { m(): void; get x(): number; p: (y: string) => void; v: string }`);
  assert.deepEqual(
    file.functions.slice(1).map((each) => `${each.qualifiedName} ${each.hasBody}`),
    [
      'f#2 false',
      'f#3 false',
      'f true',
      'A.m false',
      'A.n#2 false',
      'A.n true',
      'g false',
      'I.m false',
      'I.x false',
      'I.p false',
    ],
  );
  assert.equal(variable(file, 'f').names, fn(file, 'f').index);
  assert.deepEqual(
    file.classes.map((each) => `${each.kind} ${each.name} ${each.methods.length} ${each.properties.length}`),
    ['class A 3 0', 'interface I 3 1'],
  );
  assert.deepEqual(file.classes[1]?.properties[0]?.type, 'string');
  assert.deepEqual(fn(file, 'I.p').parameters.length, 1);
});

test('classes', () => {
  const file = lowered(`
    @Injectable({ scope: f() }) export class S<T> extends ns.Base<T> implements A, B.C {
      #secret = 1; static count = 0; private cache: Map<string, Promise<T>> = new Map(); @Column() name!: string;
      static { boot(); } private hidden() {} #dark() { return this.#secret } protected static async make() {}
    }
    class M extends mixin(Base) {}`);
  const [s, m] = file.classes;
  assert.deepEqual(
    s?.heritage.map((each) => `${each.clause} ${each.name} ${slice(file, each.at)}`),
    ['extends Base Base', 'implements A A', 'implements C C'],
  );
  assert.deepEqual(
    m?.heritage.map((each) => each.name),
    ['mixin'],
  );
  assert.deepEqual(
    s?.decorators.map((each) => [each.name, sketch(file, each.args[0])]),
    [['Injectable', '{ scope: global f() }']],
  );
  assert.deepEqual(
    s?.properties.map(
      (each) => `${each.name}:${each.type ?? ''} ${each.static} ${each.decorators.map((one) => one.name)}`,
    ),
    ['#secret: false ', 'count: true ', 'cache:Map<string, Promise<T>> false ', 'name:string false Column'],
  );
  assert.deepEqual(
    s?.methods
      .map((index) => file.functions[index])
      .map((each) => `${each?.qualifiedName} ${each?.kind} ${each?.private} ${each?.static} ${each?.async}`),
    [
      'S.<static> static-block false true false',
      'S.hidden method true false false',
      'S.#dark method true false false',
      'S.make method false true true',
    ],
  );
  assert.equal(file.members[0]?.name, '#secret');
});

// ---------------------------------------------------------------- statements

function statements(body: readonly Statement[] | undefined): string {
  return (body ?? [])
    .map((each) => {
      if (each.kind === 'loop') return `${each.label ? `${each.label}: ` : ''}${each.form}(${statements(each.body)})`;
      if (each.kind === 'block') return `${each.label ? `${each.label}: ` : ''}{${statements(each.body)}}`;
      if (each.kind === 'break' || each.kind === 'continue') return `${each.kind} ${each.label ?? ''}`.trim();
      if (each.kind === 'if') return `if(${statements(each.then)})(${statements(each.else)})`;
      if (each.kind === 'try')
        return `try(${statements(each.block)})(${statements(each.handler)})(${statements(each.finalizer)})`;
      if (each.kind === 'switch')
        return `switch(${each.cases.map((one) => `${one.test ? 'case' : 'default'} ${statements(one.body)}`).join('; ')})`;
      if (each.kind === 'variable') return `${each.using ? 'using ' : ''}variable`;
      return each.kind;
    })
    .join(' ');
}

test('statements', () => {
  const shapes: [string, string][] = [
    ['outer: for (;;) { inner: while (x) { continue outer } }', 'outer: for(inner: while(continue outer))'],
    ['done: { break done } only: if (x) break only;', 'done: {break done} only: {if(break only)()}'],
    [
      'for (const a in b) ; for (let [c] of d) e(); for (f.g of h) {} do x(); while (y)',
      'for-in() for-of(expression) for-of() do-while(expression)',
    ],
    ['async function f() { for await (const a of b) { using c = d; await using e = g } }', 'function'],
    ['if (a) b(); else if (c) { d() } else return', 'if(expression)(if(expression)(return))'],
    [
      'try { a() } catch { b() } finally { c() } try {} finally {}',
      'try(expression)(expression)(expression) try()()()',
    ],
    ['switch (a) { case 1: b(); break; default: let c = 1 }', 'switch(case expression break; default variable)'],
    ['namespace N.M { export function f() {} const x = 1 } debugger; ; enum E { A }', '{{function variable}}'],
    ['throw new Error(); { let a }', 'throw {variable}'],
  ];
  for (const [text, expected] of shapes) assert.equal(statements(lowered(text).functions[0]?.body), expected, text);
  const file = lowered('async function f() { for await (const a of b) { using c = d; await using e = g } }');
  assert.equal(statements(fn(file, 'f').body), 'for-await(using variable using variable)');
  const [loop] = fn(file, 'f').body;
  assert(loop?.kind === 'loop' && loop.body[1]?.kind === 'variable');
  assert.equal(slice(file, loop.body[1].keyword), 'await using');
});

// ---------------------------------------------------------------- expressions

test('expressions', () => {
  const declared = 'let a: any, b: any, c: any, f: any;';
  const shapes: [string, string][] = [
    ['(a as any)!.b?.c<T>?.(<X>b satisfies Y)', 'a.b?.c?.(b)'],
    [`a['b'].c[0]?.[b]`, 'a.b.c[0]?.[b]'],
    ['new a.B; new f(b)', 'new f(b)'],
    ['new a.B', 'new a.B()'],
    ['f`x${a}y`', 'ftag(`x${a}y`)'],
    ['a + b * c - 1', '((a + (b * c)) - 1)'],
    ['a && b || c ?? f', '(((a && b) || c) ?? f)'],
    ['(a, b, c)', '(a, b, c)'],
    ['[a.b, { c, d: [b = 1] }, ...f.g] = c', '([to a.b, { c: var c, d: [var b = 1] }, ...to f.g] = c)'],
    ['({ a, b: c = 1, ...f } = c)', '({ a: var a, b: var c = 1, ...var f } = c)'],
    ['[outside] = a', '([to global outside] = a)'],
    ['a.b ??= --c', '(a.b ??= (--c))'],
    ['a++ + +b', '((a++) + + b)'],
    ['delete a.b, void 0, typeof c, !f', '(delete a.b, void 0, typeof c, ! f)'],
    ['({ a, "b-c": 1, [f]: 2, [`k`]: 3, 4: b, ...c })', '{ a: a, b-c: 1, [f]: 2, k: 3, 4: b, ...c }'],
    ['[a, , ...b]', '[a, undefined, ...b]'],
    [
      '[1_000, 0xff, .5, 10n, 0x1fn, /a[/]b/g, "a\\n\\u0041", null, true, undefined]',
      '[1000, 255, 0.5, 10n, 31n, /a[/]b/g, "a\\nA", null, true, undefined]',
    ],
    ['`a\\n${a}`', '`a\n${a}`'],
    ['import.meta.env.X', '<meta>.env.X'],
    ['a ? b : c', '(a ? b : c)'],
    ['a instanceof b', '(a instanceof b)'],
    ['(function () { return new.target })()', 'fn <anonymous>()'],
    ['(0, a.b)()', '(0, a.b)()'],
  ];
  for (const [text, expected] of shapes) assert.equal(expression(declared + text), expected, text);
});

test('calls and members: numbering and positions', () => {
  const file = lowered(`a().b(c.d).e?.(f<T, U[]>(g.h)); x['y z'](); new q.R(1, /* two */ ); super.z; (w.v)(); i\`\`;`);
  assert.deepEqual(
    file.calls.map((each) => slice(file, each.nameAt)),
    ['a', 'b', 'e', 'f', `'y z'`, 'R', 'v', 'i'],
  );
  assert.deepEqual(
    file.calls.map((each) => slice(file, each.argsSpan)),
    ['', 'c.d', 'f<T, U[]>(g.h)', 'g.h', '', '1, /* two */ ', '', '-'],
  );
  assert.deepEqual(file.calls[3]?.typeArguments, ['T', 'U[]']);
  assert.deepEqual(
    file.members.map((each) => each.name),
    ['d', 'h', 'z'],
  );
});

test('template parts and their spans', () => {
  const file = lowered('sql`a ${x} b\\t${y}`; q(`plain`)');
  const [template] = file.calls[0]?.args ?? [];
  assert(template?.kind === 'template');
  assert.deepEqual(template.parts, ['a ', ' b\t', '']);
  assert.deepEqual(
    template.partSpans.map((each) => slice(file, each)),
    ['a ', ' b\\t', ''],
  );
  assert.equal(file.calls[1]?.args[0]?.kind, 'template');
});

test('JSX', () => {
  const text = `let Foo, a, b; <Foo x="1 &amp; 2" {...a} on={() => b} flag><div>{/* none */} text // no comment {b}<></></div><Foo.Bar/></Foo>`;
  assert.equal(
    expression(text, 'a.tsx'),
    '<jsx x="1 &amp; 2" on=fn <anonymous> flag=true (Foo, "1 &amp; 2", a, fn <anonymous>, true, <jsx (b, <jsx>)>, <jsx (Foo.Bar)>)>',
  );
  assert.deepEqual(
    lowered(text, 'b.tsx').comments.map((each) => each.text),
    ['/* none */'],
  );
});

test('private names, yield, await', () => {
  const file = lowered(
    'class C { #x; has(o) { return #x in o && o.#x } *g() { yield; yield* this.g(); yield await 1 } }',
  );
  const [returned] = fn(file, 'C.has').body;
  assert(returned?.kind === 'return');
  assert.equal(sketch(file, returned.value), '((<unknown> in o) && o.#x)');
  assert.deepEqual(
    fn(file, 'C.g').body.map((each) => (each.kind === 'expression' ? sketch(file, each.expression) : '')),
    ['yield undefined', 'yield* this.g()', 'yield await 1'],
  );
});

// ---------------------------------------------------------------- the rest

test('comments are not confused by literals', () => {
  const file = lowered(`#!/bin/sh // not this
// one
const s = 'http://x', t = \`/* \${/* two */ '//'} //\`, r = /[/*]\\/\\//; /** three {@link x} */
type T = '//' | \`/*\${string}*/\`; const d = 1 / /x// 2; //four`);
  assert.deepEqual(
    file.comments.map((each) => each.text),
    ['// one', '/* two */', '/** three {@link x} */', '//four'],
  );
  for (const each of file.comments) assert.equal(slice(file, each), each.text);
  assert.deepEqual(structuredClone(file).comments.length, 4);
});

test('JavaScript with JSDoc types', () => {
  const file = lowered(
    `/** @typedef {{ a: string }} T */
/** @import { X } from 'x' */
/** @param {import('p').Pool} pool  @returns {Promise<void>} */
async function f(pool) { /** @type {'//'} */ const x = (/** @type {any} */ (pool)).y; return x }`,
    'a.js',
  );
  assert.deepEqual([file.language, names(file), file.imports.length], ['javascript', ['f'], 0]);
  assert.equal(variable(file, 'pool').typeName, 'Pool');
  assert.equal(sketch(file, variable(file, 'x').initializer), 'pool.y');
  assert.equal(file.comments.length, 5);
  const typed = lowered(
    'class C { /** @type {F} */ m(a) { return 1 } } /** @type {F} */ const g = (b) => b; /** @type {F} */ function h() { return 2 }',
    'a.js',
  );
  assert.deepEqual(
    typed.functions.slice(1).map((each) => `${each.qualifiedName} ${slice(typed, each.bodySpan)}`),
    ['C.m { return 1 }', 'g b', 'h { return 2 }'],
  );
});

test('positions are UTF-16 offsets', () => {
  const file = lowered(`const 名 = '😀é'; f(名.x)`);
  assert.equal(slice(file, file.members[0]), '名.x');
  assert.equal(slice(file, file.calls[0]?.nameAt), 'f');
  assert.equal(sketch(file, variable(file, '名').initializer), '"😀é"');
  assert.equal(
    sketch(
      lowered('let \\u0061b; ab'),
      lowered('let \\u0061b; ab').functions[0]?.body.flatMap((each) =>
        each.kind === 'expression' ? [each.expression] : [],
      )[0],
    ),
    'ab',
  );
});

test('deep nesting', () => {
  const sum = Array.from({ length: 5000 }, (_, i) => `a${i}`).join(' + ');
  assert.equal(lower(parse(`x = ${sum}`, 'a.ts').tree, 'a.ts').functions.length, 1);
  const deep = 3000;
  for (const [open, close] of [
    ['[', ']'],
    ['f(', ')'],
    ['(() => {', '})()'],
    ['{', '}'],
    ['if (a) {', '}'],
    ['!', ''],
    ['{ ({ a() {', '} }) }'],
    ['class A { m() {', '} }'],
    ['`${', '}`'],
    ['<a>{', '}</a>'],
  ] as const) {
    lower(parse(`${open.repeat(deep)}1${close.repeat(deep)}`, 'a.tsx').tree, 'a.tsx');
  }
  lower(parse(`a${'.b().c[0]'.repeat(deep)}`, 'a.ts').tree, 'a.ts');
  lower(parse('if (a) b(); else '.repeat(deep), 'a.ts').tree, 'a.ts');
});

test('half-typed code', () => {
  assert.equal(expression('let a; a.'), 'a.');
  assert.equal(expression('let a, b; a.b('), 'a.b()');
  assert.equal(expression('let a; a = '), '(a = <missing>)');
  for (const text of [
    'class { x = ; foo(',
    'const { a: , ...} = ',
    'function (',
    'import { a, from',
    'export default',
    'for (const of',
    'switch (a) { case',
    'try { catch (',
    '`a ${',
    '"abc',
    'new',
    'a ? b',
    '<div a={',
    'async (a, =>',
    '@',
    'enum',
    'namespace',
    'export {',
    'if (',
    'label:',
    '({ a:',
    '({ get',
    '[',
    'x[',
    'import x =',
    'interface I { a(',
    'await',
    'class A extends',
    'export =',
    'throw',
    '1n',
    '0x',
    '/a',
  ]) {
    lowered(text);
    lowered(text, 'a.tsx');
    lowered(text, 'a.js');
  }
});

// ---------------------------------------------------------------- real code

/** Folders of real code: this project's own, what some packages ship, and whatever the variable adds. */
const SAMPLES = [
  ...['server', 'client', 'test'],
  ...['typeorm', 'ioredis', 'fast-check', 'axios', 'mocha'].map((name) => `node_modules/${name}`),
  ...(process.env['CONCURRENCY_CHECKLIST_SAMPLES'] ?? '').split(path.delimiter),
].filter((folder) => folder !== '' && existsSync(folder));
const isSource = /\.[cm]?[jt]sx?$/;

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) return [];
    const full = path.join(folder, entry.name);
    return entry.isDirectory() ? sourceFiles(full) : entry.isFile() && isSource.test(entry.name) ? [full] : [];
  });
}

/** Parses without following imports. */
function eachRealFile(names: readonly string[], visit: (tree: CompilerSourceFile, name: string) => void): void {
  const folder = mkdtempSync(path.join(tmpdir(), 'lower-'));
  const config = path.join(folder, 'tsconfig.json');
  writeFileSync(config, JSON.stringify({ compilerOptions: OPTIONS, files: names }));
  const real = new API({ tsserverPath, cwd: folder });
  try {
    const project = real.updateSnapshot({ openProjects: [config] }).getProject(config);
    assert(project);
    for (const name of names) {
      const tree = project.program.getSourceFile(name);
      if (tree !== undefined) visit(tree, name);
      real.clearSourceFileCache();
    }
  } finally {
    real.close();
    rmSync(folder, { recursive: true });
  }
}

test('real code', (t) => {
  let count = 0;
  for (const folder of SAMPLES) {
    eachRealFile(sourceFiles(path.resolve(folder)), (tree, name) => {
      count++;
      try {
        const file = lower(tree, name);
        checkSpans(file);
        for (const each of file.comments) assert.match(each.text, /^\/[/*]/);
      } catch (error) {
        throw new Error(name, { cause: error });
      }
    });
  }
  assert.ok(count > 500, `${count} files`);
  t.diagnostic(`${count} files`);
});

test('real files cut short or with a hole', () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const all = SAMPLES.flatMap((folder) => sourceFiles(path.resolve(folder)));
  const texts = Array.from({ length: 600 }, () => readFileSync(all[random(all.length)] ?? '', 'utf8').slice(0, 20_000));
  const broken = texts.map((text, i) => {
    const at = random(text.length);
    return i % 2 === 0 ? text.slice(0, at) : text.slice(0, at) + text.slice(at + random(40));
  });
  for (const extension of ['a.ts', 'a.tsx', 'a.js']) {
    for (const file of parseAll(broken, extension)) {
      const result = lower(file.tree, file.name);
      try {
        checkSpans(result);
      } catch (error) {
        throw new Error(`${file.name}\n${result.text.slice(-300)}`, { cause: error });
      }
    }
  }
});
