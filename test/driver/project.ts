/** Small projects in temporary folders. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createAnalysis } from '../../server/src/analysis/analyse.ts';
import type { CheckResult, ServiceOptions, VerifiedFix } from '../../server/src/driver/service.ts';
import { createSession, type Request, type Session } from '../../server/src/driver/session.ts';
import type { RejectedFix } from '../../server/src/driver/verify-fixes.ts';
import type { AnyRule, Finding } from '../../server/src/rule.ts';
import type { Compiler } from '../../server/src/typescript/compiler.ts';
import { createCompiler } from '../../server/src/typescript/native-compiler.ts';
import { findWorkspaceFiles } from '../../server/src/typescript/workspace-files.ts';

export const REQUEST: Request = { isCancelled: () => false, progress: () => undefined };

/** Functions that fixtures call, by names the fake rules know or do not. */
export const DECLARATIONS =
  'export declare function bad(): void; export declare function badMedium(): void; export declare function badLow(): void; export declare function good(): void;\n';

export class Folder implements Disposable {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), 'checklist-test-')));

  constructor(files: Readonly<Record<string, string>>) {
    const all = {
      '.git/HEAD': '',
      'tsconfig.json': '{ "compilerOptions": { "strict": true, "types": [] } }',
      ...files,
    };
    for (const [path, text] of Object.entries(all)) this.write(path, text);
  }

  file(path: string): string {
    return join(this.path, path);
  }

  write(path: string, text: string | Uint8Array): void {
    mkdirSync(dirname(this.file(path)), { recursive: true });
    writeFileSync(this.file(path), text);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** A folder and a session on it, with everything a test asks of both. */
export class Project extends Folder {
  readonly session: Session;
  readonly rejected: RejectedFix[] = [];
  compiler: Compiler | undefined;

  constructor(
    files: Readonly<Record<string, string>>,
    rules: readonly AnyRule[],
    options: Partial<ServiceOptions> = {},
  ) {
    super(files);
    this.session = createSession(
      { roots: [this.path], minConfidence: 'low', ...options },
      {
        createCompiler: (compilerOptions) => {
          this.compiler = createCompiler(compilerOptions);
          return this.compiler;
        },
        findWorkspace: findWorkspaceFiles,
        createAnalysis,
        rules,
        onRejectedFix: (rejected) => this.rejected.push(rejected),
      },
    );
  }

  check(): CheckResult {
    return this.session.check(REQUEST);
  }

  findings(): Finding[] {
    return this.check().files.flatMap((file) => file.findings.map(({ finding }) => finding));
  }

  /** `path:line rule severity`, in order. */
  lines(): string[] {
    return this.findings().map(({ path, line, rule, severity }) => `${path}:${line} ${rule} ${severity}`);
  }

  fixes(path: string, nth = 0): readonly VerifiedFix[] {
    const finding = this.findings().filter((one) => one.path === path)[nth];
    return finding === undefined ? [] : this.session.fixes(this.file(path), finding.fingerprint, REQUEST);
  }

  override [Symbol.dispose](): void {
    this.session.close();
    super[Symbol.dispose]();
  }
}

/** A source file that imports the names and then holds the lines. */
export function source(...lines: string[]): string {
  return `import { bad, badMedium, badLow, good } from './names.ts';\n${lines.join('\n')}\nexport { bad, badMedium, badLow, good };\n`;
}

export const NAMES = {
  'names.ts': DECLARATIONS,
  'tsconfig.json':
    '{ "compilerOptions": { "strict": true, "types": [], "noEmit": true, "allowImportingTsExtensions": true } }',
};
