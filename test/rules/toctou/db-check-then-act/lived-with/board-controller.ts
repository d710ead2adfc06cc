// Idiom of github.com/FelipeGXavier/node-todolist and github.com/Unleash/unleash: Knex in classes, `first()` before an insert, routes above them.
import type { Knex } from 'knex';
import { BoardService } from './board-service.ts';

interface CreateRequest {
  readonly body: { readonly name: string; readonly teamId: string };
}

export declare const app: { post(path: string, handler: (request: CreateRequest) => Promise<void>): void };

export declare const db: Knex;

const boards = new BoardService(db);

app.post('/boards', async ({ body }) => {
  await boards.create(body.name, body.teamId);
});
