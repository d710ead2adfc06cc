// Idiom of github.com/requarks/wiki: one NodeCache of the process, asked before something slow and set behind it.
import NodeCache from 'node-cache';

declare function answer(message: string): Promise<string>;
declare function allowed(userId: string): Promise<boolean>;

const handled = new NodeCache({ stdTTL: 86_400 });
const running = new NodeCache({ stdTTL: 60 });

export async function handleOnce(eventId: string, message: string) {
  if (handled.has(eventId)) return;
  //          ^^^ related "Checked here."
  await answer(message);
  handled.set(eventId, true);
  //      ^^^ toctou/db-check-then-act medium "two runs at once both find it missing"
}

// What comes between may end without setting it.
export async function limitToOne(userId: string) {
  if (running.get(userId) !== undefined) throw new Error('A request is running.');
  //          ^^^ related "Checked here."
  if (!(await allowed(userId))) throw new Error('Not allowed.');
  if (running.get(userId) !== undefined) throw new Error('A request is running.');
  running.set(userId, 1);
  //      ^^^ toctou/db-check-then-act medium "two runs at once both find it missing"
}

// No fix: what was read before the wait is all there is to look at.
export async function limitByName(userId: string) {
  const before = running.get<number>(userId);
  //                     ^^^ related "Checked here."
  if (before !== undefined) throw new Error(`Running since ${before}.`);
  if (!(await allowed(userId))) throw new Error('Not allowed.');
  running.set(userId, 1);
  //      ^^^ toctou/db-check-then-act medium "two runs at once both find it missing"
}

// No fix: what comes before the last way out does the work, which two runs at once would both do.
export async function welcome(userId: string) {
  if (handled.has(userId)) return;
  //          ^^^ related "Checked here."
  const { ok } = await fetch('https://mail.example.com', { method: 'POST', body: userId });
  if (!ok) throw new Error('Not sent.');
  handled.set(userId, true);
  //      ^^^ toctou/db-check-then-act medium "two runs at once both find it missing"
}

export async function limitChecked(userId: string) {
  if (running.get(userId) !== undefined) throw new Error('A request is running.');
  if (!(await allowed(userId))) throw new Error('Not allowed.');
  if (running.get(userId) !== undefined) throw new Error('A request is running.');
  running.set(userId, 1); // ok toctou/db-check-then-act: looked up again, and nothing runs between the two
}

export async function limitAtOnce(userId: string) {
  if (running.get(userId) !== undefined) throw new Error('A request is running.');
  running.set(userId, 1); // ok toctou/db-check-then-act: nothing runs between the two
  await answer(userId);
}

export async function keepAnswer(message: string) {
  const known = handled.get<string>(message);
  if (known !== undefined) return known;
  const text = await answer(message);
  handled.set(message, text); // ok toctou/db-check-then-act: either answer will do
  return text;
}

export async function forget(eventId: string) {
  if (!handled.has(eventId)) return;
  await answer(eventId);
  handled.del(eventId); // ok toctou/db-check-then-act: gone either way
}
