// Idiom of github.com/requarks/wiki: rows dumped into files, each committed; here with node-postgres and TypeORM.
import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Pool } from 'pg';
import { Column, Entity, PrimaryGeneratedColumn, type Repository } from 'typeorm';

const pool = new Pool();
const run = { git: { add: promisify(execFile) } };
const execFileAsync = promisify(execFile);

@Entity()
export class Clip {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() channelId!: string;
  @Column() file!: string;
  @Column({ nullable: true }) preview!: string | null;
  @Column({ nullable: true }) cutFromId!: string | null;
  @Column({ nullable: true }) editorId!: string | null;
}

@Entity()
export class Editor {
  @PrimaryGeneratedColumn('uuid') id!: string;
  @Column() name!: string;
}

/** To write a file takes about as long. */
export async function exportTitles(channelId: string): Promise<void> {
  const { rows: clips } = await pool.query('SELECT id, file FROM clips WHERE channel_id = $1', [channelId]);
  for (const clip of clips) {
    const { rows } = await pool.query('SELECT title FROM titles WHERE clip_id = $1', [clip.id]);
    //                          ^^^^^ n-plus-one/query-in-loop medium "'query' queries 'titles' once per element of 'clips'"
    await writeFile(`${clip.file}.txt`, rows[0].title);
  }
}

/** A program is started for each. */
export async function cutAll(channelId: string): Promise<void> {
  const { rows: clips } = await pool.query('SELECT id, file FROM clips WHERE channel_id = $1', [channelId]);
  for (const clip of clips) {
    const { rows } = await pool.query('SELECT title FROM titles WHERE clip_id = $1', [clip.id]);
    //                          ^^^^^ n-plus-one/query-in-loop low "'query' queries 'titles'"
    await execFileAsync('ffmpeg', ['-i', clip.file, `${rows[0].title}.mp4`]);
  }
}

export async function commitAll(channelId: string): Promise<void> {
  const { rows: clips } = await pool.query('SELECT id, file FROM clips WHERE channel_id = $1', [channelId]);
  for (const clip of clips) {
    const { rows } = await pool.query('SELECT title FROM titles WHERE clip_id = $1', [clip.id]);
    //                          ^^^^^ n-plus-one/query-in-loop low "'query' queries 'titles'"
    await run.git.add('git', ['add', rows[0].title]);
  }
}

/** The other side answers later than the database. */
export async function announceAll(channelId: string): Promise<void> {
  const { rows: clips } = await pool.query('SELECT id, file FROM clips WHERE channel_id = $1', [channelId]);
  for (const clip of clips) {
    const { rows } = await pool.query('SELECT title FROM titles WHERE clip_id = $1', [clip.id]);
    //                          ^^^^^ n-plus-one/query-in-loop low "'query' queries 'titles'"
    await fetch('https://video.example.com/announce', { method: 'POST', body: rows[0].title });
    await setTimeout(500);
  }
}

/** All get the same, and nothing else is done. */
export async function forgetPreviews(clips: Repository<Clip>, channelId: string): Promise<void> {
  const own = await clips.find({ where: { channelId } });
  for (const clip of own) {
    await clips.update({ id: clip.id }, { preview: null });
    //          ^^^^^^ n-plus-one/query-in-loop medium "'update' writes to 'Clip' once per element of 'own'"
  }
}

/** A round that is broken off leaves the row as its file is. */
export async function removePreviews(clips: Repository<Clip>, channelId: string): Promise<void> {
  const own = await clips.find({ where: { channelId } });
  for (const clip of own) {
    await rm(`previews/${clip.id}`, { recursive: true, force: true });
    await clips.update({ id: clip.id }, { preview: null });
    //          ^^^^^^ n-plus-one/query-in-loop low "'update' writes to 'Clip'"
  }
}

declare function removeThumbnails(clipId: string): Promise<void>;

/** A helper of another package, whose name says what it does. */
export async function removeThumbnailsOf(clips: Repository<Clip>, channelId: string): Promise<void> {
  const own = await clips.find({ where: { channelId } });
  for (const clip of own) {
    await removeThumbnails(clip.id);
    await clips.update({ id: clip.id }, { preview: null });
    //          ^^^^^^ n-plus-one/query-in-loop low "'update' writes to 'Clip'"
  }
}

/** Most rows have one, each another. */
export async function editorsOf(clips: Repository<Clip>, editors: Repository<Editor>, channelId: string) {
  const own = await clips.find({ where: { channelId } });
  return Promise.all(
    own.map((clip) => (clip.editorId ? editors.findOneBy({ id: clip.editorId }) : Promise.resolve(null))),
    //                                         ^^^^^^^^^ n-plus-one/query-in-loop medium "'findOneBy' queries 'Editor' once per element of 'own'"
  );
}

/** What some of them were cut from. */
export async function uncut(clips: Repository<Clip>, channelId: string) {
  const own = await clips.find({ where: { channelId } });
  return Promise.all(
    own.map((clip) => (clip.cutFromId ? clips.findOneBy({ id: clip.cutFromId }) : Promise.resolve(clip))),
    //                                        ^^^^^^^^^ n-plus-one/query-in-loop low "'findOneBy' queries 'Clip'"
  );
}
