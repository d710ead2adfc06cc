/** `--init`: writes a configuration that changes nothing, with its settings as comments. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIGURATION_NAME } from '../driver/configuration-file.ts';
import { UsageError } from './options.ts';

const TEXT = `{
  // "off" or a severity for a rule: "error", "warning", "information", "hint".
  "rules": {},
  // The least confidence a finding must have: "low", "medium", "high".
  "minConfidence": "medium",
  // Globs, relative to this folder, of files that are not checked.
  "exclude": [],
  // Other settings for some files: { "files": ["legacy/**"], "rules": { … } }.
  "overrides": [],
  // What calls of your own wrappers do, where no one could guess.
  "models": []
}
`;

/** Returns the path written. */
export function initialise(directory: string): string {
  const path = join(directory, CONFIGURATION_NAME);
  try {
    writeFileSync(path, TEXT, { flag: 'wx' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw new UsageError(`${path} exists already; it was left alone.`);
    }
    throw error;
  }
  return path;
}
