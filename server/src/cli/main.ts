/** Entry point of `concurrency-checklist`: hands the process's arguments and streams to `run`. */
import { version } from '../../../package.json';
import { RULES } from '../rules/index.ts';
import { run } from './run.ts';

// A reader that went away (`| head`) is no reason for a stack trace.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(2);
});

void run(process.argv.slice(2), {
  rules: RULES,
  version,
  currentDirectory: process.cwd(),
  bundleDirectory: __dirname,
  stdout: process.stdout,
  stderr: process.stderr,
}).then((exitCode) => {
  // What was written before has arrived when this has.
  process.stdout.write('', () => process.exit(exitCode));
});
