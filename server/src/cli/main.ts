/** Entry point of `concurrency-checklist`: hands the process's arguments and streams to `run`. */
import { setFlagsFromString } from 'node:v8';
import { version } from '../../../package.json';
import { RULES } from '../rules/index.ts';
import { run } from './run.ts';

// One run is over before most optimised code has paid for itself: V8 would spend a third of the processor time compiling.
// Functions are optimised all the same once they have run about eight times as much as usual.
setFlagsFromString('--interrupt-budget=1000000');

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
