/** A lost update as people write it, and the places in it that tests point at. */
import type { Range } from 'vscode-languageserver-protocol/node';

export const WITHDRAW = `import { db } from './db';

export async function withdraw(id: string, amount: number): Promise<void> {
  const { rows } = await db.query('SELECT balance FROM accounts WHERE id = $1', [id]);
  const balance = rows[0].balance;
  await db.query('UPDATE accounts SET balance = $1 WHERE id = $2', [balance - amount, id]);
}
`;

/** Of the finding: the second query's text. */
export const WRITE: Range = at(5, 17, 65);
export const TOP: Range = at(0, 0, 0);

export function at(line: number, from: number, to: number): Range {
  return { start: { line, character: from }, end: { line, character: to } };
}
