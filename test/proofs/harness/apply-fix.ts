/**
 * Fixes made by the engine: all programs are one workspace, analysed once, and each fix is asked for and applied the
 * way an editor does.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { applyEdits } from '../../../server/src/driver/apply-edits.ts';
import type { AnalysisService, CheckResult, VerifiedFix } from '../../../server/src/driver/service.ts';
import { startService } from '../../../server/src/driver/start-service.ts';
import type { RuleId } from '../../../server/src/rule.ts';
import { type Installation, installationFolder } from './packages.ts';
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

/** A fix to ask for. */
export interface Request {
  readonly rule: RuleId;
  readonly fix: string;
  readonly program: string;
  /** A declaration file beside the program. */
  readonly declarations?: string;
  /** The packages that the program imports, where they are none of the repository's own. */
  readonly installation?: Installation;
  /** A Prisma schema beside the program, whose client is generated. */
  readonly schema?: string;
}

export class Fixer {
  private readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'checklist-proofs-')));
  private readonly service: AnalysisService;
  private readonly paths = new Map<Request, string>();
  private checked: Promise<CheckResult> | undefined;

  constructor(requests: readonly Request[]) {
    mkdirSync(join(this.folder, '.git'));
    writeFileSync(join(this.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: COMPILER_OPTIONS }));
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'), 'junction');
    for (const [index, request] of requests.entries()) {
      // A folder each, so that nothing of one is taken for the surroundings of another.
      const folder = join(this.folder, `program-${index + 1}`, 'src');
      mkdirSync(folder, { recursive: true });
      const path = join(folder, 'program.ts');
      writeFileSync(path, request.program);
      if (request.declarations !== undefined) writeFileSync(join(folder, 'declarations.d.ts'), request.declarations);
      if (request.schema !== undefined) writeFileSync(join(folder, 'schema.prisma'), request.schema);
      const installed = request.installation === undefined ? undefined : installationFolder(request.installation);
      if (installed !== undefined)
        symlinkSync(join(installed, 'node_modules'), join(folder, 'node_modules'), 'junction');
      this.paths.set(request, path);
    }
    this.service = startService({ roots: [this.folder], minConfidence: 'low', worker: join(root, 'dist/worker.js') });
  }

  /** The program's text with the fix; fails when the finding or the fix is not offered. */
  async fixed(request: Request): Promise<string> {
    const { path, offers } = await this.offers(request);
    const fix = offers.flatMap(({ fixes }) => fixes).find(({ id }) => id === request.fix);
    if (fix === undefined) {
      const seen = offers.map(({ line, fixes }) => `line ${line}: ${fixes.map(({ id }) => id).join(', ')}`);
      assert.fail(`${request.rule} offers no ${request.fix}; findings:\n  ${seen.join('\n  ')}`);
    }
    const edits = fix.edits.filter((edit) => edit.path === path);
    assert.equal(edits.length, fix.edits.length, 'the fix stays in the file');
    return applyEdits(request.program, edits) ?? assert.fail('the edits overlap');
  }

  /** The findings of the rule, each with its fixes. */
  async offers(request: Request): Promise<{ path: string; offers: { line: number; fixes: readonly VerifiedFix[] }[] }> {
    this.checked ??= this.service.check();
    const { files, failures } = await this.checked;
    const path = this.paths.get(request) ?? '';
    const crashed = failures.filter((failure) => path.endsWith(failure.path));
    assert.deepEqual(crashed, []);
    const offers: { line: number; fixes: readonly VerifiedFix[] }[] = [];
    for (const { finding } of files.find((file) => file.path === path)?.findings ?? []) {
      if (finding.rule !== request.rule) continue;
      offers.push({ line: finding.line, fixes: await this.service.fixes(path, finding.fingerprint) });
    }
    return { path, offers };
  }

  async close(): Promise<void> {
    await this.service.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
