/**
 * What VS Code loads as the test run: mocha over the suite beside this file. Its report and counts go to files for the
 * runner: the editor's own output is mixed with much else, and an exit code cannot tell a passed run from an empty one.
 */
import { appendFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format } from 'node:util';

import { environment } from './environment.ts';

export async function run(): Promise<void> {
  const { default: Mocha } = await import('mocha');
  Mocha.reporters.Base.consoleLog = (...args: unknown[]) =>
    appendFileSync(environment('EDITOR_TEST_REPORT'), `${format(...args)}\n`);
  const mocha = new Mocha({ ui: 'bdd', color: false, timeout: 60_000, slow: 10_000, bail: true });
  mocha.addFile(join(__dirname, 'packaged-extension.js'));
  const counts = { passed: 0, failed: 0, skipped: 0 };
  await new Promise<void>((resolve) => {
    mocha
      .run(() => resolve())
      .on('pass', () => {
        counts.passed += 1;
      })
      .on('fail', () => {
        counts.failed += 1;
      })
      .on('pending', () => {
        counts.skipped += 1;
      });
  });
  await writeFile(environment('EDITOR_TEST_RESULT'), JSON.stringify(counts));
  if (counts.failed > 0) throw new Error('An editor test failed.');
}
