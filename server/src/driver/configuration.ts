/**
 * Which settings hold for a file. Every `concurrency-checklist.json` from the file's folder upwards applies to it, the
 * nearer one stronger; the search ends at the repository's top (`.git`) or the file system's. A configuration named by
 * the user replaces them all, its globs relative to the directory checked.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import picomatch from 'picomatch';
import type { FileRole } from '../analysis/program.ts';
import type { ModelFile } from '../models/model.ts';
import type { Confidence } from '../rule.ts';
import {
  CONFIGURATION_NAME,
  type ConfigurationFile,
  parseConfiguration,
  type RuleSetting,
  type Settings,
} from './configuration-file.ts';
import { ConfigurationError } from './service.ts';

export interface FileSettings {
  /** Neither excluded nor left out of an `include`. */
  readonly included: boolean;
  readonly rule: (id: string) => RuleSetting | undefined;
  readonly minConfidence: Confidence | undefined;
  readonly roles: readonly FileRole[];
}

export interface Configuration {
  readonly of: (path: string) => FileSettings;
  /** Models of all configurations that apply to the directories. */
  readonly models: (directories: readonly string[]) => readonly ModelFile[];
}

export interface ConfigurationOptions {
  /** Replaces every configuration found on disk. */
  readonly file?: string;
  /** What the globs of `file` are relative to. */
  readonly base: string;
  readonly isRule: (id: string) => boolean;
  /** Unsaved text of a path. */
  readonly overlay: (path: string) => string | undefined;
}

const DEFAULT_ROLES: readonly FileRole[] = ['source'];

/** Reading is lazy and remembered; throws `ConfigurationError` from `of` and `models`. */
export function createConfiguration(options: ConfigurationOptions): Configuration {
  const chains = new Map<string, readonly ConfigurationFile[]>();
  const given = options.file === undefined ? undefined : [readGiven(options.file, options)];

  function chainOf(directory: string): readonly ConfigurationFile[] {
    if (given !== undefined) return given;
    const known = chains.get(directory);
    if (known !== undefined) return known;
    const parent = dirname(directory);
    const isTop = parent === directory || existsSync(`${directory}/.git`);
    const own = readIn(directory, options);
    const outer = isTop ? [] : chainOf(parent);
    const chain = own === undefined ? outer : [...outer, own];
    chains.set(directory, chain);
    return chain;
  }

  return {
    of: (path) => settingsOf(path, chainOf(dirname(path))),
    models(directories) {
      const files = new Set(directories.flatMap((directory) => chainOf(directory)));
      return [...files].flatMap((file) => file.models);
    },
  };
}

function readGiven(path: string, { base, isRule, overlay }: ConfigurationOptions): ConfigurationFile {
  let text: string;
  try {
    text = overlay(path) ?? readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigurationError(`${path}: cannot be read (${reasonOf(error)}).`);
  }
  return { ...parseConfiguration(path, text, isRule), folder: `${base.replace(/\/$/, '')}/` };
}

function readIn(directory: string, { isRule, overlay }: ConfigurationOptions): ConfigurationFile | undefined {
  const path = `${directory === '/' ? '' : directory}/${CONFIGURATION_NAME}`;
  let text = overlay(path);
  if (text === undefined) {
    if (!existsSync(path)) return undefined;
    try {
      text = readFileSync(path, 'utf8');
    } catch (error) {
      throw new ConfigurationError(`${path}: cannot be read (${reasonOf(error)}).`);
    }
  }
  return parseConfiguration(path, text, isRule);
}

function reasonOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

function settingsOf(path: string, chain: readonly ConfigurationFile[]): FileSettings {
  const rules = new Map<string, RuleSetting>();
  let included = true;
  let minConfidence: Confidence | undefined;
  let roles = DEFAULT_ROLES;
  const apply = (settings: Settings): void => {
    for (const [id, setting] of settings.rules) rules.set(id, setting);
    minConfidence = settings.minConfidence ?? minConfidence;
    roles = settings.roles ?? roles;
  };
  for (const file of chain) {
    const relative = path.startsWith(file.folder) ? path.slice(file.folder.length) : path;
    if (file.include !== undefined && !matches(relative, file.include)) included = false;
    if (matches(relative, file.exclude)) included = false;
    apply(file);
    for (const override of file.overrides) if (matches(relative, override.files)) apply(override);
  }
  return { included, rule: (id) => rules.get(id), minConfidence, roles };
}

const matchers = new Map<string, (path: string) => boolean>();

/** A glob that names a folder covers what lies in it; one without a slash is looked for at any depth, as in ignore files. */
function matches(path: string, globs: readonly string[]): boolean {
  return globs.some((glob) => {
    let matcher = matchers.get(glob);
    if (matcher === undefined) {
      const bare = glob.replace(/^\.?\//, '').replace(/\/$/, '');
      const anywhere = bare.includes('/') ? [bare] : [bare, `**/${bare}`];
      matcher = picomatch(
        anywhere.flatMap((one) => [one, `${one}/**`]),
        { dot: true },
      );
      matchers.set(glob, matcher);
    }
    return matcher(path);
  });
}
