// Idiom of github.com/requarks/wiki: marks of what the process is at, in its NodeCache.
import NodeCache from 'node-cache';

declare function listPages(site: string): Promise<string[]>;
declare function render(page: string): Promise<void>;

const running = new NodeCache({ stdTTL: 600 });

export async function rebuildOnce(site: string) {
  if (running.has(site)) return;
  running.set(site, true);
  //          ^^^ related "Checked here."
  const pages = await listPages(site);
  //      ^^^ toctou/db-check-then-act medium "two runs at once both find it missing"
  for (const page of pages) await render(page);
}

export async function rebuildMarkedFirst(site: string) {
  if (running.has(site)) return;
  running.set(site, true); // ok toctou/db-check-then-act: nothing runs between the two
  for (const page of await listPages(site)) await render(page);
}

export async function renderOnce(page: string) {
  const seen = running.get<number>(page);
  if (seen !== undefined) return false;
  running.set(page, Date.now(), 60); // ok toctou/db-check-then-act: nothing runs between the two
  await render(page);
  return true;
}

export async function finish(site: string) {
  const pages = await listPages(site);
  if (running.has(site) && pages.length === 0) running.del(site); // ok toctou/db-check-then-act: gone either way
}
