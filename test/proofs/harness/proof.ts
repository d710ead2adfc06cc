/**
 * What a proof is: a program, a forced schedule, and what is seen with the bug and without. The program is ordinary
 * TypeScript; it exports what the schedule calls, and what has to be closed.
 */
import type { Request } from './apply-fix.ts';
import type { Scene } from './scene.ts';

export interface Proof<Program = unknown> extends Request {
  /** The form of the code, where a fix has several. */
  readonly form: string;
  readonly needs?: 'postgres' | 'redis' | 'both';
  /** Tables and rows. */
  readonly setup?: string;
  /** In place of the program's globals. */
  readonly globals?: (scene: Scene) => Record<string, unknown>;
  /** In place of packages that are not installed for it. */
  readonly modules?: Readonly<Record<string, unknown>>;
  readonly observe: (program: Program, scene: Scene) => Promise<unknown>;
  readonly before: unknown;
  readonly after: unknown;
}

/** The type of the program is the proof's own business. */
export function proof<Program>(own: Proof<Program>): Proof {
  return own as unknown as Proof;
}

/** A program's text, without the indentation it has in the test. */
export function program({ raw }: TemplateStringsArray): string {
  const lines = raw.join('').replaceAll('\\`', '`').replaceAll('\\$', '$').split('\n').slice(1);
  const indents = lines.filter((line) => line.trim() !== '').map((line) => /^ */.exec(line)?.[0].length ?? 0);
  const indent = Math.min(...indents);
  return lines.map((line) => line.slice(indent)).join('\n');
}
