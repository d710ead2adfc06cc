/** A transaction that the database ended in favour of another is run again, a few times, after waits that grow and differ. */
import type { Edit } from '../rule.ts';
import type { SourceFile } from '../typescript/syntax.ts';
import { freshName, insertTopLevel, semicolonOf } from './source-edit.ts';

const NAME = 'retryOnConflict';

/** The helper's name, and what puts it into the file when it is not there yet. */
export function retryOnConflict(file: SourceFile): { name: string; edits: readonly Edit[] } {
  const known = file.functions.find((node) => node.name === NAME && node.parent === 0 && node.async);
  if (known !== undefined) return { name: NAME, edits: [] };
  const name = freshName(file, NAME);
  const lines = helper(file, name);
  const written = semicolonOf(file) === '' ? lines.map((line) => line.replace(/;$/, '')) : lines;
  return { name, edits: [insertTopLevel(file, written)] };
}

function helper(file: SourceFile, name: string): readonly string[] {
  const isTyped = file.language !== 'javascript';
  const codes = freshName(file, 'CONFLICTS');
  const test = freshName(file, 'isConflict');
  return [
    '/** Codes of a transaction that the database ended in favour of another: PostgreSQL, Prisma, MySQL. */',
    `const ${codes} = new Set${isTyped ? '<unknown>' : ''}(['40001', '40P01', 'P2034', 'ER_LOCK_DEADLOCK']);`,
    '',
    isTyped ? `function ${test}(error: unknown): boolean {` : `function ${test}(error) {`,
    "  if (typeof error !== 'object' || error === null) return false;",
    // Drizzle wraps what the driver throws in `cause`, Sequelize in `parent`, TypeORM in `driverError`.
    `  const { code, cause, parent, driverError } = error${isTyped ? ' as Record<string, unknown>' : ''};`,
    `  return ${codes}.has(code) || [cause, parent, driverError].some(${test});`,
    '}',
    '',
    isTyped
      ? `async function ${name}<T>(run: () => Promise<T>, attempts = 5): Promise<T> {`
      : `async function ${name}(run, attempts = 5) {`,
    '  for (let attempt = 1; ; attempt += 1) {',
    '    try {',
    '      return await run();',
    '    } catch (error) {',
    `      if (attempt === attempts || !${test}(error)) throw error;`,
    '      await new Promise((resolve) => setTimeout(resolve, Math.random() * 25 * 2 ** attempt));',
    '    }',
    '  }',
    '}',
  ];
}
