/**
 * After each of many random edits, what is analysed with kept answers equals a fresh analysis of the same snapshot.
 *
 * Every file is a list of slots with several texts for each; an edit gives some slots another text. The texts change
 * bodies, inferred types, members, imports, places of classes, and places in the file.
 */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createAnalysis } from '../../server/src/analysis/analyse.ts';
import type { ProgramFacts } from '../../server/src/analysis/program.ts';
import { keyOf } from '../../server/src/analysis/value.ts';
import type { Snapshot } from '../../server/src/typescript/compiler.ts';
import { createCompiler } from '../../server/src/typescript/native-compiler.ts';
import { findWorkspaceFiles } from '../../server/src/typescript/workspace-files.ts';
import { TemporaryWorkspace } from '../typescript/temporary-workspace.ts';

const EDITS = 1000;
const SEED = 20261123;

type Slots = readonly (readonly string[])[];

const padding = ['', '// one line\n', '/* two\n   lines */\n\n', 'const unused = () => { function inner() {} };\n'];

/** Seen by nobody outside of the function. */
const inside = [
  '',
  '    // one line\n',
  '    const local = () => { function inner() { return 1; } return inner(); };\n    local();\n',
  '    const other = { save() { return 2; } };\n    other.save();\n',
  "    await pool.query('SELECT 1 FROM inside');\n",
];

const FILES: Readonly<Record<string, Slots>> = {
  'src/db.ts': [
    padding,
    [
      'export interface Pool { query(sql: string, args?: unknown[]): Promise<{ rows: any[] }> }\n',
      'export interface Pool { query(sql: string, args?: unknown[]): Promise<{ rows: unknown[] }>; end(): void }\n',
    ],
    ['export declare const pool: Pool;\n', 'declare const own: Pool;\nexport { own as pool };\n'],
  ],
  'src/a.ts': [
    ["import { pool } from './db';\n"],
    padding,
    ['export class A {\n', 'export class A {\n  extra() { return 1; }\n'],
    [
      "  save(id: number) { return pool.query('UPDATE a SET n = 1 WHERE id = $1', [id]); }\n",
      "  async save(id: number): Promise<void> { await pool.query('UPDATE a SET n = 2 WHERE id = $1', [id]); }\n",
      "  async save(id: number): Promise<void> { const f = () => id; await pool.query('DELETE FROM a WHERE id = $1', [f()]); }\n",
      '  async save(id: number): Promise<void> {}\n',
      '',
    ],
    ["  load() { return pool.query('SELECT n FROM a'); }\n", '  load() { return this.save(1); }\n', '  load() {'],
    ['  async both(): Promise<void> {\n'],
    inside,
    inside,
    ['    await this.load();\n  }\n', "    await this.load();\n    await pool.query('SELECT 2 FROM a');\n  }\n"],
    ['}\n'],
  ],
  'src/b.ts': [
    ["import { pool } from './db';\n", "import { pool } from './db';\nimport './a';\n"],
    padding,
    ['export class B {\n'],
    [
      "  async save(id: number): Promise<void> { await pool.query('UPDATE b SET n = 1 WHERE id = $1', [id]); }\n",
      "  async save(id: number): Promise<void> {\n    class Hidden { run() { return pool.query('SELECT 1 FROM hidden'); } }\n    await new Hidden().run();\n  }\n",
    ],
    ['}\n'],
  ],
  'src/factory.ts': [
    padding,
    ["import { A } from './a';\nimport { B } from './b';\nimport { pool } from './db';\n"],
    [
      'export function make() { return new A(); }\n',
      'export function make() { return new B(); }\n',
      'export function make(): A | B { return new B(); }\n',
      'export const make = () => new A();\n',
    ],
    [
      "export function queries() {\n  return { find: () => pool.query('SELECT * FROM q'), make };\n}\n",
      "export function queries() {\n  const helper = () => 1;\n  return { find: () => pool.query('SELECT * FROM r', [helper()]), make };\n}\n",
      "export function queries() {\n  class Local { find() { return pool.query('SELECT * FROM l'); } make = make; }\n  return new Local();\n}\n",
      'export const queries = () => ({ find: async () => ({ rows: [] }), make });\n',
    ],
    ["export { A as Renamed } from './a';\n", "export { B as Renamed } from './b';\n"],
  ],
  'src/stores.ts': [
    padding,
    ["import type { Pool } from './db';\nimport { pool } from './db';\n"],
    ['export abstract class Base {\n  abstract readonly table: string;\n', 'export class Base {\n  table = `base`;\n'],
    [
      '  byId(id: number) { return pool.query(`SELECT * FROM ${this.table} WHERE id = $1`, [id]); }\n}\n',
      '  async byId(id: number) { const { rows } = await pool.query(`SELECT n FROM ${this.table}`, [id]); return rows; }\n}\n',
    ],
    [
      "export class Things extends Base { readonly table = 'things'; }\n",
      "export class Things extends Base { readonly table = 'other_things'; }\n",
      'export class Things extends Base { get table() { return `got`; } }\n',
    ],
    [
      "export const queriesOf = (db: Pool) => ({ one: (id: number) => db.query('SELECT * FROM one WHERE id = $1', [id]) });\n",
      "export const queriesOf = (db: Pool) => {\n  const one = async (id: number) => { await db.query('UPDATE one SET n = 1 WHERE id = $1', [id]); };\n  return { one };\n};\n",
      'export const queriesOf = (db: Pool) => ({ one: (id: number) => new Things().byId(id) });\n',
    ],
  ],
  'src/users.ts': [
    padding,
    ["import { pool, type Pool } from './db';\nimport { queriesOf, type Things } from './stores';\n"],
    ['const kept = queriesOf(pool);\n', 'const kept = { one: (id: number) => id };\n'],
    [
      'export async function look(things: Things) { await things.byId(1); }\n',
      'export class Look { constructor(private readonly things: Things) {} look() { return this.things.byId(2); } }\n',
    ],
    [
      'export async function use(db: Pool) { const { one } = queriesOf(db); await one(1); await kept.one(2); }\n',
      'export async function use(db: Pool) { await queriesOf(db).one(1); await queriesOf(pool).one(2); }\n',
      'export const use = (db: Pool) => { const own = queriesOf(db); return { go: (id: number) => own.one(id) }; };\n',
    ],
    ['export async function all(ids: number[], db: Pool) { for (const id of ids) await queriesOf(db).one(id); }\n'],
  ],
  'src/service.ts': [
    ["import { make, queries, Renamed } from './factory';\n"],
    padding,
    ['interface Store { save(id: number): unknown }\n', "import type { A as Store } from './a';\n"],
    [
      'export class Service {\n  constructor(private readonly store: Store) {}\n',
      'export class Service {\n  store;\n  constructor() { this.store = make(); }\n',
    ],
    [
      '  async run(ids: number[]): Promise<void> { for (const id of ids) await this.store.save(id); }\n',
      '  async run(ids: number[]) { for (const id of ids) { await make().save(id); } return queries(); }\n',
      '  async run(ids: number[]): Promise<void> { await queries().find(); await new Renamed().save(ids[0]!); }\n',
    ],
    ["  async more(): Promise<void> {\n    const { pool } = await import('./db');\n"],
    inside,
    inside,
    ['    await this.run([1]);\n  }\n', '    await this.store.save(1);\n  }\n'],
    ['}\n'],
  ],
  'src/main.ts': [
    padding,
    ["import { Service } from './service';\nimport { make, queries } from './factory';\n"],
    ["import { pool } from './db';\nexport async function other(): Promise<void> {\n"],
    inside,
    ['    await make().save(3);\n'],
    inside,
    ['}\n'],
    [
      'export async function main() { await make().save(1); await queries().find(); }\n',
      'export async function main() { const { find } = queries(); await find(); await queries().make().save(2); }\n',
      'export async function main() { const s = new Service(make()); (await s.run([1, 2]))?.find(); }\n',
    ],
  ],
};

describe('kept answers', () => {
  const workspace = new TemporaryWorkspace({
    'tsconfig.json': { compilerOptions: { strict: true }, include: ['src'] },
    ...Object.fromEntries(Object.entries(FILES).map(([path, slots]) => [path, textOf(slots, [])])),
  });
  const compiler = createCompiler();
  after(() => compiler.close());

  it(`equal fresh ones after each of ${EDITS} random edits`, () => {
    const random = randomNumbers(SEED);
    const choices = new Map(Object.keys(FILES).map((path) => [path, [] as number[]]));
    const options = {
      isCancelled: () => false,
      progress: () => undefined,
      roots: [workspace.root],
      edited: Object.keys(FILES).map((path) => workspace.path(path)),
    };
    const analysis = createAnalysis();
    let snapshot = compiler.open(findWorkspaceFiles([workspace.root]));
    let before = analysis.analyse(snapshot, options);
    let functions = 0;
    let reused = 0;
    let operations = 0;
    let read = 0;
    const counting = (whole: Snapshot): Snapshot => ({
      ...whole,
      read: (project, paths, ask) => {
        read += paths.length;
        return whole.read(project, paths, ask);
      },
    });
    for (let edit = 1; edit <= EDITS; edit++) {
      const overlays = new Map<string, string>();
      for (let files = random(10) === 0 ? 2 : 1; files > 0; files--) {
        const path = Object.keys(FILES)[random(choices.size)] ?? '';
        const slots = FILES[path] ?? [];
        const chosen = choices.get(path) ?? [];
        const bodies = [...slots.keys()].filter((at) => slots[at] === inside);
        const slot = bodies.length > 0 && random(3) > 0 ? bodies[random(bodies.length)] : random(slots.length);
        if (slot === undefined) continue;
        chosen[slot] = random(slots[slot]?.length ?? 1);
        overlays.set(workspace.path(path), textOf(slots, chosen));
      }
      snapshot = compiler.update({ overlays });
      const program = analysis.analyse(counting(snapshot), options);
      const kept = print(program);
      for (const { fn, operations: own } of program.functions) {
        functions++;
        if (before.factsOf(fn.key)?.operations === own) reused++;
      }
      before = program;
      const fresh = print(createAnalysis().analyse(snapshot, options));
      assert.equal(kept, fresh, `edit ${edit} of seed ${SEED}: ${JSON.stringify([...choices])}`);
      operations += kept.split(' shape ').length - 1;
    }
    assert.ok(operations > 5 * EDITS, 'the edits leave something to compare');
    assert.ok(read < (EDITS * Object.keys(FILES).length) / 2, `${read} files were read again`);
    assert.ok(reused > functions / 4, `${reused} of ${functions} facts were kept`);
  });
});

function textOf(slots: Slots, chosen: readonly number[]): string {
  return slots.map((texts, slot) => texts[chosen[slot] ?? 0] ?? '').join('');
}

function print(program: ProgramFacts): string {
  const lines = program.functions.map(({ fn, calls, callsResolved, operations, returns, entries }) => {
    const places = operations.map((operation) => {
      const { id, model, basis, at, effect, chain, executor, loops, guards, tries, order, segment } = operation;
      const path = chain.map((step) => `${step.name}@${step.at.path}:${step.at.start}`).join('/');
      const table = effect.kind === 'database' ? `${effect.action} ${effect.table}` : effect.kind;
      const around = `${executor && keyOf(executor)} ${loops.length} ${guards.map(({ test }) => keyOf(test)).join('&')} ${tries.length}`;
      return `${id} ${order} ${segment} ${model} ${basis} ${table} ${at.path} ${at.start} ${path} ${around}`;
    });
    const head = `${fn.key} ${fn.qualifiedName} ${callsResolved}/${calls} ${keyOf(returns)} ${entries.length}`;
    return [head, ...places].join('\n  ');
  });
  return lines.join('\n');
}

/** Numbers below a bound, the same for the same seed (the generator of Numerical Recipes). */
function randomNumbers(seed: number): (bound: number) => number {
  let state = seed >>> 0;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}
