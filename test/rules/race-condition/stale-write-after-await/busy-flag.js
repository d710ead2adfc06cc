// Idiom of github.com/requarks/wiki: flags on an object that the whole process shares.
const state = require('./state');

async function synchronise(router) {
  if (APP.sync.busy) return;
  await APP.queue.drained();
  APP.sync.busy = true;
//^^^^^^^^^^^^^^^^^^^^ race-condition/stale-write-after-await medium "checked before an await"
  try {
    await router.pull();
  } finally {
    APP.sync.busy = false;
  }
}

async function rebuild(index) {
  if (state.rebuilding) throw new Error('It is being rebuilt already.');
  const pages = await index.pages();
  state.rebuilding = true;
//^^^^^^^^^^^^^^^^^^^^^^^ race-condition/stale-write-after-await medium "checked before an await"
  try {
    await index.write(pages);
  } finally {
    state.rebuilding = false;
  }
}

async function synchroniseOnce(router) {
  if (APP.sync.busy) return;
  APP.sync.busy = true; // ok race-condition/stale-write-after-await: set in one step with the check
  try {
    await router.pull();
  } finally {
    APP.sync.busy = false;
  }
}

async function prepare(router) {
  if (APP.ready) return;
  await router.connect();
  APP.ready = true; // ok race-condition/stale-write-after-await: said once, and true for good
}

async function rebuildAgain(index) {
  if (state.rebuilding) return;
  const pages = await index.pages();
  if (state.rebuilding) return;
  state.rebuilding = true; // ok race-condition/stale-write-after-await: checked again after the wait
  try {
    await index.write(pages);
  } finally {
    state.rebuilding = false;
  }
}

module.exports = { synchronise, rebuild, synchroniseOnce, prepare, rebuildAgain };
