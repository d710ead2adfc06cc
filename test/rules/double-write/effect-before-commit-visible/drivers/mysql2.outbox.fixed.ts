// Idiom of github.com/smithalan92/expense-tracker-backend: a connection of the pool for a transaction.
import type { Channel } from 'amqplib';
import type { Pool, ResultSetHeader } from 'mysql2/promise';

export class TripRepository {
  constructor(
    private readonly pool: Pool,
    private readonly channel: Channel,
  ) {}

  async create(name: string) {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      //               ^^^^^^^^^^^^^^^^ related "The transaction begins here."
      const [{ insertId }] = await connection.execute<ResultSetHeader>('INSERT INTO trips (name) VALUES (?)', [name]);
      await connection.query('INSERT INTO outbox (topic, payload) VALUES (?, ?)', ['trips', JSON.stringify({ tripId: insertId })]);
      //           ^^^^^^^^^^^ double-write/effect-before-commit-visible high "a consumer can be at work before 'trips' is committed, or although it"
      await connection.commit();
    } catch (error) {
      await connection.rollback();
      throw error;
    } finally {
      connection.release();
    }
  }

  async createThenSend(name: string) {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      await connection.execute<ResultSetHeader>('INSERT INTO trips (name) VALUES (?)', [name]);
      //               ^^^^^^^ related "Written to 'trips' here."
      await connection.commit();
    } catch (error) {
      await connection.rollback();
      throw error;
    } finally {
      connection.release();
    }
    this.channel.sendToQueue('trips', Buffer.from(JSON.stringify({ name }))); // ok double-write/effect-before-commit-visible: after the commit
    //           ^^^^^^^^^^^ double-write/dual-write medium "if it fails nobody learns of it, and the two disagree from then on"
  }

  async createThroughOutbox(name: string) {
    const connection = await this.pool.getConnection();
    try {
      await connection.beginTransaction();
      await connection.execute<ResultSetHeader>('INSERT INTO trips (name) VALUES (?)', [name]);
      await connection.execute<ResultSetHeader>('INSERT INTO outbox (topic, payload) VALUES (?, ?)', ['trips', name]); // ok double-write/effect-before-commit-visible: a row of the transaction
      await connection.commit();
    } catch (error) {
      await connection.rollback();
      throw error;
    } finally {
      connection.release();
    }
  }

  async archive(id: number) {
    this.channel.sendToQueue('archiving', Buffer.from(String(id))); // ok double-write/effect-before-commit-visible: no transaction is open
    await this.pool.execute<ResultSetHeader>('UPDATE trips SET state = ? WHERE id = ?', ['archiving', id]);
  }
}
