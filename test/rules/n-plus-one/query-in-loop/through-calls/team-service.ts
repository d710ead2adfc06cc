import type { MemberRepository } from './member-repository.ts';

export class TeamService {
  constructor(private readonly members: MemberRepository) {}

  private async profile(id: string) {
    return this.members.findTeams(id);
  }

  async profiles(ids: string[]) {
    return Promise.all(ids.map(async (id) => ({ id, ...(await this.profile(id)) })));
    //                                                             ^^^^^^^ n-plus-one/query-in-loop medium "up to 2 statements each time"
  }

  async groups(groups: { ids: string[] }[]) {
    for (const group of groups) {
      await this.members.findAll(group.ids); // ok n-plus-one/query-in-loop: told in findAll, which has the loop
    }
  }

  async each(ids: string[], visit: (id: string) => Promise<unknown>) {
    for (const id of ids) await visit(id);
  }

  async visitAll(ids: string[]) {
    await this.each(ids, async (id) => this.members.find(id));
    //                                              ^^^^ n-plus-one/query-in-loop medium "'find' (through 'query') queries 'members'"
  }
}
