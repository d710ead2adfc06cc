/**
 * A compiler for one run reads the disk by itself: it answers as one that is served its files does, also where nothing
 * can be written, and serves them from the first change on.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { TemporaryWorkspace } from './temporary-workspace.ts';

const workspace = new TemporaryWorkspace({
  'tsconfig.json': { compilerOptions: { baseUrl: '.', moduleResolution: 'node', types: ['clock'] } },
  'node_modules/@types/clock/index.d.ts': 'declare function tick(): void;',
  'node_modules/@types/clock/package.json': { name: '@types/clock', types: 'index.d.ts' },
  'lib/save.ts': 'export function save() {}',
  'main.ts': "import { save } from 'lib/save';\nsave();\ntick();\n",
});

const expected = ['save [lib/save.ts]', 'tick [clock]'];

describe('a compiler for one run', () => {
  after(() => workspace.close());

  it('answers as any other, and leaves nothing behind', () => {
    assert.deepEqual(workspace.calls(workspace.open(), 'main.ts'), expected);
    const folder = new TemporaryWorkspace({});
    withTemporaryFolder(folder.root, () => {
      const snapshot = workspace.open(workspace.start({ brief: true }));
      assert.deepEqual(workspace.calls(snapshot, 'main.ts'), expected);
    });
    assert.deepEqual(readdirSync(folder.root), []);
  });

  it('answers where nothing can be written', () => {
    withTemporaryFolder(workspace.path('missing'), () => {
      const snapshot = workspace.open(workspace.start({ brief: true }));
      assert.deepEqual(workspace.calls(snapshot, 'main.ts'), expected);
    });
  });

  it('sees unsaved text', () => {
    const compiler = workspace.start({ brief: true });
    workspace.calls(workspace.open(compiler), 'main.ts');
    const snapshot = compiler.update({ overlays: new Map([[workspace.path('main.ts'), 'tick();\n']]) });
    assert.deepEqual(workspace.calls(snapshot, 'main.ts'), ['tick [clock]']);
  });
});

function withTemporaryFolder(folder: string, run: () => void): void {
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder;
  try {
    run();
  } finally {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  }
}
