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
      await client.query('UPDATE tasks SET position = $1 WHERE id = $2', [index, id]);
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
    });
  }

  async moveOneByOne(tasks: { id: number; position: number }[]): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      for (const task of tasks) {
        await manager.update(Task, { id: task.id }, { position: task.position });
      }
    });
  }

  async moveSorted(tasks: { id: number; position: number }[]): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      for (const task of [...tasks].sort((a, b) => a.id - b.id)) {
        await manager.update(Task, { id: task.id }, { position: task.position }); // ok deadlock/unordered-locks: everyone goes up
      }
    });
  }

  async moveApart(tasks: { id: number; position: number }[]): Promise<void> {
    for (const task of tasks) {
      await this.dataSource.transaction(async (manager) => {
        await manager.update(Task, { id: task.id }, { position: task.position }); // ok deadlock/unordered-locks: one row per transaction
      });
    }
  }

  async add(tasks: { position: number }[]): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      for (const task of tasks) {
        await manager.insert(Task, { position: task.position }); // ok deadlock/unordered-locks: new rows, which nobody else locks
      }
    });
  }

  async shift(tasks: { id: number }[], by: number): Promise<void> {
    for (const task of tasks) {
      await this.dataSource.manager.increment(Task, { id: task.id }, 'position', by); // ok deadlock/unordered-locks: no transaction
    }
  }
}
