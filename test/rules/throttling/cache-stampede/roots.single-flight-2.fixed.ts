// Idiom of github.com/vendure-ecommerce/vendure: the root of each channel, kept by the process that made it.
import type { Knex } from 'knex';

const inFlight = new Map<string, Promise<unknown>>();

declare const knex: Knex;
const roots = new Map<string, unknown>();
const menus = new Map<string, unknown>();

// One row, once a channel and process; the entry stays.
export async function root(channel: string): Promise<unknown> {
  const known = roots.get(channel);
  if (known !== undefined) return known;
  const row = await knex('collections').where({ is_root: true, channel }).first();
  roots.set(channel, row);
  //    ^^^ throttling/cache-stampede low
  return row;
}

// All rows of a whole menu, which every page shows.
export async function menu(channel: string): Promise<unknown> {
  const known = menus.get(channel);
  if (known !== undefined) return known;
  const running = inFlight.get(channel);
  if (running !== undefined) return running;
  const computation = (async () => {
    const rows = await knex('collections').where({ channel });
    menus.set(channel, rows);
    //    ^^^ throttling/cache-stampede medium
    return rows;
  })().finally(() => inFlight.delete(channel));
  inFlight.set(channel, computation);
  return computation;
}

// Who comes meanwhile is given the same promise.
const pages = new Map<string, Promise<unknown>>();
export function page(path: string): Promise<unknown> {
  const known = pages.get(path);
  if (known !== undefined) return known;
  const found = knex('pages').where({ path }).then((rows) => rows);
  pages.set(path, found); // ok throttling/cache-stampede: the promise is kept
  //    ^^^ memory-leak/unbounded-cache low
  return found;
}
