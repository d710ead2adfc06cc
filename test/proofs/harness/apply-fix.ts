/**
 * Fixes made by the engine: all programs are one workspace, analysed once, and each fix is asked for and applied the
 * way an editor does.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyEdits } from '../../../server/src/driver/apply-edits.ts';
import type { AnalysisService, CheckResult } from '../../../server/src/driver/service.ts';
import { startService } from '../../../server/src/driver/start-service.ts';
import type { Proof } from './proof.ts';
import { root } from './repository-root.ts';

const COMPILER_OPTIONS = {
  target: 'es2022',
  lib: ['es2023', 'dom', 'dom.iterable'],
  module: 'preserve',
  moduleResolution: 'bundler',
  moduleDetection: 'force',
  types: ['node'],
  noEmit: true,
  strict: true,
  strictPropertyInitialization: false,
  experimentalDecorators: true,
  skipLibCheck: true,
};

export class Fixer {
  private readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'checklist-proofs-')));
  private readonly service: AnalysisService;
  private readonly paths = new Map<Proof, string>();
  private checked: Promise<CheckResult> | undefined;

  constructor(proofs: readonly Proof[]) {
    mkdirSync(join(this.folder, '.git'));
    writeFileSync(join(this.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER_OPTIONS }));
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'), 'junction');
    for (const [index, proof] of proofs.entries()) {
      // A folder each, so that nothing of one is taken for the surroundings of another.
      const folder = join(this.folder, `program-${index + 1}`, 'src');
      mkdirSync(folder, { recursive: true });
      const path = join(folder, 'program.ts');
      writeFileSync(path, proof.program);
      if (proof.declarations !== undefined) writeFileSync(join(folder, 'declarations.d.ts'), proof.declarations);
      this.paths.set(proof, path);
    }
    this.service = startService({ roots: [this.folder], minConfidence: 'low', worker: join(root, 'dist/worker.js') });
  }

  /** The program's text with the fix; fails when the finding or the fix is not offered. */
  async fixed(proof: Proof): Promise<string> {
    this.checked ??= this.service.check();
    const { files, failures } = await this.checked;
    const path = this.paths.get(proof) ?? '';
    const crashed = failures.filter((failure) => path.endsWith(failure.path));
    assert.deepEqual(crashed, []);
    const findings = files.find((file) => file.path === path)?.findings ?? [];
    const seen: string[] = [];
    for (const { finding } of findings) {
      const fixes = await this.service.fixes(path, finding.fingerprint);
      seen.push(`${finding.rule} line ${finding.line} (${finding.confidence}): ${fixes.map(({ id }) => id).join(', ')}`);
      const fix = finding.rule === proof.rule ? fixes.find(({ id }) => id === proof.fix) : undefined;
      if (fix === undefined) continue;
      const edits = fix.edits.filter((edit) => edit.path === path);
      assert.equal(edits.length, fix.edits.length, 'the fix stays in the file');
      return applyEdits(proof.program, edits) ?? assert.fail('the edits overlap');
    }
    assert.fail(`${proof.rule} offers no ${proof.fix}; findings:\n  ${seen.join('\n  ')}`);
  }

  async close(): Promise<void> {
    await this.service.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
