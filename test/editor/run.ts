/**
 * Runs the editor tests: packages the extension, finds an editor (a desktop build where one can be downloaded, else
 * the VS Code server in Chromium), installs the VSIX into it, and starts the suite on a copy of the examples.
 * Exit code 0 passed, 1 failed, 77 skipped; in CI a skip is a failure. Ends with a line of counts.
 *
 * Options: `--vsix FILE` tests that package, `--examples FOLDER` another workspace, `--update-screenshot` replaces the
 * picture of the README. `EDITOR_TEST_HOST=desktop|server` insists on one of the two editors.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { downloadAndUnzipVSCode, resolveCliArgsFromVSCodeExecutablePath, runTests } from '@vscode/test-electron';

import { cacheDirectory, installServerHost, VSCODE_VERSION } from './host/server-host.ts';

interface Editor {
  executable: string;
  /** Command and leading arguments that install extensions. */
  installer: string[];
  /** Whether the workspace is trusted; @vscode/test-electron turns Restricted Mode off in a desktop build. */
  trusted: boolean;
}

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

const REPOSITORY = resolve(__dirname, '../..');
const OUTPUT = __dirname;
/** A run takes one to two; a workbench that never loads would take for ever. */
const MINUTES = 10;
const SCREENSHOT = join(REPOSITORY, 'docs/images/editor.png');

/** What the suite and the screenshot need to look the same everywhere; nothing that reaches for the network. */
const SETTINGS = {
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'git.enabled': false,
  'npm.fetchOnlinePackageInfo': false,
  'typescript.disableAutomaticTypeAcquisition': true,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.colorTheme': 'Default Light Modern',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'window.commandCenter': false,
  'window.customTitleBarVisibility': 'never',
  'workbench.layoutControl.enabled': false,
  'editor.occurrencesHighlight': 'off',
  'editor.minimap.enabled': false,
  'editor.fontFamily': 'DejaVu Sans Mono, monospace',
};

void main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      vsix: { type: 'string' },
      examples: { type: 'string', default: join(REPOSITORY, 'examples') },
      'update-screenshot': { type: 'boolean', default: false },
    },
  });
  const editor = await findEditor();
  if (typeof editor === 'string') {
    console.log(`Editor tests skipped: ${editor}`);
    finish({ passed: 0, failed: 0, skipped: 1 });
    return;
  }
  const directory = await mkdtemp(join(tmpdir(), 'editor-test-'));
  const vsix = values.vsix === undefined ? packageExtension(directory) : resolve(values.vsix);
  const counts = await testIn(editor, directory, vsix, resolve(values.examples));
  if (counts.failed > 0) console.log(`Logs: ${directory}\nScreenshots: ${OUTPUT}`);
  else await rm(directory, { recursive: true, force: true });
  const isComplete = counts.failed + counts.skipped === 0;
  if (isComplete && (values['update-screenshot'] || !existsSync(SCREENSHOT))) {
    await mkdir(join(SCREENSHOT, '..'), { recursive: true });
    await copyFile(join(OUTPUT, 'editor.png'), SCREENSHOT);
  }
  finish(counts);
}

function finish({ passed, failed, skipped }: Counts): void {
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  const required = process.env.CI === 'true';
  if (failed > 0 || (required && skipped > 0)) process.exitCode = 1;
  else process.exitCode = passed === 0 ? 77 : 0;
}

/** Returns the reason, as a sentence, when there is none. */
async function findEditor(): Promise<Editor | string> {
  const wanted = process.env.EDITOR_TEST_HOST;
  const reasons: string[] = [];
  if (wanted !== 'server') {
    const desktop = await downloadDesktop();
    if (typeof desktop !== 'string') return desktop;
    reasons.push(desktop);
  }
  if (wanted !== 'desktop') {
    const server = await installServerHost();
    if (typeof server !== 'string') {
      const executable = join(OUTPUT, 'launch.js');
      return { executable, installer: [executable], trusted: false };
    }
    reasons.push(server);
  }
  return reasons.join(' ');
}

async function downloadDesktop(): Promise<Editor | string> {
  if (process.platform === 'linux' && !process.env.DISPLAY) return 'There is no display for a desktop build.';
  try {
    const executable = await downloadAndUnzipVSCode({ version: VSCODE_VERSION, cachePath: cacheDirectory() });
    const installer = resolveCliArgsFromVSCodeExecutablePath(executable, { reuseMachineInstall: true });
    return { executable, installer, trusted: true };
  } catch (error) {
    return `No desktop build could be downloaded (${error instanceof Error ? error.message : String(error)}).`;
  }
}

function packageExtension(directory: string): string {
  const file = join(directory, 'extension.vsix');
  const script = join(REPOSITORY, 'scripts/package.mjs');
  const { status } = spawnSync(process.execPath, [script, '--out', file], { stdio: 'inherit' });
  if (status !== 0) throw new Error('The extension could not be packaged.');
  return file;
}

async function testIn(editor: Editor, directory: string, vsix: string, examples: string): Promise<Counts> {
  const extensions = join(directory, 'extensions');
  const userData = join(directory, 'user-data');
  const workspace = join(directory, 'examples');
  const result = join(directory, 'result.json');
  const report = join(directory, 'report.txt');
  await cp(examples, workspace, { recursive: true });
  await mkdir(join(userData, 'User'), { recursive: true });
  await writeFile(join(userData, 'User/settings.json'), JSON.stringify(SETTINGS));
  const folders = [`--extensions-dir=${extensions}`, `--user-data-dir=${userData}`];
  install(editor, vsix, folders);

  const port = await freePort();
  // The editor is ended as by Ctrl+C, which @vscode/test-electron hands on to it.
  const watchdog = setTimeout(() => {
    console.log(`The editor was ended after ${MINUTES} minutes.`);
    process.emit('SIGINT');
  }, MINUTES * 60_000);
  await runTests({
    vscodeExecutablePath: editor.executable,
    extensionDevelopmentPath: join(REPOSITORY, 'test/editor/empty-extension'),
    extensionTestsPath: join(OUTPUT, 'suite/index.js'),
    launchArgs: [workspace, ...folders, `--remote-debugging-port=${port}`],
    extensionTestsEnv: {
      EDITOR_TEST_DEBUG_PORT: String(port),
      EDITOR_TEST_EXTENSIONS: extensions,
      EDITOR_TEST_OUTPUT: OUTPUT,
      EDITOR_TEST_REPORT: report,
      EDITOR_TEST_RESULT: result,
      EDITOR_TEST_TRUSTED: String(editor.trusted),
      EDITOR_TEST_WORKSPACE: workspace,
    },
  }).catch((error: unknown) => console.log(error instanceof Error ? error.message : String(error)));
  clearTimeout(watchdog);
  console.log(await readFile(report, 'utf8').catch(() => 'The editor did not start the tests.'));
  return readCounts(result);
}

function install(editor: Editor, vsix: string, folders: string[]): void {
  const [command = '', ...leading] = editor.installer;
  const args = [...leading, `--install-extension=${vsix}`, '--force', ...folders];
  const { status } = spawnSync(command, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) throw new Error(`The extension could not be installed from ${vsix}.`);
}

/** An editor that ended without a result has failed, whatever its exit code. */
async function readCounts(file: string): Promise<Counts> {
  try {
    const counts = JSON.parse(await readFile(file, 'utf8')) as Counts;
    return counts.passed + counts.failed > 0 ? counts : { ...counts, failed: 1 };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolvePort(port));
    });
  });
}
