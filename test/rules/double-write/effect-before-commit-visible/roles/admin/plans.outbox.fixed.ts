// Idiom of github.com/documenso/documenso: an administrator changes a plan, and a job passes it on to those who have it.
import { Queue } from 'bullmq';
import { Pool } from 'pg';

const pool = new Pool();
const jobs = new Queue('plans');

// Seldom done, by somebody who sees what comes of it.
export async function createPlan(name: string): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const { rows } = await client.query('INSERT INTO plans (name) VALUES ($1) RETURNING id', [name]);
    await client.query('INSERT INTO outbox (topic, payload) VALUES ($1, $2)', ['plan-created', JSON.stringify({ planId: rows[0].id })]);
    //         ^^^ double-write/effect-before-commit-visible low "'add' sends the job 'plan-created'"
    await client.query('INSERT INTO plan_log (plan_id) VALUES ($1)', [rows[0].id]);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}
