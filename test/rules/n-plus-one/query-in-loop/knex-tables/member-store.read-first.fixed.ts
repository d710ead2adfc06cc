// Idiom of github.com/Unleash/unleash: one module names the tables, stores take a client or a transaction.
import type { Knex } from 'knex';
import { EVENTS, T } from './tables.ts';

type Db = Knex | Knex.Transaction;

export class MemberStore {
  constructor(private readonly db: Db) {}

  async teamsOf(memberIds: string[]) {
    const teams = [];
    for (const memberId of memberIds) {
      teams.push(await this.db(T.TEAMS).select('id').where({ memberId }).first());
      //                    ^^ n-plus-one/query-in-loop medium "'find' queries 'teams' once per element of 'memberIds'"
    }
    return teams;
  }

  async allOf(memberIds: string[]) {
    return Promise.all(memberIds.map((memberId) => this.db(`${T.MEMBERS} as m`).where({ 'm.id': memberId }).first()));
    //                                                  ^^ n-plus-one/query-in-loop medium "'find' queries 'members' once per element of 'memberIds'"
  }

  byId(id: string) {
    return this.db(T.MEMBERS).where({ id }).first();
  }

  async loadEach(memberIds: string[]) {
    const members = [];
    for (const memberId of memberIds) {
      members.push(await this.byId(memberId));
      //                      ^^^^ n-plus-one/query-in-loop medium "'byId' (through 'find') queries 'members' once per element of 'memberIds'"
    }
    return members;
  }

  async streamed() {
    for (const row of await this.db(EVENTS).select('memberId')) {
      await this.db(T.MEMBERS).where({ id: row.memberId }).first();
      //         ^^ n-plus-one/query-in-loop high "'members'"
      //         ^^ deadlock/transaction-escape medium
    }
  }

  async atOnce(memberIds: string[]) {
    return this.db(T.TEAMS).whereIn('memberId', memberIds); // ok n-plus-one/query-in-loop: one statement for all
  }

  async narrowed(filters: { column: string; value: string }[]) {
    let query = this.db(T.MEMBERS).select('id');
    for (const { column, value } of filters) query = query.where(column, value); // ok n-plus-one/query-in-loop: nothing runs here
    return query; // ok n-plus-one/query-in-loop: one statement, built in steps
  }

  async withParts(names: string[]) {
    let query = this.db(T.MEMBERS).select('*');
    // ok n-plus-one/query-in-loop: a part of the statement, not one of its own
    for (const name of names) query = query.with(name, this.db.raw('SELECT id FROM events WHERE name = ?', [name]));
    return query;
  }

  async prepared(memberIds: string[]) {
    // ok n-plus-one/query-in-loop: never awaited, so never run
    return memberIds.map((memberId) => this.db(T.TEAMS).where({ memberId })).length;
  }
}
