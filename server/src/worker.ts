/**
 * Entry point of the analysis worker: loads the engine, with the bytecode that the build kept for it.
 *
 * V8 accepts bytecode from its own version only, under the same flags; what it does not accept it compiles from source.
 * Flags of our own are therefore set when everything is loaded: Node's own modules come as bytecode as well.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { workerData } from 'node:worker_threads';
import type { WorkerStart } from './driver/worker-messages.ts';

const { options, keepsBytecode } = workerData as WorkerStart;
const engine = join(__dirname, 'engine.js');
const bytecode = join(__dirname, 'engine.bytecode');

loadEngine();

// A brief run is over before most optimised code has paid for itself: V8 would spend a third of the processor time
// compiling. Functions are optimised all the same once they have run about eight times as much as usual.
if (options.brief === true) setFlagsFromString('--interrupt-budget=1000000');

function loadEngine(): void {
  const require = createRequire(engine);
  if (keepsBytecode !== true && !existsSync(bytecode)) {
    require(engine);
    return;
  }
  // Bundles are ASCII, and reading them as such is faster.
  const source = `(function (require, __filename, __dirname, module, exports) {${readFileSync(engine, 'latin1')}\n})`;
  const kept = keepsBytecode === true ? {} : { cachedData: readFileSync(bytecode) };
  const script = new Script(source, { filename: engine, ...kept });
  const module = { exports: {} };
  const run = script.runInThisContext() as (...scope: unknown[]) => void;
  run(require, engine, __dirname, module, module.exports);
  // What a run has needed is compiled when it ends, and little else.
  if (keepsBytecode === true) process.once('exit', () => writeFileSync(bytecode, script.createCachedData()));
}
