// Idiom of github.com/linkwarden/linkwarden
import type { Pool } from 'pg';

declare const pool: Pool;
declare const known: Map<string, unknown>;

export async function newestLinks(collectionIds: string[]) {
  return Promise.all(
    collectionIds.map((id) => pool.query('SELECT * FROM links WHERE collection_id = $1 ORDER BY id DESC LIMIT 16', [id])),
//                                 ^^^^^ n-plus-one/query-in-loop low "'query' queries 'links' once per element of"
  );
}

export async function mentionsOf(attachmentIds: string[]) {
  const found: number[] = [];
  for (const id of attachmentIds) {
    const { rows } = await pool.query('SELECT count(*) FROM documents WHERE text LIKE $1', [`%${id}%`]);
//                              ^^^^^ n-plus-one/query-in-loop low "'query' queries 'documents' once per element of"
    found.push(rows[0].count);
  }
  return found;
}

async function loadTeam(id: string) {
  if (known.has(id)) return known.get(id);
  const { rows } = await pool.query('SELECT * FROM teams WHERE id = $1', [id]);
  known.set(id, rows[0]);
//      ^^^ throttling/cache-stampede medium
  return rows[0];
}

export async function teamsOf(members: { teamId: string }[]) {
  const teams: unknown[] = [];
  for (const member of members) teams.push(await loadTeam(member.teamId));
//                                               ^^^^^^^^ n-plus-one/query-in-loop low "'loadTeam' (through 'query') queries 'teams' once per element of"
  return teams;
}

async function canRead(user: { role: string }, documentId: string) {
  const { rows } = await pool.query('SELECT * FROM documents WHERE id = $1', [documentId]);
  return rows[0].minimal_role === user.role;
}

export async function readers(users: { role: string }[], documentId: string) {
  const found: unknown[] = [];
  for (const user of users) if (await canRead(user, documentId)) found.push(user);
//                                    ^^^^^^^ n-plus-one/query-in-loop low "'canRead' (through 'query') queries 'documents' once per element of"
  return found;
}

async function healthOf(projectId: string): Promise<number> {
  const { rows } = await pool.query('SELECT count(*)::int AS stale FROM features WHERE project_id = $1 AND stale', [projectId]);
  return rows[0].stale;
}

// Once an hour, and nobody waits for it.
setInterval(async () => {
  const { rows: projects } = await pool.query('SELECT id FROM projects');
  const healths: number[] = [];
  for (const project of projects) healths.push(await healthOf(project.id));
//                                                   ^^^^^^^^ n-plus-one/query-in-loop low "'features'"
  console.log(healths);
}, 3_600_000);

export async function projectsWithHealth() {
  const { rows: projects } = await pool.query('SELECT id FROM projects');
  return Promise.all(projects.map(async (project) => ({ ...project, health: await healthOf(project.id) })));
//                                                                                ^^^^^^^^ n-plus-one/query-in-loop high "'features'"
}
