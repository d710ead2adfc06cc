// Idiom of github.com/documenso/documenso: jobs that send mails, some of which look for the row that was just stored.
import { Queue } from 'bullmq';
import { Pool } from 'pg';

const pool = new Pool();
const mails = new Queue('mails');

// The job looks for a member who is not there yet.
export async function join(teamId: string, userId: string) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query('INSERT INTO members (team_id, user_id) VALUES ($1, $2) RETURNING id', [teamId, userId]);
    await mails.add('send-member-joined-email', { memberId: rows[0].id });
    //          ^^^ double-write/effect-before-commit-visible medium "'add' sends the job 'send-member-joined-email'"
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

// Nobody looks for anything: all that could go wrong is the commit.
export async function leave(teamId: string, userId: string, email: string) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('DELETE FROM members WHERE team_id = $1 AND user_id = $2', [teamId, userId]);
    await client.query('INSERT INTO outbox (topic, payload) VALUES ($1, $2)', ['send-member-left-email', JSON.stringify({ userId, email })]);
    //          ^^^ double-write/effect-before-commit-visible low "'add' sends the job 'send-member-left-email'"
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

// Those that it is about were there before.
export async function close(teamId: string, email: string) {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('DELETE FROM members WHERE team_id = $1', [teamId]);
    await mails.add('send-team-closed-email', { teamId, email });
    //          ^^^ double-write/effect-before-commit-visible low "'add' sends the job 'send-team-closed-email'"
    await client.query('DELETE FROM teams WHERE id = $1', [teamId]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

export async function joinAndTell(teamId: string, userId: string) {
  const client = await pool.connect();
  let id = '';
  try {
    await client.query('BEGIN');
    const { rows } = await client.query('INSERT INTO members (team_id, user_id) VALUES ($1, $2) RETURNING id', [teamId, userId]);
    id = rows[0].id;
    await client.query('COMMIT');
  } finally {
    client.release();
  }
  await mails.add('send-member-joined-email', { memberId: id }); // ok double-write/effect-before-commit-visible: committed
}
