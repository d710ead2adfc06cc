/**
 * Stands in for the VS Code executable: takes the arguments that `@vscode/test-electron` gives to VS Code, starts the
 * VS Code server and opens it in headless Chromium. The tests run in a real Node extension host; their console and
 * exit code come back through functions exposed on the page. Options that have no meaning here are ignored, and so is
 * `--disable-workspace-trust`: the suite runs in Restricted Mode, where the extension promises to work. What the
 * server and the page say is shown with `EDITOR_TEST_VERBOSE=1` only: it is long, and the suite reports by a file.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { format, parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

import { findServerHost, type ServerHost } from './server-host.ts';

interface LaunchOptions {
  folder: string;
  extension: string;
  tests: string;
  extensionsDirectory: string;
  userData: string;
  debuggingPort: string;
}

const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--force-color-profile=srgb',
];

void main();

async function main(): Promise<void> {
  const host = findServerHost();
  if (host === undefined) throw new Error('The VS Code server is not installed; run scripts/test-editor.mjs.');
  const { values, positionals } = parseArgs({ strict: false, allowPositionals: true });
  const option = (name: string): string => {
    const value = values[name];
    return typeof value === 'string' ? value : '';
  };
  const extensionsDirectory = option('extensions-dir');
  const userData = option('user-data-dir');
  if (option('install-extension') !== '') {
    process.exitCode = installExtension(host, option('install-extension'), extensionsDirectory, userData);
    return;
  }
  const exitCode = await runTests(host, {
    folder: positionals[0] ?? process.cwd(),
    extension: option('extensionDevelopmentPath'),
    tests: option('extensionTestsPath'),
    extensionsDirectory,
    userData,
    debuggingPort: option('remote-debugging-port'),
  });
  process.exit(exitCode);
}

function installExtension(host: ServerHost, vsix: string, extensionsDirectory: string, userData: string): number {
  const directories = [`--extensions-dir=${extensionsDirectory}`, `--user-data-dir=${userData}`];
  const serverData = `--server-data-dir=${join(userData, 'server')}`;
  const args = [host.serverMain, '--install-extension', vsix, '--force', ...directories, serverData];
  return spawnSync(host.node, args, { stdio: 'inherit' }).status ?? 1;
}

async function runTests(host: ServerHost, options: LaunchOptions): Promise<number> {
  const profile = await mkdtemp(join(tmpdir(), 'editor-profile-'));
  const { server, port } = await startServer(host, options);
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: host.chromium,
    args: [...CHROMIUM_FLAGS, `--remote-debugging-port=${options.debuggingPort || '0'}`],
    viewport: { width: 1280, height: 800 },
  });
  try {
    const page = context.pages()[0] ?? (await context.newPage());
    const finished = new Promise<number>((resolve) => {
      void page.exposeFunction('codeAutomationExit', resolve);
      server.once('exit', () => resolve(1));
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(1));
    });
    await page.exposeFunction('codeAutomationLog', (_type: string, args: unknown[]) => log(format(...args)));
    await page.goto(address(port, options));
    return await finished;
  } finally {
    await context.close();
    stop(server);
    await rm(profile, { recursive: true, force: true });
  }
}

async function startServer(host: ServerHost, options: LaunchOptions): Promise<{ server: ChildProcess; port: number }> {
  const server = spawn(
    host.node,
    [
      host.serverMain,
      '--host=127.0.0.1',
      '--port=0',
      '--without-connection-token',
      '--accept-server-license-terms',
      // Without it the workbench ignores the development payload.
      '--enable-smoke-test-driver',
      '--disable-telemetry',
      `--user-data-dir=${options.userData}`,
      `--extensions-dir=${options.extensionsDirectory}`,
      `--server-data-dir=${join(options.userData, 'server')}`,
    ],
    {
      // A group of its own, so that extension hosts and language servers end with it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      // No marketplace: the tests use the network of this machine only.
      env: { ...process.env, EXTENSIONS_GALLERY: JSON.stringify({ serviceUrl: '', itemUrl: '' }) },
    },
  );
  createInterface({ input: server.stderr }).on('line', log);
  const lines = createInterface({ input: server.stdout });
  const port = await new Promise<number>((resolve, reject) => {
    server.once('exit', (code) => reject(new Error(`The VS Code server ended with exit code ${code}.`)));
    lines.on('line', (line) => {
      const listening = /listening on (\d+)/.exec(line);
      if (listening !== null) resolve(Number(listening[1]));
      log(line);
    });
  });
  return { server, port };
}

function address(port: number, { folder, extension, tests }: LaunchOptions): string {
  const remote = `vscode-remote://127.0.0.1:${port}`;
  const payload = [
    ['extensionDevelopmentPath', `${remote}${extension}`],
    ['extensionTestsPath', `${remote}${tests}`],
    ['enableProposedApi', ''],
    ['skipWelcome', 'true'],
  ];
  const query = new URLSearchParams({ folder, payload: JSON.stringify(payload) });
  return `http://127.0.0.1:${port}/?${query.toString()}`;
}

function log(line: string): void {
  if (process.env.EDITOR_TEST_VERBOSE === '1') console.log(line);
}

function stop(server: ChildProcess): void {
  if (server.pid === undefined || server.exitCode !== null) return;
  try {
    process.kill(-server.pid, 'SIGTERM');
  } catch {
    // It ended in between.
  }
}
