// Idiom of github.com/drizzle-team/drizzle-orm
import { eq, inArray } from 'drizzle-orm';
import type { PgDatabase, PgTable } from 'drizzle-orm/pg-core';

interface Track {
  id: string;
  albumId: string;
  format: string;
}
declare const tracks: PgTable<Track> & Record<keyof Track, object>;
declare function chunk<T>(list: readonly T[], size: number): T[][];

export async function tracksByAlbum(db: PgDatabase, albums: { id: string }[]) {
  const albumIds = albums.map((album) => album.id);
  const rows = await db.select().from(tracks).where(inArray(tracks.albumId, albumIds));
  const byAlbum = new Map<string, Track[]>();
  for (const album of albums) {
    // ok n-plus-one/query-in-loop: read once, before the loop
    byAlbum.set(album.id, rows.filter((row) => row.albumId === album.id));
  }
  return byAlbum;
}

export async function tracksOf(db: PgDatabase, albumIds: string[]) {
  const found: Track[] = [];
  for (const ids of chunk(albumIds, 500)) {
    // ok n-plus-one/query-in-loop: one query for five hundred
    found.push(...(await db.select().from(tracks).where(inArray(tracks.albumId, ids))));
  }
  return found;
}

export async function samples(db: PgDatabase) {
  const found: Track[] = [];
  for (const format of ['flac', 'opus']) {
    // ok n-plus-one/query-in-loop: two of them
    found.push(...(await db.select().from(tracks).where(eq(tracks.format, format)).limit(1)));
  }
  return found;
}
