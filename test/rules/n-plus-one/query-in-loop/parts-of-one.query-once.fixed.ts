// Idiom of github.com/formbricks/formbricks
import { Pool } from 'pg';

const pool = new Pool();

async function removeOrganization(id: string): Promise<void> {
  await pool.query('DELETE FROM organizations WHERE id = $1', [id]);
}

// One person belongs to a few organizations,
export async function leaveAll(userId: string): Promise<void> {
  const { rows: memberships } = await pool.query('SELECT * FROM memberships WHERE user_id = $1', [userId]);
  for (const membership of memberships) {
    if (membership.role === 'owner') await removeOrganization(membership.organization_id);
    //                                     ^^^^^^^^^^^^^^^^^^ n-plus-one/query-in-loop low "'organizations'"
  }
}

// but an organization has as many members as there are.
export async function namesOf(organizationId: string): Promise<string[]> {
  const { rows: memberships } = await pool.query('SELECT * FROM memberships WHERE organization_id = $1', [organizationId]);
  const names: string[] = [];
  for (const membership of memberships) {
    const { rows } = await pool.query('SELECT name FROM users WHERE id = $1', [membership.user_id]);
    //                          ^^^^^ n-plus-one/query-in-loop high "'users'"
    names.push(rows[0].name);
  }
  return names;
}

// What one survey is triggered by, wherever it was read,
export async function copyTriggers(surveyId: string, environmentId: string): Promise<string[]> {
  const { rows: triggers } = await pool.query('SELECT * FROM triggers WHERE survey_id = $1', [surveyId]);
  const ids: string[] = [];
  for (const trigger of triggers) {
    const { rows } = await pool.query('SELECT id FROM event_classes WHERE name = $1 AND environment_id = $2', [
      //                        ^^^^^ n-plus-one/query-in-loop low "'event_classes'"
      trigger.name,
      environmentId,
    ]);
    ids.push(rows[0].id);
  }
  return ids;
}

// is something else than the answers to it.
export async function peopleOf(surveyId: string): Promise<unknown[]> {
  const { rows: responses } = await pool.query('SELECT * FROM responses WHERE survey_id = $1', [surveyId]);
  const people: unknown[] = [];
  const peopleIds = responses.map((response) => response.person_id);
  const peoples = await pool.query('SELECT * FROM people WHERE id = ANY($1)', [peopleIds]);
  const peoplesById = new Map<string, typeof peoples.rows>();
  for (const peopleRow of peoples.rows) {
    const same = peoplesById.get(String(peopleRow.id));
    if (same === undefined) peoplesById.set(String(peopleRow.id), [peopleRow]);
    else same.push(peopleRow);
  }
  for (const response of responses) {
    const rows = peoplesById.get(String(response.person_id)) ?? [];
    //                          ^^^^^ n-plus-one/query-in-loop high "'people'"
    people.push(rows[0]);
  }
  return people;
}
