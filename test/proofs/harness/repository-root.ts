import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Tests are bundled into `out/`, and run from the repository's root. */
export const root = process.cwd();

/** What the programs get for their imports: the test's own copies would not be the ones they use. */
export const requireFromRoot = createRequire(join(root, 'package.json'));
