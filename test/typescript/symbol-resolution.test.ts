import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TemporaryWorkspace } from './temporary-workspace.ts';

/** One call a line, with what it must resolve to. */
function resolves(
  title: string,
  files: Readonly<Record<string, string>>,
  cases: readonly (readonly [string, string])[],
  prelude = '',
): void {
  test(title, () => {
    const lines = cases.map(([code]) => code);
    const it = new TemporaryWorkspace({
      'tsconfig.json': {},
      ...files,
      'main.ts': `${prelude}\n${lines.join('\n')}\n`,
    });
    it.install('@types/node', 'undici-types', '@types/pg', 'pg-types', 'pg-protocol', 'p-limit');
    const snapshot = it.open();
    const project = it.projectOf(snapshot, 'main.ts');
    const path = it.path('main.ts');
    const file = snapshot.syntax(project, path);
    const calls = it.calls(snapshot, 'main.ts');
    const lineOf = (offset: number): string => file?.text.slice(0, offset).split('\n').length.toString() ?? '';
    // The last call of a line in source order is its outermost in these cases.
    const byLine = new Map(
      file?.calls.map((call, index) => [lineOf(call.nameAt?.start ?? call.start), calls[index]] as const),
    );
    const first = prelude.split('\n').length + 1;
    assert.deepEqual(
      cases.map(([code], index) => [code, byLine.get(String(first + index))]),
      cases.map(([code, expected]) => [code, expected]),
    );
    it.close();
  });
}

resolves(
  'members of classes, interfaces, objects, enums and namespaces',
  {},
  [
    ['new Account();', 'Account [main.ts]'],
    ['account.save();', 'Account#save [main.ts]'],
    ['Account.find();', 'Account.find [main.ts]'],
    ['savings.save();', 'Account#save [main.ts]'],
    ['store.load();', 'Store#load [main.ts]'],
    ['api.send();', 'api#send [main.ts]'],
    ['api.deep.ping();', 'deep#ping [main.ts]'],
    ['frozen.run();', 'frozen#run [main.ts]'],
    ['typed.act();', 'Typed#act [main.ts]'],
    ['api.shared();', 'api#shared [main.ts]'],
    ['Space.go();', 'Space.go [main.ts]'],
    ['either.load();', 'Store#load [main.ts]'],
    ['account.hook();', 'Account#hook [main.ts]'],
  ],
  `class Account { save() {} static find() {} hook = () => {}; }
class Savings extends Account {}
interface Store { load(): void }
interface Cache { load(): void }
function shared() {}
const api = { send() {}, deep: { ping() {} }, shared };
const frozen = { run() {} } as const;
type Typed = { act(): void };
namespace Space { export function go() {} }
declare const account: Account; declare const savings: Savings; declare const store: Store;
declare const typed: Typed; declare const either: Store | Cache;`,
);

resolves(
  'names that are copied: aliases, re-exports, default exports, destructuring',
  {
    'lib.ts': 'export default function limit() {}\nexport function plain() {}\nexport { plain as renamed };\n',
    'barrel.ts': "export * from './lib';\nexport { default as limited } from './lib';\n",
  },
  [
    ['whatever();', 'limit [lib.ts]'],
    ['renamed();', 'plain [lib.ts]'],
    ['lib.plain();', 'plain [lib.ts]'],
    ['limited();', 'limit [lib.ts]'],
    ['again();', 'again [main.ts]'],
    ['save();', 'Users#save [main.ts]'],
    ['((save) => save)(0);', 'unresolved'],
  ],
  `import whatever, { renamed } from './lib'; import * as lib from './barrel'; import { limited } from './barrel';
interface Users { save(): void }
declare const users: Users; const { save } = users; const again = limited;`,
);

resolves(
  'names that are not plain identifiers, behind comments and after characters outside the basic plane',
  {},
  [
    ['naïve();', 'naïve [main.ts]'],
    ['/* 😀 */ ünïcode /* between */ . save /* after */ ();', 'Größe#save [main.ts]'],
    ["ünïcode['save']();", 'Größe#save [main.ts]'],
    ['ünïcode.check();', 'Größe#check [main.ts]'],
    ['tag`x${1}`;', 'tag [main.ts]'],
    ['ünïcode?.save?.();', 'Größe#save [main.ts]'],
    ['(ünïcode as Größe)!.save();', 'Größe#save [main.ts]'],
    ['ünïcode.$dollar_();', 'Größe#$dollar_ [main.ts]'],
  ],
  `const text = '😀'; class Größe { save() {} #hidden() {} check() { this.#hidden(); } $dollar_() {} }
function naïve() {} function tag(parts: unknown, n: number) {} declare const ünïcode: Größe;`,
);

resolves(
  'packages: Node modules, @types, ambient modules, libraries of the language',
  {
    'ambient.d.ts':
      "declare module 'untyped' { export function act(): void }\ndeclare module '*.svg' { const url: string; export default url }\n",
  },
  [
    ["fs.readFile('x', () => {});", 'readFile [node:fs]'],
    ["fs.promises.access('x');", 'access [node:fs/promises]'],
    ["access('x');", 'access [node:fs/promises]'],
    ['new EventEmitter();', 'EventEmitter [node:events]'],
    ["emitter.on('x', () => {});", 'EventEmitter#on [node:events]'],
    ["pool.query('select 1');", 'Pool#query [pg]'],
    ['setTimeout(() => {}, 1);', 'setTimeout [node:timers, lib]'],
    ['process.nextTick(() => {});', 'Process#nextTick [node:process]'],
    ['act();', 'act [untyped]'],
    ['Promise.all([]);', 'PromiseConstructor#all [lib]'],
    ['limit(1);', 'pLimit [p-limit]'],
    ['new Map<string, number>().get("x");', 'Map#get [lib]'],
  ],
  `import * as fs from 'fs'; import { access } from 'node:fs/promises'; import { EventEmitter } from 'events';
import type { Pool } from 'pg'; import { act } from 'untyped'; import limit from 'p-limit';
declare const emitter: EventEmitter; declare const pool: Pool;`,
);

test('types: names behind unions, parameters and arrays; arguments two deep; values that are classes have no name', () => {
  const it = new TemporaryWorkspace({
    'tsconfig.json': { compilerOptions: { strict: true } },
    'main.ts': `
class Box<T> { value!: T; get(): T { return this.value; } static of() {} }
type Handler = { handle(): void };
declare const box: Box<Map<string, Set<Box<number>>>>; declare const maybe: Box<string> | undefined;
declare const handler: Handler; declare const list: string[]; declare const anything: any; declare const unknownName: Missing;
async function load(): Promise<Box<string>> { return new Box(); }
function generic<T extends Box<string>>(it: T) { it.get(); }
box.get(); maybe!.get(); maybe?.get(); handler.handle(); list.map(String); anything.go(); unknownName.go(); Box.of(); 'x'.trim();
async function f() { load().then(); (await load()).get(); [1, 'x'].map(String); }
`,
  });
  const types = it.receivers(it.open(), 'main.ts').map((type) => {
    const print = (item: typeof type): string =>
      item
        ? `${item.name ?? '-'}${item.typeArguments.length > 0 ? `<${item.typeArguments.map(print).join()}>` : ''}`
        : 'undefined';
    return `${print(type)} ${type?.text}${type?.isAny ? ' any!' : ''}`;
  });
  assert.deepEqual(types, [
    'Box<-> T',
    'Box<Map<-,Set>> Box<Map<string, Set<Box<number>>>>',
    'Box<-> Box<string> | undefined',
    'Box<-> Box<string> | undefined',
    'Handler Handler',
    'Array<-> string[]',
    '- any any!',
    '- any any!',
    '- typeof Box',
    '- "x"',
    'Promise<Box<->> Promise<Box<string>>',
    'Box<-> Box<string>',
    'Array<-> (string | number)[]',
  ]);
  it.close();
});
