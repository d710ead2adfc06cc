// Idiom of github.com/typeorm/typeorm: a query runner or a manager in a transaction, one row after another.
import type { DataSource } from 'typeorm';
import { Pool } from 'pg';

const pool = new Pool();

declare class Task {
  id: number;
  position: number;
}

export async function reorder(ids: string[]): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    for (const [index, id] of ids.entries()) {
//  ^^^ related "The order comes from here."
//  ^^^ related "Repeated for each element of 'ids.entries()'."
      await client.query('UPDATE tasks SET position = $1 WHERE id = $2', [index, id]);
//                 ^^^^^ deadlock/unordered-locks medium "two transactions with different orders deadlock"
//                 ^^^^^ n-plus-one/query-in-loop low "'query' writes to 'tasks' once per element of 'ids.entries()'"
    }
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}

export class TaskService {
  constructor(private readonly dataSource: DataSource) {}

  async move(tasks: { id: number; position: number }[]): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await Promise.all(tasks.map((task) => manager.update(Task, task.id, { position: task.position })));
//          ^^^^^^^^^^^ race-condition/promise-all-in-transaction low "Promise.all runs 'update' and others at once in one"
//                                                  ^^^^^^ deadlock/unordered-locks medium "two transactions with different orders deadlock"
//                            ^^^ related "Repeated for each element of 'tasks'."
//                            ^^^ related "The order comes from here."
//                                                  ^^^^^^ n-plus-one/query-in-loop low "'update' writes to 'Task' once per element of 'tasks'"
    });
  }

  async moveOneByOne(tasks: { id: number; position: number }[]): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      for (const task of tasks) {
//    ^^^ related "The order comes from here."
//    ^^^ related "Repeated for each element of 'tasks'."
        await manager.update(Task, { id: task.id }, { position: task.position });
//                    ^^^^^^ deadlock/unordered-locks medium "two transactions with different orders deadlock"
//                    ^^^^^^ n-plus-one/query-in-loop low "'update' writes to 'Task' once per element of 'tasks'"
      }
    });
  }

  async moveSorted(tasks: { id: number; position: number }[]): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      for (const task of [...tasks].sort((a, b) => a.id - b.id)) {
//    ^^^ related "Repeated for each element of '[...tasks].sort((a, b) => a.id - b.id)'."
        await manager.update(Task, { id: task.id }, { position: task.position }); // ok deadlock/unordered-locks: everyone goes up
//                    ^^^^^^ n-plus-one/query-in-loop low "'update' writes to 'Task' once per element of '[...tasks].sort((a, b) => a.id - b.id)'"
      }
    });
  }

  async moveApart(tasks: { id: number; position: number }[]): Promise<void> {
    for (const task of tasks) {
//  ^^^ related "Repeated for each element of 'tasks'."
      await this.dataSource.transaction(async (manager) => {
        await manager.update(Task, { id: task.id }, { position: task.position }); // ok deadlock/unordered-locks: one row per transaction
//                    ^^^^^^ n-plus-one/query-in-loop low "'update' writes to 'Task' once per element of 'tasks'"
      });
    }
  }

  async add(tasks: { position: number }[]): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      await manager.insert(Task, Array.from(tasks, (task) => ({ position: task.position })));
    });
  }

  async shift(tasks: { id: number }[], by: number): Promise<void> {
    for (const task of tasks) {
//  ^^^ related "Repeated for each element of 'tasks'."
      await this.dataSource.manager.increment(Task, { id: task.id }, 'position', by); // ok deadlock/unordered-locks: no transaction
//                                  ^^^^^^^^^ n-plus-one/query-in-loop low "'increment' writes to 'Task' once per element of 'tasks'"
    }
  }
}
