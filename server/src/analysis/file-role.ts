/** What a file is for, from its path and first lines: rules are silent about tests, scripts, seeds, migrations and generated code. */
import type { FileRole } from './program.ts';

const TEST =
  /(^|\/)(__tests__|__mocks__|__fixtures__|tests?|e2e|spec|specs|cypress|playwright|testing|test-utils?|fixtures|mocks?|stories|dev-server|(?:test|example|sample)-[\w-]+)\/|\.(test|spec|e2e-spec|e2e|stories|cy|mock)\.[cm]?[jt]sx?$/i;
const MIGRATION =
  /(^|\/)((?:[\w]+-)?migrations?|migrate|seeds?|seeders?|seeding)\/|(^|\/)(\d{10,}[-_][^/]*|seed)\.[cm]?[jt]s$/i;
const SCRIPT =
  /(^|\/)(scripts?|tools?|bench(marks?)?|examples?|docs?|website|tasks|build)\/|(^|\/)(gulpfile|gruntfile|webpack[^/]*|rollup[^/]*|vite[^/]*|esbuild[^/]*)\.[cm]?[jt]s$/i;
const CONFIGURATION = /\.(config|conf|rc)\.[cm]?[jt]s$/i;
const GENERATED =
  /(^|\/)(generated|__generated__|gen|vendor|third_party|public\/(js|lib))\/|\.(generated|gen|min)\.[cm]?[jt]sx?$/i;

/** `relative` is the path below the directory checked, with `/`. */
export function roleOfPath(relative: string): FileRole {
  if (GENERATED.test(relative)) return 'generated';
  if (TEST.test(relative)) return 'test';
  if (MIGRATION.test(relative)) return 'migration';
  if (CONFIGURATION.test(relative)) return 'configuration';
  return SCRIPT.test(relative) ? 'script' : 'source';
}

/** `relative` is the path below the directory checked, with `/`; the first part of the text tells what is generated. */
export function roleOfFile(relative: string, head: string): FileRole {
  if (/@generated\b|DO NOT EDIT|auto-?generated/i.test(head.slice(0, 400))) return 'generated';
  return roleOfPath(relative);
}

/** The path below the directory checked. */
export function relativeTo(roots: readonly string[], path: string): string {
  const root = roots.find((candidate) => path.startsWith(candidate.endsWith('/') ? candidate : `${candidate}/`));
  return root === undefined ? path : path.slice(root.length).replace(/^\//, '');
}
