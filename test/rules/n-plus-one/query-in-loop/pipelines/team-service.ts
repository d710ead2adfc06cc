// Idiom of github.com/hoppscotch/hoppscotch: lists of tasks, put together first and run at the end.
import * as A from 'fp-ts/Array';
import { flow, pipe } from 'fp-ts/function';
import * as T from 'fp-ts/Task';
import { from, lastValueFrom, mergeMap, type Observable } from 'rxjs';

declare const db: { query(sql: string, args: unknown[]): Promise<{ id: string }[]> };

export class TeamService {
  async find(id: string) {
    const [team] = await db.query('SELECT * FROM teams WHERE id = $1', [id]);
    return team;
  }

  async leave(teamId: string, userId: string) {
    await db.query('DELETE FROM members WHERE team_id = $1 AND user_id = $2', [teamId, userId]);
  }

  load(ids: string[]) {
    return pipe(
      ids,
      A.map((id) => () => this.find(id)),
      //                       ^^^^ n-plus-one/query-in-loop medium "'find' (through 'query') queries 'teams'"
      T.sequenceArray,
    )();
  }

  leaveAll(userId: string) {
    return pipe(
      () => db.query('SELECT id FROM teams WHERE owner = $1', [userId]),
      T.chainFirst(
        flow(
          A.map((team: { id: string }) => () => this.leave(team.id, userId)),
          //                                         ^^^^^ n-plus-one/query-in-loop medium "writes to 'members'"
          T.sequenceArray,
        ),
      ),
      T.map(() => undefined),
    );
  }

  async observe(ids: string[]) {
    await lastValueFrom(from(ids).pipe(mergeMap((id) => this.find(id))));
    //                                                       ^^^^ n-plus-one/query-in-loop medium "queries 'teams'"
  }

  async one(id: string) {
    return pipe(
      () => this.find(id), // ok n-plus-one/query-in-loop: a task is one
      T.map((team) => team?.id),
    )();
  }

  async named(ids: string[]) {
    const teams = await db.query('SELECT * FROM teams WHERE id = ANY($1)', [ids]);
    return pipe(
      teams,
      A.map((team) => team.id), // ok n-plus-one/query-in-loop: nothing is asked for
    );
  }

  async changes(events: Observable<string>) {
    await lastValueFrom(events.pipe(mergeMap((id) => this.find(id)))); // ok n-plus-one/query-in-loop: no list, events as they come
  }
}
