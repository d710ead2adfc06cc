// Idiom of github.com/Unleash/unleash
import type { Pool } from 'pg';

declare const pool: Pool;
declare const isPostgres: boolean;
const SEGMENTS_LIMIT = 5;

interface Invitation {
  email: string;
  teamIds: string[];
}

export async function acceptInvitation(userId: string, invitation: Invitation) {
  for (const teamId of invitation.teamIds) {
    await pool.query('INSERT INTO members (user_id, team_id) VALUES ($1, $2)', [userId, teamId]);
    //         ^^^^^ n-plus-one/query-in-loop low "'members'"
  }
}

export async function createReport(input: { title: string; sections: { chartId: string }[] }) {
  const charts: unknown[] = [];
  for (const section of input.sections) {
    const { rows } = await pool.query('SELECT * FROM charts WHERE id = $1', [section.chartId]);
    //                          ^^^^^ n-plus-one/query-in-loop low "'charts'"
    charts.push(rows[0]);
  }
  return { title: input.title, charts };
}

export async function chartsFor(filters: { chartIds: string[] }) {
  return Promise.all(filters.chartIds.map((id) => pool.query('SELECT * FROM charts WHERE id = $1', [id])));
  //                                                   ^^^^^ n-plus-one/query-in-loop low "'charts'"
}

export async function archiveReports(reportIds: string[]) {
  const titles: string[] = [];
  for (const id of reportIds) {
    const { rows } = await pool.query('SELECT title FROM reports WHERE id = $1', [id]);
    //                          ^^^^^ n-plus-one/query-in-loop medium "'reports'"
    titles.push(rows[0].title);
  }
  return titles;
}

export async function replaceCondition(ruleId: string, conditionIds: number[]) {
  if (conditionIds.length > SEGMENTS_LIMIT) throw new Error(`no more than ${SEGMENTS_LIMIT}`);
  const { rows } = await pool.query('SELECT id FROM conditions WHERE rule_id = $1', [ruleId]);
  const known: number[] = rows.map(({ id }) => id);
  const conditionIdsToRemove = known.filter((id) => !conditionIds.includes(id));
  for (const id of conditionIdsToRemove) {
    await pool.query('DELETE FROM conditions WHERE rule_id = $1 AND id = $2', [ruleId, id]);
    //         ^^^^^ n-plus-one/query-in-loop low "'conditions'"
  }
}

export async function storeLinks(pageId: string, links: { path: string }[]) {
  if (isPostgres) {
    await pool.query('INSERT INTO links (page_id, path) SELECT $1, unnest($2::text[])', [pageId, links.map((l) => l.path)]);
  } else {
    for (const link of links) {
      await pool.query('INSERT INTO links (page_id, path) VALUES ($1, $2)', [pageId, link.path]);
      //         ^^^^^ n-plus-one/query-in-loop low "'links'"
    }
  }
}

export async function refreshThemesFromDisk(found: { key: string }[]) {
  for (const theme of found) {
    await pool.query('INSERT INTO themes (key) VALUES ($1)', [theme.key]);
    //         ^^^^^ n-plus-one/query-in-loop low "'themes'"
  }
}

export async function countedTags(order: { lines: { tagId: string }[] }, tags: { id: string }[]) {
  const found: unknown[] = [];
  for (const line of order.lines) {
    for (const tag of tags) {
      if (tag.id === line.tagId) {
        found.push(await pool.query('SELECT count(*) FROM uses WHERE tag_id = $1', [tag.id]));
        //                    ^^^^^ n-plus-one/query-in-loop low "'uses'"
      }
    }
  }
  return found;
}

export async function ownersWithoutReplacement(userId: string) {
  const { rows } = await pool.query('SELECT team_id FROM owners WHERE user_id = $1', [userId]);
  for (const { team_id: teamId } of rows) {
    const { rowCount } = await pool.query('SELECT 1 FROM owners WHERE team_id = $1', [teamId]);
    //                              ^^^^^ n-plus-one/query-in-loop low "'owners'"
    if (rowCount === 1) return true;
  }
  return false;
}

async function removed(table: string, id: string) {
  const { rows } = await pool.query(`WITH gone AS (DELETE FROM ${table} WHERE id = $1 RETURNING *) SELECT count(*) FROM gone`, [id]);
  return Number(rows[0].count);
}

export async function removeAll(ids: string[]) {
  for (const id of ids) await removed('visits', id);
  //                          ^^^^^^^ n-plus-one/query-in-loop medium "writes to 'visits'"
}
