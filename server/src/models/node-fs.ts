/**
 * Node's file system in its three forms, and the packages that repeat it. The callback and the promise forms do the
 * same; only the synchronous one leaves no gap for others.
 */

import { type Calls, members, NEUTRAL } from './entries.ts';
import { type CallModel, defineModels, type FileModel } from './model.ts';

const CALLBACK_LAST = [{ argument: 'Argument[-1]', runs: 'later', returns: 'nothing' }] as const;

type Form = Omit<FileModel, 'kind' | 'path' | 'sync'>;

/** What each name does, whatever the form. The first argument is the path. */
const OPERATIONS: Readonly<Record<string, Form>> = {
  access: { action: 'check' },
  exists: { action: 'check' },
  stat: { action: 'stat' },
  lstat: { action: 'stat' },
  realpath: { action: 'stat' },
  readlink: { action: 'stat' },
  statfs: { action: 'stat' },
  readFile: { action: 'read', options: 'Argument[1]' },
  readdir: { action: 'read', options: 'Argument[1]' },
  opendir: { action: 'read', options: 'Argument[1]' },
  writeFile: { action: 'write', options: 'Argument[2]' },
  appendFile: { action: 'append', options: 'Argument[2]' },
  truncate: { action: 'write' },
  utimes: { action: 'write' },
  chmod: { action: 'write' },
  chown: { action: 'write' },
  open: { action: 'open', options: 'Argument[1]' },
  mkdir: { action: 'mkdir', options: 'Argument[1]' },
  rm: { action: 'remove', options: 'Argument[1]' },
  rmdir: { action: 'remove', options: 'Argument[1]' },
  unlink: { action: 'remove' },
  rename: { action: 'rename', to: 'Argument[1]' },
  copyFile: { action: 'copy', to: 'Argument[1]', options: 'Argument[2]' },
  cp: { action: 'copy', to: 'Argument[1]', options: 'Argument[2]' },
  link: { action: 'copy', to: 'Argument[1]' },
  symlink: { action: 'copy', to: 'Argument[1]' },
};

const PROMISE_ONLY = new Set(['exists']);

function operations(form: 'callback' | 'sync' | 'promise'): Calls {
  const calls: Record<string, CallModel> = {};
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    if (form === 'promise' && PROMISE_ONLY.has(name)) continue;
    const effect: FileModel = { kind: 'file', path: 'Argument[0]', ...operation };
    if (form === 'sync') calls[`${name}Sync`] = { effect: { ...effect, sync: true } };
    else calls[name] = form === 'callback' ? { effect, callbacks: CALLBACK_LAST } : { effect };
  }
  return calls;
}

const file = (action: FileModel['action'], rest: Omit<Partial<FileModel>, 'kind' | 'action'> = {}): CallModel => ({
  effect: { kind: 'file', action, path: 'Argument[0]', ...rest },
});
/** On a descriptor or handle: the file is the one that was opened, so nothing can be swapped beneath it. */
const onHandle = (action: FileModel['action']): CallModel => ({ effect: { kind: 'file', action, path: 'This' } });

const DESCRIPTORS: Calls = {
  ...members([''], 'fstat', {
    effect: { kind: 'file', action: 'stat', path: 'Argument[0]' },
    callbacks: CALLBACK_LAST,
  }),
  ...members([''], 'read readv', {
    effect: { kind: 'file', action: 'read', path: 'Argument[0]' },
    callbacks: CALLBACK_LAST,
  }),
  ...members([''], 'write writev ftruncate fsync fdatasync', {
    effect: { kind: 'file', action: 'write', path: 'Argument[0]' },
    callbacks: CALLBACK_LAST,
  }),
  close: {
    effect: { kind: 'resource', action: 'release', resource: 'file descriptor', in: 'Argument[0]' },
    callbacks: CALLBACK_LAST,
  },
  fstatSync: file('stat', { sync: true }),
  readSync: file('read', { sync: true }),
  ...members([''], 'writeSync ftruncateSync fsyncSync', file('write', { sync: true })),
  closeSync: { effect: { kind: 'resource', action: 'release', resource: 'file descriptor', in: 'Argument[0]' } },
};

const STREAMS: Calls = {
  createReadStream: file('read', { options: 'Argument[1]' }),
  createWriteStream: file('write', { options: 'Argument[1]' }),
  // A unique name: nobody else has it.
  mkdtemp: { neutral: true, fresh: true, callbacks: CALLBACK_LAST },
  mkdtempSync: { neutral: true, fresh: true },
  watch: {
    effect: {
      kind: 'listener',
      action: 'add',
      event: 'Constant[change]',
      handler: 'Argument[-1]',
      options: 'Argument[1]',
      disposer: 'ReturnValue',
    },
    instance: 'FSWatcher',
  },
  watchFile: { effect: { kind: 'listener', action: 'add', event: 'Argument[0]', handler: 'Argument[-1]' } },
  unwatchFile: { effect: { kind: 'listener', action: 'remove', event: 'Argument[0]', handler: 'Argument[1]' } },
  'FSWatcher#close': { effect: { kind: 'listener', action: 'remove-all' } },
};

/** fs-extra's own members: promises when no callback is given. */
const EXTRA: Calls = {
  ...members([''], 'pathExists', file('check')),
  pathExistsSync: file('check', { sync: true }),
  ...members([''], 'ensureDir mkdirs mkdirp ensureFile createFile', file('mkdir', { options: 'Constant[recursive]' })),
  ...members(
    [''],
    'ensureDirSync mkdirsSync mkdirpSync ensureFileSync createFileSync',
    file('mkdir', { options: 'Constant[recursive]', sync: true }),
  ),
  ...members([''], 'remove emptyDir', file('remove', { options: 'Constant[force]' })),
  ...members([''], 'removeSync emptyDirSync', file('remove', { options: 'Constant[force]', sync: true })),
  copy: file('copy', { to: 'Argument[1]', options: 'Argument[2]' }),
  copySync: file('copy', { to: 'Argument[1]', options: 'Argument[2]', sync: true }),
  move: file('rename', { to: 'Argument[1]', options: 'Argument[2]' }),
  moveSync: file('rename', { to: 'Argument[1]', options: 'Argument[2]', sync: true }),
  ...members([''], 'readJson readJSON', file('read')),
  ...members([''], 'readJsonSync readJSONSync', file('read', { sync: true })),
  ...members([''], 'writeJson writeJSON outputFile outputJson outputJSON', file('write', { options: 'Argument[2]' })),
  ...members(
    [''],
    'writeJsonSync writeJSONSync outputFileSync outputJsonSync outputJSONSync',
    file('write', { options: 'Argument[2]', sync: true }),
  ),
};

export const nodeFs = defineModels({
  package: 'node:fs',
  aliases: ['graceful-fs'],
  source: 'https://nodejs.org/api/fs.html',
  extends: { FSWatcher: 'node:events#EventEmitter' },
  calls: { ...operations('callback'), ...operations('sync'), ...DESCRIPTORS, ...STREAMS },
});

export const nodeFsPromises = defineModels({
  package: 'node:fs/promises',
  source: 'https://nodejs.org/api/fs.html#promises-api',
  calls: {
    ...operations('promise'),
    open: {
      effect: { kind: 'file', action: 'open', path: 'Argument[0]', options: 'Argument[1]' },
      instance: 'FileHandle',
    },
    mkdtemp: { neutral: true, fresh: true },
    watch: { neutral: true },
    ...members(['FileHandle#'], 'stat', onHandle('stat')),
    ...members(['FileHandle#'], 'read readv readFile readLines readableWebStream createReadStream', onHandle('read')),
    ...members(
      ['FileHandle#'],
      'write writev writeFile truncate sync datasync utimes chmod chown createWriteStream',
      onHandle('write'),
    ),
    'FileHandle#appendFile': onHandle('append'),
    'FileHandle#close': { effect: { kind: 'resource', action: 'release', resource: 'file handle', in: 'This' } },
  },
});

/** Both forms under one name: with a callback as last argument, a promise without. */
export const fsExtra = defineModels({
  package: 'fs-extra',
  aliases: ['fs-extra/esm'],
  source: 'https://github.com/jprichardson/node-fs-extra#methods',
  extends: { FSWatcher: 'node:events#EventEmitter' },
  calls: { ...operations('callback'), ...operations('sync'), ...DESCRIPTORS, ...STREAMS, ...EXTRA },
});

export const nodePath = defineModels({
  package: 'node:path',
  source: 'https://nodejs.org/api/path.html',
  calls: {
    ...members(
      ['', 'PlatformPath#'],
      'basename dirname extname format isAbsolute join normalize parse relative resolve',
      NEUTRAL,
    ),
  },
});
